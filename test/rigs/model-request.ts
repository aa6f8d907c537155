// What a maker of models was asked, read from its own wire protocol, so that a test can script an answer without
// knowing how each of them says model, system prompt, user prompt and schema.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isRecord } from '../../src/council/field-rules.ts';

export type Maker = 'openai' | 'anthropic' | 'google' | 'ollama' | 'compatible';

export interface MakerRequest {
  /** from 0, in order of arrival */
  readonly number: number;
  readonly kind: 'question' | 'other';
  readonly maker: Maker;
  /** the first part of the path: `openai`, `ollama`, `mistral`, … */
  readonly host: string;
  /** as it was asked here, with the host */
  readonly path: string;
  /** as the maker knows it */
  readonly innerPath: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly model: string;
  readonly system: string;
  readonly user: string;
  /** the form of the answer, where one was sent */
  readonly schema: unknown;
  /** of the tool the model is made to call */
  readonly toolName?: string;
  readonly stream: boolean;
  /** done when the other side leaves before the answer has ended */
  readonly hungUp: Promise<void>;
}

export type Asked = Pick<MakerRequest, 'number' | 'maker' | 'model'>;

export function readRequest(of: {
  readonly incoming: IncomingMessage;
  readonly body: string;
  readonly number: number;
  readonly hungUp: Promise<void>;
}): MakerRequest {
  const path = of.incoming.url ?? '/';
  const [, host = '', innerPath = '/'] = /^\/([^/]+)(\/.*)$/.exec(path) ?? [];
  const maker = makerOf(host);
  const body = parsed(of.body);
  const { number, hungUp } = of;
  const common = { number, hungUp, maker, host, path, innerPath, headers: of.incoming.headers, body };
  return { ...common, ...spoken(maker, innerPath, body) };
}

function makerOf(host: string): Maker {
  if (host === 'openai' || host === 'anthropic' || host === 'google') return host;
  return host.startsWith('ollama') ? 'ollama' : 'compatible';
}

type Spoken = Pick<MakerRequest, 'kind' | 'model' | 'system' | 'user' | 'schema' | 'toolName' | 'stream'>;

function spoken(maker: Maker, path: string, body: unknown): Spoken {
  const model = text(at(body, 'model'));
  switch (maker) {
    case 'openai':
    case 'compatible':
      return {
        kind: path.endsWith('/chat/completions') ? 'question' : 'other',
        model,
        system: said(body, 'system') || said(body, 'developer'),
        user: said(body, 'user'),
        schema: at(body, 'response_format', 'json_schema', 'schema'),
        stream: at(body, 'stream') === true,
      };
    case 'anthropic': {
      const toolName = at(body, 'tool_choice', 'name');
      return {
        kind: path.endsWith('/messages') ? 'question' : 'other',
        model,
        system: flat(at(body, 'system')),
        user: said(body, 'user'),
        schema: at(body, 'tools', 0, 'input_schema') ?? at(body, 'output_config', 'format', 'schema'),
        ...(typeof toolName === 'string' ? { toolName } : {}),
        stream: at(body, 'stream') === true,
      };
    }
    case 'google': {
      const [, named = '', call = ''] = /\/models\/([^:]+):(\w+)/.exec(path) ?? [];
      const config = at(body, 'generationConfig');
      return {
        kind: call.toLowerCase().endsWith('generatecontent') ? 'question' : 'other',
        model: decodeURIComponent(named),
        system: flat(at(body, 'systemInstruction', 'parts')),
        user: flat(at(body, 'contents', 0, 'parts')),
        schema: at(config, 'responseSchema'),
        stream: call === 'streamGenerateContent',
      };
    }
    case 'ollama':
      return {
        kind: path === '/api/chat' ? 'question' : 'other',
        model,
        system: said(body, 'system'),
        user: said(body, 'user'),
        schema: at(body, 'format'),
        stream: at(body, 'stream') !== false,
      };
    default:
      return maker satisfies never;
  }
}

/** What one role says in a list of messages. */
function said(body: unknown, role: string): string {
  const messages = at(body, 'messages');
  if (!Array.isArray(messages)) return '';
  return messages
    .filter((message) => at(message, 'role') === role)
    .map((message) => flat(at(message, 'content')))
    .join('');
}

/** A text, or the texts of its parts. */
function flat(content: unknown): string {
  return Array.isArray(content) ? content.map((part) => text(at(part, 'text'))).join('') : text(content);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What stands at a path into JSON, if anything does. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((place, step) => {
    if (typeof step === 'number') return Array.isArray(place) ? place[step] : undefined;
    return isRecord(place) ? place[step] : undefined;
  }, value);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
