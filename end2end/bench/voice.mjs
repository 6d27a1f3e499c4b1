/** Measures voice in Chromium: the time from the click on Join to the first sound, and from mouth to ear. Prints figures only. */
import { FAKE_MICROPHONE, launchChromium } from './chromium.mjs';
import { Subject } from './subject.mjs';

const ROUNDS = 8;

const subject = await (await Subject.fresh()).start();
const browser = await launchChromium(...FAKE_MICROPHONE, '--autoplay-policy=no-user-gesture-required');
try {
  const [mouth, ear] = [await person('Mouth'), await person('Ear')];
  await mouth.addInitScript(playInsteadOfMicrophone);
  await ear.addInitScript(listen);
  const room = await knock(mouth.context(), 'rooms/open', { topic: 'Bench', kind: 'open' });
  await enter(mouth, room.id);
  await mouth.getByRole('button', { name: 'Unmute' }).click();
  await mouth.getByRole('button', { name: 'Mute', exact: true }).waitFor();

  await mouth.evaluate(() => window.bench.sound(true));
  const joins = [];
  for (let round = 0; round < ROUNDS; round++) {
    await enter(ear, room.id, { join: false });
    joins.push(await ear.evaluate(() => window.bench.clickToFirstSound()));
  }
  print('click to first audio', joins, 300);

  await mouth.evaluate(() => window.bench.sound(false));
  const ways = [];
  for (let round = 0; round < ROUNDS; round++) {
    await ear.evaluate(() => window.bench.quiet());
    const heard = ear.evaluate(() => window.bench.nextSound());
    const said = await mouth.evaluate(() => window.bench.sound(true));
    ways.push((await heard) - said);
    await mouth.evaluate(() => window.bench.sound(false));
  }
  print('mouth to ear', ways, 120);
} finally {
  await browser.close();
  await subject.discard();
}

function print(what, figures, goal) {
  const sorted = [...figures].sort((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(0);
  console.log(`${what} in Chromium: median ${at(0.5)} ms, worst ${at(1)} ms of ${ROUNDS} (goal: at most ${goal} ms)`);
}

async function person(name) {
  const context = await browser.newContext({ baseURL: subject.url });
  const email = `${name.toLowerCase()}@example.org`;
  await knock(context, 'auth/request_code', { email });
  await knock(context, 'auth/verify_code', { code: await subject.readCode(email) });
  await knock(context, 'profile/activate', { name, picture: '' });
  return context.newPage();
}

async function enter(page, room, { join = true } = {}) {
  await page.goto(`/rooms/${room}`);
  await page.locator('body[data-hydrated]').waitFor();
  if (!join) return;
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('button', { name: 'Unmute' }).waitFor();
}

/** Calls an endpoint and returns its JSON answer. */
async function knock(context, endpoint, form) {
  const headers = { accept: 'application/json', origin: subject.url };
  const response = await context.request.post(`/api/${endpoint}`, { form, headers, maxRedirects: 0 });
  if (!response.ok()) throw new Error(`${endpoint}: ${response.status()} ${await response.text()}`);
  return response.json();
}

/** Replaces the microphone with a tone that the bench switches on and off. Runs in the page. */
function playInsteadOfMicrophone() {
  let gain;
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: 440 });
    gain = new GainNode(context, { gain: 0 });
    const out = context.createMediaStreamDestination();
    tone.connect(gain).connect(out);
    tone.start();
    return out.stream;
  };
  window.bench = {
    sound: (on) => {
      gain.gain.value = on ? 0.5 : 0;
      return Date.now();
    },
  };
}

/** Measures when sound is heard. Both pages run on one machine, so their clocks agree. Runs in the page. */
function listen() {
  const context = new AudioContext();
  const heard = new Map();
  const now = () => {
    for (const sound of document.querySelectorAll('audio')) {
      if (!sound.srcObject || heard.has(sound)) continue;
      const analyser = new AnalyserNode(context, { fftSize: 256 });
      context.createMediaStreamSource(sound.srcObject).connect(analyser);
      heard.set(sound, analyser);
    }
    const samples = new Float32Array(256);
    return [...heard.values()].some((analyser) => {
      analyser.getFloatTimeDomainData(samples);
      return samples.some((sample) => Math.abs(sample) > 0.02);
    });
  };
  const until = async (sounds) => {
    while (now() !== sounds) await new Promise((wake) => setTimeout(wake, 1));
    return Date.now();
  };
  window.bench = {
    clickToFirstSound: async () => {
      const clicked = Date.now();
      [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === 'Join').click();
      return (await until(true)) - clicked;
    },
    nextSound: () => until(true),
    quiet: async () => {
      await until(false);
      await new Promise((wake) => setTimeout(wake, 600));
    },
  };
}
