// A council's directory as a reader sees it (docs/architecture.md, "The data directory"): where its genesis and its
// published ledger are. Nothing is opened for writing here, so it may be read while the council runs.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Founding, parseFounding } from '../council/genesis.ts';
import { badInput, ConclaveError } from '../errors.ts';
import { CHECKPOINT_PATH } from '../ledger/checkpoint.ts';
import type { LogRead } from '../ledger/tiles.ts';
import { readBounded } from '../providers/text-file.ts';

const MAX_GENESIS_BYTES = 1024 * 1024;
/** A bundle of 256 entries, each as long as an entry may be. */
const MAX_LEDGER_FILE_BYTES = 17 * 1024 * 1024;

export interface PublishedLedger {
  readonly folder: string;
  readonly genesisFile: string;
  readonly founding: Founding;
  readonly read: LogRead;
}

/** `folder` may be the council's directory, or the ledger in it. */
export function openPublishedLedger(folder: string): PublishedLedger {
  const given = resolve(folder);
  const ledger = existsSync(join(given, CHECKPOINT_PATH)) ? given : join(given, 'ledger');
  if (!existsSync(join(ledger, CHECKPOINT_PATH))) {
    throw badInput('expected a council with a published ledger, found none', { file: given });
  }
  const genesisFile = join(dirname(ledger), 'genesis.json');
  return {
    folder: ledger,
    genesisFile,
    founding: readFounding(genesisFile),
    read: (path) => {
      const file = join(ledger, path);
      return existsSync(file) ? readBounded(file, MAX_LEDGER_FILE_BYTES) : undefined;
    },
  };
}

export function readFounding(file: string): Founding {
  const bytes = readBounded(file, MAX_GENESIS_BYTES);
  try {
    return parseFounding(bytes);
  } catch (error) {
    if (error instanceof ConclaveError) throw badInput(error.message, { file });
    throw error;
  }
}

/** What is wrong with a published ledger is named with the file it is wrong in, once it is so in every one of the reads. */
export function inLedger<T>(ledger: string, action: () => T, reads = 1): T {
  for (let read = 1; ; read++) {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
      if (read < reads) continue;
      throw badInput(error.message, { file: error.file === undefined ? ledger : join(ledger, error.file) });
    }
  }
}
