/** The drawn face: server and browser draw the same face, and people can replace their photo by it again. */
import { drawingAt, drawingFrom } from '../support/drawing';
import { expect, test, type Someone } from '../support/fixtures';
import { newcomer } from '../support/newcomer';
import { smallPhoto } from '../support/picture';
import type { Visitor } from '../support/visitor';
import { own } from '../support/words';

const NAMES = ['Ada', 'Ada Lovelace', '<b>Zoë</b> & "Ömür"', '李小龍', '🦉', 'Ó Briain-Šimek', '0', 'n'.repeat(40)];

test('server and browser draw the same face, to the last attribute', async ({ someone }) => {
  const ada = await newcomer(someone);
  const drawn = new Set<string>();
  for (const name of NAMES) {
    const byServer = await drawingFrom(ada.page, `/faces/${encodeURIComponent(name)}.svg`);
    await ada.nameBox.fill(name);
    await expect.poll(() => drawingAt(ada.face), { message: name }).toBe(byServer);
    drawn.add(byServer);
  }
  expect(drawn.size).toBe(NAMES.length);
});

test('"Another face" draws a different face, and the face shown is the one saved', async ({ someone }) => {
  const ada = await newcomer(someone);
  const first = await drawingAt(ada.face);
  await ada.pressInFaceSheet('Another face');
  await expect.poll(() => drawingAt(ada.face)).not.toBe(first);
  const chosen = await drawingAt(ada.face);
  await ada.comeIn('Ada');
  const { picture } = await ada.me();
  expect(picture).toMatch(/^\/faces\/.+\.svg$/);
  expect(await drawingFrom(ada.page, picture)).toBe(chosen);
});

test('a photo chosen during activation can be replaced with a drawn face', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(smallPhoto());
  const seen = await leavePhoto(ada);
  await ada.comeIn('Ada');
  await hasFace(ada, seen);
});

for (const [which, choose] of [
  ['that was only chosen', (ada: Visitor) => ada.choosePhoto(smallPhoto())],
  ['that was saved', putOnPhoto],
] as const) {
  test(`in the settings, a photo ${which} can be replaced with a drawn face`, async ({ someone }) => {
    const ada = await arrived(someone);
    await choose(ada);
    const seen = await leavePhoto(ada);
    await ada.save('Countess');
    await expect(ada.notice(/^Saved/)).toBeVisible();
    await hasFace(ada, seen);
    await ada.reload();
    expect(await drawingAt(ada.face)).toBe(seen);
  });
}

test('a drawn face moves in a room only, and keeps still with reduced motion', async ({ someone }) => {
  const [ada, tom] = [await (await someone()).arrive('Ada'), await (await someone()).arrive('Tom')];
  const topic = own('Tea');
  const room = await ada.openStage(topic);
  await tom.enter(room);
  await tom.raiseHandButton.click();
  const faceOf = (name: string) => ada.participant(name).locator('.face[data-animated]');
  // Tom's face is small, so only the badge shows his hand.
  await expect(ada.participant('Tom').locator('.who-hand')).toBeVisible();
  await expect(faceOf('Tom').locator('.hand')).toBeHidden();
  await expect(faceOf('Ada').locator('.hand')).toBeHidden();
  await ada.raiseHandButton.click();
  await expect(faceOf('Ada').locator('.hand')).toBeVisible();
  const blinking = () =>
    ada.page.locator('.face .eyes').evaluateAll((eyes) => eyes.filter((one) => one.getAnimations().length > 0).length);
  await expect.poll(blinking).toBe(2);
  await faceOf('Ada').evaluate((face) => {
    face.setAttribute('data-speaking', '');
    face.closest('section')?.setAttribute('data-talking', '');
  });
  await expect(faceOf('Tom').locator('.eyes')).toHaveCSS('translate', '0px -4%');

  await ada.page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(blinking).toBe(0);
  await expect(faceOf('Tom').locator('.eyes')).toHaveCSS('translate', 'none');
  await expect(faceOf('Ada').locator('.hand')).toHaveCSS('opacity', '1');
  const guest = await (await someone()).arrive('Mina');
  await guest.open('/rooms');
  await expect(guest.card(topic).locator('.face svg').first()).toBeVisible();
  await expect(guest.page.locator('.face .eyes')).toHaveCount(0);
});

async function arrived(someone: Someone): Promise<Visitor> {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  return ada;
}

async function putOnPhoto(ada: Visitor): Promise<void> {
  await ada.choosePhoto(smallPhoto());
  await ada.save('Ada');
  await expect.poll(async () => (await ada.me()).picture).toMatch(/^\/pictures\//);
  await ada.reload();
  await expect(ada.face.locator('img')).toBeVisible();
}

/** Presses the button that goes back to the drawn face, and returns that face. */
async function leavePhoto(ada: Visitor): Promise<string> {
  await ada.pressInFaceSheet('Drawn face');
  await expect(ada.preview).toBeHidden();
  await expect(ada.face.locator('svg')).toBeVisible();
  await expect(ada.main.locator('img')).toHaveCount(0);
  return drawingAt(ada.face);
}

/** Checks that this face is served as the person's picture, and shown beside their name. */
async function hasFace(ada: Visitor, face: string): Promise<void> {
  const { picture } = await ada.me();
  expect(picture).toMatch(/^\/faces\/.+\.svg$/);
  expect(await drawingFrom(ada.page, picture)).toBe(face);
  const corner = ada.page.getByRole('link', { name: /^Settings of/ });
  await expect.poll(() => drawingAt(corner)).toBe(face);
  await expect(corner.locator('img')).toHaveCount(0);
}
