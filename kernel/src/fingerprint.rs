//! Short names for long contents.

use sha2::{Digest, Sha256};

/// Names a text by its hash.
pub(crate) fn fingerprint(text: &str) -> String {
    hex(&Sha256::digest(text)[..12])
}

/// Writes bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
