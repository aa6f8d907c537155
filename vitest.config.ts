import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Left to itself it keeps one core free; much of the time is spent waiting for processes the tests start.
    maxWorkers: 2,
  },
});
