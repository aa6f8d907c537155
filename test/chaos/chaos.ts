// `npm run chaos -- [--seed N] [--faults N] [--redis N] [--pace X] [--keep]`: one run of faults on a council of real
// processes (chaos-run.ts). Exit 1 when anything was wrong; then seed, schedule and the place of the logs are printed.
import { parseArgs } from 'node:util';
import { reportText, unleashChaos } from './chaos-run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    faults: { type: 'string', default: '200' },
    redis: { type: 'string', default: '1' },
    lying: { type: 'string', default: '0.4' },
    pace: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});

process.stderr.write(`seed ${values.seed}\n`);
const report = await unleashChaos({
  seed: Number(values.seed),
  faults: Number(values.faults),
  redisServers: Number(values.redis),
  lyingShare: Number(values.lying),
  pace: Number(values.pace),
  keep: values.keep,
  say: (text) => process.stderr.write(`${text}\n`),
});
process.stdout.write(`${reportText(report)}\n`);
process.exit(report.problems.length === 0 ? 0 : 1);
