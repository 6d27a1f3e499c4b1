/** How the browser tests run: in the machine's own Chromium or its headless shell, and at most two at a time. */
import { defineConfig, devices } from '@playwright/test';

import { CHROMIUM, CHROMIUM_ARGS, FAKE_MICROPHONE, HEADLESS_SHELL } from './support/chromium';
import { IN_FIREFOX } from './support/firefox';

const args = [...CHROMIUM_ARGS, ...FAKE_MICROPHONE];
const chromium = (executablePath: string) => ({ ...devices['Desktop Chrome'], launchOptions: { executablePath, args } });

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  // Every worker starts its own server and browser, and the reference machine has two cores.
  workers: 2,
  projects: [
    {
      name: 'pages',
      testIgnore: /(voice|firefox)\.spec/,
      use: chromium(HEADLESS_SHELL),
    },
    // scripts/test.sh runs this project alone, because its tests assert limits of milliseconds.
    { name: 'voice', testMatch: /voice\.spec/, use: chromium(CHROMIUM) },
    { name: 'firefox', testMatch: /(walk|firefox)\.spec/, use: IN_FIREFOX },
  ],
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 1 : 0,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: 'list',
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    // Recording a trace makes a test take a quarter longer, so only a second try records one.
    trace: 'on-first-retry',
  },
});
