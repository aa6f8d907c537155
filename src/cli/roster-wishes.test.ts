import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRoster } from '../../test/rigs/chamber.ts';
import { type Roster, seatOf } from '../council/roster.ts';
import { keyMaker, pathsOf, writeKeys } from '../node/council-directory.ts';
import { AgentShelf } from '../node/roster/agent-shelf.ts';
import { SeatKeys } from '../node/roster/seat-keys.ts';
import { nodeFolder, nodeHolder } from '../node/running/founding.ts';
import { fastestBls } from '../node/signing/notary.ts';
import { loadAgents } from '../seats/agents.ts';
import { presentationOf } from '../seats/seat-file.ts';
import { seatHolder } from '../signing/key-holder.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { DiskFolder } from '../storage/folder.ts';
import { prepareChange } from './roster-wishes.ts';

const agents = fileURLToPath(new URL('../../agents', import.meta.url));
const LIVE = { name: 'live', provenance: 'live' } as const;
const root = mkdtempSync(join(tmpdir(), 'conclave-wishes-'));
const here = nodeFolder(root, 'node-1');
const seat = asSeatId(1);
let roster: Roster;

beforeAll(async () => {
  const { seats } = loadAgents(agents);
  const plain = testRoster(seats.length);
  roster = {
    ...plain,
    seats: plain.seats.map((chair, i) => {
      const file = seats[i];
      const { provenance: _, ...sits } =
        file === undefined ? chair : { ...chair, ...presentationOf(file, LIVE) };
      return { ...sits, node: `node-${1 + Math.floor(i / 9)}` };
    }),
  };
  const make = keyMaker(await fastestBls());
  await writeKeys(pathsOf(here).keys, [make(seatHolder(seat)), make(nodeHolder('node-1'))], undefined);
});
afterAll(() => rmSync(root, { recursive: true }));

const rotated = (): readonly string[] => {
  const folder = join(pathsOf(here).keys, 'rotated');
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe('what operators wish', () => {
  it('is refused by name, and then nothing is written anywhere', async () => {
    const crowded = {
      ...roster,
      seats: roster.seats.map((chair) => (chair.seat > 23 ? { ...chair, developer: 'meta' } : chair)),
    };
    const wish = { council: root, agents, model: 'llama4:maverick', rotateKeys: true };
    await expect(prepareChange([seat], wish, [crowded])).rejects.toThrow('developer "meta" holds');
    await expect(prepareChange([seat], { ...wish, model: 'gpt-0' }, [roster])).rejects.toThrow(
      'no model "gpt-0"',
    );
    await expect(prepareChange([seat], { council: root }, [roster])).rejects.toThrow('expected --model');
    await expect(prepareChange([asSeatId(34)], { council: root, vacate: true }, [roster])).rejects.toThrow(
      'from 1 to 33',
    );
    expect(rotated()).toEqual([]);
    expect(existsSync(join(here, 'agents'))).toBe(false);
  });

  it('new keys are made where the seat sits, and nowhere else', async () => {
    const elsewhere = prepareChange([asSeatId(20)], { council: root, rotateKeys: true }, [roster]);
    await expect(elsewhere).rejects.toThrow('the seat sits at node-3, whose directory is not in');
    const { next } = await prepareChange([seat], { council: here, rotateKeys: true }, [roster]);
    const chair = seatOf(next, seat);
    const keys = new SeatKeys({ folder: pathsOf(here).keys }, { bls: await fastestBls() });
    expect(chair && keys.keysFor(chair)).toBeDefined();
    expect(chair?.ed25519).not.toBe(seatOf(roster, seat)?.ed25519);
    expect(rotated()).toHaveLength(1);
  });

  it('a new configuration is there before anybody hears of it', async () => {
    const { next, change } = await prepareChange(
      [seat],
      { council: root, agents, model: 'llama4:maverick' },
      [roster],
    );
    expect(change.seats).toMatchObject([
      { seat: 1, developer: 'meta', ed25519: seatOf(roster, seat)?.ed25519 },
    ]);
    const shelf = new AgentShelf({ answering: LIVE }, { folder: new DiskFolder(join(here, 'agents')) });
    const chair = seatOf(next, seat);
    expect(chair && shelf.find(chair)?.model).toBe('llama4:maverick');
  });
});
