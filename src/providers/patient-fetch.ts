// A fetch for the makers' SDKs that waits as long as its caller does. Node's own gives up when the first header or the
// next byte takes five minutes, which is how the strongest models would be lost for being slow. It follows no
// redirect, so that a key is never carried to another host, and it bounds what it reads.
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { Readable } from 'node:stream';

/** No answer to a case is near it, even streamed word by word; whoever sends more means harm. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

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
    // Unheard, it would leave the caller waiting for ever.
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('the server changed its protocol'));
    });
    outgoing.on('response', (incoming) => {
      try {
        resolve(responseOf(incoming));
      } catch (error) {
        incoming.destroy();
        reject(error);
      }
    });
    outgoing.end(body ?? undefined);
  });
}

function responseOf(incoming: IncomingMessage): Response {
  const { statusCode = 0 } = incoming;
  const headers = new Headers();
  for (const [name, value = ''] of Object.entries(incoming.headers)) headers.set(name, String(value));
  // A status that HTTP does not know is as good as none.
  const status = statusCode < 200 || statusCode > 599 ? 502 : statusCode;
  const empty = status === 204 || status === 205 || status === 304;
  if (empty) incoming.resume();
  return new Response(empty ? null : Readable.toWeb(Readable.from(bounded(incoming))), { status, headers });
}

async function* bounded(incoming: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
    yield chunk;
  }
}
