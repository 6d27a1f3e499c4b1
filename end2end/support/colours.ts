/** The colours of a served picture, as the browser shows it. */
import type { Page } from '@playwright/test';

/** The part of a page that is needed here, which `WebKit` has too. */
type Evaluator = Pick<Page, 'evaluate'>;

export type Rgb = [number, number, number];

export interface Look {
  width: number;
  height: number;
  centre: Rgb;
  /** The colour near the top left corner, at a tenth of the width and of the height. */
  corner: Rgb;
}

/** The size and two colours of a served picture. The page must have the picture's origin: a canvas with a foreign picture can't be read. */
export async function lookAt(page: Evaluator, address: string): Promise<Look> {
  const { width, height, colours } = await sample(page, address, [
    [0.5, 0.5],
    [0.1, 0.1],
  ]);
  return { width, height, centre: colours[0], corner: colours[1] };
}

/** The colours of a served picture at `points`, whose coordinates are from 0 to 1. */
export async function coloursAt(page: Evaluator, address: string, points: [number, number][]): Promise<Rgb[]> {
  return (await sample(page, address, points)).colours;
}

function sample(page: Evaluator, address: string, points: [number, number][]) {
  return page.evaluate(
    async ({ address, points }) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const paint = canvas.getContext('2d')!;
      paint.drawImage(image, 0, 0);
      const colours = points.map(([x, y]) => {
        const [red, green, blue] = paint.getImageData(canvas.width * x, canvas.height * y, 1, 1).data;
        return [red, green, blue] as [number, number, number];
      });
      return { width: canvas.width, height: canvas.height, colours };
    },
    { address, points },
  );
}

/** Whether two colours are the same, apart from the small changes of JPEG and resampling. */
export function isNear(seen: Rgb, meant: Rgb): boolean {
  return seen.every((part, i) => Math.abs(part - meant[i]) < 48);
}
