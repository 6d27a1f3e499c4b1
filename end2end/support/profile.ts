/** A browser with its own profile on the disk. Tests can close it and open it again, or kill it as a power cut would. */
import { chromium, type BrowserContext } from '@playwright/test';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { browserPid } from './browser_process';
import { CHROMIUM, CHROMIUM_ARGS, FAKE_MICROPHONE } from './chromium';
import type { Server } from './server';
import { Troubles } from './troubles';
import { Visitor } from './visitor';

const run = promisify(execFile);

/** Chromium writes cookies to the disk every 30 s, or after this number of changes. */
const CHANGES_UNTIL_WRITTEN = 512;

export class Profile {
  readonly troubles: Troubles[] = [];
  private context?: BrowserContext;

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async make(server: Server): Promise<Profile> {
    return new Profile(server, await mkdtemp(path.join(tmpdir(), 'snug-profile-')));
  }

  /** Starts the browser and returns its user. */
  async open(): Promise<Visitor> {
    const context = await chromium.launchPersistentContext(this.folder, {
      executablePath: CHROMIUM,
      args: [...CHROMIUM_ARGS, ...FAKE_MICROPHONE],
      baseURL: this.server.url,
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
    });
    this.context = context;
    const troubles = await Troubles.watch(context);
    this.troubles.push(troubles);
    const page = context.pages()[0] ?? (await context.newPage());
    return new Visitor(context, page, this.server, troubles, true);
  }

  /** Closes the browser normally, so that it writes everything to the disk. */
  async close(): Promise<void> {
    await this.context?.close();
    this.context = undefined;
  }

  /** Kills the browser and all its processes, so that everything not yet on the disk is lost. */
  async kill(): Promise<void> {
    const gone = this.context?.waitForEvent('close');
    process.kill(-(await browserPid(`--user-data-dir=${this.folder}`)), 'SIGKILL');
    await gone;
    this.context = undefined;
  }

  /** Makes the browser write its cookies to the disk, and waits until the stored cookie `name` is no longer `before`. */
  async writeCookies(name: string, before: string): Promise<void> {
    const filler = Array.from({ length: CHANGES_UNTIL_WRITTEN + 8 }, (_, i) => ({
      name: 'filler',
      value: 'x',
      domain: `filler-${i}.example`,
      path: '/',
      expires: Date.now() / 1000 + 3_600,
    }));
    await this.context?.addCookies(filler);
    while ((await this.onDisk(name)) === before) await new Promise((wake) => setTimeout(wake, 100));
  }

  /** A cookie as it is stored on the disk, encrypted; empty if there is none. */
  async onDisk(name: string): Promise<string> {
    const copy = path.join(this.folder, 'cookies-read-by-test');
    const question = `select hex(encrypted_value) || value from cookies where name = '${name}'`;
    for (;;) {
      await copyFile(path.join(this.folder, 'Default/Cookies'), copy);
      // A copy made during a write may be incomplete. Then make another one.
      const found = await run('sqlite3', [copy, question]).catch(() => undefined);
      if (found) return found.stdout.trim();
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
