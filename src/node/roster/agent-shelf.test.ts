import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { loadAgents } from '../../seats/agents.ts';
import { presentationOf } from '../../seats/seat-file.ts';
import { seatWithModel } from '../../seats/seat-swap.ts';
import { DiskFolder } from '../../storage/folder.ts';
import { AgentShelf } from './agent-shelf.ts';

const AGENTS = fileURLToPath(new URL('../../../agents', import.meta.url));
const LIVE = { name: 'live', provenance: 'live' } as const;
const { seats, models } = loadAgents(AGENTS);
const root = mkdtempSync(join(tmpdir(), 'conclave-shelf-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder = root;
let count = 0;
beforeEach(() => {
  folder = join(root, String(++count));
});
const shelf = (): AgentShelf => new AgentShelf({ answering: LIVE }, { folder: new DiskFolder(folder) });

describe('the configurations a node keeps', () => {
  it('all that come with conclave are found again after a restart, as they were', async () => {
    await shelf().keep(seats);
    for (const seat of seats) {
      const found = shelf().find(presentationOf(seat, LIVE));
      expect(found).toEqual({ ...seat, stale: [] });
    }
  });

  it('a swap adds one beside the old; each is found by the digest that stands in its roster', async () => {
    const [old] = seats;
    const other = [...models.values()].find(({ developer }) => developer !== old?.developer);
    if (old === undefined || other === undefined) throw new Error('there are seats and models');
    const swapped = seatWithModel(join(AGENTS, 'seat-01.yaml'), other.id, models);
    const running = shelf();
    await running.keep([old]);
    // Put there by another process while the node runs.
    await shelf().keep([swapped]);
    expect(running.find(presentationOf(old, LIVE))?.model).toBe(old.model);
    expect(running.find(presentationOf(swapped, LIVE))?.model).toBe(other.id);
    expect(presentationOf(swapped, LIVE)).toMatchObject({ developer: other.developer, family: other.family });
    expect(
      shelf().find({ ...presentationOf(old, LIVE), seat: presentationOf(swapped, LIVE).seat }),
    ).toBeDefined();
  });

  it('a file that says something else than its name, or nothing, is none', async () => {
    await shelf().keep(seats.slice(0, 2));
    const [one, two] = readdirSync(folder);
    const [first, second] = seats.slice(0, 2).map((seat) => presentationOf(seat, LIVE));
    if (one === undefined || two === undefined || first === undefined || second === undefined)
      throw new Error();
    const stolen = new DiskFolder(folder).read(two);
    writeFileSync(join(folder, one), stolen ?? '');
    expect(shelf().find(first)).toBeUndefined();
    writeFileSync(join(folder, two), '{"format":"conclave-agent-1"}');
    expect(shelf().find(second)).toBeUndefined();
    writeFileSync(join(folder, two), 'no JSON');
    expect(shelf().find(second)).toBeUndefined();
  });

  it('a model that models.yaml does not list is refused by name', () => {
    expect(() => seatWithModel(join(AGENTS, 'seat-01.yaml'), 'gpt-0', models)).toThrow(
      'lists no model "gpt-0"',
    );
  });

  it('every listed model can take a seat', () => {
    for (const { seat } of seats.slice(0, 2)) {
      const file = join(AGENTS, `seat-${String(seat).padStart(2, '0')}.yaml`);
      for (const id of models.keys()) expect(seatWithModel(file, id, models).model).toBe(id);
    }
  });
});
