/** The bar that shows your call on other pages: it has the button that the room has for you. */
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

test('on other pages, a listener has a hand and no microphone, comes up there, and reads that a host has muted them', async ({ someone }) => {
  const topic = own('Clinic');
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openStage(topic);
  const kaya = await (await someone({ viewport: { width: 360, height: 740 } })).arrive('Kaya');
  await kaya.enter(room);
  await kaya.roomsLink.click();
  await kaya.isAt('/rooms');
  const bar = kaya.page.getByRole('complementary', { name: 'Your call' });
  await expect(kaya.card(topic)).toContainText('1 listening');
  await expect(kaya.lookInButton(topic), 'Kaya is inside').toHaveCount(0);
  await expect(bar.getByRole('button')).toHaveCount(2);
  await expect(kaya.unmuteButton).toHaveCount(0);
  await kaya.raiseHandButton.click();
  await expect(mina.region('Hands').getByRole('listitem')).toHaveText(/Kaya/);
  await kaya.lowerHandButton.click();
  await expect(mina.region('Hands')).toHaveCount(0);

  await mina.about('Kaya', 'Invite to the stage');
  await expect(bar.getByRole('status')).toHaveText("Mina invites you up to speak. You'll come up muted.");
  await kaya.comeUpButton.click();
  await expect(bar.getByRole('status')).toBeEmpty();
  await kaya.unmute();
  await mina.about('Kaya', 'Mute for everyone');
  const locked = bar.getByRole('button', { name: 'Muted by a host' });
  await expect(locked).toBeDisabled();
  await expect(locked.getByText('Muted by a host')).toBeInViewport({ ratio: 1 });
  const { y, height } = (await bar.boundingBox())!;
  expect(y + height, 'the bar is at the bottom').toBeCloseTo(740, 0);
  expect(height, 'and as high as with the microphone').toBeLessThan(67);
});
