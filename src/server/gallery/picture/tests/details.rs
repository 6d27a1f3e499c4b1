//! Progressive files without their details.

use jpeg_decoder::Decoder;

use super::super::progressive::means_only;
use super::making::*;

/// At an eighth of its size.
fn decoded(file: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut decoder = Decoder::new(file);
    assert_eq!(decoder.scale(width / 8, height / 8).unwrap(), (width / 8, height / 8));
    decoder.decode().unwrap()
}

#[test]
fn at_an_eighth_of_the_size_nothing_is_lost() {
    let file = jpeg_of(&noise(640, 480), |encoder| encoder.set_progressive(true));
    let means = means_only(&file);
    assert!(means.len() < file.len() / 4, "{} of {}", means.len(), file.len());
    assert_eq!(decoded(&means, 640, 480), decoded(&file, 640, 480));
    assert_eq!(means_only(&means), means);
}

#[test]
fn what_is_put_together_otherwise_is_left_alone() {
    let file = jpeg_of(&four_corners(64, 48), |encoder| encoder.set_progressive(true));
    for end in 0..file.len() - 1 {
        assert_eq!(means_only(&file[..end]), &file[..end]);
    }
    let with_garbage = [&file[..2], b"garbage", &file[2..]].concat();
    assert_eq!(means_only(&with_garbage), with_garbage);
}
