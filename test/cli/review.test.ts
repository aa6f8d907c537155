// `conclave review` and what a stranger does with its result, on the built command: exit codes, the shape of --json,
// running again, tampering, and two processes on one directory.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { conclave, filesUnder, type Run, resultOf, temporaryFolder } from './conclave.ts';
import { CASE_LINES } from './hostile.ts';

const SEATS = Array.from({ length: 33 }, (_, i) => i + 1);

/** Answers for every seat: the first ones as told, the rest approve. */
function replay(told: Readonly<Record<string, object>>, rest: object = { verdict: 'approve' }): string {
  const file = join(temporaryFolder(), 'replay.json');
  writeFileSync(file, JSON.stringify({ default: rest, seats: told }));
  return file;
}

const first = (count: number, answer: object): Record<string, object> =>
  Object.fromEntries(SEATS.slice(0, count).map((seat) => [String(seat), answer]));

function caseFile(lines: readonly string[] = CASE_LINES): string {
  const file = join(temporaryFolder(), 'case.yaml');
  writeFileSync(file, lines.join('\n'));
  return file;
}

const review = (file: string, data: string, answers: string, ...more: string[]): Promise<Run> =>
  conclave(['review', file, '--data', data, '--replay', answers, '--json', ...more]);

describe('an approved case', () => {
  let data: string;
  let file: string;
  let answers: string;
  let run: Run;
  let result: Record<string, unknown>;
  let certificate: string;

  beforeAll(async () => {
    data = join(temporaryFolder(), 'council');
    file = caseFile();
    answers = replay({
      '7': { verdict: 'reject' },
      '8': { error: 'timeout' },
      '9': { delayMs: 100, verdict: 'approve' },
      '10': { raw: 'not json' },
      '11': { verdict: 'abstain' },
    });
    run = await review(file, data, answers);
    result = resultOf(run);
    certificate = String(result.certificate);
  });

  it('exits 0 and says everything in one object', () => {
    expect(run.exit, run.stdout + run.stderr).toBe(0);
    expect(result).toMatchObject({
      schemaVersion: 1,
      caseId: expect.stringMatching(/^[0-9a-f]{64}$/),
      outcome: 'approved',
      basis: 'quorum',
      tally: { approve: 29, reject: 1, abstain: 3, missing: 0 },
      threshold: 22,
      seats: 33,
      genesis: expect.stringMatching(/^[0-9a-f]{64}$/),
      ledger: { size: expect.any(Number), root: expect.stringMatching(/^[0-9a-f]{64}$/) },
      flags: expect.arrayContaining(['trial']),
      timings: { totalMs: expect.any(Number) },
    });
    expect(Object.values(Object(result.byCriterion)).length).toBeGreaterThanOrEqual(4);
  });

  it('lists a vote a seat, and what became of it', () => {
    const votes: unknown[] = Array.isArray(result.votes) ? result.votes : [];
    expect(votes).toHaveLength(33);
    expect(votes[6]).toMatchObject({ seat: 7, verdict: 'reject', state: 'opened', provenance: 'replay' });
    expect(votes[7]).toMatchObject({ seat: 8, verdict: 'abstain', reason: 'timeout' });
    expect(votes[9]).toMatchObject({ seat: 10, verdict: 'abstain' });
    expect(votes[10]).toMatchObject({ seat: 11, verdict: 'abstain' });
    expect(votes[0]).toMatchObject({
      name: expect.any(String),
      developer: expect.any(String),
      confidence: 90,
    });
  });

  it('paths are absolute, and the files are there', () => {
    for (const path of [result.certificate, result.proof, result.genesisFile]) {
      expect(isAbsolute(String(path))).toBe(true);
      expect(existsSync(String(path))).toBe(true);
    }
    expect(statSync(certificate).size).toBeLessThanOrEqual(28 * 1024);
  });

  it('no secret is left where others can read it, and no file half-written', () => {
    for (const name of readdirSync(join(data, 'keys')))
      expect(statSync(join(data, 'keys', name)).mode & 0o077).toBe(0);
    expect(filesUnder(data).filter((path) => /\.tmp|~$/.test(path))).toEqual([]);
  });

  it('the certificate verifies with the genesis digest and with the genesis file', async () => {
    for (const anchor of [String(result.genesis), String(result.genesisFile)]) {
      const verified = await conclave(['verify', certificate, '--genesis', anchor, '--json']);
      expect(verified.exit, verified.stdout).toBe(0);
      expect(resultOf(verified)).toMatchObject({
        valid: true,
        status: 'valid',
        outcome: 'approved',
        failed: null,
      });
    }
  });

  it('the portable backends say the same', async () => {
    const verified = await conclave([
      'verify',
      certificate,
      '--genesis',
      String(result.genesis),
      '--portable',
      '--json',
    ]);
    expect(verified.exit, verified.stdout).toBe(0);
  });

  it('without an anchor nothing is valid: exit 2', async () => {
    const verified = await conclave(['verify', certificate, '--json']);
    expect(verified.exit).toBe(2);
    expect(resultOf(verified)).toMatchObject({ valid: false, status: 'unanchored' });
  });

  it('an expectation that is missed exits 1', async () => {
    const words = ['verify', certificate, '--genesis', String(result.genesis), '--json'];
    expect((await conclave([...words, '--expect', 'approved'])).exit).toBe(0);
    const missed = await conclave([...words, '--expect', 'rejected']);
    expect(missed.exit).toBe(1);
    expect(resultOf(missed)).toMatchObject({ valid: true, asExpected: false });
  });

  it('the genesis of another council is refused at the anchor', async () => {
    const verified = await conclave(['verify', certificate, '--genesis', 'ab'.repeat(32), '--json']);
    expect(verified.exit).toBe(1);
    expect(resultOf(verified)).toMatchObject({ valid: false, failed: 'anchor' });
  });

  it.each([
    ['a byte of the statement', 'statement|tally|inclusion|marks|council', (text: string) => flip(text, 200)],
    [
      'a byte of a signature',
      'envelope-signatures|form',
      (text: string) => flip(text, text.indexOf('"sig":"') + 20),
    ],
    [
      'a byte of the aggregate',
      'quorum-signature|form',
      (text: string) => flip(text, text.indexOf('"signature":"') + 30),
    ],
    ['the bitmap', 'quorum|form', (text: string) => flip(text, text.indexOf('"seats":"') + 9)],
  ])('a certificate with %s changed is refused, and the check is named', async (_, checks, change) => {
    const folder = temporaryFolder();
    const copy = join(folder, 'copy.intoto.jsonl');
    writeFileSync(copy, change(readFileSync(certificate, 'utf8')));
    writeFileSync(join(folder, 'copy.tlog-proof'), readFileSync(String(result.proof)));
    const verified = await conclave(['verify', copy, '--genesis', String(result.genesis), '--json']);
    expect([1, 65]).toContain(verified.exit);
    expect(resultOf(verified)).toMatchObject({
      valid: false,
      failed: expect.stringMatching(new RegExp(`^(${checks})$`)),
    });
  });

  it('a certificate without its proof is refused', async () => {
    const copy = join(temporaryFolder(), 'alone.intoto.jsonl');
    writeFileSync(copy, readFileSync(certificate));
    const verified = await conclave(['verify', copy, '--genesis', String(result.genesis), '--json']);
    expect(verified.exit).toBe(1);
    expect(resultOf(verified)).toMatchObject({ failed: 'proof-form' });
  });

  it('the ledger is clean, and each of its entries can be proved', async () => {
    const audit = await conclave(['ledger', 'audit', data, '--json']);
    expect(audit.exit, audit.stdout).toBe(0);
    expect(resultOf(audit)).toMatchObject({
      clean: true,
      decisions: [{ caseId: result.caseId, outcome: 'approved' }],
      root: Object(result.ledger).root,
    });
    const size = Number(Object(result.ledger).size);
    const proof = await conclave(['ledger', 'prove', data, String(size - 1), '--since', '2', '--json']);
    expect(resultOf(proof)).toMatchObject({ index: size - 1, size, growth: { oldSize: 2 } });
    expect((await conclave(['ledger', 'prove', data, String(size), '--json'])).exit).toBe(65);
    expect((await conclave(['ledger', 'prove', data, 'first', '--json'])).exit).toBe(64);
  });

  it('a ledger with a changed entry is not clean', async () => {
    const folder = temporaryFolder();
    for (const path of filesUnder(data).filter(
      (name) => name.startsWith('ledger/') || name === 'genesis.json',
    )) {
      const copy = join(folder, path);
      mkdirSync(join(copy, '..'), { recursive: true });
      const bytes = readFileSync(join(data, path));
      if (path.includes('tile/entries')) bytes[1_000] = (bytes[1_000] ?? 0) ^ 1;
      writeFileSync(copy, bytes);
    }
    const audit = await conclave(['ledger', 'audit', folder, '--json']);
    expect(audit.exit, audit.stdout).toBe(1);
    expect(resultOf(audit)).toMatchObject({ clean: false, problem: { detail: expect.any(String) } });
  });

  it('run again it reports the same decision and writes nothing new', async () => {
    const again = await review(file, data, answers);
    expect(again.exit).toBe(0);
    const same = resultOf(again);
    expect(same).toMatchObject({
      caseId: result.caseId,
      resumed: true,
      attempt: 1,
      ledger: Object(result.ledger),
    });
    expect(same.votes).toEqual(result.votes);
  });

  it('other texts about the same subject are no way to ask again in silence', async () => {
    const other = caseFile(CASE_LINES.with(13, '    text: Two people decide.'));
    const refused = await review(other, data, answers);
    expect(refused.exit).toBe(65);
    expect(resultOf(refused)).toMatchObject({ error: { code: 'bad-input', file: other } });
  });

  it('--again opens a new attempt, until the charter says that it is enough', async () => {
    for (let attempt = 2; attempt <= 5; attempt++) {
      const again = await review(file, data, answers, '--again');
      expect(again.exit, again.stdout).toBe(0);
      expect(resultOf(again)).toMatchObject({ attempt, resumed: false });
    }
    const refused = await review(file, data, answers, '--again');
    expect(refused.exit).toBe(65);
    expect(resultOf(refused)).toMatchObject({ error: { message: expect.stringContaining('charter') } });
  });
});

