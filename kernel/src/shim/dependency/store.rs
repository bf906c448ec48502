//! Finished additions, kept beside the images for the next session that asks for the same.
//!
//! An addition is kept under a name that hashes the image, the additions before it and what is asked for. It is written aside,
//! moved into place and never changed, so that sessions use it where it is. Versions stay as they were resolved the first time, as
//! with a lock file.

use super::addition::Addition;
use super::cargo::Built;
use super::description::ORDERS;
use super::joining::{is_whole, new_libraries};
use super::manifest::{self, Wanted};
use super::sharing::{Fate, Sharing};
use crate::fingerprint::fingerprint;
use crate::image::{Kind, Unit};
use crate::place::Place;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long an addition is kept that nobody uses.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);

/// The files of an addition beside its libraries.
const TEXTS: [&str; 4] = ["anchors", "labels", "remarks", "Cargo.lock"];

/// The place of one addition among those that are kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// The place for what this session asks for now; `None` when an earlier addition of the session could not be kept.
    pub(super) fn of(place: &Place, wanted: &[Wanted]) -> Option<Self> {
        let image = place.image()?;
        let image = image.folder();
        let before = match std::fs::read_to_string(before(place)) {
            Ok(key) if key.is_empty() => return None,
            Ok(key) => key,
            Err(_) => String::new(),
        };
        let lines: String = wanted.iter().map(Wanted::line).collect();
        let key = fingerprint(&format!(
            "{}\0{before}\0{lines}",
            image.file_name()?.display()
        ));
        Some(Self {
            folder: image.parent()?.parent()?.join("additions").join(key),
        })
    }

    /// Puts what is kept into the session as its addition of this number, if it is kept.
    pub(super) fn take(&self, place: &Place, number: usize) -> Option<()> {
        let stamp = self.folder.join("complete");
        let name = std::fs::read_to_string(&stamp).ok()?;
        // Says that it is in use; in a folder that cannot be written nothing is ever removed either.
        let _ = std::fs::write(&stamp, &name);
        let folder = manifest::folder(place);
        std::fs::copy(self.folder.join("Cargo.lock"), folder.join("kept.lock")).ok()?;
        let own = folder.join(number.to_string());
        // An attempt that came to nothing.
        let _ = std::fs::remove_dir_all(&own);
        std::os::unix::fs::symlink(&self.folder, own).ok()?;
        std::fs::write(before(place), name).ok()
    }

    /// Keeps the addition of this number; `false` when it is of use to this session only.
    pub(super) fn keep(
        &self,
        place: &Place,
        number: usize,
        (sharing, built): (&Sharing, &Built),
    ) -> Result<bool> {
        let additions = self.folder.parent().context("the cache has no folder")?;
        std::fs::create_dir_all(additions)?;
        remove_unused(additions);
        let draft = tempfile::Builder::new()
            .prefix("draft-")
            .tempdir_in(additions)?;
        let libraries = draft.path().join("files");
        std::fs::create_dir(&libraries)?;
        let session = manifest::folder(place);
        let own = session.join(number.to_string());
        let there = self.folder.join("files");
        let mut moves = Vec::new();
        for file in &new_libraries(sharing, built) {
            put(file, &libraries)?;
            moves.extend(
                file.parent()
                    .map(|folder| (folder.to_owned(), there.clone())),
            );
        }
        for earlier in 1..number {
            // What an earlier addition has linked is where that one is kept.
            let folder = session.join(earlier.to_string());
            let kept = std::fs::read_to_string(folder.join("kept")).map(PathBuf::from);
            if let Ok(kept) = std::fs::read_link(&folder).or(kept) {
                moves.push((folder, kept));
            }
        }
        for entry in std::fs::read_dir(&own)?.flatten() {
            if entry
                .path()
                .extension()
                .is_some_and(|ending| ending == "so")
            {
                put(&entry.path(), draft.path())?;
            }
        }
        moves.push((own.clone(), self.folder.clone()));
        let moved = |name: &str| -> Result<String> {
            let text = std::fs::read_to_string(own.join(name))?;
            let step = |text: String, (from, to): &(PathBuf, PathBuf)| replaced(&text, from, to);
            Ok(moves.iter().fold(text, step))
        };
        let (arguments, orders) = (moved("arguments")?, moved(ORDERS)?);
        let here = session.display().to_string();
        if arguments.contains(&here) {
            return Ok(false);
        }
        if !orders.contains(&here) {
            std::fs::write(draft.path().join(ORDERS), orders)?;
        }
        for name in TEXTS {
            std::fs::copy(own.join(name), draft.path().join(name))?;
        }
        std::fs::write(draft.path().join("arguments"), arguments)?;
        let units = units(sharing, built, &there);
        let units = serde_json::to_string(&units)?;
        std::fs::write(draft.path().join("units.json"), units)?;
        // Built again after it has been removed, it is another one, on which nothing that is kept can rest.
        let name = uuid::Uuid::new_v4().to_string();
        std::fs::write(draft.path().join("complete"), &name)?;
        // Another session may have been faster; then what comes after this addition is not kept.
        std::fs::rename(draft.path(), &self.folder)?;
        std::fs::write(own.join("kept"), self.folder.display().to_string())?;
        std::fs::write(before(place), name)?;
        Ok(true)
    }
}

