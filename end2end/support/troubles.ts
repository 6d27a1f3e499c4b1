/** Complaints of pages: console errors, uncaught errors, and violations of the content security policy. By default
 *  each of them fails the test. A test can allow all of them except the violations. */
import type { BrowserContext } from '@playwright/test';

/** The browser reports every 4xx as an error, but many tests check that an endpoint refuses. */
const ORDINARY = [/^Failed to load resource: the server responded with a status of 4\d\d/];

/** Errors that every page may log while its server is away. */
export const SERVER_AWAY =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|WebSocket connection to/;

/** The start of the line that our pages log for a violation of the policy. */
const BREACH = 'content policy broken:';
/** The browser's own messages about violations. Pages without scripts have only these messages. */
const BREACH_IN_THE_CONSOLE = /Content[ -]Security[ -]Policy|Permissions policy violation/i;

export class Troubles {
  private readonly seen: string[] = [];
  private readonly allowed = [...ORDINARY];

  static async watch(context: BrowserContext): Promise<Troubles> {
    const troubles = new Troubles();
    await context.addInitScript((words) => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
        console.error(words, violatedDirective, blockedURI, `${sourceFile}:${lineNumber}`),
      );
    }, BREACH);
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
    return this.seen.filter((line) => isBreach(line) || !this.allowed.some((words) => words.test(line)));
  }

  /** The violations so far, which then count as expected. Call this only in the test of this check. */
  takeBreaches(): string[] {
    const breaches = this.seen.filter(isBreach);
    this.seen.splice(0, this.seen.length, ...this.seen.filter((line) => !isBreach(line)));
    return breaches;
  }

  private note(text: string, where: string): void {
    this.seen.push(where ? `${text}  (${where})` : text);
  }
}

function isBreach(line: string): boolean {
  return line.startsWith(BREACH) || BREACH_IN_THE_CONSOLE.test(line);
}
