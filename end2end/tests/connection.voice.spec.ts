/** The page "Check my connection": each step is good where it works, and bad under its own fault, with what to do. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { hears } from '../support/hearing';
import type { Visitor } from '../support/visitor';
import { own } from '../support/words';

type Result = 'running' | 'good' | 'bad' | 'skipped';

/** The steps of the network take up to 6 s each if nothing comes back. */
const STEP_LIMIT_MS = 20_000;

const step = (page: Page, name: string) => page.locator(`[data-check="${name}"]`);

async function results(page: Page, wanted: Record<string, Result>): Promise<void> {
  for (const [name, result] of Object.entries(wanted)) {
    await expect(step(page, name), name).toHaveAttribute('data-result', result, { timeout: STEP_LIMIT_MS });
  }
}

/** Whether each of these steps says what to do. */
async function advises(page: Page, names: string[]): Promise<void> {
  for (const name of names) await expect(step(page, name).locator('.notice'), name).toHaveText(/\w.*\./);
}

const press = (page: Page, name: string, button: string) => step(page, name).getByRole('button', { name: button, exact: true }).click();

test('where everything works, every step is good, and people who only listen are told nothing about a microphone', async ({ someone, startBrowser }) => {
  const ada = await (await someone({ in: await startBrowser({ tone: 440 }) })).arrive('Ada');
  const { page } = ada;
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ada.server.url });
  await ada.open('/settings');
  await page.getByRole('link', { name: 'Check my connection' }).click();
  await ada.isAt('/connection');
  await results(page, { server: 'good', socket: 'good', udp: 'good', tcp: 'good', relay: 'skipped' });
  await expect(step(page, 'udp'), 'little is lost on loopback').toContainText(/by UDP, round trip \d+ ms, \d % lost/);
  await expect(step(page, 'tcp'), 'little is lost on loopback').toContainText(/by TCP.*, \d % lost/);

  await press(page, 'microphone', 'I only listen');
  await results(page, { microphone: 'skipped', loopback: 'skipped' });
  await expect(page.locator('.checks .notice'), 'nothing is wrong').toHaveCount(0);

  await press(page, 'microphone', 'Test again');
  await results(page, { microphone: 'good', loopback: 'good' });
  await expect(step(page, 'loopback')).toContainText(/\d+ of \d+ packets of your voice came back\..*, \d % lost/);

  await press(page, 'speaker', 'Play a sound');
  await press(page, 'speaker', 'I hear it');
  await results(page, { speaker: 'good' });

  await page.getByRole('button', { name: 'Copy report' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toMatch(/^udp: good\. Connected by UDP/m);
  expect(report).not.toMatch(/Ada|example|\d+\.\d+\.\d+\.\d+|localhost|::/);
});

test('a server that does not answer, and a live connection that is refused, are said at their own step', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  const other = await ada.newTab();
  ada.troubles.allow(/ERR_FAILED|WebSocket connection/);
  await ada.page.route('**/healthz', (route) => route.abort());
  await other.page.routeWebSocket(/\/ws\/check/, (socket) => socket.close());
  await Promise.all([ada.open('/connection'), other.open('/connection')]);
  await results(ada.page, { server: 'bad', socket: 'good' });
  await advises(ada.page, ['server']);
  await results(other.page, { server: 'good', socket: 'bad', udp: 'skipped', tcp: 'skipped', relay: 'skipped' });
  await advises(other.page, ['socket']);
});

test('ways that let nothing through are said at their own step, and the other way is good', async ({ someone }) => {
  test.slow();
  const ada = await (await someone()).arrive('Ada');
  const tabs = [ada, await ada.newTab(), await ada.newTab()];
  await withoutCandidates(tabs[0], 'udp');
  await withoutCandidates(tabs[1], 'tcp');
  await withDeadRelay(tabs[2]);
  await Promise.all(tabs.map((tab) => tab.open('/connection')));
  await results(tabs[0].page, { udp: 'bad', tcp: 'good' });
  await advises(tabs[0].page, ['udp']);
  await results(tabs[1].page, { udp: 'good', tcp: 'bad' });
  await advises(tabs[1].page, ['tcp']);
  await results(tabs[2].page, { udp: 'good', relay: 'bad' });
  await advises(tabs[2].page, ['relay']);
});

