// The roster and charter that ship: what a certification body could defend, and that faults in them are found.
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CASE_TYPES } from '../council/case-kind.ts';
import { readCharter } from '../council/charter.ts';
import { domainReport } from '../council/fault-domains.ts';
import { ConclaveError } from '../errors.ts';
import { LENSES } from '../providers/contract.ts';
import { loadAgents } from './agents.ts';

const root = join(import.meta.dirname, '..', '..');
const shipped = loadAgents(join(root, 'agents'));

function count<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

describe('the council that ships', () => {
  it('has 33 seats, and no developer, family or host holds more than eight', () => {
    expect(shipped.seats.map(({ seat }) => seat)).toEqual(Array.from({ length: 33 }, (_, i) => i + 1));
    for (const domain of ['developer', 'family', 'host'] as const) {
      expect(Math.max(...count(shipped.seats, (seat) => seat[domain]).values())).toBeLessThanOrEqual(8);
    }
  });

  it('no developer has more than five, and no two together block, break agreement or decide', () => {
    const seats = shipped.seats.map((seat) => ({ ...seat, node: `node of ${seat.seat}` }));
    const { worstOne, worstTwo } = domainReport({ seats });
    expect(worstOne).toMatchObject({ seats: 5, blocks: false, breaksSafety: false, decides: false });
    expect(worstTwo).toMatchObject({ seats: 10, blocks: false, breaksSafety: false, decides: false });
  });

  it('each of eleven lenses has three seats from three developers, who differ in strictness', () => {
    expect(LENSES).toHaveLength(11);
    for (const lens of LENSES) {
      const trio = shipped.seats.filter((seat) => seat.lens === lens);
      expect(trio).toHaveLength(3);
      expect(new Set(trio.map(({ developer }) => developer)).size).toBe(3);
      expect(new Set(trio.map(({ strictness }) => strictness)).size).toBeGreaterThan(1);
    }
  });

  it('an open-weight model counts for its developer, whoever serves it', () => {
    const gemma = shipped.seats.filter(({ model }) => model.startsWith('gemma'));
    expect(gemma.length).toBeGreaterThan(0);
    for (const seat of gemma) expect(seat).toMatchObject({ developer: 'google', provider: 'ollama' });
  });

  it('no seat may take longer than the window for commitments', () => {
    for (const { limits } of shipped.seats)
      expect(limits.timeoutMs).toBeLessThan(shipped.liveCharter.windows.commitMs);
  });

  it('has a policy for each of the five types, certification of ten criteria, all with a checklist', () => {
    for (const type of CASE_TYPES) {
      const criteria = shipped.charter.policies[type]?.criteria ?? [];
      expect(criteria.some(({ mandatory }) => mandatory)).toBe(true);
      expect(criteria.some(({ mandatory }) => !mandatory)).toBe(true);
      expect(criteria.length).toBeGreaterThanOrEqual(4);
      expect([...(shipped.checklists[type]?.keys() ?? [])]).toEqual(criteria.map(({ id }) => id));
    }
    expect(shipped.charter.policies.certification?.criteria).toHaveLength(10);
  });

  it('is a charter once the submitters have keys', () => {
    const submitters = shipped.charter.submitters.map((one) => ({ ...one, ed25519: `${'A'.repeat(43)}=` }));
    expect(readCharter({ ...shipped.charter, submitters }).name).toBe('Conclave');
  });
});

