//! A number that stands for a long content (FNV-1a): the same for the same bytes, and hardly ever shared by others.

pub(crate) fn mark(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
