/** The pages that people see when they arrive, in every state worth looking at: the front page, signing in, and choosing a name and a face. */
import { expect } from './fixtures';
import { smallPhoto } from './picture';
import type { Scene, Stage } from './scene';
import type { Visitor } from './visitor';
import { addressFor } from './words';

export const SIGN_IN_SCENES: Scene[] = [
  { name: 'home', show: home },
  { name: 'sign-in-email', show: signInEmail },
  { name: 'sign-in-code', show: signInCode },
  { name: 'sign-in-link', show: signInLink },
  { name: 'sign-in-link-used', show: signInLinkUsed },
  { name: 'activate', show: activate },
  { name: 'activate-face', show: activateFace },
  { name: 'activate-crop', show: activateCrop },
  { name: 'activate-camera', show: activateCamera },
  { name: 'activate-refused', show: activateRefused },
];

async function home({ someone }: Stage): Promise<Visitor> {
  const host = await (await someone()).arrive('Mina Harker');
  await host.openRoom('Borrow checker clinic: bring your worst lifetime');
  const visitor = await someone();
  await visitor.open('/');
  return visitor;
}

async function signInEmail({ someone }: Stage): Promise<Visitor> {
  const visitor = await someone();
  await visitor.open('/sign-in');
  return visitor;
}

async function signInCode(stage: Stage): Promise<Visitor> {
  const visitor = await signInEmail(stage);
  await visitor.askForCode('ada@example.org');
  return visitor;
}

async function activate({ someone }: Stage): Promise<Visitor> {
  const visitor = await someone();
  await visitor.signIn(addressFor('Ada'));
  await visitor.isAt('/activate');
  return visitor;
}

async function activateFace(stage: Stage): Promise<Visitor> {
  const visitor = await activate(stage);
  await visitor.changeFace();
  return visitor;
}

async function activateCrop(stage: Stage): Promise<Visitor> {
  const visitor = await activate(stage);
  await visitor.cropPhoto(smallPhoto());
  await expect(visitor.zoom).toBeVisible();
  return visitor;
}

async function activateCamera(stage: Stage): Promise<Visitor> {
  const visitor = await activateFace(stage);
  await visitor.page.getByRole('button', { name: 'Camera' }).click();
  await expect(visitor.page.getByRole('button', { name: 'Take the picture' })).toBeEnabled();
  return visitor;
}

async function activateRefused(stage: Stage): Promise<Visitor> {
  const visitor = await activate(stage);
  await visitor.photoInput.setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
  await expect(visitor.notice(/not a picture/)).toBeVisible();
  return visitor;
}

async function signInLink(stage: Stage): Promise<Visitor> {
  const email = addressFor('Ada');
  await (await signInEmail(stage)).askForCode(email);
  const visitor = await stage.someone();
  await visitor.open(await visitor.readLink(email));
  return visitor;
}

async function signInLinkUsed(stage: Stage): Promise<Visitor> {
  const visitor = await signInLink(stage);
  const link = new URL(visitor.page.url());
  await visitor.signInButton.click();
  await visitor.isAt('/activate');
  await visitor.open(link.pathname + link.search);
  return visitor;
}
