/** The page about the health of this Snug: an owner reads what was found, and nobody else sees the page. */
import { expect, test } from '../support/fixtures';
import { findings, isExamined, openHealth, showExamples } from '../support/health';
import { arriveAsOwner, useOwnerLink } from '../support/people';

const VERDICTS = /^(Problem|Warning|Not checked|Good)$/;
const SUMMARY = /^(No problems|\d+ problems?)(, \d+ warnings?)?\. Checked (just now|\d+ seconds? ago)\.$/;

test('an owner comes from the page of people to the findings, and checks again with the keyboard', async ({ startServer, someone }) => {
  const ada = await arriveAsOwner(someone, await startServer(), 'Ada');
  await ada.open('/people');
  await ada.page.getByRole('link', { name: 'Check the health of this Snug' }).press('Enter');
  await ada.isAt('/admin/health');
  await isExamined(ada);
  await expect(ada.main.getByRole('status')).toHaveText(SUMMARY);
  for (const finding of await findings(ada).all()) {
    await expect(finding.getByText(VERDICTS)).toBeVisible();
    await expect(finding.getByRole('heading')).not.toBeEmpty();
  }
  const loaded = ada.page.waitForEvent('load');
  await ada.page.getByRole('button', { name: 'Check again' }).press('Enter');
  await loaded;
  await isExamined(ada);
  await ada.main.getByRole('link', { name: 'Back to the people' }).press('Enter');
  await ada.isAt('/people');
});

test('without scripts an owner reads the findings and checks again', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await (await someone({ on: server, javaScriptEnabled: false })).arrive('Ada');
  await useOwnerLink(ada, server);
  await openHealth(ada);
  const loaded = ada.page.waitForEvent('load');
  await ada.page.getByRole('button', { name: 'Check again' }).click();
  await loaded;
  await isExamined(ada);
  await expect(ada.page).toHaveTitle('Health · Snug');
});

test('on a phone that is 320 px wide, no finding is wider than the screen', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await (await someone({ on: server, viewport: { width: 320, height: 568 } })).arrive('Ada');
  await useOwnerLink(ada, server);
  await openHealth(ada);
  const width = () => ada.page.evaluate(() => document.documentElement.scrollWidth);
  expect(await width(), 'what was found here').toBeLessThanOrEqual(320);
  await showExamples(ada);
  expect(await width(), 'one finding of each kind').toBeLessThanOrEqual(320);
});

test('for everybody else the page does not exist', async ({ startServer, someone }) => {
  const server = await startServer();
  await arriveAsOwner(someone, server, 'Ada');
  const tom = await (await someone({ on: server })).arrive('Tom');
  expect((await tom.page.goto('/admin/health'))?.status()).toBe(404);
  await expect(tom.heading('There is nothing here.')).toBeVisible();
  const stranger = await someone({ on: server });
  await stranger.page.goto('/admin/health');
  await stranger.isAt('/sign-in');
});
