// A live council: what it runs on and what it may cost is said before anything is asked, its keys are tried before
// anything is spent, and every call goes through recording, runner, cache and budget, in that order.
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { quorumOf } from '../consensus/quorum.ts';
import { ConclaveError } from '../errors.ts';
import { answerCache } from '../providers/answer-cache.ts';
import type { AskEvent } from '../providers/ask-events.ts';
import { Budget } from '../providers/budget.ts';
import type { Backing, Provider } from '../providers/contract.ts';
import { accessTo, type Environment, keysFor, secretsIn } from '../providers/credentials.ts';
import { refusedHosts } from '../providers/key-check.ts';
import { liveProvider } from '../providers/makers.ts';
import { recordingProvider } from '../providers/recording.ts';
import { runner } from '../providers/runner.ts';
import type { Agents } from '../seats/agents.ts';
import { type Sitting, worstCostUsd } from '../seats/question.ts';
import type { SeatFile } from '../seats/seat-file.ts';
import { Asking, progressLine, usd } from './asking.ts';
import { padEnd, plural, visible, wrap } from './layout.ts';
import type { Terminal } from './terminal.ts';

export interface MindsOptions {
  readonly data: string;
  readonly replay?: string;
  readonly record?: string;
  readonly cache?: string;
  readonly offline?: boolean;
  readonly yes?: boolean;
  readonly budget?: number;
  /** what the budget is for: each case, or all that is asked by this command */
  readonly budgetFor?: 'case' | 'run';
}

export interface Minds {
  readonly provider: Provider;
  /** the same, asked again on purpose for the so-manieth time, from 0: a cache keeps each repetition apart */
  readonly repeated: (repetition: number) => Provider;
  /** what is known of live seats under way; undefined where no model is asked */
  readonly asking: Asking | undefined;
  /** Before seats sit: tries the keys, says what it may cost, and lets them ask. Throws when it is not to be. */
  readonly admit: (sittings: readonly Sitting[]) => Promise<void>;
  /** For seats that sit whenever a case comes: tries their keys, lets them ask, and says what is wrong. */
  readonly attend: (seats: readonly SeatFile[]) => Promise<readonly string[]>;
  readonly onProgress: (listener: () => void) => void;
}

export interface MindsPlace {
  readonly agents: Agents;
  readonly environment: Environment;
  readonly terminal: Terminal;
  /** hears what each call comes to, besides */
  readonly onAsk?: (event: AskEvent) => void;
}

export function isReady({ backing }: SeatFile, environment: Environment): boolean {
  return keysFor(backing, environment).ready;
}

export function liveMinds(
  options: MindsOptions,
  { agents, environment, terminal, onAsk }: MindsPlace,
): Minds {
  const asking = new Asking(agents.seats);
  const ofRun = options.budgetFor === 'run';
  let onProgress = (): void => {};
  const observe = (event: AskEvent): void => {
    asking.hear(event);
    onAsk?.(event);
    // A run of thousands of questions has a bar instead.
    const told = !terminal.live && !ofRun;
    const line = told ? progressLine(event, agents.seats[event.seat - 1]) : undefined;
    if (line !== undefined) terminal.say(line);
    onProgress();
  };
  const say = (trouble: string): void => terminal.say(`  ${visible(trouble)}`);
  const { caseUsd, dayUsd } = agents.budget;
  const allowed = options.budget ?? caseUsd;
  const limits = {
    seatUsd: (seat: number) => agents.seats[seat - 1]?.limits.maxUsd,
    ...(ofRun ? { runUsd: allowed } : { caseUsd: allowed }),
    dayUsd,
  };
  const budget = new Budget({ limits, directory: join(resolve(options.data), SPEND_FOLDER) }, { say });
  const billed = budget.around(liveProvider({ environment }));
  const asked = (repetition: number): Provider => {
    const provider =
      options.cache === undefined
        ? billed
        : answerCache({ directory: resolve(options.cache), repetition }, { provider: billed, say });
    const patient = runner({}, { provider, observe });
    return options.record === undefined
      ? patient
      : recordingProvider(resolve(options.record), patient, { secrets: secretsIn(environment), say });
  };
  const gates: Gate[] = [];
  let open = false;
  const repeated = (repetition: number): Gate => {
    const gate = gates[repetition] ?? new Gate(asked(repetition));
    gates[repetition] = gate;
    if (open) gate.open();
    return gate;
  };
  const openAll = (): void => {
    open = true;
    for (const gate of gates) gate.open();
  };
  return {
    provider: repeated(0),
    repeated,
    asking,
    onProgress: (listener) => {
      onProgress = listener;
    },
    attend: async (seats) => {
      const refused = await refusedHosts(
        seats.filter((seat) => isReady(seat, environment)).map(({ backing }) => backing),
        environment,
      );
      const keyless = seats.filter((seat) => !isReady(seat, environment));
      const missing = new Set(keyless.map(({ backing }) => keysFor(backing, environment).variable));
      openAll();
      return [
        ...refused.map(({ error }) => error.message),
        ...[...missing].map((variable) => `${variable} is not set`),
      ];
    },
    admit: async (sittings) => {
      const seats = [...new Map(sittings.map(({ seat }) => [seat.seat, seat])).values()];
      const goOn = options.yes === true || seats.length < agents.seats.length;
      await requireKeys(seats, { environment, terminal, goOn });
      const worst = sittings
        .filter(({ seat }) => isReady(seat, environment))
        .reduce((sum, sitting) => sum + worstCostUsd(sitting, agents.prompts), 0);
      terminal.say(...seatRows(seats, environment, terminal), ...sharedRows(seats, environment, terminal));
      terminal.say(
        `  may cost up to ${usd(worst)}; no more than ${usd(allowed)} is spent ${ofRun ? 'in this run' : 'on a case'}`,
        '',
      );
      // A run that reaches its limit goes on another day where it was; a case would be judged by half a council.
      if (worst > allowed && !ofRun) {
        throw new ConclaveError(
          'usage',
          `that may cost up to ${usd(worst)}, and ${usd(allowed)} may be spent: --budget ${Math.ceil(worst)} allows it`,
        );
      }
      if (terminal.live && options.yes !== true && !(await agrees()))
        throw new ConclaveError('usage', 'nothing was asked and nothing spent');
      openAll();
    },
  };
}

