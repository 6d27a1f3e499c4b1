/** A Snug that ends TLS itself: voices on its port 443, and a restart while systemd has its sockets. */
import { figure } from './figures';
import { makeMachine } from './internet';
import { expect, test } from './lab';
import type { Machine } from './machine';
import { wayOf } from './packets';
import { hearAfterJoin, pairUp } from './pair';
import { Daemon } from './shell';
import { OWN_TLS } from './snug';
import { holdSockets, type HeldSockets } from './socket_holder';

const PATIENCE_MS = 15_000;

let sockets: HeldSockets | undefined;

test.afterAll(() => sockets?.stop());

test('where only TCP on port 443 passes, two people hear each other within 6 s of Join, without a proxy and a TURN server', async ({ lab }) => {
  const on = await lab.server('web', OWN_TLS, undefined, { proxy: null });
  const [ada, ben] = [await lab.person('Ada', { on }), await lab.person('Ben', { on })];
  await lab.passOnlyWeb(ada, ben);
  const after = await hearAfterJoin(ada, ben);
  figure('only TCP on port 443: sound after Join, for the one who joins', after.other / 1_000, 's', 6);
  figure('only TCP on port 443: sound after Join, for the other', after.host / 1_000, 's', 6);
  expect([await wayOf(ada.page), await wayOf(ben.page)]).toEqual(['tcp', 'tcp']);
});

test('while systemd has the sockets, a restart under talk costs at most 2 s of sound, and no connection is refused', async ({ lab }) => {
  const machine = await makeMachine('held', 'servers');
  lab.names.set('held.lab.test', machine.address);
  sockets = await holdSockets(machine);
  const on = await lab.server('held', OWN_TLS, machine, { proxy: null, under: sockets.under, socketsAreHeld: true });
  const { ada, ben } = await pairUp(lab, { on });
  const connecting = connectAgainAndAgain(ada.machine, machine.address);

  const since = await ada.now();
  await on.server.restart('SIGTERM');
  const steady = await Promise.all([ada, ben].map((one) => one.hearsSteadily(PATIENCE_MS)));
  await connecting.stop();

  expect.soft(steady, 'both hear').toEqual([true, true]);
  for (const one of [ada, ben]) {
    figure(`restart while systemd has the sockets: silence for ${one.name}`, (await one.longestSilence(since)) / 1_000, 's', 2);
    await expect.soft(one.muteButton, 'the microphone is as it was').toBeVisible();
    await expect.poll(() => wayOf(one.page), { timeout: PATIENCE_MS }).toBe('udp');
  }
  expect.soft(connecting.log).toContain('open');
  expect.soft(connecting.log).not.toContain('refused');
});

/** Connects to port 443, and writes each time whether that was refused. */
function connectAgainAndAgain(from: Machine, address: string): Daemon {
  const connect = `(exec 3<>/dev/tcp/${address}/443) 2>/dev/null && echo open || echo refused`;
  return new Daemon([...from.enter, 'bash', '-c', `while true; do ${connect}; sleep 0.05; done`]);
}
