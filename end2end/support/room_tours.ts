/** Tours through a room in every state that people see. Only `make screenshots` takes them. One visit shows many states, because a picture of
 *  each costs less than a scene of each. */
import { expect } from './fixtures';
import { ManyPeople, type Extra } from './many_people';
import { RoomKeys } from './room_keys';
import type { Stage } from './scene';
import { refuseMicrophone } from './sound';
import type { Visitor } from './visitor';

/** Takes pictures of the page of `visitor`: at the usual sizes, and with `low` also in windows of little height. */
export type TakePictures = (name: string, visitor: Visitor, options?: { low?: boolean }) => Promise<void>;

export interface Tour {
  name: string;
  show: (stage: Stage, take: TakePictures) => Promise<void>;
}

export const ROOM_TOURS: Tour[] = [
  { name: 'a host with ever more people', show: hostWithPeople },
  { name: 'voices, and what can be wrong with them', show: voices },
  { name: 'a stage, until its host ends it', show: stage },
  { name: 'after leaving', show: goodbye },
];

const TOPIC = 'Borrow checker clinic: bring your worst lifetime';
const SOME: Extra[] = [
  { name: 'Aleksandra Wiśniewska-Featherstonehaugh', muted: false },
  { name: 'ليلى بنت عبد الرحمن', guest: true },
  { name: '🦉🎉', away: true },
  { name: 'Wolfeschlegelsteinhausenbergerdor', hold: 'by_host' },
];

async function hostWithPeople({ someone }: Stage, take: TakePictures): Promise<void> {
  const ada = await (await someone()).arrive('Ada Lovelace');
  const others = await ManyPeople.on(ada.page);
  const path = await ada.openRoom(TOPIC);
  await expect(ada.participant('Ada Lovelace')).toBeVisible();
  await take('tour-alone', ada);

  const tom = await (await someone()).arrive('Tom');
  await tom.enter(path);
  others.come(SOME.slice(0, 3));
  await isFull(ada, 5);
  await take('tour-5', ada, { low: true });
  await sheetsOfHost(ada, take);
  for (const many of [12, 40, 200]) {
    const more = many - (await ada.page.locator('li[data-person]').count());
    others.come(Array.from({ length: more }, (_, at) => SOME[10 * at + 3] ?? { muted: at % 5 !== 0, guest: at % 4 === 1 }));
    await isFull(ada, many);
    await take(`tour-${many}`, ada, { low: many === 40 });
  }
}

/** The sheets, questions and answers that a host sees. Tom is in the room. */
async function sheetsOfHost(ada: Visitor, take: TakePictures): Promise<void> {
  const { page } = ada;
  const face = new RoomKeys(ada).face('Tom');
  const dialog = page.getByRole('dialog');
  // Escape closes a question, and the sheet that asked it comes back.
  const close = async () => {
    await expect(async () => {
      await page.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0, { timeout: 500 });
    }).toPass({ timeout: 3_000 });
  };
  const open = async (name: string) => {
    await page.getByRole('button', { name, exact: true }).click();
    await expect(dialog).toHaveCount(1);
  };

  await face.click();
  await expect(ada.menuItem('Ban')).toBeVisible();
  await take('tour-person-sheet', ada);
  await close();
  for (const [item, name] of [['Ban', 'tour-ban-question'], ['Make host', 'tour-hand-over-question']]) {
    await face.click();
    await ada.menuItem(item).click();
    await expect(dialog.filter({ hasText: '?' })).toBeVisible();
    await take(name, ada);
    await close();
  }
  await open('Host tools');
  await take('tour-host-tools', ada);
  await close();
  await open('Sound');
  await take('tour-sound', ada);
  await close();
  await open('Leave');
  await take('tour-leave-question', ada);
  await close();
  await face.click();
  await ada.menuItem('Mute for everyone').click();
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  // The toast stays while its button has the focus.
  await undo.focus();
  await take('tour-toast', ada, { low: true });
  await undo.click();
}

