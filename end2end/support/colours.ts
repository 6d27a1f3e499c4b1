/** What a served picture looks like, asked of the browser that will show it. */
import type { Page } from '@playwright/test';

export type Rgb = [number, number, number];

export interface Look {
  width: number;
  height: number;
  centre: Rgb;
  /** A tenth of the side in from the top left corner. */
  corner: Rgb;
}

/** The page must stand on the picture's own origin, or the canvas may not be read. */
export function lookAt(page: Page, address: string): Promise<Look> {
  return page.evaluate(async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const paint = canvas.getContext('2d')!;
    paint.drawImage(image, 0, 0);
    const at = (part: number) =>
      Array.from(paint.getImageData(canvas.width * part, canvas.height * part, 1, 1).data.slice(0, 3)) as [
        number,
        number,
        number,
      ];
    return { width: canvas.width, height: canvas.height, centre: at(0.5), corner: at(0.1) };
  }, address);
}

/** JPEG and resampling move colours a little; another colour is far away. */
export function isNear(seen: Rgb, meant: Rgb): boolean {
  return seen.every((part, i) => Math.abs(part - meant[i]) < 48);
}
