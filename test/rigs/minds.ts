// One case, judged by 33 seats whose models are played over real HTTP, with harm done on the way: the council of
// `conclave review` in this process, a model server behind it, the fault proxy between them. It keeps its own account
// of who asked what and how often, so that a test holds the council's words against what went over the wire.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ballot } from '../../src/council/ballot.ts';
import type { CaseSource } from '../../src/council/case-file.ts';
import type { Decision } from '../../src/council/records.ts';
import { auditLedger } from '../../src/ledger/audit.ts';
import { type Verification, verifyCertificate } from '../../src/ledger/verifier.ts';
import { pathsOf } from '../../src/node/council-directory.ts';
import { type Embedded, openEmbedded } from '../../src/node/embedded.ts';
import type { AskEvent } from '../../src/providers/ask-events.ts';
import type { Backing, Provider, Question } from '../../src/providers/contract.ts';
import { costUsd } from '../../src/providers/cost.ts';
import { liveProvider } from '../../src/providers/makers.ts';
import { type RunnerOptions, runner } from '../../src/providers/runner.ts';
import { type Agents, loadAgents } from '../../src/seats/agents.ts';
import type { SeatFile } from '../../src/seats/seat-file.ts';
import { nobleBls } from '../../src/signing/bls.ts';
import { loadBlst } from '../../src/signing/bls-blst.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { asSeatId, type SeatId } from '../../src/signing/seat-id.ts';
import { type FaultProxy, faultProxy, type Passage, type Rates } from './fault-proxy.ts';
import { sourceAbout } from './instant-council.ts';
import { type ModelServer, modelServer, type Script } from './model-server.ts';
import { billedUsage, PROOF, reviewer } from './scripted-reviewer.ts';

/** Quick enough for a test, and with a share of failing seats that is worth looking at. */
const QUICK: RunnerOptions = { maxAttempts: 4, backOffMs: 20 };
const SEAT_TIMEOUT_MS = 15_000;

export interface Rehearsing {
  readonly seed?: number;
  readonly rates?: Rates | ((path: string) => Rates);
  readonly runner?: RunnerOptions;
  readonly seatTimeoutMs?: number;
  readonly slowMs?: readonly [number, number];
  readonly retryAfterMs?: readonly [number, number];
  /** how long ballots are waited for; unless said, longer than any seat may take */
  readonly commitMs?: number;
  /** changes a seat before it is seated */
  readonly seat?: (seat: SeatFile) => SeatFile;
  /** models that find a mandatory criterion not met */
  readonly dissenting?: ReadonlySet<string>;
  /** puts something in the place of the model that reads and judges */
  readonly script?: (reviewer: Script) => Script;
  readonly environment?: (environment: Record<string, string>) => Record<string, string | undefined>;
}

/** What a passage belongs to. */
export interface Asked {
  readonly seat: SeatId;
  readonly backing: Backing;
}

export interface Rehearsal {
  readonly agents: Agents;
  readonly decision: Decision;
  readonly ballots: ReadonlyMap<SeatId, Ballot>;
  readonly verification: Verification;
  readonly ledgerClean: boolean;
  readonly events: readonly AskEvent[];
  readonly server: ModelServer;
  readonly proxy: FaultProxy;
  /** when the commit phase closed, by performance.now() */
  readonly closedMs: number;
  readonly dataDir: string;
  /** by the proxy's names of questions */
  readonly asked: ReadonlyMap<string, Asked>;
  passagesOf(seat: SeatId): readonly Passage[];
  /** what the makers would bill for all that was delivered whole, but to these seats */
  billedUsd(but?: readonly SeatId[]): number;
  /** what the runner says was spent */
  reportedUsd(): number;
  /** says enough to have the run again */
  readonly story: string;
  end(): Promise<void>;
}

