// What seats that lie to the protocol itself achieve: nothing while they are at most f, by the simulator (docs/protocol.md 3.11).
// That it finds violations with one liar more shows that it looks.
import { quorumOf } from '../../consensus/quorum.ts';
import { SIMULATION_KINDS, type SimulationReport, simulate } from '../../simulation/simulate.ts';
import { shareFigure } from '../measures/figure.ts';
import type { Section } from '../results/eval-result.ts';
import { figuresSection } from '../results/figure-rows.ts';

const SEATS = 4;

export function protocolLiarsSections(
  schedules: number,
  seed: number,
  onProgress: (done: number, of: number) => void,
): readonly Section[] {
  const { f } = quorumOf(SEATS);
  const plans = [
    ...SIMULATION_KINDS.map((kind) => ({ kind, byzantine: f })),
    { kind: 'untimed' as const, byzantine: f + 1 },
  ];
  const reports = plans.map((plan, i) => {
    onProgress(i, plans.length);
    return simulate({ ...plan, seats: SEATS, seeds: schedules, firstSeed: seed });
  });
  onProgress(plans.length, plans.length);
  const tolerated = reports.filter((report) => report.tolerated);
  const beyond = reports.filter((report) => !report.tolerated);
  return [
    figuresSection(
      {
        id: 'liars',
        title: `Schedules that ended in a violation, of ${SEATS} seats`,
        about:
          'Two blocks committed at one height, a vote taken back, a council that stalls after the network healed, a ballot counted that does not open: any of it is a violation. None in so many schedules still leaves the chance that the interval shows.',
      },
      [
        ...tolerated.map((report) => ({
          id: report.kind,
          label: `${report.kind} schedules, ${report.byzantine} lying`,
          figure: shareFigure(report.violations.length, report.schedules),
          better: 'lower' as const,
        })),
        ...beyond.map((report) => ({
          id: `${report.kind}-beyond`,
          label: `${report.kind} schedules, ${report.byzantine} lying, one more than tolerated`,
          figure: shareFigure(report.violations.length, report.schedules),
        })),
      ],
    ),
    {
      kind: 'table',
      id: 'schedules',
      title: 'What the schedules went through',
      about: 'Views entered and blocks committed, over all schedules of a kind.',
      columns: [
        { label: 'kind' },
        { label: 'lying', unit: 'count' },
        { label: 'schedules', unit: 'count' },
        { label: 'views', unit: 'count' },
        { label: 'blocks', unit: 'count' },
        { label: 'violations', unit: 'count' },
        { label: 'first seed' },
      ],
      rows: reports.map((report) => [
        report.kind,
        report.byzantine,
        report.schedules,
        report.views,
        report.blocks,
        report.violations.length,
        firstSeed(report),
      ]),
    },
  ];
}

function firstSeed({ violations: [first] }: SimulationReport): string {
  return first === undefined ? '' : `${first.seed}: ${first.kind}`;
}
