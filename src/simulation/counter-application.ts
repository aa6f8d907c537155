// The cheapest application that still asks everything of the engine: entries that must come after others, that
// exclude each other, that start a deadline, that end the epoch, and that are forged. An entry is its text:
//   `7`        executes once              `8<7`    only after entry 7
//   `9|k`      only one entry with key k  `10@250` starts a deadline 250 ms after its block
//   `!11`      forged: never              `12^`    ends the epoch, `13^4` leaves chair 4 vacant from then on
import type { Admission, Application, BlockContext, Execution } from '../consensus/application.ts';
import { NOBODY } from '../consensus/bench.ts';
import type { Entry } from '../consensus/block.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { type Digest, digestOfBytes } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId, type SeatId } from '../signing/seat-id.ts';
import { Interned } from './signature-table.ts';

export interface CounterState {
  readonly id: number;
  readonly epoch: Epoch;
  readonly vacant: ReadonlySet<SeatId>;
  readonly size: number;
  readonly root: Digest;
  /** names of executed entries and the keys they took */
  readonly done: ReadonlySet<string>;
  readonly deadlines: readonly { readonly name: string; readonly atMs: number }[];
}

interface Meaning {
  readonly name: string;
  readonly after: string | undefined;
  readonly key: string | undefined;
  readonly deadlineMs: number | undefined;
  readonly ending: { readonly vacated: SeatId | undefined } | undefined;
  readonly forged: boolean;
}

const WORDING = /^(!?)(\w+)(?:<(\w+))?(?:\|(\w+))?(?:@(\d+))?(?:\^(\d*))?$/;
const FIRST_EPOCH = 1 as Epoch;

export class CounterApplication implements Application<CounterState> {
  readonly #entries = new Map<string, Entry>();
  readonly #meanings = new Map<Digest, Meaning>();
  readonly #executed = new Map<string, Execution<CounterState> | undefined>();
  readonly #digests = new Interned();
  #states = 1;

  /** The entry of a text: the same object each time. */
  entry(text: string): Entry {
    let entry = this.#entries.get(text);
    if (entry === undefined) {
      const bytes = utf8(text);
      entry = { digest: digestOfBytes(bytes), bytes };
      this.#entries.set(text, entry);
    }
    return entry;
  }

  genesis(): CounterState {
    const root = this.#digests.of('empty');
    return { id: 0, epoch: FIRST_EPOCH, vacant: NOBODY, size: 0, root, done: new Set(), deadlines: [] };
  }

  epochOf({ epoch }: CounterState): Epoch {
    return epoch;
  }

  /** Does one of the entries end the epoch? */
  endsEpoch(entries: readonly Entry[]): boolean {
    return entries.some((entry) => this.#meaning(entry).ending !== undefined);
  }

  execute(
    state: CounterState,
    context: BlockContext,
    entries: readonly Entry[],
  ): Execution<CounterState> | undefined {
    // What the engine lets into a block after the epoch's end is its affair; here it changes nothing (protocol 6.1).
    if (context.epoch < state.epoch) {
      return { state, ledgerSize: state.size, ledgerRoot: state.root, leaves: [] };
    }
    if (context.epoch > state.epoch) return undefined;
    let key = `${state.id}/${context.timeMs}`;
    for (const { digest } of entries) key += digest;
    if (this.#executed.has(key)) return this.#executed.get(key);
    const execution = this.#run(state, context.timeMs, entries);
    this.#executed.set(key, execution);
    return execution;
  }

  admits(state: CounterState, entry: Entry): Admission {
    const { name, key, after, forged } = this.#meaning(entry);
    if (forged || state.done.has(name) || (key !== undefined && state.done.has(`|${key}`))) return 'never';
    return after === undefined || state.done.has(after) ? 'now' : 'later';
  }

  authorOf(): string {
    return 'a client';
  }

  dueAtMs(state: CounterState): number | undefined {
    let due: number | undefined;
    for (const { atMs } of state.deadlines) if (due === undefined || atMs < due) due = atMs;
    return due;
  }

  #run(state: CounterState, timeMs: number, entries: readonly Entry[]): Execution<CounterState> | undefined {
    const done = new Set(state.done);
    const started: { name: string; atMs: number }[] = [];
    const leaves: Uint8Array[] = [];
    let { epoch, vacant } = state;
    for (const entry of entries) {
      const { name, key, after, deadlineMs, ending, forged } = this.#meaning(entry);
      if (epoch !== state.epoch) return undefined;
      if (forged || done.has(name) || (key !== undefined && done.has(`|${key}`))) return undefined;
      if (after !== undefined && !done.has(after)) return undefined;
      done.add(name);
      if (key !== undefined) done.add(`|${key}`);
      if (deadlineMs !== undefined) started.push({ name, atMs: timeMs + deadlineMs });
      if (ending !== undefined) {
        epoch = (epoch + 1) as Epoch;
        if (ending.vacated !== undefined) vacant = new Set([...vacant, ending.vacated]);
      }
      leaves.push(entry.bytes);
    }
    for (const { name, atMs } of state.deadlines) if (atMs <= timeMs) leaves.push(utf8(`due ${name}`));
    const deadlines = [...state.deadlines.filter(({ atMs }) => atMs > timeMs), ...started];
    const root = leaves.reduce<Digest>((so, leaf) => this.#digests.of(`${so} ${textOf(leaf)}`), state.root);
    const size = state.size + leaves.length;
    return {
      state: { id: this.#states++, epoch, vacant, size, root, done, deadlines },
      ledgerSize: size,
      ledgerRoot: root,
      leaves,
    };
  }

  #meaning(entry: Entry): Meaning {
    let meaning = this.#meanings.get(entry.digest);
    if (meaning === undefined) {
      const [, bang, name, after, key, deadline, vacated] = WORDING.exec(textOf(entry.bytes)) ?? [];
      meaning = {
        name: name ?? '',
        after,
        key,
        deadlineMs: deadline === undefined ? undefined : Number(deadline),
        ending:
          vacated === undefined
            ? undefined
            : { vacated: vacated === '' ? undefined : asSeatId(Number(vacated)) },
        forged: name === undefined || bang === '!',
      };
      this.#meanings.set(entry.digest, meaning);
    }
    return meaning;
  }
}
