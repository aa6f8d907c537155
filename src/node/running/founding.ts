// Founds a council of several nodes, `conclave init DIR --nodes 4`. What each machine needs lies in a directory of its
// own and holds nobody else's secrets; who may submit and who may change the roster keep their keys beside it.
//
//   genesis.json    public; written last, so that where it stands everything else does
//   operators/      key files of those whose word changes the roster (protocol 6.1)
//   submitters/     key files of those who may open cases
//   nodes/<name>/   a whole data directory for each machine (council-directory.ts), with its own seats' keys only
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { quorumOf } from '../../consensus/quorum.ts';
import { MAX_OPERATORS, readCharter } from '../../council/charter.ts';
import { type Founding, found, foundingBytes } from '../../council/genesis.ts';
import { FIRST_EPOCH, nodeNames } from '../../council/roster.ts';
import { badInput, ConclaveError, invariant } from '../../errors.ts';
import { toBase64, toHex } from '../../signing/bytes.ts';
import { asKeyHolder, type HeldKeys, type KeyHolder, seatHolder } from '../../signing/key-holder.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { DiskFolder } from '../../storage/folder.ts';
import {
  beginStore,
  type CharterToFound,
  GENESIS_FILE,
  isFounded,
  keyMaker,
  LOG_HOLDER,
  pathsOf,
  rosterSeat,
  type SeatToFound,
  submittersOf,
  writeKeys,
} from '../council-directory.ts';
import { fastestBls } from '../signing/notary.ts';

export const OPERATORS_FOLDER = 'operators';
export const SUBMITTERS_FOLDER = 'submitters';
export const NODES_FOLDER = 'nodes';

export interface DistributedPlan {
  readonly charter: CharterToFound;
  readonly seats: readonly SeatToFound[];
  readonly nodes: number;
  readonly operators: { readonly count: number; readonly threshold: number };
  /** marks it as one although its models are asked; a council with stand-ins is one anyway (protocol 6.4) */
  readonly trial?: boolean;
  /** without one the key files are plain: for a trial only */
  readonly passphrase?: string;
  readonly nowMs: number;
}

export interface FoundedNode {
  readonly name: string;
  readonly seats: readonly SeatId[];
  readonly folder: string;
}

export function nodeName(index: number): string {
  return `node-${index + 1}`;
}

export function nodeFolder(root: string, name: string): string {
  return join(root, NODES_FOLDER, name);
}

export function nodeHolder(name: string): KeyHolder {
  return asKeyHolder(`node/${name}`);
}

export function operatorHolder(id: string): KeyHolder {
  return asKeyHolder(`operator/${id}`);
}

/** Seats over nodes in order, as evenly as they go: 33 over 4 are 9, 8, 8 and 8. */
export function seatsOverNodes<Seat>(seats: readonly Seat[], nodes: number): readonly (readonly Seat[])[] {
  requireNodes(seats.length, nodes);
  const least = Math.floor(seats.length / nodes);
  const larger = seats.length % nodes;
  let from = 0;
  return Array.from({ length: nodes }, (_, i) => {
    const share = seats.slice(from, from + least + (i < larger ? 1 : 0));
    from += share.length;
    return share;
  });
}

/** No machine may hold more seats than the council survives losing at once (protocol 6.2). */
function requireNodes(seats: number, nodes: number): void {
  const { f } = quorumOf(seats);
  const cap = Math.max(1, f);
  const fewest = Math.ceil(seats / cap);
  if (Number.isSafeInteger(nodes) && nodes >= fewest && nodes <= seats) return;
  throw new ConclaveError(
    'usage',
    `expected ${fewest} to ${seats} nodes for ${seats} seats, found ${nodes}: no node may hold more than ${cap} seats, or losing it would be more than the council survives`,
  );
}

/**
 * Crash anywhere before the last write: there is no genesis, so nothing was founded. What was written is refused at the
 * next try and never removed here: keys are not for a program to throw away.
 */
