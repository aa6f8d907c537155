// How the seats of a node judge: each asks its own provider, and code makes a ballot of the answer (protocol 4.2, 4.3).
import { invariant } from '../errors.ts';
import type { Provider } from '../providers/contract.ts';
import type { Agents } from '../seats/agents.ts';
import { judge } from '../seats/judge.ts';
import { utf8 } from '../signing/bytes.ts';
import type { SeatJudge } from './aftermath.ts';
import type { AgentShelf } from './roster/agent-shelf.ts';

/** Of the commit phase; the rest is for sealing the ballot and having it ordered. */
const SHARE_FOR_JUDGING = 0.8;

/**
 * A seat judges as the roster of the case's panel has it (protocol 6.1), where that configuration is on the shelf; else
 * as its file has it, and its ballot says by its digest that this was another.
 */
export function seatJudge(
  { seats, prompts }: Agents,
  provider: Provider,
  commitMs: number,
  shelf?: Pick<AgentShelf, 'find'>,
): SeatJudge {
  const mostMs = Math.floor(commitMs * SHARE_FOR_JUDGING);
  return async ({ caseId, seat, source, policy, chair }, signal) => {
    const file = shelf?.find(chair) ?? seats[seat - 1];
    invariant(file !== undefined, `seat ${seat} has a file`);
    const judgement = await judge(
      { caseId, seat: file, source, policy },
      { provider, prompts, mostMs, signal },
    );
    if (judgement === undefined) return undefined;
    const { ballot, ...record } = judgement;
    return { ballot, record: utf8(JSON.stringify(record)) };
  };
}
