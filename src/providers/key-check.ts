// Whether keys are good, before anything is spent: each host is asked what models it has, which every maker answers
// free of charge. A council that finds out in the middle of a case that a maker knows it no longer has lost seats.
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, callError, HttpFailure } from './call-errors.ts';
import { type Backing, ProviderError } from './contract.ts';
import { type Access, accessTo, type Environment, secretsIn } from './credentials.ts';
import { patientFetch } from './patient-fetch.ts';

const CHECK_TIMEOUT_MS = 15_000;
/** At a host that fails, the first included. */
const MAX_ATTEMPTS = 4;
const PAUSE_MS = 150;

export interface RefusedHost {
  readonly host: string;
  readonly error: ProviderError;
}

/** The hosts that would not answer for these backings, each once. */
export async function refusedHosts(
  backings: readonly Backing[],
  environment: Environment,
  timeoutMs = CHECK_TIMEOUT_MS,
): Promise<readonly RefusedHost[]> {
  const hosts = new Map(backings.map((backing) => [`${backing.provider} ${backing.host}`, backing]));
  const checked = await Promise.all(
    [...hosts.values()].map(async (backing) => {
      const error = await refusal(backing, environment, timeoutMs);
      return error === undefined ? [] : [{ host: backing.host, error }];
    }),
  );
  return checked.flat();
}

/** One failure of a host tells nothing about the key; and who is asked to come back later has a key that is known. */
async function refusal(
  backing: Backing,
  environment: Environment,
  timeoutMs: number,
): Promise<ProviderError | undefined> {
  for (let attempt = 1; ; attempt++) {
    const error = await listed(backing, environment, timeoutMs);
    if (error === undefined || error.code === 'rate-limit') return undefined;
    if (error.code !== 'server' || attempt >= MAX_ATTEMPTS) return error;
    await delay(attempt * PAUSE_MS);
  }
}

async function listed(
  backing: Backing,
  environment: Environment,
  timeoutMs: number,
): Promise<ProviderError | undefined> {
  const question = { backing, prompt: { system: '', user: '', schema: {} } };
  const call = (): Call => ({ question, secrets: secretsIn(environment), nowMs: Date.now() });
  try {
    const access = accessTo(backing, environment);
    const { url, headers } = modelList(backing.provider, access);
    const response = await patientFetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    // Some hosts list no models to anyone, and answer questions all the same.
    if (response.ok || response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    throw new HttpFailure(response.status, response.headers, json(await response.text()));
  } catch (error) {
    const told = error instanceof Error && error.name === 'TimeoutError' ? silent(backing, timeoutMs) : error;
    return callError(told, call());
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function silent({ host }: Backing, timeoutMs: number): ProviderError {
  return new ProviderError('timeout', `${host}: no answer within ${timeoutMs} ms`);
}

function modelList(
  provider: string,
  { baseUrl, key = '' }: Access,
): { url: string; headers: Record<string, string> } {
  const base = baseUrl.replace(/\/+$/, '');
  switch (provider) {
    case 'anthropic':
      return { url: `${base}/v1/models`, headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' } };
    case 'google':
      return { url: `${base}/v1beta/models`, headers: { 'x-goog-api-key': key } };
    case 'ollama':
      return { url: `${base}/api/tags`, headers: key === '' ? {} : { authorization: `Bearer ${key}` } };
    default:
      return { url: `${base}/models`, headers: key === '' ? {} : { authorization: `Bearer ${key}` } };
  }
}
