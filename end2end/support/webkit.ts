/** WebKitGTK's MiniBrowser, driven by its own WebDriver (https://www.w3.org/TR/webdriver2/): only the commands that the tests need. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { Me } from './account_holder';
import type { Picture } from './picture';
import { freeTcpPort } from './ports';

/** Empty if this machine has none. */
export const WEBKIT_DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';

/** The key under which the driver names an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
/** How long one try to start the browser may take, and how many tries there are: on a busy machine, the browser sometimes never answers. */
const START_LIMIT_MS = 15_000;
const TRIES = 3;

export class WebKit {
  private readonly started: ChildProcess[] = [];
  private session = '';

  private constructor(
    private readonly driver: string,
    private readonly folder: string,
  ) {}

  static async start(tries = TRIES): Promise<WebKit> {
    const folder = await mkdtemp(path.join(tmpdir(), 'snug-webkit-'));
    const port = await freeTcpPort();
    const browser = new WebKit(`http://127.0.0.1:${port}`, folder);
    try {
      await browser.launch(port);
      return browser;
    } catch (reason) {
      await browser.close();
      if (tries === 1) throw reason;
      console.log(`WebKit did not start: ${reason}`);
      return WebKit.start(tries - 1);
    }
  }

  async close(): Promise<void> {
    if (this.session) await this.ask('DELETE', this.session, undefined, AbortSignal.timeout(5_000)).catch(() => {});
    for (const program of this.started.reverse()) {
      if (program.exitCode !== null || program.signalCode !== null) continue;
      const gone = once(program, 'exit');
      program.kill();
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async open(address: string): Promise<void> {
    await this.ask('POST', `${this.session}/url`, { url: address });
  }

  private async path(): Promise<string> {
    return new URL(await this.ask<string>('GET', `${this.session}/url`)).pathname;
  }

  /** Waits until the page with this path reacts to clicks. */
  async isAt(wanted: RegExp): Promise<void> {
    await expect.poll(() => this.path(), { timeout: 15_000 }).toMatch(wanted);
    await this.finds('[data-hydrated]', 15_000);
  }

  /** As with a page of Playwright: runs `act` in the page, and returns its result. */
  readonly evaluate = ((act: unknown, arg: unknown) =>
    this.ask('POST', `${this.session}/execute/sync`, { script: `return (${act})(...arguments)`, args: [arg ?? null] })) as Page['evaluate'];

  /** The address of the picture that the account has on the server. */
  async picture(): Promise<string> {
    const me = await this.evaluate(async () => (await fetch('/api/auth/me', { method: 'POST', headers: { accept: 'application/json' } })).json());
    return (me as Me).picture;
  }

  /** Waits for the text anywhere on the page. */
  async shows(text: string): Promise<void> {
    await expect.poll(() => this.evaluate(() => document.body.innerText)).toContain(text);
  }

  /** Clicks the button with this name. */
  async press(name: string): Promise<void> {
    await this.ask('POST', `${await this.named('button', name)}/click`, {});
  }

  /** Types into the field with this label, after deleting what is in it. */
  async fill(label: string, text: string): Promise<void> {
    const field = await this.named('input', label);
    await this.ask('POST', `${field}/clear`, {});
    await this.ask('POST', `${field}/value`, { text });
  }

  /** Gives a file to a file input, as the browser's dialog does. */
  async choose(selector: string, picture: Picture): Promise<void> {
    const file = path.join(this.folder, picture.name);
    await writeFile(file, picture.buffer);
    await this.ask('POST', `${await this.finds(selector)}/value`, { text: file });
  }

  /** Waits until an element is there, and returns its address for the driver. */
  private async finds(selector: string, timeout = 5_000): Promise<string> {
    let found: string[] = [];
    await expect.poll(async () => (found = await this.all(selector)).length, { message: selector, timeout }).toBeGreaterThan(0);
    return found[0];
  }

  /** As `finds`, for exactly one element that is displayed and has this accessible name. */
  private async named(selector: string, name: string): Promise<string> {
    let found: string[] = [];
    const search = async () => {
      found = [];
      for (const one of await this.all(selector)) {
        // An element can be gone by the time of the question.
        const facts = Promise.all([this.ask<string>('GET', `${one}/computedlabel`), this.ask<boolean>('GET', `${one}/displayed`)]);
        const [label, displayed] = await facts.catch(() => ['', false]);
        if (label === name && displayed) found.push(one);
      }
      return found.length;
    };
    await expect.poll(search, { message: `${selector} with the name "${name}"` }).toBe(1);
    return found[0];
  }

  private async all(selector: string): Promise<string[]> {
    const found = await this.ask<Record<string, string>[]>('POST', `${this.session}/elements`, { using: 'css selector', value: selector });
    return found.map((one) => `${this.session}/element/${one[ELEMENT]}`);
  }

  /** MiniBrowser has no mode without windows, so it gets a display of its own. */
  private async launch(port: number): Promise<void> {
    const screen = this.spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], process.env);
    const [display] = (await once(screen.stdio[3]!, 'data')) as [Buffer];
    this.spawn(WEBKIT_DRIVER, [`--port=${port}`], { ...process.env, DISPLAY: `:${display.toString().trim()}`, HOME: this.folder });
    const deadline = Date.now() + START_LIMIT_MS;
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { args: ['--automation'] } } };
    while (!this.session) {
      const left = AbortSignal.timeout(Math.max(1, deadline - Date.now()));
      const begun = await this.ask<{ sessionId: string }>('POST', '/session', { capabilities }, left).catch((reason) => {
        if (Date.now() > deadline) throw reason;
        return new Promise<undefined>((wake) => setTimeout(wake, 50, undefined));
      });
      if (begun) this.session = `/session/${begun.sessionId}`;
    }
  }

  private spawn(program: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    this.started.push(child);
    // A test that runs out of time does not always come to `close`. Without its display, the browser ends too.
    const end = () => void child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    return child;
  }

  private async ask<Answer = unknown>(method: string, address: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const response = await fetch(this.driver + address, { method, body: body === undefined ? undefined : JSON.stringify(body), signal });
    const { value } = (await response.json()) as { value: Answer & { error?: string; message?: string } };
    if (!response.ok) throw new Error(`${method} ${address}: ${value.error}: ${value.message}`);
    return value;
  }
}
