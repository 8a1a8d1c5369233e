/**
 * Unit tests lie beside their source; integration and conformance tests under test/ start real servers and processes,
 * so they get more time. Run one project with `--project unit`.
 */
import { defineConfig } from 'vitest/config';

const started = { testTimeout: 60_000, hookTimeout: 120_000, teardownTimeout: 20_000 };

export default defineConfig({
  test: {
    globalSetup: 'test/fixtures/temporary.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs', 'test/fixtures/**/*.test.ts'],
          pool: 'threads',
          maxWorkers: 2,
          // Loading the same modules for every file anew takes two thirds of the time; no file changes what others see.
          isolate: false,
          // Only ends what hangs: on a busy machine a slow start is no failure.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 3,
          ...started,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          ...started,
        },
      },
    ],
  },
});
