// `conclave demo`: a council of 33 in this process decides the sample cases, offline, and then every certificate is
// verified as a stranger would: with the files and the genesis digest, and nothing else.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConclaveError } from '../errors.ts';
import { type Verification, verifyCertificate } from '../ledger/verifier.ts';
import { isFounded, pathsOf } from '../node/council-directory.ts';
import { openEmbedded } from '../node/embedded.ts';
import { offlineProvider } from '../providers/offline.ts';
import { loadAgents } from '../seats/agents.ts';
import { type LoadedCase, loadCase } from '../seats/case-folder.ts';
import { fastestBackends } from './backends.ts';
import { seatRows, seatStrip, tallyBar } from './chamber.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder, asTyped, sampleCasesFolder } from './folders.ts';
import { clip, counted, padEnd, padStart, plural, visible } from './layout.ts';
import { proceed } from './review.ts';
import type { Reviewed } from './review-report.ts';
import type { Terminal } from './terminal.ts';

export const DEMO_FOLDER = '.conclave-demo';

interface Sample extends LoadedCase {
  readonly name: string;
}

interface Shown {
  readonly sample: Sample;
  readonly reviewed: Reviewed;
  readonly verification: Verification;
  readonly expectedly: boolean;
}

export async function demo(options: { readonly data?: string }, terminal: Terminal): Promise<ExitCode> {
  const started = performance.now();
  const dataDir = resolve(options.data ?? DEMO_FOLDER);
  const samples = await loadSamples();
  const agents = loadAgents(agentsFolder(undefined));
  if (options.data === undefined) clearEarlierDemo(dataDir);
  else if (isFounded(dataDir)) throw new ConclaveError('usage', `--data: ${dataDir} holds a council already`);

  const { colors } = terminal;
  terminal.say(
    '',
    colors.bold('  33 seats, 22 must approve. Each judges alone; ballots are sealed, then all opened.'),
    colors.dim('  Offline: a checklist answers for every seat, no model is asked. ✓ approve ✗ reject'),
    '',
  );
  const council = await openEmbedded({ dataDir }, { agents, provider: offlineProvider(agents) });
  const reviews: [Sample, Reviewed][] = [];
  try {
    for (const sample of samples) {
      const way = { source: sample.source, resumed: false, started: performance.now() };
      const caseId = await council.submit(sample.source);
      const reviewed = await proceed({ ...way, caseId }, { council, agents, terminal });
      terminal.say(...caseRows(reviewed, terminal));
      reviews.push([sample, reviewed]);
    }
  } finally {
    await council.close();
  }
  const decidedMs = performance.now() - started;

  const verifying = performance.now();
  const backends = await fastestBackends();
  const shown = reviews.map(([sample, reviewed]): Shown => {
    const { files, councilId, decision } = reviewed;
    const [certificate, proof] = [readFileSync(files.certificate), readFileSync(files.proof)];
    const verification = verifyCertificate(
      { certificate, proof, anchor: council.founding.councilId },
      backends,
    );
    terminal.draw([`  verifying ${sample.name} against ${councilId.slice(0, 16)}…`]);
    return { sample, reviewed, verification, expectedly: isExpected(sample.expected, decision) };
  });
  const verifiedMs = performance.now() - verifying;

  const ok = shown.every(({ verification, expectedly }) => verification.valid && expectedly);
  terminal.say(...closestCall(shown, terminal), ...table(shown, terminal));
  terminal.say(
    `  ${plural(shown.length, 'case')} decided in ${seconds(decidedMs)}, ${plural(shown.length, 'certificate')} verified in ${seconds(verifiedMs)}`,
    '',
    ...nextSteps(shown, dataDir, terminal),
  );
  terminal.result({
    ok,
    dataDir,
    genesis: council.founding.councilId,
    cases: shown.map(({ sample, reviewed, verification, expectedly }) => ({
      case: sample.name,
      expected: sample.expected ?? null,
      asExpected: expectedly,
      caseId: reviewed.decision.caseId,
      outcome: reviewed.decision.outcome,
      basis: reviewed.decision.basis,
      tally: reviewed.decision.tally,
      certificate: reviewed.files.certificate,
      verified: verification.valid,
      failed: verification.failed ?? null,
    })),
    timings: { decideMs: Math.round(decidedMs), verifyMs: Math.round(verifiedMs) },
  });
  return ok ? EXIT.yes : EXIT.no;
}

