//! Where the tests find real data.

use std::io::Write as _;
use std::path::PathBuf;

/// Returns a file of the shared data, or `None` (saying so) when `GENOLENS_DATA` is not set or does not have it.
pub(crate) fn file(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("GENOLENS_DATA") else {
        skipped(&format!(
            "GENOLENS_DATA is not set, so that {name} is absent"
        ));
        return None;
    };
    let path = PathBuf::from(folder).join(name);
    if path.exists() {
        return Some(path);
    }
    skipped(&format!("{} is absent", path.display()));
    None
}

/// Says so past the test harness, which shows what is printed by macros only of tests that fail.
fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "{test} is skipped: {why}");
}
