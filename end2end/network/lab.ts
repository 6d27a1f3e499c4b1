/** The lab: a router, people and servers on machines of their own, and the faults that tests ask for. */
import { test as base, type Browser } from '@playwright/test';
import type { Settings } from '../support/server';
import { startBrowser } from './browser';
import { Home } from './home';
import { makeMachine, ROUTER, startRouter } from './internet';
import type { Machine } from './machine';
import { MailServer } from './mail_server';
import { Names } from './names';
import { Person } from './person';
import { Router, type Direction } from './router';
import { sleep } from './shell';
import { Snug, type SnugOptions } from './snug';

export { expect } from '@playwright/test';

/** The frequencies of the voices, in Hz. */
const TONES = [440, 1100, 700];
const REPORT_WITHIN_MS = 5_000;

interface PersonOptions {
  /** Where the person goes; by default the lab's own Snug. */
  on?: Snug;
  /** Where the person's machine is, if it is not behind a cable of its own. */
  at?: Home;
  /** Names that this person's machine resolves otherwise than all others. They count when the browser is started. */
  maps?: Record<string, string>;
  /** Runs in every page before its own code. */
  before?: () => void;
}

/** A machine with a browser on it. */
interface Desk {
  machine: Machine;
  browser: Browser;
}

export class Lab {
  readonly names = new Names();
  readonly router = new Router();
  readonly mail = new MailServer(ROUTER);
  private readonly browsers = new Map<string, Promise<Desk>>();
  private readonly snugs = new Map<string, Promise<Snug>>();
  private people: Person[] = [];

  static async start(): Promise<Lab> {
    const lab = new Lab();
    await startRouter();
    await lab.router.clear();
    await lab.mail.start();
    return lab;
  }

  /** The Snug of this name at `https://NAME.lab.test`, on a machine of its own. It is made when it is first asked for. */
  server(name = 'snug', settings: Settings = {}, machine?: Machine, options?: SnugOptions): Promise<Snug> {
    return once(this.snugs, name, async () => {
      const at = machine ?? (await makeMachine(name, 'servers'));
      const host = `${name}.lab.test`;
      if (!machine) this.names.set(host, at.address);
      return Snug.start(at, host, this.mail, settings, options);
    });
  }

  /** A new person, signed in, in a browser that is kept for this name. */
  async person(name: string, { on, at, maps, before }: PersonOptions = {}): Promise<Person> {
    const snug = on ?? (await this.server());
    const { machine, browser } = await this.desk(name, at, maps);
    const context = await browser.newContext({ baseURL: snug.server.url, viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    if (before) await context.addInitScript(before);
    const person = await Person.arriveFrom(machine, name, context, snug.server);
    this.people.push(person);
    return person;
  }

  blockUdp(...people: Person[]): Promise<unknown> {
    return Promise.all(people.map(({ machine }) => this.router.blockUdp(machine)));
  }

  blockAll(...people: Person[]): Promise<unknown> {
    return Promise.all(people.map(({ machine }) => this.router.blockAll(machine)));
  }

  /** Lets only TCP on port 443 pass, as networks that allow nothing but the web. */
  passOnlyWeb(...people: Person[]): Promise<unknown> {
    return Promise.all(people.map(({ machine }) => this.router.passOnly(machine, 443)));
  }

  /** Ends the blocks. */
  unblock(...people: Person[]): Promise<unknown> {
    return Promise.all(people.map(({ machine }) => this.router.open(machine)));
  }

  loss(person: Person, percent: number, ...directions: Direction[]): Promise<void> {
    return this.router.lose(person.machine, percent, directions);
  }

  moveAddress(person: Person): Promise<void> {
    return person.machine.move();
  }

  /** Lets the router forget the connection of the person's socket: packets of it get lost, and neither end is told. Returns how many it was. */
  async forgetSocket(person: Person): Promise<number> {
    // The server pings a socket every 2 seconds. Nothing arrives on the other connections while nobody goes to another page.
    const ports = await person.machine.livePorts(443, 2_500);
    if (ports.length) await this.router.forget(person.machine, ports);
    return ports.length;
  }

  /** What each Snug has written so far. */
  async logs(): Promise<[string, string][]> {
    return thoseThatWork([...this.snugs].map(async ([name, snug]): Promise<[string, string]> => [name, (await snug).server.log]));
  }

  /** What each person's page has noted lately. */
  async reports(): Promise<[string, string][]> {
    const late = () => sleep(REPORT_WITHIN_MS).then(() => 'the page does not answer');
    return thoseThatWork(
      this.people.map(async (person): Promise<[string, string]> => [person.name, await Promise.race([person.report(), late()])]),
    );
  }

  /** Ends what a test has done: its faults, and its people's visits. */
  async tidy(): Promise<void> {
    await this.router.clear();
    await Promise.all(this.people.map((person) => person.context.close()));
    this.people = [];
  }

  async stop(): Promise<void> {
    // Whatever did not start needs no end.
    const started = await Promise.allSettled([...this.browsers.values(), ...this.snugs.values()]);
    for (const one of started) if (one.status === 'fulfilled') await ('browser' in one.value ? one.value.browser.close() : one.value.stop());
    this.mail.stop();
  }

  private desk(name: string, at?: Home, maps: Record<string, string> = {}): Promise<Desk> {
    const id = name.toLowerCase();
    return once(this.browsers, id, async () => {
      const hertz = TONES[this.browsers.size % TONES.length];
      const machine = at ? await at.makeMachine(id) : await makeMachine(id, 'wifi', 'mobile');
      return { machine, browser: await startBrowser(machine, hertz, maps) };
    });
  }
}

async function thoseThatWork<Value>(promises: Promise<Value>[]): Promise<Value[]> {
  const settled = await Promise.allSettled(promises);
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** Makes the value of a key when it is first asked for. */
function once<Value>(made: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
}

export const test = base.extend<{ tidied: void }, { lab: Lab }>({
  lab: [
    async ({}, use) => {
      const lab = await Lab.start();
      await use(lab);
      await lab.stop();
    },
    { scope: 'worker' },
  ],
  tidied: [
    async ({ lab }, use, testInfo) => {
      await use();
      if (testInfo.status !== testInfo.expectedStatus) {
        for (const [name, report] of await lab.reports()) await testInfo.attach(`${name}.json`, { body: report });
        for (const [name, log] of await lab.logs()) await testInfo.attach(`${name}.log`, { body: log });
      }
      await lab.tidy();
    },
    { auto: true },
  ],
});
