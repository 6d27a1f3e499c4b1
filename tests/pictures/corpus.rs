//! All pictures for the tests: files from other projects (see `corpus/README.md`), and pictures that the tests make.

use super::{
    bombs::{self, grain},
    case::{Case, answered, case, good, upright},
    fixtures::{as_stored, four_corners},
    jpeg, photos, riff, truncated,
};
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

pub fn all() -> Vec<Case> {
    let mut cases = made();
    cases.extend(truncated::all());
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/corpus");
    let folders = [Some(own), env::var_os("SNUG_TEST_PICTURES").map(PathBuf::from)];
    for folder in folders.into_iter().flatten() {
        let before = cases.len();
        collect(&folder, &mut cases);
        assert!(cases.len() > before, "no pictures in {}", folder.display());
    }
    cases
}

fn collect(folder: &Path, cases: &mut Vec<Case>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, cases);
        } else if path
            .extension()
            .is_some_and(|end| !matches!(end.to_str(), Some("md" | "txt")))
        {
            let (name, file) = (path.display().to_string(), fs::read(&path).expect("a file"));
            // All pictures of PngSuite are valid.
            let is_good = name.contains("/pngsuite/");
            cases.push(if is_good { good(&name, file) } else { case(&name, file) });
        }
    }
}

fn made() -> Vec<Case> {
    let photo = four_corners(320, 240);
    let mut cases = vec![
        answered("9000 x 9000 png", 413, bombs::png_bomb()),
        answered("60,000 x 1", 422, bombs::png(GrayImage::new(60_000, 1))),
        answered("1 x 60,000", 422, bombs::png(GrayImage::new(1, 60_000))),
        answered("60,000 x 20", 413, bombs::png(GrayImage::new(60_000, 20))),
        answered("a gif with a huge screen", 413, bombs::gif_with_a_huge_screen()),
        answered("a webp frame larger than its canvas", 422, riff::lying(16_383)),
        answered(
            "a webp that claims to be larger than it is",
            413,
            bombs::lying_lossless_webp(),
        ),
        answered("nothing", 422, vec![]),
        answered("text", 415, b"not a picture".to_vec()),
        answered(
            "svg",
            415,
            b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(),
        ),
        answered(
            "pdf and jpeg",
            415,
            [b"%PDF-1.7\n", &jpeg::encode(&photo, |_| ())[..]].concat(),
        ),
        answered(
            "zip and png",
            415,
            [b"PK\x03\x04", &bombs::png(photo.clone())[..]].concat(),
        ),
        case("the largest png", bombs::largest_png()),
        case("the largest gif", bombs::gif(&[&RgbImage::new(5_000, 5_000)])),
        case("the largest webp", riff::encode(&RgbImage::new(5_700, 5_700))),
        case(
            "a text that inflates",
            bombs::png_with_bomb_in(b"zTXt", b"Comment\0\0", 100),
        ),
        case(
            "a profile that inflates",
            bombs::png_with_bomb_in(b"iCCP", b"Profile\0\0", 100),
        ),
        good("cmyk", jpeg::cmyk(300, 200)),
        upright("gif", bombs::gif(&[&photo])),
        upright("animated gif", bombs::gif(&[&photo, &RgbImage::new(320, 240)])),
        upright("apng", bombs::apng(&four_corners(64, 64))),
        upright("animated webp", riff::animated(&[&photo, &RgbImage::new(320, 240)])),
        upright("webp", riff::encode(&photo)),
        upright("lossy webp", riff::LOSSY.to_vec()),
        upright("png", bombs::png(photo.clone())),
        upright(
            "progressive",
            jpeg::encode(&photo, |encoder| encoder.set_progressive(true)),
        ),
        good("grey of 16 bits", bombs::png(DynamicImage::from(grey_of_16_bits()))),
    ];
    for orientation in 1..=8 {
        let stored = as_stored(&photo, orientation);
        let jpeg = jpeg::encode(&stored, |encoder| {
            encoder.add_exif_metadata(&jpeg::exif(orientation)).expect("fits");
        });
        let png = bombs::insert_chunk(&bombs::png(stored), b"eXIf", &jpeg::exif(orientation));
        cases.push(upright(
            &format!("a jpeg with exif orientation {orientation} and a place"),
            jpeg,
        ));
        cases.push(upright(
            &format!("a png with exif orientation {orientation} and a place"),
            png,
        ));
    }
    cases.extend(decoded_at_an_eighth());
    cases.extend(bombs::polyglots().into_iter().map(|(name, file)| upright(name, file)));
    cases.extend(large());
    cases
}

