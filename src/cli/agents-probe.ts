// `conclave agents probe`: asks every seat's model one tiny question and says how long it took, what it cost, what says
// that it answered, and what failed. Each seat is asked once and nothing is tried again: a probe shows how things
// stand. Hosts without a key, and hosts that refuse the key they get, are told in one line each, and nothing is
// asked or spent there.
import { performance } from 'node:perf_hooks';
import { reasonOf } from '../errors.ts';
import { type Backing, type Provider, ProviderError, type Question } from '../providers/contract.ts';
import { costUsd } from '../providers/cost.ts';
import { accessTo, type Environment, keysFor } from '../providers/credentials.ts';
import { type RefusedHost, refusedHosts } from '../providers/key-check.ts';
import { liveProvider } from '../providers/makers.ts';
import { backingOf, type SeatFile } from '../seats/seat-file.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { clip, padEnd, padStart, plural, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

/** Long enough for weights to be loaded from a disk, short enough to be waited for. */
const PROBE_TIMEOUT_MS = 60_000;
/** An answer takes ten; models that think first need room for that. */
const PROBE_TOKENS = 2_000;
/** Of one host, at once: a probe is no load test. */
const PROBES_A_HOST = 2;
const MAX_ERROR_CHARS = 200;

export interface Probed {
  readonly folder: string;
  readonly seats: readonly SeatFile[];
  readonly environment: Environment;
}

