#!/usr/bin/env node
// The command `conclave`: reads the words, runs one command, and leaves with its exit code. Nothing is loaded
// before the command that needs it, so that `--help` and `verify` answer at once.
import { setFlagsFromString } from 'node:v8';
import { EXIT, failureOf } from './exit-codes.ts';
import { runProgram } from './program.ts';
import { Terminal } from './terminal.ts';

// V8 lets a heap grow by half or more before it collects, the more so the more memory a machine has. A council that
// runs for months is a good guest instead: a quarter less memory after a thousand cases, and as fast (measured).
setFlagsFromString('--heap-growing-percent=25');

const terminal = new Terminal(
  { json: process.argv.includes('--json'), debug: process.env.CONCLAVE_DEBUG === '1' },
  { stdout: process.stdout, stderr: process.stderr, environment: process.env },
);

// A reader that has seen enough (`| head`) closes the pipe, and a terminal may be closed. What is left goes nowhere, but
// the command still runs to its end: its exit code must stay true.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    const isGone = error.code === 'EPIPE' || (stream.isTTY && error.code === 'EIO');
    if (!isGone) process.exit(EXIT.storage);
  });
}

// What is durable stays so; the same command goes on from there. Only the cursor has to be given back.
process.once('SIGINT', () => {
  terminal.settle();
  process.exit(130);
});

// A rejection nobody awaits is a bug like any other, and no reason to show a person a stack trace.
const stop = (thrown: unknown): void => {
  const failure = failureOf(thrown);
  terminal.fail(failure);
  process.exit(failure.exit);
};
process.once('uncaughtException', stop);
process.once('unhandledRejection', stop);

const exit = await runProgram(process.argv.slice(2), terminal);
await terminal.flush();
process.exit(exit);
