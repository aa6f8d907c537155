// What the commands of the command line have in common: options that mean the same everywhere, and how numbers are read.
import { type Command, InvalidArgumentError } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** Its arguments and options as commander hands them over; each command file says what it takes. */
export type Perform = (command: Command, terminal: Terminal) => Promise<ExitCode>;

/** Makes of a command's work what commander calls. */
export type Performer = (action: Perform) => (...given: unknown[]) => Promise<void>;

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('Expected a whole number.');
  return value;
}

export function amount(text: string): number {
  const value = Number(text);
  if (!/^\d{1,6}(?:\.\d{1,4})?$/.test(text)) throw new InvalidArgumentError('Expected an amount in USD.');
  return value;
}

export const JSON_OPTION = ['--json', 'one JSON object on stdout, all else on stderr'] as const;
export const PASSPHRASE_OPTION = [
  '--passphrase-file <file>',
  'the passphrase its keys are encrypted under',
] as const;
export const DATA_OPTION = ['--data <dir>', "the council's directory", '.conclave'] as const;
