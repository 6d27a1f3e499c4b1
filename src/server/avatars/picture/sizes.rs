//! What a picture becomes: one face in two sizes.

/// A side of the large square.
pub(super) const LARGE_SIDE_PX: u32 = 256;
/// A side of the small square.
pub(super) const SMALL_SIDE_PX: u32 = 64;

/// One face in its two sizes, both square JPEGs without any metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// 256 px a side.
    pub large: Vec<u8>,
    /// 64 px a side.
    pub small: Vec<u8>,
}
