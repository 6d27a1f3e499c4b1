/** A person with an account: signing in, choosing a name and a face, and using the settings. */
import { expect, type Locator } from '@playwright/test';
import type { Picture } from './picture';
import { Tab } from './tab';
import { addressFor } from './words';

/** The answer of the endpoints `me` and `activate`. */
export interface Me {
  id: string;
  name: string;
  picture: string;
  activated: boolean;
}

export class AccountHolder extends Tab {
  // ---- Signing in

  get email(): Locator {
    return this.page.getByRole('textbox', { name: 'E-mail' });
  }

  get code(): Locator {
    return this.page.getByRole('textbox', { name: 'Code' });
  }

  get signInButton(): Locator {
    return this.main.getByRole('button', { name: 'Sign in', exact: true });
  }

  async askForCode(email: string): Promise<void> {
    await this.email.fill(email);
    await this.page.getByRole('button', { name: 'Send code' }).click();
    await expect(this.code).toBeVisible();
    await this.hydrated();
  }

  readCode(email: string): Promise<string> {
    return this.server.outbox.readCode(email);
  }

  /** Types the code. With scripts, the sixth digit sends it. */
  async enterCode(code: string): Promise<void> {
    await this.code.fill(code);
    if (!this.scripts) await this.signInButton.click();
  }

  /** Opens the sign-in page if it is not open, signs in, and waits until the browser has left the page. */
  async signIn(email: string): Promise<void> {
    if (this.path !== '/sign-in') await this.open('/sign-in');
    await this.askForCode(email);
    await this.enterCode(await this.readCode(email));
    await this.isAt(/^(?!\/sign-in)/);
  }

  /** The link in the newest letter to `email`, without the origin. */
  async readLink(email: string): Promise<string> {
    const { link, text } = await this.server.outbox.read(email);
    if (!link) throw new Error(`no link in the letter to ${email}:\n${text}`);
    return link.slice(new URL(link).origin.length);
  }

  // ---- A name and a face

  get nameBox(): Locator {
    return this.page.getByRole('textbox', { name: 'Your name' });
  }

  get photoInput(): Locator {
    return this.page.getByLabel('Photo', { exact: true });
  }

  get comeInButton(): Locator {
    return this.page.getByRole('button', { name: 'Come in' });
  }

  /** The chosen photo as a data URL that the browser read, before anything is sent. */
  get preview(): Locator {
    return this.page.locator('img[src^="data:image/"]');
  }

  /** The face in the form (a drawn face or the current picture), if no photo was chosen in it. */
  get face(): Locator {
    return this.main.locator('.face-button .face');
  }

  /** The button with the face. It opens the sheet with the ways to choose another one. */
  get changeFaceButton(): Locator {
    return this.page.getByRole('button', { name: 'Change face' });
  }

  /** Opens the sheet with the ways to choose a face, if it is closed. */
  async changeFace(): Promise<void> {
    if (!(await this.faceSheet.isVisible())) await this.changeFaceButton.click();
    await expect(this.faceSheet).toBeVisible();
  }

  get faceSheet(): Locator {
    return this.page.getByRole('dialog', { name: 'Change your face' });
  }

  /** Presses a button in the sheet with the ways to choose a face, and closes the sheet. */
  async pressInFaceSheet(name: 'Another face' | 'Drawn face' | 'Undo'): Promise<void> {
    await this.changeFace();
    await this.faceSheet.getByRole('button', { name }).click();
    await this.page.keyboard.press('Escape');
    await expect(this.faceSheet).toBeHidden();
  }

  /** The sheet in which a photo is cropped. It opens when a photo is chosen. */
  get cropSheet(): Locator {
    return this.page.getByRole('dialog', { name: 'Crop your photo' });
  }

  /** Keeps the photo as it is cropped, if its sheet is open. */
  async usePhoto(): Promise<void> {
    if (await this.cropSheet.isVisible()) await this.cropSheet.getByRole('button', { name: 'Use photo' }).click();
    await expect(this.cropSheet).toBeHidden();
  }

  /** The square frame that shows the part of the photo to keep. */
  get frame(): Locator {
    return this.page.getByRole('application', { name: /^Your photo/ });
  }

  get zoom(): Locator {
    return this.page.getByRole('slider', { name: 'Zoom' });
  }

  /** Chooses a photo and uses it as it is. */
  async choosePhoto(photo: Picture): Promise<void> {
    await this.photoInput.setInputFiles(photo);
    if (!this.scripts) return;
    await expect(this.frame).toBeVisible();
    await this.usePhoto();
    await expect(this.preview).toBeVisible();
  }

  /** Chooses a photo, and leaves the sheet open in which it is cropped. */
  async cropPhoto(photo: Picture): Promise<void> {
    await this.photoInput.setInputFiles(photo);
    await expect(this.preview).toBeVisible();
  }

  async comeIn(name: string, { photo }: { photo?: Picture } = {}): Promise<void> {
    await this.isAt('/activate');
    await this.usePhoto();
    await this.nameBox.fill(name);
    if (photo) await this.choosePhoto(photo);
    await this.comeInButton.click();
    await this.isAt(/^(?!\/activate)/);
  }

  /** Signs up without using the pages. `picture` is a value for the endpoint `profile/activate`. */
  async arrive(name: string, { picture = '', email = addressFor(name) } = {}): Promise<this> {
    await this.callEndpoint('auth/request_code', { email });
    await this.callEndpoint('auth/verify_code', { code: await this.readCode(email) });
    await this.callEndpoint('profile/activate', { name, picture });
    return this;
  }

  me(): Promise<Me> {
    return this.callEndpoint<Me>('auth/me');
  }

  async isSignedIn(): Promise<boolean> {
    return this.callEndpoint('auth/me').then(
      () => true,
      () => false,
    );
  }

  // ---- Settings

  /** Goes from the list of rooms to the settings, without loading a new page. */
  async goToSettings(): Promise<void> {
    await this.page.getByRole('link', { name: /^Settings of/ }).click();
    await expect(this.nameBox).not.toHaveValue('');
  }

  /** Goes from the settings to the list of rooms, without loading a new page. */
  async goToRooms(): Promise<void> {
    await this.page.getByRole('link', { name: 'Back to the rooms' }).click();
    await expect(this.heading('Rooms')).toBeVisible();
  }

  async save(name: string): Promise<void> {
    await this.usePhoto();
    await this.nameBox.fill(name);
    await this.page.getByRole('button', { name: 'Save' }).click();
  }

  async signOut(): Promise<void> {
    if (this.path !== '/settings') await this.open('/settings');
    await this.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  }

  // ---- Devices and the address, in the settings

  /** The row of a device. */
  device(name: string | RegExp): Locator {
    return this.page.getByRole('listitem', { name });
  }

  get devices(): Locator {
    return this.page.getByRole('region', { name: 'Devices' }).getByRole('listitem');
  }

  get newAddress(): Locator {
    return this.page.getByRole('textbox', { name: 'New e-mail address' });
  }

  async askToChangeAddress(email: string): Promise<void> {
    await this.newAddress.fill(email);
    await this.page.getByRole('button', { name: 'Send a code there' }).click();
    await expect(this.code).toBeVisible();
  }

  async confirmAddress(code: string): Promise<void> {
    await this.code.fill(code);
    if (!this.scripts) await this.page.getByRole('button', { name: 'Change the address' }).click();
  }
}
