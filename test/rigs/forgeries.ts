// What a thinking attacker would try with a certificate: signatures left out or doubled, rosters and bitmaps that
// are another's, and statements that a whole quorum was talked into signing. Each names the check it must meet.
import type { Decision } from '../../src/council/records.ts';
import { type CertificateFile, parseCertificate } from '../../src/ledger/certificate.ts';
import { signCheckpoint } from '../../src/ledger/checkpoint.ts';
import { sealOf } from '../../src/ledger/commit-seal.ts';
import { bitmapOf } from '../../src/ledger/seat-bitmap.ts';
import { formatTlogProof, parseTlogProof, type TlogProof } from '../../src/ledger/tlog-proof.ts';
import { parseTreeHead, type TreeHeadProof, treeHeadBytes } from '../../src/ledger/tree-head.ts';
import type { CheckName } from '../../src/ledger/verifier.ts';
import { fromHex, textOf, utf8 } from '../../src/signing/bytes.ts';
import { canonicalBytes, canonicalText } from '../../src/signing/canonical.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { allSeats, asSeatId, type SeatId } from '../../src/signing/seat-id.ts';
import { testRoster, votes } from './chamber.ts';
import { formatted, type Mutant, type Papers } from './mutants.ts';
import { bls, foundingWithKeys, LedgerChamber } from './published-ledger.ts';

export interface Forgery extends Mutant {
  /** the check that must refuse it */
  readonly refusedBy: CheckName;
}

/** A certified decision and the council that made it. */
export interface Subject extends Papers {
  readonly chamber: LedgerChamber;
  readonly decision: Decision;
}

/** Seat n rejects, everyone else approves; the first `signers` seats certify. */
export function subjectOf(n: number, signers: number): Subject {
  const chamber = new LedgerChamber(foundingWithKeys(n));
  return certifiedIn(chamber, signers);
}

function certifiedIn(chamber: LedgerChamber, signers: number): Subject {
  const { n } = chamber.quorum;
  const decision = chamber.judge(chamber.open(), votes([n - 1, 'approve'], [1, 'reject']));
  chamber.publish();
  const certificate = chamber.certificateOf(decision, chamber.endorse(decision, allSeats(signers)));
  return { chamber, decision, certificate, proof: chamber.proofOf(decision) };
}

export function forgeries(n: number): readonly Forgery[] {
  const all = subjectOf(n, n);
  const { q } = all.chamber.quorum;
  const exact = subjectOf(n, q);
  return [...thinned(exact, all), ...foreign(exact), ...misled(exact), ...unlogged(exact)];
}

/** Signatures left out, doubled, lent to another seat. */
function thinned(exact: Subject, all: Subject): readonly Forgery[] {
  const { n, q } = exact.chamber.quorum;
  const file = parseCertificate(exact.certificate);
  const whole = parseCertificate(all.certificate);
  const from = (subject: Subject, of: CertificateFile) => {
    return (name: string, refusedBy: CheckName, change: Partial<CertificateFile>): Forgery => ({
      name,
      refusedBy,
      certificate: formatted({ ...of, ...change }),
      proof: subject.proof,
    });
  };
  const ofExact = from(exact, file);
  const ofWhole = from(all, whole);
  const [first, second] = file.signatures;
  if (first === undefined || second === undefined) throw new Error('a quorum has more seats than one');
  const bitmap = (seats: readonly SeatId[]) => ({ ...file.quorum, seats: bitmapOf(seats, n) });
  const firstSeats = allSeats(q);
  const lent = asSeatId(q + 1);
  const shares = all.chamber.endorse(all.decision).map(({ share }) => share);
  return [
    ofExact(`a signature removed, ${q - 1} left`, 'quorum', { signatures: file.signatures.slice(1) }),
    ofExact('a seat removed from both sets', 'quorum', {
      signatures: file.signatures.slice(1),
      quorum: bitmap(firstSeats.slice(1)),
    }),
    ofWhole('a signature removed though a quorum is left', 'quorum', {
      signatures: whole.signatures.slice(1),
    }),
    ofWhole('a seat removed from both sets though a quorum is left', 'quorum-signature', {
      signatures: whole.signatures.slice(1),
      quorum: { ...whole.quorum, seats: bitmapOf(allSeats(n).slice(1), n) },
    }),
    ofExact('a seat doubled', 'quorum', { signatures: [first, ...file.signatures.slice(0, -1)] }),
    ofExact('a seat doubled beside all others', 'quorum', { signatures: [first, ...file.signatures] }),
    ofExact('a signature lent to another seat', 'envelope-signatures', {
      signatures: [...file.signatures.slice(1), { ...first, seat: lent }],
      quorum: bitmap([...firstSeats.slice(1), lent]),
    }),
    ofExact('two signatures swapped', 'envelope-signatures', {
      signatures: [
        { ...second, seat: first.seat },
        { ...first, seat: second.seat },
        ...file.signatures.slice(2),
      ],
    }),
    ofExact('another seat in the bitmap', 'quorum', { quorum: bitmap([...firstSeats.slice(1), lent]) }),
    ofExact('a seat less in the bitmap', 'quorum', { quorum: bitmap(firstSeats.slice(1)) }),
    ofExact('a seat more in the bitmap', 'quorum', { quorum: bitmap([...firstSeats, lent]) }),
    ofExact('a padding bit set', 'quorum', {
      quorum: { ...file.quorum, seats: `${file.quorum.seats.slice(0, -2)}f${file.quorum.seats.slice(-1)}` },
    }),
    ofExact('a bitmap that is too long', 'quorum', {
      quorum: { ...file.quorum, seats: `${file.quorum.seats}00` },
    }),
    ofExact('the aggregate of other seats', 'quorum-signature', {
      quorum: { ...file.quorum, signature: bls.aggregateSignatures(shares.slice(1, q + 1)) },
    }),
    ofExact('the identity for an aggregate', 'quorum-signature', {
      quorum: { ...file.quorum, signature: fromHex(`c0${'00'.repeat(95)}`) },
    }),
  ];
}

