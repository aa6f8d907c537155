// One hunt, run inside a copy of the project: plays schedules until one is violated, and says which.
// Bundled, it is run with the hunt as JSON.
import { simulate } from '../../src/simulation/simulate.ts';
import type { Hunt } from './mutant.ts';

const hunt: Hunt = JSON.parse(process.argv[2] ?? '{}');
const { schedules, violations } = simulate({ ...hunt, untilFirst: true });
const [found] = violations;
const told = found && { seed: found.seed, kind: found.kind, text: found.text, scenario: found.scenario };
process.stdout.write(JSON.stringify({ schedules, ...told }));
