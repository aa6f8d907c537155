// `conclave submit`: a case to a running council. It says yes only when it holds a proof, checked here, that the case
// is open (protocol 8.3), and with --wait only what a certificate, checked here too, says.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CaseId } from '../council/case.ts';
import type { CaseSource } from '../council/case-file.ts';
import { badInput, ConclaveError } from '../errors.ts';
import { certificatePath, proofPath } from '../node/chancery.ts';
import type { Certified, CouncilClient } from '../node/client/council-client.ts';
import { type Submission, type SubmissionProgress, submitCase } from '../node/client/submission.ts';
import { SubmissionRecords } from '../node/client/submission-record.ts';
import { submitterHolder } from '../node/council-directory.ts';
import { SUBMITTERS_FOLDER } from '../node/running/founding.ts';
import { fastestBls } from '../node/signing/notary.ts';
import { loadCase } from '../seats/case-folder.ts';
import { equalBytes, fromBase64 } from '../signing/bytes.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { KEY_INDEX_NAME, openKeyDirectory } from '../signing/key-file.ts';
import { keyFileName } from '../signing/key-holder.ts';
import { DiskFolder } from '../storage/folder.ts';
import { type CouncilLine, joinCouncil } from './council-line.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { asTyped } from './folders.ts';
import { counted, plural, visible } from './layout.ts';
import { passphraseIn } from './passphrase.ts';
import type { RedisOptions } from './redis-servers.ts';
import { exitFor } from './review.ts';
import type { Terminal } from './terminal.ts';
import { watchToTheEnd } from './watch.ts';

export interface SubmitOptions extends RedisOptions {
  readonly submitter?: string;
  readonly wait?: boolean;
  readonly again?: boolean;
  readonly timeout: number;
  readonly passphraseFile?: string;
}

/** In the council's directory: what was submitted from here, and the certificates that came of it. */
export const SUBMISSIONS_FOLDER = 'submissions';
const CERTIFICATE_PATIENCE_MS = 120_000;

export async function submit(file: string, options: SubmitOptions, terminal: Terminal): Promise<ExitCode> {
  const started = performance.now();
  const { source } = await loadCase(resolve(file));
  const line = await joinCouncil(options);
  try {
    const { submitter, secret } = await submitterKey(options, line);
    const folder = new DiskFolder(join(line.root, SUBMISSIONS_FOLDER), { secret: true });
    const submission = await submitCase(
      { source, submitter, secret, again: options.again === true, withinMs: options.timeout * 1_000 },
      {
        client: line.client,
        dossiers: line.dossiers,
        ed25519: fastestEd25519,
        records: new SubmissionRecords(folder),
        tell: (progress) => say(progress, terminal),
      },
    );
    const acknowledgedMs = Math.round(performance.now() - started);
    if (!submission.acknowledged) return notYet(submission, terminal);
    if (options.wait !== true) {
      terminal.result({ ...summary(submission), acknowledgedMs });
      return EXIT.yes;
    }
    return await awaitDecision({ source, submission, acknowledgedMs, started }, line, folder, terminal);
  } finally {
    await line.close();
  }
}

interface Acknowledged {
  readonly source: CaseSource;
  readonly submission: Extract<Submission, { acknowledged: true }>;
  readonly acknowledgedMs: number;
  readonly started: number;
}

async function awaitDecision(
  { source, submission, acknowledgedMs, started }: Acknowledged,
  { client, root }: CouncilLine,
  folder: DiskFolder,
  terminal: Terminal,
): Promise<ExitCode> {
  const { caseId } = submission;
  const { commitMs, revealMs } = client.founding.charter.windows;
  const certified = await watchToTheEnd(
    { client, caseId, title: source.title, withinMs: commitMs + revealMs + CERTIFICATE_PATIENCE_MS },
    terminal,
  );
  const decision = certified?.verification.decision;
  if (certified === undefined || decision === undefined) {
    throw new ConclaveError(
      'unavailable',
      `case ${caseId} is open and there is no certificate yet; the same command goes on waiting`,
    );
  }
  await keepCertificate(folder, caseId, certified);
  const file = join(root, SUBMISSIONS_FOLDER, certificatePath(caseId));
  const { outcome, basis, tally, seats, threshold, flags } = decision;
  const { colors } = terminal;
  const word = outcome === 'approved' ? colors.green('APPROVED') : colors.red('NOT APPROVED');
  terminal.say(
    `  ${colors.bold(word)}   ${tally.approve} of ${seats} seats approve, ${threshold} must`,
    `  certificate  ${asTyped(file)}, verified from the genesis`,
  );
  const totalMs = Math.round(performance.now() - started);
  terminal.result({
    ...summary(submission),
    outcome,
    basis,
    tally,
    threshold,
    seats,
    flags,
    certificate: file,
    proof: join(root, SUBMISSIONS_FOLDER, proofPath(caseId)),
    verified: true,
    acknowledgedMs,
    totalMs,
  });
  return exitFor(decision);
}

