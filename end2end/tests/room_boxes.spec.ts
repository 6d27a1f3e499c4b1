/** The boxes of a room with 1 to 200 people, at seven sizes of the window: nothing overlaps, is cut, is too small, or is under a bar. */
import { faultsAt, type Size } from '../support/boxes';
import { expect, test } from '../support/fixtures';
import { ManyPeople, type Extra } from '../support/many_people';
import type { Visitor } from '../support/visitor';

/** Phones upright and on their side, 200 % zoom on a window of 1280 by 800, tablets, and a laptop. */
const SIZES: Size[] = [
  { width: 320, height: 568 },
  { width: 360, height: 740 },
  { width: 640, height: 400 },
  { width: 740, height: 360 },
  { width: 768, height: 1024 },
  { width: 1024, height: 768 },
  { width: 1440, height: 900 },
];

const LONG_NAME = 'Aleksandra Wiśniewska-Featherstonehaugh';
/** A word of 80 letters, which is as long as a topic may be. */
const LONG_TOPIC = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
const NAMES = [
  'Wolfeschlegelsteinhausenbergerdor',
  'ليلى بنت عبد الرحمن الأندلسية',
  '🦉👩‍👩‍👧‍👦🏳️‍🌈🎉',
  LONG_NAME,
  'אברהם בן־שמואל',
  '李小龍',
  'Ó',
  'Ada אדה 🎺 Łucja',
];

const IN_HEADER = ['Rooms', 'Leave'];
const OF_HOST = [...IN_HEADER, 'Host tools', 'Sound', 'Unmute'];

test('where everyone can talk, the boxes of 1 to 200 people are right at seven sizes, for the host and a guest', async ({ someone }) => {
  test.setTimeout(90_000);
  const [host, guest] = [await onlooker(await someone(STILL)), await onlooker(await someone(STILL))];
  await (await host.visitor.arrive(LONG_NAME)).openRoom(LONG_TOPIC);
  const faults = await measured(host, 'the host', 1, OF_HOST);

  await guest.visitor.arriveAsGuest(await host.visitor.readyLink(), 'Gus');
  await guest.visitor.unmute();
  for (const count of [2, 5, 12, 40, 200]) {
    for (const one of [host, guest]) await fill(one, count, ordinary);
    faults.push(...(await measured(host, 'the host', count, [...OF_HOST, 'Invite', 'Raise hand'])));
    faults.push(...(await measured(guest, 'a guest', count, [...IN_HEADER, 'Mute', 'Raise hand', 'Invite', 'Sound'])));
  }
  expect(told(faults)).toBe('');
});

test('on a stage, the boxes of 1 to 200 people are right at seven sizes, for the host, a listener and somebody looking in', async ({ someone }) => {
  test.setTimeout(90_000);
  const [host, listener] = [await onlooker(await someone(STILL)), await onlooker(await someone(STILL))];
  const room = await (await host.visitor.arrive('Mina Okafor')).openStage('Borrow checker clinic: bring your worst lifetime');
  const faults = await measured(host, 'the host', 1, OF_HOST);

  await listener.visitor.arrive(LONG_NAME);
  await listener.visitor.open(room);
  await expect(listener.visitor.joinButton).toBeEnabled();
  faults.push(...(await measured(listener, 'somebody looking in', 1, ['Rooms', 'Join'])));
  await listener.visitor.join();
  await listener.visitor.raiseHandButton.click();
  await expect(host.visitor.region('Hands')).toBeVisible();
  for (const count of [2, 5, 12, 40, 200]) {
    for (const one of [host, listener]) await fill(one, count, onStage);
    faults.push(...(await measured(host, 'the host', count, [...OF_HOST, 'Invite'])));
    faults.push(...(await measured(listener, 'a listener', count, [...IN_HEADER, 'Lower hand', 'Invite', 'Sound'])));
  }
  expect(told(faults)).toBe('');
});

test('at 360 px, the header shows all of a short topic to the host', async ({ someone }) => {
  const host = await (await someone({ viewport: { width: 360, height: 740 } })).arrive('Mina');
  await host.openRoom('Kitchen table');
  const topic = host.heading('Kitchen table');
  await expect(host.page.locator('.room-count')).toHaveText('1 here');
  expect(await topic.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(true);
});

/** Faces that slide or blink would be measured on their way. */
const STILL = { reducedMotion: 'reduce' } as const;

interface Onlooker {
  visitor: Visitor;
  others: ManyPeople;
  /** How many people only this page sees. */
  added: number;
}

async function onlooker(visitor: Visitor): Promise<Onlooker> {
  return { visitor, others: await ManyPeople.on(visitor.page), added: 0 };
}

/** Every state of a person is there, also among the first few. */
function ordinary(at: number): Extra {
  const name = NAMES[at];
  return {
    ...(name && { name }),
    guest: at % 3 === 0,
    muted: at % 5 !== 0,
    away: at % 11 === 7,
    hold: at % 13 === 6 ? 'by_host' : null,
  };
}

/** One in eight is on the stage, and some of the others have raised a hand. */
function onStage(at: number): Extra {
  if (at % 8 === 0) return ordinary(at);
  const isUp = at % 10 === 1;
  const hand = { hand: isUp ? at + 1 : null, hand_since_s: isUp ? Math.round(Date.now() / 1000) - 60 * at : null };
  return { ...ordinary(at), role: 'listener', muted: true, hold: null, ...hand };
}

/** Lets people come until there are `count`, the host and another real person among them. Shows all of them. */
async function fill(one: Onlooker, count: number, extra: (at: number) => Extra): Promise<void> {
  const { page } = one.visitor;
  const from = one.added;
  one.added = count - 2;
  one.others.come(Array.from({ length: one.added - from }, (_, at) => extra(from + at)));
  await expect(page.locator('.room-count')).toHaveText(new RegExp(`(^|\\D)${count} here`));
  const more = page.getByRole('button', { name: /^and \d+ more/ });
  if (await more.isVisible()) await more.click();
  // A name under the pointer opens over what is below it.
  await page.mouse.move(0, 0);
  await expect(page.locator('li[data-person]:has(.who)')).toHaveCount(count);
}

async function measured({ visitor }: Onlooker, who: string, count: number, needed: string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const size of SIZES) {
    const found = await faultsAt(visitor.page, size, needed);
    faults.push(...found.map((fault) => `${size.width}x${size.height}, ${count} people, ${who}: ${fault}`));
  }
  return faults;
}

/** All faults in one text, so that one run shows everything. The same fault of many people at one size is told three times. */
function told(faults: string[]): string {
  const kinds = new Map<string, string[]>();
  for (const fault of faults) {
    const kind = fault.replace(/"[^"]*"|of .*? (?=overlaps)|of .*$/g, '…');
    kinds.set(kind, [...(kinds.get(kind) ?? []), fault]);
  }
  const lines = [...kinds.values()].flatMap((alike) => [
    ...alike.slice(0, 3),
    ...(alike.length > 3 ? [`  and ${alike.length - 3} more like that`] : []),
  ]);
  return lines.join('\n');
}
