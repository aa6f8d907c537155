// `conclave verify`: checks a certificate offline and says which check failed. Everything it knows comes from the
// two files and from what the person says they trust (protocol 7.4).
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Genesis } from '../council/genesis.ts';
import type { Decision } from '../council/records.ts';
import { FIRST_EPOCH, type Roster, rosterDigest } from '../council/roster.ts';
import { OUTCOMES, type Outcome } from '../council/tally.ts';
import { badInput, ConclaveError } from '../errors.ts';
import { type Measurement, measurementIn, measurementsFolder } from '../evals/results/measurement.ts';
import { MAX_CERTIFICATE_BYTES, parseCertificate } from '../ledger/certificate.ts';
import { admitRosters } from '../ledger/roster-chain.ts';
import { type Check, type Verification, verifyCertificate } from '../ledger/verifier.ts';
import { readBounded } from '../providers/text-file.ts';
import { type Digest, isDigest } from '../signing/digest.ts';
import { fastestBackends, PORTABLE_BACKENDS } from './backends.ts';
import { readFounding } from './council-folder.ts';
import { effectiveVotesIn, effectiveVotesWords } from './effective-votes.ts';
import { EXIT, type ExitCode, failureOf } from './exit-codes.ts';
import { padEnd, visible, wrap } from './layout.ts';
import type { Terminal } from './terminal.ts';

export interface VerifyOptions {
  readonly genesis?: string;
  readonly expect?: string;
  /** where suites keep what they measured of panels; else it is looked for in the council's directory */
  readonly measurements?: string;
  /** by the backends that run anywhere, though slower */
  readonly portable?: boolean;
}

const CERTIFICATE_ENDING = /\.intoto\.jsonl$/;
const PROOF_ENDING = '.tlog-proof';
const MAX_PROOF_BYTES = 1024 * 1024;
const NAME_COLUMNS = 21;

export async function verify(file: string, options: VerifyOptions, terminal: Terminal): Promise<ExitCode> {
  const expected = expectedOutcome(options.expect);
  const path = resolve(file);
  const certificate = readBounded(path, MAX_CERTIFICATE_BYTES);
  const proofPath = path.replace(CERTIFICATE_ENDING, '') + PROOF_ENDING;
  const proof = existsSync(proofPath) ? readBounded(proofPath, MAX_PROOF_BYTES) : undefined;
  const anchor = options.genesis === undefined ? undefined : anchorOf(options.genesis);

  const backends = options.portable === true ? PORTABLE_BACKENDS : await fastestBackends();
  const verification = verifyCertificate({ certificate, proof, anchor }, backends);
  const known = knownOf(verification, { certificate, path, named: options.measurements });
  const surprise = expected !== undefined && verification.decision?.outcome !== expected;
  const malformed = malformation(
    verification,
    certificate,
    path,
    proof === undefined ? undefined : proofPath,
  );

  terminal.say(...report(verification, expected, terminal), ...measuredRows(known, terminal));
  terminal.result({
    ...summary(verification),
    effectiveVotes: effectiveVotesIn(known?.measured),
    ...(expected === undefined ? {} : { expected, asExpected: !surprise }),
    certificate: path,
    proof: proof === undefined ? null : proofPath,
    ...(malformed === undefined ? {} : { error: plainError(malformed) }),
  });
  if (malformed !== undefined) {
    if (!terminal.json) terminal.fail(failureOf(malformed));
    return EXIT.badInput;
  }
  if (verification.status === 'invalid' || surprise) return EXIT.no;
  return verification.status === 'valid' ? EXIT.yes : EXIT.undecided;
}

interface MeasuredPanel {
  readonly panel: Roster;
  readonly measured: Measurement;
}

/** By a folder that was named, or by that of the council whose certificates lie where this one does. */
function measurementFolder(certificate: string, named: string | undefined): string | undefined {
  if (named !== undefined) {
    if (existsSync(named)) return resolve(named);
    throw new ConclaveError('usage', '--measurements: expected a directory, there is none', {
      file: resolve(named),
    });
  }
  const folder = dirname(certificate);
  return basename(folder) === 'certificates' ? measurementsFolder(dirname(folder)) : undefined;
}

interface Certified {
  readonly certificate: Uint8Array;
  readonly path: string;
  /** the folder of measurements, if one was named */
  readonly named: string | undefined;
}

/** What was measured of the panel that judged, when the certificate does not lie about it. */
function knownOf(
  { status, decision }: Verification,
  { certificate, path, named }: Certified,
): MeasuredPanel | undefined {
  const folder = measurementFolder(path, named);
  if (status === 'invalid' || folder === undefined) return undefined;
  const { rosters } = admitRosters(parseCertificate(certificate).rosters);
  const panel = rosters.find((roster) => rosterDigest(roster) === decision?.panel);
  if (panel === undefined) return undefined;
  try {
    const measured = measurementIn(folder, panel);
    return measured && { panel, measured };
  } catch (error) {
    // Whether a certificate holds does not hang on a file that nobody signed, and here nobody asked for it.
    if (named === undefined && error instanceof ConclaveError) return undefined;
    throw error;
  }
}

