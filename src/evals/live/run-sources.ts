// What a result of the live council names as its sources: the cases, the words seats were asked in, and who sat there, by digest.
import { CASE_TYPES } from '../../council/case-kind.ts';
import { promptDigest } from '../../seats/prompt.ts';
import { promptedSeat } from '../../seats/question.ts';
import { modelDigest } from '../../seats/seat-file.ts';
import { digestOf } from '../../signing/digest.ts';
import type { Source } from '../results/eval-result.ts';
import type { CouncilRun } from './ask-council.ts';

export function sourcesOf({ plan, answering }: CouncilRun, casesName: string): readonly Source[] {
  const { seats, prompts, charter } = plan.agents;
  const cases = plan.cases.map(({ item, cluster, expected = null, source }) => ({
    item,
    cluster,
    expected,
    source,
  }));
  const asked = seats.map((seat) =>
    CASE_TYPES.flatMap((caseType) => {
      const policy = charter.policies[caseType];
      if (policy === undefined) return [];
      return [promptDigest(promptedSeat(seat), { caseType, criteria: policy.criteria }, prompts)];
    }),
  );
  const models = seats.map((seat) => modelDigest(seat, answering));
  return [
    { what: 'cases', name: casesName, digest: digestOf(cases), count: cases.length },
    { what: 'prompts', name: 'prompts', digest: digestOf(asked) },
    { what: 'roster', name: answering.name, digest: digestOf(models), count: seats.length },
  ];
}
