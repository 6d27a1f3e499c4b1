/** The machine's own Chromium, as the benchmarks start it. */
import { chromium } from 'playwright';

/** A fake microphone, no permission prompt for it, and voice connections over loopback. */
export const FAKE_MICROPHONE = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
];

/** Starts the browser with these arguments, and with those that keep it from talking to others. */
export function launchChromium(...args) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || process.env.CHROME_PATH || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync', ...args],
  });
}