/** The certificate with something else in the place of its chain of rosters, well-formed or not. */
export function withRosters(certificate: Uint8Array, rosters: readonly unknown[]): Uint8Array {
  const lines = textOf(certificate).split('\n').slice(0, 2);
  return utf8(`${[...lines, canonicalText({ rosters })].join('\n')}\n`);
}

/** Rosters and councils that are another's. */
function foreign(subject: Subject): readonly Forgery[] {
  const { certificate, proof, chamber } = subject;
  const { n, q } = chamber.quorum;
  const file = parseCertificate(certificate);
  const renamed = testRoster(n).seats.map((seat) => ({ ...seat, name: `Other ${seat.seat}` }));
  const elsewhere = certifiedIn(
    new LedgerChamber(foundingWithKeys(n, { ...testRoster(n), seats: renamed })),
    q,
  );
  const other = parseCertificate(elsewhere.certificate);
  const [ours] = file.rosters;
  const [theirs] = other.rosters;
  if (ours === undefined || theirs === undefined) throw new Error('a certificate has a roster');
  const swapped = [{ ...ours, roster: theirs.roster }] as const;
  return [
    { name: 'a whole foreign certificate', refusedBy: 'anchor', ...elsewhere },
    {
      name: 'a foreign roster with its genesis',
      refusedBy: 'anchor',
      certificate: formatted({ ...file, rosters: other.rosters }),
      proof,
    },
    {
      name: 'a foreign roster under our genesis',
      refusedBy: 'rosters',
      certificate: formatted({ ...file, rosters: swapped }),
      proof,
    },
    {
      name: 'a second roster',
      refusedBy: 'form',
      certificate: withRosters(certificate, [ours, theirs]),
      proof,
    },
    {
      name: 'foreign signatures under our roster',
      refusedBy: 'council',
      certificate: formatted({ ...other, rosters: file.rosters }),
      proof,
    },
    {
      name: 'the digest of a foreign roster',
      refusedBy: 'council',
      certificate: formatted({ ...file, quorum: { ...file.quorum, roster: other.quorum.roster } }),
      proof,
    },
    {
      name: 'a statement of a foreign council, truly signed by our seats',
      refusedBy: 'council',
      ...resigned(subject, (text) => text.replace(/"council":"[0-9a-f]+"/, `"council":"${digestOf(1)}"`)),
    },
  ];
}

/** Statements that are not so, each truly signed by a quorum: what they say must still add up and be logged. */
function misled(subject: Subject): readonly Forgery[] {
  const { n, q } = subject.chamber.quorum;
  const approve = subject.decision.tally.approve;
  const lie = (name: string, refusedBy: CheckName, from: string | RegExp, to: string): Forgery => ({
    name: `${name}, truly signed by a quorum`,
    refusedBy,
    ...resigned(subject, (text) => text.replace(from, to)),
  });
  return [
    lie('an epoch that is not of its roster', 'council', '"epoch":1', '"epoch":2'),
    lie('an approval more', 'tally', `"approve":${approve}`, `"approve":${approve + 1}`),
    lie('a rejection less', 'tally', '"reject":1', '"reject":0'),
    lie('another outcome', 'tally', '"outcome":"approved"', '"outcome":"rejected"'),
    lie('another basis', 'tally', '"basis":"quorum"', '"basis":"opposed"'),
    lie('a lower threshold', 'tally', `"threshold":${q}`, `"threshold":${q - 1}`),
    lie('a ballot of nobody', 'tally', `"seat":${n},`, `"seat":${n + 1},`),
    lie('a ballot twice', 'tally', '"seat":2,', '"seat":1,'),
    lie('a ballot both cast and withheld', 'tally', '"withheld":[]', '"withheld":[1]'),
    lie('a verdict turned', 'tally', '"verdict":"reject"', '"verdict":"approve"'),
    lie('findings that do not add up', 'tally', '"insufficient":0', '"insufficient":1'),
    lie('a flag without its cause', 'marks', '"flags":[]', '"flags":["trial"]'),
    lie('provenance that does not add up', 'marks', '"live":', '"live":1'),
    lie('an approval without an end', 'marks', /"validUntilMs":[0-9]+/, '"validUntilMs":null'),
    lie('another subject', 'inclusion', /urn:test:triage/g, 'urn:test:others'),
    lie('another policy', 'inclusion', /"policy":"[0-9a-f]+"/, `"policy":"${digestOf('lax')}"`),
    lie('another ballot', 'inclusion', /"ballot":"[0-9a-f]+"/, `"ballot":"${digestOf('else')}"`),
    lie('a panel that is not the roster', 'council', /"panel":"[0-9a-f]+"/, `"panel":"${digestOf('panel')}"`),
    lie('an unknown field', 'statement', '"attempt":1', '"attempt":1,"attested":true'),
  ];
}

