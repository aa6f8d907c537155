// `npm run kills [count] [seed]`: 200 kills at random moments of `conclave review`; npm test makes twelve.
import { killManyTimes } from './rigs/killing.ts';

const [count = '200', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
process.stderr.write(`seed ${seed}\n`);
const { kills, councils, moments } = await killManyTimes(Number(count), Number(seed), (text) =>
  process.stderr.write(`\r${text}`),
);
const sorted = [...moments].sort((a, b) => a - b);
process.stdout.write(
  `\n${kills} kills between ${sorted[0]} and ${sorted.at(-1)} ms of ${councils} councils: ` +
    `each came to one decision, certified, on a ledger that audits\n`,
);
