// `conclave ledger audit|prove`: what a stranger does with a published ledger. Audit replays it from the genesis to
// the same decisions (protocol 4.10); prove hands out what shows that an entry stands in it.
import { ConclaveError } from '../errors.ts';
import { type Audit, auditLedger as replay } from '../ledger/audit.ts';
import { proveEntry as entryProof, proveGrowth } from '../ledger/prove.ts';
import { textOf, toBase64, toHex } from '../signing/bytes.ts';
import { type Digest, isDigest } from '../signing/digest.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { inLedger, openPublishedLedger } from './council-folder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { clip, counted, plural, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

const DECISIONS_SHOWN = 20;

export async function auditLedger(folder: string, terminal: Terminal): Promise<ExitCode> {
  const { folder: ledger, founding, read } = openPublishedLedger(folder);
  const started = performance.now();
  const audit = inLedger(ledger, () => replay(founding, read, { ed25519: fastestEd25519 }));
  const tookMs = Math.round(performance.now() - started);
  terminal.say(...auditReport(audit, tookMs, terminal));
  const { clean, blocks, size, root, decisions, problem } = audit;
  terminal.result({
    clean,
    ledger,
    council: founding.councilId,
    blocks,
    size,
    root,
    problem: problem ?? null,
    decisions: decisions.map(({ caseId, type, subject, attempt, outcome, basis, tally, flags }) => ({
      caseId,
      type,
      subject,
      attempt,
      outcome,
      basis,
      tally,
      flags,
    })),
    timings: { auditMs: tookMs },
  });
  return clean ? EXIT.yes : EXIT.no;
}

function auditReport(
  { clean, blocks, size, root, decisions, problem }: Audit,
  tookMs: number,
  { colors, columns }: Terminal,
): string[] {
  const shown = decisions.slice(-DECISIONS_SHOWN).map(({ caseId, outcome, basis, tally, subject }) => {
    const result = outcome === 'approved' ? colors.green(outcome) : colors.red(outcome);
    const what = clip(visible(subject), columns - 46);
    return `  ${caseId.slice(0, 12)}  ${result} (${basis}) ${tally.approve}:${tally.reject}  ${what}`;
  });
  const left = decisions.length - shown.length;
  return [
    '',
    ...(left > 0 ? [colors.dim(`  ${plural(left, 'earlier decision')}`)] : []),
    ...shown,
    '',
    ...(clean || problem === undefined
      ? [`  ${colors.bold(colors.green('CLEAN'))}: every block executes to what was published`]
      : [
          `  ${colors.bold(colors.red('NOT CLEAN'))} at height ${problem.height}: ${visible(problem.detail)}`,
        ]),
    `  ${plural(blocks, 'block')}, ${counted(size)} entries, ${plural(decisions.length, 'decision')}, ${counted(tookMs)} ms`,
    colors.dim(`  root ${root}`),
    '',
  ];
}

export async function proveEntry(
  folder: string,
  entry: string,
  options: { readonly since?: number },
  terminal: Terminal,
): Promise<ExitCode> {
  const { folder: ledger, read } = openPublishedLedger(folder);
  const wanted = entryOf(entry);
  const proof = inLedger(ledger, () => entryProof(wanted, read));
  const growth =
    options.since === undefined ? undefined : inLedger(ledger, () => proveGrowth(options.since ?? 1, read));
  const { colors } = terminal;
  terminal.say(
    `${colors.green('✓')} entry ${proof.index} stands in the ledger of ${counted(proof.size)} entries`,
    colors.dim(`  root ${proof.root}`),
    ...proof.hashes.map((hash) => colors.dim(`       ${toHex(hash)}`)),
  );
  if (growth !== undefined) {
    terminal.say(
      `${colors.green('✓')} the ledger of ${counted(growth.oldSize)} entries is the beginning of it`,
      colors.dim(`  root ${toHex(growth.oldRoot)}`),
      ...growth.hashes.map((hash) => colors.dim(`       ${toHex(hash)}`)),
    );
  }
  terminal.result({
    ledger,
    index: proof.index,
    size: proof.size,
    root: proof.root,
    leaf: toBase64(proof.leaf),
    hashes: proof.hashes.map(toHex),
    proof: textOf(proof.proof),
    growth:
      growth === undefined
        ? null
        : { oldSize: growth.oldSize, oldRoot: toHex(growth.oldRoot), hashes: growth.hashes.map(toHex) },
  });
  return EXIT.yes;
}

function entryOf(text: string): number | Digest {
  if (isDigest(text)) return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ConclaveError(
    'usage',
    `expected the index of an entry or its digest, found "${text.slice(0, 80)}"`,
  );
}
