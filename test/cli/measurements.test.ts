// Effective votes beside decisions, on the built command: what a suite measured of a panel is quoted by review, report and
// verify, of that panel only, and never as a part of the certificate.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseFounding } from '../../src/council/genesis.ts';
import { keepMeasurement, type Measurement, panelOf } from '../../src/evals/results/measurement.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { conclave, type Run, resultOf, temporaryFolder } from './conclave.ts';
import { CASE_LINES } from './hostile.ts';

const QUOTED = { value: 1.4, low: 1.1, high: 1.9, items: 400, suite: 'baseline-accuracy' };
const WORDS = '1.4 of 33 (95 % interval 1.1 to 1.9)';

/** Runs of spaces and line ends as one space: where a line breaks is no matter here. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

describe('a council that a suite has measured', () => {
  const folder = temporaryFolder();
  const data = join(folder, 'council');
  const file = join(folder, 'case.yaml');
  const answers = join(folder, 'replay.json');
  let certificate: string;
  let genesis: string;
  let before: Record<string, unknown>;
  let measured: Omit<Measurement, 'schemaVersion'>;
  let kept: string;

  const review = (...more: string[]): Promise<Run> =>
    conclave(['review', file, '--data', data, '--replay', answers, ...more]);
  const verify = (path: string, ...more: string[]): Promise<Run> =>
    conclave(['verify', path, '--genesis', genesis, ...more]);

  beforeAll(async () => {
    writeFileSync(file, CASE_LINES.join('\n'));
    writeFileSync(answers, JSON.stringify({ default: { verdict: 'approve' } }));
    before = resultOf(await review('--json'));
    certificate = String(before.certificate);
    genesis = String(before.genesis);
    const { roster } = parseFounding(readFileSync(String(before.genesisFile)));
    measured = {
      panel: panelOf(roster.seats),
      suite: 'baseline-accuracy',
      command: 'conclave eval run baseline-accuracy',
      seats: 33,
      items: 400,
      effectiveVotes: { value: 1.4, low: 1.1, high: 1.9, n: 400, method: 'bootstrap' },
      meanErrorCorrelation: { value: 0.7, low: 0.5, high: 0.9, n: 528, method: 'bootstrap' },
      sources: [],
    };
    kept = keepMeasurement(data, measured);
  });

  it('before it was measured, nothing is claimed', () => {
    expect(before.effectiveVotes).toBeNull();
  });

  it('review quotes it, to programs and to people, and says that stand-ins are no models', async () => {
    expect(resultOf(await review('--json')).effectiveVotes).toEqual(QUOTED);
    const { stdout } = await review();
    expect(flat(stdout)).toContain(
      `effective votes: ${WORDS}, measured by suite baseline-accuracy on 400 items`,
    );
    expect(flat(stdout)).toContain('of 33 stand-ins, so it says nothing about models');
  });

  it('verify finds it beside the certificate, and says that it is no part of it', async () => {
    const run = await verify(certificate);
    expect(run.exit).toBe(0);
    expect(flat(run.stdout)).toContain(`Effective votes of the panel: ${WORDS}, measured by suite`);
    expect(flat(run.stdout)).toContain('not part of the certificate');
    expect(resultOf(await verify(certificate, '--json')).effectiveVotes).toEqual(QUOTED);
  });

  it('a certificate that went elsewhere comes without it, unless it is told where to look', async () => {
    const elsewhere = temporaryFolder();
    const copy = join(elsewhere, 'some.intoto.jsonl');
    cpSync(certificate, copy);
    cpSync(certificate.replace(/\.intoto\.jsonl$/, '.tlog-proof'), join(elsewhere, 'some.tlog-proof'));
    expect(resultOf(await verify(copy, '--json'))).toMatchObject({ valid: true, effectiveVotes: null });
    const told = await verify(copy, '--json', '--measurements', join(data, 'measurements'));
    expect(resultOf(told)).toMatchObject({ valid: true, effectiveVotes: QUOTED });
    expect((await verify(copy, '--measurements', join(elsewhere, 'none'))).exit).toBe(64);
  });

  it('an invalid certificate is shown with nothing', async () => {
    const elsewhere = temporaryFolder();
    const copy = join(elsewhere, 'some.intoto.jsonl');
    cpSync(certificate.replace(/\.intoto\.jsonl$/, '.tlog-proof'), join(elsewhere, 'some.tlog-proof'));
    const text = readFileSync(certificate, 'utf8');
    writeFileSync(
      copy,
      text.replace(/"signature":"(.)/, (_, first) => `"signature":"${first === 'A' ? 'B' : 'A'}`),
    );
    const run = await verify(copy, '--json', '--measurements', join(data, 'measurements'));
    expect(run.exit).toBe(1);
    expect(resultOf(run).effectiveVotes).toBeNull();
  });

  it('the report quotes it', async () => {
    const out = join(folder, 'report.html');
    expect((await conclave(['report', file, '--data', data, '--out', out])).exit).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain(`Effective votes: ${WORDS}`);
  });

  it('that of another panel is not quoted', async () => {
    const folder = join(temporaryFolder(), 'council');
    keepMeasurement(folder, { ...measured, panel: digestOf('another panel') });
    const run = await verify(certificate, '--json', '--measurements', join(folder, 'measurements'));
    expect(resultOf(run)).toMatchObject({ valid: true, effectiveVotes: null });
  });

  it('a malformed one stops who asks for it by file and reason, and never the check of a certificate', async () => {
    writeFileSync(kept, readFileSync(kept, 'utf8').replace('"items":400', '"items":-4'));
    for (const run of [
      await review('--json'),
      await conclave(['report', file, '--data', data, '--json']),
      await verify(certificate, '--json', '--measurements', join(data, 'measurements')),
    ]) {
      expect(run.exit).toBe(65);
      expect(run.stdout + run.stderr).toContain(kept);
    }
    expect(resultOf(await verify(certificate, '--json'))).toMatchObject({
      valid: true,
      effectiveVotes: null,
    });
    keepMeasurement(data, measured);
  });
});
