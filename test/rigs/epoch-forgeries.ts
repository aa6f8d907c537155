// What a thinking attacker would try with a chain of rosters: epochs left out, swapped or stopped short of, rosters that
// nobody admitted, and some that a whole quorum of the epoch before was talked into. Each names the check it must meet.
import type { Header } from '../../src/consensus/block.ts';
import { payloadRoot } from '../../src/consensus/digests.ts';
import { type RosterAdmitted, recordBytes } from '../../src/council/records.ts';
import { type Roster, rosterDigest } from '../../src/council/roster.ts';
import { type LaterRoster, parseCertificate, type RosterChain } from '../../src/ledger/certificate.ts';
import { sealOf } from '../../src/ledger/commit-seal.ts';
import { leafHash } from '../../src/ledger/merkle.ts';
import { bitmapOf } from '../../src/ledger/seat-bitmap.ts';
import { toHex } from '../../src/signing/bytes.ts';
import { asDigest, digestOf } from '../../src/signing/digest.ts';
import type { Epoch } from '../../src/signing/purpose.ts';
import { allSeats, asSeatId } from '../../src/signing/seat-id.ts';
import { OPERATORS, testCharter } from './chamber.ts';
import { chairOf, endEpoch, marked } from './epochs.ts';
import type { Forgery, Subject } from './forgeries.ts';
import { formatted } from './mutants.ts';
import { foundingWithKeys, LedgerChamber, newcomerWithKeys } from './published-ledger.ts';

/** A council of seven in its third epoch: seats 2 and 3 swapped in turn, seat 7 left out, the last epoch's end proven by a suffix. */
export function councilInThirdEpoch(): LedgerChamber {
  const founding = foundingWithKeys(7, undefined, testCharter({ operators: OPERATORS }));
  const chamber = new LedgerChamber(founding);
  endEpoch(chamber, [newcomerWithKeys(2)]);
  marked(chamber, 7);
  chamber.suffix = 2;
  endEpoch(chamber, [newcomerWithKeys(3)]);
  return chamber;
}

export const EVERYBODY = [1, 2, 3, 4, 5, 6, 7] as const;

export function certifiedIn(chamber: LedgerChamber): Subject {
  const sitting = chamber.firstSeats(7);
  const votes = EVERYBODY.map((seat) =>
    sitting.includes(asSeatId(seat)) ? ('approve' as const) : undefined,
  );
  const caseId = chamber.open();
  chamber.block(
    votes.flatMap((vote, i) => (vote === undefined ? [] : [chamber.commit(caseId, i + 1, vote)])),
  );
  chamber.block(
    votes.flatMap((vote, i) => (vote === undefined ? [] : [chamber.reveal(caseId, i + 1, vote)])),
  );
  const decision = chamber.decision(caseId);
  chamber.publish();
  return {
    chamber,
    decision,
    certificate: chamber.certificateOf(decision),
    proof: chamber.proofOf(decision),
  };
}

/** A link that a quorum of the roster before truly signed, over a ledger that holds nothing but its record. */
function forgedLink(
  chamber: LedgerChamber,
  current: Roster,
  roster: Roster,
  said: Partial<RosterAdmitted>,
): LaterRoster {
  const template = chamber.headers.find(({ epoch }) => epoch === current.epoch);
  if (template === undefined) throw new Error('an epoch has blocks');
  const record: RosterAdmitted = {
    kind: 'roster.admitted',
    epoch: roster.epoch,
    roster: rosterDigest(roster),
    changed: [],
    vacated: [],
    height: template.height,
    timeMs: template.timeMs,
    ...said,
  };
  const ledgerRoot = asDigest(toHex(leafHash(recordBytes(record))));
  const header: Header = { ...template, ledgerSize: 1, ledgerRoot };
  const commit = sealOf(chamber.commitOf(header, current), chamber.quorum);
  return { admittedBy: { commit, hashes: [], headers: [header], index: 0, record }, roster };
}

