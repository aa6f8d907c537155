// Rosters that change while a council works (protocol 6.1): models are swapped under load, keys rotated, liars left out,
// and nodes that were away through it all catch up; certificates of every epoch verify from the genesis.
import { afterEach, describe, expect, it } from 'vitest';
import type { Decision } from '../../src/council/records.ts';
import { rosterDigest } from '../../src/council/roster.ts';
import { rosterInForce } from '../../src/council/state.ts';
import { verifyCertificate } from '../../src/ledger/verifier.ts';
import type { Sitting } from '../../src/node/aftermath.ts';
import { certificatePath, proofPath } from '../../src/node/chancery.ts';
import type { CouncilNode } from '../../src/node/council-node.ts';
import { MemoryCouncil } from '../../src/node/memory-council.ts';
import { fastestBls } from '../../src/node/signing/notary.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import {
  approve,
  CHARTER,
  decideEverywhere,
  sourceAbout,
  TEST_PACE,
  until,
} from '../rigs/instant-council.ts';

let council: MemoryCouncil | undefined;
afterEach(() => council?.close());

const seat = asSeatId;

/** A council whose seats say which model they were asked for. */
async function founded(
  nodes: readonly number[],
  judge = approve,
  windows = CHARTER.windows,
): Promise<MemoryCouncil> {
  const charter = { ...CHARTER, windows };
  const made = await MemoryCouncil.found({ nodes, charter, pace: TEST_PACE }, { judge });
  council = made;
  await made.startAll();
  return made;
}

const epochOf = (node: CouncilNode): number => node.state.epoch;
const allIn = (all: MemoryCouncil, epoch: number) =>
  until(() => all.up.every((node) => epochOf(node) === epoch));

/** What a stranger says of the certificate that a node has written. */
async function verified(all: MemoryCouncil, place: number, { caseId }: Decision): Promise<string> {
  const { certificates } = all.place(place);
  await until(() => certificates.read(certificatePath(caseId)) !== undefined);
  const report = verifyCertificate(
    {
      certificate: certificates.read(certificatePath(caseId)) ?? new Uint8Array(),
      proof: certificates.read(proofPath(caseId)) ?? new Uint8Array(),
      anchor: all.founding.genesis,
    },
    { ed25519: fastestEd25519, bls: await fastestBls() },
  );
  return report.valid ? 'valid' : JSON.stringify(report);
}

