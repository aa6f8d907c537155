// When a phase closes: at the end of the block in which all had their say, or, after the deadline, once blocks of
// f+1 distinct leaders have come, so that an honest one had its say (protocol 4.5). Never earlier because most are
// done: f quick liars would shut out the slow and strong.
import type { BlockContext } from '../consensus/application.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { decisionOf } from './decision.ts';
import type { Draft } from './draft.ts';
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
      draft.decide(decisionOf(current, draft.moment, rules));
    } else if (current !== open) {
      draft.put(current);
    }
  }
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

function closes({ phase, seats, lateLeaders }: OpenCase, { quorum }: Rules): boolean {
  const awaited = phase === 'commit' ? 'waiting' : 'committed';
  return seats.every(({ kind }) => kind !== awaited) || lateLeaders.length >= quorum.f + 1;
}

function closeCommits(draft: Draft, open: OpenCase, { charter }: Rules): OpenCase {
  const { height, timeMs } = draft.moment;
  const absent = open.seats.flatMap(({ kind }, i) => (kind === 'waiting' ? [i + 1] : []));
  draft.records.push({
    kind: 'case.closed',
    caseId: open.caseId,
    by: absent.length === 0 ? 'all' : 'deadline',
    committed: open.seats.length - absent.length,
    absent: absent.map(asSeatId),
    height,
    timeMs,
  });
  return { ...open, phase: 'reveal', deadlineMs: timeMs + charter.windows.revealMs, lateLeaders: [] };
}
