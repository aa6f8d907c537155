// The commands around a council, on the built command: init, keys, agents, simulate, demo.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conclave, filesUnder, projectRoot, resultOf, temporaryFolder } from './conclave.ts';

describe('init and keys', () => {
  it('a council is made once, its keys fit, and nobody makes it twice', async () => {
    const data = join(temporaryFolder(), 'council');
    const made = await conclave(['init', data, '--json']);
    expect(made.exit, made.stdout).toBe(0);
    expect(resultOf(made)).toMatchObject({ dataDir: data, seats: 33, trial: true, keys: 'plain' });
    const keys = await conclave(['keys', '--data', data, '--json']);
    expect(keys.exit, keys.stdout).toBe(0);
    expect(resultOf(keys)).toMatchObject({ ok: true, genesis: resultOf(made).genesis });
    expect((await conclave(['init', data, '--json'])).exit).toBe(65);
  });

  it('encrypted keys open with their passphrase and with no other', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'council');
    const passphrase = join(folder, 'passphrase');
    const wrong = join(folder, 'wrong');
    writeFileSync(passphrase, 'four words and more\n');
    writeFileSync(wrong, 'four words and less\n');
    expect((await conclave(['init', data, '--passphrase-file', passphrase])).exit).toBe(0);
    const words = ['keys', '--data', data, '--json'];
    expect((await conclave([...words, '--passphrase-file', passphrase])).exit).toBe(0);
    for (const refused of [await conclave(words), await conclave([...words, '--passphrase-file', wrong])]) {
      expect(refused.exit).toBe(65);
      expect(resultOf(refused)).toMatchObject({ error: { message: expect.stringContaining('passphrase') } });
    }
    const secrets = filesUnder(join(data, 'keys')).map((name) =>
      readFileSync(join(data, 'keys', name), 'utf8'),
    );
    expect(secrets.filter((text) => text.includes('"secrets"'))).toEqual([]);
  });

  it('a key file that was tampered with is named', async () => {
    const data = join(temporaryFolder(), 'council');
    await conclave(['init', data]);
    const file = join(data, 'keys', 'seat-07.json');
    writeFileSync(file, readFileSync(join(data, 'keys', 'seat-08.json')));
    const keys = await conclave(['keys', '--data', data, '--json']);
    expect(keys.exit).toBe(1);
    const { seats } = resultOf(keys);
    const broken = (Array.isArray(seats) ? seats : []).filter(({ trouble }) => trouble !== null);
    expect(broken.map(({ seat }) => seat)).toEqual([7]);
  });

  it('where there is no council, it says so', async () => {
    const run = await conclave(['keys', '--data', temporaryFolder(), '--json']);
    expect(run.exit).toBe(65);
  });
});

describe('agents', () => {
  it('the seats that come with conclave keep every cap', async () => {
    const run = await conclave(['agents', 'check', '--json']);
    expect(run.exit, run.stdout).toBe(0);
    expect(resultOf(run)).toMatchObject({ ok: true, seats: 33, cap: 10, broken: [] });
  });

  it('a developer with more than f seats breaks a cap: exit 1', async () => {
    const folder = temporaryFolder();
    const from = join(projectRoot, 'agents');
    const prompts = join(projectRoot, 'prompts');
    for (const name of filesUnder(from)) {
      const text = readFileSync(join(from, name), 'utf8');
      writeFileSync(
        join(folder, name),
        text
          .replaceAll('../prompts', prompts)
          .replace(/^developer: (?:meta|alibaba|mistral|deepseek).*$/m, 'developer: one'),
      );
    }
    const run = await conclave(['agents', 'check', folder, '--json']);
    expect(run.exit, run.stdout).toBe(1);
    expect(resultOf(run)).toMatchObject({ ok: false, broken: [{ kind: 'developer', name: 'one' }] });
  });
});

describe('simulate', () => {
  it('a few schedules of each kind find nothing, and say how many there were', async () => {
    const run = await conclave(['simulate', '--seeds', '3', '--json']);
    expect(run.exit, run.stdout).toBe(0);
    const { runs } = resultOf(run);
    const kinds = (Array.isArray(runs) ? runs : []).map(({ kind }) => kind);
    expect(kinds).toEqual(['timed', 'untimed', 'council', 'directed']);
  });

  it('a violation exits 1, and its seed plays it again', async () => {
    const words = ['simulate', '--kind', 'untimed', '--byzantine', '3', '--json'];
    const run = await conclave([...words, '--seeds', '40']);
    expect(run.exit).toBe(1);
    const { violations } = resultOf(run);
    const [first] = Array.isArray(violations) ? violations : [];
    const again = await conclave([...words, '--seed', String(first.seed)]);
    expect(again.exit).toBe(1);
    expect(resultOf(again)).toMatchObject({
      violations: [{ kind: first.kind, text: first.text, trace: first.trace }],
    });
  });

  it.each([
    [['--behaviour', 'nonsense']],
    [['--seats', '0']],
    [['--seats', 'many']],
    [['--seats', '4', '--byzantine', '4']],
    [['--kind', 'sideways']],
  ])('%j is wrong usage', async (words) => {
    expect((await conclave(['simulate', ...words, '--json'])).exit).toBe(64);
  });

  it('a Twins file that is none is bad input', async () => {
    const file = join(temporaryFolder(), 'twins.json');
    writeFileSync(file, '{"num_of_nodes": 4}');
    const run = await conclave(['simulate', '--twins', file, '--json']);
    expect(run.exit).toBe(65);
    expect(resultOf(run)).toMatchObject({ error: { file } });
  });
});

describe('demo', () => {
  it('decides every sample case as expected and verifies every certificate', async () => {
    const cwd = temporaryFolder();
    const run = await conclave(['demo', '--json'], { cwd, timeoutMs: 120_000 });
    expect(run.exit, run.stdout + run.stderr).toBe(0);
    const { ok, cases } = resultOf(run);
    expect(ok).toBe(true);
    const list = Array.isArray(cases) ? cases : [];
    expect(list.length).toBeGreaterThanOrEqual(12);
    expect(list.filter(({ verified, asExpected }) => !verified || !asExpected)).toEqual([]);
    expect(existsSync(join(cwd, '.conclave-demo', 'genesis.json'))).toBe(true);
  });
});

describe('bench', () => {
  it('every figure stands with its workload, its count and its unit', async () => {
    const run = await conclave(['bench', '--quick', '--only', 'verifying', '--json'], { timeoutMs: 120_000 });
    expect(run.exit, run.stderr).toBe(0);
    const { figures, machine } = resultOf(run);
    expect(machine).toMatchObject({ cores: expect.any(Number), loadBefore: expect.any(Number) });
    const list = Array.isArray(figures) ? figures : [];
    expect(list[0]).toMatchObject({
      name: 'verifying, noble',
      workload: expect.any(String),
      n: 3,
      value: expect.any(Number),
      unit: 'ms',
      reached: 'no goal',
    });
    expect((await conclave(['bench', '--only', 'nothing', '--json'])).exit).toBe(64);
  });
});