async function loadSamples(): Promise<readonly Sample[]> {
  const folder = sampleCasesFolder();
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted((a, b) => a.localeCompare(b));
  return Promise.all(
    names.map(async (name) => ({ name, ...(await loadCase(join(folder, name, 'case.yaml'))) })),
  );
}

/** Only what an earlier demo made, in the folder that is the demo's own. */
function clearEarlierDemo(dataDir: string): void {
  if (!isFounded(dataDir)) return;
  // The genesis last: until it is gone, the folder is recognised as an earlier demo's.
  const { genesis, root: _, ...folders } = pathsOf(dataDir);
  for (const path of [...Object.values(folders), genesis]) rmSync(path, { recursive: true, force: true });
}

/** A borderline case may fall either way, as long as the seats truly differ. */
const LEAST_MINORITY = 7;

function isExpected(expected: LoadedCase['expected'], { outcome, tally }: Reviewed['decision']): boolean {
  switch (expected) {
    case 'approve':
      return outcome === 'approved';
    case 'reject':
      return outcome === 'rejected';
    case 'split':
      return Math.min(tally.approve, tally.reject) >= LEAST_MINORITY;
    default:
      return true;
  }
}

function outcomeWord({ outcome }: Reviewed['decision'], { colors }: Terminal): string {
  return outcome === 'approved' ? colors.green('approved') : colors.red('rejected');
}

/** A case in two lines: what it was about, and who voted how. */
function caseRows({ source, proceedings, decision }: Reviewed, terminal: Terminal): string[] {
  const { colors, columns } = terminal;
  const { approve, reject } = decision.tally;
  return [
    `  ${clip(visible(source.title), columns - 4)} ${colors.dim(`(${source.type})`)}`,
    `  ${seatStrip(proceedings.seats(), colors)}  ${padStart(`${approve} : ${reject}`, 8)}   ${outcomeWord(decision, terminal)}`,
    '',
  ];
}

/** The whole chamber of the case that was least clear. */
function closestCall(shown: readonly Shown[], { colors, columns }: Terminal): string[] {
  const distance = ({ reviewed: { decision } }: Shown): number =>
    Math.abs(decision.tally.approve - (decision.threshold - 0.5));
  const [closest] = shown.toSorted((a, b) => distance(a) - distance(b));
  if (closest === undefined) return [];
  const { source, proceedings, decision } = closest.reviewed;
  return [
    colors.dim(`  The closest call: ${visible(source.title)}`),
    '',
    ...seatRows(proceedings.seats(), columns, colors),
    '',
    ...tallyBar(decision.tally, decision.seats, decision.threshold, colors),
    '',
  ];
}

function table(shown: readonly Shown[], terminal: Terminal): string[] {
  const { colors } = terminal;
  const row = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => padEnd(cell, WIDTHS[i] ?? 0)).join('')}`.trimEnd();
  return [
    colors.dim(row(['case', 'expected', 'outcome', 'tally', 'verified'])),
    ...shown.map(({ sample, reviewed: { decision }, verification, expectedly }) => {
      const sign = expectedly ? '' : colors.red(' !');
      const verified = verification.valid ? colors.green('✓ valid') : colors.red(`✗ ${verification.failed}`);
      const { approve, reject, abstain } = decision.tally;
      const tally = `${padStart(String(approve), 2)} : ${reject}${abstain === 0 ? '' : ` (${abstain})`}`;
      return row([
        clip(sample.name, 26),
        (sample.expected ?? '') + sign,
        outcomeWord(decision, terminal),
        tally,
        verified,
      ]);
    }),
    '',
  ];
}

const WIDTHS: readonly number[] = [28, 12, 12, 12, 12];

function nextSteps(shown: readonly Shown[], dataDir: string, { colors }: Terminal): string[] {
  const [first] = shown;
  if (first === undefined) return [];
  return [
    colors.dim('  Look closer, or judge a case of your own:'),
    `  npx conclave verify ${asTyped(first.reviewed.files.certificate)} \\`,
    `    --genesis ${first.reviewed.councilId}`,
    `  npx conclave ledger audit ${asTyped(dataDir)}`,
    `  npx conclave review ${asTyped(join(sampleCasesFolder(), first.sample.name, 'case.yaml'))}`,
    '',
  ];
}

const seconds = (ms: number): string => (ms < 100 ? `${counted(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
