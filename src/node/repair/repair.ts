// `conclave repair`: what can be done when a store lost something, and what that costs. It never guesses: what it cannot
// do safely it refuses, and says why. The old store is set aside, never deleted.
//
// A sound store: the published ledger is made from it again. This loses nothing.
//
// A damaged or missing store, where one process hosts every seat: the store is made again from the published ledger.
// That is safe because of who could hold what was lost. A vote or a proposal of this council has never left the
// process, for there is nobody else to send it to; the only things the world has seen are the published ledger and the
// certificates, and a certificate is written only after the ledger it points into. So nobody holds a signature that
// the seats could contradict, but one case: the lost store comes back. Against that the seats first give up on a view
// far above any they can have reached, and never again sign in one below. What it loses: blocks committed in the last
// moment and not published (nobody was told of them), cases filed and not opened, sealed ballots of open cases (their
// seats keep silent and are counted as having withheld them), and how the seats came to their ballots.
//
// Where other nodes host seats too, it refuses: they hold signatures of ours, and a seat that forgot what it said must
// not speak again under the same key. It has to be given another one by a change of the roster (protocol 6.1).

import { existsSync, renameSync, rmSync } from 'node:fs';
import { quorumOf } from '../../consensus/quorum.ts';
import { Council } from '../../council/council.ts';
import type { Founding } from '../../council/genesis.ts';
import { statementVerifierOf } from '../../council/misbehaviour.ts';
import { nodeNames } from '../../council/roster.ts';
import type { CouncilState } from '../../council/state.ts';
import { ConclaveError } from '../../errors.ts';
import { LedgerApplication } from '../../ledger/executor.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { seatHolder } from '../../signing/key-holder.ts';
import { CouncilStore, type StoredBlock } from '../../storage/council-store.ts';
import { DiskFolder } from '../../storage/folder.ts';
import { LmdbStore } from '../../storage/lmdb-store.ts';
import { LOG_HOLDER, type OpenedDirectory, openDirectory, openStore, pathsOf } from '../council-directory.ts';
import { lockDirectory } from '../directory-lock.ts';
import { LedgerPublisher } from '../ledger-publisher.ts';
import { OwnSeats } from '../own-seats.ts';
import { fastestBls } from '../signing/notary.ts';
import { inspectStore, requireBegun } from '../store-inspection.ts';
import { publishedChain, requireCertificatesPublished } from './published-chain.ts';
import { silenced } from './silenced-seats.ts';

export interface Repair {
  /** `published`: the ledger was made again from the store; `restored`: the store from the ledger */
  readonly kind: 'published' | 'restored';
  /** blocks there are now */
  readonly height: number;
  /** what was done and what is lost, in words */
  readonly notes: readonly string[];
}

/** Throws a `storage` error that says why, where nothing safe can be done. */
export async function repairCouncil(root: string, passphrase?: string): Promise<Repair> {
  const paths = pathsOf(root);
  const lock = lockDirectory(paths.running);
  try {
    const directory = openDirectory(root, await fastestBls(), passphrase);
    const damage = await damageOf(directory);
    if (damage === undefined) return await publishAgain(directory);
    return await restore(directory, damage);
  } finally {
    lock.release();
  }
}

/** Undefined when the store holds everything it must, but for sealed ballots. */
async function damageOf(directory: OpenedDirectory): Promise<string | undefined> {
  let opened: LmdbStore | undefined;
  try {
    opened = openStore(directory.paths);
    inspect(directory, new CouncilStore(opened));
    return undefined;
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'storage') return error.message;
    throw error;
  } finally {
    await opened?.close();
  }
}

function inspect({ paths, founding, keysOf }: OpenedDirectory, store: CouncilStore): void {
  const verifySignature = (key: string, message: Uint8Array, signature: string): boolean =>
    fastestEd25519.verify(fromBase64(key), message, fromBase64(signature));
  const { councilId, roster } = founding;
  requireBegun(councilId, store);
  const durable = store.durable(councilId);
  const { rosters } = replayed(founding, store.chain(councilId));
  // Keys of seats that other nodes host are not here.
  const seats = new Map(
    roster.seats.flatMap(({ seat }) => {
      try {
        return [[seat, keysOf(seatHolder(seat)).ed25519.secret] as const];
      } catch (error) {
        if (error instanceof ConclaveError) return [];
        throw error;
      }
    }),
  );
  inspectStore(
    {
      councilId,
      quorum: quorumOf(roster.seats.length),
      rosters,
      own: new OwnSeats({ seats }),
      store,
      ledger: new DiskFolder(paths.ledger),
      verifier: statementVerifierOf({ councilId, rosters }, { verifySignature }),
    },
    durable,
  );
}

