// Whom q seats call silent is suspected (protocol 5.3). That changes how long a case waits (protocol 4.5) and nothing
// else: not who leads, not whose vote counts, not what a seat is marked for. Silence cannot be shown to a third party,
// so nobody is suspected on the word of fewer than q: f liars, or all but one of a quorum, change nothing.
//
// An opinion is an entry, and a liar could change its mind for ever and fill the ledger with it. So each seat may change
// its mind only so often until a case is decided; then it waits.
import type { Admission } from '../consensus/application.ts';
import { quorumOf } from '../consensus/quorum.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { type Draft, staysSeated } from './draft.ts';
import { type SeatsSuspected, seatOfAuthor } from './entry.ts';
import { type Roster, sitterOf } from './roster.ts';
import type { CouncilState, Opinion } from './state.ts';

/** Of one seat, until a case is decided or the epoch ends. */
export const MAX_CHANGES_OF_MIND = 64;

type Opinions = CouncilState['opinions'];

/** Enters the opinion into the draft when it answers 'now'. */
export function suspectSeats(draft: Draft, { by, epoch, silent }: SeatsSuspected): Admission {
  const author = seatOfAuthor(by);
  if (epoch !== draft.epoch || author === undefined) return 'never';
  const { roster } = draft;
  if (sitterOf(roster, author) === undefined || silent.includes(author)) return 'never';
  if (silent.some((seat) => sitterOf(roster, seat) === undefined)) return 'never';
  const before = draft.opinions.get(author) ?? NO_OPINION;
  if (isSame(before.silent, silent)) return 'never';
  if (before.changes >= MAX_CHANGES_OF_MIND) return 'later';
  const opinions = new Map(draft.opinions).set(author, { silent, changes: before.changes + 1 });
  draft.setOpinions(opinions, suspectedBy(opinions, roster));
  return 'now';
}

/** What is said by and of those who do not stay in their chairs is forgotten with the epoch. */
export function carryOpinions(draft: Draft, next: Roster): void {
  const stays = (seat: SeatId): boolean => staysSeated(draft.roster, next, seat);
  const opinions = new Map(
    [...draft.opinions]
      .filter(([author]) => stays(author))
      .map(([author, { silent }]): [SeatId, Opinion] => [
        author,
        { silent: silent.filter(stays), changes: 0 },
      ]),
  );
  draft.setOpinions(opinions, suspectedBy(opinions, next));
}

const NO_OPINION: Opinion = { silent: [], changes: 0 };

function suspectedBy(opinions: Opinions, { seats }: Roster): readonly SeatId[] {
  const { q } = quorumOf(seats.length);
  const voices = new Map<SeatId, number>();
  for (const { silent } of opinions.values()) {
    for (const seat of silent) voices.set(seat, (voices.get(seat) ?? 0) + 1);
  }
  return [...voices]
    .filter(([, count]) => count >= q)
    .map(([seat]) => seat)
    .sort((a, b) => a - b);
}

function isSame(one: readonly SeatId[], other: readonly SeatId[]): boolean {
  return one.length === other.length && one.every((seat, i) => seat === other[i]);
}
