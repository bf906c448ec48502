//! Where a data set lies on this machine.

use super::data_set;
use super::sha256::sha256;
use crate::{Error, Result};
use std::env;
use std::fs::File;
use std::path::PathBuf;

/// Returns the file of a data set, after a look whether it is the right one.
///
/// # Errors
///
/// [`Error::Value`] for an unknown name, for a file that is not here (the message says where to get it and where to put it), and for one
/// whose SHA-256 sum is another; [`Error::Io`] when it cannot be read.
///
/// # Examples
///
/// ```no_run
/// use genolens::{catalogue, image};
/// # fn main() -> genolens::Result<()> {
/// let digits = image::open_small_digits(catalogue::find("small-digits")?)?;
/// assert_eq!(digits.len(), 1797);
/// # Ok(()) }
/// ```
pub fn find(name: &str) -> Result<PathBuf> {
    let set = data_set(name)?;
    let data = env::var_os("GENOLENS_DATA").map(PathBuf::from);
    let cache = cache();
    let folders = data.iter().chain(&cache);
    let path = folders.map(|folder| folder.join(set.file));
    let Some(path) = path.into_iter().find(|path| path.is_file()) else {
        let place = match data.or(cache) {
            Some(folder) => folder.join(set.file).display().to_string(),
            None => format!("{} in a folder that GENOLENS_DATA names", set.file),
        };
        let expected = format!("a file from {} at {place}", set.url);
        return Err(Error::value(name, expected, "not here"));
    };
    let file = File::open(&path).map_err(|error| Error::read(&path, error))?;
    let found = sha256(file).map_err(|error| Error::read(&path, error))?;
    if found != set.sha256 {
        let origin = path.display().to_string();
        let expected = format!("{} from {}", set.sha256, set.url);
        return Err(Error::value(
            &format!("SHA-256 sum of {origin}"),
            expected,
            found,
        ));
    }
    Ok(path)
}

/// Returns the folder of data in the cache, the one that the kernel uses too.
fn cache() -> Option<PathBuf> {
    let folder = env::var_os("GENOLENS_CACHE").map(PathBuf::from);
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.filter(|path| path.is_absolute());
    let base = base.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    let folder = folder.or_else(|| base.map(|base| base.join("genolens")));
    Some(folder?.join("data"))
}
