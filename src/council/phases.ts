// When a phase closes: at the end of the block in which all had their say, or, after the deadline, once blocks of
// f+1 distinct leaders have come, so that an honest one had its say (protocol 4.5). Never earlier because most are
// done: f quick liars would shut out the slow and strong.
import type { BlockContext } from '../consensus/application.ts';
import type { Quorum } from '../consensus/quorum.ts';
import { invariant } from '../errors.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { decisionOf, type Rosters } from './decision.ts';
import type { Draft } from './draft.ts';
import type { CaseClosed } from './records.ts';
import type { Rules } from './rules.ts';
import type { OpenCase } from './state.ts';

type Reason = CaseClosed['by'];

/** After a block's entries: closes what is to be closed, and decides what is to be decided. */
export function endBlock(draft: Draft, context: BlockContext, rules: Rules): void {
  for (const open of [...draft.open.values()]) {
    let current = heardLeader(open, context);
    const by = current.phase === 'commit' ? closedBy(current, rules) : undefined;
    if (by !== undefined) current = closeCommits(draft, current, by, rules);
    if (current.phase === 'reveal' && closedBy(current, rules) !== undefined) {
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

/** Why a phase closes now, or undefined when it does not. */
function closedBy({ phase, seats, suspected, lateLeaders }: OpenCase, { quorum }: Rules): Reason | undefined {
  const awaited = phase === 'commit' ? 'waiting' : 'committed';
  if (seats.every(({ kind }) => kind !== awaited)) return 'all';
  if (phase === 'commit' && suspected.length > 0 && isWorthClosing(seats, suspected, quorum)) {
    return 'all-but-suspected';
  }
  return lateLeaders.length >= quorum.f + 1 ? 'deadline' : undefined;
}

/**
 * Whoever was suspected when the case opened is not waited for; what it commits in time counts (protocol 4.5). But
 * without a quorum of commitments nothing can be approved any more, so then the suspected are waited for after all:
 * where all suspect all, as after a partition, a case would else be over in the block that opens it.
 */
function isWorthClosing(seats: OpenCase['seats'], suspected: OpenCase['suspected'], { q }: Quorum): boolean {
  let committed = 0;
  for (const [i, { kind }] of seats.entries()) {
    if (kind === 'waiting' && !suspected.some((seat) => seat === i + 1)) return false;
    if (kind !== 'waiting' && kind !== 'vacant') committed += 1;
  }
  return committed >= q;
}

function closeCommits(draft: Draft, open: OpenCase, by: Reason, { charter }: Rules): OpenCase {
  const { height, timeMs } = draft.moment;
  const absent = open.seats.flatMap(({ kind }, i) =>
    kind === 'waiting' || kind === 'vacant' ? [i + 1] : [],
  );
  draft.records.push({
    kind: 'case.closed',
    caseId: open.caseId,
    by,
    committed: open.seats.length - absent.length,
    absent: absent.map(asSeatId),
    height,
    timeMs,
  });
  return { ...open, phase: 'reveal', deadlineMs: timeMs + charter.windows.revealMs, lateLeaders: [] };
}
