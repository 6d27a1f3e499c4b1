//! Tests of the properties that every drawn face and its address must have.

use super::*;

fn names() -> impl Iterator<Item = String> {
    (0..3000).map(|i| format!("Name {i}"))
}

#[test]
fn a_face_stays_the_same_for_ever() {
    // Only the seeds of faces are stored. If this number changes, everybody's face changes.
    let face = svg("Ada Lovelace", Mood::Resting);
    assert_eq!(Dice::of(&face).0, 0xc778_bab8, "{face}");
    assert_eq!(face, svg("Ada Lovelace", Mood::Resting));
}

#[test]
fn a_seed_is_never_written_into_its_face() {
    for seed in [
        r#""><script>alert(1)</script>"#,
        "style=",
        "]]>",
        "&lt;",
        "\0\u{202e}",
        "",
        &"x".repeat(10_000),
    ] {
        let face = svg(seed, Mood::Speaking);
        assert!(seed.is_empty() || !face.contains(seed), "{seed:?}");
        assert!(face.len() < 2000);
    }
}

#[test]
fn every_face_is_one_plain_element() {
    for face in names().map(|name| svg(&name, Mood::Resting)) {
        assert!(
            face.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 100 100\" aria-hidden=\"true\">")
        );
        assert!(face.ends_with("</svg>") && face.matches("<svg").count() == 1);
        assert_eq!(face.matches("<g").count(), face.matches("</g>").count());
        assert_eq!(face.matches('<').count(), face.matches('>').count());
        assert_eq!(face.matches('"').count() % 2, 0);
        assert!(face.is_ascii());
        for never in ["style", "script", "href", "url", " id=", " on", "&"] {
            assert!(!face.contains(never), "{never} in {face}");
        }
    }
}

#[test]
fn speaking_moves_only_the_mouth() {
    for name in names() {
        let (resting, speaking) = (svg(&name, Mood::Resting), svg(&name, Mood::Speaking));
        let smile = SMILES
            .into_iter()
            .find(|smile| resting.contains(smile))
            .expect("a smile");
        assert_eq!(resting.replace(smile, OPEN_MOUTH), speaking);
    }
}

