/** Signing in with a code: how it may be entered, when it is refused, and where it leads. */
import type { Route } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import type { Visitor } from '../support/visitor';
import { addressFor } from '../support/words';

const WRONG = /code.*(not|wrong|right)|(not|wrong).*code/i;

async function waitingForCode(visitor: Visitor): Promise<{ email: string; code: string }> {
  const email = addressFor('Ada');
  await visitor.open('/sign-in');
  await visitor.askForCode(email);
  return { email, code: await visitor.readCode(email) };
}

function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

test('the code step says where the letter went, and both steps focus their field', async ({ someone }) => {
  const ada = await someone();
  await ada.open('/sign-in');
  await expect(ada.email).toBeFocused();
  const email = addressFor('Ada');
  await ada.askForCode(email);
  await expect(ada.code).toBeFocused();
  await expect(ada.main).toContainText('Find your code in the terminal, or in the outbox.');
  await expect(ada.heading('Enter your code')).toBeVisible();
  await expect(ada.main).toContainText(email);
  await expect(ada.code).toHaveAttribute('autocomplete', 'one-time-code');
  await expect(ada.code).toHaveAttribute('inputmode', 'numeric');
});

test('after a wrong code, typing replaces it, and the sixth digit sends the new code', async ({ someone }) => {
  const ada = await someone();
  const { code } = await waitingForCode(ada);
  await ada.code.pressSequentially(wrong(code));
  await expect(ada.notice(WRONG)).toBeVisible();
  const selected = () =>
    ada.code.evaluate(({ value, selectionStart, selectionEnd }: HTMLInputElement) =>
      value.slice(selectionStart ?? 0, selectionEnd ?? 0),
    );
  await expect.poll(selected, 'the refused code is selected').toBe(wrong(code));
  // Somebody who has put the cursor behind the wrong code begins a new one, too.
  await ada.page.keyboard.press('End');
  await ada.page.keyboard.type(code.slice(0, 1));
  await expect(ada.code).toHaveValue(code.slice(0, 1));
  await ada.page.keyboard.type(code.slice(1));
  await ada.isAt('/activate');
});

test('the sixth digit sends a code once, and a wrong code stays there and is corrected', async ({ someone }) => {
  const ada = await someone();
  const { code } = await waitingForCode(ada);
  let sent = 0;
  ada.page.on('request', (request) => (sent += Number(request.url().endsWith('/api/auth/verify_code'))));
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const hold = async (route: Route) => {
    await held;
    await route.continue();
  };
  await ada.page.route('**/api/auth/verify_code', hold, { times: 1 });
  await ada.code.pressSequentially(wrong(code));
  await expect(ada.signInButton).toHaveAttribute('aria-busy', 'true');
  // The code is already on its way, so Enter must not send it again.
  await ada.page.keyboard.press('Enter');
  release();
  await expect(ada.notice(WRONG)).toBeVisible();
  expect(await ada.isSignedIn()).toBe(false);
  await expect(ada.code).toHaveValue(wrong(code));
  // The refused code is selected, so typing replaces it. The same code is not sent again.
  await expect(ada.code).toBeFocused();
  await ada.page.keyboard.type(wrong(code));
  await expect(ada.code).toHaveValue(wrong(code));
  // Arabic digits, which are six characters of another script.
  await ada.code.fill([...code].map((digit) => String.fromCharCode(0x660 + Number(digit))).join(''));
  await ada.isAt('/activate');
  expect(sent).toBe(2);
});

test('a code pasted with a space works', async ({ someone }) => {
  const ada = await someone();
  const { code } = await waitingForCode(ada);
  await ada.code.focus();
  await ada.code.evaluate(
    (box: HTMLInputElement, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      // If the page does not handle the paste itself, insert the text as the browser would.
      if (box.dispatchEvent(paste)) document.execCommand('insertText', false, text);
    },
    ` ${code.slice(0, 3)} ${code.slice(3)} `,
  );
  await ada.isAt('/activate');
});

