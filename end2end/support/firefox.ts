/** The path of the machine's own Firefox, and its preferences for tests. */

/** Empty if this machine has none. */
export const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** The frequency of the tone that Firefox's fake microphone plays, in Hz. */
export const FIREFOX_TONE = 1000;

/** A fake microphone and camera, no permission prompt for them, sound without a gesture, and voice connections over loopback. */
const FAKE_DEVICES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.navigator.audio.fake_frequency': FIREFOX_TONE,
  // Without sound hardware, or this stand-in for it, an AudioContext never starts, and the tests measure what is heard with one.
  'media.cubeb.force_mock_context': true,
  'media.autoplay.default': 0,
  'media.peerconnection.ice.loopback': true,
};

/** Options for a Playwright project. `moz-firefox` is Mozilla's own Firefox, which Playwright drives by WebDriver BiDi. */
export const IN_FIREFOX = {
  browserName: 'firefox',
  channel: 'moz-firefox',
  launchOptions: { executablePath: FIREFOX, firefoxUserPrefs: FAKE_DEVICES },
} as const;
