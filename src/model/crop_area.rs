//! The square of a photo that a person has chosen, if the server and not the browser crops the photo.

use std::fmt;

/// The lengths are in millionths.
pub const UNIT: u32 = 1_000_000;
/// A smaller part is no choice of a person: the page zooms at most four times.
const SIDE_MIN: u32 = UNIT / 8;

/// A square part of a photo. The photo is first turned upright as its metadata says, as browsers show it, and then by
/// `quarter_turns`. As text: `left,top,side,quarter_turns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CropArea {
    /// The distance of the square from the left edge, in millionths of the width of the turned photo.
    pub left: u32,
    /// The distance from the upper edge, in millionths of the height of the turned photo.
    pub top: u32,
    /// The side of the square, in millionths of the shorter side of the photo.
    pub side: u32,
    /// How many times the photo is turned clockwise by 90 degrees, 0 to 3.
    pub quarter_turns: u8,
}

impl CropArea {
    /// The area in `text`; `None` if it has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(',').map(|number| number.parse::<u32>().ok());
        let mut next = || numbers.next().flatten();
        let (left, top, side, turns) = (next()?, next()?, next()?, next()?);
        let is_good = left < UNIT && top < UNIT && (SIDE_MIN..=UNIT).contains(&side) && turns < 4;
        let has_more = text.split(',').count() > 4;
        (is_good && !has_more).then_some(Self {
            left,
            top,
            side,
            quarter_turns: turns as u8,
        })
    }
}

impl fmt::Display for CropArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.left, self.top, self.side, self.quarter_turns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_written_as_it_is_read() {
        for text in ["0,0,1000000,0", "125000,0,250000,3"] {
            assert_eq!(
                CropArea::parse(text).map(|area| area.to_string()).as_deref(),
                Some(text)
            );
        }
    }

    #[test]
    fn text_of_another_form_is_no_area() {
        for text in [
            "",
            "0,0,1000000",
            "0,0,1000000,0,0",
            "0,0,1000000,4",
            "0,0,0,0",
            "0,0,1000001,0",
            "1000000,0,500000,0",
            "-1,0,500000,0",
            "0.5,0,500000,0",
            "0, 0,500000,0",
        ] {
            assert_eq!(CropArea::parse(text), None, "{text}");
        }
    }
}
