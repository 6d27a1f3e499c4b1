/** The end of a call: what the page says, what a reload and the link say, and the goodbye on the list of rooms. */
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

test('a removed guest sees a countdown, reads the same at every address, and is let back in', async ({ someone }) => {
  const topic = own('Kitchen table');
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(topic, 'Private');
  const link = await mina.readyLink();
  const gina = await (await someone()).arriveAsGuest(link, 'Gina');
  const room = gina.path;

  await mina.about('Gina', 'Remove');
  const undo = mina.page.getByRole('button', { name: 'Undo', exact: true });
  // While the pointer is on the toast, the toast stays.
  await undo.hover();
  const heading = gina.heading(`Mina removed you from “${topic}”.`);
  const countdown = gina.page.getByRole('timer');
  await expect(heading).toBeFocused();
  await expect(countdown).toHaveText(/^You can come back in (10:00|9:\d\d)\.$/);
  await expect(gina.leaveButton).toHaveCount(0);

  await gina.page.clock.install();
  for (const path of [link, room]) {
    expect((await gina.open(path)).status()).toBe(403);
    await expect(heading).toBeVisible();
    await expect(countdown).toHaveText(/^You can come back in (10:00|9:\d\d)\.$/);
    await expect(gina.comeInButton).toHaveCount(0);
  }
  await gina.hydrated();
  await undo.click();
  await expect(mina.toast('Gina can come back.')).toBeVisible();
  await gina.page.clock.fastForward('00:06');
  await expect(gina.heading('Mina let you back in.')).toBeVisible();
  await expect(heading).toHaveCount(0);
  await expect(countdown).toHaveCount(0);
  await gina.open(room);
  await expect(gina.main).toContainText('Mina let you back in.');
  await gina.join();
  await expect(gina.main).not.toContainText('Mina let you back in.');
});

test('the page that was inside says by itself that a host lets you back in, and joins with one press', async ({ someone }) => {
  const topic = own('Kitchen table');
  const mina = await (await someone()).arrive('Mina');
  const luis = await (await someone()).arrive('Luis');
  await luis.enter(await mina.openRoom(topic));
  await mina.about('Luis', 'Remove');
  await expect(luis.heading(`Mina removed you from “${topic}”.`)).toBeFocused();
  await mina.undo('Removed Luis for 10 minutes.');
  await expect(luis.heading('Mina let you back in.')).toBeVisible({ timeout: 15_000 });
  await luis.joinButton.click();
  await luis.isInside();
  await expect(luis.heading('Mina let you back in.')).toHaveCount(0);
  await expect(mina.participant('Luis')).toBeVisible();
});

test('a host who leaves an empty room from another page reads that it closes', async ({ someone }) => {
  const topic = own('Kitchen table');
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(topic);
  await mina.roomsLink.click();
  await mina.isAt('/rooms');
  await mina.page.getByRole('complementary', { name: 'Your call' }).getByRole('button', { name: 'Leave' }).click();
  await expect(mina.toast(`“${topic}” closes in a minute, and its link stops working.`)).toBeVisible();
});

test('the host ends the room: everybody reads who did it, and says goodbye', async ({ someone }) => {
  const topic = own('Kitchen table');
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(topic);
  const link = await mina.readyLink();
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  const gus = await (await someone()).arriveAsGuest(link, 'Gus');
  const ida = await (await someone()).arriveAsGuest(link, 'Ida');
  await mina.unmute();
  await tom.unmute();
  await expect(gus.participant('Tom')).toBeVisible();

  await gus.leave();
  const seat = gus.main.getByRole('link', { name: 'Keep your seat' });
  await expect(seat, 'it is offered once').toHaveCount(1);
  await expect(gus.heading('Keep your seat')).toBeVisible();
  await gus.page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(gus.heading('Keep your seat')).toHaveCount(0);
  await expect(seat, 'and after that in the usual place').toHaveCount(1);

  await mina.endRoom();
  await mina.isAt('/rooms');
  await expect(mina.toast(`“${topic}” is closed.`)).toBeVisible();
  await expect(ida.heading('Mina ended this room.')).toBeFocused();
  await expect(ida.main.getByRole('link', { name: 'To the home page' })).toBeVisible();
  for (const path of [room, link]) {
    expect((await ida.open(path)).status()).toBe(404);
    await expect(ida.heading('Mina ended this room.')).toBeVisible();
  }

  await expect(tom.heading('Mina ended this room.')).toBeVisible();
  await tom.main.getByRole('link', { name: 'To the rooms' }).click();
  await tom.isAt('/rooms');
  await expect(tom.heading('You talked with Mina. Follow them?')).toBeVisible();
  await tom.page.getByRole('button', { name: 'Follow Mina' }).click();
  await expect(tom.page.getByRole('button', { name: 'Following' })).toBeFocused();
  const circle = await tom.callEndpoint<{ name: string }[]>('circle/list');
  expect(circle.map((person) => person.name)).toEqual(['Mina']);
});
