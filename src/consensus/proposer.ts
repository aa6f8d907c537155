// How a leader fills a block: the waiting entries that execute, in the order they came (protocol 3.2).
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Application, BlockContext, Execution } from './application.ts';
import type { Bench } from './bench.ts';
import type { Block, Entry, Header, Height, View } from './block.ts';
import type { BlockTree, Position } from './block-tree.ts';
import type { Certificate, TimeoutCertificate } from './certificates.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCK_ENTRIES, MAX_LEFT_OUT } from './limits.ts';

interface Filling<State> {
  readonly entries: readonly Entry[];
  readonly execution: Execution<State>;
}

/** Waiting entries that are not in the chain yet, within the bounds of a block. */
function candidates(waiting: Iterable<Entry>, inChain: ReadonlySet<Digest>): Entry[] {
  const chosen: Entry[] = [];
  let bytes = 0;
  for (const entry of waiting) {
    if (chosen.length >= MAX_BLOCK_ENTRIES || bytes + entry.bytes.length > MAX_BLOCK_BYTES) break;
    if (inChain.has(entry.digest)) continue;
    chosen.push(entry);
    bytes += entry.bytes.length;
  }
  return chosen;
}

/**
 * Executes as many of the chosen entries as execute together. They were admitted on the committed state; those
 * that the parent's state has made moot go first. Entries that each could stand in the block but not beside
 * each other are rare (somebody lies), so an offender is found by halving; after too many of them the part
 * before the next is proposed, which moves the state on.
 */
function fill<State>(
  application: Application<State>,
  parent: Position<State>,
  context: BlockContext,
  chosen: readonly Entry[],
): Filling<State> | undefined {
  const whole = application.execute(parent.state, context, chosen);
  if (whole !== undefined) return { entries: chosen, execution: whole };
  let entries = chosen.filter((entry) => application.admits(parent.state, entry) === 'now');
  for (let leftOut = 0; ; leftOut++) {
    const execution = application.execute(parent.state, context, entries);
    if (execution !== undefined) return { entries, execution };
    if (entries.length === 0) return undefined;
    const offender = firstOffender(application, parent, context, entries);
    const last = endingEpoch(application, parent, context, entries.slice(0, offender));
    if (last !== undefined) return last;
    if (leftOut < MAX_LEFT_OUT) entries = entries.toSpliced(offender, 1);
    else entries = entries.slice(0, offender);
  }
}

function firstOffender<State>(
  application: Application<State>,
  parent: Position<State>,
  context: BlockContext,
  entries: readonly Entry[],
): number {
  let good = 0; // a prefix of this length executes
  let bad = entries.length; // one of this length does not
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (application.execute(parent.state, context, entries.slice(0, middle)) === undefined) bad = middle;
    else good = middle;
  }
  return bad - 1;
}

/** Nothing can come after the entry that ends an epoch, so all that follow it would be offenders. */
function endingEpoch<State>(
  application: Application<State>,
  parent: Position<State>,
  context: BlockContext,
  entries: readonly Entry[],
): Filling<State> | undefined {
  const execution = application.execute(parent.state, context, entries);
  if (execution === undefined || application.epochOf(execution.state) === context.epoch) return undefined;
  return { entries, execution };
}

export interface Occasion {
  readonly view: View;
  readonly justify: Certificate;
  readonly timeout: TimeoutCertificate | null;
  readonly nowMs: number;
}

/** The block a leader would propose now, or undefined when it has no reason to make one (protocol 3.2). */
export function assemble<State>(
  { view, justify, timeout, nowMs }: Occasion,
  proposer: SeatId,
  parent: Position<State>,
  tree: BlockTree<State>,
  waiting: Iterable<Entry>,
  { application, bench: { verifier } }: { application: Application<State>; bench: Pick<Bench, 'verifier'> },
): { block: Block; execution: Execution<State> } | undefined {
  const uncommitted = tree.path(justify.block, justify.height);
  if (uncommitted.kind !== 'path') return undefined;
  const inChain = new Set(uncommitted.blocks.flatMap(({ entries }) => entries.map(({ digest }) => digest)));
  // protocol 6.1: after the block that ends the epoch nothing but what it takes to commit it
  const isSuffix = tree.endsEpoch(parent);
  const chosen = isSuffix ? [] : candidates(waiting, inChain);
  const dueAtMs = isSuffix ? undefined : application.dueAtMs(parent.state);
  const isDue = dueAtMs !== undefined && dueAtMs <= nowMs;
  const mayBeEmpty = isDue || (timeout !== null && uncommitted.blocks.length > 0);
  if (chosen.length === 0 && !mayBeEmpty) return undefined;
  const timeMs = Math.max(nowMs, parent.timeMs + 1); // protocol 4.9
  const height = (parent.height + 1) as Height;
  const context = { epoch: tree.epoch, view, height, proposer, timeMs };
  const filling = fill(application, parent, context, chosen);
  if (filling === undefined || (filling.entries.length === 0 && !mayBeEmpty)) return undefined;
  const { entries, execution } = filling;
  const { ledgerSize, ledgerRoot } = execution;
  const payloadRoot = verifier.payloadRoot(entries);
  const header: Header = { ...context, parent: justify.block, payloadRoot, ledgerSize, ledgerRoot };
  return { block: { digest: verifier.digestOfHeader(header), header, entries }, execution };
}
