// No key in any output, recording or error, and no evidence or prompt outside dossier and recording, though the makers
// do what they can to bring them there: they repeat all they were sent in errors, answers and headers. And though
// the answers that do come quote the evidence at length.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAgents } from '../../src/seats/agents.ts';
import { conclave, type Run, temporaryFolder } from '../cli/conclave.ts';
import { type Rehearsal, rehearse } from '../rigs/minds.ts';
import { caseOnDisk, NO_MAKERS } from '../rigs/minds-on-disk.ts';
import { type ModelServer, modelServer } from '../rigs/model-server.ts';
import { PROOF } from '../rigs/scripted-reviewer.ts';
import { huntSecrets } from '../rigs/secret-hunt.ts';
import { TALES, telltale } from '../rigs/telltale.ts';

const agents = loadAgents('agents');
/** What every seat of a lens is told, as it stands in the prompt files. */
const TEMPLATE = Object.values(agents.prompts.lenses)[0]?.questions[0] ?? '';

const keysOf = ({ keys }: ModelServer): Record<string, string> =>
  Object.fromEntries(keys.map((key) => [`key ${key.slice(0, 8)}…`, key]));
const TEXTS = { 'sentence of the evidence': PROOF, 'sentence of a prompt': TEMPLATE };

describe('a council whose makers repeat all they were sent', () => {
  let all: Rehearsal;
  beforeAll(async () => {
    all = await rehearse({ script: () => telltale(), runner: { maxAttempts: 2, backOffMs: 5 } });
  });
  afterAll(() => all.end());

  it('hears each tale, and decides all the same', () => {
    expect(all.verification.valid).toBe(true);
    expect(all.server.requests.length).toBeGreaterThanOrEqual(33);
    expect(all.server.requests.some(({ user }) => user.includes(PROOF))).toBe(true);
    expect(all.server.requests.some(({ system, user }) => (system + user).includes(TEMPLATE))).toBe(true);
    const reasons = [...all.ballots.values()].map(({ reason }) => reason);
    expect(reasons).toEqual(
      expect.arrayContaining(['auth', 'malformed', 'refusal', 'content-filter', 'rejected']),
    );
  });

  it('tells neither key nor evidence nor prompt in what may be logged', () => {
    const texts = { events: JSON.stringify(all.events), ballots: JSON.stringify([...all.ballots]) };
    expect(huntSecrets({ secrets: { ...keysOf(all.server), ...TEXTS }, texts })).toEqual([]);
  });

  it('keeps no key anywhere, and evidence and prompt in the dossier only', () => {
    const { dataDir } = all;
    expect(huntSecrets({ secrets: keysOf(all.server), folders: [dataDir] })).toEqual([]);
    const finds = huntSecrets({ secrets: TEXTS, folders: [dataDir] });
    expect(finds.filter(({ where }) => !where.startsWith(join(dataDir, 'dossiers')))).toEqual([]);
    expect(finds.length).toBeGreaterThan(0);
  });
});

describe('the command, with makers that repeat all they were sent', () => {
  let server: ModelServer;
  let data: string;
  let recording: string;
  let reports: string;
  let runs: readonly Run[];
  beforeAll(async () => {
    // Those worth asking again for would only take time.
    server = await modelServer(telltale(TALES.slice(0, 6)));
    data = join(temporaryFolder(), 'council');
    recording = join(temporaryFolder(), 'recording');
    reports = temporaryFolder();
    const file = caseOnDisk();
    const environment = { ...NO_MAKERS, ...server.environment() };
    const review = ['review', file, '--data', data];
    runs = [
      await conclave([...review, '--record', recording], { environment }),
      await conclave([...review, '--json'], { environment }),
      await conclave(['report', file, '--data', data, '--out', join(reports, 'report.html')], {
        environment,
      }),
      await conclave(['agents', 'probe', '--json'], { environment }),
    ];
  });
  afterAll(() => server.stop());

  it('says nothing of keys, evidence and prompt', () => {
    const texts = Object.fromEntries(
      runs.flatMap(({ stdout, stderr }, i) => [
        [`stdout of run ${i + 1}`, stdout],
        [`stderr of run ${i + 1}`, stderr],
      ]),
    );
    expect(runs[0]?.stdout).toContain('NOT APPROVED');
    expect(huntSecrets({ secrets: { ...keysOf(server), ...TEXTS }, texts })).toEqual([]);
  });

  it('keeps no key in its directory, its report or its recording', () => {
    expect(huntSecrets({ secrets: keysOf(server), folders: [data, recording, reports] })).toEqual([]);
    expect(huntSecrets({ secrets: TEXTS, folders: [recording] }).length).toBeGreaterThan(0);
  });
});
