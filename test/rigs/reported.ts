// A decided case as a report shows it, made by hand: seats of many makers that vote as told, with reasons and a
// certificate that need not hold. What only the built command can show is shown by test/cli/report.test.ts.

import { attachment } from '../../src/cli/report/certified-decision.ts';
import type { ReportedCase, ReportedSeat } from '../../src/cli/report/reported-case.ts';
import type { Ballot } from '../../src/council/ballot.ts';
import { ballotDigest } from '../../src/council/ballot.ts';
import type { Founding } from '../../src/council/genesis.ts';
import type { Decision } from '../../src/council/records.ts';
import { isDiscursiveDilemma, outcomeOf, tallyFindings, tallyVerdicts } from '../../src/council/tally.ts';
import { CHECKS } from '../../src/ledger/verifier.ts';
import { utf8 } from '../../src/signing/bytes.ts';
import { digestOf, digestOfBytes } from '../../src/signing/digest.ts';

import {
  ballotOfVote,
  Chamber,
  POLICY,
  testCharter,
  testFounding,
  testRoster,
  type Vote,
} from './chamber.ts';

export const MAKERS: readonly string[] = [
  ...Array(8).fill('openai'),
  ...Array(7).fill('anthropic'),
  ...Array(6).fill('google'),
  ...Array(3).fill('meta'),
  ...Array(3).fill('mistral'),
  ...Array(2).fill('alibaba'),
  ...Array(2).fill('deepseek'),
  'microsoft',
  'xai',
];

export interface Told {
  /** by seat from 1; who is not told of approves */
  readonly votes?: Readonly<Record<number, Vote | 'absent'>>;
  readonly makers?: readonly string[];
  readonly names?: (seat: number) => string;
  readonly rationale?: string | ((seat: number) => string);
  readonly title?: string;
  readonly subject?: string;
  readonly spend?: { readonly inputTokens: number; readonly outputTokens: number; readonly costUsd: number };
}

export function aReportedCase(told: Told = {}, over: Partial<ReportedCase> = {}): ReportedCase {
  const makers = told.makers ?? MAKERS;
  const chamber = new Chamber(makers.length, foundingOf(makers, told));
  const { founding, quorum } = chamber;
  const document = chamber.document({ subject: told.subject ?? 'urn:test:triage' });
  const seats = founding.roster.seats.map((chair): ReportedSeat => {
    const vote = told.votes?.[chair.seat] ?? 'approve';
    const words = told.rationale ?? 'The evidence shows what is asked.';
    const rationale = typeof words === 'string' ? words : words(chair.seat);
    const ballot =
      vote === 'absent' ? undefined : { ...ballotOfVote(vote), rationale: digestOfBytes(utf8(rationale)) };
    const { spend } = told;
    const usage = spend && { inputTokens: spend.inputTokens, outputTokens: spend.outputTokens };
    return {
      ...chair,
      lens: 'safety',
      group: chair.developer,
      state: ballot?.verdict ?? 'absent',
      ballot,
      testimony: ballot && {
        rationale,
        genuine: true,
        servedBy: `${chair.family}-2026`,
        reasons: new Map(POLICY.criteria.map(({ id }) => [id, rationale])),
        flags: [],
        usage,
        costUsd: spend?.costUsd,
      },
    };
  });
  const ballots = seats.flatMap(({ seat, ballot }) => (ballot === undefined ? [] : [{ seat, ballot }]));
  const caseId = digestOf(document);
  const decision = decisionOf(ballots, chamber, { caseId, subject: document.subject });
  const genesis = attachment('genesis.json', utf8('{}'));
  return {
    caseId,
    document,
    openedMs: decision.timeMs - 60_000,
    closed: undefined,
    decision,
    founding,
    criteria: POLICY.criteria,
    grounds: undefined,
    measured: undefined,
    seats,
    texts: {
      kind: 'kept',
      title: told.title ?? 'Triage assistant',
      fields: { system: 'Triage assistant', version: '3.2' },
      evidence: [{ id: 'plan', title: 'Plan of oversight' }],
    },
    certificate: {
      kind: 'kept',
      certificate: attachment(`${caseId}.intoto.jsonl`, utf8('{}\n{}\n{}\n')),
      proof: attachment(`${caseId}.tlog-proof`, utf8('proof')),
      checks: CHECKS.map((name) => ({ name, ok: true, detail: `what ${name} establishes` })),
      trouble: undefined,
    },
    genesis,
    ...over,
  };

  function decisionOf(
    counted: readonly { seat: (typeof seats)[number]['seat']; ballot: Ballot }[],
    { height }: Chamber,
    named: Pick<Decision, 'caseId' | 'subject'>,
  ): Decision {
    const plain = counted.map(({ ballot }) => ballot);
    const tally = tallyVerdicts(plain, quorum);
    const byCriterion = tallyFindings(plain, POLICY);
    const { outcome, basis } = outcomeOf(tally, quorum);
    const dilemma = isDiscursiveDilemma(tally, byCriterion, POLICY, quorum);
    const timeMs = Date.UTC(2026, 10, 21, 9, 30);
    return {
      kind: 'case.decided',
      ...named,
      type: 'certification',
      attempt: 1,
      outcome,
      basis,
      tally,
      threshold: quorum.q,
      seats: quorum.n,
      byCriterion,
      flags: [
        ...(dilemma ? (['discursive-dilemma'] as const) : []),
        ...(dilemma || basis === 'no-quorum' ? (['human-review'] as const) : []),
      ],
      provenance: { live: counted.length, recorded: 0, replay: 0, offline: 0 },
      ballots: counted.map(({ seat, ballot }) => ({
        seat,
        verdict: ballot.verdict,
        ballot: ballotDigest(ballot),
      })),
      withheld: [],
      panel: founding.genesis.roster,
      roster: founding.genesis.roster,
      policy: digestOf(POLICY),
      epoch: founding.roster.epoch,
      height: Math.max(1, height) as Decision['height'],
      timeMs,
      validUntilMs: outcome === 'approved' ? timeMs + 86_400_000 : null,
    };
  }
}

function foundingOf(makers: readonly string[], { names }: Told): Founding {
  const roster = testRoster(makers.length);
  const seats = roster.seats.map((chair, i) => ({
    ...chair,
    name: names?.(chair.seat) ?? chair.name,
    developer: makers[i] ?? 'nobody',
    family: `family of ${makers[i]}`,
    host: `host of ${makers[i]}`,
  }));
  return testFounding(makers.length, testCharter(), { ...roster, seats });
}