export function epochForgeries(): readonly Forgery[] {
  const chamber = councilInThirdEpoch();
  const subject = certifiedIn(chamber);
  const file = parseCertificate(subject.certificate);
  const [first, second, third] = file.rosters;
  if (second === undefined || third === undefined) throw new Error('a chain of three');
  const [one, two, three] = [1, 2, 3].map((epoch) => chamber.rosterOf(epoch as Epoch));
  if (one === undefined || two === undefined || three === undefined) throw new Error('three rosters');
  const { proof } = subject;
  const forged = (name: string, refusedBy: Forgery['refusedBy'], rosters: RosterChain): Forgery => {
    return { name, refusedBy, certificate: formatted({ ...file, rosters }), proof };
  };
  const admitted = (link: LaterRoster, changes: Partial<LaterRoster['admittedBy']>): LaterRoster => {
    return { ...link, admittedBy: { ...link.admittedBy, ...changes } };
  };
  const { headers } = third.admittedBy;
  const [last, ...suffix] = headers;
  const [tail] = suffix;
  if (last === undefined || tail === undefined) throw new Error('the second epoch ends with a suffix');
  const talkedInto = (
    name: string,
    seats: Roster['seats'],
    said: Partial<RosterAdmitted>,
    more: Partial<Roster> = {},
  ) => {
    const roster: Roster = { ...two, epoch: 3 as Epoch, seats, ...more };
    return forged(`${name}, signed by a quorum`, 'rosters', [
      first,
      second,
      forgedLink(chamber, two, roster, said),
    ]);
  };
  const given = (...newcomers: readonly number[]) =>
    two.seats.map((chair) => (newcomers.includes(chair.seat) ? newcomerWithKeys(chair.seat, 5) : chair));
  const seats = (...ids: readonly number[]) => ids.map(asSeatId);
  const filled = { ...last, payloadRoot: digestOf('an entry'), height: tail.height, view: tail.view };

  return [
    forged('an epoch left out', 'rosters', [first, third]),
    forged('a chain that stops an epoch short', 'council', [first, second]),
    forged('a chain without any later roster', 'council', [first]),
    forged('two epochs swapped', 'rosters', [first, third, second]),
    forged('an epoch twice', 'rosters', [first, second, second]),
    forged('an epoch too many', 'rosters', [first, second, third, third]),
    forged('the roster before under the record of the next', 'rosters', [
      first,
      second,
      { ...third, roster: two },
    ]),
    forged('a roster with another key', 'rosters', [
      first,
      second,
      {
        ...third,
        roster: { ...three, seats: given(4).map((s, i) => (i === 3 ? s : (three.seats[i] ?? s))) },
      },
    ]),
    forged('another newcomer in the chair that was given away', 'rosters', [
      first,
      {
        ...second,
        roster: { ...two, seats: two.seats.map((s) => (s.seat === 2 ? newcomerWithKeys(2, 9) : s)) },
      },
      third,
    ]),
    forged('a record that names other chairs', 'rosters', [
      first,
      second,
      admitted(third, { record: { ...third.admittedBy.record, changed: seats(3, 4) } }),
    ]),
    forged('a record that keeps silent about who was left out', 'rosters', [
      first,
      second,
      admitted(third, { record: { ...third.admittedBy.record, vacated: [] } }),
    ]),
    forged('a record at another place', 'rosters', [
      first,
      second,
      admitted(third, { index: third.admittedBy.index - 1 }),
    ]),
    forged('the header after the one with the record', 'rosters', [
      first,
      second,
      admitted(third, { headers: suffix }),
    ]),
    forged('headers that stop before the one that is committed', 'commit-signatures', [
      first,
      second,
      admitted(third, { headers: [last] }),
    ]),
    forged('a block with entries after the end', 'rosters', [
      first,
      second,
      admitted(third, { headers: [last, { ...filled, parent: tail.parent }] }),
    ]),
    forged('an admission that the newcomers sign themselves', 'commit-signatures', [
      first,
      admitted(second, {
        commit: sealOf(chamber.commitOf(headerOf(second), two), chamber.quorum),
      }),
      third,
    ]),
    forged('an admission signed by too few', 'rosters', [
      first,
      admitted(second, { commit: { ...second.admittedBy.commit, seats: bitmapOf(allSeats(4), 7) } }),
      third,
    ]),
    talkedInto('three chairs at once', given(3, 4, 5), { changed: seats(3, 4, 5) }),
    talkedInto('a chair that changes hands unsaid', given(4), {}),
    talkedInto(
      'another model unsaid',
      two.seats.map((s, i) => (i === 0 ? { ...s, model: digestOf('m') } : s)),
      {},
    ),
    talkedInto(
      'a key that comes back',
      two.seats.map((s, i) => (i === 1 ? (one.seats[1] ?? s) : s)),
      {
        changed: seats(2),
      },
    ),
    talkedInto('a chair fewer', two.seats.slice(0, 6), {}),
    talkedInto('a trial all of a sudden', two.seats, {}, { trial: true }),
    talkedInto('an epoch skipped', two.seats, { epoch: 4 as Epoch }, { epoch: 4 as Epoch }),
    talkedInto(
      'fewer than a quorum of chairs',
      two.seats.map((s, i) => (i < 3 ? { ...s, vacant: true as const } : s)),
      { vacated: seats(1, 2, 3) },
    ),
    ...signedByOthers(subject),
    ...withoutPossession(),
  ];
}

