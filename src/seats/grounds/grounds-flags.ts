// When a person should look: what the grounds of a criterion show that a count of findings does not. A flag is a
// pointer to the quotes, not a verdict on them.
import { quorumOf } from '../../consensus/quorum.ts';
import type { CriterionGrounds, FlaggedForReview, GroundsFlag, Side } from './grounds-report.ts';

/** Without a vendor of fewer a majority is merely narrow. */
const VENDOR_SHARE = 1 / 3;
/** A ground that fewer of the reasoned seats of a side hold is hardly shared. */
const SHARED_BY = 1 / 3;
/** Of fewer seats it cannot be said that they should have had something in common. */
const FEWEST_TO_SHARE = 4;
/** A clash of single seats is listed; it takes more to call for a person. */
const FEWEST_TO_CLASH = 2;
/** One dissenter is an opinion, two may be chance. */
const FEWEST_TO_DISSENT = 3;

export function flagsOf(criterion: CriterionGrounds, panel: number): readonly FlaggedForReview[] {
  const { sides, leading, incompatible } = criterion;
  const lead = sides.find(({ finding }) => finding === leading);
  if (lead === undefined) return [];
  const flag = (name: GroundsFlag, detail: string | undefined): readonly FlaggedForReview[] =>
    detail === undefined ? [] : [{ flag: name, criterion: criterion.criterion, detail }];
  const clashes = (approving: boolean): string | undefined => {
    const held = new Map(sides.flatMap(({ grounds }) => grounds.map(({ id, seats }) => [id, seats.length])));
    const found = incompatible.filter(
      ({ finding, grounds }) =>
        (finding === 'met') === approving && grounds.every((id) => (held.get(id) ?? 0) >= FEWEST_TO_CLASH),
    );
    const [first] = found;
    if (first === undefined) return undefined;
    const seats = new Set(found.flatMap((one) => one.seats)).size;
    const more = found.length === 1 ? '' : `, and ${found.length - 1} more`;
    return `grounds ${first.grounds.join(' and ')} deny each other (${first.opposition.words.join(' / ')})${more}; ${seats} seats hold them`;
  };
  return [
    ...flag('approvals-rest-on-incompatible-reasons', clashes(true)),
    ...flag('refusals-rest-on-incompatible-reasons', clashes(false)),
    ...flag('majority-rests-on-one-vendor', vendorBehind(criterion, lead)),
    ...flag('majority-shares-no-ground', scattered(lead)),
    ...flag('dissent-shared-across-vendors', sharedDissent(sides, lead)),
    ...flag('no-finding-has-a-quorum', split(sides, panel)),
    ...flag('reasons-missing', speechless(lead)),
  ];
}

/** The developer without whose seats, on every side, another finding would have as many seats or more, or nobody any. */
function vendorBehind({ sides }: CriterionGrounds, lead: Side): string | undefined {
  const makers = new Set(sides.flatMap(({ developers }) => developers.map(({ developer }) => developer)));
  // Where there is one maker the whole report rests on it, and its caveats say so once.
  if (makers.size === 1) return undefined;
  const held = (side: Side, by: string): number =>
    side.developers.find(({ developer }) => developer === by)?.seats ?? 0;
  for (const { developer, seats } of lead.developers) {
    if (seats < lead.seats.length * VENDOR_SHARE) continue;
    const left = lead.seats.length - seats;
    const others = sides.filter((side) => side !== lead);
    const against = Math.max(0, ...others.map((side) => side.seats.length - held(side, developer)));
    if (left <= against) {
      return `without the ${seats} seats of ${developer}, "${lead.finding}" would have ${left} seats and another finding ${against}`;
    }
  }
  return undefined;
}

function scattered({ finding, seats, unreasoned, grounds }: Side): string | undefined {
  const reasoned = seats.length - unreasoned.length;
  const [largest] = grounds;
  if (reasoned < FEWEST_TO_SHARE || largest === undefined) return undefined;
  if (largest.seats.length >= reasoned * SHARED_BY) return undefined;
  return `of ${reasoned} seats that found "${finding}", at most ${largest.seats.length} share a ground`;
}

function sharedDissent(sides: readonly Side[], lead: Side): string | undefined {
  const shared = sides
    .filter((side) => side !== lead)
    .flatMap(({ grounds }) => grounds)
    .filter(({ seats, developers }) => seats.length >= FEWEST_TO_DISSENT && developers.length > 1);
  const [first] = shared;
  if (first === undefined) return undefined;
  return `${first.seats.length} seats of ${first.developers.length} developers share ground ${first.id} against "${lead.finding}"`;
}

function split(sides: readonly Side[], panel: number): string | undefined {
  const { q } = quorumOf(Math.max(1, panel));
  if (sides.some(({ seats }) => seats.length >= q)) return undefined;
  const held = sides.map(({ finding, seats }) => `${seats.length} ${finding}`).join(', ');
  return `${held}: none reaches ${q} of ${panel}`;
}

function speechless({ finding, seats, unreasoned }: Side): string | undefined {
  if (2 * unreasoned.length <= seats.length) return undefined;
  return `${unreasoned.length} of ${seats.length} seats that found "${finding}" gave no reason`;
}
