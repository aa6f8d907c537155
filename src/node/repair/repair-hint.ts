// A store that lost something is a person's to mend, and `conclave repair` tells how (protocol 8.2).
import { ConclaveError } from '../../errors.ts';

/** The same error, naming the command; any other as it is. */
export function namingTheRepair(error: unknown, dataDir: string): unknown {
  if (!(error instanceof ConclaveError) || error.code !== 'storage' || !/\bstore\b/.test(error.message))
    return error;
  const hint = `To see what can be done: conclave repair --data ${dataDir}`;
  return new ConclaveError('storage', `${error.message}. ${hint}`, {}, { cause: error });
}
