// The nodes of `conclave up` at a glance: drawn over and over where a person watches, told line by line elsewhere.
import * as z from 'zod';
import type { KeptNode, NodeState } from './kept-node.ts';
import { padEnd, plural, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

const ASK_WITHIN_MS = 900;

/** What is shown of what a node says of itself. */
const said = z.object({
  height: z.number(),
  view: z.number(),
  heard: z.array(z.number()),
  quorum: z.number(),
  cases: z.array(z.unknown()),
  uncertified: z.array(z.unknown()),
  why: z.string().max(500),
});
type Said = z.infer<typeof said>;

export interface UpStatusDependencies {
  readonly terminal: Terminal;
  /** by node, as people write them */
  readonly seats: ReadonlyMap<string, string>;
  readonly councilId: string;
}

export class UpStatus {
  readonly #nodes: readonly KeptNode[];
  readonly #dependencies: UpStatusDependencies;
  readonly #said = new Map<string, Said>();
  #asking = false;
  #closed = false;

  constructor(nodes: readonly KeptNode[], dependencies: UpStatusDependencies) {
    this.#nodes = nodes;
    this.#dependencies = dependencies;
  }

  /** Asks every node how it fares, where anybody sees the answer. */
  async look(): Promise<void> {
    if (!this.#dependencies.terminal.live || this.#asking) return;
    this.#asking = true;
    await Promise.all(this.#nodes.map((node) => this.#ask(node)));
    this.#asking = false;
    this.draw();
  }

  draw(): void {
    if (!this.#closed) this.#dependencies.terminal.draw(this.#picture());
  }

  close(): void {
    this.#closed = true;
  }

  async #ask({ name, url }: KeptNode): Promise<void> {
    this.#said.delete(name);
    if (url === undefined) return;
    try {
      const answer = await fetch(`${url}/status`, { signal: AbortSignal.timeout(ASK_WITHIN_MS) });
      const read = said.safeParse(await answer.json()).data;
      if (read !== undefined) this.#said.set(name, read);
    } catch {
      // A node that does not answer is shown as one that does not.
    }
  }

  #picture(): string[] {
    const { terminal, seats } = this.#dependencies;
    const { colors } = terminal;
    const rows = this.#nodes.map((node) => {
      const told = this.#said.get(node.name);
      const head = `  ${mark(node.state, terminal)} ${padEnd(node.name, 8)} seats ${padEnd(seats.get(node.name) ?? '', 6)}`;
      if (told === undefined) return `${head}  ${colors.dim(wordFor(node))}`;
      const cases = told.cases.length > 0 ? `, ${plural(told.cases.length, 'case')} open` : '';
      return `${head}  block ${padEnd(`${told.height}`, 5)} view ${padEnd(`${told.view}`, 5)} hears ${told.heard.length}${cases}`;
    });
    const why = [...this.#said.values()].find(
      ({ cases, uncertified }) => cases.length + uncertified.length > 0,
    );
    return ['', ...rows, colors.dim(`  ${visible(why?.why ?? 'nothing waits to be ordered')}`)];
  }
}

/** One line on what just happened to a node. */
export function tellingOf(node: KeptNode): string[] {
  switch (node.state) {
    case 'starting':
      return [];
    case 'up':
      return [`  ${node.name} is up (process ${node.pid}${node.url === undefined ? '' : `, ${node.url}`})`];
    case 'down':
      return [`  ${node.name} ended (${visible(node.ended)}) and is started again; its log: ${node.logFile}`];
    case 'given-up':
      return [
        `  ${node.name} does not stay up (${visible(node.ended)}) and is left alone; its log: ${node.logFile}`,
      ];
    case 'stopped':
      return [`  ${node.name} stopped`];
    default:
      return node.state satisfies never;
  }
}

function mark(state: NodeState, { colors }: Terminal): string {
  if (state === 'up') return colors.green('●');
  return state === 'given-up' ? colors.red('✗') : colors.yellow('○');
}

function wordFor({ state, ended }: KeptNode): string {
  return state === 'down' || state === 'given-up'
    ? `${state === 'down' ? 'started again' : 'left alone'} after ${ended}`
    : state;
}
