/** The stage in every state worth looking at. */
import { expect } from './fixtures';
import { showManyPeople } from './many_people';
import type { Scene, Stage } from './scene';
import { SERVER_AWAY } from './troubles';
import type { Visitor } from './visitor';

const TOPIC = 'Borrow checker clinic: bring your worst lifetime';

export const STAGE_SCENES: Scene[] = [
  { name: 'stage', show: hostOfStage },
  { name: 'stage-menu', show: menuOfHost },
  { name: 'stage-desk', show: moderationPanel },
  { name: 'stage-listening', show: async (stage) => (await staged(stage)).jo },
  { name: 'stage-invited', show: invited },
  { name: 'stage-muted-by-host', show: mutedByHost },
  { name: 'stage-of-one', show: stageOfOne },
  { name: 'stage-200-listeners', show: manyListeners },
  { name: 'stage-suggested', show: suggested },
  { name: 'stage-host-away', show: hostAway },
  { name: 'stage-end', show: endAsked },
  { name: 'room-removed', show: (stage) => putOut(stage, 'Remove') },
  { name: 'room-banned', show: banned },
  { name: 'room-ended', show: ended },
  { name: 'rooms-dark', show: dark },
];

/** Mina hosts, Luis speaks, Kaya has a hand up, Jo listens. */
async function staged({ someone }: Stage) {
  const mina = await (await someone()).arrive('Mina Okafor');
  const path = await mina.openStage(TOPIC);
  const [luis, kaya, jo] = [
    await (await someone()).arrive('Luis'),
    await (await someone()).arrive('Kaya'),
    await (await someone()).arrive('Jo'),
  ];
  for (const guest of [luis, kaya, jo]) await guest.enter(path);
  await mina.bringUp(luis, 'Luis');
  await kaya.raiseHandButton.click();
  await expect(mina.region('Hands')).toBeVisible();
  return { path, mina, luis, kaya, jo };
}

async function hostOfStage(stage: Stage): Promise<Visitor> {
  const { mina, jo } = await staged(stage);
  await jo.raiseHandButton.click();
  await expect(mina.region('Hands').getByRole('listitem')).toHaveCount(2);
  return mina;
}

async function menuOfHost(stage: Stage): Promise<Visitor> {
  const { mina } = await staged(stage);
  await mina.more('Luis').click();
  await expect(mina.menuItem('Ban')).toBeVisible();
  return mina;
}

async function moderationPanel(stage: Stage): Promise<Visitor> {
  const { mina, luis } = await staged(stage);
  await mina.about('Luis', 'Mute for everyone');
  await expect(luis.part(/muted you/)).toBeVisible();
  await mina.about('Jo', 'Remove');
  await mina.openModerationPanel();
  await expect(mina.moderationPanel.getByRole('button', { name: 'Let Jo back in' })).toBeVisible();
  return mina;
}

async function invited(stage: Stage): Promise<Visitor> {
  const { mina, kaya } = await staged(stage);
  await mina.about('Kaya', 'Invite to the stage');
  await expect(kaya.comeUpButton).toBeVisible();
  return kaya;
}

async function mutedByHost(stage: Stage): Promise<Visitor> {
  const { mina, luis } = await staged(stage);
  await mina.about('Luis', 'Mute for everyone');
  await expect(luis.part(/muted you/)).toBeVisible();
  return luis;
}

async function stageOfOne({ someone }: Stage): Promise<Visitor> {
  const mina = await (await someone()).arrive('Mina Okafor');
  await mina.openStage(TOPIC);
  return mina;
}

async function manyListeners({ someone }: Stage): Promise<Visitor> {
  const mina = await (await someone()).arrive('Mina Okafor');
  const path = await mina.openStage(TOPIC);
  const ada = await (await someone()).arrive('Ada');
  await showManyPeople(ada.page, 200, 'listener');
  await ada.enter(path);
  await expect(ada.page.getByRole('button', { name: /and \d+ more/ })).toBeVisible();
  return ada;
}

async function suggested({ someone }: Stage): Promise<Visitor> {
  const mina = await (await someone()).arrive('Mina Okafor');
  await showManyPeople(mina.page, 12, 'speaker');
  await mina.openRoom(TOPIC);
  await expect(mina.page.getByRole('button', { name: 'Switch to Stage' })).toBeVisible();
  return mina;
}

async function hostAway(stage: Stage): Promise<Visitor> {
  const { mina, luis } = await staged(stage);
  await mina.page.close();
  await expect(luis.notice(/the host, is away/)).toBeVisible({ timeout: 10_000 });
  return luis;
}

async function endAsked(stage: Stage): Promise<Visitor> {
  const { mina } = await staged(stage);
  await mina.leaveButton.click();
  await expect(mina.page.getByRole('button', { name: 'End for everybody' })).toBeVisible();
  return mina;
}

async function putOut(stage: Stage, item: 'Remove' | 'Ban'): Promise<Visitor> {
  const { mina, jo } = await staged(stage);
  await mina.about('Jo', item);
  const words = item === 'Remove' ? /^Mina Okafor removed you from/ : 'A host has banned you from this room.';
  await expect(jo.heading(words)).toBeVisible();
  return jo;
}

async function banned(stage: Stage): Promise<Visitor> {
  const jo = await putOut(stage, 'Ban');
  jo.troubles.allow(SERVER_AWAY);
  jo.troubles.allow(/status of 403/);
  await jo.page.reload();
  await expect(jo.heading('A host has banned you from this room.')).toBeVisible();
  return jo;
}

async function ended(stage: Stage): Promise<Visitor> {
  const { mina, luis } = await staged(stage);
  await mina.endRoom();
  await expect(luis.heading('Mina Okafor ended this room.')).toBeVisible();
  return luis;
}

async function dark({ someone }: Stage): Promise<Visitor> {
  const mina = await (await someone()).arrive('Mina Okafor');
  await mina.openRoom('The library: always open');
  await mina.openModerationPanel();
  await mina.moderationPanel.getByRole('checkbox', { name: 'Permanent room' }).check();
  await expect(mina.moderationPanel.getByText(/made this a permanent room/)).toBeVisible();
  await mina.closeModerationPanel();
  await mina.leave();
  const ada = await (await someone()).arrive('Ada');
  await ada.openRoom('Tea and nothing in particular', 'Open', 'Stage');
  const tom = await (await someone()).arrive('Tom');
  await tom.open('/rooms');
  await expect(tom.card('The library: always open')).toContainText('Empty. Be the first.');
  return tom;
}
