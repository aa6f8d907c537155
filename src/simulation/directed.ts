// Directed scenarios: single situations that chance hardly ever brings about, each with what must come of it.
import { colluders } from './directed/colluders.ts';
import { LOCK_SCENARIOS } from './directed/locks.ts';
import { PROGRESS_SCENARIOS } from './directed/progress.ts';
import { SPREADING_SCENARIOS } from './directed/spreading.ts';
import type { Scenario } from './directed/stage.ts';

export const COLLUDER_COUNCILS: readonly number[] = [4, 7, 10, 33];

export const DIRECTED_SCENARIOS: readonly Scenario[] = [
  ...LOCK_SCENARIOS,
  ...PROGRESS_SCENARIOS,
  ...SPREADING_SCENARIOS,
  ...COLLUDER_COUNCILS.map(colluders),
];
