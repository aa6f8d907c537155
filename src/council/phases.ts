// When a phase closes: at the end of the block in which all had their say, or, after the deadline, once blocks of
// f+1 distinct leaders have come, so that an honest one had its say (protocol 4.5). Never earlier because most are
// done: f quick liars would shut out the slow and strong.
import type { BlockContext } from '../consensus/application.ts';
import { invariant } from '../errors.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { decisionOf, type Rosters } from './decision.ts';
import type { Draft } from './draft.ts';
import type { CaseClosed } from './records.ts';
import type { Rules } from './rules.ts';
import type { OpenCase } from './state.ts';

/** After a block's entries: closes what is to be closed, and decides what is to be decided. */
export function endBlock(draft: Draft, context: BlockContext, rules: Rules): void {
  for (const open of [...draft.open.values()]) {
    let current = heardLeader(open, context);
    if (current.phase === 'commit' && closes(current, rules)) {
      current = closeCommits(draft, current, rules);
    }
    if (current.phase === 'reveal' && closes(current, rules)) {
      draft.decide(decisionOf(current, rostersOf(draft, current), draft.moment, rules));
    } else if (current !== open) {
      draft.put(current);
    }
  }
}

/** A case that is decided in the block that ends an epoch is decided in that epoch (protocol 6.1). */
function rostersOf({ rosters, roster }: Draft, { panel }: OpenCase): Rosters {
  const judged = rosters.get(panel);
  invariant(judged !== undefined, 'the roster of a panel is known as long as its case is open');
  return { panel: judged, roster };
}

/** The time from which a block without entries would change something. */
export function nextDeadlineMs(cases: Iterable<OpenCase>): number | undefined {
  let next: number | undefined;
  for (const { deadlineMs } of cases) next = Math.min(next ?? deadlineMs, deadlineMs);
  return next;
}

function heardLeader(open: OpenCase, { timeMs, proposer }: BlockContext): OpenCase {
  if (timeMs < open.deadlineMs || open.lateLeaders.includes(proposer)) return open;
  return { ...open, lateLeaders: [...open.lateLeaders, proposer] };
}

function closes({ phase, seats, suspected, lateLeaders }: OpenCase, { quorum }: Rules): boolean {
  const awaited = phase === 'commit' ? 'waiting' : 'committed';
  return (
    seats.every(({ kind }, i) => kind !== awaited || (phase === 'commit' && isSuspected(suspected, i))) ||
    lateLeaders.length >= quorum.f + 1
  );
}

/** Whoever was suspected when the case opened is not waited for; what it commits in time counts (protocol 4.5). */
function isSuspected(suspected: OpenCase['suspected'], place: number): boolean {
  return suspected.some((seat) => seat === place + 1);
}

function closeCommits(draft: Draft, open: OpenCase, { charter }: Rules): OpenCase {
  const { height, timeMs } = draft.moment;
  const missing = open.seats.flatMap(({ kind }, i) => (kind === 'waiting' ? [i] : []));
  const absent = open.seats.flatMap(({ kind }, i) =>
    kind === 'waiting' || kind === 'vacant' ? [i + 1] : [],
  );
  draft.records.push({
    kind: 'case.closed',
    caseId: open.caseId,
    by: closedBy(open, missing),
    committed: open.seats.length - absent.length,
    absent: absent.map(asSeatId),
    height,
    timeMs,
  });
  return { ...open, phase: 'reveal', deadlineMs: timeMs + charter.windows.revealMs, lateLeaders: [] };
}

/** `missing`: places of those who could have committed and did not. */
function closedBy({ suspected }: OpenCase, missing: readonly number[]): CaseClosed['by'] {
  if (missing.length === 0) return 'all';
  return missing.every((place) => isSuspected(suspected, place)) ? 'all-but-suspected' : 'deadline';
}
