/** Every page of Snug in every state worth looking at. The tests with axe, the screenshots, and the test of page weights use them. */
import type { Scene } from './scene';
import { ERROR_SCENES } from './scenes_errors';
import { LINK_SCENES } from './scenes_links';
import { OWNER_SCENES } from './scenes_owner';
import { ROOM_SCENES } from './scenes_rooms';
import { SETTINGS_SCENES } from './scenes_settings';
import { SIGN_IN_SCENES } from './scenes_sign_in';
import { STAGE_SCENES } from './scenes_stage';

export const WIDTHS = [360, 768, 1440];
export const SCHEMES = ['light', 'dark'] as const;

export const SCENES: Scene[] = [
  ...SIGN_IN_SCENES,
  ...ROOM_SCENES,
  ...STAGE_SCENES,
  ...LINK_SCENES,
  ...SETTINGS_SCENES,
  ...OWNER_SCENES,
  ...ERROR_SCENES,
];
