//! The drawn face of people without a photo. A face depends only on its seed, so the server and the browser draw the same one.
//!
//! The seed is hashed and never written into the picture, so a hostile name can't put anything into the picture. Colours are
//! written in sRGB and not as `oklch()`, because mail programs and link previews also show faces but don't support `oklch()`.

mod parts;

use super::percent_encoding;
use parts::{
    EYES, FITS, GROUNDS, HAIR, HAIR_ON_TONE, HUES, INKS, LOW_EYES, OPEN_MOUTH, PACES, PHASES, SHIFTS, SMILES, TILTS,
    TOPS,
};

/// The state of the mouth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Closed, with a slight smile.
    Resting,
    /// Open, while this person speaks.
    Speaking,
}

/// The largest number of characters in a seed: twice the longest name.
const MAX_SEED_CHARACTERS: usize = 80;
const ADDRESS_START: &str = "/faces/";
const ADDRESS_END: &str = ".svg";

/// The face of `seed` as one `<svg>` element with a viewBox of 100 by 100 units, and without `width` and `height` attributes.
///
/// A seed must always give the same face, because only the seed of a person's face is stored. The background is square; the
/// style sheet makes it round.
pub fn svg(seed: &str, mood: Mood) -> String {
    let look = Look::of(seed);
    let mut face = String::with_capacity(1024);
    open_svg(&mut face, "");
    look.push_head(&mut face);
    look.open_features(&mut face);
    face.push_str(look.eyes);
    face.push_str(if mood == Mood::Speaking { OPEN_MOUTH } else { look.smile });
    face.push_str("</g></g></svg>");
    face
}