function summary({ caseId, attempt, resumed, opening }: Acknowledged['submission']): object {
  return { acknowledged: true, caseId, attempt, resumed, entry: opening.index, height: opening.height };
}

function notYet(submission: Extract<Submission, { acknowledged: false }>, terminal: Terminal): ExitCode {
  const { caseId, attempt, resumed, why } = submission;
  terminal.say(
    `  ${terminal.colors.yellow('not yet')}: ${visible(why)}`,
    '  It may still be opened. The same command goes on from here.',
  );
  terminal.result({ acknowledged: false, caseId, attempt, resumed, why });
  return EXIT.undecided;
}

function say(progress: SubmissionProgress, terminal: Terminal): void {
  const { colors } = terminal;
  switch (progress.kind) {
    case 'prepared':
      return terminal.say(
        `  case ${progress.caseId}${progress.resumed ? colors.dim(', going on with it') : ''}`,
      );
    case 'offered':
      return terminal.say(colors.dim(`  offered to every node, encrypted: ${counted(progress.bytes)} bytes`));
    case 'receipted':
      return terminal.say(colors.dim(`  ${plural(progress.seats, 'seat')} have signed that they hold it`));
    case 'handed-in':
      return terminal.say(colors.dim(`  handed in at ${plural(progress.nodes, 'node')}`));
    case 'acknowledged': {
      const { index, height } = progress.opening;
      return terminal.say(
        `  ${colors.green('✓')} committed: entry ${index} of the ledger, proved at height ${height}`,
      );
    }
    default:
      return progress satisfies never;
  }
}

export async function keepCertificate(
  folder: DiskFolder,
  caseId: CaseId,
  certified: Certified,
): Promise<void> {
  await folder.write([
    { path: certificatePath(caseId), bytes: certified.certificate },
    { path: proofPath(caseId), bytes: certified.proof },
  ]);
}

/** The key must be the one the charter names, else no node would listen. */
export async function submitterKey(
  { submitter: asked, passphraseFile }: Pick<SubmitOptions, 'submitter' | 'passphraseFile'>,
  { root, client }: { readonly root: string; readonly client: CouncilClient },
): Promise<{ readonly submitter: string; readonly secret: Uint8Array }> {
  const path = join(root, SUBMITTERS_FOLDER);
  const { submitters } = client.founding.charter;
  const here = existsSync(path) ? readdirSync(path) : [];
  const submitter = asked ?? submitters.find(({ id }) => here.includes(keyFileName(submitterHolder(id))))?.id;
  const entry = submitters.find(({ id }) => id === submitter);
  if (submitter === undefined) throw badInput('expected the key of a submitter, found none', { file: path });
  if (entry === undefined) throw badInput(`the charter names no submitter "${submitter}"`);
  const holder = submitterHolder(submitter);
  const folder = new DiskFolder(path);
  const index = folder.read(KEY_INDEX_NAME);
  const bytes = folder.read(keyFileName(holder));
  if (index === undefined || bytes === undefined) {
    throw badInput('expected a key file, found none', { file: join(path, keyFileName(holder)) });
  }
  const { passphrase } = passphraseIn(passphraseFile);
  const keys = openKeyDirectory(index, passphrase).decode(holder, bytes, {
    ed25519: fastestEd25519,
    bls: await fastestBls(),
  });
  if (!equalBytes(keys.ed25519.publicKey, fromBase64(entry.ed25519))) {
    throw badInput(`the key of submitter "${submitter}" is not the one in the charter`, { file: path });
  }
  return { submitter, secret: keys.ed25519.secret };
}