export async function rehearse(rehearsing: Rehearsing = {}): Promise<Rehearsal> {
  const { seed = 1, rates = {}, slowMs, retryAfterMs } = rehearsing;
  const agents = quickAgents(rehearsing);
  await warm();
  const server = await modelServer();
  const ledger = new Questions();
  const proxy = await faultProxy({
    upstream: server.url,
    seed,
    rates,
    questionOf: (_, body) => ledger.nameOf(body),
    ...(slowMs === undefined ? {} : { slowMs }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  const source = aCase();
  const criteria = agents.liveCharter.policies[source.type]?.criteria ?? [];
  const { dissenting = new Set<string>() } = rehearsing;
  const evidence = source.evidence.map(({ id }) => id);
  const reviewing = reviewer({ criteria, evidence, dissenting });
  server.answer(rehearsing.script?.(reviewing) ?? reviewing);

  const given = server.environment({ through: proxy.url });
  const environment = rehearsing.environment?.(given) ?? given;
  const events: AskEvent[] = [];
  const provider = runner(
    { ...QUICK, ...rehearsing.runner },
    {
      provider: ledger.noting(liveProvider({ environment })),
      observe: (event) => events.push(event),
    },
  );
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-minds-'));
  const council = await openEmbedded({ dataDir }, { agents, provider });
  let closedMs = Number.NaN;
  council.watch(({ kind }) => {
    if (kind === 'closed') closedMs = performance.now();
  });
  const caseId = await council.submit(source);
  const decision = await council.decided(caseId);
  const { certificate, proof } = council.files(caseId);
  const bls = (await loadBlst()) ?? nobleBls;
  const verification = verifyCertificate(
    {
      certificate: readFileSync(certificate),
      proof: readFileSync(proof),
      anchor: council.founding.councilId,
    },
    { ed25519: fastestEd25519, bls },
  );
  const opened = council.history(caseId)?.seats ?? new Map();
  const ballots = new Map([...opened].flatMap(([seat, { ballot }]) => (ballot ? [[seat, ballot]] : [])));
  const ledgerClean = isClean(council, dataDir);

  return {
    agents,
    decision,
    ballots,
    verification,
    ledgerClean,
    events,
    server,
    proxy,
    closedMs,
    dataDir,
    asked: ledger.asked,
    passagesOf: (seat) => proxy.passages.filter(({ question }) => ledger.asked.get(question)?.seat === seat),
    billedUsd: (but = []) =>
      proxy.passages.reduce((sum, { question, delivered }) => {
        const usage = delivered === undefined ? undefined : billedUsage(delivered);
        const asked = ledger.asked.get(question);
        if (usage === undefined || asked === undefined || but.includes(asked.seat)) return sum;
        return sum + costUsd(usage, asked.backing.price);
      }, 0),
    reportedUsd: () =>
      events.reduce(
        (sum, event) => sum + (event.kind === 'answered' || event.kind === 'failed' ? event.costUsd : 0),
        0,
      ),
    story: `seed ${seed}, rates ${JSON.stringify(rates)}, harm done ${JSON.stringify(harmDone(proxy))}`,
    end: async () => {
      await council.close();
      await proxy.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function aCase(): CaseSource {
  return sourceAbout('rehearsed', `Every stop was logged. ${PROOF} The log is kept for ten years.`);
}

/** The SDKs are loaded when they are first wanted, which takes a busy machine longer than these seats may. */
async function warm(): Promise<void> {
  await Promise.all([
    import('../../src/providers/openai.ts'),
    import('../../src/providers/anthropic.ts'),
    import('../../src/providers/google.ts'),
    import('../../src/providers/ollama.ts'),
    import('../../src/providers/compatible.ts'),
    import('openai'),
    import('@anthropic-ai/sdk'),
    import('@google/generative-ai'),
    import('ollama'),
  ]);
}

/** The roster as it is, in a hurry. */
function quickAgents({
  seatTimeoutMs: timeoutMs = SEAT_TIMEOUT_MS,
  commitMs = 3 * timeoutMs + 5_000,
  seat: change = (seat) => seat,
}: Rehearsing): Agents {
  const { seats, liveCharter, ...rest } = loadAgents('agents');
  const quick = seats.map((seat) => change({ ...seat, limits: { ...seat.limits, timeoutMs } }));
  return { ...rest, liveCharter: { ...liveCharter, windows: { commitMs, revealMs: 10_000 } }, seats: quick };
}

export function harmDone(proxy: FaultProxy): Readonly<Record<string, number>> {
  const done: Record<string, number> = {};
  for (const { harm } of proxy.passages) done[harm] = (done[harm] ?? 0) + 1;
  return done;
}

export const SEATS: readonly SeatId[] = Array.from({ length: 33 }, (_, i) => asSeatId(i + 1));

/** Knows a question again when it goes over the wire, by what its seat had to say; nonces in it do not matter. */
class Questions {
  readonly asked = new Map<string, Asked>();
  /** by the words of a question: its name, and the model it is put to; it is put to one at a time */
  readonly #underWay = new Map<string, { readonly name: string; readonly model: string }>();
  readonly #parts = new Map<SeatId, number>();

  noting(inner: Provider): Provider {
    return {
      ...inner,
      ask: (question, signal) => {
        this.#note(question);
        return inner.ask(question, signal);
      },
    };
  }

  nameOf(body: string): string {
    for (const [words, { name, model }] of this.#underWay) {
      if (body.includes(words)) return `${name}, ${model}`;
    }
    throw new Error('a request that no seat asked for');
  }

  #note({ seat, backing, prompt }: Question): void {
    const words = JSON.stringify(prompt.user).slice(1, -1);
    const known = this.#underWay.get(words)?.name;
    const part = (this.#parts.get(seat) ?? 0) + (known === undefined ? 1 : 0);
    this.#parts.set(seat, part);
    const name = known ?? `seat ${seat}, part ${part}`;
    this.#underWay.set(words, { name, model: backing.model });
    this.asked.set(`${name}, ${backing.model}`, { seat, backing });
  }
}

function isClean({ founding }: Embedded, dataDir: string): boolean {
  const { ledger } = pathsOf(dataDir);
  const read = (path: string) =>
    existsSync(join(ledger, path)) ? readFileSync(join(ledger, path)) : undefined;
  return auditLedger(founding, read, { ed25519: fastestEd25519 }).clean;
}
