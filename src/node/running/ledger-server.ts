// Publishes over HTTP what a node publishes anyway: its ledger as the static files that tlog-tiles are, its certificates,
// the genesis, and how it fares. Nothing else of its directory has a name here, nothing is written, and whoever
// connects is a stranger: connections, headers and times are bounded.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConclaveError } from '../../errors.ts';

const MAX_CONNECTIONS = 256;
const MAX_HEADER_BYTES = 8_192;
const MAX_PATH_LENGTH = 512;
/** A whole request must be here after it; what asks more slowly is holding a place that others need. */
const REQUEST_WITHIN_MS = 5_000;
const IDLE_MS = 5_000;
/** A reader that takes nothing for so long is gone. */
const STALLED_MS = 15_000;
const CHECK_EVERY_MS = 1_000;

export interface HttpPlace {
  readonly host: string;
  /** 0: any that is free */
  readonly port: number;
}

/** What a node says of itself to whoever watches over it. */
export interface Health {
  /** runs, and has not stopped for good */
  readonly live: boolean;
  /** hears a quorum */
  readonly healthy: boolean;
  /** and is not behind the others */
  readonly ready: boolean;
  /** in words, where it is not all of that */
  readonly why: string;
}

export interface LedgerServerDependencies {
  readonly ledger: string;
  readonly certificates: string;
  readonly genesis: string;
  readonly health: () => Health;
  /** what the node says of itself; all of it public */
  readonly status?: () => object;
  /** in the text format of Prometheus */
  readonly metrics?: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

type Dependencies = LedgerServerDependencies;

/** A file that may be read, and how long a reader may keep it. */
interface Published {
  readonly file: string;
  readonly type: string;
  readonly immutable: boolean;
}

export class LedgerServer {
  readonly #server: Server;
  readonly url: string;

  /** Rejects where the address is taken or is not this machine's. */
  static async listen({ host, port }: HttpPlace, dependencies: Dependencies): Promise<LedgerServer> {
    const server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: REQUEST_WITHIN_MS,
        requestTimeout: REQUEST_WITHIN_MS,
        keepAliveTimeout: IDLE_MS,
        connectionsCheckingInterval: CHECK_EVERY_MS,
      },
      (request, response) => {
        answer(request, response, dependencies).catch(() => response.destroy());
      },
    );
    server.maxConnections = MAX_CONNECTIONS;
    server.setTimeout(STALLED_MS);
    server.on('clientError', (_, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      const failed = (cause: Error): void =>
        reject(new ConclaveError('unavailable', `could not serve on ${host}:${port}: ${cause.message}`));
      server.once('error', failed);
      server.listen(port, host, () => {
        server.off('error', failed);
        resolve();
      });
    });
    return new LedgerServer(server, addressOf(server.address()));
  }

  private constructor(server: Server, address: AddressInfo) {
    this.#server = server;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    this.url = `http://${host}:${address.port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** `host:port`, or a port alone, which is then this machine's only. */
export function httpPlace(text: string): HttpPlace {
  const [, host = '127.0.0.1', port = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new ConclaveError(
      'usage',
      `expected an address such as 127.0.0.1:7070, found "${text.slice(0, 80)}"`,
    );
  }
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

async function answer(request: IncomingMessage, response: ServerResponse, to: Dependencies): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    response.setHeader('connection', 'close');
    return say(response, 405, 'only GET and HEAD');
  }
  const [path = ''] = (request.url ?? '').split('?', 1);
  switch (path) {
    case '/livez':
      return sayHealth(response, to.health(), 'live');
    case '/healthz':
      return sayHealth(response, to.health(), 'healthy');
    case '/readyz':
      return sayHealth(response, to.health(), 'ready');
    case '/status':
      return tell(response, to);
    case '/metrics':
      return measure(response, to);
    default: {
      const published = publishedAt(path, to);
      const file = published && (await openFile(published.file));
      if (published === undefined || file === undefined)
        return say(response, 404, 'nothing is published here');
      try {
        return await send({ request, response }, published, file);
      } finally {
        await file.close();
      }
    }
  }
}

/** Only names that we write ourselves: no escapes, no hidden files, nothing that leads elsewhere. */
const PATH = /^(?:\/[a-z0-9][a-z0-9._-]*)+$/;
const FULL_FILE = /^\/(?:tile|blocks)\/(?:[a-z0-9]+\/)*[0-9]{3}$/;

function publishedAt(path: string, { ledger, certificates, genesis }: Dependencies): Published | undefined {
  if (path.length > MAX_PATH_LENGTH || !PATH.test(path)) return undefined;
  if (path === '/genesis.json') return { file: genesis, type: 'application/json', immutable: true };
  if (path === '/checkpoint') {
    return { file: join(ledger, path), type: 'text/plain; charset=utf-8', immutable: false };
  }
  const [, folder = '', name = ''] = path.split('/');
  if (folder === 'tile' || folder === 'blocks') {
    const type = folder === 'tile' ? 'application/octet-stream' : 'application/jsonl';
    return { file: join(ledger, path), type, immutable: FULL_FILE.test(path) };
  }
  if (folder !== 'certificates' || path !== `/certificates/${name}`) return undefined;
  const file = join(certificates, name);
  if (name.endsWith('.intoto.jsonl')) return { file, type: 'application/jsonl', immutable: false };
  if (name.endsWith('.tlog-proof')) return { file, type: 'text/plain; charset=utf-8', immutable: false };
  return undefined;
}

/** A link is not followed: whatever it leads to is not ours to publish. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}

async function send(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  { type, immutable }: Published,
  file: FileHandle,
): Promise<void> {
  const stat = await file.stat({ bigint: true });
  if (!stat.isFile()) return say(response, 404, 'nothing is published here');
  // Every write replaces the whole file, so a file's number changes with its contents.
  const tag = `"${stat.ino.toString(36)}-${stat.size.toString(36)}-${stat.mtimeNs.toString(36)}"`;
  response.setHeader('etag', tag);
  response.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'content-type': type, 'content-length': Number(stat.size) });
  if (request.method === 'HEAD' || stat.size === 0n) {
    response.end();
    return;
  }
  // A file that grows meanwhile is sent as long as it was said to be.
  await pipeline(file.createReadStream({ autoClose: false, end: Number(stat.size) - 1 }), response);
}

async function measure(response: ServerResponse, { metrics }: Dependencies): Promise<void> {
  if (metrics === undefined) return say(response, 404, 'this node measures nothing');
  const { contentType, text } = await metrics();
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text);
}

function sayHealth(response: ServerResponse, health: Health, asked: 'live' | 'healthy' | 'ready'): void {
  return say(response, health[asked] ? 200 : 503, health[asked] ? 'ok' : health.why);
}

function tell(response: ServerResponse, { status }: Dependencies): void {
  if (status === undefined) return say(response, 404, 'this node tells nothing');
  response
    .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(`${JSON.stringify(status())}\n`);
}

function say(response: ServerResponse, status: number, words: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .end(`${words}\n`);
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string')
    throw new ConclaveError('internal', 'a server listens on an address');
  return address;
}
