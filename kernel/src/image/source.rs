//! Where the source of the library is: in a checkout by its path, otherwise by its version.

use super::published;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// What `GENOLENS_SOURCE` says to get the published library although there is a checkout.
const PUBLISHED: &str = "crates.io";

/// Finds the source: where `GENOLENS_SOURCE` says, beside the source of this program, or published under the same version.
pub(super) fn find(say: &dyn Fn(&str)) -> Result<PathBuf> {
    match known()? {
        Some(folder) => Ok(folder),
        None => published::fetch(say),
    }
}

/// Finds the source without fetching anything.
pub(super) fn known() -> Result<Option<PathBuf>> {
    match wish() {
        Some(wish) if wish == Path::new(PUBLISHED) => published::fetched(),
        Some(folder) if is_library(&folder) => Ok(Some(folder.canonicalize()?)),
        Some(folder) => bail!(
            "GENOLENS_SOURCE names {}, which does not hold the library: expected a clone of the repository, or {PUBLISHED}",
            folder.display()
        ),
        None if is_library(&beside()) => Ok(Some(beside().canonicalize()?)),
        None => published::fetched(),
    }
}

fn wish() -> Option<PathBuf> {
    let wish = std::env::var_os("GENOLENS_SOURCE")?;
    (!wish.is_empty()).then(|| wish.into())
}

/// The checkout from which this program was compiled, if it was one and is still there.
pub(super) fn beside() -> PathBuf {
    let kernel = Path::new(env!("CARGO_MANIFEST_DIR"));
    kernel.parent().unwrap_or(kernel).to_owned()
}

fn is_library(folder: &Path) -> bool {
    folder.join("src/lib.rs").is_file() && folder.join("Cargo.toml").is_file()
}
