// Certificates and ledgers across epochs (protocol 6.1, 6.3): from the genesis alone a stranger follows the rosters one by
// one, and whatever an attacker puts in their place is refused by the check that is there for it.
import { beforeAll, describe, expect, test } from 'vitest';
import { OPERATORS, standInVerify, testCharter, votes } from '../../test/rigs/chamber.ts';
import { certifiedIn, councilInThirdEpoch, epochForgeries } from '../../test/rigs/epoch-forgeries.ts';
import { chairOf, endEpoch } from '../../test/rigs/epochs.ts';
import type { Subject } from '../../test/rigs/forgeries.ts';
import { nextMutant, seededPick } from '../../test/rigs/mutants.ts';
import { bls, foundingWithKeys, LedgerChamber, newcomerWithKeys } from '../../test/rigs/published-ledger.ts';
import { digestOfHeader } from '../consensus/digests.ts';
import type { Founding } from '../council/genesis.ts';
import { rosterDigest } from '../council/roster.ts';
import { textOf, toBase64, utf8 } from '../signing/bytes.ts';
import { canonicalText } from '../signing/canonical.ts';
import { digestOfBytes } from '../signing/digest.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { auditLedger } from './audit.ts';
import { parseCertificate } from './certificate.ts';
import { sealOf } from './commit-seal.ts';
import { proveEntry } from './prove.ts';
import type { PublishedBlock } from './published-blocks.ts';
import { verifyCertificate } from './verifier.ts';

const FAST = { ed25519: fastestEd25519, bls };

function verified(
  { certificate, proof }: Pick<Subject, 'certificate' | 'proof'>,
  { councilId }: Founding,
  by = FAST,
) {
  const { status, failed, checks } = verifyCertificate({ certificate, proof, anchor: councilId }, by);
  return [status, failed, status === 'valid' ? '' : checks.at(-1)?.detail];
}

const MUTANTS = 150;
const VALID = ['valid', undefined, ''];

