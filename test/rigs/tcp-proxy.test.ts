// A rig that does not do the harm it says proves nothing: each kind of weather is shown to do its own.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from './instant-council.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

let echo: Server;
let proxy: TcpProxy;
const opened: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((listening) => echo.listen(0, '127.0.0.1', listening));
  const address = echo.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await tcpProxy({ upstream: { host: '127.0.0.1', port: address.port }, seed: 1 });
});

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await proxy.close();
  await new Promise((closed) => echo.close(closed));
});

interface Line {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: () => boolean;
}

async function line(): Promise<Line> {
  const socket = connect(proxy.port, '127.0.0.1');
  opened.push(socket);
  let heard = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  await new Promise<void>((ready) => {
    socket.once('connect', ready);
    socket.once('close', () => ready());
  });
  return { socket, heard: () => heard, closed: () => closed };
}

it('moves bytes both ways while the weather is fair', async () => {
  const { socket, heard } = await line();
  socket.write('hello');
  await until(() => heard() === 'hello');
});

it('a cut ends what is open and refuses what is new, until it is mended', async () => {
  const before = await line();
  proxy.become({ kind: 'cut' });
  await until(before.closed);
  const during = await line();
  await until(during.closed);
  proxy.become({ kind: 'fair' });
  const after = await line();
  after.socket.write('again');
  await until(() => after.heard() === 'again');
});

it('a black hole keeps connections and moves nothing; what waited comes when it ends', async () => {
  const { socket, heard, closed } = await line();
  proxy.become({ kind: 'blackhole' });
  const moved = proxy.bytes;
  socket.write('lost?');
  const other = await line();
  other.socket.write('also');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([heard(), other.heard(), closed(), proxy.bytes]).toEqual(['', '', false, moved]);
  proxy.become({ kind: 'fair' });
  await until(() => heard() === 'lost?' && other.heard() === 'also');
});

it('delays by what it is told, each way', async () => {
  const { socket, heard } = await line();
  proxy.become({ kind: 'delay', ms: 80 });
  const began = performance.now();
  socket.write('late');
  await until(() => heard() === 'late');
  expect(performance.now() - began).toBeGreaterThanOrEqual(160);
});

it('throttles to what it is told', async () => {
  const { socket, heard } = await line();
  proxy.become({ kind: 'throttle', bytesPerSecond: 20_000 });
  const began = performance.now();
  socket.write('x'.repeat(10_000));
  await until(() => heard().length === 10_000);
  expect(performance.now() - began).toBeGreaterThan(300);
});

it('resets a connection in the middle of what it carries', async () => {
  const { socket, heard, closed } = await line();
  proxy.become({ kind: 'resets', withinBytes: 5_000 });
  socket.write('x'.repeat(20_000));
  await until(closed);
  expect(proxy.resets).toBe(1);
  expect(heard().length).toBeLessThan(20_000);
});
