import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_EPOCH } from '../../council/roster.ts';
import { ConclaveError } from '../../errors.ts';
import { toBase64, utf8 } from '../../signing/bytes.ts';
import { digestOf } from '../../signing/digest.ts';
import { boxKeysOf } from '../../signing/key-holder.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import {
  type DossierMessage,
  decodeDossierMessage,
  encodeDossierMessage,
  PIECE_BYTES,
  signedMessage,
} from './dossier-message.ts';
import { ParcelAssembly, packDossier, unpackDossier } from './dossier-parcel.ts';

const caseId = digestOf('case');
const sign = (): Uint8Array => new Uint8Array(64).fill(7);
const wanted = { caseId, epoch: FIRST_EPOCH, node: 'node-2', of: 'node-1', seat: asSeatId(2) };

const unsigned: Exclude<DossierMessage, { kind: 'offered' | 'wanted' | 'given' }>[] = [
  { kind: 'pieces', body: { parcel: caseId, pieces: [0, 3] } },
  { kind: 'piece', parcel: caseId, index: 5, bytes: utf8('sealed') },
  {
    kind: 'held',
    body: { caseId, epoch: FIRST_EPOCH, receipts: [{ seat: asSeatId(1), sig: toBase64(sign()) }] },
  },
  { kind: 'refused', body: { caseId, why: 'no' } },
];

describe('messages about dossiers', () => {
  it('come back as they were sent', () => {
    for (const message of unsigned)
      expect(decodeDossierMessage(encodeDossierMessage(message))).toEqual(message);
    const read = decodeDossierMessage(signedMessage('wanted', wanted, sign));
    expect(read).toMatchObject({ kind: 'wanted', body: wanted, signature: sign() });
  });

  it('are refused as bad input whatever strangers make of them, and never throw otherwise', () => {
    const honest = [...unsigned.map(encodeDossierMessage), signedMessage('wanted', wanted, sign)];
    const refuses = (bytes: Uint8Array): void => {
      try {
        decodeDossierMessage(bytes);
      } catch (error) {
        expect(error instanceof ConclaveError && error.code).toBe('bad-input');
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), refuses));
    fc.assert(
      fc.property(
        fc.constantFrom(...honest),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, change) => {
          const changed = Uint8Array.from(bytes);
          changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ change;
          refuses(changed);
          refuses(bytes.subarray(0, at % bytes.length));
        },
      ),
    );
    expect(() => decodeDossierMessage(new Uint8Array(PIECE_BYTES + 100).fill(0x70))).toThrow(/a piece/);
    expect(() => decodeDossierMessage(new Uint8Array(300_000).fill(0x6f))).toThrow(/shorter/);
  });
});

describe('a parcel', () => {
  const keys = boxKeysOf(new Uint8Array(32).fill(9));
  const purpose = { councilId: digestOf('council'), purpose: 'dossier.offered', caseId } as const;
  const text = 'x'.repeat(200_000);
  const salt = 'ab'.repeat(32);
  const evidence = Array.from({ length: 3 }, (_, i) => ({
    id: `e${i}`,
    title: 'E',
    nameSalt: salt,
    text: { salt, text },
  }));
  const dossier = { caseId, fields: {}, evidence };
  let drawn = 0;
  const random = (length: number): Uint8Array => new Uint8Array(length).fill(++drawn);
  const nodes = [{ name: 'node-1', x25519: toBase64(keys.publicKey) }];
  const small = { name: 'node-2', x25519: toBase64(new Uint8Array(32)) };
  const packed = packDossier(dossier, [...nodes, small], purpose, random);

  it('is put together from its pieces in any order; a false or repeated one counts for nothing', () => {
    expect(packed.pieces).toHaveLength(3);
    expect(packed.keys.map(({ node }) => node)).toEqual(['node-1']); // nobody can hold the other's key
    const assembly = new ParcelAssembly(caseId, caseId, packed.parcel, 0);
    expect(assembly.take(1, packed.pieces[0] ?? utf8(''), 1)).toBe(false);
    for (const index of [2, 0, 1]) {
      expect(assembly.whole()).toBeUndefined();
      expect(assembly.take(index, packed.pieces[index] ?? utf8(''), 1)).toBe(true);
      expect(assembly.take(index, packed.pieces[index] ?? utf8(''), 1)).toBe(false);
    }
    const sealed = assembly.whole() ?? expect.fail('it is whole');
    const box = packed.keys[0]?.box ?? expect.fail('it is boxed');
    expect(unpackDossier(sealed, box, keys, { ...purpose, recipient: 'node-1' })).toEqual(dossier);
    expect(unpackDossier(sealed, box, keys, { ...purpose, recipient: 'node-2' })).toBeUndefined();
  });
});
