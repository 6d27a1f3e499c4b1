/** A Snug in a network at home, whose outer address changes right after the start. */
import { Home } from './home';
import { makeMachine } from './internet';
import type { Lab } from './lab';
import type { Snug } from './snug';

/** The name of the router at home. */
export const HOME_HOST = 'home.lab.test';

export interface AtHome {
  home: Home;
  snug: Snug;
  /** When the name of the router got its address of today, after the start of Snug. */
  changedAt: number;
}

const started = new WeakMap<Lab, Promise<AtHome>>();

/** The Snug at home of this lab. It is started when it is first asked for. */
export function atHome(lab: Lab): Promise<AtHome> {
  const known = started.get(lab) ?? start(lab);
  started.set(lab, known);
  return known;
}

/** Starts a Snug in a network at home, while the name of the router has its address of yesterday. */
async function start(lab: Lab): Promise<AtHome> {
  const home = await Home.make('dsl');
  const machine = await home.makeMachine('home');
  const yesterday = await makeMachine('yesterday', 'servers');
  lab.names.set(HOME_HOST, yesterday.address);
  const snug = await lab.server('home', { SNUG_VOICE_ADVERTISE: `auto,${HOME_HOST}` }, machine);
  lab.names.set(HOME_HOST, home.address);
  return { home, snug, changedAt: Date.now() };
}
