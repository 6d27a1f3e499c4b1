/** How the browser tests run: in the machine's own Chromium, and at most two at a time. */
import { defineConfig, devices } from '@playwright/test';

import { CHROMIUM, CHROMIUM_ARGS, FAKE_MICROPHONE } from './support/chromium';

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  // Every worker starts its own server and browser, and the reference machine has two cores.
  workers: 2,
  projects: [
    { name: 'pages', testIgnore: /voice\.spec/ },
    // scripts/test.sh runs this project alone, because its tests assert limits of milliseconds.
    { name: 'voice', testMatch: /voice\.spec/ },
  ],
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 1 : 0,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: CHROMIUM,
      args: [...CHROMIUM_ARGS, ...FAKE_MICROPHONE],
    },
  },
});
