/** Opens five pages in a real browser and measures each. For pages that need an account, the browser is signed in. */
import { launchChromium } from './chromium.mjs';

/** A browser, and the path of each page. A page that needs an account also has the cookies of somebody who may see the page. */
export class Tour {
  static async begin(subject) {
    const tour = new Tour();
    tour.browser = await launchChromium();
    const newcomer = await tour.signUp(subject, 'newcomer@example.org');
    const resident = await tour.signUp(subject, 'ada@example.org', 'Ada Lovelace');
    const room = await knock(resident, subject, 'rooms/open', { topic: 'Tea and nothing in particular', kind: 'open' });
    tour.stops = [
      { name: '/', path: '/' },
      { name: '/sign-in', path: '/sign-in' },
      { name: '/activate', path: '/activate', cookies: await newcomer.cookies() },
      { name: '/rooms', path: '/rooms', cookies: await resident.cookies() },
      { name: 'a room', path: `/rooms/${room.id}`, cookies: await resident.cookies() },
    ].map((stop) => ({ ...stop, url: subject.url + stop.path }));
    return tour;
  }

  end() {
    return this.browser.close();
  }

  /** Opens one page with an empty cache, waits until the page is hydrated, and calls `look` with the finished requests. */
  async visit(stop, look = () => {}) {
    const context = await this.browser.newContext();
    await context.addCookies(stop.cookies ?? []);
    try {
      await open(await context.newPage(), stop, look);
    } finally {
      await context.close();
    }
  }

  /** The number of requests that one page makes with an empty cache, and the bytes of their headers and compressed bodies. */
  async weigh(stop) {
    let parts = [];
    await this.visit(stop, async (finished) => (parts = await Promise.all(finished.map((request) => request.sizes()))));
    const sum = (field) => parts.reduce((total, part) => total + part[field], 0);
    return { requests: parts.length, bodies: sum('responseBodySize'), headers: sum('responseHeadersSize') };
  }

  async signUp(subject, email, name) {
    const person = await this.browser.newContext();
    await knock(person, subject, 'auth/request_code', { email });
    await knock(person, subject, 'auth/verify_code', { code: await subject.readCode(email) });
    if (name) await knock(person, subject, 'profile/activate', { name, picture: '' });
    return person;
  }
}

async function open(page, stop, look) {
  const finished = [];
  page.on('requestfinished', (request) => finished.push(request));
  const response = await page.goto(stop.url);
  if (response.status() !== 200 || page.url() !== stop.url) {
    throw new Error(`${stop.path} answered ${response.status()} at ${page.url()}`);
  }
  // The start page loads no scripts, so it is never hydrated.
  if (stop.path !== '/') await page.locator('body[data-hydrated]').waitFor({ state: 'attached', timeout: 30_000 });
  await page.waitForLoadState('load');
  await look(finished);
}

/** Calls an endpoint and returns its JSON answer. */
async function knock(person, subject, endpoint, form) {
  const headers = { accept: 'application/json', origin: subject.url };
  const response = await person.request.post(`${subject.url}/api/${endpoint}`, { form, headers, maxRedirects: 0 });
  if (!response.ok()) throw new Error(`${endpoint}: ${response.status()} ${await response.text()}`);
  return response.json();
}
