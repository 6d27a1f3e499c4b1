// node peer.cjs jimp|jimp1|sharp FILE RUNS: resizes a photo as Snug does, but with another library. Prints a line of JSON with the CPU time
// of the best run and the peak memory.
const fs = require('node:fs');

const [, , library, file, runs = '3'] = process.argv;
const dataUrl = 'data:image/jpeg;base64,' + fs.readFileSync(file).toString('base64');
const octets = () => Buffer.from(dataUrl.split(',')[1], 'base64');

const PIPELINES = {
  jimp: () => {
    const Jimp = require('jimp');
    return async () => {
      const picture = await Jimp.read(octets());
      return picture.resize(256, Jimp.AUTO).quality(80).getBufferAsync(Jimp.MIME_JPEG);
    };
  },
  jimp1: () => {
    const { Jimp } = require('jimp1');
    return async () => {
      const picture = await Jimp.read(octets());
      return picture.resize({ w: 256 }).getBuffer('image/jpeg', { quality: 80 });
    };
  },
  sharp: () => {
    const sharp = require('sharp');
    sharp.cache(false);
    sharp.concurrency(1);
    return () => sharp(octets()).resize(256, 256, { fit: 'cover' }).jpeg({ quality: 80 }).toBuffer();
  },
  nothing: () => async () => octets(),
};

(async () => {
  const run = PIPELINES[library]();
  let best = Infinity;
  for (let at = 0; at < Number(runs); at++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e3);
  }
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ cpu_ms: best, peak_mb: peak / 1e6 }));
})();