interface ProbeResult {
  readonly seat: number;
  readonly name: string;
  readonly provider: string;
  readonly host: string;
  readonly model: string;
  readonly ok: boolean;
  /** null where nothing was asked */
  readonly latencyMs: number | null;
  readonly costUsd: number | null;
  readonly servedBy: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface ProbeDependencies {
  readonly provider: Provider;
  readonly refused: (backings: readonly Backing[]) => Promise<readonly RefusedHost[]>;
}

export async function probeAgents(
  { folder, seats, environment }: Probed,
  terminal: Terminal,
  { provider, refused }: ProbeDependencies = {
    provider: liveProvider({ environment }),
    refused: (backings) => refusedHosts(backings, environment),
  },
): Promise<ExitCode> {
  const { colors } = terminal;
  const missing = missingKeys(seats, environment);
  for (const { host, variable, count } of missing) {
    const why = `${variable} is not set; ${plural(count, 'seat')} not asked`;
    terminal.say(colors.yellow(`  ${visible(host)}: ${why}`));
  }
  const ready = seats.filter(({ backing }) => keysFor(backing, environment).ready);
  const shared = sharedAddresses(ready, environment);
  for (const hosts of shared) {
    const names = hosts.map((host) => visible(host)).join(' and ');
    terminal.say(
      colors.yellow(`  ${names} are reached at one address: one host, whatever the seat files say`),
    );
  }
  const closed = new Map((await refused(ready.map(backingOf))).map(({ host, error }) => [host, error]));
  for (const { message } of closed.values()) {
    terminal.say(colors.red(`  ${clip(visible(message), MAX_ERROR_CHARS)}`));
  }
  const open = ready.filter(({ host }) => !closed.has(host));
  if (open.length > 0) terminal.say('', colors.dim(row(HEADINGS)));
  const asked = await Promise.all(
    groupsByHost(open).map((group) => inTurns(group, (seat) => probe(seat, provider), terminal)),
  );
  const results = asked.flat();
  const answered = results.filter(({ ok }) => ok).length;
  const spent = results.reduce((sum, result) => sum + (result.costUsd ?? 0), 0);
  terminal.say('', `  ${answered} of ${plural(seats.length, 'seat')} answered, ${usd(spent)} spent`, '');
  const notAsked = seats
    .filter((seat) => !open.includes(seat))
    .map((seat) => unasked(seat, closed.get(seat.host)));
  terminal.result({
    ok: answered === seats.length,
    agents: folder,
    answered,
    failed: results.length - answered,
    notAsked: notAsked.length,
    costUsd: spent,
    missing,
    shared,
    refused: [...closed].map(([host, { code, message }]) => ({ host, code, message })),
    seats: [...results, ...notAsked].sort((a, b) => a.seat - b.seat),
  });
  if (open.length === 0) return EXIT.unavailable;
  return answered === seats.length ? EXIT.yes : EXIT.no;
}

interface MissingKey {
  readonly provider: string;
  readonly host: string;
  readonly variable: string;
  readonly count: number;
}

/** One for each variable that is not set. */
function missingKeys(seats: readonly SeatFile[], environment: Environment): readonly MissingKey[] {
  const missing = new Map<string, MissingKey>();
  for (const { backing } of seats) {
    const { ready, variable } = keysFor(backing, environment);
    if (ready) continue;
    const known = missing.get(variable);
    missing.set(variable, {
      provider: backing.provider,
      host: known === undefined || known.host === backing.host ? backing.host : backing.provider,
      variable,
      count: (known?.count ?? 0) + 1,
    });
  }
  return [...missing.values()];
}

/** Hosts that are the same machine after all: what seat files call independent is not. */
function sharedAddresses(
  seats: readonly SeatFile[],
  environment: Environment,
): readonly (readonly string[])[] {
  const hosts = new Map<string, Set<string>>();
  for (const { backing } of seats) {
    const address = addressOf(backing, environment);
    if (address !== undefined) hosts.set(address, (hosts.get(address) ?? new Set()).add(backing.host));
  }
  return [...hosts.values()].filter(({ size }) => size > 1).map((names) => [...names].sort());
}

/** Undefined where it is none; that is told when the host is asked. */
function addressOf(backing: Backing, environment: Environment): string | undefined {
  try {
    return accessTo(backing, environment).baseUrl;
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

function groupsByHost(seats: readonly SeatFile[]): readonly (readonly SeatFile[])[] {
  const groups = new Map<string, SeatFile[]>();
  for (const seat of seats) {
    const key = `${seat.provider} ${seat.host}`;
    groups.set(key, [...(groups.get(key) ?? []), seat]);
  }
  return [...groups.values()];
}

async function inTurns(
  seats: readonly SeatFile[],
  ask: (seat: SeatFile) => Promise<ProbeResult>,
  terminal: Terminal,
): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = [];
  const waiting = [...seats];
  const worker = async (): Promise<void> => {
    for (let seat = waiting.shift(); seat !== undefined; seat = waiting.shift()) {
      const result = await ask(seat);
      results.push(result);
      terminal.say(resultRow(result, terminal));
    }
  };
  await Promise.all(Array.from({ length: PROBES_A_HOST }, worker));
  return results;
}

async function probe(seat: SeatFile, provider: Provider): Promise<ProbeResult> {
  const { backing } = seat;
  const started = performance.now();
  const about = { ...whoOf(seat), latencyMs: 0, costUsd: null, servedBy: null, error: null };
  const took = (): number => Math.round(performance.now() - started);
  try {
    const answer = await provider.ask(questionFor(seat), AbortSignal.timeout(PROBE_TIMEOUT_MS));
    const cost = answer.usage === undefined ? null : costUsd(answer.usage, backing.price);
    return { ...about, ok: true, latencyMs: took(), costUsd: cost, servedBy: answer.model };
  } catch (error) {
    const late = took() >= PROBE_TIMEOUT_MS;
    const code = late ? 'timeout' : error instanceof ProviderError ? error.code : 'unexpected';
    const told = late ? `no answer within ${PROBE_TIMEOUT_MS} ms` : reasonOf(error);
    const usage = error instanceof ProviderError ? error.usage : undefined;
    return {
      ...about,
      ok: false,
      latencyMs: took(),
      costUsd: usage === undefined ? null : costUsd(usage, backing.price),
      error: { code, message: clip(visible(told), MAX_ERROR_CHARS) },
    };
  }
}

/** The smallest thing that is still an answer: a form of one field. It has no case, no evidence and no criteria. */
function questionFor(seat: SeatFile): Question {
  const maxTokens = Math.min(PROBE_TOKENS, seat.sampling.maxTokens);
  return {
    seat: seat.seat,
    caseId: 'probe',
    backing: seat.backing,
    prompt: {
      system: 'You are asked whether you can be reached. Answer with JSON and nothing else.',
      user: 'Answer with {"reached": true}.',
      schema: {
        type: 'object',
        properties: { reached: { type: 'boolean' } },
        required: ['reached'],
        additionalProperties: false,
      },
    },
    lens: seat.lens,
    stance: seat.stance,
    strictness: seat.strictness,
    caseType: 'certification',
    facts: {},
    criteria: [],
    evidence: [],
    sampling: { ...seat.sampling, maxTokens },
    timeoutMs: PROBE_TIMEOUT_MS,
  };
}

function whoOf({ seat, name, backing }: SeatFile): Pick<Backing, 'provider' | 'host' | 'model'> & {
  readonly seat: number;
  readonly name: string;
} {
  const { provider, host, model } = backing;
  return { seat, name, provider, host, model };
}

function unasked(seat: SeatFile, refusal: ProviderError | undefined): ProbeResult {
  const error =
    refusal === undefined
      ? { code: 'not-asked', message: 'no key' }
      : { code: refusal.code, message: clip(visible(refusal.message), MAX_ERROR_CHARS) };
  return { ...whoOf(seat), ok: false, latencyMs: null, costUsd: null, servedBy: null, error };
}

const COLUMNS: readonly number[] = [3, 10, 23, 13];
const HEADINGS = ['', 'seat', 'model', 'host', '      ms', '         $', ' answered by'];

function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) =>
      padEnd(COLUMNS[i] === undefined ? cell : clip(visible(cell), COLUMNS[i]), COLUMNS[i] ?? 0),
    )
    .join(' ')
    .trimEnd();
}

function resultRow(result: ProbeResult, { colors }: Terminal): string {
  const { seat, name, model, host, latencyMs, costUsd: cost, servedBy, error } = result;
  const cells = [
    String(seat).padStart(2, '0'),
    name,
    model,
    host,
    padStart(latencyMs === null ? '' : String(latencyMs), 8),
    padStart(cost === null ? '' : usd(cost), 10),
  ];
  if (error !== null) return `${row(cells)}  ${colors.red(error.code)} ${error.message}`;
  return `${row(cells)}  ${visible(servedBy ?? '')}`;
}

function usd(amount: number): string {
  return amount === 0 ? '$0' : `$${amount.toFixed(amount < 0.01 ? 6 : 4)}`;
}
