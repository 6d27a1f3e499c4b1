/** A tab of a browser that visits Snug: going from page to page, and what every page has. */
import { expect, type BrowserContext, type Locator, type Page, type Response } from '@playwright/test';
import type { Server } from './server';
import type { Troubles } from './troubles';

/** Pages that the server alone renders. */
const STATIC_PAGES = ['/', '/sign-in/link', '/undo-email', '/people'];
const isStaticPage = (path: string): boolean => STATIC_PAGES.includes(path);

/** The wasm is fetched, compiled and run before this; on a busy machine that takes its time. */
const HYDRATION_LIMIT_MS = 15_000;

export class Tab {
  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly server: Server,
    readonly troubles: Troubles,
    readonly scripts: boolean,
  ) {}

  // ---- Going about

  async open(address: string): Promise<Response> {
    const response = await this.page.goto(address);
    if (!response) throw new Error(`no answer from ${address}`);
    if (response.ok()) await this.hydrated();
    return response;
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.hydrated();
  }

  /** Waits until the page answers to clicks. Some pages load no scripts: nothing to wait for. */
  async hydrated(): Promise<void> {
    if (!this.scripts || isStaticPage(this.path)) return;
    await expect(this.page.locator('body[data-hydrated]')).toBeAttached({ timeout: HYDRATION_LIMIT_MS });
  }

  get path(): string {
    return new URL(this.page.url()).pathname;
  }

  async isAt(path: string | RegExp): Promise<void> {
    await this.page.waitForURL((url) => (typeof path === 'string' ? url.pathname === path : path.test(url.pathname)));
    await this.hydrated();
  }

  // ---- What is on every page

  get main(): Locator {
    return this.page.getByRole('main');
  }

  heading(text: string | RegExp): Locator {
    return this.page.getByRole('heading', { name: text });
  }

  /** What every page says while the server is away or can't answer. */
  get awayBanner(): Locator {
    return this.page.getByRole('status').filter({ hasText: 'Nothing is lost' });
  }

  /** A sentence to the person, wherever the page says it. */
  notice(words: RegExp): Locator {
    return this.page.getByRole('alert').or(this.page.getByRole('status')).filter({ hasText: words }).first();
  }

  // ---- Past the pages

  /** An endpoint's JSON answer; fails on any status but 2xx. */
  async callEndpoint<Answer>(endpoint: string, form: Record<string, string> = {}): Promise<Answer> {
    // As a page would: after a 401 one refresh, then the same once more.
    const ask = (to: string) => this.context.request.post(`/api/${to}`, { form, headers: this.ours, maxRedirects: 0 });
    let response = await ask(endpoint);
    if (response.status() === 401 && (await ask('auth/refresh')).ok()) response = await ask(endpoint);
    if (!response.ok()) throw new Error(`${endpoint}: ${response.status()} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** The headers of a request that our own page makes. */
  get ours(): Record<string, string> {
    return { accept: 'application/json', origin: this.server.url };
  }
}
