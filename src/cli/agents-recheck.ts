// `conclave agents recheck`: seats drawn by lot are asked earlier cases again, and what they find now is held against the
// ballots they cast then (seats/cross-check.ts). The new ballots are sealed on disk before the old ones are looked
// at, and the lot is drawn from a seed that is printed, so nobody picks what suits them.
import { randomBytes, randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Ballot } from '../council/ballot.ts';
import { FIRST_EPOCH } from '../council/roster.ts';
import { badInput } from '../errors.ts';
import { shareFigure, wilson } from '../evals/measures/figure.ts';
import { pathsOf } from '../node/council-directory.ts';
import { DossierShelf } from '../node/dossiers/dossier-shelf.ts';
import { loadAgents } from '../seats/agents.ts';
import { type CrossCheck, type Drift, driftOf } from '../seats/cross-check.ts';
import { judge } from '../seats/judge.ts';
import type { Sitting } from '../seats/question.ts';
import { toHex, utf8 } from '../signing/bytes.ts';
import { commitmentOf, SALT_BYTES } from '../signing/commitment.ts';
import { Random } from '../simulation/random.ts';
import { DiskFolder } from '../storage/folder.ts';
import { openPublishedLedger, type PublishedLedger } from './council-folder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder, asTyped } from './folders.ts';
import { clip, padEnd, padStart, plural, visible } from './layout.ts';
import type { MindsOptions } from './live-minds.ts';
import { mindsFor } from './minds.ts';
import { courseOf, type DocketCase, docketOf } from './report/docket.ts';
import type { Terminal } from './terminal.ts';

export interface RecheckOptions extends MindsOptions {
  readonly count: number;
  readonly seed?: number;
}

interface Drawn {
  readonly about: DocketCase;
  readonly sitting: Sitting;
}

/** A check is one question to a model; a council that wants more asks twice. */
const MAX_CHECKS = 330;

export async function recheckAgents(
  folder: string | undefined,
  options: RecheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const agents = loadAgents(agentsFolder(folder));
  const dataDir = resolve(options.data);
  const ledger = openPublishedLedger(dataDir);
  const shelf = new DossierShelf(new DiskFolder(pathsOf(dataDir).dossiers));
  const seed = options.seed ?? randomInt(2 ** 31);
  const count = Math.min(options.count, MAX_CHECKS);
  const candidates = sittingsOf(ledger, shelf, agents.seats);
  if (candidates.length === 0)
    throw badInput('expected a decided case whose dossier is kept, found none to ask again', {
      file: dataDir,
    });
  const drawn = new Random(seed).shuffled(candidates).slice(0, count);
  const minds = mindsFor(options, { agents, environment: process.env, terminal });
  await minds.admit(drawn.map(({ sitting }) => sitting));

  const kept = join(dataDir, RECHECKS_FOLDER);
  const file = `recheck-${seed}-${Date.now()}.jsonl`;
  const book = new DiskFolder(kept, { secret: true });
  const keep = (record: object): Promise<void> => book.append(file, utf8(`${JSON.stringify(record)}\n`));
  const { councilId } = ledger.founding;
  const answered = await Promise.all(
    drawn.map(async ({ about, sitting }) => {
      const judgement = await judge(sitting, { provider: minds.provider, prompts: agents.prompts });
      if (judgement === undefined) return [];
      const { caseId } = about;
      const { seat } = sitting.seat;
      const salt = toHex(randomBytes(SALT_BYTES));
      const { ballot } = judgement;
      const commitment = commitmentOf({ councilId, epoch: FIRST_EPOCH, caseId, seat, salt, ballot });
      await keep({ kind: 'sealed', caseId, seat, commitment });
      return [{ about, sitting, ballot, salt, servedBy: judgement.servedBy }];
    }),
  );
  // Only now is anything read of what these seats found then.
  const checks: CrossCheck[] = [];
  for (const { about, sitting, ballot, salt, servedBy } of answered.flat()) {
    const before = ballotThen(ledger, about, sitting);
    if (before === undefined) continue;
    const { seat, backing } = { seat: sitting.seat.seat, backing: sitting.seat.backing };
    await keep({ kind: 'opened', caseId: about.caseId, seat, salt, ballot, servedBy, before });
    checks.push({ caseId: about.caseId, seat, model: backing.model, before, after: ballot });
  }
  const drift = driftOf(checks);
  terminal.say(...driftRows(drift, { seed, file: join(kept, file) }, terminal));
  terminal.result({ seed, checks: checks.length, file: join(kept, file), drift: drift.map(withInterval) });
  return EXIT.yes;
}

export const RECHECKS_FOLDER = 'rechecks';

/** Every seat and decided case that can be asked again; what the seats found is not looked at. */
function sittingsOf(
  ledger: PublishedLedger,
  shelf: DossierShelf,
  seats: ReturnType<typeof loadAgents>['seats'],
): readonly Drawn[] {
  const { policies } = ledger.founding.charter;
  return [...docketOf(ledger).values()].flatMap((about) => {
    const { caseId, document, decision } = about;
    const policy = policies[document.type];
    const source = decision && shelf.source(caseId, document);
    if (decision === undefined || policy === undefined || source === undefined) return [];
    return decision.ballots.flatMap(({ seat: number }) => {
      const seat = seats[number - 1];
      return seat === undefined
        ? []
        : [{ about, sitting: { caseId: `recheck ${caseId}`, seat, source, policy } }];
    });
  });
}

function ballotThen(
  ledger: PublishedLedger,
  { decision }: DocketCase,
  { seat }: Sitting,
): Ballot | undefined {
  return decision && courseOf(ledger, decision).ballots.get(seat.seat);
}

function withInterval(drift: Drift): object {
  return { ...drift, changed: shareFigure(drift.findingsChanged, drift.findings) };
}

function driftRows(
  drift: readonly Drift[],
  { seed, file }: { readonly seed: number; readonly file: string },
  { colors }: Terminal,
): string[] {
  const total = drift.reduce((sum, { checks }) => sum + checks, 0);
  const percent = (part: number): string => `${Math.round(100 * part)} %`;
  return [
    '',
    `  ${plural(total, 'seat')} drawn by lot (seed ${seed}) and asked an earlier case again`,
    '',
    colors.dim(
      `  ${padEnd('model', 24)}${padStart('compared', 9)}${padStart('verdicts', 10)}${padStart('findings changed', 34)}`,
    ),
    ...drift.map(
      ({ model, compared, verdictsChanged, findings, findingsChanged, stricter, milder, reconfigured }) => {
        const { low, high } = wilson(findingsChanged, findings);
        const changed =
          findings === 0
            ? '–'
            : `${findingsChanged} of ${findings} (95 %: ${percent(low)} to ${percent(high)})`;
        const ways = findingsChanged === 0 ? '' : `  ${stricter} stricter, ${milder} milder`;
        const note = reconfigured === 0 ? '' : `  ${plural(reconfigured, 'seat')} configured otherwise then`;
        return `  ${padEnd(clip(visible(model), 23), 24)}${padStart(String(compared), 9)}${padStart(String(verdictsChanged), 10)}${padStart(changed, 34)}${colors.dim(`${ways}${note}`)}`;
      },
    ),
    '',
    `  sealed and opened in ${asTyped(file)}`,
    '',
  ];
}
