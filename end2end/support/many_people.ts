/** Makes a room's page show more people than a test could sign in, by changing the signals that its socket receives. */
import type { Page } from '@playwright/test';

const NAMES = ['Luis', 'Kaya', 'Otto', 'Jo', 'Ravi', 'Sefa', 'Tom', 'Mina', 'Ben', 'Ada', 'Noor', 'Wren'];

/** Makes rooms seem to have `many` more people in this role, from the next page that `page` opens. */
export async function showManyPeople(page: Page, many: number, role: 'listener' | 'speaker'): Promise<void> {
  await page.routeWebSocket(/\/ws\/rooms\/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      const signal = JSON.parse(message as string);
      if (signal.type === 'welcome') {
        for (let at = 0; at < many; at++) {
          const name = `${NAMES[at % NAMES.length]} ${Math.floor(at / NAMES.length) + 1}`;
          signal.room.roster.push({
            id: `extra-${String(at).padStart(6, '0')}`,
            name,
            picture: `/faces/${encodeURIComponent(name)}.svg`,
            role,
            hand: null,
            invited: false,
            hold: null,
            away: false,
            muted: true,
            voice: 1_000 + at,
          });
        }
      }
      socket.send(JSON.stringify(signal));
    });
  });
}
