import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CharterSource } from '../../seats/agents.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import { digestOf } from '../../signing/digest.ts';
import { asKeyHolder, seatHolder } from '../../signing/key-holder.ts';
import { allSeats, type SeatId } from '../../signing/seat-id.ts';
import { openDirectory, openKeyFolder, type SeatToFound } from '../council-directory.ts';
import { fastestBls } from '../signing/notary.ts';
import { foundDistributed, nodesOf, seatsOverNodes } from './founding.ts';
import { findNode, nodeKeys } from './node-directory.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-founding-'));
  folders.push(folder);
  return folder;
}

const bls = await fastestBls();
const criterion = { id: 'sound', title: 'Sound', text: 'Is it sound?', mandatory: true };
const charter: CharterSource = {
  name: 'A council',
  windows: { commitMs: 1_000, revealMs: 1_000 },
  driftMs: 1_000,
  validityMs: 1_000,
  attempts: 1,
  submitters: [{ id: 'acme', quota: 1 }],
  policies: { certification: { criteria: [criterion] } },
};
const seatsOf = (n: number, live = false): SeatToFound[] =>
  allSeats(n).map((seat) => ({
    seat,
    name: `Seat ${seat}`,
    developer: `developer ${seat}`,
    family: `family ${seat}`,
    host: `host ${seat}`,
    model: digestOf(seat),
    ...(live ? {} : { provenance: 'offline' as const }),
  }));
const plan = (n: number, nodes: number) => ({
  charter,
  seats: seatsOf(n),
  nodes,
  operators: { count: 3, threshold: 2 },
  nowMs: 1_700_000_000_000,
});

describe('seats over nodes', () => {
  it('33 seats over 4 nodes are 9, 8, 8 and 8, in order; over 5 none has more than 7', () => {
    expect(seatsOverNodes(allSeats(33), 4).map((share) => share.length)).toEqual([9, 8, 8, 8]);
    expect(seatsOverNodes(allSeats(33), 5).map((share) => share.length)).toEqual([7, 7, 7, 6, 6]);
    expect(seatsOverNodes(allSeats(33), 4).flat()).toEqual(allSeats(33));
  });

  it('no node holds more seats than the council survives losing', () => {
    for (let n = 4; n <= 40; n++) {
      const f = Math.floor((n - 1) / 3);
      const fewest = Math.ceil(n / f);
      expect(() => seatsOverNodes(allSeats(n), fewest - 1)).toThrow(`expected ${fewest} to ${n} nodes`);
      const shares = seatsOverNodes(allSeats(n), fewest).map((share) => share.length);
      expect(Math.max(...shares)).toBeLessThanOrEqual(f);
    }
  });

  it.each([0, 3, 34, 2.5, Number.NaN])('33 seats do not go over %d nodes', (nodes) => {
    expect(() => seatsOverNodes(allSeats(33), nodes)).toThrow('expected 4 to 33 nodes for 33 seats');
  });
});