#[test]
fn an_animated_face_has_the_same_head_and_eyes_and_both_mouths() {
    for name in names().take(200).chain([r#""><script>"#.to_owned()]) {
        let (still, animated) = (svg(&name, Mood::Resting), animated_svg(&name));
        let parts: Vec<&str> = animated.split_inclusive("</svg>").collect();
        let [head, eyes, hand] = parts[..] else {
            panic!("{animated}")
        };
        let look = Look::of(&name);
        let drawn = head
            .replace(r#"<g class="smile">"#, look.eyes)
            .replace(&format!(r#"</g><g class="mouth">{OPEN_MOUTH}</g>"#), "");
        assert_eq!(drawn, still);
        assert!(eyes.contains(look.eyes) && eyes.contains(FITS[look.top]) && eyes.contains(r#" class="eyes""#));
        assert!(hand.contains(r#" class="hand""#) && !animated.contains("script"));
        for part in parts {
            assert_eq!(part.matches("<g").count(), part.matches("</g>").count(), "{part}");
            assert_eq!(part.matches('"').count() % 2, 0, "{part}");
        }
        assert!(animated.len() < 3000 && !animated.contains("style"));
    }
}

#[test]
fn faces_blink_at_different_times() {
    let mut times: Vec<_> = names()
        .map(|name| Look::of(&name))
        .map(|look| (look.phase, look.pace))
        .collect();
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len(), PHASES * PACES);
}

#[test]
fn every_resting_mouth_smiles() {
    for smile in SMILES {
        // In `d="M41 72q9 6 18 0"`, the curve goes from one corner of the mouth to the other. Its control point must be lower
        // than the corners.
        let (_, curve) = smile.split_once('q').expect("a curve");
        let numbers: Vec<f64> = curve
            .split('"')
            .next()
            .unwrap_or_default()
            .replace('-', " -")
            .split_whitespace()
            .map(|number| number.parse().expect("a number"))
            .collect();
        let [_, middle, _, end] = numbers[..] else {
            panic!("{smile}")
        };
        assert!(middle >= 3.0 && middle - end / 2.0 >= 3.0, "{smile}");
    }
}

#[test]
fn different_names_have_different_faces() {
    let mut faces: Vec<_> = names().map(|name| svg(&name, Mood::Resting)).collect();
    let total = faces.len();
    for part in TOPS.iter().chain(&EYES).chain(&SMILES) {
        let kinds = [TOPS.len(), EYES.len(), SMILES.len()]
            [usize::from(EYES.contains(part)) + 2 * usize::from(SMILES.contains(part))];
        let seen = faces.iter().filter(|face| face.contains(part)).count();
        assert!(
            (total / kinds * 3 / 4..=total / kinds * 5 / 4).contains(&seen),
            "{seen} of {total}: {part}"
        );
    }
    faces.sort();
    faces.dedup();
    assert!(
        faces.len() > total * 95 / 100,
        "{} different faces for {total} names",
        faces.len()
    );
}

#[test]
fn hair_and_features_are_visible_without_colours() {
    for (hue, tones) in GROUNDS.iter().enumerate() {
        for (tone, ground) in tones.iter().enumerate() {
            assert!(lightness(*ground) - lightness(INKS[hue]) > 0.38);
            for hair in HAIR
                .iter()
                .flat_map(|shades| HAIR_ON_TONE[tone].map(|shade| shades[shade]))
            {
                let apart = (lightness(*ground) - lightness(hair)).abs();
                assert!(apart > 0.25, "#{hair:06x} on #{ground:06x}: {apart}");
            }
        }
    }
}

/// Oklab's L, 0 to 1, after <https://bottosson.github.io/posts/oklab/>.
fn lightness(colour: u32) -> f64 {
    let [_, red, green, blue] = colour
        .to_be_bytes()
        .map(|byte| (f64::from(byte) / 255.0 + 0.055) / 1.055)
        .map(|v| v.powf(2.4));
    let long = 0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue;
    let middle = 0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue;
    let short = 0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue;
    0.210_454_255_3 * long.cbrt() + 0.793_617_785_0 * middle.cbrt() - 0.004_072_046_8 * short.cbrt()
}

#[test]
fn an_address_gives_its_seed_back() {
    for seed in [
        "Ada",
        "Ada Lovelace",
        "Žofie 😀 مريم",
        "a/b?c#d%e",
        "..",
        ".svg",
        "%2F",
        "+",
        "~-_.",
        &"é".repeat(80),
    ] {
        let address = address(seed);
        assert!(address.is_ascii() && !address.contains(' '), "{address}");
        assert_eq!(address.matches('/').count(), 2);
        assert_eq!(seed_of(&address).as_deref(), Some(seed));
    }
    assert_eq!(address("Ada L/é"), "/faces/Ada%20L%2F%C3%A9.svg");
}

#[test]
fn text_that_is_not_the_address_of_a_face_has_no_seed() {
    for text in [
        "",
        "/faces/.svg",
        "/faces/Ada",
        "/faces/Ada.png",
        "/Faces/Ada.svg",
        "https://example.org/faces/Ada.svg",
        "/pictures/Ada.svg",
        "/faces/a/b.svg",
        "/faces/../Ada.svg",
        "/faces/Ada L.svg",
        "/faces/Ada.svg?x=.svg",
        "/faces/é.svg",
        "/faces/%c3%a9.svg", // `address` writes upper-case digits
        "/faces/%41.svg",    // `address` does not encode letters
        "/faces/%.svg",
        "/faces/%4.svg",
        "/faces/%+4.svg",
        "/faces/%FF.svg", // not UTF-8
        "/faces/%00.svg",
        "/faces/%0A.svg",
    ] {
        assert_eq!(seed_of(text), None, "{text}");
    }
    assert_eq!(seed_of(&address(&"a".repeat(81))), None);
}

#[test]
fn a_seed_has_1_to_80_characters_and_no_control_characters() {
    assert!(is_seed("A") && is_seed(&"é".repeat(80)) && is_seed("Ada Lovelace"));
    for text in ["", &"a".repeat(81), "a\nb", "\0", "\u{7f}", "\u{85}"] {
        assert!(!is_seed(text), "{text:?}");
    }
}