function expectedOutcome(text: string | undefined): Outcome | undefined {
  if (text === undefined) return undefined;
  const outcome = OUTCOMES.find((known) => known === text);
  if (outcome !== undefined) return outcome;
  throw new ConclaveError(
    'usage',
    `--expect: expected ${OUTCOMES.join(' or ')}, found "${text.slice(0, 40)}"`,
  );
}

/** A digest as it is, or the founding documents of the council, which name themselves. */
function anchorOf(text: string): Digest | Genesis {
  if (isDigest(text)) return text;
  const file = resolve(text);
  if (!existsSync(file)) {
    throw badInput('--genesis: expected a digest of 64 lower-case hex digits, or a genesis.json', { file });
  }
  return readFounding(file).genesis;
}

/** A file that is no certificate at all is bad input, and not a certificate that lies. */
function malformation(
  { failed, checks }: Verification,
  certificate: Uint8Array,
  file: string,
  proofFile: string | undefined,
): ConclaveError | undefined {
  if (failed === 'proof-form' && proofFile !== undefined) {
    return badInput(checks.at(-1)?.detail ?? 'malformed', { file: proofFile });
  }
  if (failed !== 'form') return undefined;
  try {
    parseCertificate(certificate);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConclaveError)) throw error;
    const { message, line } = error;
    return badInput(message, line === undefined ? { file } : { file, line });
  }
}

function plainError({ code, message, file, line }: ConclaveError): object {
  return { code, message, file, ...(line === undefined ? {} : { line }) };
}

/** What verifying found, for programs. The decision is what the certificate says: true only when it is valid. */
export function summary({ status, valid, failed, checks, decision, councilId }: Verification): object {
  return {
    valid,
    status,
    failed: failed ?? null,
    checks,
    council: councilId ?? null,
    caseId: decision?.caseId ?? null,
    outcome: decision?.outcome ?? null,
    basis: decision?.basis ?? null,
    tally: decision?.tally ?? null,
    threshold: decision?.threshold ?? null,
    epoch: decision?.epoch ?? null,
    seats: decision?.seats ?? null,
    flags: decision?.flags ?? null,
  };
}

function report(verification: Verification, expected: Outcome | undefined, terminal: Terminal): string[] {
  const { colors } = terminal;
  const { status, failed, decision, councilId } = verification;
  const rows = verification.checks.flatMap((check) => checkRows(check, verification, terminal));
  if (expected !== undefined && failed === undefined) {
    const name = 'expectation';
    const ok = decision?.outcome === expected;
    const detail = `${expected} was expected, the council ${decision?.outcome}`;
    rows.push(...checkRows({ name, ok, detail }, verification, terminal));
  }
  const verdict =
    status === 'valid'
      ? colors.bold(colors.green('VALID'))
      : status === 'invalid'
        ? colors.bold(colors.red(`INVALID: ${failed}`))
        : colors.bold(colors.yellow('UNDECIDED: nothing to trust by. Give --genesis DIGEST|FILE'));
  const says =
    decision === undefined || status === 'invalid'
      ? []
      : [
          `  ${decision.outcome} (${decision.basis}): ${decision.tally.approve} of ${decision.seats} seats approve, ${decision.threshold} must`,
          `  ${decision.type} of ${visible(decision.subject)}, attempt ${decision.attempt}`,
          colors.dim(`  case     ${decision.caseId}`),
          colors.dim(`  council  ${councilId ?? ''}`),
          ...(decision.epoch === FIRST_EPOCH ? [] : [colors.dim(`  epoch    ${epochOf(decision)}`)]),
          ...(decision.flags.length === 0 ? [] : [colors.yellow(`  flags    ${decision.flags.join(', ')}`)]),
        ];
  return ['', ...rows, '', `  ${verdict}`, ...says, ''];
}

function measuredRows(known: MeasuredPanel | undefined, { columns }: Terminal): string[] {
  if (known === undefined) return [];
  const words = `Effective votes of the panel: ${effectiveVotesWords(known.measured, known.panel)}. This is not part of the certificate, and nobody signed it.`;
  return [...wrap(words, columns - 4).map((line) => `  ${line}`), ''];
}

/** Who judged and who signed may be seats of different rosters (protocol 6.1). */
function epochOf({ epoch, panel, roster }: Decision): string {
  return panel === roster ? `${epoch}` : `${epoch}, judged by the panel of an earlier one`;
}

function checkRows(
  { name, ok, detail }: Omit<Check, 'name'> & { readonly name: string },
  { status }: Verification,
  { colors, columns }: Terminal,
): string[] {
  const open = !ok && name === 'anchor' && status !== 'invalid';
  const sign = ok ? colors.green('✓') : open ? colors.yellow('?') : colors.red('✗');
  const [first = '', ...rest] = wrap(visible(detail), columns - NAME_COLUMNS - 5);
  return [
    `  ${sign} ${padEnd(name, NAME_COLUMNS)}${colors.dim(first)}`,
    ...rest.map((line) => `    ${' '.repeat(NAME_COLUMNS)}${colors.dim(line)}`),
  ];
}
