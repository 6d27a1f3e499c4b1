/** The fixtures of tests: a server (shared by the worker, or the test's own) and people with browsers. */
import { chromium, test as base, type Browser, type BrowserContextOptions } from '@playwright/test';
import { CHROMIUM, CHROMIUM_ARGS, FAKE_MICROPHONE } from './chromium';
import { Server, type Settings } from './server';
import { Profile } from './profile';
import { keepConnections, toneFile } from './sound';
import { Troubles } from './troubles';
import { Visitor } from './visitor';

export { expect } from '@playwright/test';

interface ContextOptions extends BrowserContextOptions {
  /** The server to visit; by default the worker's. */
  on?: Server;
  /** The browser to use; by default the worker's. */
  in?: Browser;
}

/** How many browsers a test can start besides the worker's own. More would be too slow on the machine's two cores. */
const BROWSERS_MAX = 3;

interface ForTest {
  /** Starts a server for this test, with these settings. The server ends with the test. */
  startServer: (settings?: Settings) => Promise<Server>;
  /** Makes a browser with its own profile on the disk, and does not open it yet. The browser ends with the test. The test fails if a page logs errors. */
  makeProfile: (server: Server) => Promise<Profile>;
  /** A new person, signed out, with their own cookies. The test fails if their pages log errors. */
  someone: (options?: ContextOptions) => Promise<Visitor>;
  /** Starts another browser, with a microphone that plays a tone or with other arguments. The browser ends with the test. */
  startBrowser: (options: { tone?: number; args?: string[] }) => Promise<Browser>;
}

export type Someone = ForTest['someone'];
export type StartBrowser = ForTest['startBrowser'];

export const test = base.extend<ForTest, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  startServer: async ({}, use, testInfo) => {
    const started: Server[] = [];
    await use(async (settings) => {
      const server = await Server.start(settings);
      started.push(server);
      return server;
    });
    for (const server of started) {
      await server.stop();
      if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('server.log', { body: server.log });
    }
  },

  startBrowser: async ({}, use) => {
    const started: Browser[] = [];
    await use(async ({ tone, args }) => {
      if (started.length === BROWSERS_MAX) throw new Error(`no more than ${BROWSERS_MAX} browsers at once`);
      const microphone = tone ? [`--use-file-for-fake-audio-capture=${toneFile(tone)}`] : [];
      const all = [...CHROMIUM_ARGS, ...(args ?? FAKE_MICROPHONE), ...microphone];
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: all });
      started.push(browser);
      return browser;
    });
    await Promise.all(started.map((browser) => browser.close()));
  },

  makeProfile: async ({ startServer: _ }, use) => {
    const made: Profile[] = [];
    await use(async (server) => {
      const profile = await Profile.make(server);
      made.push(profile);
      return profile;
    });
    for (const profile of made) await profile.remove();
    refuse(made.flatMap((profile) => profile.troubles));
  },

  // This fixture depends on `startServer` so that browsers close before the servers that they visit.
  someone: async ({ browser, server: shared, startServer: _, startBrowser: __ }, use, testInfo) => {
    const visitors: Visitor[] = [];
    const logStart = shared.log.length;
    await use(async ({ on: server = shared, in: home = browser, ...options } = {}) => {
      const context = await home.newContext({ baseURL: server.url, ...options });
      const troubles = await Troubles.watch(context);
      const page = await context.newPage();
      await keepConnections(page);
      const visitor = new Visitor(context, page, server, troubles, options.javaScriptEnabled ?? true);
      visitors.push(visitor);
      return visitor;
    });
    for (const visitor of visitors) await visitor.context.close();
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('shared-server.log', { body: shared.log.slice(logStart) });
    }
    refuse(visitors.map((visitor) => visitor.troubles));
  },
});

function refuse(seen: Troubles[]): void {
  const troubles = [...new Set(seen)].flatMap((one) => one.list);
  if (troubles.length) throw new Error(`pages complained:\n  ${troubles.join('\n  ')}`);
}