test('a microphone that is missing or silent, a voice that does not come back and a silent loudspeaker are said', async ({ someone, startBrowser }) => {
  test.slow();
  const args = ['--deny-permission-prompts', '--allow-loopback-in-peer-connection', '--use-fake-device-for-media-stream'];
  const shy = await (await someone({ in: await startBrowser({ args }) })).arrive('Ben');
  const ada = await (await someone({ in: await startBrowser({ tone: 440 }) })).arrive('Ada');
  const mute = await ada.newTab();
  await withSilentMicrophone(mute);
  await ada.page.addInitScript(() => {
    RTCRtpSender.prototype.replaceTrack = async () => undefined;
  });
  await Promise.all([shy.open('/connection'), ada.open('/connection'), mute.open('/connection')]);
  for (const { page } of [shy, ada, mute]) {
    await results(page, { relay: 'skipped' });
    await press(page, 'microphone', 'Test the microphone');
  }
  await results(shy.page, { microphone: 'bad', loopback: 'skipped' });
  await advises(shy.page, ['microphone']);
  await results(ada.page, { microphone: 'good', loopback: 'bad' });
  await advises(ada.page, ['loopback']);
  await results(mute.page, { microphone: 'bad' });
  await expect(step(mute.page, 'microphone')).toContainText('No sound came');
  await press(mute.page, 'microphone', 'I only listen');
  await results(mute.page, { microphone: 'skipped' });
  await press(mute.page, 'speaker', 'Play a sound');
  await press(mute.page, 'speaker', "I don't hear it");
  await results(mute.page, { speaker: 'bad' });
  await advises(mute.page, ['speaker']);
});

test('in a room, you read why nobody hears you, and a host reads it about others', async ({ someone, startBrowser }) => {
  const ada = await (await someone({ in: await startBrowser({ tone: 440 }) })).arrive('Ada');
  const ben = await (await someone({ in: await startBrowser({ tone: 1100 }) })).arrive('Ben');
  const room = await ada.openRoom(own('Tea'));
  await ben.enter(room);
  const why = (who: Visitor) => who.page.locator('[data-why]:visible');
  const fact = (who: Visitor, name: string) => who.page.locator(`[data-fact="${name}"]:visible`);
  await ben.openSound();
  await expect(why(ben)).toHaveText('You are muted. Unmute to speak.');
  await expect(ben.soundSheet.getByRole('heading', { name: 'Connection' })).toBeVisible();
  await ben.page.keyboard.press('Escape');
  await ada.more('Ben').click();
  await expect(why(ada)).toHaveText(/Ben.* is muted/);
  await ben.unmute();
  await hears(ada, [1100]);
  await expect(why(ada)).toBeHidden();
  // The numbers are folded, below the actions.
  await expect(fact(ada, 'way')).toHaveCount(0);
  await ada.page.getByRole('dialog', { name: 'Ben' }).getByRole('heading', { name: 'Connection' }).click();
  await expect(fact(ada, 'way')).toHaveText('UDP');
  await expect(fact(ada, 'in')).toHaveText(/[1-9]\d* packets a second, \d+\u00a0% lost/);
  await expect(fact(ada, 'level')).toHaveText(/-\d+ dB/);
});

/** The browser gets no candidates of this transport. */
async function withoutCandidates({ page }: Visitor, transport: 'udp' | 'tcp'): Promise<void> {
  await page.addInitScript((transport) => {
    const original = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function (answer?: RTCSessionDescriptionInit) {
      const lines = (answer?.sdp ?? '').split('\r\n');
      const kept = lines.filter((line) => !new RegExp(`^a=candidate:\\S+ \\d+ ${transport} `, 'i').test(line));
      return original.call(this, { type: answer!.type, sdp: kept.join('\r\n') });
    } as typeof original;
  }, transport);
}

/** The server names a relay at which nothing listens. */
async function withDeadRelay({ page }: Visitor): Promise<void> {
  await page.routeWebSocket(/\/ws\/check/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const signal = JSON.parse(String(message));
      if (signal.type === 'ice_servers') signal.ice_servers = [{ urls: ['turn:127.0.0.1:9?transport=udp'], username: 'u', credential: 'c' }];
      socket.send(JSON.stringify(signal));
    });
  });
}

async function withSilentMicrophone({ page }: Visitor): Promise<void> {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => new AudioContext().createMediaStreamDestination().stream;
  });
}
