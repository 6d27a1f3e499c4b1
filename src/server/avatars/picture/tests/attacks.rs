//! Tests with pictures as attackers send them.

use super::super::{MAX_FILE_BYTES, PictureError, header, is_heavy, square};
use super::colours::*;
use super::fixtures::*;

#[test]
fn the_place_where_a_photo_was_taken_is_removed() {
    let file = jpeg_of(&four_corners(320, 240), |encoder| {
        encoder.add_exif_metadata(&exif(1)).unwrap()
    });
    assert!(contains(&file, PLACE) && contains(&file, b"Exif"));
    assert_clean(&square(&file).unwrap());
}

#[test]
fn bytes_after_the_picture_are_removed() {
    for mut file in [
        jpeg_of(&four_corners(320, 240), |_| ()),
        png_of(&four_corners(320, 240)),
    ] {
        file.extend_from_slice(b"PK\x03\x04<script>alert(1)</script>");
        file.extend_from_slice(PLACE);
        assert_clean(&square(&file).unwrap());
    }
}

#[test]
fn svg_and_other_files_are_refused_by_kind() {
    for (file, error) in [
        (
            &b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..],
            PictureError::Unsupported,
        ),
        (b"\n <?xml version=\"1.0\"?><svg/>", PictureError::Unsupported),
        (b"\0\0\0\x20ftypheic\0\0\0\0", PictureError::Unsupported),
        (b"II*\0\x08\0\0\0", PictureError::Unsupported),
        (b"", PictureError::NotAPicture),
        (b"\x89PNG", PictureError::NotAPicture),
        (b"%PDF-1.7", PictureError::NotAPicture),
        (b"RIFF\x24\0\0\0WAVEfmt ", PictureError::NotAPicture),
        (b"<html><script>", PictureError::NotAPicture),
        (b"\xff\xd8\xff\xe0", PictureError::Broken),
    ] {
        assert_eq!(square(file), Err(error), "{:?}", String::from_utf8_lossy(file));
        assert!(!is_heavy(file));
    }
}

#[test]
fn more_than_eight_mebibytes_are_refused() {
    let mut file = png_of(&four_corners(32, 32));
    file.resize(MAX_FILE_BYTES, 0);
    assert!(square(&file).is_ok());
    file.push(0);
    assert_eq!(square(&file), Err(PictureError::TooLarge));
}

#[test]
fn a_decompression_bomb_is_refused_at_its_header() {
    // The pixels cannot be decoded, so the small picture is Broken. The large picture is TooLarge, so nothing tried to
    // decode it.
    assert_eq!(square(&png_header(9000, 9000, 236_000)), Err(PictureError::TooLarge));
    assert_eq!(square(&png_header(900, 900, 236_000)), Err(PictureError::Broken));
    assert!(!is_heavy(&png_header(9000, 9000, 236_000)));
}

