// The embedded council on a real disk: the whole way, resuming, and what it refuses (protocol 8.2).
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CaseId } from '../../src/council/case.ts';
import { auditLedger } from '../../src/ledger/audit.ts';
import { verifyCertificate } from '../../src/ledger/verifier.ts';
import { pathsOf } from '../../src/node/council-directory.ts';
import { lockDirectory } from '../../src/node/directory-lock.ts';
import { type Embedded, openEmbedded } from '../../src/node/embedded.ts';
import { repairCouncil } from '../../src/node/repair/repair.ts';
import { replayProvider } from '../../src/providers/replay.ts';
import { loadAgents } from '../../src/seats/agents.ts';
import { nobleBls } from '../../src/signing/bls.ts';
import { loadBlst } from '../../src/signing/bls-blst.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { LmdbStore } from '../../src/storage/lmdb-store.ts';
import { sourceAbout, until } from '../rigs/instant-council.ts';

const agents = loadAgents('agents');
const provider = replayProvider({ default: { verdict: 'approve' }, seats: { '3': { verdict: 'reject' } } });
const root = mkdtempSync(join(tmpdir(), 'conclave-embedded-'));
let made = 0;
const freshDir = (): string => join(root, String(made++));
const bls = (await loadBlst()) ?? nobleBls;