/// Pictures that take long to decode: some have as many pixels as we accept, others are files as large as a phone's
/// photos.
fn large() -> Vec<Case> {
    let grains = grain(4_000, 3_000);
    let soft = image::imageops::resize(&grain(80, 60), 4_000, 3_000, image::imageops::FilterType::Triangle);
    let progressive = jpeg::encode(&soft, |encoder| encoder.set_progressive(true));
    vec![
        good("12 megapixels", jpeg::encode(&soft, |_| ())),
        good("12 megapixels, progressive", progressive.clone()),
        case("12 megapixels of 64 scans", jpeg::with_scans(&progressive, 60)),
        case(
            "48 megapixels",
            jpeg::encode(&RgbImage::from_pixel(8_000, 6_000, Rgb([90, 120, 60])), |_| ()),
        ),
        case(
            "a png of grain",
            bombs::png(image::imageops::crop_imm(&grains, 0, 0, 1_600, 1_600).to_image()),
        ),
        case(
            "a gif of grain",
            bombs::gif(&[&image::imageops::crop_imm(&grains, 0, 0, 2_000, 2_000).to_image()]),
        ),
        case(
            "a webp of grain",
            riff::encode(&image::imageops::crop_imm(&grains, 0, 0, 1_600, 1_600).to_image()),
        ),
        case("12,000 x 16", bombs::png(RgbImage::new(12_000, 16))),
        case(
            "random bytes that begin like a jpeg",
            photos::padded(vec![0xff, 0xd8, 0xff, 0xe0], 8_000_000),
        ),
        case(
            "random bytes that begin like a png",
            photos::padded(b"\x89PNG\r\n\x1a\n".to_vec(), 8_000_000),
        ),
        case(
            "random bytes that begin like a gif",
            photos::padded(b"GIF89a".to_vec(), 8_000_000),
        ),
        case(
            "random bytes that begin like a webp",
            photos::padded(b"RIFF\x08\0\0\0WEBPVP8X".to_vec(), 8_000_000),
        ),
    ]
}

/// JPEGs as hostile encoders may write them. The server decodes them at an eighth of their size, because their shorter side
/// has 2,048 px or more.
fn decoded_at_an_eighth() -> Vec<Case> {
    let photo = four_corners(2_080, 2_056);
    let baseline = jpeg::encode(&photo, |_| ());
    let progressive = jpeg::encode(&photo, |encoder| encoder.set_progressive(true));
    let restarts = jpeg::encode(&photo, |encoder| encoder.set_restart_interval(3));
    let mut cases = vec![
        upright("at an eighth: as cameras write it", baseline.clone()),
        upright("at an eighth: progressive", progressive.clone()),
        upright("at an eighth: restarts", restarts.clone()),
        upright(
            "at an eighth: tables of 16 bits",
            jpeg::with_tables_of_16_bits(&baseline),
        ),
        case("at an eighth: 100 scans", jpeg::with_scans(&progressive, 100)),
        case(
            "at an eighth: restarts that change from scan to scan",
            jpeg::with_restarts_between_scans(&progressive),
        ),
        case(
            "at an eighth: restarts that never come",
            jpeg::insert(&baseline, &[0xff, 0xdd, 0, 4, 0, 1]),
        ),
        case(
            "at an eighth: components named RGB",
            jpeg::with_components(&baseline, *b"RGB"),
        ),
        case(
            "at an eighth: components named rgb",
            jpeg::with_components(&baseline, *b"rgb"),
        ),
        case(
            "at an eighth: three components with the same name",
            jpeg::with_components(&baseline, [1, 1, 1]),
        ),
        case(
            "at an eighth: no transform",
            jpeg::insert(&baseline, b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"),
        ),
        case(
            "at an eighth: two frames",
            [&baseline[..baseline.len() - 2], &baseline[2..]].concat(),
        ),
    ];
    for (name, file) in [
        ("baseline", &baseline),
        ("progressive", &progressive),
        ("restarts", &restarts),
    ] {
        let ends = (1_024..file.len() - 64).step_by(file.len() / 12);
        cases
            .extend(ends.map(|end| answered(&format!("at an eighth: {name} cut at {end}"), 422, file[..end].to_vec())));
    }
    cases
}

fn grey_of_16_bits() -> image::ImageBuffer<Luma<u16>, Vec<u16>> {
    image::ImageBuffer::from_fn(200, 200, |x, y| Luma([(x * 300 + y) as u16]))
}

/// Checks that the four corners are in the right places: red and green above, blue and yellow below.
pub fn assert_upright(made: &RgbImage, name: &str) {
    let meant = four_corners(256, 256);
    for (x, y) in [(40, 40), (216, 40), (40, 216), (216, 216)] {
        let (seen, meant) = (made.get_pixel(x, y).0, meant.get_pixel(x, y).0);
        let apart = seen.iter().zip(meant).map(|(a, b)| a.abs_diff(b)).max();
        assert!(apart < Some(60), "{name}: {seen:?} at {x}, {y}, not {meant:?}");
    }
}
