/** The fixture of these tests: a new server without Snug, an authority for its certificate, and two people. */
import { test as base } from '@playwright/test';
import { get } from 'node:https';
import { hostname } from 'node:os';
import { startBrowser } from '../network/browser';
import { makeMachine, startRouter } from '../network/internet';
import { Names } from '../network/names';
import { until } from '../network/shell';
import { Server } from '../support/server';
import type { Visitor } from '../support/visitor';
import { AUTHORITY, DebianRoot } from './debian_root';
import { newVisitor, startTalking, TONES } from './first_people';
import { DIRECTORY, Pebble } from './pebble';

export { expect } from '@playwright/test';

/** The host name in the README. */
export const DOMAIN = 'talk.example.org';
const CERTIFICATE_WITHIN_MS = 60_000;

/** The settings that only the lab needs: the authority that gives the certificate. */
export const LAB_SETTINGS = { SNUG_PUBLIC_ACME_URL: DIRECTORY, SNUG_PUBLIC_ACME_CA: AUTHORITY };

export class NewServer {
  constructor(
    readonly root: DebianRoot,
    readonly pebble: Pebble,
    readonly ada: Visitor,
    readonly ben: Visitor,
  ) {}

  /** Waits until Snug serves pages with a certificate of Pebble. `log` tells what has happened if it does not. */
  async isServed(log: () => Promise<string> | string): Promise<void> {
    await until(() => answers(this.pebble.authority), `https://${DOMAIN}`, CERTIFICATE_WITHIN_MS).catch(async (reason) => {
      throw new Error(`${reason.message}\n${await log()}\nPebble:\n${this.pebble.log}`);
    });
  }

  /** Ada opens the owner link, which is in `printed`, and Ben follows her into her first room. They hear each other. */
  async letTwoPeopleTalk(printed: string): Promise<void> {
    await startTalking(this.ada, this.ben, ownerLinkIn(printed));
  }
}

/** The last owner link in what Snug has printed. */
export function ownerLinkIn(printed: string): string {
  const link = printed.match(new RegExp(`https://${DOMAIN}/owner/\\S+`, 'g'))?.at(-1);
  if (!link) throw new Error(`no owner link was printed:\n${printed}`);
  return link;
}

/** Whether the site is ready, with a certificate of this authority. */
function answers(authority: string): Promise<boolean> {
  return new Promise((done) => {
    const request = get({ host: DOMAIN, path: '/readyz', ca: authority, agent: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      done(answer.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => done(false));
  });
}

interface ForTest {
  /** Makes a new server: a machine of this name, whose commands have these variables. `dataDir` is where Snug will keep its data. */
  newServer: (name: string, dataDir: string, variables?: Record<string, string>) => Promise<NewServer>;
}

export const test = base.extend<ForTest, { names: Names }>({
  names: [
    async ({}, use) => {
      await startRouter();
      const names = new Names();
      // sudo looks it up.
      names.set(hostname(), '127.0.0.1');
      await use(names);
    },
    { scope: 'worker' },
  ],

  newServer: async ({ names }, use) => {
    const ends: (() => Promise<void>)[] = [];
    await use(async (name, dataDir, variables) => {
      const machine = await makeMachine(name, 'servers');
      names.set(DOMAIN, machine.address);
      const pebble = await Pebble.start(names, machine.address);
      ends.push(() => pebble.stop());
      const root = await DebianRoot.make(machine, variables);
      const place = { enter: machine.enter, url: `https://${DOMAIN}`, port: 443, outbox: '', isUp: () => machine.accepts(443) };
      const server = Server.elsewhere(place, root.outside(dataDir));
      const arrive = async (person: keyof typeof TONES): Promise<Visitor> => {
        const browser = await startBrowser(await makeMachine(`${name}-${person}`, 'wifi'), TONES[person]);
        ends.push(() => browser.close());
        return newVisitor(browser, server);
      };
      return new NewServer(root, pebble, await arrive('ada'), await arrive('ben'));
    });
    for (const end of ends.reverse()) await end();
  },
});
