/** How the tests of what `make dist` builds run: one after the other, in the network of the lab. `scripts/test_dist.sh` prepares everything. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/install',
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  timeout: 5 * 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['../network/table.ts']],
});
