/** The queue of raised hands on a host's phone: each row has its name and its buttons beside each other, and each button has a word. */
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

test('on a phone, a raised hand is one row with two buttons that have words', async ({ someone }) => {
  const mina = await (await someone({ viewport: { width: 360, height: 740 } })).arrive('Mina');
  const room = await mina.openStage(own('Clinic'));
  const kaya = await (await someone()).arrive('Kaya');
  await kaya.enter(room);
  await kaya.raiseHandButton.click();
  const gus = await someone();
  await gus.open(await mina.readyLink());
  await gus.nameBox.fill('Gus');
  await gus.comeInButton.click();
  await gus.isInside();
  await gus.raiseHandButton.click();
  for (const name of ['Kaya', 'Gus']) {
    const row = mina.region('Hands').getByRole('listitem').filter({ hasText: name });
    const lower = row.getByRole('button', { name: `Lower the hand of ${name}` });
    await expect(lower).toHaveText('Lower');
    await expect(row.getByRole('button')).toHaveCount(2);
    const [face, button] = [await row.locator('.face').boundingBox(), await lower.boundingBox()];
    const middle = face!.y + face!.height / 2;
    expect(button!.y, 'the buttons are beside the face').toBeLessThan(middle);
    expect(button!.y + button!.height).toBeGreaterThan(middle);
  }
});
