// How many seats an adversary must own before it gets what it wants, given what honest seats get wrong together. The nominal f
// counts liars and takes the honest for right; the honest are wrong at once on hard items, and the adversary needs only the rest.
import type { Quorum } from '../../consensus/quorum.ts';
import { APPROVE, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { ClusteredShare } from './clustered-share.ts';
import { countsOf } from './council-outcomes.ts';
import type { Figure } from './figure.ts';

/** A wrong approval of what should be rejected, or a block of what should be approved. */
export const AIMS = ['wrong-approval', 'block'] as const;
export type Aim = (typeof AIMS)[number];

/** The odds at which an adversary is said to get its way. */
export const ODDS = [0.01, 0.05, 0.5] as const;

/** Seats taken by lot, or those taken that would otherwise be the least useful to it: the most careful ones. */
export const OWNERSHIPS = ['by-lot', 'most-careful-first'] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

export interface ToleranceFigures {
  readonly aim: Aim;
  readonly ownership: Ownership;
  /** by seats owned, from none to all: how often the adversary gets its way */
  readonly success: readonly Figure[];
  /** by ODDS, the fewest seats owned that exceed them */
  readonly seatsNeeded: readonly Figure[];
}

export function toleranceFigures(table: VerdictTable, quorum: Quorum): readonly ToleranceFigures[] {
  return AIMS.flatMap((aim) => [
    toleranceOf(table, quorum, { aim, ownership: 'by-lot', chances: chancesByLot(table, quorum, aim) }),
    toleranceOf(table, quorum, {
      aim,
      ownership: 'most-careful-first',
      chances: chancesByCare(table, quorum, aim),
    }),
  ]);
}

/** Of an item and a number of seats owned: how likely the adversary gets its way there. */
type Chances = (item: number, owned: number) => number;

const targetOf = (aim: Aim): number => (aim === 'wrong-approval' ? REJECT : APPROVE);

function toleranceOf(
  { items }: VerdictTable,
  { n }: Quorum,
  {
    aim,
    ownership,
    chances,
  }: { readonly aim: Aim; readonly ownership: Ownership; readonly chances: Chances },
): ToleranceFigures {
  const target = targetOf(aim);
  // One number of seats after the other: of very many items the shares of all numbers at once would fill the memory.
  const success = Array.from({ length: n + 1 }, (_, owned) => {
    const share = new ClusteredShare();
    items.labels.forEach((label, item) => {
      if (label === target) share.add(items.clusters[item] ?? 0, chances(item, owned));
    });
    return share.figure();
  });
  // With so many seats it may be likelier than the odds as soon as the upper end says so, and is when the lower end does.
  const first = (odds: number, end: 'low' | 'value' | 'high'): number => {
    const owned = success.findIndex(({ [end]: chance }) => chance > odds);
    return owned < 0 ? n : owned;
  };
  const seatsNeeded = ODDS.map(
    (odds): Figure => ({
      value: first(odds, 'value'),
      low: first(odds, 'high'),
      high: first(odds, 'low'),
      n: success[0]?.n ?? 0,
      method: 'wilson',
    }),
  );
  return { aim, ownership, success, seatsNeeded };
}

/** Over all ways of owning so many seats: of the seats owned, how many would have gone the adversary's way anyway. */
function chancesByLot(table: VerdictTable, { n, q }: Quorum, aim: Aim): Chances {
  const { approvals } = countsOf(table);
  const known = Array.from({ length: n + 1 }, (_, approving) =>
    Float64Array.from({ length: n + 1 }, (__, owned) => chanceAmongAll({ n, q, approving, owned, aim })),
  );
  return (item, owned) => known[approvals[item] ?? 0]?.[owned] ?? 0;
}

interface Ownings {
  readonly n: number;
  readonly q: number;
  /** seats that approve of themselves */
  readonly approving: number;
  readonly owned: number;
  readonly aim: Aim;
}

/** Sums the hypergeometric chances of those ownings that suffice. */
function chanceAmongAll({ n, q, approving, owned, aim }: Ownings): number {
  let chance = 0;
  for (let bought = Math.max(0, owned + approving - n); bought <= Math.min(owned, approving); bought++) {
    const left = approving - bought;
    const reached = aim === 'wrong-approval' ? left + owned >= q : left < q;
    if (reached) chance += Math.exp(logChoose(approving, bought) + logChoose(n - approving, owned - bought));
  }
  return chance === 0 ? 0 : Math.min(1, chance / Math.exp(logChoose(n, owned)));
}

const logFactorials: number[] = [0];

function logChoose(n: number, k: number): number {
  for (let m = logFactorials.length; m <= n; m++) {
    logFactorials.push((logFactorials[m - 1] ?? 0) + Math.log(m));
  }
  return (logFactorials[n] ?? 0) - (logFactorials[k] ?? 0) - (logFactorials[n - k] ?? 0);
}

/** The seats that least often err the adversary's way are owned first: it learns nothing new from owning the others. */
function chancesByCare(table: VerdictTable, { n, q }: Quorum, aim: Aim): Chances {
  const { labels } = table.items;
  const target = targetOf(aim);
  const helps = (verdict: number): boolean =>
    aim === 'wrong-approval' ? verdict === APPROVE : verdict !== APPROVE;
  const help = table.verdicts.map((row) =>
    row.reduce((sum, verdict, item) => sum + (labels[item] === target && helps(verdict) ? 1 : 0), 0),
  );
  const order = help.map((_, voter) => voter).sort((a, b) => (help[a] ?? 0) - (help[b] ?? 0) || a - b);
  const needed = aim === 'wrong-approval' ? q : n - q + 1;
  const fewest = new Uint16Array(labels.length);
  labels.forEach((_, item) => {
    let helping = table.verdicts.reduce((sum, row) => sum + (helps(row[item] ?? 0) ? 1 : 0), 0);
    let owned = 0;
    for (const voter of order) {
      if (helping >= needed) break;
      owned++;
      if (!helps(table.verdicts[voter]?.[item] ?? 0)) helping++;
    }
    fewest[item] = owned;
  });
  return (item, owned) => (owned >= (fewest[item] ?? 0) ? 1 : 0);
}