/// The units of an addition as they are kept.
fn units(sharing: &Sharing, built: &Built, folder: &Path) -> Vec<Unit> {
    let kept = |(index, unit): (usize, &Unit)| {
        let mut unit = unit.clone();
        unit.said.clone_from(&built.said[index]);
        let new = built.files[index].iter().filter(|file| is_whole(file));
        unit.files = match &sharing.fates[index] {
            Fate::Shared(files) => files.clone(),
            Fate::Compile if matches!(unit.kind, Kind::Library | Kind::Macro) => new
                .filter_map(|file| Some(folder.join(file.file_name()?).display().to_string()))
                .collect(),
            _ => Vec::new(),
        };
        unit
    };
    sharing.units.iter().enumerate().map(kept).collect()
}

/// Adds what the kept additions of this session have to the crates that can be shared.
pub(super) fn add_units(place: &Place, to: &mut Vec<Unit>) {
    for number in 1..=Addition::count(place) {
        let folder = manifest::folder(place).join(number.to_string());
        if !Addition::is_kept(place, number) {
            continue;
        }
        let text = std::fs::read_to_string(folder.join("units.json")).unwrap_or_default();
        let mut units: Vec<Unit> = serde_json::from_str(&text).unwrap_or_default();
        let offset = to.len();
        for (_, index) in units.iter_mut().flat_map(|unit| &mut unit.needs) {
            *index += offset;
        }
        to.extend(units);
    }
}

/// Says that what the session has added cannot be kept, nor what comes after it.
pub(super) fn give_up(place: &Place) -> Result<()> {
    Ok(std::fs::write(before(place), "")?)
}

/// Where the name of the latest addition is written; empty when that one is not kept.
fn before(place: &Place) -> PathBuf {
    manifest::folder(place).join("key")
}

fn replaced(arguments: &str, folder: &Path, by: &Path) -> String {
    let lines = arguments.lines().map(|line| {
        let folder = folder.display().to_string();
        match line.split_once(&folder) {
            // Not a folder whose name begins likewise.
            Some((head, tail)) if tail.is_empty() || tail.starts_with('/') => {
                format!("{head}{}{tail}", by.display())
            }
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn put(file: &Path, folder: &Path) -> Result<()> {
    let target = folder.join(file.file_name().unwrap_or_default());
    if std::fs::hard_link(file, &target).is_err() {
        std::fs::copy(file, &target).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}

fn remove_unused(additions: &Path) {
    let entries = std::fs::read_dir(additions).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()) {
        let stamp = Some(folder.join("complete")).filter(|stamp| stamp.exists());
        let age = std::fs::metadata(stamp.unwrap_or_else(|| folder.clone()))
            .and_then(|file| file.modified())
            .ok()
            .and_then(|used| used.elapsed().ok());
        if age.is_some_and(|age| age > KEPT_FOR) {
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn paths_are_led_to_where_things_are_kept() {
        let arguments = "-L\ndependency=/s/1\n--extern\na=/s/1/liba.so\n-L\ndependency=/s/10";
        assert_eq!(
            super::replaced(arguments, Path::new("/s/1"), Path::new("/kept")),
            "-L\ndependency=/kept\n--extern\na=/kept/liba.so\n-L\ndependency=/s/10"
        );
    }
}
