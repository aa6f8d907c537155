// `conclave review`: one case the whole way in this process: opened, judged, sealed, opened at once, counted,
// certified. Run again on the same case it goes on where it was, or reports the decision again.
import { resolve } from 'node:path';
import type { CaseId } from '../council/case.ts';
import type { CaseSource } from '../council/case-file.ts';
import type { Decision } from '../council/records.ts';
import { badInput, ConclaveError, invariant } from '../errors.ts';
import { type Measurement, measurementFor } from '../evals/results/measurement.ts';
import { isFounded } from '../node/council-directory.ts';
import { type Embedded, openEmbedded } from '../node/embedded.ts';
import type { Provider } from '../providers/contract.ts';
import { type Agents, loadAgents } from '../seats/agents.ts';
import { loadCase } from '../seats/case-folder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder } from './folders.ts';
import type { Minds, MindsOptions } from './live-minds.ts';
import { mindsFor } from './minds.ts';
import { passphraseIn } from './passphrase.ts';
import { Proceedings } from './proceedings.ts';
import { chamberPicture, decisionReport, type Reviewed, resultOf } from './review-report.ts';
import type { Terminal } from './terminal.ts';

export interface ReviewOptions extends MindsOptions {
  readonly agents?: string;
  readonly again?: boolean;
  readonly passphraseFile?: string;
}

export async function review(file: string, options: ReviewOptions, terminal: Terminal): Promise<ExitCode> {
  const started = performance.now();
  // Everything a person wrote is read and checked before a council is founded or opened.
  const path = resolve(file);
  const { source } = await loadCase(path);
  const agents = loadAgents(agentsFolder(options.agents));
  const policy = agents.charter.policies[source.type];
  if (policy === undefined) {
    throw badInput(`the charter has no policy for a case of type ${source.type}`, { file: path });
  }
  const minds = mindsFor(options, { agents, environment: process.env, terminal });
  const dataDir = resolve(options.data);
  const admit = once(() =>
    minds.admit(agents.seats.map((seat) => ({ caseId: 'to be opened', seat, source, policy }))),
  );
  // A council is founded on models that can be asked, or not at all.
  if (!isFounded(dataDir)) await admit();
  const council = await openEmbedded(
    { dataDir, ...passphraseIn(options.passphraseFile) },
    { agents, provider: minds.provider },
  );
  try {
    // Before anything is asked: a malformed one is said before the case costs something.
    const measured = measurementFor(dataDir, council.founding.roster);
    const way = await caseFor(
      { source, file: path, again: options.again === true },
      { council, minds, admit },
    );
    const reviewed = await proceed(
      { ...way, source, started, measured },
      { council, agents, terminal, minds },
    );
    terminal.say(...decisionReport(reviewed, terminal));
    terminal.result(resultOf(reviewed));
    return exitFor(reviewed.decision);
  } finally {
    await council.close();
  }
}

export function exitFor({ outcome, basis, flags }: Decision): ExitCode {
  if (outcome === 'approved') return EXIT.yes;
  return basis === 'opposed' && !flags.includes('human-review') ? EXIT.no : EXIT.undecided;
}

/**
 * No stand-in answers for a seat that stands in the roster under a maker's name, nor the other way round (protocol
 * 6.4). Stand-ins may take turns: every ballot says what it came from.
 */
function requireFittingAnswers({ founding, dataDir }: Embedded, provider: Provider): void {
  const founded = founding.roster.seats[0]?.provenance ?? 'live';
  if ((founded === 'live') === (provider.provenance === 'live')) return;
  throw new ConclaveError(
    'usage',
    `the council in ${dataDir} was founded with ${founded} answers, not ${provider.provenance} ones: give another --data`,
  );
}

interface AskedFor {
  readonly source: CaseSource;
  readonly file: string;
  readonly again: boolean;
}

interface Chamber {
  readonly council: Embedded;
  readonly minds: Minds;
  readonly admit: () => Promise<void>;
}

/** A promise is made once, however often it is asked for. */
function once(make: () => Promise<void>): () => Promise<void> {
  let made: Promise<void> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function caseFor(
  { source, file, again }: AskedFor,
  { council, minds, admit }: Chamber,
): Promise<{ readonly caseId: CaseId; readonly resumed: boolean }> {
  const known = council.find(source);
  const attempts = council.attempts(source);
  const latest = attempts.at(-1);
  const underWay = known !== undefined && council.history(known)?.decision === undefined;
  if (known === undefined || underWay || again) requireFittingAnswers(council, minds.provider);
  if (known !== undefined && (underWay || !again)) {
    if (underWay) await admit();
    return { caseId: known, resumed: true };
  }
  if (latest !== undefined && !again) {
    throw badInput(
      `"${source.subject}" was judged before, on other texts than these: --again opens attempt ${attempts.length + 1}`,
      { file },
    );
  }
  const { attempts: most } = council.founding.charter;
  if (attempts.length >= most) {
    throw badInput(`"${source.subject}" was judged ${most} times, as often as the charter allows`, { file });
  }
  await admit();
  return { caseId: await council.submit(source), resumed: false };
}

interface Way {
  readonly source: CaseSource;
  readonly caseId: CaseId;
  readonly resumed: boolean;
  readonly started: number;
  /** of the panel that sits */
  readonly measured?: Measurement | undefined;
}

interface Witness {
  readonly council: Embedded;
  readonly agents: Agents;
  readonly terminal: Terminal;
  readonly minds?: Minds;
}

/** Watches the case to its certificate, drawing the chamber where a person watches. */
export async function proceed(way: Way, { council, agents, terminal, minds }: Witness): Promise<Reviewed> {
  const { source, caseId } = way;
  const lensOf = (seat: number): string => agents.seats[seat - 1]?.lens ?? '';
  const asking = minds?.asking;
  const proceedings = new Proceedings(caseId, council.founding.roster, lensOf, (seat) =>
    asking?.stateOf(seat),
  );
  const draw = (): void => terminal.draw(chamberPicture(source, proceedings, terminal));
  const past = council.history(caseId);
  if (past !== undefined) proceedings.recall(past);
  draw();
  minds?.onProgress(draw);
  const decidedAlready = proceedings.decision !== undefined;
  const marks = { decided: 0, certified: 0 };
  const stop = council.watch((event) => {
    proceedings.hear(event);
    if (event.kind === 'decided' && event.caseId === caseId) marks.decided = performance.now();
    draw();
  });
  try {
    const decision = await council.decided(caseId);
    marks.certified = performance.now();
    const history = council.history(caseId);
    invariant(history !== undefined, 'a decided case has a history');
    return {
      source,
      proceedings,
      decision,
      history,
      lensOf,
      criteria: council.founding.charter.policies[source.type]?.criteria ?? [],
      resumed: way.resumed,
      councilId: council.founding.councilId,
      dataDir: council.dataDir,
      files: council.files(caseId),
      ledger: council.status().ledger,
      measured: way.measured,
      roster: council.founding.roster,
      spend: asking?.spend() ?? [],
      totalMs: performance.now() - way.started,
      certifyMs: decidedAlready || marks.decided === 0 ? null : marks.certified - marks.decided,
    };
  } finally {
    stop();
  }
}
