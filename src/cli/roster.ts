// `conclave roster propose|sign|submit` and `conclave swap`: who sits in the council changes by the word of k of m
// operators (protocol 6.1). Each step can be done by another person at another place; `swap` does all of them for
// whoever holds enough of the keys, and waits until the next epoch is in force.
import { dirname, resolve } from 'node:path';
import { type Roster, rosterDigest } from '../council/roster.ts';
import { badInput, ConclaveError } from '../errors.ts';
import type { CouncilClient } from '../node/client/council-client.ts';
import { pathsOf } from '../node/council-directory.ts';
import {
  approve,
  entryOf,
  type OperatorKey,
  proposalBytes,
  proposalOf,
  type RosterProposal,
  readProposal,
  validApprovals,
} from '../node/roster/roster-proposal.ts';
import { readBounded } from '../providers/text-file.ts';
import { toBase64 } from '../signing/bytes.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { DiskFolder } from '../storage/folder.ts';
import { readFounding } from './council-folder.ts';
import { type CouncilLine, joinCouncil } from './council-line.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { asTyped } from './folders.ts';
import { plural } from './layout.ts';
import { operatorKey, operatorKeysIn } from './operators.ts';
import type { RedisOptions } from './redis-servers.ts';
import { changeRows } from './roster-rows.ts';
import { prepareChange, type WishOptions } from './roster-wishes.ts';
import { seatsIn } from './seat-ranges.ts';
import type { Terminal } from './terminal.ts';

const MAX_FILE_BYTES = 256 * 1024;
const LOOK_EVERY_MS = 400;
const HAND_IN_EVERY_MS = 5_000;
const ROSTERS_WITHIN_MS = 20_000;

export interface ProposeOptions extends RedisOptions, WishOptions {
  readonly seat: string;
  readonly out: string;
}

export interface SignOptions {
  readonly key: string;
  readonly council?: string;
  readonly passphraseFile?: string;
}

export interface SubmitRosterOptions extends RedisOptions {
  readonly key?: string;
  readonly timeout: number;
  readonly passphraseFile?: string;
}

export interface SwapOptions extends RedisOptions, WishOptions {
  readonly timeout: number;
}

export async function propose(options: ProposeOptions, terminal: Terminal): Promise<ExitCode> {
  const out = resolve(options.out);
  return withCouncil(options, async (line) => {
    const { proposal, inForce } = await drafted(options.seat, options, line);
    await write(out, proposal);
    terminal.say(...changeRows(inForce, proposal, terminal));
    terminal.say(`  ${asTyped(out)} is to be signed: conclave roster sign`);
    terminal.result({ ...told(proposal), file: out });
    return EXIT.yes;
  });
}

export async function sign(file: string, options: SignOptions, terminal: Terminal): Promise<ExitCode> {
  const path = resolve(file);
  const key = resolve(options.key);
  const council = resolve(options.council ?? dirname(dirname(key)));
  const founding = readFounding(pathsOf(council).genesis);
  const { operators } = founding.charter;
  const proposal = readProposal(readBounded(path, MAX_FILE_BYTES), path);
  if (proposal.councilId !== founding.councilId)
    throw badInput(`this proposal is for the council ${proposal.councilId.slice(0, 16)}`, { file: path });
  const held = await operatorKey(key, options.passphraseFile);
  const signed = approve(proposal, held, operators, fastestEd25519);
  await write(path, signed);
  const approvals = validApprovals(signed, operators, fastestEd25519).length;
  const threshold = operators?.threshold ?? 0;
  terminal.say(...changeRows(founding.roster, signed, terminal));
  terminal.say(`  signed by ${held.operator}: ${approvals} of ${threshold} that are needed`);
  terminal.result({ ...told(signed), file: path, approvals, threshold });
  return EXIT.yes;
}

export async function submitRoster(
  file: string,
  options: SubmitRosterOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = resolve(file);
  const proposal = readProposal(readBounded(path, MAX_FILE_BYTES), path);
  return withCouncil(options, async (line) => {
    const [held] = options.key
      ? [await operatorKey(options.key, options.passphraseFile)]
      : await operatorKeysIn(options.council, 1, options.passphraseFile);
    if (held === undefined) throw new ConclaveError('usage', 'expected --key with the key of an operator');
    return handIn(proposal, held, options, line, terminal);
  });
}