describe('a certificate of a later epoch', () => {
  let subject: Subject;
  beforeAll(() => {
    subject = certifiedIn(councilInThirdEpoch());
  });

  test('verifies from the genesis alone, by the portable backends too', () => {
    const { chamber, decision } = subject;
    expect(decision.epoch).toBe(3);
    expect(verified(subject, chamber.founding)).toEqual(VALID);
    const { certificate, proof } = subject;
    expect(verifyCertificate({ certificate, proof, anchor: chamber.founding.councilId }).status).toBe(
      'valid',
    );
  });

  test('shows each roster with the record that admitted it, and the blocks that prove the end of the epoch before', () => {
    const [, second, third, ...more] = parseCertificate(subject.certificate).rosters;
    expect(more).toEqual([]);
    expect(second?.admittedBy.record).toMatchObject({ epoch: 2, changed: [2], vacated: [] });
    expect(third?.admittedBy.record).toMatchObject({ epoch: 3, changed: [3], vacated: [7] });
    expect([second, third].map((link) => link?.admittedBy.headers.length)).toEqual([1, 3]);
  });

  test('has no signature of a vacant chair, and none is taken into one', () => {
    const { chamber, decision } = subject;
    expect(parseCertificate(subject.certificate).signatures.map(({ seat }) => Number(seat))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    const payload = chamber.payloadOf(decision);
    const left = chamber.endorsePayload(payload, [asSeatId(7)], 1 as Epoch);
    expect(chamber.certificateOf(decision, [...chamber.endorse(decision), ...left])).toEqual(
      subject.certificate,
    );
    // those of the first epoch who still sit are four of seven
    const past = chamber.endorsePayload(payload, undefined, 1 as Epoch);
    expect(() => chamber.certificateOf(decision, past)).toThrow('too few');
  });
});

describe('a mutated certificate of the third epoch', () => {
  test('is refused, whatever byte or value of it is another', () => {
    const subject = certifiedIn(councilInThirdEpoch());
    const anchor = subject.chamber.founding.councilId;
    const pick = seededPick(4);
    for (let i = 0; i < MUTANTS; i++) {
      const mutant = nextMutant(subject, pick);
      expect(verifyCertificate({ ...mutant, anchor }, FAST).status, `mutant ${i}: ${mutant.name}`).toBe(
        'invalid',
      );
    }
  });
});

describe('a forged chain of rosters', () => {
  test('is refused, each by the check that is there for it', () => {
    const { founding } = councilInThirdEpoch();
    for (const { name, refusedBy, certificate, proof } of epochForgeries()) {
      const [status, failed, detail] = verified({ certificate, proof }, founding);
      expect([name, status, failed], String(detail)).toEqual([name, 'invalid', refusedBy]);
    }
  });
});

describe('certificates of the first epoch', () => {
  test('are, byte for byte, what they were before there were others, and so is their ledger', () => {
    const chamber = new LedgerChamber(foundingWithKeys(4), { uncertifiedEvery: 2 });
    const decision = chamber.judge(chamber.open(), votes([3, 'approve'], [1, 'reject']));
    while (chamber.height % 2 === 0) chamber.block([]);
    chamber.publish();
    expect(digestOfBytes(chamber.certificateOf(decision))).toBe(
      'dd9f942229687528e4b82e18f8e9559ab865bc74e6f16387825f452b6723fa42',
    );
    expect(digestOfBytes(chamber.proofOf(decision))).toBe(
      '2027e8813fc4fad9cde7d3a6743f302c01145e336337ebf184eee7af1284938c',
    );
    expect(digestOfBytes(chamber.read('blocks/000.p/3') ?? utf8(''))).toBe(
      '497cd42be3d3ec24cace93660e7fa57d75fb3bd1840b576f8a2aae2224ad7369',
    );
  });

  test('stay valid whatever epochs come after', () => {
    const founding = foundingWithKeys(7, undefined, testCharter({ operators: OPERATORS }));
    const chamber = new LedgerChamber(founding);
    const before = certifiedIn(chamber);
    endEpoch(chamber, [newcomerWithKeys(2), newcomerWithKeys(3)]);
    const after = certifiedIn(new LedgerChamber(founding));
    expect(verified(before, founding)).toEqual(VALID);
    expect(after.certificate).toEqual(before.certificate);
  });
});

describe('a case that was in flight when the roster changed', () => {
  test('is certified by the seats in force as the decision of its panel', () => {
    const founding = foundingWithKeys(7, undefined, testCharter({ operators: OPERATORS }));
    const chamber = new LedgerChamber(founding);
    const caseId = chamber.open();
    endEpoch(chamber, [newcomerWithKeys(2), { ...chairOf(chamber, 3), vacant: true }]);
    chamber.block([1, 2, 3, 4, 5, 6, 7].map((seat) => chamber.commit(caseId, seat, 'approve')));
    chamber.block([1, 2, 3, 4, 5, 6, 7].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    chamber.publish();
    const decision = chamber.decision(caseId);
    expect(decision).toMatchObject({ epoch: 2, panel: rosterDigest(founding.roster), tally: { approve: 7 } });
    const papers = { certificate: chamber.certificateOf(decision), proof: chamber.proofOf(decision) };
    expect(verified(papers, founding)).toEqual(VALID);
  });

  test('and was decided in the block that ended its epoch is certified by that epoch, through the suffix', () => {
    const founding = foundingWithKeys(7, undefined, testCharter({ operators: OPERATORS }));
    const chamber = new LedgerChamber(founding, { uncertifiedEvery: 1 });
    const caseId = chamber.open();
    const all = [1, 2, 3, 4, 5, 6, 7];
    chamber.block(all.map((seat) => chamber.commit(caseId, seat, 'approve')));
    chamber.block(all.map((seat) => chamber.reveal(caseId, seat, 'approve')));
    chamber.suffix = 3;
    endEpoch(chamber, [newcomerWithKeys(2)]);
    chamber.publish();
    const decision = chamber.decision(caseId);
    const papers = { certificate: chamber.certificateOf(decision), proof: chamber.proofOf(decision) };
    expect(verified(papers, founding)).toEqual(VALID);
  });
});

/** Real signatures on blocks and checkpoint, the chamber's stand-ins on entries. */
const AUDITOR = {
  bls,
  ed25519: {
    verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
      standInVerify(toBase64(publicKey), message, toBase64(signature)) ||
      fastestEd25519.verify(publicKey, message, signature),
  },
};

describe('an audit across epochs', () => {
  let chamber: LedgerChamber;
  let path: string;
  let lines: readonly PublishedBlock[];
  beforeAll(() => {
    chamber = certifiedIn(councilInThirdEpoch()).chamber;
    path = [...chamber.files.keys()].find((name) => name.startsWith('blocks/')) ?? '';
    lines = textOf(chamber.read(path) ?? utf8(''))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as PublishedBlock);
  });

  /** What is wrong when the published blocks are others. */
  const problemWith = (change: (block: PublishedBlock, last: boolean, i: number) => PublishedBlock) => {
    const changed = lines.map((block, i) => change(block, block.suffix !== undefined, i));
    const bytes = utf8(changed.map((block) => `${canonicalText(block)}\n`).join(''));
    const read = (name: string) => (name === path ? bytes : chamber.read(name));
    return auditLedger(chamber.founding, read, AUDITOR).problem?.detail;
  };
  const withoutSuffix = ({ commit, entries, header }: PublishedBlock): PublishedBlock => ({
    commit,
    entries,
    header,
  });

  test('replays every block by the roster of its epoch', () => {
    const audit = auditLedger(chamber.founding, chamber.read, AUDITOR);
    expect(audit.problem).toBeUndefined();
    expect([audit.blocks, audit.root]).toEqual([chamber.height, chamber.headers.at(-1)?.ledgerRoot]);
    expect(lines.filter(({ suffix }) => suffix !== undefined).map(({ suffix }) => suffix?.length)).toEqual([
      2,
    ]);
  });

  test('names an epoch whose end nobody committed, or that is proven by what does not prove it', () => {
    expect(problemWith((block, ends) => (ends ? withoutSuffix(block) : block))).toMatch(
      /commit signature is false/,
    );
    expect(problemWith((block, ends) => (ends ? { ...withoutSuffix(block), commit: null } : block))).toMatch(
      /last block of its epoch/,
    );
    const suffix = lines.find((block) => block.suffix !== undefined)?.suffix ?? [];
    expect(problemWith((block, _, i) => (i === 1 ? { ...block, suffix } : block))).toMatch(
      /only the last block/,
    );
    const [one, two] = suffix;
    if (one === undefined || two === undefined) throw new Error('a suffix of two');
    expect(problemWith((block, ends) => (ends ? { ...block, suffix: [two] } : block))).toMatch(
      /does not follow/,
    );
    const filled = { ...two, ledgerSize: two.ledgerSize + 1 };
    expect(problemWith((block, ends) => (ends ? { ...block, suffix: [one, filled] } : block))).toMatch(
      /not empty/,
    );
  });

  test('names an end that the next epoch committed, and a beginning on top of the suffix', () => {
    const three = chamber.rosterOf(3 as Epoch);
    const endOf = ({ header, suffix }: PublishedBlock) => suffix?.at(-1) ?? header;
    const sealed = (block: PublishedBlock) => sealOf(chamber.commitOf(endOf(block), three), chamber.quorum);
    expect(problemWith((block, ends) => (ends ? { ...block, commit: sealed(block) } : block))).toMatch(
      /false/,
    );
    const at = lines.findIndex(({ suffix }) => suffix !== undefined);
    const ended = lines[at];
    if (ended === undefined) throw new Error('an end');
    const parent = digestOfHeader(endOf(ended));
    const height = (endOf(ended).height + 1) as typeof ended.header.height;
    const view = (endOf(ended).view + 1) as typeof ended.header.view;
    const onSuffix = (block: PublishedBlock) => {
      const header = { ...block.header, parent, height, view };
      return { ...block, header, commit: sealOf(chamber.commitOf(header), chamber.quorum) };
    };
    expect(problemWith((block, _, i) => (i === at + 1 ? onSuffix(block) : block))).toMatch(/does not follow/);
  });

  test('is what `prove` leads into, from before the end and after it', () => {
    for (let index = 0; index < (chamber.headers.at(-1)?.ledgerSize ?? 0); index++) {
      expect(() => proveEntry(index, chamber.read)).not.toThrow();
    }
  });
});
