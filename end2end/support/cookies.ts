/** The cookies of a session in a browser. */
import { expect, type BrowserContext } from '@playwright/test';

export async function cookie(context: BrowserContext, name: string): Promise<string | undefined> {
  return (await context.cookies()).find((cookie) => cookie.name === name)?.value;
}

/** Makes the access token look expired: its cookie is removed, but `access-expires`, which scripts can read, stays. */
export async function forgetAccess(context: BrowserContext): Promise<void> {
  await context.clearCookies({ name: 'access' });
}

/** Waits until the browser's current access token has expired. */
export async function accessHasEnded(context: BrowserContext): Promise<void> {
  const ends = Number(await cookie(context, 'access-expires'));
  expect(ends).toBeGreaterThan(0);
  const timeout = Math.max(0, ends * 1_000 - Date.now()) + 5_000;
  await expect.poll(() => Date.now() / 1000, { intervals: [100], timeout }).toBeGreaterThan(ends);
}
