// What `conclave swap` and `conclave roster propose` ask for, made ready: the drafted change, and on the disk of the
// seat's node what the change will need there (its new keys, its new configuration) before anybody hears of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Roster, type RosterSeat, seatOf } from '../council/roster.ts';
import { badInput, ConclaveError } from '../errors.ts';
import { pathsOf, publicPartOf } from '../node/council-directory.ts';
import { AGENTS_FOLDER, AgentShelf } from '../node/roster/agent-shelf.ts';
import { type ChairWish, draftChange, type RosterDraft } from '../node/roster/roster-draft.ts';
import { SeatKeys } from '../node/roster/seat-keys.ts';
import { nodeFolder, nodeHolder } from '../node/running/founding.ts';
import { fastestBls } from '../node/signing/notary.ts';
import { offlineProvider } from '../providers/offline.ts';
import { type Agents, loadAgents } from '../seats/agents.ts';
import { presentationOf, type SeatFile } from '../seats/seat-file.ts';
import { seatWithModel } from '../seats/seat-swap.ts';
import { type HeldKeys, keyFileName } from '../signing/key-holder.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { DiskFolder } from '../storage/folder.ts';
import { agentsFolder, asTyped } from './folders.ts';
import { passphraseIn } from './passphrase.ts';

export interface WishOptions {
  /** the founded council, or the directory of the one node whose seats are changed */
  readonly council: string;
  readonly model?: string;
  /** the seats as their files have them, where no model is named */
  readonly fromAgents?: boolean;
  readonly rotateKeys?: boolean;
  readonly vacate?: boolean;
  readonly agents?: string;
  readonly passphraseFile?: string;
}

/** A wish with what must lie at the seat's node before it is told to anybody. */
interface Prepared {
  readonly wish: ChairWish;
  readonly keep: () => Promise<void>;
}

/** `rosters` from the genesis on; the last is in force. Writes nothing unless the change can be. */
export async function prepareChange(
  seats: readonly SeatId[],
  options: WishOptions,
  rosters: readonly Roster[],
): Promise<RosterDraft> {
  const inForce = rosters.at(-1);
  if (inForce === undefined) throw badInput('expected the roster in force, found none');
  const { model, fromAgents = false, rotateKeys = false, vacate = false } = options;
  if (model === undefined && !fromAgents && !rotateKeys && !vacate) {
    throw new ConclaveError('usage', 'expected --model, --from-agents, --rotate-keys or --vacate');
  }
  const folder = agentsFolder(options.agents);
  const agents = model === undefined && !fromAgents ? undefined : loadAgents(folder);
  const prepared: Prepared[] = [];
  for (const seat of seats) {
    const chair = seatOf(inForce, seat);
    if (chair === undefined)
      throw new ConclaveError('usage', `expected a seat from 1 to ${inForce.seats.length}, found ${seat}`);
    prepared.push(await prepare(chair, options, agents && { agents, folder }));
  }
  const draft = draftChange(
    inForce,
    prepared.map(({ wish }) => wish),
    rosters.slice(0, -1),
  );
  // Durable before sent: a roster that names what nobody has would leave the chair as good as empty.
  for (const { keep } of prepared) await keep();
  return draft;
}

async function prepare(
  chair: RosterSeat,
  options: WishOptions,
  asked: { readonly agents: Agents; readonly folder: string } | undefined,
): Promise<Prepared> {
  const { seat } = chair;
  const { rotateKeys = false, vacate = false } = options;
  const file = asked && seatFile(seat, options.model, asked.agents, asked.folder);
  const answering = asked && answeringOf(chair, asked.agents);
  const keyFolder = rotateKeys ? await keysAt(nodeRoot(options.council, chair.node), options) : undefined;
  const keys: HeldKeys | undefined = keyFolder?.make(seat);
  return {
    wish: {
      seat,
      ...(file === undefined || answering === undefined
        ? {}
        : { presentation: presentationOf(file, answering) }),
      ...(keys === undefined ? {} : { keys: publicPartOf(keys) }),
      ...(vacate ? { vacate } : {}),
    },
    keep: async () => {
      if (keys !== undefined) await keyFolder?.keep(seat, keys);
      if (file === undefined || answering === undefined) return;
      const root = nodeRoot(options.council, chair.node);
      const agentsAt = new DiskFolder(join(root, AGENTS_FOLDER));
      await new AgentShelf({ answering }, { folder: agentsAt }).keep([file]);
    },
  };
}

function seatFile(seat: SeatId, model: string | undefined, agents: Agents, folder: string): SeatFile {
  const file = agents.seats[seat - 1];
  if (file === undefined) throw badInput(`expected a file for seat ${seat}, found none`, { file: folder });
  if (model === undefined) return file;
  const path = join(folder, `seat-${String(seat).padStart(2, '0')}.yaml`);
  return seatWithModel(path, model, agents.models);
}

/** A seat stays live, or what stands in for it stays: a council does not change from a trial to a real one. */
function answeringOf({ seat, provenance }: RosterSeat, agents: Agents): Parameters<typeof presentationOf>[1] {
  if (provenance === undefined) return { name: 'live', provenance: 'live' };
  if (provenance === 'offline') return offlineProvider(agents);
  throw new ConclaveError(
    'usage',
    `the answers of seat ${seat} are ${provenance}: they come from a file, and no model is asked for them`,
  );
}

async function keysAt(root: string, { passphraseFile }: WishOptions): Promise<SeatKeys> {
  const bls = await fastestBls();
  return new SeatKeys({ folder: pathsOf(root).keys, ...passphraseIn(passphraseFile) }, { bls });
}

/** Where a node's directory lies from here: among the founded council's, or it is the one that was named. */
export function nodeRoot(council: string, node: string): string {
  const file = keyFileName(nodeHolder(node));
  for (const root of [nodeFolder(council, node), council])
    if (existsSync(join(pathsOf(root).keys, file))) return root;
  throw new ConclaveError(
    'unavailable',
    `the seat sits at ${node}, whose directory is not in ${asTyped(council)}: run this on its machine, with --council naming its directory`,
  );
}
