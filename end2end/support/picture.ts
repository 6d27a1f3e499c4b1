/** Pictures to choose: small PNGs made here, and larger ones drawn by the browser. */
import { crc32, deflateSync } from 'node:zlib';
import type { Browser } from '@playwright/test';
import type { Rgb } from './colours';

/** A file for `setInputFiles`. */
export interface Picture {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export const RED: Rgb = [200, 30, 40];
export const BLUE: Rgb = [20, 60, 190];

/** 640 x 480, blue with a red square in the middle. The square has half the height, so zooming in makes the picture all red. */
export function smallPhoto(): Picture {
  const [width, height] = [640, 480];
  const inside = (x: number, y: number) =>
    Math.abs(x - width / 2) < height / 4 && Math.abs(y - height / 2) < height / 4;
  const buffer = png(width, height, (x, y) => (inside(x, y) ? RED : BLUE));
  return { name: 'photo.png', mimeType: 'image/png', buffer };
}

export const GREEN: Rgb = [30, 150, 50];
export const YELLOW: Rgb = [230, 210, 40];

/** Four quarters: red and green above, blue and yellow below. */
export function quarters(width = 640, height = 640): Picture {
  const above = (y: number) => y < height / 2;
  const left = (x: number) => x < width / 2;
  const buffer = png(width, height, (x, y) =>
    above(y) ? (left(x) ? RED : GREEN) : left(x) ? BLUE : YELLOW,
  );
  return { name: 'quarters.png', mimeType: 'image/png', buffer };
}

/** 8 x 8, which is too small for a face. */
export function dot(): Picture {
  return { name: 'dot.png', mimeType: 'image/png', buffer: png(8, 8, () => RED) };
}

/** A text file that claims to be a JPEG. */
export function notes(): Picture {
  return { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture') };
}

const GREY: Rgb = [128, 128, 128];

/** 2048 x 2048, grey with 512 x 512 of grain in the middle, so that the closest zoom shows only grain, pixel by pixel.
 *  `harsh` grain is black and white, the worst case for a JPEG; otherwise it is like the grain of a photo in the dark. */
export function grain(harsh: boolean): Picture {
  const side = 2048;
  const chance = chances(7);
  const isMiddle = (at: number) => at >= side / 2 - 256 && at < side / 2 + 256;
  const soft = () => 64 + 128 * chance();
  const grainAt = (): Rgb => (!harsh ? [soft(), soft(), soft()] : chance() < 0.5 ? [0, 0, 0] : [255, 255, 255]);
  const buffer = png(side, side, (x, y) => (isMiddle(x) && isMiddle(y) ? grainAt() : GREY));
  return { name: 'grain.png', mimeType: 'image/png', buffer };
}

/** Pseudorandom numbers of at least 0 and less than 1. The same seed always gives the same numbers. */
function chances(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 16) / 0x8000;
  };
}

/** A decompression bomb: a PNG of one colour with few bytes and many pixels. */
export function bomb(width: number, height: number): Picture {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(height * (1 + 3 * width)), { level: 9 }))];
  const buffer = Buffer.concat([SIGNATURE, ...parts, chunk('IEND', Buffer.alloc(0))]);
  return { name: 'bomb.png', mimeType: 'image/png', buffer };
}

/** A WebP, made by the browser. */
export async function webp(browser: Browser): Promise<Picture> {
  const page = await browser.newPage();
  const url = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 320;
    const paint = canvas.getContext('2d')!;
    paint.fillStyle = 'rgb(200 30 40)';
    paint.fillRect(0, 0, 320, 320);
    return canvas.toDataURL('image/webp', 0.9);
  });
  await page.close();
  return { name: 'face.webp', mimeType: 'image/webp', buffer: Buffer.from(url.split(',')[1], 'base64') };
}

/** The picture of `quarters` as AVIF (made with sharp 0.35). Browsers can decode AVIF, but the server can't. */
const QUARTERS_AVIF = [
  'AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA',
  'AERAAAEAAQAAAAAA+gABAAAAAAAAAHUAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAABAAAAVmlwcnAAAAA4',
  'aXBjbwAAAAxhdjFDgSQCAAAAABRpc3BlAAAAAAAAAoAAAAKAAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAgMAAAB9bWRhdBIA',
  'Cgo5Jmf5/aQENBpAMmUSUJjBMAANAAEAl8rYOPQP78NyYH+Ev5vK1LsLqxuzCsD3H5cy5EGjrBQYCpQcTCMLOkSwr2J1vBE86/8jR/ii9yAdvZ3x',
  'F2TJYnrXFM+RErGvn0D1wGIkuKvm8lJVBHp+HLvUgA==',
];

export function avif(): Picture {
  return { name: 'quarters.avif', mimeType: 'image/avif', buffer: Buffer.from(QUARTERS_AVIF.join(''), 'base64') };
}

export function dataUrl(picture: Picture): string {
  return `data:${picture.mimeType};base64,${picture.buffer.toString('base64')}`;
}

/** An 8-bit RGB PNG. https://www.w3.org/TR/png-3/ */
export function png(width: number, height: number, colour: (x: number, y: number) => Rgb): Buffer {
  const row = 1 + 3 * width;
  const raw = Buffer.alloc(height * row);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) raw.set(colour(x, y), y * row + 1 + 3 * x);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** 4000 x 3000 pixels (12 megapixels) of grain, several MB of JPEG, like the photo of a phone. */
export async function bigPhoto(browser: Browser): Promise<Picture> {
  const page = await browser.newPage();
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(4000, 3000);
    const paint = canvas.getContext('2d')!;
    const grain = new ImageData(500, 500);
    let seed = 7;
    for (let i = 0; i < grain.data.length; i++) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      grain.data[i] = i % 4 === 3 ? 255 : 64 + ((seed >> 16) & 127);
    }
    for (let x = 0; x < 4000; x += 500) for (let y = 0; y < 3000; y += 500) paint.putImageData(grain, x, y);
    paint.fillStyle = 'rgb(200 30 40)';
    paint.fillRect(1400, 900, 1200, 1200);
    const bytes = new Uint8Array(
      await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer(),
    );
    let text = '';
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
  });
  await page.close();
  return { name: 'IMG_2041.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(base64, 'base64') };
}
