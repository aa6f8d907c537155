// The one suite without stand-ins: real signatures, real digests, and every message encoded and decoded on its way.
import { describe, expect, it } from 'vitest';
import { endorse, overTheWire, RealSignatures, realKeys } from '../../test/rigs/real-keys.ts';
import { quorumOf } from '../consensus/quorum.ts';
import type { Decision } from '../council/records.ts';
import { isRecordLeaf, openRecord } from '../council/records.ts';
import { Certifier } from '../ledger/certify.ts';
import { originOf, signCheckpoint } from '../ledger/checkpoint.ts';
import { decisionLeaf, statementPayload } from '../ledger/decision-statement.ts';
import { leafHash } from '../ledger/merkle.ts';
import { formatNoteKey, noteKey } from '../ledger/note.ts';
import { logProof, treeHeadOf } from '../ledger/prove.ts';
import { publishedBlockOf } from '../ledger/published-blocks.ts';
import { TiledLog, TiledLogWriter } from '../ledger/tiled-log.ts';
import { verifyCertificate } from '../ledger/verifier.ts';
import { nobleBls } from '../signing/bls.ts';
import { loadBlst } from '../signing/bls-blst.ts';
import { equalBytes, fromHex, utf8 } from '../signing/bytes.ts';
import { digestOf, sha256 } from '../signing/digest.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { runCouncil } from './judging/council-schedule.ts';
import { runTimed } from './timed.ts';

const bls = (await loadBlst()) ?? nobleBls;
const LOG_SECRET = sha256(utf8('log key'));

describe('with real signatures, digests and encoded messages', () => {
  it.for([0, 1])('timed schedule %i violates nothing', (seed) => {
    const signatures = new RealSignatures(digestOf('a council'));
    const world = runTimed({ seed, seats: 4, stormMs: 600, signatures, carry: overTheWire });
    expect(world.violations).toEqual([]);
    expect(world.honest[0]?.disk.committed.length).toBeGreaterThan(0);
  });

  it('every decision of a council in a storm gets a certificate that a stranger can verify', () => {
    const keys = realKeys(4, bls);
    const { founding } = keys;
    const { councilId, genesis } = founding;
    const world = runCouncil({ seed: 5, seats: 4, keys, carry: overTheWire });
    expect(world.violations).toEqual([]);
    const chain = world.honest[0]?.disk.committed ?? [];

    const files = new Map<string, Uint8Array>();
    const tiles = TiledLogWriter.empty();
    for (const { leaves } of chain) tiles.append(leaves, leaves.map(leafHash));
    for (const { path, bytes } of tiles.publish().files) files.set(path, bytes);
    const published = chain.map(({ block, commit }) =>
      publishedBlockOf(block.header, block.entries.length, commit, quorumOf(4)),
    );
    const origin = originOf(councilId);
    const logKey = formatNoteKey(noteKey(origin, fastestEd25519.publicKeyOf(LOG_SECRET)));
    const leaves = chain.flatMap((block) => block.leaves);
    const log = new TiledLog(leaves.length, (path) => files.get(path));
    const certifier = new Certifier(founding, { ed25519: fastestEd25519, bls });

    const decisions = leaves
      .filter(isRecordLeaf)
      .map(openRecord)
      .filter((record): record is Decision => record.kind === 'case.decided');
    expect(decisions.length).toBeGreaterThan(0);
    for (const decision of decisions) {
      const payload = statementPayload({ councilId, decision });
      const honest = world.honest.flatMap(({ seats }) => seats);
      const endorsements = honest.map((seat) => endorse(seat, payload, bls));
      const { certificate } = certifier.certify(payload, endorsements);
      const header = chain[decision.height - 1]?.block.header;
      if (certificate === undefined || header === undefined) throw new Error('no certificate');
      const checkpoint = { origin, size: header.ledgerSize, root: fromHex(header.ledgerRoot) };
      const note = signCheckpoint(checkpoint, LOG_SECRET, fastestEd25519);
      const index = leaves.findIndex((leaf) => equalBytes(leaf, decisionLeaf(decision)));
      const proof = logProof(index, log, note, treeHeadOf(published.slice(decision.height - 1), logKey));
      const told = verifyCertificate(
        { certificate, proof, anchor: genesis },
        { ed25519: fastestEd25519, bls },
      );
      expect(told.checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(told).toMatchObject({ status: 'valid', decision });
    }
  });
});