describe('a founded council', () => {
  const root = temporary();
  const founded = foundDistributed(root, plan(7, 4));

  it("gives each node its own seats, its log and its box key, and nobody else's", async () => {
    const founding = await founded;
    expect(founding.roster.trial).toBe(true);
    expect(nodesOf(root, founding).map(({ seats }) => seats)).toEqual([[1, 2], [3, 4], [5, 6], [7]]);
    for (const { name, seats, folder } of nodesOf(root, founding)) {
      const files = readdirSync(join(folder, 'keys')).sort();
      const own = seats.map((seat) => `seat-0${seat}.json`);
      expect(files).toEqual(['index.json', 'log-main.json', `node-${name}.json`, ...own]);
      const directory = openDirectory(folder, bls);
      const keys = nodeKeys(directory, findNode(folder, seats));
      expect([...keys.secrets.keys()]).toEqual(seats);
      const box = founding.roster.nodes?.find((node) => node.name === name)?.x25519 ?? '';
      expect(keys.box.publicKey).toEqual(fromBase64(box));
      expect(statSync(join(folder, 'keys', 'log-main.json')).mode & 0o077).toBe(0);
      expect(existsSync(join(folder, 'store', 'data.mdb'))).toBe(true);
    }
  });

  it('has operators of whom two must sign, and submitters, with keys of their own', async () => {
    const { charter: rules } = await founded;
    expect(rules.operators?.threshold).toBe(2);
    const operators = openKeyFolder(join(root, 'operators'), bls);
    for (const { id, ed25519 } of rules.operators?.keys ?? []) {
      expect(operators.keysOf(asKeyHolder(`operator/${id}`)).ed25519.publicKey).toEqual(fromBase64(ed25519));
    }
    expect(readdirSync(join(root, 'submitters')).sort()).toEqual(['index.json', 'submitter-acme.json']);
    expect(() => operators.keysOf(asKeyHolder('submitter/acme'))).toThrow('found none');
  });

  it('is found by its seats, from outside and from within, and by no others', async () => {
    await founded;
    const seats = (...numbers: number[]): SeatId[] => allSeats(7).filter((seat) => numbers.includes(seat));
    const inside = join(root, 'nodes', 'node-2');
    expect(findNode(root, seats(3, 4))).toEqual({ root: inside, name: 'node-2', seats: [3, 4] });
    expect(findNode(inside, seats(3, 4)).name).toBe('node-2');
    expect(() => findNode(inside, seats(1, 2))).toThrow('no node in');
    expect(() => findNode(root, seats(1, 2, 3))).toThrow('node-1 has 1, 2; node-2 has 3, 4');
    expect(() => findNode(join(root, 'nodes'), seats(1))).toThrow('expected a council, found none');
  });

  it('is not founded a second time over the first', async () => {
    await founded;
    const before = readFileSync(join(root, 'genesis.json'));
    await expect(foundDistributed(root, plan(7, 4))).rejects.toThrow('holds a council already');
    expect(readFileSync(join(root, 'genesis.json'))).toEqual(before);
  });

  it('takes no keys that the roster does not name', async () => {
    await founded;
    const other = temporary();
    await foundDistributed(other, plan(7, 4));
    const place = findNode(join(root, 'nodes', 'node-4'), allSeats(7).slice(6));
    const { founding } = openDirectory(join(other, 'nodes', 'node-4'), bls);
    const { keysOf, paths } = openDirectory(place.root, bls);
    expect(() => nodeKeys({ founding, keysOf, paths }, place)).toThrow('the key of node-4 is not the one');
    expect(keysOf(seatHolder(place.seats[0] ?? expect.fail())).bls).not.toBeNull();
  });
});

describe('a founding is refused', () => {
  it('where an earlier one was cut short', async () => {
    const root = temporary();
    mkdirSync(join(root, 'nodes', 'node-1', 'keys'), { recursive: true });
    await expect(foundDistributed(root, plan(4, 4))).rejects.toThrow(/cut short left there: remove .*nodes/);
    expect(existsSync(join(root, 'genesis.json'))).toBe(false);
  });

  it('with plain keys for models that are live, which is no trial', async () => {
    const root = temporary();
    const live = { ...plan(4, 4), seats: seatsOf(4, true) };
    await expect(foundDistributed(root, live)).rejects.toThrow('give --passphrase-file');
    expect(readdirSync(root)).toEqual([]);
  });

  it.each([
    [0, 1],
    [3, 0],
    [3, 4],
    [33, 2],
  ])('with %d operators of whom %d must sign', async (count, threshold) => {
    const root = temporary();
    const wrong = { ...plan(4, 4), operators: { count, threshold } };
    await expect(foundDistributed(root, wrong)).rejects.toThrow('expected 1 to 32 operators');
    expect(readdirSync(root)).toEqual([]);
  });
});
