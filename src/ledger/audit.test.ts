import { describe, expect, test } from 'vitest';
import { standInVerify, votes } from '../../test/rigs/chamber.ts';
import { foundingWithKeys, LedgerChamber, NO_SIGNATURE } from '../../test/rigs/published-ledger.ts';
import { textOf, toBase64 } from '../signing/bytes.ts';
import { digestOf, digestOfBytes } from '../signing/digest.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { auditLedger } from './audit.ts';
import { CHECKPOINT_PATH } from './checkpoint.ts';
import { decisionLeaf } from './decision-statement.ts';
import { leafHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { proveEntry, proveGrowth } from './prove.ts';
import type { LogRead } from './tiles.ts';

/** Real signatures on blocks and checkpoint, the chamber's stand-ins on entries. */
const AUDITOR = {
  ed25519: {
    verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
      standInVerify(toBase64(publicKey), message, toBase64(signature)) ||
      fastestEd25519.verify(publicKey, message, signature),
  },
};

function sampleLedger(): LedgerChamber {
  const chamber = new LedgerChamber(foundingWithKeys(4), { uncertifiedEvery: 2 });
  chamber.judge(chamber.open(), votes([4, 'approve']));
  chamber.judge(
    chamber.open({ subject: 'urn:test:second' }),
    votes([2, 'approve'], [1, 'reject'], [1, undefined]),
  );
  while (chamber.height % 2 === 0) chamber.block([]);
  chamber.publish();
  return chamber;
}

function auditWith(
  chamber: LedgerChamber,
  changed: (path: string, bytes: Uint8Array) => Uint8Array | undefined,
) {
  const read: LogRead = (path) => {
    const bytes = chamber.read(path);
    return bytes === undefined ? undefined : changed(path, bytes);
  };
  return auditLedger(chamber.founding, read, AUDITOR);
}

describe('an audit', () => {
  test('comes to the same decisions, root and size, by executing every block again', () => {
    const chamber = sampleLedger();
    const audit = auditWith(chamber, (_, bytes) => bytes);
    expect(audit.problem).toBeUndefined();
    expect(audit.decisions).toEqual(chamber.records.filter(({ kind }) => kind === 'case.decided'));
    expect([audit.blocks, audit.size]).toEqual([chamber.height, chamber.headers.at(-1)?.ledgerSize]);
    expect(audit.root).toBe(chamber.headers.at(-1)?.ledgerRoot);
  });

  test('names what is wrong when any byte of any published file is another', () => {
    const chamber = sampleLedger();
    for (const [path, { length }] of chamber.files) {
      for (const at of [0, 1, Math.floor(length / 3), Math.floor(length / 2), length - 3]) {
        const audit = auditWith(chamber, (read, bytes) =>
          read === path ? bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)) : bytes,
        );
        expect(audit.clean, `${path} byte ${at}`).toBe(false);
      }
    }
  });

  test('names what is wrong when a file is missing or cut short', () => {
    const chamber = sampleLedger();
    for (const path of chamber.files.keys()) {
      if (path === CHECKPOINT_PATH) continue;
      expect(auditWith(chamber, (read, bytes) => (read === path ? undefined : bytes)).clean, path).toBe(
        false,
      );
      const cut = auditWith(chamber, (read, bytes) => (read === path ? bytes.subarray(0, -2) : bytes));
      expect(cut.clean, path).toBe(false);
    }
    expect(() => auditWith(chamber, (path, bytes) => (path === CHECKPOINT_PATH ? undefined : bytes))).toThrow(
      /no checkpoint/,
    );
  });

  test('refuses a block without a quorum, and a last block that nobody committed', () => {
    const short = new LedgerChamber(foundingWithKeys(4), {
      signer: { sign: () => NO_SIGNATURE },
    });
    short.open();
    short.publish();
    expect(auditLedger(short.founding, short.read, AUDITOR).problem?.detail).toMatch(
      /commit signature is false/,
    );
    const open = new LedgerChamber(foundingWithKeys(4), { uncertifiedEvery: 2 });
    open.open();
    open.block([]);
    open.publish();
    expect(auditLedger(open.founding, open.read, AUDITOR).problem?.detail).toMatch(
      /vouches for the last block/,
    );
  });

  test('of one council refuses the ledger of another', () => {
    const chamber = sampleLedger();
    const other = new LedgerChamber(foundingWithKeys(7));
    expect(auditLedger(other.founding, chamber.read, AUDITOR).problem?.detail).toMatch(
      /expected a checkpoint of/,
    );
  });

  test('does not mind blocks and tiles that a crash kept from the checkpoint', () => {
    const chamber = sampleLedger();
    const checkpoint = chamber.read(CHECKPOINT_PATH) ?? new Uint8Array();
    const before = new Map(chamber.files);
    chamber.open({ subject: 'urn:test:third' });
    chamber.block([]);
    chamber.publish();
    for (const [path, bytes] of before) chamber.files.set(path, bytes);
    chamber.files.set(CHECKPOINT_PATH, checkpoint);
    expect(auditWith(chamber, (_, bytes) => bytes).problem).toBeUndefined();
  });
});

describe('proofs from a published ledger', () => {
  test('every entry is proved by its index and by its digest', () => {
    const chamber = sampleLedger();
    const size = chamber.headers.at(-1)?.ledgerSize ?? 0;
    for (let index = 0; index < size; index++) {
      const found = proveEntry(index, chamber.read);
      const root = Uint8Array.from(Buffer.from(found.root, 'hex'));
      expect(verifyInclusion(leafHash(found.leaf), index, size, found.hashes, root)).toBe(true);
      expect(proveEntry(digestOfBytes(found.leaf), chamber.read)).toEqual(found);
    }
    const decided = chamber.records.find((record) => record.kind === 'case.decided');
    if (decided?.kind !== 'case.decided') throw new Error('nothing was decided');
    expect(textOf(proveEntry(digestOfBytes(decisionLeaf(decided)), chamber.read).proof)).toContain(
      'tlog-proof@v1',
    );
    expect(() => proveEntry(size, chamber.read)).toThrow(/from 0 to/);
    expect(() => proveEntry(digestOf('x'), chamber.read)).toThrow(/no entry/);
  });

  test('every earlier size is proved to be a beginning', () => {
    const chamber = sampleLedger();
    for (const { ledgerSize, ledgerRoot } of chamber.headers) {
      const { oldRoot, size, root, hashes } = proveGrowth(ledgerSize, chamber.read);
      expect(Buffer.from(oldRoot).toString('hex')).toBe(ledgerRoot);
      expect(verifyConsistency(ledgerSize, size, hashes, oldRoot, root)).toBe(true);
    }
    expect(() => proveGrowth(0, chamber.read)).toThrow(/from 1 to/);
  });

  test('an entry that does not lead to the checkpoint is not proved', () => {
    const chamber = sampleLedger();
    for (const [path, bytes] of chamber.files) {
      if (!path.startsWith('tile/0/')) continue;
      chamber.files.set(
        path,
        bytes.map((byte) => byte ^ 1),
      );
    }
    expect(() => proveEntry(0, chamber.read)).toThrow(/run the audit/);
    expect(() => proveGrowth(3, chamber.read)).toThrow(/run the audit/);
  });
});