async function publishAgain({ paths, founding, keysOf }: OpenedDirectory): Promise<Repair> {
  const store = new CouncilStore(openStore(paths));
  try {
    const folder = new DiskFolder(paths.ledger);
    // Crash anywhere in here: the store is whole, and the next start publishes what is missing.
    await folder.remove(['checkpoint', 'tile', 'blocks']);
    const publisher = new LedgerPublisher(
      { councilId: founding.councilId, quorum: quorumOf(founding.roster.seats.length), delayMs: 0 },
      {
        store,
        folder,
        logKey: keysOf(LOG_HOLDER).ed25519,
        ed25519: fastestEd25519,
        onFailed: (error) => {
          throw error;
        },
      },
    );
    await publisher.open();
    await publisher.close();
    const notes = ['the store is sound; the published ledger was made from it again'];
    return { kind: 'published', height: store.height, notes: [...notes, ...abandonLost(store, founding)] };
  } finally {
    await store.close();
  }
}

async function restore(directory: OpenedDirectory, damage: string): Promise<Repair> {
  const { paths, founding } = directory;
  requireEverySeatHere(directory);
  const ledger = new DiskFolder(paths.ledger);
  const chain = publishedChain(founding, (path) => ledger.read(path));
  await requireCertificatesPublished(new DiskFolder(paths.certificates), chain);

  const making = `${paths.store}.being-restored`;
  rmSync(making, { recursive: true, force: true });
  const store = new CouncilStore(LmdbStore.open(making));
  let notes: readonly string[];
  try {
    const begun = store.batch();
    begun.found(founding.councilId);
    store.write(begun);
    for (const block of chain.blocks) {
      const batch = store.batch();
      batch.commit(block);
      store.write(batch);
    }
    const batch = store.batch();
    const state = replayed(founding, store.chain(founding.councilId));
    for (const record of silenced(directory, chain.blocks.at(-1), state)) batch.persist(record);
    store.write(batch);
    notes = abandonLost(store, founding);
    inspect(directory, store);
  } finally {
    await store.close();
  }
  // Crash before this: the damaged store is still in its place. Between the two: there is none, and repairing it
  // again comes to the same.
  const aside = `${paths.store}.lost-${Date.now()}`;
  if (existsSync(paths.store)) renameSync(paths.store, aside);
  renameSync(making, paths.store);
  const height = chain.blocks.length;
  return {
    kind: 'restored',
    height,
    notes: [
      damage,
      `the store was made again from the published ledger, ${height} blocks; the old one is at ${aside}`,
      'blocks that were committed and not published are lost, and so are cases that were filed and not opened',
      ...notes,
    ],
  };
}

/** Sealed ballots that are gone can never be opened; their seats keep silent instead of opening something else. */
function abandonLost(store: CouncilStore, founding: Founding): readonly string[] {
  const { open } = replayed(founding, store.chain(founding.councilId));
  const batch = store.batch();
  const notes: string[] = [];
  for (const { caseId, seats } of open.values()) {
    const gone = founding.roster.seats.filter(
      ({ seat }) => seats[seat - 1]?.kind === 'committed' && store.sealed(caseId, seat) === undefined,
    );
    for (const { seat } of gone) batch.abandon(caseId, seat);
    if (gone.length > 0)
      notes.push(`case ${caseId}: ${gone.length} sealed ballots are lost and will not be opened`);
  }
  store.write(batch);
  return notes;
}

/** The council after a chain that a quorum has vouched for, so nothing is verified once more. */
function replayed(founding: Founding, chain: Iterable<StoredBlock>): CouncilState {
  const application = new LedgerApplication(new Council(founding, { verifySignature: () => true }));
  let state = application.genesis();
  for (const { block } of chain) {
    const executed = application.execute(state, block.header, block.entries);
    if (executed === undefined)
      throw new ConclaveError('storage', `block ${block.header.height} does not execute`);
    state = executed.state;
  }
  return state.council;
}

function requireEverySeatHere({ founding, keysOf }: OpenedDirectory): void {
  const { seats } = founding.roster;
  const nodes = nodeNames(founding.roster);
  if (nodes.length > 1) {
    throw new ConclaveError(
      'storage',
      `nothing safe can be done: other nodes host seats of this council (${nodes.join(', ')}), they may hold ` +
        'what this one has forgotten to have said. Its seats need new keys, by a change of the roster',
    );
  }
  for (const { seat } of seats) keysOf(seatHolder(seat));
}
