import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { MAX_ANSWER_BYTES, patientFetch } from './patient-fetch.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}

it('sends method, headers and text, and gives back status, headers and what is streamed as it comes', async () => {
  let goOn = (): void => {};
  const url = await serve((request, response) => {
    response.writeHead(201, { 'x-heard': `${request.method} ${request.headers['x-said']}` });
    response.write('one ');
    goOn = () => response.end('two');
  });
  const response = await patientFetch(url, { method: 'POST', body: 'ä', headers: { 'x-said': 'a' } });
  expect(response.status).toBe(201);
  expect(response.headers.get('x-heard')).toBe('POST a');
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('one ');
  goOn();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('two');
});

it('a redirect is an answer like any other', async () => {
  let asked = 0;
  const url = await serve((_, response) => {
    asked++;
    response.writeHead(302, { location: '/again' }).end();
  });
  expect((await patientFetch(url)).status).toBe(302);
  expect(asked).toBe(1);
});

it.each([204, 304])('HTTP %i has no body', async (status) => {
  const url = await serve((_, response) => response.writeHead(status).end());
  const response = await patientFetch(url);
  expect([response.status, await response.text()]).toEqual([status, '']);
});

it.each([
  ['a status nobody knows', 'HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}', 502],
  ['a header of odd bytes', 'HTTP/1.1 200 OK\r\nx-odd: \u00ff\u0080\r\nContent-Length: 2\r\n\r\n{}', 200],
])('%s is borne', async (_, said, status) => {
  const url = await serve((request) => request.socket.end(said, 'latin1'));
  const response = await patientFetch(url);
  expect([response.status, await response.text()]).toEqual([status, '{}']);
});

it.each([
  ['another protocol', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
  ['silence', ''],
])('%s is an error', async (_, said) => {
  const url = await serve((request) => request.socket.end(said));
  await expect(patientFetch(url)).rejects.toThrow();
});

it('an answer without end is cut off, and its sender too', async () => {
  let left = (): void => {};
  const gone = new Promise<void>((resolve) => {
    left = resolve;
  });
  const url = await serve((_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(1 << 20)));
    };
    response.on('drain', more).on('close', left);
    more();
  });
  const response = await patientFetch(url);
  await expect(response.text()).rejects.toMatchObject({ name: 'AnswerTooLarge' });
  await gone;
  expect(MAX_ANSWER_BYTES).toBeLessThan(1 << 26);
});

it('a body that is torn is an error, not a shorter answer', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  });
  const response = await patientFetch(url);
  await expect(response.text()).rejects.toThrow();
});

it('leaves when it is told to, before, while it waits and while it reads', async () => {
  await expect(patientFetch('http://127.0.0.1:1/', { signal: AbortSignal.abort() })).rejects.toThrow(
    /abort/i,
  );
  const leaving = [new AbortController(), new AbortController()];
  let asked = 0;
  const closed: Promise<void>[] = [];
  const url = await serve((_, response) => {
    closed.push(new Promise((resolve) => response.on('close', resolve)));
    if (asked++ > 0) response.write('half');
    else leaving[0]?.abort();
  });
  await expect(patientFetch(url, { signal: leaving[0]?.signal ?? null })).rejects.toThrow(/abort/i);
  const response = await patientFetch(url, { signal: leaving[1]?.signal ?? null });
  leaving[1]?.abort();
  await expect(response.text()).rejects.toThrow(/abort/i);
  await Promise.all(closed);
  expect(closed).toHaveLength(2);
});
