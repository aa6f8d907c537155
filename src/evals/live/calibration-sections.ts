// What a result shows of calibration: the curve and scores of what voters say of themselves, where they say anything, and those of
// the council's own confidence, the share of seats that approve. Nothing is ever weighed by a confidence; this says why.
import type { Random } from '../../simulation/random.ts';
import type { Section } from '../results/eval-result.ts';
import { cell, figuresSection } from '../results/figure-rows.ts';
import type { VerdictTable } from '../verdicts/verdict-table.ts';
import { approvalForecasts, type Calibration, calibrationOf, confidenceForecasts } from './calibration.ts';

const NOTE =
  'The calibration error is the mean distance between what was stated and what came true, over ten bins; it is never negative, so beside it stands what a perfectly calibrated voter with the same statements would show. A resample shows more of it than the data, so its interval leans upwards.';

export function calibrationSections(table: VerdictTable, random: Random): readonly Section[] {
  const { clusterCount } = table.items;
  const stated = confidenceForecasts(table);
  const council = calibrationOf(approvalForecasts(table), clusterCount, random);
  const bySeats = stated.length === 0 ? undefined : calibrationOf(stated, clusterCount, random);
  return [
    ...(bySeats === undefined
      ? []
      : [
          curve('calibration', 'Confidence of seats against being right', bySeats, {
            about:
              'All verdicts on the merits by the confidence their seats stated, in ten bins: the mean confidence of a bin, and the share of its verdicts that is right. On the diagonal confidence means what it says; below it seats are surer than they may be.',
            x: 'confidence',
            y: 'right',
            name: 'all seats',
          }),
          scores('calibration-scores', 'How well seats know what they know', bySeats),
          seatTable(table, random),
        ]),
    curve('council-calibration', 'Share of approvals against being right to approve', council, {
      about:
        'Cases by the share of seats that approve, in ten bins, and how often such a case is one to be approved. Were seats independent and good, the curve would be a step; where it climbs slowly, a large majority says little more than a small one.',
      x: 'share of seats that approve',
      y: 'approval is right',
      name: 'the council',
    }),
    scores('council-calibration-scores', 'How well a majority knows what it knows', council),
  ];
}

function curve(
  id: string,
  title: string,
  { bins }: Calibration,
  words: { readonly about: string; readonly x: string; readonly y: string; readonly name: string },
): Section {
  return {
    kind: 'curves',
    id,
    title,
    about: words.about,
    x: { label: words.x, unit: 'share' },
    y: { label: words.y, unit: 'share' },
    series: [
      {
        name: words.name,
        points: bins.map(({ stated, came: { value, low, high, n } }) => ({
          x: stated,
          y: value,
          low,
          high,
          n,
        })),
      },
    ],
    marks: [],
    diagonal: true,
  };
}

function scores(id: string, title: string, { brier, error, errorIfCalibrated }: Calibration): Section {
  return figuresSection(
    {
      id,
      title,
      about: `The Brier score is the mean squared distance between what was stated, as a probability, and what came true, 1 or 0: saying one half to everything gives 0.25. ${NOTE}`,
    },
    [
      { id: 'brier', label: 'Brier score', unit: 'number', figure: brier, better: 'lower' },
      { id: 'error', label: 'calibration error', unit: 'share', figure: error, better: 'lower' },
      {
        id: 'error-if-calibrated',
        label: 'calibration error of a perfectly calibrated voter',
        unit: 'share',
        figure: errorIfCalibrated,
      },
    ],
  );
}

function seatTable(table: VerdictTable, random: Random): Section {
  return {
    kind: 'table',
    id: 'calibration-by-seat',
    title: 'By voter',
    about: `Each voter by itself. ${NOTE}`,
    columns: [
      { label: 'voter' },
      { label: 'verdicts', unit: 'count' },
      { label: 'Brier score', unit: 'number' },
      { label: 'calibration error', unit: 'share' },
      { label: 'of a calibrated voter', unit: 'share' },
    ],
    rows: table.voters.map(({ name }, voter) => {
      const forecasts = confidenceForecasts(table, [voter]);
      if (forecasts.length === 0) return [name, 0, null, null, null];
      const { brier, error, errorIfCalibrated } = calibrationOf(forecasts, table.items.clusterCount, random);
      return [name, forecasts.length, cell(brier), cell(error), cell(errorIfCalibrated)];
    }),
  };
}
