//! SHA-256 sums.

use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// Returns the sum of all that can be read, in hexadecimal digits.
pub(super) fn sha256(mut from: impl Read) -> io::Result<String> {
    let mut sum = Sha256::new();
    io::copy(&mut from, &mut sum)?;
    Ok(sum.finalize().iter().map(|b| format!("{b:02x}")).collect())
}
