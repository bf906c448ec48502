//! Where genolens keeps what can be made again: images, and a JupyterLab of its own.

use anyhow::{Context, Result};
use std::path::PathBuf;

/// The cache folder: `GENOLENS_CACHE`, or `genolens` in the user's cache.
pub(crate) fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("GENOLENS_CACHE") {
        return Ok(folder.into());
    }
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .context("there is no home folder for the cache: set GENOLENS_CACHE")?;
    Ok(base.join("genolens"))
}