/** Proofs of something else. */
function unlogged(subject: Subject): readonly Forgery[] {
  const { chamber, certificate, decision } = subject;
  const { n, q } = chamber.quorum;
  const proof = parseTlogProof(subject.proof);
  const head = parseTreeHead(proof.extra ?? utf8(''));
  const header = chamber.headers[decision.height - 1];
  const before = chamber.headers[decision.height - 2];
  if (header === undefined || before === undefined) throw new Error('a decision has blocks before it');
  const otherKey = digestOf('another log key');
  const forged = (name: string, refusedBy: CheckName, change: Partial<TlogProof>): Forgery => ({
    name,
    refusedBy,
    certificate,
    proof: formatTlogProof({ ...proof, ...change }),
  });
  const withHead = (name: string, refusedBy: CheckName, change: Partial<TreeHeadProof>): Forgery =>
    forged(name, refusedBy, { extra: treeHeadBytes({ ...head, ...change }) });
  const checkpoint = { origin: `conclave/${chamber.founding.councilId}`, size: header.ledgerSize };
  const root = fromHex(header.ledgerRoot);
  const commit = chamber.commitOf(header);
  return [
    { name: 'no proof to speak of', refusedBy: 'proof-form', certificate, proof: new Uint8Array() },
    { name: 'the proof of another case', refusedBy: 'inclusion', certificate, proof: anotherProof(chamber) },
    forged('a proof without the headers', 'proof-form', { extra: undefined }),
    forged('a place beside the right one', 'inclusion', { index: proof.index - 1 }),
    forged('a checkpoint signed by another log key', 'checkpoint', {
      checkpoint: signCheckpoint({ ...checkpoint, root }, fromHex(otherKey), fastestEd25519),
    }),
    forged('a checkpoint of another log', 'checkpoint', {
      checkpoint: signCheckpoint(
        { ...checkpoint, root, origin: 'conclave/elsewhere' },
        fromHex(otherKey),
        fastestEd25519,
      ),
    }),
    withHead('the header of an earlier block', 'tree-head', { headers: [before] }),
    withHead('a header with another root', 'tree-head', {
      headers: [{ ...header, ledgerRoot: digestOf('root') }],
    }),
    withHead('a header from another time', 'tree-head', {
      headers: [{ ...header, timeMs: header.timeMs + 1 }],
    }),
    withHead('headers that do not link', 'tree-head', { headers: [header, header] }),
    withHead(`${q - 1} commit signatures`, 'tree-head', {
      commit: sealOf({ ...commit, signatures: commit.signatures.slice(1) }, chamber.quorum),
    }),
    withHead('commit signatures of another block', 'commit-signatures', {
      commit: sealOf(chamber.commitOf(before), chamber.quorum),
    }),
    withHead('commit signatures lent to other seats', 'commit-signatures', {
      commit: { ...head.commit, seats: bitmapOf(allSeats(q + 1).slice(1), n) },
    }),
    withHead('prepare signatures for commit signatures', 'commit-signatures', {
      commit: sealOf(chamber.preparedOf(header), chamber.quorum),
    }),
  ];
}

function anotherProof(chamber: LedgerChamber): Uint8Array {
  const other = chamber.judge(
    chamber.open({ subject: 'urn:test:other' }),
    votes([chamber.quorum.n, 'approve']),
  );
  chamber.publish();
  return chamber.proofOf(other);
}

/** The certificate with another payload that q seats truly signed. */
function resigned({ chamber, decision, proof }: Subject, change: (text: string) => string): Papers {
  const text = change(textOf(chamber.payloadOf(decision)));
  if (text === textOf(chamber.payloadOf(decision))) throw new Error('the lie is no lie');
  const payload = canonicalBytes(JSON.parse(text));
  return {
    certificate: chamber.certifyPayload(payload, chamber.endorsePayload(payload, allSeats(chamber.quorum.q))),
    proof,
  };
}
