/** How many steps people need: to hear and be heard, to open a room, to invite, to remove somebody, to get on a stage, and to leave. */
import { expect, test } from '../support/fixtures';
import { Steps, hearsSomebody } from '../support/steps';
import { addressFor, own } from '../support/words';

/** The frequencies of the test tones, in Hz. They differ, because a browser removes the echo of a voice that it plays. */
const [LOW, HIGH] = [440, 1100];

test('a host opens a room with 3 steps, invites with 2, removes with 2, undoes with 1 and leaves with 2, and a guest hears with 2', async ({
  someone,
  startBrowser,
}) => {
  test.slow();
  const steps = new Steps();
  const permissions = ['clipboard-read', 'clipboard-write'];
  const mina = await (await someone({ in: await startBrowser({ tone: LOW }), permissions })).arrive('Mina');
  await mina.open('/rooms');
  await steps.press(mina.openRoomButton);
  await steps.type(mina.topicBox, own('Tea'));
  await steps.press(mina.page.getByRole('button', { name: 'Start' }));
  await expect(mina.unmuteButton).toBeFocused();
  expect(steps.take(), 'from the list into a new room').toBe(3);
  const room = mina.path;
  await mina.unmute();

  await steps.press(mina.inviteButton);
  await steps.press(mina.copyButton);
  await expect(mina.inviteSheet.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(steps.take(), 'a link for guests on the clipboard').toBe(2);
  const link = await mina.page.evaluate(() => navigator.clipboard.readText());
  await mina.closeInvite();

  const gus = await someone({ in: await startBrowser({ tone: HIGH }) });
  await gus.open(link);
  await steps.type(gus.nameBox, 'Gus');
  await steps.press(gus.comeInButton);
  await hearsSomebody(gus);
  const hears = steps.take();
  expect(hears, 'a guest hears').toBe(2);
  await steps.press(gus.unmuteButton);
  await hearsSomebody(mina);
  expect(hears + steps.take(), 'a guest is heard').toBe(3);

  await steps.press(mina.more('Gus'));
  await steps.press(mina.menuItem('Remove'));
  await expect(mina.participant('Gus')).toHaveCount(0);
  expect(steps.take(), 'a host removes somebody').toBe(2);
  const mayEnter = async () => (await gus.context.request.get(room)).ok();
  expect(await mayEnter()).toBe(false);
  await steps.press(mina.page.getByRole('button', { name: 'Undo', exact: true }));
  await expect.poll(mayEnter).toBe(true);
  expect(steps.take(), 'and takes that back').toBe(1);

  const jo = await (await someone()).arrive('Jo');
  await jo.enter(room);
  await expect(mina.participant('Jo')).toBeVisible();
  await steps.press(mina.leaveButton);
  await steps.press(mina.page.getByRole('button', { name: /^Leave.*others stay/ }));
  await mina.isAt('/rooms');
  expect(steps.take(), 'a host leaves').toBe(2);
  await expect(jo.participant('Mina')).toHaveCount(0);
});

test('a new member hears a room with 8 steps, from the list with 1, is heard with 2, and leaves with 1', async ({
  someone,
  startBrowser,
}) => {
  test.slow();
  const steps = new Steps();
  const topic = own('Tea');
  const mina = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Mina');
  await mina.openRoom(topic);
  await mina.unmute();

  const jo = await someone({ in: await startBrowser({ tone: HIGH }) });
  const email = addressFor('Jo');
  await jo.open('/');
  await steps.press(jo.main.getByRole('link', { name: 'Come in' }));
  await jo.isAt('/sign-in');
  await steps.type(jo.email, email);
  await steps.press(jo.page.getByRole('button', { name: 'Send code' }));
  await expect(jo.code).toBeVisible();
  await jo.hydrated();
  await steps.type(jo.code, await steps.readCode(jo, email));
  await jo.isAt('/activate');
  await steps.type(jo.nameBox, 'Jo');
  await steps.press(jo.comeInButton);
  await jo.isAt('/rooms');
  const toTheList = steps.take();

  await steps.press(jo.card(topic));
  await hearsSomebody(jo);
  const fromTheList = steps.take();
  expect(fromTheList, 'from the list to hearing').toBe(1);
  expect(toTheList + fromTheList, 'from the home page to hearing').toBe(8);
  await steps.press(jo.unmuteButton);
  await hearsSomebody(mina);
  expect(fromTheList + steps.take(), 'from the list to being heard').toBe(2);

  const bar = jo.page.getByRole('complementary', { name: 'Your call' });
  await steps.press(jo.page.getByRole('link', { name: 'Rooms', exact: true }));
  await expect(bar).toContainText(topic);
  expect(steps.take(), 'from the room to the list, staying in the call').toBe(1);
  await expect(mina.participant('Jo')).toBeVisible();

  await bar.getByRole('link').click();
  await steps.press(jo.leaveButton);
  await jo.isAt('/rooms');
  expect(steps.take(), 'a member leaves').toBe(1);
  await expect(mina.participant('Jo')).toHaveCount(0);
});

test('a listener gets on the stage with 2 steps, and one more unmutes', async ({ someone }) => {
  const steps = new Steps();
  const mina = await (await someone()).arrive('Mina');
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(await mina.openStage(own('Clinic')));
  await steps.press(tom.raiseHandButton);
  await mina.region('Hands').getByRole('button', { name: 'Invite Tom' }).click();
  await steps.press(tom.comeUpButton);
  await expect(mina.region('Stage').getByRole('listitem').filter({ hasText: 'Tom' })).toBeVisible();
  expect(steps.take(), 'a listener gets on the stage').toBe(2);
  await steps.press(tom.unmuteButton);
  await expect(mina.participant('Tom')).toHaveAttribute('data-muted', 'false');
  expect(steps.take()).toBe(1);
});
