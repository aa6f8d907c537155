// A seat that signs two things where it may sign one (protocol 5): any honest node that hears both brings the proof, it is
// ordered, every node marks the seat at once, and people see it; nothing else changes until the next epoch.
import { afterEach, describe, expect, it } from 'vitest';
import type { Vote } from '../../src/consensus/messages.ts';
import { type Signature, statementBytes } from '../../src/consensus/statements.ts';
import { openEntry } from '../../src/council/entry.ts';
import { openRecord } from '../../src/council/records.ts';
import { MemoryCouncil } from '../../src/node/memory-council.ts';
import { metricsOf } from '../../src/node/metrics/metrics.ts';
import { decodePeerMessage, encodeOrdering } from '../../src/node/peer-message.ts';
import { textOf, toBase64, utf8 } from '../../src/signing/bytes.ts';
import { digestOf, digestOfBytes } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import type { Transport } from '../../src/transport/transport.ts';
import {
  approve,
  CHARTER,
  decideEverywhere,
  seatsANode,
  sourceAbout,
  TEST_PACE,
  until,
} from '../rigs/instant-council.ts';
import { reading, scraped } from '../rigs/prometheus-text.ts';

const NODES = 4;
const LIAR = asSeatId(4);

let council: MemoryCouncil | undefined;
afterEach(async () => {
  await council?.close();
  council = undefined;
});

/** The last node says each of its votes twice, the second time for a block that nobody has seen. */
async function withLiar(): Promise<MemoryCouncil> {
  const made: MemoryCouncil = await MemoryCouncil.found(
    { nodes: seatsANode(NODES), charter: CHARTER, pace: TEST_PACE },
    {
      judge: approve,
      wrapTransport: (transport, index) =>
        index === NODES - 1 ? twiceTold(transport, () => made) : transport,
    },
  );
  council = made;
  await made.startAll();
  return made;
}

function twiceTold(transport: Transport, of: () => MemoryCouncil): Transport {
  return {
    self: transport.self,
    onMessage: (handler) => transport.onMessage(handler),
    close: () => transport.close(),
    send(to, bytes) {
      const said = decodePeerMessage(bytes);
      if (said.kind === 'ordering' && said.message.kind === 'vote') {
        transport.send(to, encodeOrdering(otherVote(said.message, of())));
      }
      transport.send(to, bytes);
    },
  };
}

function otherVote(vote: Vote, of: MemoryCouncil): Vote {
  const block = digestOf({ another: vote.block });
  const { epoch, view, height, seat } = vote;
  const kind = vote.phase === 1 ? 'vote-1' : 'vote-2';
  const message = statementBytes(of.founding.councilId, { kind, epoch, view, height, block });
  const signature = toBase64(fastestEd25519.sign(of.secretOf(seat), message)) as Signature;
  return { ...vote, block, signature };
}

describe('a seat that votes twice in a view', () => {
  it('is marked on the ledger of every node, by one proof, and shown; cases go on; nobody can be framed with it', async () => {
    const all = await withLiar();
    const metrics = all.up.map((node) => metricsOf({ node }));
    for (let i = 0; all.up.some(({ state }) => state.marks.size === 0); i++) {
      expect(i, 'cases without a proof').toBeLessThan(5);
      const [decision] = await decideEverywhere(all, sourceAbout(`case-${i}`));
      expect(decision?.outcome).toBe('approved');
    }
    await until(() => new Set(all.up.map((node) => node.status().height)).size === 1);
    for (const node of all.up) {
      expect([...node.state.marks.values()]).toMatchObject([
        { seat: LIAR, fault: 'two-votes', caseId: null },
      ]);
    }

    const ledgers = all.up.map(({ store, founding }) => {
      const blocks = [...store.chain(founding.councilId)];
      return {
        proofs: blocks
          .flatMap(({ block }) => block.entries.map(({ bytes }) => openEntry(bytes).fields))
          .filter(({ kind }) => kind === 'evidence.found'),
        marks: blocks
          .flatMap(({ derived }) => derived.map(openRecord))
          .filter(({ kind }) => kind === 'seat.marked'),
      };
    });
    for (const { proofs, marks } of ledgers) {
      // The honest three may all have seen it; what has been shown is not ordered again.
      expect(proofs).toHaveLength(1);
      expect(proofs).toEqual(ledgers[0]?.proofs);
      expect(marks).toMatchObject([{ seat: LIAR, fault: 'two-votes' }]);
      expect(marks).toEqual(ledgers[0]?.marks);
    }

    const scrapes = await Promise.all(metrics.map(async (one) => scraped(await one.text())));
    for (const scrape of scrapes) {
      expect(scrape.get('conclave_seat_marked')?.samples).toMatchObject([
        { labels: { seat: '4', fault: 'two-votes' }, value: 1 },
      ]);
    }
    const seen = scrapes.map(
      (scrape) => reading(scrape, 'conclave_evidence_found_total', { kind: 'two-votes' }) ?? 0,
    );
    expect(Math.max(...seen)).toBeGreaterThan(0);
    for (const one of metrics) one.close();

    // Altered to show somebody else, the proof convicts nobody.
    const [node] = all.up;
    const proof = [...(node?.store.chain(all.founding.councilId) ?? [])]
      .flatMap(({ block }) => block.entries)
      .find(({ bytes }) => openEntry(bytes).fields.kind === 'evidence.found');
    const framed = utf8(textOf(proof?.bytes ?? expect.fail('no proof')).replaceAll('"seat":4', '"seat":1'));
    node?.submit([{ digest: digestOfBytes(framed), bytes: framed }]);
    await decideEverywhere(all, sourceAbout('after'));
    for (const { state } of all.up) expect([...state.marks.values()].map(({ seat }) => seat)).toEqual([LIAR]);
  });
});
