/** A room in Chromium with one real person and many who are only on that person's page, for measurements of the page alone. */
import { FAKE_MICROPHONE, launchChromium } from './chromium.mjs';

const NAMES = ['Luis', 'Kaya', 'Otto', 'Jo', 'Ravi', 'Sefa', 'Tom', 'Mina', 'Ben', 'Ada', 'Noor', 'Wren'];

/** A phone. */
const VIEWPORT = { width: 360, height: 740 };

export function launch() {
  return launchChromium(...FAKE_MICROPHONE);
}

/**
 * Opens the page of a new room in which `many` other people are. Whoever looks at it has opened the room, and has not joined. `options` are
 * those of the browser's context. Returns the page, and a function that sends it a signal as if it came from the server.
 */
export async function visit(browser, subject, { many, ...options }) {
  const context = await browser.newContext({ baseURL: subject.url, viewport: VIEWPORT, ...options });
  const email = `ada.${Math.random().toString(36).slice(2)}@example.org`;
  await knock(context, subject, 'auth/request_code', { email });
  await knock(context, subject, 'auth/verify_code', { code: await subject.readCode(email) });
  await knock(context, subject, 'profile/activate', { name: 'Ada', picture: '' });
  const room = await knock(context, subject, 'rooms/open', { topic: 'Bench', kind: 'open' });
  const page = await context.newPage();
  const send = await addPeople(page, Array.from({ length: many }, (_, at) => person(at)));
  await page.goto(`/rooms/${room.id}`);
  await page.locator('body[data-hydrated]').waitFor();
  await page.locator('li[data-person]').nth(many - 1).waitFor();
  return { page, send };
}

/** The id of one of the other people. */
export function idOf(at) {
  return `extra-${String(at).padStart(6, '0')}`;
}

function person(at) {
  const name = `${NAMES[at % NAMES.length]} ${Math.floor(at / NAMES.length) + 1}`;
  return {
    id: idOf(at),
    name,
    picture: `/faces/${encodeURIComponent(name)}.svg`,
    role: 'speaker',
    hand: null,
    invited: false,
    hold: null,
    away: false,
    muted: at % 5 !== 0,
    voice: 1_000 + at,
  };
}

async function addPeople(page, people) {
  let socket;
  await page.routeWebSocket(/\/ws\/rooms\/./, (opened) => {
    socket = opened;
    const server = opened.connectToServer();
    opened.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      const signal = JSON.parse(message);
      if (signal.type === 'welcome') signal.room.roster.push(...people);
      opened.send(JSON.stringify(signal));
    });
  });
  return (signal) => socket.send(JSON.stringify(signal));
}

/** Calls an endpoint and returns its JSON answer. */
async function knock(context, subject, endpoint, form) {
  const headers = { accept: 'application/json', origin: subject.url };
  const response = await context.request.post(`/api/${endpoint}`, { form, headers, maxRedirects: 0 });
  if (!response.ok()) throw new Error(`${endpoint}: ${response.status()} ${await response.text()}`);
  return response.json();
}
