import { defineConfig } from 'vitest/config';

const patient = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // One more than there are cores on a small machine: much of the time is spent waiting for processes the tests start.
    maxWorkers: 3,
    projects: [
      // What stands beside the code changes nothing outside itself, so a worker loads the code once for all of it.
      { test: { ...patient, name: 'parts', include: ['src/**/*.test.ts'], isolate: false } },
      { test: { ...patient, name: 'whole', include: ['test/**/*.test.ts'] } },
    ],
  },
});
