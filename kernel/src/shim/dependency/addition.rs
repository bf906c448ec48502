//! What a finished addition gives to the compiler of a cell.

use super::bundle;
use super::manifest::{self, Wanted};
use crate::fingerprint::fingerprint;
use crate::place::Place;
use anyhow::Result;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// One addition of crates to a session, complete.
#[derive(Clone, Debug)]
pub(super) struct Addition {
    folder: PathBuf,
}

impl Addition {
    /// The addition that holds all that the session asks for now.
    fn current(place: &Place) -> Option<Self> {
        let number = std::fs::read_to_string(known(place, &Wanted::all(place))).ok()?;
        Some(Self {
            folder: manifest::folder(place).join(number),
        })
    }

    /// The number of the latest addition; zero when there is none.
    pub(super) fn count(place: &Place) -> usize {
        let entries = std::fs::read_dir(manifest::folder(place));
        let folders = entries.into_iter().flatten().flatten();
        let finished = folders.filter(|entry| entry.path().join("arguments").exists());
        finished.count()
    }

    /// The folder of an addition that is about to be made.
    pub(super) fn prepare(place: &Place, number: usize) -> Result<PathBuf> {
        let folder = manifest::folder(place).join(number.to_string());
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// The shared objects of earlier additions on which a new one can rest.
    pub(super) fn chain(place: &Place) -> Vec<usize> {
        let text = std::fs::read_to_string(chain_file(place)).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }

    /// Tells whether an addition is one that an earlier session has made.
    pub(super) fn is_kept(place: &Place, number: usize) -> bool {
        manifest::folder(place)
            .join(number.to_string())
            .is_symlink()
    }

    /// Takes the shared object of an addition that has been kept for the one that the next can rest on, with those before it if
    /// it rests on them.
    pub(super) fn take_chain(place: &Place, number: usize) -> Result<()> {
        if !bundle::file(place, number).exists() {
            return Ok(());
        }
        let folder = manifest::folder(place).join(number.to_string());
        let arguments = std::fs::read_to_string(folder.join("arguments"))?;
        let mut chain = Self::chain(place);
        let rests_on = |earlier: &usize| {
            let start = format!("{}=", bundle::name(*earlier));
            arguments.lines().any(|line| line.starts_with(&start))
        };
        chain.retain(rests_on);
        chain.push(number);
        Self::set_chain(place, &chain)
    }

    /// Remembers the shared objects on which the next addition can rest.
    pub(super) fn set_chain(place: &Place, numbers: &[usize]) -> Result<()> {
        let lines: Vec<String> = numbers.iter().map(usize::to_string).collect();
        Ok(std::fs::write(chain_file(place), lines.join("\n"))?)
    }

    /// Says that an addition holds what the session asks for now.
    pub(super) fn finish(place: &Place, number: usize) -> Result<()> {
        let known = known(place, &Wanted::all(place));
        std::fs::create_dir_all(known.parent().unwrap_or(Path::new(".")))?;
        Ok(std::fs::write(known, number.to_string())?)
    }

    /// Tells whether the source of a crate of the person's has changed since.
    fn is_outdated(&self, place: &Place) -> bool {
        let made =
            std::fs::metadata(self.folder.join("arguments")).and_then(|file| file.modified());
        let Ok(made) = made else { return true };
        let wanted = Wanted::all(place);
        let mut folders = wanted.iter().filter_map(Wanted::folder);
        folders.any(|folder| has_newer(folder, made))
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }
}

/// Tells whether a folder of sources has a file that is newer than this.
fn has_newer(folder: &Path, than: SystemTime) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let name = entry.file_name();
        let Ok(kind) = entry.file_type() else {
            return false;
        };
        if kind.is_dir() {
            return name != "target"
                && !name.as_encoded_bytes().starts_with(b".")
                && has_newer(&entry.path(), than);
        }
        let path = Path::new(&name);
        path.extension()
            .is_some_and(|ending| ending == "rs" || ending == "toml")
            && entry
                .metadata()
                .and_then(|file| file.modified())
                .is_ok_and(|time| time > than)
    })
}

fn chain_file(place: &Place) -> PathBuf {
    manifest::folder(place).join("chain")
}

/// Where it is written which addition holds these crates.
fn known(place: &Place, wanted: &[Wanted]) -> PathBuf {
    let lines: String = wanted.iter().map(Wanted::line).collect();
    manifest::folder(place)
        .join("known")
        .join(fingerprint(&lines))
}

/// Tells whether the session asks for crates that have not been built, or not from the sources as they are now.
pub(in crate::shim) fn are_missing(place: &Place) -> bool {
    place.has_dependencies()
        && Addition::current(place).is_none_or(|addition| addition.is_outdated(place))
}

/// The libraries of the crates that the session has added, for a compiler's command line.
pub(in crate::shim) fn libraries(place: &Place) -> Vec<OsString> {
    if !place.has_dependencies() {
        return Vec::new();
    }
    let arguments = Addition::current(place).map(|addition| addition.read("arguments"));
    let arguments = arguments.unwrap_or_default();
    arguments.lines().map(OsString::from).collect()
}

/// What the source of a cell must hold, so that it meets the added crates where they are: inside shared objects.
pub(in crate::shim) fn anchors(place: &Place) -> String {
    if !place.has_dependencies() {
        return String::new();
    }
    let anchors = Addition::current(place).map(|addition| addition.read("anchors"));
    anchors.unwrap_or_default()
}