export async function swap(seats: string, options: SwapOptions, terminal: Terminal): Promise<ExitCode> {
  return withCouncil(options, async (line) => {
    const { operators } = line.client.founding.charter;
    const wanted = operators?.threshold ?? 1;
    const keys = await operatorKeysIn(options.council, wanted, options.passphraseFile);
    const { proposal, inForce } = await drafted(seats, options, line);
    terminal.say(...changeRows(inForce, proposal, terminal));
    const signed = keys.reduce((so, key) => approve(so, key, operators, fastestEd25519), proposal);
    const [first] = keys;
    if (first === undefined) throw new ConclaveError('usage', 'expected the key of an operator');
    return handIn(signed, first, options, line, terminal);
  });
}

async function withCouncil(
  options: RedisOptions,
  action: (line: CouncilLine) => Promise<ExitCode>,
): Promise<ExitCode> {
  const line = await joinCouncil(options);
  try {
    return await action(line);
  } finally {
    await line.close();
  }
}

async function drafted(seats: string, options: WishOptions, { client, root }: CouncilLine) {
  await knowRosters(client);
  const { change } = await prepareChange(seatsIn(seats), { ...options, council: root }, client.rosters);
  const inForce = client.roster;
  return { inForce, proposal: proposalOf(client.founding.councilId, inForce.epoch, change) };
}

async function handIn(
  proposal: RosterProposal,
  key: OperatorKey,
  { timeout }: { readonly timeout: number },
  { client }: CouncilLine,
  terminal: Terminal,
): Promise<ExitCode> {
  const { councilId, charter } = client.founding;
  if (proposal.councilId !== councilId) throw badInput('this proposal is for another council');
  await knowRosters(client);
  requireFresh(proposal, client.roster);
  const entry = toBase64(entryOf(proposal, key, charter.operators, fastestEd25519).bytes);
  const until = performance.now() + timeout * 1_000;
  let handedInMs = Number.NEGATIVE_INFINITY;
  while (performance.now() < until) {
    if (performance.now() - handedInMs > HAND_IN_EVERY_MS) {
      handedInMs = performance.now();
      await client.file(entry);
    }
    await client.refresh();
    const after = client.rosterOf((proposal.epoch + 1) as Epoch);
    if (after !== undefined) return inForceNow(proposal, after, terminal);
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
  terminal.say(`  ${terminal.colors.yellow('not yet')}: epoch ${proposal.epoch} is still in force`);
  terminal.result({ ...told(proposal), admitted: false });
  return EXIT.undecided;
}

/** What is drafted from an old roster is refused in the end; it is better said at once. */
async function knowRosters(client: CouncilClient): Promise<void> {
  if (await client.refresh(ROSTERS_WITHIN_MS)) return;
  throw new ConclaveError(
    'unavailable',
    `too few nodes say which roster is in force, of ${client.nodes.join(', ')}`,
  );
}

/** A change is for one roster and no other: kept and used later it would undo what came in between. */
function requireFresh({ epoch, change }: RosterProposal, inForce: Roster): void {
  if (epoch === inForce.epoch && change.from === rosterDigest(inForce)) return;
  throw badInput(
    `this proposal is stale: it was drafted in epoch ${epoch}, and the roster of epoch ${inForce.epoch} is in force. Propose it anew`,
  );
}

function inForceNow(proposal: RosterProposal, now: Roster, terminal: Terminal): ExitCode {
  const missing = proposal.change.seats.filter((chair) => {
    const { vacant, ...sits } = now.seats[chair.seat - 1] ?? { vacant: undefined };
    const { vacant: _, ...asked } = chair;
    return JSON.stringify(Object.entries(sits).sort()) !== JSON.stringify(Object.entries(asked).sort());
  });
  if (missing.length > 0) {
    terminal.say(
      `  ${terminal.colors.red('✗')} another change came first: epoch ${now.epoch} is in force without this one`,
    );
    terminal.result({ ...told(proposal), admitted: false, epochInForce: now.epoch });
    return EXIT.no;
  }
  terminal.say(
    `  ${terminal.colors.green('✓')} epoch ${now.epoch} is in force with ${plural(proposal.change.seats.length, 'seat')} changed; cases in flight keep their panel`,
  );
  terminal.result({ ...told(proposal), admitted: true, epochInForce: now.epoch, roster: rosterDigest(now) });
  return EXIT.yes;
}

async function write(file: string, proposal: RosterProposal): Promise<void> {
  const name = file.slice(dirname(file).length).replace(/^[/\\]/, '');
  await new DiskFolder(dirname(file)).write([{ path: name, bytes: proposalBytes(proposal) }]);
}

function told({ councilId, epoch, change, approvals }: RosterProposal): object {
  return {
    genesis: councilId,
    epoch,
    seats: change.seats.map(({ seat }) => seat),
    approvedBy: approvals.map(({ operator }) => operator),
  };
}
