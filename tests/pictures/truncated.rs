//! Makes truncated pictures of each kind: cut off at every kilobyte, or more often if the file is small.

use super::{
    bombs::{self, grain},
    case::{Case, answered},
    jpeg, riff,
};

pub fn all() -> Vec<Case> {
    let (photo, small) = (grain(180, 160), grain(96, 80));
    let stills = [
        ("jpeg", jpeg::encode(&photo, |_| ())),
        (
            "progressive jpeg",
            jpeg::encode(&photo, |encoder| encoder.set_progressive(true)),
        ),
        ("cmyk jpeg", jpeg::cmyk(64, 48)),
        ("png", bombs::png(photo.clone())),
        ("gif", bombs::gif(&[&photo])),
        ("webp", riff::encode(&photo)),
        ("lossy webp", riff::LOSSY.to_vec()),
    ];
    let apng = bombs::apng(&small);
    let still_gif = bombs::gif(&[&small]);
    let animated = [
        ("apng", bombs::position(&apng, b"fdAT"), apng),
        ("animated gif", still_gif.len(), bombs::gif(&[&small, &small])),
    ];
    let stills = stills.into_iter().map(|(name, file)| (name, file.len(), file));
    stills
        .chain(animated)
        .flat_map(|(name, first, file)| cut(name, first, &file))
        .collect()
}

/// The file cut off at many positions. `first` is about the position at which the first frame ends. A cut before this position makes the
/// file invalid. A cut after this position, in a later frame, does not matter.
fn cut(name: &str, first: usize, file: &[u8]) -> Vec<Case> {
    let step = (file.len() / 12).min(1_024);
    let ends = (step..file.len() - 64).step_by(step);
    ends.filter(|end| end.abs_diff(first) > 64)
        .map(|end| {
            let status = if end < first { 422 } else { 200 };
            answered(&format!("{name} cut at {end}"), status, file[..end].to_vec())
        })
        .collect()
}