const running = new Set<Embedded>();
async function open(
  dataDir: string,
  more: Partial<Parameters<typeof openEmbedded>[1]> = {},
): Promise<Embedded> {
  const council = await openEmbedded({ dataDir }, { agents, provider, ...more });
  running.add(council);
  return council;
}
async function close(council: Embedded): Promise<void> {
  running.delete(council);
  await council.close();
}
afterEach(async () => {
  for (const council of running) await close(council);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function audit(council: Pick<Embedded, 'founding'>, dataDir: string) {
  const { ledger } = pathsOf(dataDir);
  const read = (path: string) =>
    existsSync(join(ledger, path)) ? readFileSync(join(ledger, path)) : undefined;
  return auditLedger(council.founding, read, { ed25519: fastestEd25519 });
}

function verify(council: Embedded, caseId: CaseId) {
  const { certificate, proof } = council.files(caseId);
  return verifyCertificate(
    {
      certificate: readFileSync(certificate),
      proof: readFileSync(proof),
      anchor: council.founding.councilId,
    },
    { ed25519: fastestEd25519, bls },
  );
}

describe('an embedded council', () => {
  it('decides a case, certifies it and publishes a ledger that audits', async () => {
    const dataDir = freshDir();
    const council = await open(dataDir);
    const seen = new Map<string, number>();
    council.watch(({ kind }) => seen.set(kind, (seen.get(kind) ?? 0) + 1));
    const caseId = await council.submit(sourceAbout('alpha'));
    const decision = await council.decided(caseId);
    expect(decision).toMatchObject({ outcome: 'approved', tally: { approve: 32, reject: 1 } });
    expect(Object.fromEntries(seen)).toMatchObject({
      opened: 1,
      committed: 33,
      closed: 1,
      revealed: 33,
      decided: 1,
    });
    expect(verify(council, caseId)).toMatchObject({ status: 'valid' });
    const history = council.history(caseId);
    expect(history?.seats.size).toBe(33);
    expect(history?.judgements.size).toBe(33);
    await close(council);
    const audited = audit(council, dataDir);
    expect(audited).toMatchObject({ clean: true });
    expect(audited.decisions.map((found) => found.caseId)).toEqual([caseId]);
    expect(readdirSync(join(dataDir, 'running'))).toEqual([]);
  });

  it('opened again, reports the decision; the same case is found, a changed one is another attempt', async () => {
    const dataDir = freshDir();
    const first = await open(dataDir);
    const caseId = await first.submit(sourceAbout('beta'));
    await first.decided(caseId);
    const { height } = first.status();
    await close(first);

    const again = await open(dataDir);
    expect(again.status().height).toBe(height);
    expect(again.find(sourceAbout('beta'))).toBe(caseId);
    expect(await again.decided(caseId)).toMatchObject({ caseId, outcome: 'approved' });
    expect(again.find(sourceAbout('beta', 'Other evidence.'))).toBeUndefined();
    expect(again.find(sourceAbout('gamma'))).toBeUndefined();
    const second = await again.submit(sourceAbout('beta', 'Other evidence.'));
    expect(await again.decided(second)).toMatchObject({ attempt: 2 });
    expect(again.attempts(sourceAbout('beta'))).toEqual([caseId, second]);
  });

  it('closed in the middle of a case, goes on where it was and decides it once', async () => {
    const dataDir = freshDir();
    const slow = {
      default: { verdict: 'approve', delayMs: 60_000 },
      seats: { '1': { verdict: 'approve' } },
    } as const;
    const first = await open(dataDir, { provider: replayProvider(slow) });
    const caseId = await first.submit(sourceAbout('delta'));
    await until(() => first.status().cases[0]?.done === 1);
    await close(first);
    const again = await open(dataDir);
    expect(again.find(sourceAbout('delta'))).toBe(caseId);
    const decision = await again.decided(caseId);
    expect(decision).toMatchObject({ tally: { approve: 32, reject: 1 } });
    await close(again);
    expect(audit(again, dataDir)).toMatchObject({ clean: true, decisions: { length: 1 } });
  });

  it('a seat that fails abstains, one that keeps silent is missing, and status names whom a phase waits for', async () => {
    const seats = { '2': { error: 'refusal' }, '5': { silent: true }, '6': { raw: 'not json' } } as const;
    const council = await open(freshDir(), {
      provider: replayProvider({ default: { verdict: 'approve' }, seats }),
      agents: { ...agents, charter: { ...agents.charter, windows: { commitMs: 700, revealMs: 500 } } },
    });
    const caseId = await council.submit(sourceAbout('epsilon'));
    await until(() => council.status().cases[0]?.done === 32);
    expect(council.status().cases[0]?.awaited).toEqual([5]);
    const decision = await council.decided(caseId);
    expect(decision.tally).toEqual({ approve: 30, reject: 0, abstain: 2, missing: 1 });
  });

  it('of two cases about one question at once the second is told so, and a case nobody knows too', async () => {
    const council = await open(freshDir());
    const submitted = ['One.', 'Two.'].map((text) => council.submit(sourceAbout('twice', text)));
    const answers = await Promise.allSettled(submitted.map(async (caseId) => council.decided(await caseId)));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(refused).toEqual([expect.objectContaining({ code: 'bad-input' })]);
    await expect(council.decided(digestOf('no case'))).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('is open in one process at a time, and says which', async () => {
    const dataDir = freshDir();
    await open(dataDir);
    await expect(open(dataDir)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  });

  it('a process that is gone blocks nobody', async () => {
    const dataDir = freshDir();
    await close(await open(dataDir));
    // a process of this machine and boot that ended, and one that has the number of ours but began earlier
    const own = realName();
    writeFileSync(join(dataDir, 'running', own.replace(/^\d+/, '4194304')), '');
    writeFileSync(join(dataDir, 'running', own.replace(/-\d+-/, '-1-')), '');
    await expect(open(dataDir)).resolves.toBeDefined();
  });
});

function realName(): string {
  const folder = mkdtempSync(join(root, 'lock-'));
  const lock = lockDirectory(folder);
  const [name = ''] = readdirSync(folder);
  lock.release();
  return name;
}

describe('a store that lost something is refused', () => {
  let whole = '';
  let earlier = '';
  let caseId: CaseId;
  let founding: Embedded['founding'];

  /** A council with one decided case, and its directory as it was before that. */
  beforeAll(async () => {
    whole = freshDir();
    earlier = freshDir();
    const council = await openEmbedded({ dataDir: whole }, { agents, provider });
    founding = council.founding;
    await council.decided(await council.submit(sourceAbout('first')));
    await council.close();
    cpSync(whole, earlier, { recursive: true });
    const again = await openEmbedded({ dataDir: whole }, { agents, provider });
    caseId = await again.submit(sourceAbout('second'));
    await again.decided(caseId);
    await again.close();
  });

  function copy(): string {
    const dataDir = freshDir();
    cpSync(whole, dataDir, { recursive: true });
    return dataDir;
  }

  async function alter(dataDir: string, change: (store: LmdbStore) => Parameters<LmdbStore['write']>[0]) {
    const store = LmdbStore.open(pathsOf(dataDir).store);
    store.write(change(store));
    await store.close();
  }

  function cut(dataDir: string, share: number): void {
    const file = join(pathsOf(dataDir).store, 'data.mdb');
    truncateSync(file, Math.floor(statSync(file).size * share));
  }

  const without =
    (...keys: string[]) =>
    () => ({ puts: [], deletes: keys });

  const losses: Record<string, (dataDir: string) => unknown> = {
    'the votes of a seat': (dataDir) => alter(dataDir, without('votes/7')),
    'the highest certificates': (dataDir) => alter(dataDir, without('certificates')),
    'a block of the chain': (dataDir) => alter(dataDir, without('chain/000000000002')),
    'the last block': (dataDir) =>
      alter(dataDir, (store) => ({ puts: [], deletes: [[...store.keys('chain/')].at(-1) ?? ''] })),
    'the body of a block': (dataDir) =>
      alter(dataDir, (store) => ({ puts: [], deletes: [[...store.keys('block/')][0] ?? ''] })),
    'a byte of a body': (dataDir) =>
      alter(dataDir, (store) => {
        const [key = ''] = store.keys('block/');
        const value = Uint8Array.from(store.get(key) ?? []);
        value[value.length - 20] = (value[value.length - 20] ?? 0) ^ 1;
        return { puts: [{ key, value }], deletes: [] };
      }),
    'its council': (dataDir) => alter(dataDir, without('council')),
    'half of its file': (dataDir) => cut(dataDir, 0.5),
    'all that is in its file': (dataDir) => cut(dataDir, 0),
    'the beginning of its file': (dataDir) => {
      const file = join(pathsOf(dataDir).store, 'data.mdb');
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(9, 0, 8192));
    },
    'all of it': (dataDir) => rmSync(pathsOf(dataDir).store, { recursive: true }),
    'the last hour, from an old copy': (dataDir) => {
      rmSync(pathsOf(dataDir).store, { recursive: true });
      cpSync(pathsOf(earlier).store, pathsOf(dataDir).store, { recursive: true });
    },
  };

  it.each(Object.entries(losses))('when %s is lost, naming the repair', async (_, lose) => {
    const dataDir = copy();
    await lose(dataDir);
    await expect(open(dataDir)).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining(`conclave repair --data ${dataDir}`),
    });
  });

  it.each([
    'the votes of a seat',
    'half of its file',
    'the beginning of its file',
    'all of it',
    'the last hour, from an old copy',
  ])('repair: when %s is lost, it goes on from what was published', async (name) => {
    const dataDir = copy();
    await losses[name]?.(dataDir);
    const repaired = await repairCouncil(dataDir);
    expect(repaired.kind).toBe('restored');
    const council = await open(dataDir);
    expect(await council.decided(caseId)).toMatchObject({ outcome: 'approved' });
    const next = await council.submit(sourceAbout('after the repair'));
    await council.decided(next);
    expect(verify(council, next)).toMatchObject({ status: 'valid' });
    await close(council);
    expect(audit(council, dataDir)).toMatchObject({ clean: true, decisions: { length: 3 } });
  });

  it('a file cut short anywhere is refused, or what was cut off was not in use: nothing ends the process', async () => {
    for (const share of [0.999, 0.98, 0.9, 0.75, 0.3, 0.05, 0.01, 0.001]) {
      const dataDir = copy();
      cut(dataDir, share);
      const opened = await open(dataDir).catch((error: unknown) => error);
      if (opened instanceof Error) expect(opened).toMatchObject({ code: 'storage' });
      else expect(running.size).toBe(1);
      for (const council of running) {
        expect(council.status().height).toBeGreaterThan(0);
        await close(council);
      }
    }
  });

  it('a store of another council is refused', async () => {
    const dataDir = copy();
    const other = freshDir();
    await close(await open(other));
    rmSync(pathsOf(dataDir).store, { recursive: true });
    cpSync(pathsOf(other).store, pathsOf(dataDir).store, { recursive: true });
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'storage', message: /another council/ });
  });

  it('repair refuses when the published ledger is damaged too', async () => {
    const dataDir = copy();
    rmSync(pathsOf(dataDir).store, { recursive: true });
    const bundle = join(pathsOf(dataDir).ledger, 'tile/entries/000.p');
    const [width = ''] = readdirSync(bundle);
    const bytes = readFileSync(join(bundle, width));
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    writeFileSync(join(bundle, width), bytes);
    await expect(repairCouncil(dataDir)).rejects.toMatchObject({ message: /ledger is damaged too/ });
  });

  it('repair refuses when a certificate was given out that the published ledger does not have', async () => {
    const dataDir = copy();
    rmSync(pathsOf(dataDir).store, { recursive: true });
    rmSync(pathsOf(dataDir).ledger, { recursive: true });
    cpSync(pathsOf(earlier).ledger, pathsOf(dataDir).ledger, { recursive: true });
    await expect(repairCouncil(dataDir)).rejects.toMatchObject({
      message: /there is a certificate for case/,
    });
  });

  it('a sound store loses nothing: repair publishes its ledger again', async () => {
    const dataDir = copy();
    rmSync(pathsOf(dataDir).ledger, { recursive: true });
    expect(await repairCouncil(dataDir)).toMatchObject({ kind: 'published' });
    expect(audit({ founding }, dataDir)).toMatchObject({ clean: true, decisions: { length: 2 } });
  });

  it('a published ledger that is gone or damaged is made again at the next start', async () => {
    for (const lose of [
      (ledger: string) => rmSync(ledger, { recursive: true }),
      (ledger: string) => rmSync(join(ledger, 'tile/0'), { recursive: true }),
      (ledger: string) => rmSync(join(ledger, 'blocks'), { recursive: true }),
      (ledger: string) => writeFileSync(join(ledger, 'checkpoint'), 'nonsense'),
    ]) {
      const dataDir = copy();
      lose(pathsOf(dataDir).ledger);
      await close(await open(dataDir));
      expect(audit({ founding }, dataDir)).toMatchObject({ clean: true, decisions: { length: 2 } });
    }
  });

  it('a sealed ballot that is lost stops the council, and after a repair its seat keeps silent', async () => {
    const dataDir = freshDir();
    const slow = {
      default: { verdict: 'approve' },
      seats: { '9': { verdict: 'approve', delayMs: 60_000 } },
    } as const;
    const windows = { commitMs: 1_500, revealMs: 700 };
    const swift = { ...agents, charter: { ...agents.charter, windows } };
    const first = await open(dataDir, { provider: replayProvider(slow), agents: swift });
    const open32 = await first.submit(sourceAbout('sealed'));
    await until(() => first.status().cases[0]?.done === 32);
    await close(first);
    await alter(dataDir, (store) => ({ puts: [], deletes: [[...store.keys('sealed/')][3] ?? ''] }));
    await expect(open(dataDir)).rejects.toMatchObject({
      code: 'storage',
      message: /that ballot is gone.*repair/,
    });
    const { notes } = await repairCouncil(dataDir);
    expect(notes.join('; ')).toContain('1 sealed ballots are lost');
    const again = await open(dataDir);
    const decision = await again.decided(open32);
    expect(decision.withheld).toEqual([4]);
    expect(decision.tally.missing).toBeGreaterThanOrEqual(1);
  });
});
