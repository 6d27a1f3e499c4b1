//! The gestures of one or two pointers on the crop frame: moving and pinching. The code is pure.

/// A point of the frame, as fractions of the frame's side, from its left and its upper edge.
pub type Point = (f64, f64);

/// How a pointer's movement changes the photo. Lengths are in units of the frame's side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gesture {
    pub right: f64,
    pub down: f64,
    /// The factor by which the photo grows, after it has moved by `right` and `down`. This zoom leaves the point `around` where it is.
    pub scale: f64,
    pub around: Point,
}

/// The pointers that are down. Only the first two count.
#[derive(Debug, Clone, Default)]
pub struct TouchGestures(Vec<(i32, Point)>);

impl TouchGestures {
    pub fn down(&mut self, pointer: i32, at: Point) {
        self.up(pointer);
        self.0.push((pointer, at));
    }

    pub fn up(&mut self, pointer: i32) {
        self.0.retain(|(down, _)| *down != pointer);
    }

    /// Whether no pointer is down.
    pub fn are_off(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes that a pointer has moved to `at`, and returns the gesture that this movement makes. `None` if the pointer is not down,
    /// or if it is not one of the first two.
    pub fn moved(&mut self, pointer: i32, at: Point) -> Option<Gesture> {
        let (before, spread) = (self.middle()?, self.spread());
        let (_, place) = self.0.iter_mut().take(2).find(|(down, _)| *down == pointer)?;
        *place = at;
        let after = self.middle()?;
        Some(Gesture {
            right: after.0 - before.0,
            down: after.1 - before.1,
            scale: spread.zip(self.spread()).map_or(1.0, |(before, after)| after / before),
            around: after,
        })
    }

    fn middle(&self) -> Option<Point> {
        match self.0.as_slice() {
            [] => None,
            [(_, only)] => Some(*only),
            [(_, one), (_, two), ..] => Some(((one.0 + two.0) / 2.0, (one.1 + two.1) / 2.0)),
        }
    }

    /// The distance between the first two pointers, but at least 0.02. Without this minimum, a tiny movement of two fingers that
    /// are close together would zoom a lot.
    fn spread(&self) -> Option<f64> {
        match self.0.as_slice() {
            [(_, one), (_, two), ..] => Some((one.0 - two.0).hypot(one.1 - two.1).max(0.02)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_finger_moves() {
        let mut gestures = TouchGestures::default();
        assert_eq!(gestures.moved(1, (0.5, 0.5)), None);
        gestures.down(1, (0.5, 0.5));
        let gesture = gestures.moved(1, (0.75, 0.25)).expect("a gesture");
        assert_eq!((gesture.right, gesture.down, gesture.scale), (0.25, -0.25, 1.0));
        gestures.up(1);
        assert!(gestures.are_off());
    }

    #[test]
    fn two_fingers_pinch_around_their_middle() {
        let mut gestures = TouchGestures::default();
        gestures.down(1, (0.4, 0.5));
        gestures.down(2, (0.6, 0.5));
        let gesture = gestures.moved(2, (0.8, 0.5)).expect("a gesture");
        assert!((gesture.scale - 2.0).abs() < 1e-9 && (gesture.around.0 - 0.6).abs() < 1e-9);
        gestures.down(3, (0.0, 0.0));
        assert_eq!(gestures.moved(3, (0.1, 0.1)), None, "a third finger does nothing");
        gestures.up(1);
        assert!(!gestures.are_off());
    }
}
