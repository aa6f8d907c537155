// What the makers' servers say when something is wrong, each in its own form, so that a test does the same harm to
// every adapter that its maker would do. The wait is said in every way that one of them says it.

export type Maker = 'openai' | 'anthropic' | 'google' | 'ollama';

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Whose API a path belongs to; what is not known is spoken to as most are, like OpenAI. */
export function makerOf(path: string): Maker {
  if (/\/v1\/messages\b|^\/anthropic\//.test(path)) return 'anthropic';
  if (/\/v1beta\//.test(path)) return 'google';
  return /\/api\/(?:chat|generate|embed|tags|show)\b/.test(path) ? 'ollama' : 'openai';
}

interface Words {
  readonly message: string;
  readonly openai: string;
  readonly anthropic: string;
  readonly google: string;
}

const WORDS: Readonly<Record<number, Words>> = {
  401: {
    message: 'the key is not valid',
    openai: 'invalid_api_key',
    anthropic: 'authentication_error',
    google: 'UNAUTHENTICATED',
  },
  429: {
    message: 'too many requests',
    openai: 'rate_limit_exceeded',
    anthropic: 'rate_limit_error',
    google: 'RESOURCE_EXHAUSTED',
  },
  503: {
    message: 'overloaded',
    openai: 'server_error',
    anthropic: 'overloaded_error',
    google: 'UNAVAILABLE',
  },
};
const FAILED: Words = {
  message: 'something went wrong',
  openai: 'server_error',
  anthropic: 'api_error',
  google: 'INTERNAL',
};

/** Google calls a wrong key a bad request. */
const NO_KEY_OF_GOOGLE: ErrorReply = {
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    error: {
      code: 400,
      message: 'API key not valid. Please pass a valid API key.',
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'API_KEY_INVALID',
          domain: 'googleapis.com',
        },
      ],
    },
  }),
};

export function errorReply(maker: Maker, status: number, retryAfterMs?: number): ErrorReply {
  if (maker === 'google' && status === 401) return NO_KEY_OF_GOOGLE;
  const words = WORDS[status] ?? FAILED;
  return {
    status,
    headers: { 'content-type': 'application/json', ...waitHeaders(maker, retryAfterMs) },
    body: JSON.stringify(errorBody(maker, status, words, retryAfterMs)),
  };
}

/** Google says it in the body; the others in headers, in milliseconds where their SDK reads that. */
function waitHeaders(maker: Maker, retryAfterMs: number | undefined): Readonly<Record<string, string>> {
  if (retryAfterMs === undefined || maker === 'google') return {};
  const seconds = { 'retry-after': String(retryAfterMs / 1000) };
  return maker === 'ollama' ? seconds : { ...seconds, 'retry-after-ms': String(retryAfterMs) };
}

function errorBody(maker: Maker, status: number, words: Words, retryAfterMs: number | undefined): object {
  const { message } = words;
  switch (maker) {
    case 'openai':
      return { error: { message, type: words.openai, param: null, code: words.openai } };
    case 'anthropic':
      return { type: 'error', error: { type: words.anthropic, message }, request_id: 'req_of_an_error' };
    case 'google': {
      const type = 'type.googleapis.com/google.rpc.RetryInfo';
      const details =
        retryAfterMs === undefined ? [] : [{ '@type': type, retryDelay: `${retryAfterMs / 1000}s` }];
      return { error: { code: status, message, status: words.google, details } };
    }
    case 'ollama':
      return { error: message };
    default:
      return maker satisfies never;
  }
}
