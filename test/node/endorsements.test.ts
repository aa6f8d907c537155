// Certificates are put together from what others say they signed (protocol 7.2). Whoever lies there can withhold its
// own signature and nothing else.
import { afterEach, expect, it } from 'vitest';
import { parseCertificate } from '../../src/ledger/certificate.ts';
import { verifyCertificate } from '../../src/ledger/verifier.ts';
import { certificatePath, proofPath } from '../../src/node/chancery.ts';
import { MemoryCouncil } from '../../src/node/memory-council.ts';
import { decodePeerMessage, type Endorsements, encodeEndorsements } from '../../src/node/peer-message.ts';
import { fastestBls } from '../../src/node/signing/notary.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { approve, CHARTER, decideEverywhere, sourceAbout, TEST_PACE } from '../rigs/instant-council.ts';

let council: MemoryCouncil | undefined;
afterEach(() => council?.close());

type Endorsement = Endorsements['endorsements'][number];

/** Changes every endorsement that a node sends. */
function lying(inner: Transport, lie: (told: Endorsement) => readonly Endorsement[]): Transport {
  return {
    self: inner.self,
    send: (to, bytes) => {
      const sent = decodePeerMessage(bytes);
      if (sent.kind !== 'endorsements') return inner.send(to, bytes);
      inner.send(to, encodeEndorsements({ ...sent, endorsements: sent.endorsements.flatMap(lie) }));
    },
    onMessage: (handler) => inner.onMessage(handler),
    close: () => inner.close(),
  };
}

const flipped = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(bytes, (byte, i) => (i === 40 ? byte ^ 1 : byte));

const lies: Record<string, (told: Endorsement) => readonly Endorsement[]> = {
  'a false share beside a true envelope': (told) => [{ ...told, share: flipped(told.share) }],
  'a false envelope': (told) => [{ ...told, envelope: flipped(told.envelope) }],
  'its own signatures as those of all other seats': (told) =>
    [1, 2, 3, 4, 5, 6].map((seat) => ({ ...told, seat: asSeatId(seat) })),
  nothing: () => [],
};

it.each(Object.entries(lies))('a node that tells %s spoils no certificate', async (_, lie) => {
  council = await MemoryCouncil.found(
    { nodes: [1, 1, 1, 1, 1, 1, 1], charter: CHARTER, pace: TEST_PACE },
    {
      judge: approve,
      wrapTransport: (transport, node) => (node === 6 ? lying(transport, lie) : transport),
    },
  );
  await council.startAll();
  const [decision] = await decideEverywhere(council, sourceAbout('alpha'));
  const caseId = decision?.caseId ?? expect.fail();
  const backends = { ed25519: fastestEd25519, bls: await fastestBls() };
  const anchor = council.founding.councilId;
  for (let node = 0; node < 7; node++) {
    const { certificates } = council.place(node);
    const certificate = certificates.read(certificatePath(caseId)) ?? expect.fail();
    const proof = certificates.read(proofPath(caseId));
    expect(verifyCertificate({ certificate, proof, anchor }, backends).status).toBe('valid');
    const seats = parseCertificate(certificate).signatures.map(({ seat }) => seat);
    if (node < 6) expect(seats).not.toContain(7);
  }
});