export async function foundDistributed(root: string, plan: DistributedPlan): Promise<Founding> {
  requireUnused(root);
  const shares = seatsOverNodes(plan.seats, plan.nodes);
  const { count, threshold } = plan.operators;
  requireOperators(count, threshold);
  const trial = plan.trial === true || plan.seats.some(({ provenance }) => provenance !== undefined);
  if (!trial && plan.passphrase === undefined) {
    throw new ConclaveError(
      'usage',
      'a council of live models is no trial unless it is marked so, and its keys are not written plain: give --passphrase-file, or --trial',
    );
  }
  const make = keyMaker(await fastestBls());
  const nodes = shares.map((share, i) => {
    const name = nodeName(i);
    const seats = share.map((seat) => ({ seat, keys: make(seatHolder(seat.seat)) }));
    return { name, seats, box: make(nodeHolder(name)), log: make(LOG_HOLDER) };
  });
  const submitters = submittersOf(plan.charter, make);
  const operators = Array.from({ length: count }, (_, i) => ({
    id: `operator-${i + 1}`,
    keys: make(operatorHolder(`operator-${i + 1}`)),
  }));

  const charter = readCharter({
    ...plan.charter,
    submitters: submitters.entries,
    operators: {
      threshold,
      keys: operators.map(({ id, keys }) => ({ id, ed25519: toBase64(keys.ed25519.publicKey) })),
    },
  });
  const roster = {
    epoch: FIRST_EPOCH,
    trial,
    nodes: nodes.map(({ name, box }) => ({ name, x25519: boxKey(box) })),
    seats: nodes.flatMap(({ name, seats }) => seats.map(({ seat, keys }) => rosterSeat(seat, keys, name))),
  };
  const founding = found({ charter, roster, createdMs: plan.nowMs, nonce: toHex(randomBytes(32)) });

  const operatorKeys = operators.map(({ keys }) => keys);
  await writeKeys(join(root, OPERATORS_FOLDER), operatorKeys, plan.passphrase);
  await writeKeys(join(root, SUBMITTERS_FOLDER), submitters.made, plan.passphrase);
  for (const { name, seats, box, log } of nodes) {
    const paths = pathsOf(nodeFolder(root, name));
    await writeKeys(paths.keys, [...seats.map(({ keys }) => keys), box, log], plan.passphrase);
    await beginStore(paths.store, founding);
    await writeGenesis(paths.root, founding);
  }
  await writeGenesis(root, founding);
  return founding;
}

/** The nodes of a council, as its roster has them. */
export function nodesOf(root: string, { roster }: Founding): readonly FoundedNode[] {
  return nodeNames(roster).map((name) => ({
    name,
    folder: nodeFolder(root, name),
    seats: roster.seats.filter(({ node }) => node === name).map(({ seat }) => seat),
  }));
}

function requireUnused(root: string): void {
  if (isFounded(root))
    throw badInput('this directory holds a council already', { file: pathsOf(root).genesis });
  for (const folder of [NODES_FOLDER, OPERATORS_FOLDER, SUBMITTERS_FOLDER]) {
    const place = join(root, folder);
    if (!existsSync(place) || readdirSync(place).length === 0) continue;
    throw badInput(
      `expected an empty directory, found what a founding that was cut short left there: remove ${place} and found again`,
      { file: place },
    );
  }
}

function requireOperators(count: number, threshold: number): void {
  if (count >= 1 && count <= MAX_OPERATORS && threshold >= 1 && threshold <= count) return;
  throw new ConclaveError(
    'usage',
    `expected 1 to ${MAX_OPERATORS} operators of whom at most all must sign, found ${count} and a threshold of ${threshold}`,
  );
}

function boxKey({ x25519 }: HeldKeys): string {
  invariant(x25519 !== undefined, 'a node holds an X25519 key');
  return toBase64(x25519.publicKey);
}

async function writeGenesis(folder: string, founding: Founding): Promise<void> {
  await new DiskFolder(folder).write([{ path: GENESIS_FILE, bytes: foundingBytes(founding) }]);
}
