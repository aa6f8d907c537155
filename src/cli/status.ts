// `conclave status`: every node of a running council at a glance, as each of them tells it, and whether that fits
// together. It is for people who look for what is wrong; nothing of it is proved.
import * as z from 'zod';
import { quorumOf } from '../consensus/quorum.ts';
import type { CouncilClient } from '../node/client/council-client.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { joinCouncil } from './council-line.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { counted, padEnd, plural, visible, wrap } from './layout.ts';
import type { RedisOptions } from './redis-servers.ts';
import { seatRanges } from './seat-ranges.ts';
import type { Terminal } from './terminal.ts';

/** Between two nodes that are both well: one may have committed what the other is about to. */
const BLOCKS_APART = 2;
/** A block may be on its way while they are asked; so it is asked once more before anything is called wrong. */
const TRIES = 3;

const count = z.number().int().min(0);
const short = z.string().max(1_000);
const seats = z.array(z.number().int().min(1).max(200)).max(200);

/** What is shown of what a node says of itself; what it says beside that is passed on with --json. */
const said = z.looseObject({
  height: count,
  view: count,
  epoch: count,
  role: z.enum(['leader', 'follower', 'stopped']),
  leader: z.optional(count),
  seats,
  heard: seats,
  silent: seats,
  pending: short,
  why: short,
  cases: z.array(z.looseObject({ caseId: short, phase: short, done: count, of: count })).max(1_024),
  filed: z.array(short).max(2_048),
  uncertified: z.array(short).max(2_048),
  ledger: z.looseObject({ size: count, root: short.nullable(), publishedHeight: count }),
  servers: z.optional(z.array(z.looseObject({ server: short, connected: z.boolean() })).max(16)),
});
type Said = z.infer<typeof said>;

export interface CouncilStatus {
  readonly nodes: readonly {
    readonly node: string;
    readonly seats: readonly number[];
    readonly said: Said | undefined;
  }[];
  /** seats of nodes that answered and have not stopped */
  readonly answering: number;
  readonly agreed: boolean;
  /** blocks between the first node and the last */
  readonly lag: number;
}

export async function status(options: RedisOptions, terminal: Terminal): Promise<ExitCode> {
  const line = await joinCouncil(options);
  try {
    const { client } = line;
    const { n, q, f } = quorumOf(client.roster.seats.length);
    const found = await settled(client);
    const servers = line.servers().map(({ server, connected }) => ({ server, connected }));
    const exit = exitOf(found, q);
    terminal.say(...rows(found, { q, n, servers }, terminal));
    terminal.result({
      council: client.founding.councilId,
      quorum: q,
      seats: n,
      mayFail: f,
      answering: found.answering,
      agreed: found.agreed,
      lag: found.lag,
      silent: found.nodes.filter((node) => node.said === undefined).map(({ node }) => node),
      servers,
      nodes: found.nodes.map(({ node, seats, said }) => ({
        ...said,
        node,
        seats,
        answers: said !== undefined,
      })),
    });
    return exit;
  } finally {
    await line.close();
  }
}

async function settled(client: CouncilClient): Promise<CouncilStatus> {
  let found = await asked(client);
  for (let tries = 1; tries < TRIES && found.answering > 0 && !found.agreed; tries++)
    found = await asked(client);
  return found;
}

async function asked(client: CouncilClient): Promise<CouncilStatus> {
  const texts = await client.statuses();
  const nodes = client.nodes.map((node) => ({
    node,
    seats: client.roster.seats.filter((seat) => seat.node === node).map(({ seat }) => Number(seat)),
    said: readSaid(texts.get(node)),
  }));
  const well = nodes.filter((node) => node.said !== undefined && node.said.role !== 'stopped');
  const heights = well.map((node) => node.said?.height ?? 0);
  const lag = heights.length === 0 ? 0 : Math.max(...heights) - Math.min(...heights);
  return {
    nodes,
    answering: client.seatsAt(well.map(({ node }) => node)),
    lag,
    agreed: lag <= BLOCKS_APART && rootsAgree(well.flatMap((node) => node.said ?? [])),
  };
}

