// The one place that asks again. It puts a question to the provider inside it until there is an answer, a failure
// that no repetition mends, or no time: within the question's time, within a bound of attempts, after waits that
// grow, drawn by lot and never shorter than a host asked for; by no more calls at a host than it bears (throttle.ts),
// and not while that host is down (circuit.ts). A model that cannot be had at all gives way to the question's
// fallback. A call gets all the time that is left: the strongest models are slow, and no call is given up for that.
import { type AskEvent, type AskObserver, brief, whom } from './ask-events.ts';
import { Circuit, type CircuitOptions, type Health, type Pass } from './circuit.ts';
import { type Answer, type Backing, type Provider, ProviderError, type Question } from './contract.ts';
import { costUsd } from './cost.ts';
import { BACK_OFF_MS, enlarged, isOutOfReach, MAX_ATTEMPTS, waitMs } from './retry-rules.ts';
import { type Leaving, type Place, Throttle } from './throttle.ts';
import { type Clock, SYSTEM_CLOCK, TimeLimit } from './time-limit.ts';

/** Hosts come from seat files; far more than those can name. */
const MAX_HOSTS = 1000;
/** A question that found the circuit open after waiting its turn waits again; the time it has ends it much sooner. */
const MAX_TURNS = 1000;
/** A call that timed out tells something about the host only if it had at least this part of the question's time. */
const AMPLE_SHARE = 0.5;

export interface RunnerOptions {
  /** of one model, the first included */
  readonly maxAttempts?: number;
  /** the longest wait before the second attempt */
  readonly backOffMs?: number;
  /** how many calls may be under way at a host in the beginning */
  readonly places?: number;
  readonly circuit?: CircuitOptions;
}

export interface RunnerDependencies extends Partial<Clock> {
  readonly provider: Provider;
  readonly observe?: AskObserver;
  /** at least 0, below 1 */
  readonly random?: () => number;
}

/** What one machine bears, and whether it is up. */
interface Host {
  readonly throttle: Throttle;
  readonly circuit: Circuit;
}

/** A place at a host that is up: what an attempt begins with. */
interface Turn {
  readonly attempt: number;
  readonly place: Place;
  readonly pass: Pass;
}

interface Surroundings {
  readonly provider: Provider;
  readonly observe: AskObserver;
  readonly clock: Clock;
  readonly random: () => number;
  readonly maxAttempts: number;
  readonly backOffMs: number;
  hostOf(backing: Backing): Host;
}

export function runner(options: RunnerOptions, dependencies: RunnerDependencies): Provider {
  const { maxAttempts = MAX_ATTEMPTS, backOffMs = BACK_OFF_MS, places, circuit = {} } = options;
  const { provider, observe = () => {}, random = Math.random } = dependencies;
  const clock = { ...SYSTEM_CLOCK, ...dependencies };
  const hosts = new Map<string, Host>();
  const hostOf = ({ provider: api, host }: Backing): Host => {
    const key = JSON.stringify([api, host]);
    const known = hosts.get(key);
    if (known !== undefined) return known;
    if (hosts.size >= MAX_HOSTS)
      throw new ProviderError('rejected', `more than ${MAX_HOSTS} hosts were asked`);
    const fresh = {
      throttle: new Throttle(places === undefined ? {} : { places }),
      circuit: new Circuit(circuit, clock),
    };
    hosts.set(key, fresh);
    return fresh;
  };
  const around = { provider, observe, clock, random, maxAttempts, backOffMs, hostOf };
  return {
    name: provider.name,
    provenance: provider.provenance,
    ask: (question, signal) => new Asking({ question, signal }, around).outcome(),
  };
}

/** One question on its way. */
class Asking {
  readonly #question: Question;
  readonly #around: Surroundings;
  readonly #time: TimeLimit;
  #attempts = 0;
  #billedUsd = 0;
  #lastError: ProviderError | undefined;

  constructor(
    { question, signal }: { readonly question: Question; readonly signal: AbortSignal | undefined },
    around: Surroundings,
  ) {
    this.#question = question;
    this.#around = around;
    const { timeoutMs } = question;
    this.#time = new TimeLimit({ timeoutMs, late: () => this.#late(), outer: signal }, around.clock);
  }

