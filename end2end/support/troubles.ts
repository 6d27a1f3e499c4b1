/** What a page complains about: console errors, uncaught errors, breaches of the content policy. None are allowed. */
import type { BrowserContext } from '@playwright/test';

/** The browser reports every 4xx as an error; that a door refuses is often what is being tested. */
const ORDINARY = [/^Failed to load resource: the server responded with a status of 4\d\d/];

/** What every page may say while its server is away. */
export const SERVER_AWAY =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|WebSocket connection to/;

export class Troubles {
  private readonly seen: string[] = [];
  private readonly allowed = [...ORDINARY];

  static watch(context: BrowserContext): Troubles {
    const troubles = new Troubles();
    context.on('console', (message) => {
      if (message.type() === 'error') troubles.note(message.text(), message.page()?.url() ?? '');
    });
    context.on('weberror', (error) => troubles.note(String(error.error()), error.page()?.url() ?? ''));
    return troubles;
  }

  allow(words: RegExp): void {
    this.allowed.push(words);
  }

  get list(): string[] {
    return this.seen.filter((line) => !this.allowed.some((words) => words.test(line)));
  }

  private note(text: string, where: string): void {
    this.seen.push(where ? `${text}  (${where})` : text);
  }
}
