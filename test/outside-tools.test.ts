// A certificate and its proof, read with nothing of ours: node:crypto, JSON and the published formats alone (DSSE,
// in-toto Statement v1, C2SP tlog-proof, RFC 6962), and the aggregate by blst where its binary is. What a stranger's
// tool would do, written out once, so that our own verifier is not the only reader of our files.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { subjectOf } from './rigs/forgeries.ts';

const blst = await import('@chainsafe/blst').catch(() => undefined);

const envelopeSchema = z.object({
  payload: z.base64(),
  payloadType: z.literal('application/vnd.in-toto+json'),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.base64() })),
});
const quorumSchema = z.object({ quorum: z.object({ seats: z.string(), signature: z.base64() }) });
const rostersSchema = z.object({
  rosters: z.array(
    z.object({
      admittedBy: z.object({ genesis: z.unknown() }),
      roster: z.object({ seats: z.array(z.object({ ed25519: z.base64(), bls: z.base64() })) }),
    }),
  ),
});
const statementSchema = z.object({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  predicateType: z.string(),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ sha256: z.string() }) })),
  predicate: z.record(z.string(), z.unknown()),
});

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const sha256 = (...parts: readonly Buffer[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function ed25519Holds(key: string, message: Buffer, signature: Buffer): boolean {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes(key)]);
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
}

const { certificate, proof, decision, chamber } = subjectOf(7, 7);
const [first = '', second = '', third = ''] = Buffer.from(certificate).toString().split('\n');
const envelope = envelopeSchema.parse(JSON.parse(first));
const { quorum } = quorumSchema.parse(JSON.parse(second));
const seats = rostersSchema.parse(JSON.parse(third)).rosters[0]?.roster.seats ?? [];
const payload = bytes(envelope.payload);
const pae = Buffer.concat([
  Buffer.from(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `),
  payload,
]);

describe('a stranger with stock tools', () => {
  test('verifies every signature of the DSSE envelope', () => {
    const held = envelope.signatures.filter(({ keyid, sig }) => {
      const seat = seats[Number(keyid.replace('seat-', '')) - 1];
      return seat !== undefined && ed25519Holds(seat.ed25519, pae, bytes(sig));
    });
    expect(held).toHaveLength(7);
  });

  test('reads an in-toto statement about the case', () => {
    const statement = statementSchema.parse(JSON.parse(payload.toString()));
    expect(statement.subject).toEqual([{ name: decision.subject, digest: { sha256: decision.caseId } }]);
    expect(statement.predicate.outcome).toBe('approved');
    expect(statement.predicateType).toBe('https://conclave.dev/decision/v1');
  });

  test.skipIf(blst === undefined)(
    'verifies the aggregate with blst alone (skipped without its binary)',
    () => {
      if (blst === undefined) return;
      const signers = seats.filter((_, i) => ((Number.parseInt(quorum.seats, 16) >> i) & 1) === 1);
      const keys = signers.map(({ bls }) => blst.PublicKey.fromBytes(bytes(bls), true));
      const signature = blst.Signature.fromBytes(bytes(quorum.signature), true);
      expect(blst.fastAggregateVerify(pae, keys, signature)).toBe(true);
      expect(blst.fastAggregateVerify(pae, keys.slice(1), signature)).toBe(false);
    },
  );

  test('follows the tlog-proof from the decision to the signed checkpoint', () => {
    const [head = '', note = ''] = Buffer.from(proof)
      .toString()
      .split(/\n\n(.*)/s);
    const [header, , index = '', ...hashes] = head.split('\n');
    const [, size = '', root = ''] = note.split('\n');
    expect([header, index.startsWith('index ')]).toEqual(['c2sp.org/tlog-proof@v1', true]);

    const { council: _, ...fields } = statementSchema.parse(JSON.parse(payload.toString())).predicate;
    const record = Object.entries({ ...fields, kind: 'case.decided' }).sort(([a], [b]) => (a < b ? -1 : 1));
    const leaf = Buffer.from(JSON.stringify({ record: Object.fromEntries(record) }));
    let hash = sha256(Buffer.of(0), leaf);
    // RFC 9162, 2.1.3.2
    let fn = Number(index.slice('index '.length));
    let sn = Number(size) - 1;
    for (const sibling of hashes.map(bytes)) {
      const right = fn % 2 === 1 || fn === sn;
      hash = right ? sha256(Buffer.of(1), sibling, hash) : sha256(Buffer.of(1), hash, sibling);
      while (right && fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
      [fn, sn] = [fn >> 1, sn >> 1];
    }
    expect([sn, hash.toString('base64')]).toEqual([0, root]);

    const [origin, signed = ''] = note.trimEnd().split('\n— ').at(-1)?.split(' ') ?? [];
    const [, , key = ''] = /^(.*)\+([0-9a-f]{8})\+(.*)$/.exec(chamber.logKey)?.slice(1) ?? [];
    const text = Buffer.from(note.slice(0, note.indexOf('\n\n') + 1));
    const logKey = bytes(key).subarray(1).toString('base64');
    expect(origin).toBe(`conclave/${chamber.founding.councilId}`);
    expect(ed25519Holds(logKey, text, bytes(signed).subarray(4))).toBe(true);
  });
});
