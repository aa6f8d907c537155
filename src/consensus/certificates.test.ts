import { describe, expect, test } from 'vitest';
import {
  blockOn,
  certificateOf,
  EPOCH,
  GENESIS,
  genesisPrepare,
  seat,
  timeoutCertificateOf,
  verifier,
  view,
} from '../../test/rigs/ordering.ts';
import type { Epoch } from '../signing/purpose.ts';
import { CertificateBook, certificateHolds, genesisCertificate } from './certificates.ts';
import { quorumOf } from './quorum.ts';
import type { Signature } from './statements.ts';

const rules = { epoch: EPOCH, quorum: quorumOf(4), genesis: GENESIS };
const three = [seat(1), seat(2), seat(4)];
const block = blockOn(genesisPrepare, 1, seat(2));
const good = certificateOf('prepare', block, three);
const holds = (certificate: typeof good) => certificateHolds(certificate, rules, verifier);

describe('a certificate', () => {
  test('of q genuine votes holds', () => expect(holds(good)).toBe(true));

  test('of q−1 does not', () => expect(holds(certificateOf('prepare', block, three.slice(1)))).toBe(false));

  test('does not count a seat twice', () => {
    expect(holds(certificateOf('prepare', block, [seat(1), seat(2), seat(2)]))).toBe(false);
  });

  test('does not count a seat that is not in the council', () => {
    expect(holds(certificateOf('prepare', block, [seat(1), seat(2), seat(5)]))).toBe(false);
  });

  test('does not turn votes of one phase into the other', () => {
    expect(holds({ ...good, kind: 'commit' })).toBe(false);
  });

  test.each([
    ['view', { view: view(2) }],
    ['height', { height: genesisPrepare.height }],
    ['block', { block: GENESIS }],
    ['epoch', { epoch: 2 as Epoch }],
  ])('does not hold for another %s', (_, other) => expect(holds({ ...good, ...other })).toBe(false));

  test('with one forged signature does not hold', () => {
    const signatures = good.signatures.with(1, { seat: seat(2), signature: 'forged' as Signature });
    expect(holds({ ...good, signatures })).toBe(false);
  });

  test('does not count a seat whose chair is vacant', () => {
    const vacant = new Set([seat(2)]);
    expect(certificateHolds(good, { ...rules, vacant }, verifier)).toBe(false);
    const others = certificateOf('prepare', block, [seat(1), seat(3), seat(4)]);
    expect(certificateHolds(others, { ...rules, vacant }, verifier)).toBe(true);
  });

  test('of the block that an epoch starts from is implicit, and there is none below it', () => {
    const start = { view: view(7), height: block.header.height };
    const second = { ...rules, epoch: 2 as Epoch, genesis: block.digest, start };
    const implicit = genesisCertificate('prepare', second.epoch, block.digest, start);
    expect(certificateHolds(implicit, second, verifier)).toBe(true);
    expect(certificateHolds({ ...implicit, epoch: EPOCH }, second, verifier)).toBe(false);
    expect(certificateHolds({ ...implicit, view: view(6) }, second, verifier)).toBe(false);
    expect(certificateHolds({ ...implicit, view: view(8) }, second, verifier)).toBe(false);
    expect(certificateHolds({ ...implicit, block: GENESIS }, second, verifier)).toBe(false);
    expect(certificateHolds(genesisPrepare, second, verifier)).toBe(false);
  });

  test('of genesis is implicit, and only the one of this council', () => {
    expect(holds(genesisPrepare)).toBe(true);
    expect(holds(genesisCertificate('prepare', EPOCH, block.digest))).toBe(false);
    expect(holds({ ...genesisPrepare, signatures: good.signatures })).toBe(false);
  });
});

describe('a timeout certificate', () => {
  const book = () => new CertificateBook(rules, verifier);
  const reports = (...views: number[]) => new Map(views.map((v, i) => [seat(i + 1), v]));

  test('holds with the highest certificate that was signed for', () => {
    expect(book().acceptTimeout(timeoutCertificateOf(3, reports(0, 1, 0), good))).toBeDefined();
  });

  test('is refused when its certificate is not the highest reported', () => {
    expect(book().acceptTimeout(timeoutCertificateOf(3, reports(0, 1, 0), genesisPrepare))).toBeUndefined();
    expect(book().acceptTimeout(timeoutCertificateOf(3, reports(0, 0, 0), good))).toBeUndefined();
  });

  test('is refused below q, with a seat doubled, or with a report changed', () => {
    expect(book().acceptTimeout(timeoutCertificateOf(3, reports(0, 1), good))).toBeUndefined();
    const fine = timeoutCertificateOf(3, reports(0, 1, 0), good);
    const [first, second] = fine.reports;
    if (first === undefined || second === undefined) throw new Error('reports are missing');
    expect(book().acceptTimeout({ ...fine, reports: [first, second, second] })).toBeUndefined();
    expect(book().acceptTimeout({ ...fine, view: view(4) })).toBeUndefined();
  });

  test('is refused when the attached certificate does not hold', () => {
    const weak = certificateOf('prepare', block, three.slice(1));
    expect(book().acceptTimeout(timeoutCertificateOf(3, reports(0, 1, 0), weak))).toBeUndefined();
  });
});

test('a second copy of a known fact is replaced by the checked one', () => {
  const book = new CertificateBook(rules, verifier);
  expect(book.accept(good)).toBe(good);
  expect(book.accept(certificateOf('prepare', block, [seat(2)]))).toBe(good);
  expect(book.accept({ ...good, view: view(9) })).toBeUndefined();
});
