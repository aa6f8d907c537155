// `npm run chaos -- [--seed N] [--faults N] [--redis N] [--lying SHARE] [--pace X] [--keep]`: one run of faults on a council of
// real processes (chaos-run.ts). `--dead 10|11|12` has seats dead from the start instead (dead-seats.ts), and `--emptied N`
// loses Redis amidst N cases (emptied-redis.ts). Exit 1 when anything was wrong; then seed, schedule and the place of the
// logs are printed.
import { parseArgs } from 'node:util';
import { reportText, unleashChaos } from './chaos-run.ts';
import { deadText, withDeadSeats } from './dead-seats.ts';
import { emptiedText, emptyRedisAmidst } from './emptied-redis.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    faults: { type: 'string', default: '200' },
    redis: { type: 'string', default: '1' },
    lying: { type: 'string', default: '0.4' },
    pace: { type: 'string', default: '1' },
    settle: { type: 'string', default: '240' },
    dead: { type: 'string' },
    cases: { type: 'string', default: '12' },
    warm: { type: 'string', default: '60' },
    emptied: { type: 'string' },
    losses: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
  },
});

const seed = Number(values.seed);
const { keep } = values;
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

// What was started ends with this process, whoever ends it: that is done at 'exit'.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const [text, problems] = await told();
process.stdout.write(`${text}\n`);
process.exit(problems.length === 0 ? 0 : 1);

async function told(): Promise<readonly [text: string, problems: readonly string[]]> {
  say(`seed ${seed}`);
  if (values.dead !== undefined) {
    const shared = { seed, cases: Number(values.cases), warmUpMs: Number(values.warm) * 1_000, say, keep };
    const dead = Number(values.dead);
    const healthy = await withDeadSeats({ ...shared, dead: 0, warmUpMs: 0 });
    const report = await withDeadSeats({ ...shared, dead });
    return [`${deadText(healthy)}\n${deadText(report)}`, [...healthy.problems, ...report.problems]];
  }
  if (values.emptied !== undefined) {
    const cases = Number(values.emptied);
    const report = await emptyRedisAmidst({ seed, cases, losses: Number(values.losses), say, keep });
    return [emptiedText(report), report.problems];
  }
  const report = await unleashChaos({
    seed,
    faults: Number(values.faults),
    redisServers: Number(values.redis),
    lyingShare: Number(values.lying),
    pace: Number(values.pace),
    settleWithinMs: Number(values.settle) * 1_000,
    keep,
    say,
  });
  return [reportText(report), report.problems];
}
