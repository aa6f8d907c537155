// What the shell learns from a run (docs/architecture.md, "Command line"). Scripts rely on these numbers.
import { ConclaveError, type ErrorCode, type ErrorPlace, reasonOf } from '../errors.ts';

export const EXIT = {
  /** yes, or done */
  yes: 0,
  /** the answer is no: opposed, invalid, a cap broken, a figure missed */
  no: 1,
  /** no quorum, flagged for a human, or nothing to trust by */
  undecided: 2,
  usage: 64,
  badInput: 65,
  unavailable: 69,
  internal: 70,
  storage: 74,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const OF_ERROR: Record<ErrorCode, ExitCode> = {
  usage: EXIT.usage,
  'bad-input': EXIT.badInput,
  unavailable: EXIT.unavailable,
  internal: EXIT.internal,
  storage: EXIT.storage,
};

export interface Failure extends ErrorPlace {
  readonly exit: ExitCode;
  readonly code: ErrorCode;
  readonly message: string;
  /** only for bugs, and only shown when asked for */
  readonly stack?: string;
}

/** What the system says when the disk, and not the user, is the trouble. */
const STORAGE_TROUBLE = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE']);

/** Sorts whatever was thrown. What nobody foresaw is a bug, and is called one. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof ConclaveError) {
    const { code, message, file, line, stack } = thrown;
    return {
      exit: OF_ERROR[code],
      code,
      message,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
      ...(code === 'internal' && stack !== undefined ? { stack } : {}),
    };
  }
  const system = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (thrown instanceof Error && STORAGE_TROUBLE.has(system)) {
    return { exit: EXIT.storage, code: 'storage', message: thrown.message };
  }
  const message = reasonOf(thrown);
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return { exit: EXIT.internal, code: 'internal', message, ...(stack === undefined ? {} : { stack }) };
}
