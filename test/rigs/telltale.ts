// A maker that tells on its client: whatever goes wrong, it says so by repeating the key, the prompt and the evidence
// it was sent, in each of the ways in which such words come back.
import type { MakerRequest, Script, Scripted } from './model-server.ts';

/** Header names under which the makers are sent a key. */
const KEY_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key'];

export function keyIn({ headers }: MakerRequest): string {
  const said = KEY_HEADERS.map((name) => headers[name]).find((value) => typeof value === 'string');
  return typeof said === 'string' ? said.replace(/^bearer /i, '') : '';
}

/** What is answered instead of a judgement, by turns; the last three are worth asking again for. */
export const TALES: readonly ((request: MakerRequest, everything: string) => Scripted)[] = [
  (_, everything) => ({
    status: 400,
    message: `cannot process: ${everything}`,
    type: 'invalid_request_error',
  }),
  (_, everything) => ({ status: 401, message: `wrong key: ${everything}`, type: 'authentication_error' }),
  (_, everything) => ({ text: everything }),
  (_, everything) => ({ text: everything, ending: 'refusal' }),
  (_, everything) => ({ text: everything, ending: 'content-filter' }),
  (request, everything) => ({ text: everything, servedAs: `${request.model} ${keyIn(request)}` }),
  (_, everything) => ({ raw: everything }),
  (_, everything) => ({ raw: JSON.stringify({ error: { message: everything } }), status: 500 }),
  (_, everything) => ({
    status: 429,
    message: everything,
    headers: { 'retry-after': everything.replace(/[^ -~]/g, ' ').slice(0, 4_000) },
  }),
];

export function telltale(tales = TALES): Script {
  return (request) => {
    const tale = tales[request.number % tales.length] ?? tales[0];
    const everything = `${keyIn(request)} ${request.user}\n${request.system} ${keyIn(request)}`;
    return tale?.(request, everything) ?? { text: everything };
  };
}
