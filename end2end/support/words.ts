/** Random names, so that tests on a shared server do not get in each other's way. */
import { randomInt } from 'node:crypto';

/** `Ada` -> `Ada Kwotri`. Only letters, so that no number in a topic is mistaken for a count on a card. */
export function own(word: string): string {
  return `${word} ${syllables()}`;
}

/** `Ada Lovelace` -> `ada.lovelace.kwotri@example.org`. */
export function addressFor(name: string): string {
  const words = name.toLowerCase().split(/[^a-z]+/).filter(Boolean);
  return `${[...words, syllables().toLowerCase()].join('.')}@example.org`;
}

function syllables(): string {
  const pick = (letters: string) => letters[randomInt(letters.length)];
  const word = Array.from({ length: 4 }, () => pick('bdfgklmnprstvz') + pick('aeiou')).join('');
  return word[0].toUpperCase() + word.slice(1);
}

/** Matches a name that begins with `start` and does not go on with another letter. */
export function beginningWith(start: string): RegExp {
  return new RegExp(`^${start.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'u');
}