test('a code typed with a space works', async ({ someone }) => {
  const ada = await someone();
  const { code } = await waitingForCode(ada);
  await ada.enterCode(`${code.slice(0, 3)} ${code.slice(3)}`);
  await ada.isAt('/activate');
});

test('a reload keeps the code step', async ({ someone }) => {
  const ada = await someone();
  const { code } = await waitingForCode(ada);
  await ada.reload();
  await expect(ada.code).toBeVisible();
  await ada.enterCode(code);
  await ada.isAt('/activate');
});

test('the same code does not work twice', async ({ someone }) => {
  const ada = await someone();
  const { code } = await waitingForCode(ada);
  const bound = await ada.context.cookies();
  await ada.enterCode(code);
  await ada.isAt('/activate');

  const again = await someone();
  await again.context.addCookies(bound);
  const answer = await again.context.request.post('/api/auth/verify_code', { form: { code }, headers: again.ours });
  expect(answer.status()).toBeGreaterThanOrEqual(400);
  expect(answer.status()).toBeLessThan(500);
  expect(await again.isSignedIn()).toBe(false);
});

test('a code of another browser is refused', async ({ someone }) => {
  const ada = await someone();
  const { code } = await waitingForCode(ada);
  const thief = await someone();
  await waitingForCode(thief);
  await thief.enterCode(code);
  await expect(thief.notice(WRONG)).toBeVisible();
});

test('the page says when a new code can be sent', async ({ someone }) => {
  const ada = await someone();
  await ada.page.clock.install();
  const { email } = await waitingForCode(ada);
  await expect(ada.main).toContainText(/new code in \d+:\d\d/i);
  await ada.page.clock.fastForward('02:00');
  await ada.page.getByRole('button', { name: /new code/i }).click();
  const newer = await ada.readCode(email);
  await ada.enterCode(newer);
  await ada.isAt('/activate');
});

test('another address can be given instead', async ({ someone }) => {
  const ada = await someone();
  await waitingForCode(ada);
  await ada.main
    .getByRole('link', { name: /(another|other|different) (e-mail|address)/i })
    .or(ada.main.getByRole('button', { name: /(another|other|different) (e-mail|address)/i }))
    .click();
  await expect(ada.email).toBeVisible();
});

test('an invalid address is answered with a message, and stays in the form', async ({ someone }) => {
  const ada = await someone();
  await ada.open('/sign-in');
  // The browser's own check would stop this address, but the server must not rely on it.
  await ada.page.locator('form').evaluateAll((forms) => forms.forEach((form) => form.setAttribute('novalidate', '')));
  await ada.email.fill('ada at example');
  await ada.page.getByRole('button', { name: 'Send code' }).click();
  await expect(ada.notice(/e-mail|address/i)).toBeVisible();
  await expect(ada.email).toHaveValue('ada at example');
});

test('an empty address is answered with a message', async ({ someone }) => {
  const ada = await someone();
  const answer = await ada.context.request.post('/api/auth/request_code', { form: {}, headers: ada.ours });
  expect(answer.status()).toBe(422);
  expect((await answer.json()).detail).toMatch(/\w+ \w+/);
});

test('signing in leads back to the page that was requested', async ({ someone }) => {
  const email = addressFor('Ada');
  const ada = await someone();
  await ada.signIn(email);
  await ada.comeIn('Ada');
  await ada.signOut();
  await ada.isAt('/sign-in');
  await ada.page.goto('/settings');
  await ada.isAt('/sign-in');
  await ada.signIn(email);
  await ada.isAt('/settings');
});

test('signing in never leads to another site', async ({ someone }) => {
  const email = addressFor('Ada');
  const ada = await someone();
  await ada.signIn(email);
  await ada.comeIn('Ada');
  await ada.signOut();
  await ada.isAt('/sign-in');
  await ada.open('/sign-in?next=//example.org/rooms');
  await ada.signIn(email);
  await ada.isAt('/rooms');
  expect(new URL(ada.page.url()).origin).toBe(ada.server.url);
});

test('people who are signed in do not see the sign-in form', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.page.goto('/sign-in');
  await ada.isAt('/rooms');
});