export const SPEND_FOLDER = 'spend';

/** Seats of a case in mid-flight take it up as soon as the council is open; no model hears of it before it may. */
class Gate implements Provider {
  readonly name: string;
  readonly provenance: Provider['provenance'];
  readonly #inner: Provider;
  readonly #opened: Promise<void>;
  open: () => void = () => {};

  constructor(inner: Provider) {
    this.name = inner.name;
    this.provenance = inner.provenance;
    this.#inner = inner;
    this.#opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  async ask(...question: Parameters<Provider['ask']>): ReturnType<Provider['ask']> {
    await this.#opened;
    return this.#inner.ask(...question);
  }
}

interface KeyRules {
  readonly environment: Environment;
  readonly terminal: Terminal;
  /** also with fewer keys than approvals are needed */
  readonly goOn: boolean;
}

/** One clear line a maker, and nothing spent. */
async function requireKeys(
  seats: readonly SeatFile[],
  { environment, terminal, goOn }: KeyRules,
): Promise<void> {
  const ready = seats.filter((seat) => isReady(seat, environment));
  const refused = await refusedHosts(
    ready.map(({ backing }) => backing),
    environment,
  );
  for (const { error } of refused) terminal.say(`  ${terminal.colors.red('✗')} ${visible(error.message)}`);
  // A host that is out of reach may be back by the time its seats are asked; a key does not become good.
  const final = refused.filter(({ error }) => !error.retryable);
  if (final.length > 0) {
    const hosts = final.map(({ host }) => host).join(', ');
    throw new ConclaveError(
      'unavailable',
      `nothing was asked and nothing spent: see to ${hosts}, or judge with --offline`,
    );
  }
  const { q, n } = quorumOf(seats.length);
  const away = new Set(refused.map(({ host }) => host));
  const reachable = ready.filter(({ backing }) => !away.has(backing.host)).length;
  if (reachable >= q || goOn) return;
  const missing = new Map<string, number>();
  for (const { backing } of seats) {
    const { ready: has, variable } = keysFor(backing, environment);
    if (!has) missing.set(variable, (missing.get(variable) ?? 0) + 1);
  }
  const wanted = [...missing].map(([variable, count]) => `${variable} (${plural(count, 'seat')})`).join(', ');
  const todo = wanted === '' ? 'Judge' : `Set ${wanted}, or judge`;
  throw new ConclaveError(
    'unavailable',
    `${q} of ${n} seats must approve and only ${reachable} can be asked. ${todo} with --offline, or go on all the same with --yes`,
  );
}

function seatRows(
  seats: readonly SeatFile[],
  environment: Environment,
  { colors, columns }: Terminal,
): string[] {
  const rows = new Map<string, { readonly backing: Backing; readonly models: Set<string>; count: number }>();
  for (const { backing } of seats) {
    const row = rows.get(backing.host) ?? { backing, models: new Set<string>(), count: 0 };
    row.models.add(backing.model);
    row.count++;
    rows.set(backing.host, row);
  }
  return [
    '',
    ...[...rows].flatMap(([host, { backing, models, count }]) => {
      const { ready, variable } = keysFor(backing, environment);
      const head = `  ${padEnd(visible(host), 14)} ${padEnd(plural(count, 'seat'), 8)}  `;
      if (!ready) return [`${head}${colors.yellow(`abstain: ${variable} is not set`)}`];
      const lines = wrap(visible([...models].join(', ')), columns - head.length);
      return lines.map((line, i) => `${i === 0 ? head : ' '.repeat(head.length)}${line}`);
    }),
  ];
}

/** Hosts of several names at one address are one machine, and fall together (protocol 6.2). */
function sharedRows(seats: readonly SeatFile[], environment: Environment, { colors }: Terminal): string[] {
  const machines = new Map<string, { readonly hosts: Set<string>; count: number }>();
  for (const { backing } of seats.filter((seat) => isReady(seat, environment))) {
    const { baseUrl } = accessTo(backing, environment);
    const machine = machines.get(baseUrl) ?? { hosts: new Set<string>(), count: 0 };
    machine.hosts.add(backing.host);
    machine.count++;
    machines.set(baseUrl, machine);
  }
  return [...machines.values()]
    .filter(({ hosts }) => hosts.size > 1)
    .map(({ hosts, count }) =>
      colors.yellow(
        `  ${visible([...hosts].join(', '))} are one machine: ${plural(count, 'seat')} fall with it`,
      ),
    );
}

async function agrees(): Promise<boolean> {
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await asked.question('  Ask them? [y/N] ')).trim());
  } finally {
    asked.close();
  }
}
