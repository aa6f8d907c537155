// `conclave agents recheck`: seats drawn by lot are asked a decided case again, sealed before the old ballots are read.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { conclave, resultOf, temporaryFolder } from './conclave.ts';

const CASE = 'evals/cases/triage-assistant/case.yaml';

function replay(text: object): string {
  const file = join(temporaryFolder(), 'replay.json');
  writeFileSync(file, JSON.stringify(text));
  return file;
}

describe('agents recheck', () => {
  let data: string;
  const recheck = (...words: string[]) =>
    conclave(['agents', 'recheck', '--data', data, '--count', '6', '--json', ...words]);

  beforeAll(async () => {
    data = join(temporaryFolder(), 'council');
    const answers = replay({ default: { verdict: 'approve' } });
    const { exit } = await conclave(['review', CASE, '--data', data, '--replay', answers]);
    expect(exit).toBe(0);
  });

  it('seats that find the same again have not drifted', async () => {
    const run = await recheck('--replay', replay({ default: { verdict: 'approve' } }));
    expect(run.exit).toBe(0);
    const { checks, drift } = resultOf(run);
    expect(checks).toBe(6);
    expect(drift).toHaveLength(6);
    for (const one of Array.isArray(drift) ? drift : []) {
      expect(one).toMatchObject({ compared: 1, verdictsChanged: 0, findings: 10, findingsChanged: 0 });
      expect(one).toMatchObject({ changed: { low: 0 } });
    }
  });

  it('what changed is counted, whichever way, and the same seed draws the same seats', async () => {
    const answers = replay({ default: { verdict: 'reject' } });
    const first = resultOf(await recheck('--seed', '5', '--replay', answers));
    const again = resultOf(await recheck('--seed', '5', '--replay', answers));
    const other = resultOf(await recheck('--seed', '6', '--replay', answers));
    expect(again.drift).toEqual(first.drift);
    expect(other.drift).not.toEqual(first.drift);
    for (const one of Array.isArray(first.drift) ? first.drift : []) {
      expect(one).toMatchObject({ verdictsChanged: 1, findingsChanged: 1, stricter: 1, milder: 0 });
    }
  });

  it('every answer is sealed before the first old ballot is read', async () => {
    const { file } = resultOf(
      await recheck('--seed', '7', '--replay', replay({ default: { verdict: 'reject' } })),
    );
    const kinds = readFileSync(String(file), 'utf8')
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line).kind);
    expect(kinds).toEqual([...Array(6).fill('sealed'), ...Array(6).fill('opened')]);
  });

  it('a council without a decided case has nothing to ask again', async () => {
    const empty = join(temporaryFolder(), 'nothing');
    const run = await conclave(['agents', 'recheck', '--data', empty, '--json']);
    expect(run.exit).toBe(65);
    expect(resultOf(run).error).toMatchObject({ code: 'bad-input' });
  });
});
