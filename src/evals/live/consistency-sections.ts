// What a result shows of self-consistency: the same case asked of the same seat again, its verdicts, its findings by criterion, and what
// the council as a whole makes of it. Makers draw answers by lot and change models under a name; both show here.
import type { Quorum } from '../../consensus/quorum.ts';
import { FINDINGS } from '../../council/quantise.ts';
import { badInput } from '../../errors.ts';
import type { Section } from '../results/eval-result.ts';
import { APPROVE, REJECT } from '../verdicts/verdict-table.ts';
import type { CouncilRun } from './ask-council.ts';
import { type CouncilTable, councilTable } from './council-table.ts';
import { outcomeFlips } from './flips.ts';
import { type Consistency, RepeatedAnswers } from './repeated.ts';

interface SeatConsistency {
  readonly verdicts: Consistency;
  readonly findings: Consistency;
}

export function consistencySections(run: CouncilRun, quorum: Quorum): readonly Section[] {
  const { repetitions } = run.plan;
  if (repetitions < 2) throw badInput('expected cases to be asked at least twice for self-consistency');
  const times = Array.from({ length: repetitions }, (_, repetition) => councilTable(run, { repetition }));
  const [first, second] = times;
  if (first === undefined || second === undefined) return [];
  const whole = consistencyOf(times);
  const outcomes = outcomeFlips(first, second, quorum);
  return [
    {
      kind: 'figures',
      id: 'self-consistency',
      title: 'The same case, asked again',
      about: `Each seat was asked each case ${repetitions} times. The probability that two of its verdicts on one case differ, the same of its findings on one criterion, and the share of cases that the council decides otherwise the second time. Abstentions are no verdicts and are not compared. The interval is by cluster of cases.`,
      rows: [
        {
          id: 'verdicts',
          label: 'verdicts that change',
          unit: 'share',
          figure: whole.verdicts.changes,
          better: 'lower',
        },
        {
          id: 'findings',
          label: 'findings that change',
          unit: 'share',
          figure: whole.findings.changes,
          better: 'lower',
        },
        { id: 'outcomes', label: 'outcomes that change', unit: 'share', figure: outcomes, better: 'lower' },
      ],
    },
    {
      kind: 'table',
      id: 'self-consistency-by-seat',
      title: 'By seat',
      about:
        'Agreement is the probability that two verdicts of a seat on one case agree; by chance, that two of its verdicts on any cases do. Kappa is what of the agreement is not by chance (Fleiss 1971), nothing where a seat always says the same. A seat that rejects whatever it is shown agrees with itself.',
      columns: [
        { label: 'seat' },
        { label: 'developer' },
        { label: 'verdicts that change', unit: 'share' },
        { label: 'findings that change', unit: 'share' },
        { label: 'agreement', unit: 'share' },
        { label: 'by chance', unit: 'share' },
        { label: 'kappa', unit: 'number' },
      ],
      rows: first.voters.map(({ name, domains }, voter) => {
        const { verdicts, findings } = consistencyOf(times, [voter]);
        const { observed, expected, kappa } = verdicts;
        return [
          name,
          domains.developer ?? null,
          verdicts.changes,
          findings.changes,
          observed,
          expected,
          kappa,
        ];
      }),
    },
  ];
}

/** Of some voters, or of all: a question is a case put to a voter. */
export function consistencyOf(
  times: readonly CouncilTable[],
  voters: readonly number[] = times[0]?.voters.map((_, voter) => voter) ?? [],
): SeatConsistency {
  const verdicts = new RepeatedAnswers(2);
  const findings = new RepeatedAnswers(FINDINGS.length);
  const [first] = times;
  first?.items.names.forEach((_, item) => {
    const cluster = first.items.clusters[item] ?? 0;
    for (const voter of voters) {
      const codes = times.map((table) => table.verdicts[voter]?.[item]);
      verdicts.add(
        cluster,
        [APPROVE, REJECT].map((code) => codes.filter((given) => given === code).length),
      );
      const ballots = times.flatMap((table) => table.answers[voter]?.[item]?.ballot ?? []);
      for (const { id } of first.policies[item]?.criteria ?? []) {
        findings.add(
          cluster,
          FINDINGS.map((finding) => ballots.filter((ballot) => ballot.findings[id] === finding).length),
        );
      }
    }
  });
  return { verdicts: verdicts.consistency(), findings: findings.consistency() };
}
