// A fetch for the makers' SDKs that waits as long as its caller does. Node's own gives up when the first header or the
// next byte takes five minutes, which is how the strongest models would be lost for being slow. It follows no
// redirect, so that a key is never carried to another host, and it bounds what it reads.
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { Readable } from 'node:stream';

/** No answer to a case is near it; whoever sends more means harm. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export class AnswerTooLarge extends Error {
  constructor() {
    super(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    this.name = 'AnswerTooLarge';
  }
}

export function patientFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const { method = 'GET', body, signal } = init;
  if (body !== undefined && body !== null && typeof body !== 'string') {
    return Promise.reject(new TypeError('expected a body of text'));
  }
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const headers = Object.fromEntries(new Headers(init.headers));
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, ...(signal ? { signal } : {}) });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const status = incoming.statusCode ?? 0;
      // No status at which a Response may have a body but none is known (1xx, 204, 304) is one of an answer.
      const empty = status < 200 || status === 204 || status === 205 || status === 304;
      const said = new Headers();
      for (const [name, value = ''] of Object.entries(incoming.headers)) said.set(name, String(value));
      if (empty) incoming.resume();
      const stream = empty ? null : Readable.toWeb(Readable.from(bounded(incoming)));
      resolve(new Response(stream, { status: status < 200 ? 502 : status, headers: said }));
    });
    outgoing.end(body ?? undefined);
  });
}

async function* bounded(incoming: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
    yield chunk;
  }
}