#[test]
fn a_gif_with_a_huge_screen_is_refused_at_its_header() {
    let mut file = gif_of(&[&four_corners(320, 240)]);
    file[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(square(&file), Err(PictureError::TooLarge));
    file[6..10].copy_from_slice(&[0x28, 0x23, 0x28, 0x23]); // 9000 x 9000 x 4 bytes
    assert_eq!(square(&file), Err(PictureError::TooLarge));
}

#[test]
fn a_gif_frame_larger_than_its_screen_is_refused() {
    let mut file = gif_of(&[&four_corners(320, 240)]);
    let descriptor = [0x2c, 0, 0, 0, 0, 0x40, 0x01, 0xf0, 0];
    let frame = file.windows(9).position(|window| window == descriptor).unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(square(&file), Err(PictureError::TooLarge));
}

#[test]
fn a_webp_frame_larger_than_its_canvas_is_refused_at_its_header() {
    let webp = |side: u16| {
        let mut file =
            b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x63\0\0\x63\0\0VP8 \x20\0\0\0\x10\0\0\x9d\x01\x2a".to_vec();
        file.extend([side, side].map(u16::to_le_bytes).concat());
        file.resize(30 + 8 + 32, 0x55);
        file[4] = (file.len() - 8) as u8;
        file
    };
    assert!(header::read(&webp(100), None).is_ok());
    assert!(matches!(header::read(&webp(101), None), Err(PictureError::Broken)));
    assert!(matches!(header::read(&webp(16_383), None), Err(PictureError::Broken)));
}

#[test]
fn a_jpeg_of_endless_scans_is_refused() {
    // Each further scan costs the sender ten bytes, and makes us visit all blocks.
    let file = jpeg_of(&four_corners(320, 240), |encoder| encoder.set_progressive(true));
    let (start, end) = (
        file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap(),
        file.len() - 2,
    );
    let scan = &file[start..start + 2 + usize::from(file[start + 3])];
    let with_scans = |count| [&file[..end], &scan.repeat(count), &file[end..]].concat();
    assert!(square(&with_scans(10)).is_ok());
    assert_eq!(square(&with_scans(100)), Err(PictureError::Broken));
}

#[test]
fn the_limits_of_a_jpeg_depend_on_its_coding() {
    let limit = |marker, width, height| {
        header::read(&jpeg_header(marker, width, height), None).map(|header| header.measure.decoded_bytes)
    };
    let baseline = 0xc0;
    let progressive = 0xc2;
    assert_eq!(limit(baseline, 8000, 6000), Ok(1000 * 750 * 3 * 2));
    assert_eq!(limit(baseline, 8000, 6251), Err(PictureError::TooLarge));
    assert_eq!(limit(progressive, 4000, 4000), Ok(4000 * 4000 * 3 * 2));
    assert_eq!(limit(progressive, 4500, 4000), Err(PictureError::TooLarge));
    assert_eq!(limit(baseline, 12_001, 100), Err(PictureError::TooLarge));
    assert_eq!(limit(0xc3, 400, 400), Err(PictureError::Unsupported)); // lossless
    assert_eq!(limit(0xc9, 400, 400), Err(PictureError::Unsupported)); // arithmetic coding
    assert!(is_heavy(&jpeg_header(progressive, 4000, 4000)) && !is_heavy(&jpeg_header(baseline, 8000, 6000)));
    assert!(is_heavy(&png_header(4000, 3000, 100)) && !is_heavy(&png_header(3000, 3000, 100)));
}

#[test]
fn a_truncated_file_is_broken_wherever_it_ends() {
    let upright = noise(700, 500);
    let files = [
        jpeg_of(&upright, |_| ()),
        jpeg_of(&upright, |encoder| encoder.set_progressive(true)),
        png_of(&upright),
        gif_of(&[&four_corners(700, 500)]),
    ];
    for file in files {
        assert!(square(&file).is_ok());
        assert_broken_at_each_end(&file, (1024..file.len() - 64).step_by(1024));
    }
}

#[test]
fn flipped_bytes_never_panic() {
    let upright = four_corners(96, 64);
    let files = [
        jpeg_of(&upright, |encoder| encoder.add_exif_metadata(&exif(6)).unwrap()),
        jpeg_of(&upright, |encoder| encoder.set_progressive(true)),
        png_with_exif(&upright, 6),
        gif_of(&[&upright, &upright]),
        webp_of(&upright),
    ];
    let mut random = Xorshift(1);
    for file in files {
        for _ in 0..200 {
            let mut damaged = file.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(damaged.len());
                damaged[at] = random.below(256) as u8;
            }
            if let Ok(picture) = square(&damaged) {
                assert_sides(&picture);
            }
        }
    }
}

#[test]
fn each_error_has_a_sentence_and_a_status() {
    use PictureError::*;
    for (error, status) in [
        (TooLarge, 413),
        (NotAPicture, 415),
        (Unsupported, 415),
        (Broken, 422),
        (TooSmall, 422),
        (MalformedDataUrl, 422),
    ] {
        assert_eq!(error.status(), status);
        assert!(
            error.to_string().ends_with('.') && error.to_string().contains("hoose"),
            "{error}"
        );
    }
}
