/** Voice and the stage in Firefox, together with somebody in Chromium. The tests in `walk.spec.ts` run in Firefox too. */
import { expect, test } from '../support/fixtures';
import { FIREFOX_TONE } from '../support/firefox';
import { hears, isSpeaking } from '../support/hearing';
import { own } from '../support/words';

/** The tone of the microphone in Chromium, in Hz. */
const CHROMIUM_TONE = 440;

test('two people in Firefox and one in Chromium hear each other, and muting stops the voice', async ({ someone, startBrowser }) => {
  test.slow();
  const fox = await (await someone()).arrive('Fox');
  expect(await fox.page.evaluate(() => navigator.userAgent)).toContain('Firefox/');
  const ear = await (await someone()).arrive('Ear');
  const ada = await (await someone({ in: await startBrowser({ tone: CHROMIUM_TONE }) })).arrive('Ada');
  const room = await fox.openRoom(own('Tea'));
  await ear.enter(room);
  await ada.enter(room);
  await fox.unmute();
  await hears(ada, [FIREFOX_TONE]);
  await hears(ear, [FIREFOX_TONE]);
  await isSpeaking(ada, 'Fox');
  await isSpeaking(fox, 'Fox');

  await ada.unmute();
  await hears(fox, [CHROMIUM_TONE]);
  await hears(ear, [CHROMIUM_TONE, FIREFOX_TONE]);
  await isSpeaking(ear, 'Ada');

  await fox.mute();
  await expect(ada.participant('Fox')).toHaveAttribute('data-muted', 'true');
  await hears(ada, []);
  await hears(ear, [CHROMIUM_TONE]);
  await isSpeaking(ear, 'Fox', false);
  await ada.mute();
  await hears(fox, []);
});

test('on a stage, somebody in Firefox raises a hand, is invited, comes up, and is heard', async ({ someone, startBrowser }) => {
  const mina = await (await someone({ in: await startBrowser({ tone: CHROMIUM_TONE }) })).arrive('Mina');
  const fox = await (await someone()).arrive('Fox');
  const room = await mina.openStage(own('Clinic'));
  await fox.enter(room);
  await mina.unmute();
  await hears(fox, [CHROMIUM_TONE]);
  await fox.raiseHandButton.click();
  await expect(fox.part('Your hand is up, first in line.')).toBeVisible();
  await mina.region('Hands').getByRole('button', { name: 'Invite Fox' }).click();
  await fox.comeUpButton.click();
  await expect(fox.part('You are on the stage.')).toBeVisible();
  await fox.unmute();
  await hears(mina, [FIREFOX_TONE]);

  await mina.about('Fox', 'Move to the audience');
  await expect(fox.part(/You are listening/)).toBeVisible();
  await hears(mina, []);
  await hears(fox, [CHROMIUM_TONE]);
});
