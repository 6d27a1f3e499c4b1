/** A HEIC photo, as iPhones take it, and a browser that can read it like Safari: Chromium with libheif in the page. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import type { Picture } from './picture';

const FILE = path.resolve(__dirname, '../../tests/pictures/corpus/made/quarters.heic');
const LIBHEIF = require.resolve('libheif-js/libheif-wasm/libheif-bundle.js');

/** The picture of `quarters` as HEIC. */
export function heic(): Picture {
  return { name: 'IMG_2042.HEIC', mimeType: 'image/heic', buffer: readFileSync(FILE) };
}

/** Makes images show HEIC data URLs, from the next page that `page` opens. */
export async function readsHeic(page: Page): Promise<void> {
  await page.addInitScript({ content: `${readFileSync(LIBHEIF, 'utf8')};globalThis.libheif = libheif();` });
  await page.addInitScript(() => {
    const setAttribute = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function (name, value) {
      const isHeic = this instanceof HTMLImageElement && name === 'src' && /^data:image\/hei[cf];base64,/.test(value);
      if (!isHeic) return setAttribute.call(this, name, value);
      void asPng(value).then((png) => setAttribute.call(this, name, png));
    };

    async function asPng(url: string): Promise<string> {
      const [, base64] = url.split(',');
      const file = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const [photo] = new (globalThis as any).libheif.HeifDecoder().decode(file);
      const canvas = document.createElement('canvas');
      canvas.width = photo.get_width();
      canvas.height = photo.get_height();
      const paint = canvas.getContext('2d')!;
      const empty = paint.createImageData(canvas.width, canvas.height);
      paint.putImageData(await new Promise<ImageData>((read) => photo.display(empty, read)), 0, 0);
      return canvas.toDataURL('image/png');
    }
  });
}
