// Nothing leaves a node before what it says is on disk (protocol 3.8, 4.4): a run in which every message is held, at the
// moment it is handed to the transport, against what the store has synced by then.
import { afterEach, expect, it } from 'vitest';
import type { Entry } from '../../src/consensus/block.ts';
import type { Message, Proposal, Timeout, Vote } from '../../src/consensus/messages.ts';
import { openEntry } from '../../src/council/entry.ts';
import { MemoryCouncil } from '../../src/node/memory-council.ts';
import { decodePeerMessage } from '../../src/node/peer-message.ts';
import { decodeVotes } from '../../src/storage/council-records.ts';
import type { Batch, Store } from '../../src/storage/store.ts';
import {
  approve,
  CHARTER,
  decideEverywhere,
  eventOf,
  sourceAbout,
  TEST_PACE,
} from '../rigs/instant-council.ts';

let council: MemoryCouncil | undefined;
afterEach(() => council?.close());

/** Looks at what left one node, and at what was on its disk. */
class Watch {
  readonly faults: string[] = [];
  readonly said = new Map<string, number>();
  store: Store | undefined;
  readonly #own: ReadonlySet<number>;

  constructor(own: readonly number[]) {
    this.#own = new Set(own);
  }

  sent(bytes: Uint8Array): void {
    const sent = decodePeerMessage(bytes);
    if (sent.kind === 'ordering') return this.#ordering(sent.message);
    this.#count('endorsements');
    const decided = [...(this.store?.list('chain/') ?? [])].some(({ value }) =>
      new TextDecoder().decode(value).includes(`"caseId":"${sent.caseId}"`),
    );
    if (!decided) this.faults.push(`endorsed ${sent.caseId} before its decision was durable`);
  }

  #ordering(message: Message): void {
    this.#count(message.kind);
    if (message.kind === 'proposal' || message.kind === 'vote' || message.kind === 'timeout') {
      this.#part(message);
    } else if (message.kind === 'status') {
      for (const part of message.parts) this.#part(part);
    } else if (message.kind === 'entries') {
      for (const entry of message.entries) this.#entry(entry);
    }
  }

  #part(part: Proposal | Vote | Timeout): void {
    if (!this.#own.has(part.seat)) return;
    const record = this.store?.get(`votes/${part.seat}`);
    if (record === undefined) return void this.faults.push(`${part.kind} of seat ${part.seat} unheard of`);
    const votes = decodeVotes(record);
    const require = (holds: boolean) => {
      if (!holds) this.faults.push(`${part.kind} of seat ${part.seat} before it was durable`);
    };
    const requireBlock = (digest: string) => {
      const key = `block/${digest}`;
      if (this.store?.get(key) === undefined) this.faults.push(`${part.kind} before its block was durable`);
    };
    if (part.kind === 'timeout') return require(votes.lastTimeout >= part.view);
    if (part.kind === 'proposal') {
      require(votes.lastProposal >= part.block.header.view);
      return requireBlock(part.block.digest);
    }
    const held = part.phase === 1 ? votes.vote1 : votes.vote2;
    require(held !== null && held.view >= part.view && (held.view > part.view || held.block === part.block));
    require(part.phase === 1 || votes.lock >= part.view);
    if (part.phase === 1) requireBlock(part.block);
  }

  #entry({ bytes }: Entry): void {
    const { fields } = openEntry(bytes);
    this.#count(fields.kind);
    if (fields.kind !== 'ballot.committed') return;
    const sealed = this.store?.get(`sealed/${fields.caseId}/${String(fields.seat).padStart(3, '0')}`);
    if (sealed === undefined)
      this.faults.push(`commitment of seat ${fields.seat} before its ballot was durable`);
  }

  #count(kind: string): void {
    this.said.set(kind, (this.said.get(kind) ?? 0) + 1);
  }
}

it('every vote, proposal, timeout, commitment and endorsement is on disk before it is sent', async () => {
  const watches = [0, 1, 2, 3].map((node) => new Watch([2 * node + 1, 2 * node + 2]));
  council = await MemoryCouncil.found(
    {
      nodes: [2, 2, 2, 1],
      charter: { ...CHARTER, windows: { commitMs: 600, revealMs: 400 } },
      pace: TEST_PACE,
    },
    {
      judge: approve,
      wrapStore: (store, node) => {
        const watch = watches[node] ?? expect.fail();
        watch.store = store;
        return store;
      },
      wrapTransport: (transport, node) => ({
        self: transport.self,
        send: (to, bytes) => {
          watches[node]?.sent(bytes);
          transport.send(to, bytes);
        },
        onMessage: (handler) => transport.onMessage(handler),
        close: () => transport.close(),
      }),
    },
  );
  await council.startAll();
  await decideEverywhere(council, sourceAbout('alpha'));
  // With a node gone there are timeouts too, and with its return, catching up.
  await council.stop(2);
  await Promise.all([eventOf(council.node(0), 'certified'), council.submit(sourceAbout('beta'))]);
  await council.start(2);
  await decideEverywhere(council, sourceAbout('gamma'));

  expect(watches.flatMap(({ faults }) => faults)).toEqual([]);
  for (const kind of ['proposal', 'vote', 'timeout', 'status', 'ballot.committed', 'endorsements']) {
    const times = watches.reduce((sum, { said }) => sum + (said.get(kind) ?? 0), 0);
    expect(times, kind).toBeGreaterThan(0);
  }
});

it('when a write fails nothing is sent, the node stops for good and says so', async () => {
  let failing = false;
  let sentAfter = 0;
  council = await MemoryCouncil.found(
    {
      nodes: [1, 1, 1, 1],
      charter: { ...CHARTER, windows: { commitMs: 600, revealMs: 400 } },
      pace: TEST_PACE,
    },
    {
      judge: approve,
      wrapStore: (store, node) => (node === 0 ? failingWhen(() => failing, store) : store),
      wrapTransport: (transport, node) => ({
        self: transport.self,
        send: (to, bytes) => {
          if (node === 0 && failing) sentAfter++;
          transport.send(to, bytes);
        },
        onMessage: (handler) => transport.onMessage(handler),
        close: () => transport.close(),
      }),
    },
  );
  await council.startAll();
  const first = council.node(0);
  const stopped = new Promise((resolve) =>
    first.watch((event) => event.kind === 'stopped' && resolve(event)),
  );
  const certified = eventOf(council.node(1), 'certified');
  await council.submit(sourceAbout('alpha'));
  await eventOf(first, 'opened');
  failing = true;
  expect(await stopped).toMatchObject({ error: { message: 'disk full' } });
  expect(sentAfter).toBe(0);
  expect(first.status()).toMatchObject({ role: 'stopped', why: expect.stringContaining('disk full') });
  // The other three are a quorum and go on without it.
  expect((await certified).decision.outcome).toBe('approved');
});

function failingWhen(fails: () => boolean, inner: Store): Store {
  return {
    get: (key) => inner.get(key),
    list: (prefix) => inner.list(prefix),
    keys: (prefix) => inner.keys(prefix),
    write: (batch: Batch) => {
      if (fails()) throw new Error('disk full');
      inner.write(batch);
    },
    close: () => inner.close(),
  };
}
