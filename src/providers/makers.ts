// All makers behind one provider: each question goes to the adapter of the maker its backing names. SDKs are heavy, so
// each is loaded when it is first asked, and a host's client is kept for as long as the provider is.
import { type Ask, call } from './call.ts';
import { type Backing, type Provider, ProviderError } from './contract.ts';
import { type Access, accessTo, type Environment, keysFor, secretsIn } from './credentials.ts';

export { keysFor };

type Adapter = (access: Access, host: string) => Promise<Ask>;

const ADAPTERS: Readonly<Record<string, Adapter>> = {
  openai: async (access) => (await import('./openai.ts')).openai(access),
  anthropic: async (access) => (await import('./anthropic.ts')).anthropic(access),
  google: async (access) => (await import('./google.ts')).google(access),
  ollama: async (access) => (await import('./ollama.ts')).ollama(access),
  compatible: async (access, host) => (await import('./compatible.ts')).compatible(access, host),
};

export function liveProvider({ environment }: { readonly environment: Environment }): Provider {
  const secrets = secretsIn(environment);
  // One for each host that seat files name, which are no more than seats and fallbacks.
  const asks = new Map<string, Promise<Ask>>();
  const askOf = ({ provider, host }: Backing): Promise<Ask> => {
    const name = `${provider} ${host}`;
    const known = asks.get(name);
    if (known !== undefined) return known;
    const adapter = Object.hasOwn(ADAPTERS, provider) ? ADAPTERS[provider] : undefined;
    if (adapter === undefined) {
      throw new ProviderError('rejected', `${host}: expected a provider that is known, found "${provider}"`);
    }
    const made = adapter(accessTo({ provider, host }, environment), host);
    asks.set(name, made);
    return made;
  };
  return {
    name: 'live',
    provenance: 'live',
    ask: (question, signal) =>
      call(async (asked, stop) => (await askOf(asked.backing))(asked, stop), question, { secrets, signal }),
  };
}
