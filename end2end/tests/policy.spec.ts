/** The content security policy: an evaluator checks it, and a violation fails the test in which it happens. */
import type { APIResponse } from '@playwright/test';
import { CspEvaluator } from 'csp_evaluator/dist/evaluator';
import { Severity } from 'csp_evaluator/dist/finding';
import { CspParser } from 'csp_evaluator/dist/parser';
import type { Me } from '../support/account_holder';
import { forgetAccess } from '../support/cookies';
import { expect, test } from '../support/fixtures';
import { arriveAsOwner } from '../support/people';
import { dataUrl, smallPhoto } from '../support/picture';
import type { Visitor } from '../support/visitor';
import { own } from '../support/words';

const NO_LINK = 'abcdefghij.0123';

test('an evaluator finds no certain or possible problem of high or medium severity in any policy', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await arriveAsOwner(someone, server, 'Ada');
  const room = await ada.openRoom(own('Tea'));
  const links = [await ada.readyLink(), `/invite/${NO_LINK}`, `/undo-email?token=${NO_LINK}`, `/sign-in/link?token=${NO_LINK}`];
  const pages = ['/', '/rooms', room, '/settings', '/settings/leave', '/activate', '/people', '/admin/health', '/outbox', '/undo-email', '/sign-in'];
  const others = ['/nowhere', '/faces/Ada.svg', '/healthz', `${room}/qr.svg`, '/api/auth/me'];
  const files = [...(await photosOf(ada)), ...(await builtFilesOf(ada))];
  const stranger = await someone({ on: server });
  for (const visitor of [ada, stranger]) {
    for (const path of [...pages, ...links, ...others]) hasGoodPolicy(await ask(visitor, path));
    for (const path of files) {
      const response = await ask(visitor, path);
      expect(response.status(), path).toBe(200);
      hasGoodPolicy(response);
    }
  }
});

test('an evaluator finds no problem in the policy of the 503 page', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await (await someone({ on: server })).arrive('Ada');
  await forgetAccess(ada.context);
  const lock = await server.database.lock();
  const response = await ask(ada, '/rooms');
  await lock.release();
  expect(response.status()).toBe(503);
  expect(await response.text()).toContain('One moment.');
  hasGoodPolicy(response);
});

function ask(visitor: Visitor, path: string): Promise<APIResponse> {
  return visitor.context.request.get(path, { headers: { accept: 'text/html' }, maxRedirects: 0 });
}

/** Saves a photo for the visitor, and returns the addresses of both sizes. */
async function photosOf(visitor: Visitor): Promise<string[]> {
  const current = { name: 'Ada', picture: dataUrl(smallPhoto()) };
  const { picture } = await visitor.callEndpoint<Me>('profile/activate', current);
  return [picture, picture.replace('.jpg', '-64.jpg')];
}

/** The addresses of style sheet, script and wasm in the current page. */
async function builtFilesOf(visitor: Visitor): Promise<string[]> {
  const links = visitor.page.locator('link[href^="/pkg/"]');
  const files = await links.evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  expect(files.join(' ')).toMatch(/^(?=.*\.css)(?=.*\.js)(?=.*\.wasm)/);
  return files;
}

function hasGoodPolicy(response: APIResponse): void {
  const policy = response.headers()['content-security-policy'] ?? '';
  expect(bad(policy), `${response.status()} ${response.url()}: ${policy}`).toEqual([]);
}

for (const [what, policy] of [
  ['inline scripts', "script-src 'unsafe-inline'; object-src 'none'"],
  ['a possible problem', "default-src 'none'; script-src 'self'"],
]) {
  test(`the evaluator does find ${what}`, () => {
    expect(bad(policy)).not.toEqual([]);
  });
}

/** Possible problems count too: our policies have none at present, so we need no exceptions. */
const COUNTED = [Severity.HIGH, Severity.SYNTAX, Severity.MEDIUM, Severity.HIGH_MAYBE, Severity.MEDIUM_MAYBE];

function bad(policy: string): string[] {
  const findings = new CspEvaluator(new CspParser(policy).csp).evaluate();
  return findings
    .filter(({ severity }) => COUNTED.includes(severity))
    .map(({ severity, directive, value, description }) => `${Severity[severity]} ${directive} ${value}: ${description}`);
}

for (const [what, misdeed] of Object.entries({
  'a style attribute': () => document.body.setAttribute('style', 'color: red'),
  'an event attribute in injected text': () => {
    document.body.innerHTML += '<img src="/x.png" onerror="window.broken = true">';
  },
  'a picture from elsewhere': () => {
    document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }));
  },
})) {
  test(`${what} violates the policy, and no test can allow a violation`, async ({ someone }) => {
    const ada = await someone();
    ada.troubles.allow(/./);
    await ada.open('/sign-in');
    await ada.page.evaluate(misdeed);
    // The fixture throws this list at the end of a test.
    await expect.poll(() => ada.troubles.list.join('\n')).toContain('content policy broken:');
    expect(await ada.page.evaluate(() => 'broken' in window)).toBe(false);
    expect(ada.troubles.takeBreaches().length).toBeGreaterThan(0);
    expect(ada.troubles.list).toEqual([]);
  });
}

test('without scripts a violation is reported too', async ({ someone }) => {
  const ada = await someone({ javaScriptEnabled: false });
  await ada.page.route('**/sign-in', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('<main', '<main style="color: red"') });
  });
  await ada.open('/sign-in');
  await expect.poll(() => ada.troubles.takeBreaches().join('\n')).toContain('Content Security Policy');
});
