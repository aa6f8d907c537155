// The one family of errors. A message says what was expected, what was found, where, and what to do;
// the code and the fields are for programs. Expected outcomes are returned, not thrown.

/** What kind of trouble it is; the command line maps each to an exit code. */
export type ErrorCode =
  | 'usage' // 64: the command's words are off
  | 'bad-input' // 65: data that a user or peer gave is malformed or hostile
  | 'unavailable' // 69: something needed is not there
  | 'internal' // 70: a broken invariant, a bug
  | 'storage'; // 74: a write failed or a store lost something

/** Where in a file the trouble is, when there is a file. */
export interface ErrorPlace {
  readonly file?: string;
  readonly line?: number;
}

export class ConclaveError extends Error {
  readonly code: ErrorCode;
  readonly file: string | undefined;
  readonly line: number | undefined;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConclaveError';
    this.code = code;
    this.file = place.file;
    this.line = place.line;
  }
}

/** For what a stranger handed us and what is wrong with it. */
export function badInput(message: string, place: ErrorPlace = {}): ConclaveError {
  return new ConclaveError('bad-input', message, place);
}

/** What a caught value says, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Stops the node on a broken invariant: going on would be worse. */
export function invariant(holds: boolean, message: string): asserts holds {
  if (!holds) throw new ConclaveError('internal', `invariant broken: ${message}`);
}

/** Closes a `switch` over a union: the compiler proves that no kind was forgotten. */
export function unreachable(value: never): never {
  throw new ConclaveError('internal', `unreachable case: ${JSON.stringify(value)}`);
}