describe.each([
  ['4 nodes of a seat', [1, 1, 1, 1]],
  ['7 seats on 4 nodes', [2, 2, 2, 1]],
] as const)('%s', (_, nodes) => {
  it('a swap under load: cases in flight keep their panel, the next shows the new model, all certificates verify', async () => {
    const asked: Sitting[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const all = await founded(nodes, async (sitting, signal) => {
      asked.push(sitting);
      if (sitting.source.subject === 'in flight') await held;
      return approve(sitting, signal);
    });
    const [before] = await decideEverywhere(all, sourceAbout('before'));
    const inFlight = decideEverywhere(all, sourceAbout('in flight'));
    await until(() => asked.some(({ source }) => source.subject === 'in flight'));
    const swapped = digestOf('another model');
    const founding = rosterDigest(all.founding.roster);
    all.swap(seat(2), swapped);
    await allIn(all, 2);
    const inForce = rosterDigest(rosterInForce(all.node(0).state));
    release();
    const [during] = await inFlight;
    const [after] = await decideEverywhere(all, sourceAbout('after'));

    expect([before, during, after].map((decision) => decision?.outcome)).toEqual(Array(3).fill('approved'));
    expect([before, during, after].map((decision) => decision?.epoch)).toEqual([1, 2, 2]);
    expect([before, during, after].map((decision) => decision?.panel)).toEqual([founding, founding, inForce]);
    expect([before, during, after].map((decision) => decision?.roster)).toEqual([founding, inForce, inForce]);
    const models = (subject: string) =>
      asked
        .filter(({ source, seat: of }) => source.subject === subject && of === 2)
        .map(({ chair }) => chair.model === swapped);
    expect(models('in flight')).toEqual([false]);
    expect(models('after')).toEqual([true]);
    for (const decision of [before, during, after]) {
      if (decision === undefined) throw new Error('three decisions');
      for (const place of [0, 3]) expect(await verified(all, place, decision)).toBe('valid');
    }
  });
});

it('a rotated key signs from the next epoch on, and the old one what the last epoch is owed', async () => {
  const all = await founded([1, 1, 1, 1]);
  all.rotate(seat(3));
  await allIn(all, 2);
  const [decision] = await decideEverywhere(all, sourceAbout('rotated'));
  if (decision === undefined) throw new Error('a decision');
  expect(decision.ballots.map(({ seat: of }) => of)).toContain(3);
  expect(await verified(all, 2, decision)).toBe('valid');
  // Its node starts again in the middle of an epoch that it was not founded in.
  await all.stop(2);
  await all.start(2);
  const [later] = await decideEverywhere(all, sourceAbout('later'));
  expect(later?.ballots.map(({ seat: of }) => of)).toContain(3);
});

it('a change that too few operators approve of, or of another epoch, changes nothing', async () => {
  const all = await founded([1, 1, 1, 1]);
  const [chair] = all.founding.roster.seats;
  if (chair === undefined) throw new Error('a chair');
  all.changeRoster([{ ...chair, model: digestOf('never') }], 1);
  const [decision] = await decideEverywhere(all, sourceAbout('unchanged'));
  expect(decision?.epoch).toBe(1);
  expect(all.up.map(epochOf)).toEqual([1, 1, 1, 1]);
});

it('a node that was away during two changes catches up through them and takes part again', async () => {
  const all = await founded([1, 1, 1, 1], approve, { commitMs: 600, revealMs: 400 });
  await decideEverywhere(all, sourceAbout('one'));
  await all.stop(3);
  all.swap(seat(1), digestOf('first swap'));
  await until(() => all.up.every((node) => epochOf(node) === 2));
  await decideEverywhere(all, sourceAbout('two'));
  all.rotate(seat(2));
  await until(() => all.up.every((node) => epochOf(node) === 3));
  await decideEverywhere(all, sourceAbout('three'));
  const back = await all.start(3);
  await until(() => back.status().height === all.node(0).status().height);
  expect(epochOf(back)).toBe(3);
  const [decision] = await decideEverywhere(all, sourceAbout('four'));
  expect(decision?.epoch).toBe(3);
  expect(all.place(3).ledger.read('checkpoint')).toBeDefined();
});

it('whoever restarts between the last block of an epoch and the first of the next goes on', async () => {
  const all = await founded([1, 1, 1, 1]);
  all.swap(seat(4), digestOf('swapped'));
  await allIn(all, 2);
  for (let index = 0; index < 4; index++) await all.stop(index);
  await all.startAll();
  expect(all.up.map(epochOf)).toEqual([2, 2, 2, 2]);
  const [decision] = await decideEverywhere(all, sourceAbout('after all of them'));
  expect(decision?.outcome).toBe('approved');
});

it('what no honest node would send is dropped and counted by what it said it was', async () => {
  const hub: ((bytes: Uint8Array) => void)[] = [];
  const all = await MemoryCouncil.found(
    { nodes: [1, 1, 1, 1], charter: CHARTER, pace: TEST_PACE },
    {
      judge: approve,
      wrapTransport: (transport, node) => {
        if (node === 1) hub.push((bytes) => transport.send('all', bytes));
        return transport;
      },
    },
  );
  council = all;
  await all.startAll();
  for (const bytes of [[], [0x6f, 1], [0x65, 0x7b], [0x21]]) hub[0]?.(Uint8Array.from(bytes));
  await until(() => Object.keys(all.node(0).status().refused).length >= 3);
  expect(all.node(0).status().refused).toMatchObject({
    'malformed ordering': 1,
    'malformed endorsements': 1,
    'malformed message': 2,
  });
});