/// The face of `seed` for a room, where it moves: the head with both mouths, and on top of it the eyes and a raised hand. They are
/// three `<svg>` elements of the same size, because browsers can move whole elements without drawing them again, but not parts of
/// a drawing. `style/components/animated_face.css` lays them over each other, shows one of the mouths, and moves the eyes.
pub fn animated_svg(seed: &str) -> String {
    let look = Look::of(seed);
    let mut face = String::with_capacity(2048);
    open_svg(&mut face, "");
    look.push_head(&mut face);
    look.open_features(&mut face);
    face.push_str(r#"<g class="smile">"#);
    face.push_str(look.smile);
    face.push_str(r#"</g><g class="mouth">"#);
    face.push_str(OPEN_MOUTH);
    face.push_str("</g></g></g></svg>");

    open_svg(&mut face, &look.eyes_attributes());
    look.open_head(&mut face);
    look.open_features(&mut face);
    face.push_str(look.eyes);
    face.push_str("</g></g></svg>");

    open_svg(&mut face, r#" class="hand""#);
    push_hand(&mut face, INKS[look.hue], "10", "13");
    push_hand(&mut face, GROUNDS[look.hue][0], "5", "10.5");
    face.push_str("</svg>");
    face
}

/// What the seed decides about a face.
struct Look {
    hue: usize,
    tone: usize,
    hair: u32,
    /// The position in [`TOPS`] and [`FITS`].
    top: usize,
    eyes: &'static str,
    smile: &'static str,
    tilt: &'static str,
    shift: &'static str,
    /// A number below [`PHASES`], and one below [`PACES`]: when the face blinks, and how often.
    phase: usize,
    pace: usize,
}

impl Look {
    fn of(seed: &str) -> Self {
        let mut dice = Dice::of(seed);
        let (hue, tone) = (dice.roll(HUES), dice.roll(3));
        let hair_hue = (hue + [0, 3, 8, 13][dice.roll(4)]) % HUES;
        Self {
            hue,
            tone,
            hair: HAIR[hair_hue][HAIR_ON_TONE[tone][dice.roll(3)]],
            top: dice.roll(TOPS.len()),
            eyes: EYES[dice.roll(EYES.len())],
            smile: SMILES[dice.roll(SMILES.len())],
            tilt: TILTS[dice.roll(TILTS.len())],
            shift: SHIFTS[dice.roll(SHIFTS.len())],
            phase: dice.roll(PHASES),
            pace: dice.roll(PACES),
        }
    }

    /// Writes the background, opens the head, and writes the hair.
    fn push_head(&self, face: &mut String) {
        face.push_str(r#"<rect width="100" height="100" fill=""#);
        push_colour(face, GROUNDS[self.hue][self.tone]);
        face.push_str(r#""/>"#);
        self.open_head(face);
        face.push_str(r#"<g fill=""#);
        push_colour(face, self.hair);
        face.push_str(r#"">"#);
        face.push_str(TOPS[self.top]);
        face.push_str("</g>");
    }

    /// Opens the group that puts the head into its place in the circle.
    fn open_head(&self, face: &mut String) {
        face.push_str(r#"<g transform="rotate("#);
        face.push_str(self.tilt);
        face.push_str(" 50 50)translate(");
        face.push_str(self.shift);
        face.push(')');
        face.push_str(FITS[self.top]);
        face.push_str(r#"">"#);
    }

    /// Opens the group of eyes and mouth.
    fn open_features(&self, face: &mut String) {
        face.push_str(r#"<g fill=""#);
        push_colour(face, INKS[self.hue]);
        face.push_str(r#"" stroke=""#);
        push_colour(face, INKS[self.hue]);
        face.push_str(r#"" stroke-width="0" stroke-linecap="round">"#);
    }

    /// The attributes of the element with the eyes. They name the height of the eyes, around which the eyelids close, and when the
    /// face blinks. These are attributes because the pages allow no style attribute.
    fn eyes_attributes(&self) -> String {
        let height = if LOW_EYES.contains(&self.top) { "low" } else { "high" };
        let (phase, pace) = (self.phase, self.pace);
        format!(r#" class="eyes" data-height="{height}" data-phase="{phase}" data-pace="{pace}""#)
    }
}

fn open_svg(face: &mut String, attributes: &str) {
    face.push_str(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" aria-hidden="true""#);
    face.push_str(attributes);
    face.push('>');
}

/// Writes the hand in one colour. Two hands on top of each other, the lower one wider, are a hand with an outline.
fn push_hand(face: &mut String, colour: u32, finger_width: &str, palm_radius: &str) {
    face.push_str(r#"<g fill=""#);
    push_colour(face, colour);
    face.push_str(r#"" stroke=""#);
    push_colour(face, colour);
    face.push_str(r#"" stroke-width=""#);
    face.push_str(finger_width);
    face.push_str(r#"" stroke-linecap="round"><path d="M30 70v14M23 63v18M16 64v18M10 71v12M36 80l-8 6" fill="none"/><circle cx="20" cy="87" r=""#);
    face.push_str(palm_radius);
    face.push_str(r#"" stroke="none"/></g>"#);
}

/// The address of the face of `seed`: `/faces/<percent-encoded seed>.svg`.
pub fn address(seed: &str) -> String {
    [ADDRESS_START, &percent_encoding::encode(seed), ADDRESS_END].concat()
}

/// The seed of the face at this address. `None` if the text differs in any way from the address that [`address`] returns for
/// that seed, so each face has only one address.
pub fn seed_of(address_of_face: &str) -> Option<String> {
    let encoded = address_of_face.strip_prefix(ADDRESS_START)?.strip_suffix(ADDRESS_END)?;
    let seed = percent_encoding::decode(encoded)?;
    (is_seed(&seed) && address(&seed) == address_of_face).then_some(seed)
}

/// Whether `text` can be a seed: 1 to 80 characters, no control characters.
pub fn is_seed(text: &str) -> bool {
    let characters = text.chars().count();
    (1..=MAX_SEED_CHARACTERS).contains(&characters) && !text.chars().any(char::is_control)
}

/// Pseudo-random numbers from the seed. The state begins as the seed's FNV-1a hash, and each roll mixes it as MurmurHash3 does.
struct Dice(u32);

impl Dice {
    fn of(seed: &str) -> Self {
        Self(seed.bytes().fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        }))
    }

    /// A number from 0 to `sides - 1`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = (self.0 ^ (self.0 >> 15))
            .wrapping_mul(0x85eb_ca77)
            .wrapping_add(0x9e37_79b9);
        self.0 = (self.0 ^ (self.0 >> 13)).wrapping_mul(0xc2b2_ae3d);
        (self.0 >> 8) as usize % sides
    }
}

fn push_colour(text: &mut String, colour: u32) {
    text.push('#');
    let [_, red, green, blue] = colour.to_be_bytes();
    [red, green, blue]
        .into_iter()
        .for_each(|byte| percent_encoding::push_hex(text, byte));
}

#[cfg(test)]
mod silhouette_tests;
#[cfg(test)]
mod tests;
