// The makers of models, played over real HTTP: aimock speaks each maker's wire protocol, and a small front before it
// says whose door was knocked at, keeps what was asked, and adds what aimock leaves out (request ids, Ollama's and
// Google's last words, odd headers, dead lines). A test scripts what is answered by a function of the request.
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type FixtureResponse, LLMock } from '@copilotkit/aimock';
import { type Asked, type Maker, type MakerRequest, readRequest } from './model-request.ts';
import { lastTouches } from './model-touches.ts';

export type { MakerRequest } from './model-request.ts';

/** How a model ended; `stop` unless said. */
export type Ending = 'stop' | 'length' | 'refusal' | 'content-filter';

interface Pace {
  /** before the first byte */
  readonly afterMs?: number;
  /** laid over what would be sent */
  readonly headers?: Readonly<Record<string, string>>;
  /** the connection is torn after so many bytes of the body */
  readonly cutAfterBytes?: number;
}

export type Scripted = Pace &
  (
    | {
        readonly text: string;
        readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
        /** the model that says it answered; unless said, the one asked for */
        readonly servedAs?: string;
        readonly ending?: Ending;
      }
    /** in the maker's own form */
    | {
        readonly status: number;
        readonly message: string;
        readonly type?: string;
        readonly code?: string;
        readonly retryAfterS?: number;
      }
    /** as it stands, past aimock */
    | { readonly raw: string; readonly status?: number }
    /** nothing is said until the other side hangs up */
    | { readonly hang: true }
    /** the connection is reset without a word */
    | { readonly drop: true }
  );

export type Script = (request: MakerRequest) => Scripted | Promise<Scripted>;

export interface ModelServer {
  readonly url: string;
  /** everything asked since the start or since `forget`, in order of arrival */
  readonly requests: readonly MakerRequest[];
  forget(): void;
  /** from now on */
  answer(script: Script): void;
  /**
   * An environment that points every maker here, or at `through` (a proxy before this server). Every key in it is
   * one of `keys`. `hosts` are further hosts of the compatible kind.
   */
  environment(over?: {
    readonly through?: string;
    readonly hosts?: readonly string[];
  }): Record<string, string>;
  readonly keys: readonly string[];
  stop(): Promise<void>;
}

const CONTEXT = 'x-aimock-context';
export const COMPATIBLE_HOSTS = ['mistral', 'deepseek', 'xai', 'groq', 'together', 'openrouter'] as const;
const KEY_OWNERS = ['openai', 'anthropic', 'google', ...COMPATIBLE_HOSTS] as const;
export const keyOf = (owner: string): string => `sk-${owner}-planted-Zq4Xv7Lm2Tn9Rw5Kc8Hd`;

