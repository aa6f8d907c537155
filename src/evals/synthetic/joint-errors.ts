// How voters err together, as a list of numbers quick enough to be taken of hundreds of simulated tables: by these a model is held
// against the recording it was fitted to. Every voter has answered every item here; an abstention is an error.
import { quorumOf } from '../../consensus/quorum.ts';
import { councilOutcome, countsOf } from '../measures/council-outcomes.ts';
import { effectiveVotes, errorCorrelation } from '../measures/pair-measures.ts';
import type { Unit } from '../results/eval-result.ts';
import {
  ABSTAIN,
  APPROVE,
  type Domain,
  errorsOf,
  REJECT,
  type VerdictTable,
} from '../verdicts/verdict-table.ts';

export interface Reading {
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  readonly value: number;
}

/** Parts of a council of 33 that are wrong at once: enough to stop it, a majority, a quorum; and four fifths. */
const PARTS: readonly { readonly id: string; readonly label: string; readonly part: number }[] = [
  { id: '12-of-33', label: '12 of 33', part: 12 / 33 },
  { id: '17-of-33', label: '17 of 33', part: 17 / 33 },
  { id: '22-of-33', label: '22 of 33', part: 22 / 33 },
  { id: '4-of-5', label: 'four fifths', part: 4 / 5 },
];

const KINDS = [
  { id: 'approve', label: 'to be approved', right: APPROVE },
  { id: 'reject', label: 'to be rejected', right: REJECT },
] as const;

/** What all that follows is read off. */
export interface JointErrors {
  readonly table: VerdictTable;
  /** by voter, by item */
  readonly errors: readonly Uint8Array[];
  /** by item, how many voters are wrong */
  readonly wrongBy: Uint16Array;
}

export function jointErrors(table: VerdictTable): JointErrors {
  const errors = errorsOf(table);
  const wrongBy = new Uint16Array(table.items.names.length);
  for (const row of errors) {
    for (let item = 0; item < row.length; item++) wrongBy[item] = (wrongBy[item] ?? 0) + (row[item] ?? 0);
  }
  return { table, errors, wrongBy };
}

export function readingsOf(joint: JointErrors, domains: readonly Domain[]): readonly Reading[] {
  const { table, wrongBy } = joint;
  const voters = table.voters.length;
  const items = table.items.names.length;
  const correlation = meanCorrelations(joint, domains);
  const all = correlation[0] ?? Number.NaN;
  const share = (id: string, label: string, value: number): Reading => ({ id, label, unit: 'share', value });
  const right = wrongBy.reduce((sum, wrong) => sum + voters - wrong, 0);
  const won = wrongBy.reduce(
    (sum, wrong) => sum + (2 * wrong < voters ? 1 : 2 * wrong === voters ? 0.5 : 0),
    0,
  );
  const abstentions = table.verdicts.reduce((sum, row) => sum + row.filter((v) => v === ABSTAIN).length, 0);
  return [
    { id: 'error-correlation', label: 'mean error correlation', unit: 'number', value: all },
    ...domains.map((domain, i): Reading => {
      const label = `mean error correlation within a ${domain}`;
      return { id: `within-${domain}`, label, unit: 'number', value: correlation[i + 1] ?? Number.NaN };
    }),
    { id: 'effective-votes', label: 'effective votes', unit: 'number', value: effectiveVotes(voters, all) },
    share('majority', 'majority right', won / items),
    share('mean-accuracy', 'mean voter right', right / (items * voters)),
    share('abstentions', 'abstentions', abstentions / (items * voters)),
    ...councilReadings(table, share),
    ...KINDS.flatMap((kind) => {
      const counts = wrongBy.filter((_, item) => table.items.labels[item] === kind.right);
      return PARTS.map(({ id, label, part }) => {
        const many = counts.filter((wrong) => wrong >= part * voters - 1e-9).length;
        const what = `items ${kind.label} that at least ${label} of the voters get wrong`;
        return share(`${kind.id}-${id}`, what, many / counts.length);
      });
    }),
  ];
}

/** All voters as one council that decides by its quorum. */
function councilReadings(
  table: VerdictTable,
  share: (id: string, label: string, value: number) => Reading,
): readonly Reading[] {
  const quorum = quorumOf(table.voters.length);
  const { approvals, rejections } = countsOf(table);
  const { labels } = table.items;
  const shareOf = (right: number, outcome: string): number => {
    let [hits, of] = [0, 0];
    labels.forEach((label, item) => {
      if (label !== right) return;
      of++;
      if (councilOutcome(approvals[item] ?? 0, rejections[item] ?? 0, quorum) === outcome) hits++;
    });
    return hits / of;
  };
  const rule = `by ${quorum.q} of ${quorum.n}`;
  return [
    share('wrong-approvals', `items to be rejected that are approved ${rule}`, shareOf(REJECT, 'approved')),
    share('wrong-rejections', `items to be approved that are opposed ${rule}`, shareOf(APPROVE, 'rejected')),
  ];
}

/** By number of voters, from none to all, the share of items of this right verdict that at least so many get wrong. */
export function tailOf({ table, wrongBy }: JointErrors, right: number): readonly number[] {
  const { labels } = table.items;
  const atLeast = new Float64Array(table.voters.length + 2);
  wrongBy.forEach((wrong, item) => {
    if (labels[item] === right) atLeast[wrong] = (atLeast[wrong] ?? 0) + 1;
  });
  for (let wrong = table.voters.length - 1; wrong >= 0; wrong--) {
    atLeast[wrong] = (atLeast[wrong] ?? 0) + (atLeast[wrong + 1] ?? 0);
  }
  const all = atLeast[0] ?? 0;
  return Array.from(atLeast.subarray(0, -1), (items) => items / all);
}

/** Over all pairs, then over the pairs that share each domain; pairs for which it is not defined are left out. */
function meanCorrelations(
  { table: { voters, items }, errors }: JointErrors,
  domains: readonly Domain[],
): readonly number[] {
  const count = items.names.length;
  const packed = errors.map(packedBits);
  const wrong = errors.map((row) => row.reduce((sum, error) => sum + error, 0));
  const sums = new Float64Array(1 + domains.length);
  const pairs = new Float64Array(1 + domains.length);
  const add = (at: number, value: number): void => {
    sums[at] = (sums[at] ?? 0) + value;
    pairs[at] = (pairs[at] ?? 0) + 1;
  };
  for (let a = 0; a < voters.length; a++) {
    for (let b = 0; b < a; b++) {
      const bothWrong = commonBits(packed[a], packed[b]);
      const value = errorCorrelation({
        items: count,
        wrongA: wrong[a] ?? 0,
        wrongB: wrong[b] ?? 0,
        bothWrong,
      });
      if (Number.isNaN(value)) continue;
      add(0, value);
      domains.forEach((domain, i) => {
        const name = voters[a]?.domains[domain];
        if (name !== undefined && name === voters[b]?.domains[domain]) add(i + 1, value);
      });
    }
  }
  return Array.from(sums, (sum, i) => sum / (pairs[i] ?? 0));
}

function packedBits(row: Uint8Array): Int32Array {
  const words = new Int32Array(Math.ceil(row.length / 32));
  row.forEach((bit, i) => {
    words[i >> 5] = (words[i >> 5] ?? 0) | (bit << (i & 31));
  });
  return words;
}

const NO_BITS = new Int32Array();

function commonBits(a: Int32Array = NO_BITS, b: Int32Array = NO_BITS): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    let bits = (a[i] ?? 0) & (b[i] ?? 0);
    bits -= (bits >>> 1) & 0x55555555;
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
