/** The content policy: what an evaluator finds in it, and that a breach of it fails the test in which it happens. */
import { CspEvaluator } from 'csp_evaluator/dist/evaluator';
import { Severity } from 'csp_evaluator/dist/finding';
import { CspParser } from 'csp_evaluator/dist/parser';
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

test('an evaluator finds nothing high or medium in any policy', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/rooms');
  const room = await ada.openRoom(own('Tea'));
  for (const path of ['/', '/rooms', room, '/settings', '/activate', '/nowhere', '/faces/Ada.svg', '/healthz']) {
    const response = await ada.context.request.get(path, { headers: { accept: 'text/html' }, maxRedirects: 0 });
    const policy = response.headers()['content-security-policy'];
    expect(bad(policy), `${path}: ${policy}`).toEqual([]);
  }
  const stranger = await someone();
  const page = await stranger.context.request.get('/sign-in');
  expect(bad(page.headers()['content-security-policy'])).toEqual([]);
});

test('the evaluator is awake: it finds inline scripts', () => {
  expect(bad("script-src 'unsafe-inline'; object-src 'none'")).not.toEqual([]);
});

function bad(policy: string): string[] {
  const findings = new CspEvaluator(new CspParser(policy).csp).evaluate();
  return findings
    .filter(({ severity }) => severity <= Severity.MEDIUM || severity === Severity.HIGH_MAYBE)
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
  test(`${what} is a breach, and a breach is a trouble that no test can allow`, async ({ someone }) => {
    const ada = await someone();
    ada.troubles.allow(/./);
    await ada.open('/sign-in');
    await ada.page.evaluate(misdeed);
    // The list is what the fixture throws at the end of a test.
    await expect.poll(() => ada.troubles.list.join('\n')).toContain('content policy broken:');
    expect(await ada.page.evaluate(() => 'broken' in window)).toBe(false);
    expect(ada.troubles.takeBreaches().length).toBeGreaterThan(0);
    expect(ada.troubles.list).toEqual([]);
  });
}

test('without scripts a breach is a trouble too', async ({ someone }) => {
  const ada = await someone({ javaScriptEnabled: false });
  await ada.page.route('**/sign-in', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('<main', '<main style="color: red"') });
  });
  await ada.open('/sign-in');
  await expect.poll(() => ada.troubles.takeBreaches().join('\n')).toContain('Content Security Policy');
});
