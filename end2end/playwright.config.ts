/** How the browser tests run: in the machine's own Chromium or its headless shell, in its Firefox and WebKitGTK if it has them, and at most
 *  two at a time. */
import { existsSync } from 'node:fs';
import { defineConfig, devices, type Project } from '@playwright/test';

import { CHROMIUM, CHROMIUM_ARGS, FAKE_MICROPHONE, HEADLESS_SHELL } from './support/chromium';
import { FIREFOX, IN_FIREFOX } from './support/firefox';
import { WEBKIT_DRIVER } from './support/webkit';

const args = [...CHROMIUM_ARGS, ...FAKE_MICROPHONE];
const inChromium = (executablePath: string) => ({ ...devices['Desktop Chrome'], launchOptions: { executablePath, args } });

/** `program` is what a project needs. Without it, the project is left out. */
const projects: (Project & { program?: string })[] = [
  { name: 'pages', testIgnore: /(voice|firefox|webkit)\.spec/, use: inChromium(HEADLESS_SHELL) },
  // scripts/test.sh runs this project alone, because its tests assert limits of milliseconds.
  { name: 'voice', testMatch: /voice\.spec/, use: inChromium(CHROMIUM) },
  { name: 'firefox', testMatch: /(walk|firefox)\.spec/, use: IN_FIREFOX, program: FIREFOX },
  { name: 'webkit', testMatch: /webkit\.spec/, program: WEBKIT_DRIVER },
];

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  // Every worker starts its own server and browser, and the reference machine has two cores.
  workers: 2,
  projects: projects.filter(({ program }) => program === undefined || existsSync(program)).map(({ program: _, ...project }) => project),
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
