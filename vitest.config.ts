import { defineConfig } from 'vitest/config';

const patient = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // One more than the cores it is meant for: much of the time is spent waiting for processes that the tests start.
    maxWorkers: 3,
    projects: [
      // What stands beside the code changes nothing outside itself, so a worker loads the code once for all of it.
      { test: { ...patient, name: 'parts', include: ['src/**/*.test.ts'], isolate: false } },
      // What takes the longest runs by itself: npm run long.
      { test: { ...patient, name: 'whole', include: ['test/**/*.test.ts'], exclude: ['test/long/**'] } },
    ],
  },
});
