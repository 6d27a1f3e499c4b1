/** A person who has just signed up and now chooses a name and a face. */
import type { Someone } from './fixtures';
import type { Visitor } from './visitor';
import { addressFor } from './words';

export async function newcomer(someone: Someone, options: Parameters<Someone>[0] = {}): Promise<Visitor> {
  const ada = await someone(options);
  await ada.signIn(addressFor('Ada'));
  await ada.isAt('/activate');
  return ada;
}
