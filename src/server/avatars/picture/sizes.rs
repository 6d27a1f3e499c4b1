//! The two sizes in which we store every picture.

/// The side of the large square.
pub(super) const LARGE_SIDE_PX: u32 = 256;
/// The side of the small square.
pub(super) const SMALL_SIDE_PX: u32 = 64;

/// A picture in its two sizes, both square JPEGs without any metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// 256 x 256 px.
    pub large: Vec<u8>,
    /// 64 x 64 px.
    pub small: Vec<u8>,
}