/** Two ledgers of one size have one root. */
function rootsAgree(all: readonly Said[]): boolean {
  const roots = new Map<number, string | null>();
  return all.every(({ ledger: { size, root } }) => {
    const known = roots.get(size);
    roots.set(size, root);
    return known === undefined || known === root;
  });
}

/** Whatever else it is, an answer that is not what a node says is no answer. */
function readSaid(text: string | undefined): Said | undefined {
  if (text === undefined) return undefined;
  try {
    return said.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function exitOf({ nodes, answering, agreed }: CouncilStatus, q: number): ExitCode {
  if (nodes.every((node) => node.said === undefined)) return EXIT.unavailable;
  return answering >= q && agreed ? EXIT.yes : EXIT.undecided;
}

interface Around {
  readonly q: number;
  readonly n: number;
  readonly servers: readonly { readonly server: string; readonly connected: boolean }[];
}

function rows(found: CouncilStatus, { q, n, servers }: Around, terminal: Terminal): string[] {
  const { colors, columns } = terminal;
  const { answering, agreed, lag, nodes } = found;
  const verdict =
    answering < q
      ? colors.red(`${answering} of ${n} seats answer, ${q} must: nothing can be decided`)
      : agreed
        ? colors.green(`${answering} of ${n} seats answer and agree`)
        : colors.yellow(
            lag > BLOCKS_APART
              ? `nodes are ${plural(lag, 'block')} apart`
              : 'ledgers of one size have different roots',
          );
  return [
    '',
    ...nodes.flatMap(({ node, seats, said }) => nodeRows(node, seats, said, terminal)),
    '',
    `  ${verdict}`,
    ...wrap(
      servers.map(({ server, connected }) => `${server} ${connected ? 'reached' : 'not reached'}`).join(', '),
      columns - 12,
    ).map((row, i) => colors.dim(`  ${padEnd(i === 0 ? 'servers' : '', 9)}${row}`)),
    '',
  ];
}

function nodeRows(
  node: string,
  seats: readonly number[],
  said: Said | undefined,
  terminal: Terminal,
): string[] {
  const { colors, columns } = terminal;
  const head = `${padEnd(visible(node), 10)} seats ${padEnd(seatRanges(seats.map(asSeatId)), 8)}`;
  if (said === undefined) return [`  ${colors.red('✗')} ${head} ${colors.red('does not answer')}`];
  const { height, view, epoch, role, leader, silent, why, cases, filed, uncertified, ledger } = said;
  const sign = role === 'stopped' ? colors.red('✗') : colors.green('✓');
  const leads = role === 'leader' ? ', leads' : leader === undefined ? '' : `, seat ${leader} leads`;
  const root = ledger.root === null ? '' : `, root ${visible(ledger.root).slice(0, 12)}…`;
  const facts = [
    `height ${counted(height)}, view ${counted(view)}, epoch ${epoch}${leads}`,
    `ledger ${counted(ledger.size)}${root}`,
    ...(silent.length === 0 ? [] : [`silent: ${seatRanges(silent.map(asSeatId))}`]),
    ...cases.map(
      ({ caseId, phase, done, of }) =>
        `case ${visible(caseId).slice(0, 12)}… ${visible(phase)} ${done} of ${of}`,
    ),
    ...(filed.length === 0 ? [] : [`${plural(filed.length, 'case')} to be opened`]),
    ...(uncertified.length === 0 ? [] : [`${plural(uncertified.length, 'certificate')} owed`]),
    ...(said.servers ?? [])
      .filter(({ connected }) => !connected)
      .map(({ server }) => `${visible(server)} not reached`),
    visible(why),
  ];
  return [
    `  ${sign} ${head}`,
    ...facts.flatMap((fact) => wrap(fact, columns - 16)).map((row) => colors.dim(`${' '.repeat(15)}${row}`)),
  ];
}
