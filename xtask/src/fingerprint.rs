//! A short name for some bytes: the hash that stands in file names, and tells whether an input changed.

/// FNV-1a, 64 bits, as 16 hexadecimal digits. It guards against a stale cache, not against a forger.
pub fn fingerprint(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    /// Values from the reference, draft-eastlake-fnv.
    #[test]
    fn is_fnv_1a() {
        assert_eq!(fingerprint(b""), "cbf29ce484222325");
        assert_eq!(fingerprint(b"foobar"), "85944171f73967e8");
    }
}