  async outcome(): Promise<Answer> {
    let asked = this.#question;
    try {
      try {
        return await this.#ask(asked);
      } catch (error) {
        const first = asProviderError(error);
        const { fallback } = asked;
        if (fallback === undefined || !isOutOfReach(first) || this.#time.leftMs <= 0) throw first;
        asked = { ...asked, backing: fallback };
        const to = whom(asked).backing;
        this.#tell({ ...whom(this.#question), kind: 'fell-back', why: first.code, to });
        return await this.#ask(asked);
      }
    } catch (error) {
      const { code, message } = asProviderError(error);
      this.#tell({ ...whom(asked), kind: 'failed', code, message: brief(message), ...this.#ended() });
      throw error;
    } finally {
      this.#time.end();
    }
  }

  /** Until one model has answered, or is not worth asking any more. */
  async #ask(question: Question): Promise<Answer> {
    const { maxAttempts, backOffMs, random } = this.#around;
    let asked = question;
    for (let attempt = 1; ; attempt++) {
      // What does not even get its turn is not asked again.
      const turn = await this.#turn(asked);
      try {
        return await this.#attempt(asked, { attempt, ...turn });
      } catch (cause) {
        const error = asProviderError(cause);
        // A maker that does not allow answers so long has not refused the question.
        if (error.code === 'rejected' && asked !== question) throw this.#lastError;
        this.#lastError = error;
        const longer =
          error.code === 'truncated' && asked === question
            ? enlarged(question.sampling, question.prompt, question.backing)
            : undefined;
        const again = longer !== undefined || error.retryable;
        if (!again || this.#time.signal.aborted || attempt >= maxAttempts) throw error;
        const wait = longer === undefined ? waitMs(error, { attempts: attempt, backOffMs, random }) : 0;
        // What could only be asked again too late is not waited for.
        if (wait >= this.#time.leftMs) throw this.#late();
        if (longer !== undefined) asked = { ...question, sampling: longer };
        const next = { why: error.code, waitMs: wait, attempt: attempt + 1 };
        this.#tell({ ...whom(question), kind: 'retrying', ...next });
        await this.#time.pause(wait);
      }
    }
  }

  async #attempt(question: Question, { attempt, place, pass }: Turn): Promise<Answer> {
    const { provider } = this.#around;
    const { signal } = this.#time;
    const givenMs = this.#time.leftMs;
    let health: Health = 'unknown';
    let how: Leaving = 'otherwise';
    try {
      this.#attempts++;
      this.#tell({ ...whom(question), kind: 'asked', attempt });
      const timed = { ...question, timeoutMs: Math.max(1, Math.floor(givenMs)) };
      const answer = await this.#time.race(provider.ask(timed, signal));
      health = 'alive';
      how = 'answered';
      return this.#answered(question, answer);
    } catch (cause) {
      const { usage } = asProviderError(cause);
      if (usage !== undefined) this.#billedUsd += costUsd(usage, question.backing.price);
      // An adapter that heeds its signal has words of its own for what the signal said.
      const error = asProviderError(signal.aborted ? signal.reason : cause);
      health = healthAfter(error, givenMs >= this.#question.timeoutMs * AMPLE_SHARE);
      if (error.code === 'rate-limit') how = 'rate-limited';
      throw error;
    } finally {
      pass.end(health);
      place.leave(how);
    }
  }

  /** Waits until the host is up and has a place. */
  async #turn(question: Question): Promise<Pick<Turn, 'place' | 'pass'>> {
    const { throttle, circuit } = this.#around.hostOf(question.backing);
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      await this.#hostUp(question, circuit);
      if (!throttle.hasRoom) this.#tell({ ...whom(question), kind: 'waiting', for: 'a place' });
      const place = await throttle.enter(this.#time.signal);
      const pass = circuit.enter();
      if (pass !== undefined) return { place, pass };
      place.leave('otherwise');
    }
    throw new ProviderError('server', 'the host does not come back');
  }

  async #hostUp(question: Question, circuit: Circuit): Promise<void> {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const wait = circuit.waitMs;
      if (wait === 0) return;
      const { host, model } = question.backing;
      const another = question.fallback !== undefined && question.fallback !== question.backing;
      if (another || (wait ?? 0) >= this.#time.leftMs) {
        throw new ProviderError('server', `${host} is down and ${model} was not asked${this.#history()}`);
      }
      this.#tell({ ...whom(question), kind: 'waiting', for: 'the host to come back' });
      if (wait === undefined) await this.#time.race(circuit.changed());
      else await this.#time.pause(wait, circuit.changed());
    }
  }

  /** Told to whoever watches, and given with what it came to. */
  #answered(question: Question, answer: Answer): Answer {
    const { usage, requestId, model, provenance } = answer;
    const { price } = question.backing;
    // What was kept from before costs nothing now.
    const fromCache = provenance !== this.#around.provider.provenance;
    if (usage !== undefined && !fromCache) this.#billedUsd += costUsd(usage, price);
    this.#tell({
      ...whom(question),
      kind: 'answered',
      ...this.#ended(),
      servedBy: model,
      fromCache,
      ...(usage === undefined ? {} : { usage }),
      ...(requestId === undefined ? {} : { requestId }),
    });
    const isKnown = fromCache || usage !== undefined || price === undefined;
    return isKnown ? { ...answer, costUsd: this.#billedUsd } : answer;
  }

  #ended() {
    return { attempts: this.#attempts, tookMs: Math.round(this.#time.tookMs), costUsd: this.#billedUsd };
  }

  #late(): ProviderError {
    const message = `no answer within ${this.#question.timeoutMs} ms${this.#history()}`;
    return new ProviderError(
      'timeout',
      message,
      this.#lastError === undefined ? {} : { cause: this.#lastError },
    );
  }

  #history(): string {
    if (this.#lastError === undefined) return '';
    const { code, message } = this.#lastError;
    return `; attempt ${this.#attempts} ended in ${code}: ${brief(message)}`;
  }

  #tell(event: AskEvent): void {
    this.#around.observe(event);
  }
}

/** A refusal, even a 401, is a sign of life. */
function healthAfter({ code }: ProviderError, ample: boolean): Health {
  switch (code) {
    case 'server':
      return 'failed';
    case 'timeout':
      return ample ? 'failed' : 'unknown';
    case 'cancelled':
    case 'over-budget':
    case 'too-long':
    case 'silent':
      return 'unknown';
    default:
      return 'alive';
  }
}

/** Adapters reject with nothing else. Should one stumble over what came back, that was no answer of its API. */
function asProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const kind = error instanceof Error ? error.name : typeof error;
  return new ProviderError('malformed', `the answer could not be read (${kind})`, { cause: error });
}
