/** How the tests over a bad network and those of `snug doctor` run: one at a time, because they measure. `scripts/test_network.sh` gives them a network of their own. */
import { defineConfig } from '@playwright/test';

const LIMIT_MS = 11 * 60_000;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/network',
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 2 : 0,
  timeout: 120_000,
  globalTimeout: LIMIT_MS,
  expect: { timeout: 5_000 },
  reporter: [['list'], ['./table.ts']],
});