async function voices({ someone }: Stage, take: TakePictures): Promise<void> {
  const tom = await (await someone()).arrive('Tom');
  const path = await tom.openRoom(TOPIC);
  const ada = await (await someone()).arrive('Ada Lovelace');
  const others = await ManyPeople.on(ada.page);
  await ada.open(path);
  await expect(ada.joinButton).toBeEnabled();
  const [aleksandra, , , , ravi] = others.come([...SOME, { name: 'Ravi', muted: false }]);
  others.speak([aleksandra, ravi]);
  await expect(ada.participant('Ravi')).toHaveAttribute('data-speaking', 'true');
  await take('tour-speaking-looking-in', ada);

  await ada.join();
  for (const one of [tom, ada]) await one.unmute();
  await expect(ada.participant('Tom')).toHaveAttribute('data-speaking', 'true', { timeout: 15_000 });
  await take('tour-speaking', ada, { low: true });
  await others.loseConnection();
  await expect(ada.notice(/Connection lost/)).toBeVisible();
  await take('tour-connection-lost', ada, { low: true });

  const jo = await (await someone()).arrive('Jo');
  await refuseMicrophone(jo.page);
  await jo.enter(path);
  await jo.unmuteButton.click();
  await expect(jo.notice(/blocks the microphone/)).toBeVisible();
  await take('tour-microphone-denied', jo, { low: true });
}

async function stage({ someone }: Stage, take: TakePictures): Promise<void> {
  const mina = await (await someone()).arrive('Mina Okafor');
  const others = await ManyPeople.on(mina.page);
  const path = await mina.openStage(TOPIC);
  const [luis, kaya, jo] = [
    await (await someone()).arrive('Luis'),
    await (await someone()).arrive('Kaya'),
    await (await someone()).arrive('Jo'),
  ];
  await luis.enter(path);
  await jo.open(path);
  await expect(jo.joinButton).toBeEnabled();
  await take('tour-looking-in', jo, { low: true });
  await jo.join();
  await kaya.enter(path);
  others.come(SOME.map((one) => ({ ...one, role: 'listener', muted: true })));
  await mina.about('Luis', 'Invite to the stage');
  await comeUp(luis);
  await expect(luis.unmuteButton).toBeVisible();
  for (const listener of [kaya, jo]) await listener.raiseHandButton.click();
  await expect(mina.region('Hands').getByRole('listitem')).toHaveCount(2);
  await take('tour-stage-with-hands', mina, { low: true });
  await take('tour-hand-up', jo);

  await mina.about('Kaya', 'Invite to the stage');
  await expect(kaya.page.getByRole('button', { name: 'Come up', exact: true })).toBeVisible();
  await take('tour-invited', kaya, { low: true });
  await mina.about('Luis', 'Mute for everyone');
  await expect(luis.unmuteButton).toHaveCount(0);
  await take('tour-muted-by-host', luis);
  await mina.about('Jo', 'Remove');
  await expect(jo.main).toContainText(/\d:\d\d/);
  await take('tour-removed', jo, { low: true });
  await mina.endRoom();
  await mina.isAt('/rooms');
  await take('tour-ended-for-host', mina);
  await expect(luis.main).toContainText('ended this room');
  await take('tour-ended', luis, { low: true });
}

async function goodbye({ someone }: Stage, take: TakePictures): Promise<void> {
  const tom = await (await someone()).arrive('Tom');
  const path = await tom.openRoom(TOPIC);
  const gus = await (await someone()).arriveAsGuest(await tom.readyLink(), 'Gus');
  const [ada, mina] = [await (await someone()).arrive('Ada'), await (await someone()).arrive('Mina')];
  for (const one of [ada, mina]) await one.enter(path);
  await expect(ada.participant('Mina')).toBeVisible();
  for (const one of [ada, mina]) await one.unmute();
  await expect(ada.participant('Mina')).toHaveAttribute('data-muted', 'false');
  await ada.leave();
  await expect(ada.page.getByText(/You talked with/)).toBeVisible();
  await take('tour-goodbye', ada);
  await gus.leave();
  await expect(gus.page.getByText(/Keep your seat/i).first()).toBeVisible();
  await take('tour-goodbye-guest', gus);
}

async function comeUp(listener: Visitor): Promise<void> {
  await listener.page.getByRole('button', { name: 'Come up', exact: true }).click();
}

async function isFull({ page }: Visitor, many: number): Promise<void> {
  await expect(page.locator('li[data-person]')).toHaveCount(many);
}
