/** A server at home whose outer address has changed. `addresses.spec.ts` starts it, so that the minute is over when this file runs. */
import { atHome, HOME_HOST } from './at_home';
import { test } from './lab';
import { talk } from './pair';
import { until } from './shell';

/** Names are resolved again every minute. */
const RESOLVED_WITHIN_MS = 70_000;

test('someone in the network of the server and someone outside hear each other, a minute after the outer address has changed', async ({ lab }) => {
  const { home, snug, changedAt } = await atHome(lab);
  const left = RESOLVED_WITHIN_MS - (Date.now() - changedAt);
  await until(() => snug.server.log.includes(home.address), 'the log tells the new address', Math.max(0, left));
  const [inside, outside] = await Promise.all([
    lab.person('Ivy', { on: snug, at: home, maps: { [HOME_HOST]: snug.machine.address } }),
    lab.person('Ada', { on: snug }),
  ]);
  await talk(inside, outside);
});
