/** The paths of the machine's own Chromium and of its headless shell, and their arguments. */
import { existsSync } from 'node:fs';

const INSTALLED_SHELL = '/usr/bin/chromium-headless-shell';

export const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';

/** The same browser without windows. A test of a page takes half the time in it. */
export const HEADLESS_SHELL = process.env.CHROMIUM_SHELL || (existsSync(INSTALLED_SHELL) ? INSTALLED_SHELL : CHROMIUM);

export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A fake microphone, no permission prompt for it, and voice connections over loopback. */
export const FAKE_MICROPHONE = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
];
