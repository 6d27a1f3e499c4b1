/** Two hundred drawn faces, in their smallest size and without colour: each must differ from its neighbours. */
import path from 'node:path';
import { expect, test } from '../support/fixtures';

const COLUMNS = 20;
const SIDE = 32;
/** Two faces are too alike if the mean difference of their pixels, in grey levels from 0 to 255, is below this. The mean includes the ground
 *  around the heads. */
const APART = 5;

const GIVEN = 'Ada Ben Chloé Dmitri Emeka Fatima Grace Hiro Ines João Khadija Lars Mina Noor Olu Priya Quinn Rosa Sven Thandi'.split(' ');
const FAMILY = 'Lovelace Okafor Šimek Tanaka García Nguyễn Haddad Lindqvist Mbeki Ó_Briain'.replace('_', ' ').split(' ');
const NAMES = FAMILY.flatMap((family) => GIVEN.map((given) => `${given} ${family}`)).slice(0, 200);

test('200 faces of 32 px in grey: no two neighbours are alike', async ({ someone }) => {
  const { page } = await (await someone()).arrive('Ada').then(async (ada) => {
    await ada.open('/');
    return ada;
  });
  const greys = await page.evaluate(
    async ({ names, columns, side }) => {
      document.body.replaceChildren();
      const sheet = document.body.appendChild(document.createElement('div'));
      Object.assign(sheet.style, { display: 'grid', gap: '8px', padding: '8px', filter: 'grayscale(1)', width: 'max-content' });
      sheet.id = 'sheet';
      sheet.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
      const drawn = names.map(async (name) => {
        const image = new Image(side, side);
        image.src = `/faces/${encodeURIComponent(name)}.svg`;
        image.style.borderRadius = '50%';
        sheet.append(image);
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = side;
        const paint = canvas.getContext('2d')!;
        paint.drawImage(image, 0, 0, side, side);
        const { data } = paint.getImageData(0, 0, side, side);
        // Rec. 709 luma of each pixel.
        return Array.from({ length: side * side }, (_, at) =>
          Math.round(0.2126 * data[4 * at] + 0.7152 * data[4 * at + 1] + 0.0722 * data[4 * at + 2]),
        );
      });
      return Promise.all(drawn);
    },
    { names: NAMES, columns: COLUMNS, side: SIDE },
  );
  const file = path.resolve(__dirname, '../screenshots/faces-grey.png');
  await page.locator('#sheet').screenshot({ path: file });

  const difference = (a: number[], b: number[]) =>
    a.reduce((sum, level, at) => sum + Math.abs(level - b[at]), 0) / a.length;
  const pairs = NAMES.flatMap((_, at) => {
    const right = at % COLUMNS < COLUMNS - 1 ? [[at, at + 1]] : [];
    return at + COLUMNS < NAMES.length ? [...right, [at, at + COLUMNS]] : right;
  });
  const apart = pairs
    .map(([one, other]) => ({ difference: difference(greys[one], greys[other]), names: [NAMES[one], NAMES[other]] }))
    .sort((a, b) => a.difference - b.difference);
  console.log('the most similar neighbours:', ...apart.slice(0, 5).map(({ difference, names }) => `${names.join(' / ')} ${difference.toFixed(1)}`));
  expect(apart.filter(({ difference }) => difference < APART)).toEqual([]);
});
