//! Where genolens keeps what cannot be made again: the history of cells.

use std::path::PathBuf;

/// The folder: `GENOLENS_STATE`, or `genolens` in the user's folder for state; `None` when there is no home, or when the
/// variable is empty, which keeps nothing.
pub(crate) fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("GENOLENS_STATE") {
        return (!folder.is_empty()).then(|| folder.into());
    }
    let base = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))?;
    Some(base.join("genolens"))
}
