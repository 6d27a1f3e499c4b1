/** A room's page while its connection is lost: the banner covers no control, *Leave* works, and a raised hand is not lost. */
import type { Page } from '@playwright/test';
import { underBannerAt } from '../support/boxes';
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

/** The code with which a page gives up a socket, so that the person stays in the room (`GIVEN_UP_CODE` in `src/model/signal.rs`). */
const GIVEN_UP = 4011;
const SIZES = [
  [320, 568],
  [360, 740],
  [640, 400],
  [740, 360],
  [768, 1024],
  [1440, 900],
] as const;

test('the banner about a lost connection covers no control at six sizes, and "Leave" works', async ({ someone }) => {
  const [mina, gus] = [await someone(), await someone()];
  const network = await Network.of(gus.page);
  const room = await (await mina.arrive('Mina')).openStage(own('Clinic'));
  await (await gus.arrive('Gus')).enter(room);
  await network.lose();
  const banner = gus.page.locator('.banner');
  await expect(banner).toContainText('Connection lost');
  for (const [width, height] of SIZES) {
    expect(await underBannerAt(gus.page, { width, height }), `under the banner at ${width} x ${height}`).toEqual([]);
    const [head, box] = [await gus.page.locator('header.room-head').boundingBox(), await banner.boundingBox()];
    expect(box!.y, `the banner is below the header at ${width} x ${height}`).toBeGreaterThanOrEqual(head!.y + head!.height);
    expect(box!.y + box!.height).toBeLessThan(height);
  }
  await gus.page.setViewportSize({ width: 360, height: 740 });
  await gus.leaveButton.click();
  await gus.isAt('/rooms');
  await expect(gus.page.getByRole('complementary', { name: 'Your call' })).toHaveCount(0);
});

test('a hand raised while the connection is lost shows that it is on its way, and goes up when the connection is back', async ({ someone }) => {
  const [mina, gus] = [await someone(), await someone()];
  const network = await Network.of(gus.page);
  const room = await (await mina.arrive('Mina')).openStage(own('Clinic'));
  await (await gus.arrive('Gus')).enter(room);
  await network.lose();
  await expect(gus.notice(/Connection lost/)).toBeVisible();
  await gus.raiseHandButton.click();
  await expect(gus.lowerHandButton).toHaveAttribute('aria-busy', 'true');
  await expect(gus.part('Your hand goes up as soon as the connection is back.')).toBeVisible();
  await expect(mina.region('Hands')).toHaveCount(0);
  network.comesBack();
  await expect(mina.region('Hands').getByRole('listitem')).toContainText('Gus', { timeout: 20_000 });
  await expect(gus.lowerHandButton).not.toHaveAttribute('aria-busy');
  await expect(gus.part(/^Your hand is up, first in line/)).toBeVisible();
});

/** The way of one page to its room, which a test can cut. */
class Network {
  private isLost = false;
  private cut: () => Promise<void> = async () => {};

  /** For the next room that `page` opens. */
  static async of(page: Page): Promise<Network> {
    const network = new Network();
    await page.routeWebSocket(/\/ws\/rooms\/./, async (socket) => {
      if (network.isLost) return socket.close({ code: 3000 });
      const server = socket.connectToServer();
      network.cut = async () => {
        await server.close({ code: GIVEN_UP });
        await socket.close({ code: 3000 });
      };
    });
    return network;
  }

  async lose(): Promise<void> {
    this.isLost = true;
    await this.cut();
  }

  comesBack(): void {
    this.isLost = false;
  }
}
