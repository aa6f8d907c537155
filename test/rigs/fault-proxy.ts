// A reverse proxy that does harm, put before a model server: it refuses, garbles, cuts off, delays and swallows what
// passes, at the rates it is given. What befalls a question is drawn from the seed, the question and how often it was
// asked, and from nothing else: requests that overtake each other change nothing, and a run can be had again. It
// keeps account of every request, so that a test need not believe what the client says of itself.
import { createHash } from 'node:crypto';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../src/simulation/random.ts';
import { errorReply, makerOf } from './maker-errors.ts';

export const HARMS = [
  /** 401: the key is not taken */
  'auth',
  /** 429, and how long to wait */
  'rate-limit',
  /** 500, 502 or 503 */
  'server',
  /** 200, and what follows is cut off or something else altogether */
  'malformed',
  /** the connection ends before a word of the answer */
  'dropped-before',
  /** the connection ends in the middle of the answer */
  'dropped-midway',
  /** the answer comes late */
  'slow',
  /** the answer never comes */
  'never',
  /** the answer begins and never ends */
  'stalled',
] as const;
export type Harm = (typeof HARMS)[number];

export type Rates = Readonly<Partial<Record<Harm, number>>>;

export interface FaultProxyOptions {
  /** where the model server is: http://127.0.0.1:… */
  readonly upstream: string;
  readonly seed: number;
  /** which share of requests each harm befalls, by path if need be; together at most 1 */
  readonly rates: Rates | ((path: string) => Rates);
  /** how long the refused are asked to wait, in milliseconds, at least and at most */
  readonly retryAfterMs?: readonly [number, number];
  readonly slowMs?: readonly [number, number];
  /** names a question, so that it is known when it is asked again; the digest of path and body if nothing is said */
  readonly questionOf?: (path: string, body: string) => string;
}

export interface Passage {
  readonly path: string;
  /** its name, the same each time it is asked */
  readonly question: string;
  /** 1 when it is asked for the first time */
  readonly attempt: number;
  readonly harm: Harm | 'none';
  /** how long a refusal asked to be left alone */
  readonly retryAfterMs: number | undefined;
  /** by performance.now() */
  readonly startedMs: number;
  /** until the last word was said or the connection ended; undefined while it lasts */
  readonly endedMs: number | undefined;
  /** what a client got whole and unharmed, or late: this is what its maker bills it for */
  readonly delivered: string | undefined;
}

export interface FaultProxy {
  readonly url: string;
  /** every request so far, in the order of their coming */
  readonly passages: readonly Passage[];
  /** how often each harm was done, by path; paths without model names would tell too little */
  counts(): Readonly<Record<string, Partial<Record<Harm | 'none', number>>>>;
  /** how often each question was asked */
  tries(): ReadonlyMap<string, number>;
  /** ends what is still going on, the answers that never come among it */
  close(): Promise<void>;
}

type Open = { -readonly [K in keyof Passage]: Passage[K] };

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_PASSAGES = 20_000;
/** Answers of another world, with status 200. */
const NO_ANSWERS = [
  '<html><body>Checking your browser …</body></html>',
  '{"ok":true}',
  '',
  'null',
  '{"choices":[],"content":[],"candidates":[],"message":{}}',
];

