// Kills `conclave review` with SIGKILL at random moments and runs the same command again on the same directory: there
// must come out one decision, certified, on a ledger that audits (issue 2, "Done means" 7).
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFounding } from '../../src/council/genesis.ts';
import { auditLedger } from '../../src/ledger/audit.ts';
import { verifyCertificate } from '../../src/ledger/verifier.ts';
import { fastestBls } from '../../src/node/signing/notary.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { Random } from '../../src/simulation/random.ts';

const projectRoot = join(import.meta.dirname, '..', '..');
const command = join(projectRoot, 'dist', 'cli', 'main.js');
const caseFile = join(projectRoot, 'evals', 'cases', 'exam-proctoring', 'case.yaml');

/** Seats answer one after the other, so that a kill may fall between any two commitments. */
const REPLAY = {
  default: { verdict: 'approve' },
  seats: Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [String(i + 1), { verdict: 'approve', delayMs: 15 * i }]),
  ),
};

export interface Killings {
  /** kills that met a living process */
  readonly kills: number;
  /** councils brought to their decision through them */
  readonly councils: number;
  /** moments of the kills, in milliseconds from the start of a process */
  readonly moments: readonly number[];
}

interface Run {
  readonly exit: number | null;
  readonly killed: boolean;
  readonly ms: number;
  readonly output: string;
}

/** Throws on the first council that does not come to exactly one clean decision, naming seed and directory. */
export async function killManyTimes(
  count: number,
  seed: number,
  report: (text: string) => void = () => {},
): Promise<Killings> {
  if (!existsSync(command)) throw new Error('dist/ is not built; npm test builds it first');
  const root = mkdtempSync(join(tmpdir(), 'conclave-kills-'));
  const replay = join(root, 'replay.json');
  writeFileSync(replay, JSON.stringify(REPLAY));
  const review = (dataDir: string, killAfterMs?: number): Promise<Run> =>
    run(['review', '--offline', caseFile, '--replay', replay, '--data', dataDir, '--json'], killAfterMs);
  const random = new Random(seed, 1);
  const moments: number[] = [];
  const reference = await review(join(root, 'reference'));
  if (reference.exit !== 0) throw new Error(`an unkilled review fails: ${reference.output}`);
  let councils = 0;
  // How long a run takes changes with what else the machine does; kills should fall into it, not after it.
  let typicalMs = reference.ms;
  while (moments.length < count) {
    const dataDir = join(root, `council-${councils}`);
    // Some councils are killed once, others again and again before they may finish.
    const times = random.between(1, 4);
    for (let i = 0; i < times && moments.length < count; i++) {
      const killed = await review(dataDir, random.between(0, Math.ceil(typicalMs)));
      if (!killed.killed) {
        typicalMs = killed.ms;
        break;
      }
      moments.push(killed.ms);
    }
    const last = await review(dataDir);
    typicalMs = Math.max(typicalMs / 2, Math.min(typicalMs, last.ms));
    await requireOneDecision(dataDir, last, reference, `seed ${seed}, ${dataDir}`);
    rmSync(dataDir, { recursive: true, force: true });
    councils += 1;
    report(`${moments.length} kills, ${councils} councils`);
  }
  rmSync(root, { recursive: true, force: true });
  return { kills: moments.length, councils, moments };
}

function run(words: readonly string[], killAfterMs?: number): Promise<Run> {
  const began = performance.now();
  const child = spawn(process.execPath, [command, ...words], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (exit, signal) => {
      clearTimeout(timer);
      done({ exit, killed: signal === 'SIGKILL', ms: Math.round(performance.now() - began), output });
    });
  });
}

async function requireOneDecision(dataDir: string, last: Run, reference: Run, where: string): Promise<void> {
  const problem = (what: string): Error => new Error(`${what} (${where})\n${last.output}`);
  if (last.exit !== reference.exit) throw problem(`expected exit ${reference.exit}, found ${last.exit}`);
  const founding = parseFounding(readFileSync(join(dataDir, 'genesis.json')));
  const read = (path: string): Uint8Array | undefined => {
    const file = join(dataDir, 'ledger', path);
    return existsSync(file) ? readFileSync(file) : undefined;
  };
  const audit = auditLedger(founding, read, { ed25519: fastestEd25519 });
  if (!audit.clean) throw problem(`the ledger does not audit: ${audit.problem?.detail}`);
  if (audit.decisions.length !== 1) throw problem(`expected one decision, found ${audit.decisions.length}`);
  const folder = join(dataDir, 'certificates');
  const [certificate, ...others] = readdirSync(folder).filter((name) => name.endsWith('.intoto.jsonl'));
  if (certificate === undefined || others.length > 0) throw problem('expected one certificate');
  const verified = verifyCertificate(
    {
      certificate: readFileSync(join(folder, certificate)),
      proof: readFileSync(join(folder, certificate.replace('.intoto.jsonl', '.tlog-proof'))),
      anchor: founding.councilId,
    },
    { ed25519: fastestEd25519, bls: await fastestBls() },
  );
  if (!verified.valid) throw problem(`the certificate is not valid: ${verified.failed}`);
  if (verified.decision?.tally.approve !== 33) throw problem('expected every seat to be counted');
}
