//! The tree that says where the chunks of an HDF5 array lie, damaged on purpose.

/// Finds the tree of the first array in chunks.
pub(crate) fn tree(bytes: &[u8]) -> usize {
    place(bytes, b"TREE\x01")
}

/// How many bytes of the tree tell where a chunk of an array with so many axes lies.
pub(crate) fn record(axes: usize) -> usize {
    24 + 8 * axes
}

/// Lets the tree grow by 50 levels whose branches all meet again: twice as many ways from level to level.
pub(crate) fn with_branches_that_meet(mut bytes: Vec<u8>, axes: usize) -> Vec<u8> {
    let mut below = tree(&bytes) as u64;
    let pointer = place(&bytes, &below.to_le_bytes());
    let key = record(axes) - 8;
    for level in 1..=50 {
        let here = bytes.len() as u64;
        bytes.extend([&b"TREE\x01"[..], &[level, 2, 0], &[255; 16]].concat());
        for _ in 0..2 {
            bytes.resize(bytes.len() + key, 0);
            bytes.extend(below.to_le_bytes());
        }
        bytes.resize(bytes.len() + key, 0);
        below = here;
    }
    bytes[pointer..pointer + 8].copy_from_slice(&below.to_le_bytes());
    bytes
}

/// Finds bytes in a file that has them.
pub(crate) fn place(bytes: &[u8], part: &[u8]) -> usize {
    let mut windows = bytes.windows(part.len());
    windows.position(|window| window == part).unwrap()
}