export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { seed, rates, retryAfterMs = [50, 200], slowMs = [200, 600], questionOf = digestOfAll } = options;
  if (typeof rates !== 'function') requireShares(rates);
  const ratesOf = typeof rates === 'function' ? rates : () => rates;

  const passages: Open[] = [];
  const asked = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  const closing = new AbortController();

  const server = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => incoming.socket.destroy());
  });

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const startedMs = performance.now();
    const path = incoming.url ?? '/';
    const body = await bounded(incoming, MAX_REQUEST_BYTES);
    const question = questionOf(path, body.toString('utf8'));
    const attempt = (asked.get(question) ?? 0) + 1;
    asked.set(question, attempt);
    const chance = new Random(seed, Number.parseInt(digestOf(`${question} ${attempt}`).slice(0, 8), 16));
    const harm = draw(chance, ratesOf(path));
    const passage: Open = {
      path,
      question,
      attempt,
      harm,
      retryAfterMs: undefined,
      startedMs,
      endedMs: undefined,
      delivered: undefined,
    };
    if (passages.length >= MAX_PASSAGES) throw new Error('more requests than a test should make');
    passages.push(passage);
    answer.once('close', () => {
      passage.endedMs = performance.now();
    });
    await befall(harm, { incoming, answer, body, path, chance, passage });
  }

  async function befall(harm: Harm | 'none', way: Way): Promise<void> {
    const { incoming, answer, path, chance } = way;
    switch (harm) {
      case 'auth':
        return reply(answer, errorReply(makerOf(path), 401));
      case 'rate-limit':
        way.passage.retryAfterMs = chance.between(...retryAfterMs);
        return reply(answer, errorReply(makerOf(path), 429, way.passage.retryAfterMs));
      case 'server':
        return reply(answer, errorReply(makerOf(path), chance.pick([500, 502, 503])));
      case 'dropped-before':
        incoming.socket.destroy();
        return;
      case 'never':
        return;
      case 'slow':
        await delay(chance.between(...slowMs), undefined, { signal: closing.signal });
        if (!answer.destroyed) await pass(way);
        return;
      case 'malformed':
        return garble(way);
      case 'dropped-midway':
        return begin(way, () => answer.destroy());
      case 'stalled':
        return begin(way, () => {});
      case 'none':
        return pass(way);
      default:
        return harm satisfies never;
    }
  }

  function ahead({ incoming, answer, body, path }: Way): Promise<IncomingMessage> {
    const { host: _, 'content-length': __, ...headers } = incoming.headers;
    return new Promise((resolve, reject) => {
      const onward = request(
        new URL(path, options.upstream),
        { method: incoming.method, headers: { ...headers, 'content-length': body.length }, agent },
        resolve,
      );
      onward.once('error', reject);
      answer.once('close', () => onward.destroy());
      onward.end(body);
    });
  }

  async function pass(way: Way): Promise<void> {
    const back = await ahead(way);
    const kept: Buffer[] = [];
    back.on('data', (chunk: Buffer) => kept.push(chunk));
    way.answer.writeHead(back.statusCode ?? 502, passedOn(back.headers));
    await pipeline(back, way.answer);
    if (back.statusCode === 200) way.passage.delivered = Buffer.concat(kept).toString('utf8');
  }

  async function garble(way: Way): Promise<void> {
    const { answer, chance } = way;
    const back = await ahead(way);
    const whole = await bounded(back, MAX_ANSWER_BYTES);
    const text = chance.chance(0.5) ? cutOff(whole, chance) : Buffer.from(chance.pick(NO_ANSWERS));
    answer.writeHead(200, { ...passedOn(back.headers), 'content-length': text.length });
    answer.end(text);
  }

  async function begin(way: Way, then: () => void): Promise<void> {
    const { answer, chance } = way;
    const back = await ahead(way);
    const whole = await bounded(back, MAX_ANSWER_BYTES);
    answer.writeHead(200, { ...passedOn(back.headers), 'content-length': whole.length });
    answer.write(cutOff(whole, chance), then);
  }

  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    passages,
    counts: () => {
      const counts: Record<string, Partial<Record<Harm | 'none', number>>> = {};
      for (const { path, harm } of passages) {
        const of = counts[path] ?? {};
        counts[path] = { ...of, [harm]: (of[harm] ?? 0) + 1 };
      }
      return counts;
    },
    tries: () => asked,
    close: () =>
      new Promise((closed) => {
        closing.abort();
        server.close(() => closed());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

interface Way {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly body: Buffer;
  readonly path: string;
  readonly chance: Random;
  readonly passage: Open;
}

function draw(chance: Random, rates: Rates): Harm | 'none' {
  let left = chance.fraction();
  for (const harm of HARMS) {
    left -= rates[harm] ?? 0;
    if (left < 0) return harm;
  }
  return 'none';
}

function reply(answer: ServerResponse, { status, headers, body }: ReturnType<typeof errorReply>): void {
  answer.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  answer.end(body);
}

/** At least a byte, and never all of them. */
function cutOff(whole: Buffer, chance: Random): Buffer {
  return whole.subarray(0, chance.between(1, Math.max(1, Math.floor(whole.length * 0.9))));
}

/** Length and framing are said anew: they may no longer be true. */
function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...rest } = headers;
  return rest;
}

async function bounded(stream: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > most) throw new Error(`more than ${most} bytes`);
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

function requireShares(rates: Rates): void {
  const total = HARMS.reduce((sum, harm) => sum + (rates[harm] ?? 0), 0);
  if (total > 1 + 1e-9) throw new Error(`expected rates of at most 1 in all, found ${total}`);
}

const digestOfAll = (path: string, body: string): string => digestOf(`${path}\n${body}`);

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