export async function modelServer(script: Script = () => ({ text: '{}' })): Promise<ModelServer> {
  let scripted = script;
  const asked: MakerRequest[] = [];
  let arrivals = 0;
  const answers = new Map<string, FixtureResponse>();
  const mock = new LLMock({ port: 0, host: '127.0.0.1', journalMaxEntries: 1 });
  // The endpoint is left out: embeddings and the rest are answered by aimock's own defaults.
  mock.on({ predicate: ({ _context }) => answers.has(String(_context)) }, ({ _context }) => {
    const answer = answers.get(String(_context));
    answers.delete(String(_context));
    return answer ?? { error: { message: 'nothing scripted' }, status: 500 };
  });
  const mockUrl = await mock.start();

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(599);
      response.end(`the rig failed: ${String(error)}`);
    });
  });

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const gone = new AbortController();
    let hangUp = (): void => {};
    const hungUp = new Promise<void>((resolve) => {
      hangUp = resolve;
    });
    response.on('close', () => {
      if (response.writableFinished) return;
      gone.abort();
      hangUp();
    });
    const request = readRequest({ incoming, body: body.toString('utf8'), number: arrivals++, hungUp });
    asked.push(request);
    const { maker, innerPath, number } = request;
    if (request.kind !== 'question') return pass({ maker, path: innerPath, body, answer: { text: '' } });
    const answer = await scripted(request);
    if (answer.afterMs !== undefined) {
      await delay(answer.afterMs, undefined, { signal: gone.signal }).catch(() => {});
      if (gone.signal.aborted) return;
    }
    if ('hang' in answer) return;
    if ('drop' in answer) {
      incoming.socket.resetAndDestroy();
      return;
    }
    if ('raw' in answer) {
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      const whole = bodyOf(response, answer);
      whole.write(answer.raw);
      whole.end();
      return;
    }
    if ('status' in answer && maker === 'ollama') {
      // aimock sends Ollama's errors in OpenAI's form.
      const { status, message, retryAfterS } = answer;
      const after = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
      response.writeHead(status, { 'content-type': 'application/json', ...after, ...answer.headers });
      response.end(JSON.stringify({ error: message }));
      return;
    }
    answers.set(String(number), fixtureOf(request, answer));
    return pass({ maker, path: innerPath, body, answer, context: String(number) });

    function pass(call: Passing): Promise<void> {
      return passOn(call, incoming, response, gone.signal, request);
    }
  }

  function passOn(
    { maker, path, body, answer, context }: Passing,
    incoming: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
    request: Asked,
  ): Promise<void> {
    const { 'content-length': _, host: __, ...rest } = incoming.headers;
    const headers = { ...rest, ...(context === undefined ? {} : { [CONTEXT]: context }) };
    return new Promise((resolve) => {
      const outgoing = send(new URL(path, mockUrl), { method: incoming.method ?? 'POST', headers, signal });
      outgoing.on('error', () => resolve());
      outgoing.on('response', (from) => {
        const { 'content-length': _, ...fromHeaders } = from.headers;
        const id = { [maker === 'anthropic' ? 'request-id' : 'x-request-id']: `req-${request.number}` };
        response.writeHead(from.statusCode ?? 500, { ...fromHeaders, ...id, ...answer.headers });
        const whole = bodyOf(response, answer);
        const touch = lastTouches(request, answer);
        // Line by line, so that what is streamed stays streamed.
        let held = '';
        from.setEncoding('utf8');
        from.on('data', (text: string) => {
          const lines = (held + text).split('\n');
          held = lines.pop() ?? '';
          for (const line of lines) whole.write(`${touch(line)}\n`);
        });
        from.on('end', () => {
          if (held !== '') whole.write(touch(held));
          whole.end();
          resolve();
        });
        from.on('error', () => resolve());
      });
      outgoing.end(body);
    });
  }

  const port = await new Promise<number>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    });
  });
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    requests: asked,
    forget: () => {
      asked.length = 0;
    },
    answer: (next) => {
      scripted = next;
    },
    environment: ({ through = url, hosts = [] } = {}) => {
      const compatible = [...COMPATIBLE_HOSTS, ...hosts].flatMap((host) => {
        const name = host.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
        return [
          [`${name}_API_KEY`, keyOf(host)],
          [`${name}_BASE_URL`, `${through}/${host}/v1`],
        ];
      });
      return {
        OPENAI_API_KEY: keyOf('openai'),
        OPENAI_BASE_URL: `${through}/openai/v1`,
        ANTHROPIC_API_KEY: keyOf('anthropic'),
        ANTHROPIC_BASE_URL: `${through}/anthropic`,
        GOOGLE_API_KEY: keyOf('google'),
        GOOGLE_BASE_URL: `${through}/google`,
        OLLAMA_HOST: `${through}/ollama`,
        ...Object.fromEntries(compatible),
      };
    },
    keys: KEY_OWNERS.map(keyOf),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await mock.stop();
    },
  };
}

interface Passing {
  readonly maker: Maker;
  readonly path: string;
  readonly body: Buffer;
  readonly answer: Scripted;
  readonly context?: string;
}

/** What aimock is to say. An answer to a forced tool is the tool's input, unless it is no JSON object at all. */
function fixtureOf({ maker, toolName }: MakerRequest, answer: Scripted): FixtureResponse {
  if ('status' in answer && 'message' in answer) {
    const { status, message, type, code, retryAfterS } = answer;
    return {
      status,
      error: { message, ...(type === undefined ? {} : { type }), ...(code === undefined ? {} : { code }) },
      ...(retryAfterS === undefined ? {} : { retryAfter: retryAfterS }),
    };
  }
  if (!('text' in answer)) throw new Error('this answer does not go by way of aimock');
  const { text, usage, servedAs, ending } = answer;
  const told = {
    ...(usage === undefined
      ? {}
      : { usage: { prompt_tokens: usage.inputTokens, completion_tokens: usage.outputTokens } }),
    ...(servedAs === undefined ? {} : { model: servedAs }),
    ...(ending === undefined ? {} : { finishReason: finishReason(maker, ending) }),
  };
  const asTool = toolName !== undefined && isJsonObject(text);
  return asTool ? { toolCalls: [{ name: toolName, arguments: text }], ...told } : { content: text, ...told };
}

function finishReason(maker: Maker, ending: Ending): string {
  if (ending === 'content-filter') return maker === 'anthropic' ? 'refusal' : 'content_filter';
  if (ending === 'refusal') return maker === 'anthropic' ? 'refusal' : 'stop';
  return ending;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The body of a response, torn off where it was scripted to be. */
function bodyOf(response: ServerResponse, { cutAfterBytes = Number.POSITIVE_INFINITY }: Pace) {
  let left = cutAfterBytes;
  return {
    write: (text: string): void => {
      if (left <= 0) return;
      const bytes = Buffer.from(text).subarray(0, left);
      left -= bytes.length;
      if (left > 0) response.write(bytes);
      else response.write(bytes, () => response.destroy());
    },
    end: (): void => {
      if (left > 0) response.end();
    },
  };
}