describe('how it may end', () => {
  it.concurrent.each([
    ['22 approvals of 33 approve', 11, { verdict: 'reject' }, 0, 'approved', 'quorum'],
    ['21 approvals and 12 rejections are opposed', 12, { verdict: 'reject' }, 1, 'rejected', 'opposed'],
    ['21 approvals and 12 failures are no quorum', 12, { error: 'timeout' }, 2, 'rejected', 'no-quorum'],
    ['11 rubbish answers do not stop 22 approvals', 11, { raw: '{"findings":' }, 0, 'approved', 'quorum'],
  ])('%s', async (_, count, answer, exit, outcome, basis) => {
    const run = await review(caseFile(), join(temporaryFolder(), 'council'), replay(first(count, answer)));
    expect(run.exit, run.stdout + run.stderr).toBe(exit);
    expect(resultOf(run)).toMatchObject({ outcome, basis });
  });

  it('people see the chamber, the count and the way to verify, without escapes where nobody watches', async () => {
    const data = join(temporaryFolder(), 'council');
    const run = await conclave([
      'review',
      caseFile(),
      '--data',
      data,
      '--replay',
      replay(first(12, { verdict: 'reject' })),
    ]);
    expect(run.exit).toBe(1);
    expect(run.stdout).toContain('NOT APPROVED');
    expect(run.stdout).toContain('22 of 33 must approve');
    expect(run.stdout).toContain('conclave verify');
    expect(run.stdout).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(run.stderr).toBe('');
    const plain = run.stdout.split('\n').filter((line) => !line.includes(data));
    expect(plain.filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('what is refused leaves nothing behind', () => {
  it.concurrent.each([
    ['a hostile case', () => ['review', caseFile(['type: coronation'])], 65],
    ['a case that is not there', () => ['review', '/nowhere/case.yaml'], 65],
    ['a replay file of garbage', () => ['review', caseFile(), '--replay', caseFile(['{"default":'])], 65],
    [
      'a replay file with an unknown field',
      () => ['review', caseFile(), '--replay', replay({}, { vote: 'yes' })],
      65,
    ],
    ['seats that are not there', () => ['review', caseFile(), '--agents', '/nowhere'], 65],
    ['no case', () => ['review'], 64],
  ])('%s', async (_, words, exit) => {
    const data = join(temporaryFolder(), 'council');
    const run = await conclave([...words(), '--data', data, '--json']);
    expect(run.exit, run.stdout + run.stderr).toBe(exit);
    expect(resultOf(run)).toHaveProperty('error.message');
    expect(run.stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(data)).toBe(false);
  });
});

describe('one directory', () => {
  it('killed in the middle, the same command goes on with the same case to one decision', async () => {
    const data = join(temporaryFolder(), 'council');
    const file = caseFile();
    const answers = replay({ '9': { delayMs: 1_500, verdict: 'approve' } });
    const killed = await conclave(['review', file, '--data', data, '--replay', answers, '--json'], {
      timeoutMs: 1_400,
    });
    expect(killed.exit).toBe(null);
    const run = await review(file, data, answers);
    expect(run.exit, run.stdout + run.stderr).toBe(0);
    const audit = resultOf(await conclave(['ledger', 'audit', data, '--json']));
    expect(audit).toMatchObject({ clean: true, decisions: [{ caseId: resultOf(run).caseId }] });
  });

  it('two processes never share it', async () => {
    const data = join(temporaryFolder(), 'council');
    // Longer than a process takes to start on a busy machine, shorter than the window for judging.
    const slow = replay({ '9': { delayMs: 7_000, verdict: 'approve' } });
    const running = review(caseFile(), data, slow);
    await until(() => existsSync(join(data, 'genesis.json')));
    const second = await review(caseFile(CASE_LINES.with(1, 'subject: another')), data, slow);
    expect(second.exit).toBe(69);
    expect(resultOf(second)).toMatchObject({ error: { code: 'unavailable' } });
    expect((await running).exit).toBe(0);
  });

  it('a store that is gone stops the command, and the repair is named', async () => {
    const data = join(temporaryFolder(), 'council');
    const answers = replay({});
    expect((await review(caseFile(), data, answers)).exit).toBe(0);
    rmSync(join(data, 'store'), { recursive: true });
    const run = await review(caseFile(CASE_LINES.with(1, 'subject: another')), data, answers);
    expect(run.exit).toBe(74);
    expect(resultOf(run)).toMatchObject({
      error: { code: 'storage', message: expect.stringContaining('conclave repair') },
    });
    const repaired = await conclave(['repair', '--data', data, '--json']);
    expect(repaired.exit, repaired.stdout).toBe(0);
    expect(resultOf(repaired)).toMatchObject({ kind: 'restored', notes: expect.any(Array) });
    expect((await review(caseFile(CASE_LINES.with(1, 'subject: another')), data, answers)).exit).toBe(0);
    expect((await conclave(['ledger', 'audit', data])).exit).toBe(0);
  });

  it('there is nothing to repair where there is no council', async () => {
    const data = join(temporaryFolder(), 'council');
    expect((await conclave(['repair', '--data', data, '--json'])).exit).toBe(65);
    expect(existsSync(data)).toBe(false);
  });
});

/** Another character of the same alphabet. */
function flip(text: string, at: number): string {
  const other = text[at] === 'A' ? 'B' : 'A';
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((done) => setTimeout(done, 20));
}