describe('a fault in agents', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'conclave-agents-'));
    cpSync(join(root, 'agents'), join(folder, 'agents'), { recursive: true });
    cpSync(join(root, 'prompts'), join(folder, 'prompts'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const refused = (): unknown => {
    try {
      loadAgents(join(folder, 'agents'));
    } catch (error) {
      if (error instanceof ConclaveError) return error;
      throw error;
    }
    return 'accepted';
  };
  /** The line on which it was changed. */
  const change = (file: string, from: string | RegExp, to: string): number => {
    const path = join(folder, file);
    const before = readFileSync(path, 'utf8');
    expect(before).toMatch(from);
    writeFileSync(path, before.replace(from, to));
    return before.slice(0, before.search(from)).split('\n').length;
  };

  it.each<[string, string, RegExp, string]>([
    ['a lens there is not', 'agents/seat-07.yaml', /^lens: .*$/m, 'lens: vibes'],
    ['a field too many', 'agents/seat-07.yaml', /^host:/m, 'weight: 3\nhost:'],
    ['a seat out of range', 'agents/seat-07.yaml', /^seat: 7$/m, 'seat: 777'],
    ['a seat in another file', 'agents/seat-07.yaml', /^seat: 7$/m, 'seat: 8'],
    ['a form there is not', 'agents/seat-07.yaml', /^prompt: .*$/m, 'prompt: sonnet'],
    ['more time than there is', 'agents/seat-07.yaml', /^ {2}timeoutMs: .*$/m, '  timeoutMs: 900000'],
    ['a fallback of another developer', 'agents/seat-01.yaml', /^fallback: .*$/m, 'fallback: claude-opus-5'],
    ['a fallback nobody lists', 'agents/seat-01.yaml', /^fallback: .*$/m, 'fallback: gpt-99'],
    ['a fallback on itself', 'agents/seat-01.yaml', /^fallback: .*$/m, 'fallback: gpt-5.6-sol'],
    ['a provider nobody speaks', 'agents/seat-01.yaml', /^provider: .*$/m, 'provider: oracle'],
    ['a price below nothing', 'agents/models.yaml', /^ {4}price: \{ inputUsd: /m, '    price: { inputUsd: -'],
    ['a source that is none', 'agents/models.yaml', /^ {4}source: .*$/m, '    source: hearsay'],
    ['a window of no time', 'agents/council.yaml', /commitMs: 10000/, 'commitMs: 0'],
    ['a type of case there is not', 'agents/council.yaml', / {2}appeal:/, '  opinion:'],
  ])('%s is named with file and line', (_, file, from, to) => {
    const line = change(file, from, to);
    expect(refused()).toMatchObject({ code: 'bad-input', file: join(folder, file), line });
  });

  it.each<[string, RegExp, string, number]>([
    ['a criterion without text', /^ {4}title: .*\n/m, '', 5],
    ['a term that is a pattern', /new evidence,/, '(a+)+$,', 12],
  ])('%s is named with the line it stands in', (_, from, to, line) => {
    const file = 'prompts/criteria/appeal.yaml';
    change(file, from, to);
    expect(refused()).toMatchObject({ code: 'bad-input', file: join(folder, file), line });
  });

  it('a name twice, a gap, and no seats at all are found', () => {
    change('agents/seat-07.yaml', /^name: .*$/m, 'name: Alder');
    expect(refused()).toMatchObject({ code: 'bad-input', file: join(folder, 'agents/seat-07.yaml') });
    rmSync(join(folder, 'agents/seat-07.yaml'));
    expect(refused()).toMatchObject({ code: 'bad-input', file: join(folder, 'agents/seat-08.yaml') });
    for (let seat = 1; seat <= 33; seat++) {
      rmSync(join(folder, `agents/seat-${String(seat).padStart(2, '0')}.yaml`), { force: true });
    }
    expect(refused()).toMatchObject({ code: 'bad-input', file: join(folder, 'agents') });
  });

  it('criteria of another type, and files that are not there, are found', () => {
    change('agents/council.yaml', 'criteria/appeal.yaml', 'criteria/emergency.yaml');
    expect(refused()).toMatchObject({ code: 'bad-input' });
    change('agents/council.yaml', 'appeal: ../prompts/criteria/emergency.yaml', 'appeal: nowhere.yaml');
    expect(refused()).toMatchObject({ code: 'bad-input', file: join(folder, 'agents/nowhere.yaml') });
    renameSync(join(folder, 'agents/council.yaml'), join(folder, 'agents/charter.yaml'));
    expect(refused()).toMatchObject({ code: 'bad-input', file: join(folder, 'agents/council.yaml') });
  });
});
