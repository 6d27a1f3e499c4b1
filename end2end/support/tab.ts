/** A browser tab that visits Snug: going from page to page, and the parts that every page has. */
import type { BrowserContext, Locator, Page, Response } from '@playwright/test';
import type { Server } from './server';
import type { Troubles } from './troubles';

/** Pages that load no wasm, because only the server renders them. */
const STATIC_PAGES = ['/', '/sign-in/link', '/undo-email', '/people', '/admin/health', '/settings/leave'];
const isStaticPage = (path: string): boolean => STATIC_PAGES.includes(path);

/** The time in which the wasm must be fetched, compiled and run, even on a busy machine. */
const HYDRATION_LIMIT_MS = 15_000;

export class Tab {
  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly server: Server,
    readonly troubles: Troubles,
    readonly scripts: boolean,
  ) {}

  // ---- Going from page to page

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

  /** Waits until the page reacts to clicks. Some pages load no scripts, so there is nothing to wait for. */
  async hydrated(): Promise<void> {
    if (!this.scripts || isStaticPage(this.path)) return;
    const running = this.page.locator('body[data-hydrated]');
    await running.waitFor({ state: 'attached', timeout: HYDRATION_LIMIT_MS }).catch(async (reason: Error) => {
      throw new Error(`${this.path} did not start: ${await this.whyNotStarted()}\n${reason.message}`);
    });
  }

  /** What is known about a program that does not start: what the page says about it, what came how late, and what the page logged. */
  private async whyNotStarted(): Promise<string> {
    const seen = this.page.evaluate(() => {
      const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      const program = files.filter(({ name }) => name.includes('/pkg/'));
      const loaded = program.map((file) => `${file.name} ${file.responseStatus}, ${file.startTime.toFixed()} to ${file.responseEnd.toFixed()} ms`);
      const notice = document.querySelector('#start-notice')?.textContent ?? 'nothing';
      return [`it says ${notice}`, `${document.readyState} after ${performance.now().toFixed()} ms`, ...loaded].join('; ');
    });
    const unknown = new Promise<string>((done) => setTimeout(done, 2_000, 'the page does not answer'));
    const known = await Promise.race([seen.catch(String), unknown]);
    return [known, ...this.troubles.list].join('\n  ');
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

  /** The banner that every page shows while the server is away or can't answer. */
  get awayBanner(): Locator {
    return this.page.getByRole('status').filter({ hasText: 'Nothing is lost' });
  }

  /** A message to the person, anywhere on the page. */
  notice(words: RegExp): Locator {
    return this.page.getByRole('alert').or(this.page.getByRole('status')).filter({ hasText: words }).first();
  }

  // ---- Requests without the pages

  /** An endpoint's JSON answer. Fails if the status is not 2xx. */
  async callEndpoint<Answer>(endpoint: string, form: Record<string, string> = {}): Promise<Answer> {
    // As a page does: after a 401, refresh and repeat the call once.
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
