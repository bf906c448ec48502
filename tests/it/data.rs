//! Where the tests find real data.

use std::path::PathBuf;

/// Returns a file of the shared data, or `None` (saying so) when `GENOLENS_DATA` does not have it.
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
pub(crate) fn file(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("GENOLENS_DATA")?).join(name);
    if path.exists() {
        Some(path)
    } else {
        eprintln!("skipped: {} is absent", path.display());
        None
    }
}
