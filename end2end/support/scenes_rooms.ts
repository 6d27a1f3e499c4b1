/** Rooms in every state worth looking at: the list, a room, and the bar that shows your call on other pages. */
import { company } from './company';
import { expect } from './fixtures';
import { addEmptyRooms } from './many_rooms';
import { dataUrl, smallPhoto } from './picture';
import type { Scene, Stage } from './scene';
import { refuseMicrophone } from './sound';
import { SERVER_AWAY } from './troubles';
import type { Visitor } from './visitor';

export const ROOM_SCENES: Scene[] = [
  { name: 'rooms-empty', show: roomsEmpty },
  { name: 'rooms', show: roomsWithPeople },
  { name: 'rooms-pages', show: secondPageOfRooms },
  { name: 'open-a-room', show: openARoom },
  { name: 'room-alone', show: roomAlone },
  { name: 'room', show: roomWithPeople },
  { name: 'room-door', show: roomFromTheLobby },
  { name: 'room-live', show: roomLive },
  { name: 'room-more', show: roomMore },
  { name: 'room-sound', show: roomSound },
  { name: 'room-denied', show: roomDenied },
  { name: 'room-full', show: roomFull },
  { name: 'room-server-away', show: roomServerAway },
  { name: 'room-signed-out', show: roomSignedOut },
  { name: 'call-bar', show: callBar },
  { name: 'call-bar-at-another-door', show: callBarInAnotherLobby },
];

async function roomsEmpty({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await visitor.open('/rooms');
  return visitor;
}

async function roomsWithPeople(stage: Stage): Promise<Visitor> {
  const clinic = 'Borrow checker clinic: bring your worst lifetime';
  await company(stage, clinic, ['Mina', 'Tom', 'Jo', 'Wilhelmina Murray-Westenra of Whitby']);
  await company(stage, 'Tea and nothing in particular', ['Kaya', 'Ben']);
  await company(stage, 'Schnäpschen, Donaudampfschifffahrtsgesellschaftskapitänsmütze und lange Wörter', [
    'Otto',
  ]);
  const visitor = await roomsEmpty(stage);
  await expect(visitor.card(clinic)).toBeVisible();
  return visitor;
}

async function secondPageOfRooms({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await addEmptyRooms(visitor, 60);
  await visitor.open('/rooms?page=2');
  await expect(visitor.card('Reading circle 36')).toBeVisible();
  return visitor;
}

async function openARoom(stage: Stage): Promise<Visitor> {
  const visitor = await roomsEmpty(stage);
  await visitor.openRoomButton.click();
  await expect(visitor.topicBox).toBeVisible();
  return visitor;
}

async function roomAlone({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await visitor.openRoom('Tea and nothing in particular');
  await expect(visitor.participant('Ada Lovelace')).toBeVisible();
  return visitor;
}

async function roomWithPeople(stage: Stage): Promise<Visitor> {
  const names = ['Mina', 'Tom', 'Wilhelmina Murray-Westenra of Whitby', 'Ravi'];
  const path = await company(stage, 'Borrow checker clinic: bring your worst lifetime', names);
  const visitor = await (await stage.someone()).arrive('Ada', { picture: dataUrl(smallPhoto()) });
  await visitor.enter(path);
  for (const name of [...names, 'Ada']) await expect(visitor.participant(name)).toBeVisible();
  return visitor;
}

async function roomFromTheLobby(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom', 'Jo']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.open(path);
  await expect(visitor.joinButton).toBeEnabled();
  return visitor;
}

/** The viewer is live, and somebody else speaks. */
async function roomLive(stage: Stage): Promise<Visitor> {
  const mina = await (await stage.someone()).arrive('Mina');
  const path = await mina.openRoom('Borrow checker clinic: bring your worst lifetime');
  await mina.unmute();
  await company(stage, 'Elsewhere', ['Kaya']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.enter(path);
  await visitor.unmute();
  await expect(visitor.participant('Mina')).toHaveAttribute('data-speaking', 'true', { timeout: 15_000 });
  return visitor;
}

async function roomDenied({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada');
  await refuseMicrophone(visitor.page);
  await visitor.openRoom('Tea and nothing in particular');
  await visitor.unmuteButton.click();
  await expect(visitor.notice(/microphone/)).toBeVisible();
  return visitor;
}

/** Only shows how the refusal looks, with a made-up signal. Other tests check that the server refuses. */
async function roomFull({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada');
  await visitor.page.routeWebSocket(/\/ws\/rooms\/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      if (!String(message).includes('"join"')) return server.send(message);
      socket.send('{"type":"refused","why":{"reason":"room_full","most":500}}');
    });
  });
  await visitor.startRoom('Tea and nothing in particular');
  await expect(visitor.notice(/room is full/)).toBeVisible();
  return visitor;
}

async function roomServerAway(stage: Stage): Promise<Visitor> {
  const visitor = await roomWithPeople(stage);
  visitor.troubles.allow(SERVER_AWAY);
  for (const page of visitor.context.browser()!.contexts().flatMap((context) => context.pages())) {
    if (page !== visitor.page) await page.close();
  }
  // A page that is closed may count as lost for some seconds.
  await expect(visitor.main.getByRole('heading', { name: 'You are alone here.' })).toBeVisible({ timeout: 10_000 });
  await stage.server.stop();
  await expect(visitor.notice(/Snug is restarting/)).toBeVisible({ timeout: 10_000 });
  // The sentence changes once more, after five attempts to connect.
  await expect(visitor.notice(/Snug isn't answering/)).toBeVisible({ timeout: 20_000 });
  return visitor;
}

/** The page learns of the sign-out from the server, because it has no `BroadcastChannel`. */
async function roomSignedOut(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.page.addInitScript(() => Reflect.deleteProperty(window, 'BroadcastChannel'));
  await visitor.enter(path);
  await (await visitor.newTab()).signOut();
  await expect(visitor.heading(/session on this device has ended/)).toBeVisible();
  return visitor;
}

async function callBarInAnotherLobby(stage: Stage): Promise<Visitor> {
  await company(stage, 'Elsewhere', ['Kaya', 'Ben']);
  const visitor = await callBar(stage);
  await visitor.lookInto('Elsewhere');
  return visitor;
}

async function callBar(stage: Stage): Promise<Visitor> {
  const visitor = await roomAlone(stage);
  await visitor.page.goBack();
  await expect(visitor.page.getByRole('complementary', { name: 'Your call' })).toBeVisible();
  return visitor;
}

async function roomMore(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.enter(path);
  await visitor.more('Tom').click();
  await expect(visitor.menuItem('Follow')).toBeVisible();
  return visitor;
}

/** The sheet "Sound", and the line below the topic. */
async function roomSound(stage: Stage): Promise<Visitor> {
  const visitor = await roomAlone(stage);
  await visitor.unfoldTopic();
  await visitor.openSound();
  return visitor;
}