/** Statements that the wrong seats sign. */
function signedByOthers(subject: Subject): readonly Forgery[] {
  const { chamber, decision, proof } = subject;
  const file = parseCertificate(subject.certificate);
  const payload = chamber.payloadOf(decision);
  const old = chamber.endorsePayload(payload, chamber.firstSeats(5).map(asSeatId), 1 as Epoch);
  const oldSignatures = old.map(({ seat, envelope }) => ({ seat, signature: envelope }));
  const vacant = file.signatures.map((signed, i) => (i === 5 ? { ...signed, seat: asSeatId(7) } : signed));
  const founders = rosterDigest(chamber.rosterOf(1 as Epoch));
  const past = { ...decision, epoch: 1 as Epoch, roster: founders, panel: founders };
  const pastPayload = chamber.payloadOf(past);
  return [
    {
      name: 'a decision that the seats of the first epoch sign',
      refusedBy: 'envelope-signatures',
      certificate: formatted({
        ...file,
        signatures: oldSignatures,
        quorum: { ...file.quorum, seats: bitmapOf(chamber.firstSeats(5).map(asSeatId), 7) },
      }),
      proof,
    },
    {
      name: 'a decision of now dated back to the first epoch by its seats',
      refusedBy: 'inclusion',
      certificate: chamber.certifyPayload(
        pastPayload,
        chamber.endorsePayload(pastPayload, undefined, 1 as Epoch),
        1 as Epoch,
      ),
      proof,
    },
    {
      name: 'a vacant chair among those who sign',
      refusedBy: 'quorum',
      certificate: formatted({
        ...file,
        signatures: vacant,
        quorum: { ...file.quorum, seats: bitmapOf([1, 2, 3, 4, 5, 7].map(asSeatId), 7) },
      }),
      proof,
    },
  ];
}

/** A quorum that lets a key in whose holder did not prove it. */
function withoutPossession(): readonly Forgery[] {
  const founding = foundingWithKeys(7, undefined, testCharter({ operators: OPERATORS }));
  const chamber = new LedgerChamber(founding, { trusting: true });
  const { possession } = chairOf(chamber, 1);
  endEpoch(chamber, [{ ...newcomerWithKeys(2), possession }]);
  const { certificate, proof } = certifiedIn(chamber);
  return [{ name: 'a newcomer who did not prove its BLS key', refusedBy: 'possession', certificate, proof }];
}

function headerOf({ admittedBy: { headers } }: LaterRoster): Header {
  const [header] = headers;
  if (header === undefined || header.payloadRoot === payloadRoot([]))
    throw new Error('an epoch ends with an entry');
  return header;
}
