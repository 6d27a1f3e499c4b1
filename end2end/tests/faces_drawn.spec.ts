/** The drawn face: the same whoever draws it, and the way back to it from a photo. */
import { drawingAt, drawingFrom } from '../support/drawing';
import { expect, test, type Someone } from '../support/fixtures';
import { newcomer } from '../support/newcomer';
import { smallPhoto } from '../support/picture';
import type { Visitor } from '../support/visitor';

const NAMES = ['Ada', 'Ada Lovelace', '<b>Zoë</b> & "Ömür"', '李小龍', '🦉', 'Ó Briain-Šimek', '0', 'n'.repeat(40)];

test('server and browser draw the same face, to the last attribute', async ({ someone }) => {
  const ada = await newcomer(someone);
  const drawn = new Set<string>();
  for (const name of NAMES) {
    const written = encodeURIComponent(name);
    const inPage = await drawingFrom(ada.page, `/activate?name=${written}`);
    expect(await drawingFrom(ada.page, `/faces/${written}.svg`), name).toBe(inPage);
    await ada.nameBox.fill(name);
    await expect.poll(() => drawingAt(ada.face), { message: name }).toBe(inPage);
    drawn.add(inPage);
  }
  expect(drawn.size).toBe(NAMES.length);
});

test('another face is another face, and the one seen is the one kept', async ({ someone }) => {
  const ada = await newcomer(someone);
  const first = await drawingAt(ada.face);
  await ada.page.getByRole('button', { name: 'Another face' }).click();
  await expect.poll(() => drawingAt(ada.face)).not.toBe(first);
  const chosen = await drawingAt(ada.face);
  await ada.comeIn('Ada');
  const { picture } = await ada.me();
  expect(picture).toMatch(/^\/faces\/.+\.svg$/);
  expect(await drawingFrom(ada.page, picture)).toBe(chosen);
});

test('a photo chosen on the way in is left for a drawn face', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(smallPhoto());
  const seen = await leavePhoto(ada);
  await ada.comeIn('Ada');
  await wears(ada, seen);
});

for (const [which, choose] of [
  ['chosen', (ada: Visitor) => ada.choosePhoto(smallPhoto())],
  ['a photo', putOnPhoto],
] as const) {
  test(`a photo ${which} in the settings is left for a drawn face`, async ({ someone }) => {
    const ada = await arrived(someone);
    await choose(ada);
    const seen = await leavePhoto(ada);
    await ada.save('Countess');
    await expect(ada.notice(/^Saved/)).toBeVisible();
    await wears(ada, seen);
    await ada.reload();
    expect(await drawingAt(ada.face)).toBe(seen);
  });
}

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

/** Presses the button that leads back; answers the face that is seen then. */
async function leavePhoto(ada: Visitor): Promise<string> {
  await ada.page.getByRole('button', { name: 'Drawn face' }).click();
  await expect(ada.preview).toBeHidden();
  await expect(ada.face.locator('svg')).toBeVisible();
  await expect(ada.main.locator('img')).toHaveCount(0);
  return drawingAt(ada.face);
}

/** That face is served as theirs, and shown to themselves beside their name. */
async function wears(ada: Visitor, face: string): Promise<void> {
  const { picture } = await ada.me();
  expect(picture).toMatch(/^\/faces\/.+\.svg$/);
  expect(await drawingFrom(ada.page, picture)).toBe(face);
  const corner = ada.page.getByRole('link', { name: /^Settings of/ });
  await expect.poll(() => drawingAt(corner)).toBe(face);
  await expect(corner.locator('img')).toHaveCount(0);
}
