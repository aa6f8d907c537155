import { defineConfig } from 'vitest/config';

// Whole councils and whole ledgers: each test takes most of a minute and both cores, so one runs at a time.
export default defineConfig({
  test: { include: ['test/long/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: 1 },
});
