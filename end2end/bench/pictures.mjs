/** `make bench-pictures`: measures what it costs to process a photo in Snug and in other libraries, which take turns. It only prints figures. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const [bench, folder] = process.argv.slice(2);
const RUNS = process.env.SNUG_BENCH_RUNS ?? '7';
const ROUNDS = Number(process.env.SNUG_BENCH_ROUNDS ?? 3);
const FILES = ['photo12.jpg', 'photo12p.jpg', 'photo2.png'];
const PEER = path.join(import.meta.dirname, 'pictures/peer.cjs');
const ours = (name) => (file) => [bench, [name, file, RUNS]];
const theirs = (name, runs) => (file) => [process.execPath, [PEER, name, file, runs]];
const CONTESTANTS = {
  snug: ours('snug'),
  'image, Lanczos3': ours('image'),
  sharp: theirs('sharp', RUNS),
  'jimp 0.16': theirs('jimp', '3'),
  'jimp 1.6': theirs('jimp1', '3'),
};

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

function measure(command) {
  const [program, args] = command;
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
}

const results = {};
for (const file of FILES) {
  const seen = Object.fromEntries(Object.keys(CONTESTANTS).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of Object.entries(CONTESTANTS)) seen[name].push(measure(command(path.join(folder, file))));
  }
  results[file] = Object.fromEntries(
    Object.entries(seen).map(([name, all]) => [
      name,
      { cpu: median(all.map(({ cpu_ms }) => cpu_ms)), peak: median(all.map(({ peak_mb }) => peak_mb)) },
    ]),
  );
}

console.log(`\nCPU of the best run in ms, peak memory of the process in MB; medians of ${ROUNDS} rounds`);
console.log(['', ...FILES].map((text) => text.padEnd(20)).join(''));
for (const name of Object.keys(CONTESTANTS)) {
  const cells = FILES.map((file) => {
    const { cpu, peak } = results[file][name];
    return `${cpu.toFixed(1)} ms, ${peak.toFixed(0)} MB`;
  });
  console.log([name, ...cells].map((text) => text.padEnd(20)).join(''));
}
const ratio = (file, other, what) => results[file][other][what] / results[file].snug[what];
for (const file of FILES) {
  const cpu = ratio(file, 'jimp 0.16', 'cpu').toFixed(1);
  const memory = ratio(file, 'jimp 0.16', 'peak').toFixed(1);
  const sharp = (1 / ratio(file, 'sharp', 'cpu')).toFixed(2);
  const quarter = (1 / ratio(file, 'sharp', 'peak')).toFixed(2);
  console.log(
    `${file}: jimp 0.16 needs ${cpu} times the CPU of Snug (goal 20) and ${memory} times the memory (goal 10); ` +
      `Snug needs ${sharp} times the CPU of sharp (goal 1.3) and ${quarter} times the memory (goal 0.25)`,
  );
}
