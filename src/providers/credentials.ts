// Where each maker is reached and by which key, from an environment that is handed in: nothing in this folder reads
// the process's own, so that a test, a node or a script decides who may be called and billed.
import type { Backing } from './contract.ts';
import { ProviderError } from './contract.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Access {
  readonly baseUrl: string;
  /** undefined where the host asks for none */
  readonly key: string | undefined;
}

interface Maker {
  readonly keys: readonly string[];
  readonly baseUrl: string;
  readonly baseUrlVariable: string;
}

const MAKERS: Readonly<Record<string, Maker>> = {
  openai: {
    keys: ['OPENAI_API_KEY'],
    baseUrl: 'https://api.openai.com/v1',
    baseUrlVariable: 'OPENAI_BASE_URL',
  },
  anthropic: {
    keys: ['ANTHROPIC_API_KEY'],
    baseUrl: 'https://api.anthropic.com',
    baseUrlVariable: 'ANTHROPIC_BASE_URL',
  },
  google: {
    keys: ['GOOGLE_API_KEY', 'GEMINI_API_KEY'],
    baseUrl: 'https://generativelanguage.googleapis.com',
    baseUrlVariable: 'GOOGLE_BASE_URL',
  },
};

/** Hosts that speak OpenAI's protocol to the public. */
const COMPATIBLE_HOSTS: Readonly<Record<string, string>> = {
  mistral: 'https://api.mistral.ai/v1',
  deepseek: 'https://api.deepseek.com/v1',
  xai: 'https://api.x.ai/v1',
  groq: 'https://api.groq.com/openai/v1',
  together: 'https://api.together.xyz/v1',
  openrouter: 'https://openrouter.ai/api/v1',
};

/** How a host of a seat file is called in the environment: `ollama-north` is `OLLAMA_NORTH_…`. */
export function variableOf(host: string, what: 'API_KEY' | 'BASE_URL'): string {
  return `${host.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_${what}`;
}

/** Whether a backing can be asked at all, and the variable that decides it. */
export function keysFor(
  backing: Pick<Backing, 'provider' | 'host'>,
  environment: Environment,
): { readonly ready: boolean; readonly variable: string } {
  const { found, variable } = lookUp(backing, environment);
  return { ready: found !== undefined, variable };
}

/** Throws a ProviderError where a key or address is missing or no address at all. */
export function accessTo(backing: Pick<Backing, 'provider' | 'host'>, environment: Environment): Access {
  const { found, variable } = lookUp(backing, environment);
  if (found === undefined) throw new ProviderError('auth', `${backing.host}: ${variable} is not set`);
  if (!isHttpAddress(found.baseUrl)) {
    throw new ProviderError('rejected', `${backing.host}: expected an http(s) address in ${found.from}`);
  }
  // The SDKs put their own slash behind it.
  return { baseUrl: found.baseUrl.replace(/\/+$/, ''), key: found.key };
}

interface LookUp {
  readonly found: (Access & { readonly from: string }) | undefined;
  readonly variable: string;
}

function lookUp({ provider, host }: Pick<Backing, 'provider' | 'host'>, environment: Environment): LookUp {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  if (provider === 'ollama') {
    const own = variableOf(host, 'BASE_URL');
    const from = read(own) === undefined ? 'OLLAMA_HOST' : own;
    const baseUrl = read(from);
    const key = read(variableOf(host, 'API_KEY')) ?? read('OLLAMA_API_KEY');
    return {
      variable: from,
      found: baseUrl === undefined ? undefined : { baseUrl: withProtocol(baseUrl), key, from },
    };
  }
  const known = Object.hasOwn(MAKERS, provider) ? MAKERS[provider] : undefined;
  const maker = provider === 'compatible' ? compatible(host) : known;
  const [variable = '', ...others] = maker?.keys ?? [];
  if (maker === undefined) return { variable: variableOf(provider, 'API_KEY'), found: undefined };
  const from = maker.baseUrlVariable;
  const key = [variable, ...others].map(read).find((value) => value !== undefined);
  const baseUrl = read(from) ?? maker.baseUrl;
  // A host that only the environment knows is often one's own and asks for no key; its address is what is needed.
  if (maker.baseUrl === '') {
    return { variable: from, found: baseUrl === '' ? undefined : { baseUrl, key, from } };
  }
  return { variable, found: key === undefined ? undefined : { baseUrl, key, from } };
}

function compatible(host: string): Maker {
  return {
    keys: [variableOf(host, 'API_KEY')],
    baseUrl: Object.hasOwn(COMPATIBLE_HOSTS, host) ? (COMPATIBLE_HOSTS[host] ?? '') : '',
    baseUrlVariable: variableOf(host, 'BASE_URL'),
  };
}

/** What must never stand in a log, a recording or a message. Too short a value would be found everywhere. */
export function secretsIn(environment: Environment): readonly string[] {
  const secrets = Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (SECRET_NAME.test(name)) return [value.trim()];
    return ADDRESS_NAME.test(name) ? passwordsOf(value.trim()) : [];
  });
  return [...new Set(secrets)].filter((secret) => secret.length >= MIN_SECRET_CHARS);
}

const SECRET_NAME = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD)$/;
const ADDRESS_NAME = /(?:^|_)(?:BASE_URL|HOST)$/;
const MIN_SECRET_CHARS = 8;

function passwordsOf(address: string): readonly string[] {
  try {
    const { password } = new URL(withProtocol(address));
    return password === '' ? [] : [password, decodeURIComponent(password)];
  } catch {
    return [];
  }
}

/** Ollama's variable is customarily `host:port`. */
function withProtocol(address: string): string {
  return address.includes('://') ? address : `http://${address}`;
}

function isHttpAddress(address: string): boolean {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}
