// Councils that nobody could afford to ask: thousands of rosters by lot under the caps, each on items of its own, drawn from a model
// of voters. One council shows what it did; many show what councils like it may do.
import { quorumOf } from '../../consensus/quorum.ts';
import { Random } from '../../simulation/random.ts';
import { SeatCaps } from '../compose/seat-caps.ts';
import type { Section } from '../results/eval-result.ts';
import { COUNCIL_RULE, councilRows, figuresSection } from '../results/figure-rows.ts';
import { type CouncilRuns, councilRunFigures, drawCouncils } from '../synthetic/draw-councils.ts';
import type { LatentModel, LatentVoter } from '../synthetic/latent-model.ts';

export interface ManyCouncils {
  readonly councils: number;
  readonly seats: number;
  readonly cap: number;
  /** for each council */
  readonly items: CouncilRuns['items'];
}

export function manyCouncilsSections(
  model: LatentModel,
  { councils, seats, cap, items }: ManyCouncils,
  seed: number,
): readonly Section[] {
  const quorum = quorumOf(seats);
  const caps = new SeatCaps(model.voters, cap);
  const lots = new Random(seed, 8);
  const rosterOf = (): readonly LatentVoter[] =>
    caps.drawn(seats, lots).flatMap((voter) => model.voters[voter] ?? []);
  const runs = drawCouncils(model, { councils, items, quorum, seats: rosterOf, random: new Random(seed, 9) });
  return [
    figuresSection(
      {
        id: 'councils',
        title: `What ${quorum.q} of ${seats} makes of it, over ${councils} councils`,
        about: `The mean over councils, and the interval in which 95 % of them lie: seats by lot, at most ${cap} of a domain, ${items.approve} items to be approved and ${items.reject} to be rejected each. ${COUNCIL_RULE}`,
      },
      councilRows(councilRunFigures(runs)),
    ),
    {
      kind: 'curves',
      id: 'wrong-at-once',
      title: 'How many seats are wrong at once',
      about: `Of all items over all councils, the share on which at least so many seats are wrong. Were errors independent, hardly an item would reach ${quorum.q}.`,
      x: { label: 'seats wrong at once, at least', unit: 'count' },
      y: { label: 'share of items', unit: 'share' },
      series: [
        { name: 'items to be approved', points: tail(runs.wrongRejecting) },
        { name: 'items to be rejected', points: tail(runs.wrongApproving) },
      ],
      marks: [
        { x: quorum.n - quorum.q + 1, label: `${quorum.n - quorum.q + 1} block` },
        { x: quorum.q, label: `${quorum.q} approve` },
      ],
    },
  ];
}

/** At least so many, from one on. */
function tail(wrong: Float64Array): readonly { x: number; y: number }[] {
  const n = wrong.reduce((sum, count) => sum + count, 0);
  return Array.from({ length: wrong.length - 1 }, (_, i) => {
    const reached = wrong.subarray(i + 1).reduce((sum, count) => sum + count, 0);
    return { x: i + 1, y: n === 0 ? 0 : reached / n };
  });
}
