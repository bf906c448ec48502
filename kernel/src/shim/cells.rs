//! Cells that have been compiled, kept beside the image for whoever runs them again, in this session or another.
//!
//! Opening a notebook and running it from the top then compiles nothing. A record is written aside and moved into place, and never
//! changed; what it holds is copied into the session, so that each loads an object of its own.

use super::compile::flags;
use super::recognition;
use super::source::Source;
use crate::fingerprint::fingerprint;
use crate::place::Place;
use anyhow::Result;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::SystemTime;

/// Cells that are kept; the ones not used for longest go first. A record has some 30 kB.
const KEPT: usize = 2000;

/// The place of one cell's record.
#[derive(Debug)]
pub(super) struct Record {
    folder: PathBuf,
    key: String,
    starting: bool,
}

/// A cell that need not be compiled.
#[derive(Debug)]
pub(super) struct Found {
    /// The exit code of the compiler.
    pub(super) code: u8,
    /// The types of the variables that the cell defines.
    pub(super) kinds: Vec<String>,
}

impl Record {
    /// The record of this source, when the source can be recognised.
    pub(super) fn of(place: &Place, source: &Source) -> Option<Self> {
        let starting = place.is_starting();
        let key = match recognition::key(&source.text) {
            None if starting => fingerprint(&source.text),
            key => key?,
        };
        // Crates of the session's own may change from one session to the next.
        let (cells, manifest) = if place.has_dependencies() {
            (place.crate_folder().join("cells"), place.manifest())
        } else {
            (place.image()?.cells(), String::new())
        };
        let key = fingerprint(&format!("{key}\0{}\0{manifest}", flags(place, source)));
        Some(Self {
            folder: cells.join(&key),
            key,
            starting,
        })
    }

    /// What names the source, in the record as in a panic.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Puts the compiled cell into `out` and its source into `file`, and passes the compiler's messages on.
    pub(super) fn replay(&self, source: &Source, file: &Path, out: &Path) -> Option<Found> {
        let read = |name: &str| std::fs::read_to_string(self.folder.join(name)).ok();
        let code: u8 = read("code")?.parse().ok()?;
        let messages = read("messages")?;
        let kinds: Vec<String> = read("types")?.lines().map(str::to_owned).collect();
        if code == 0 {
            if kinds.len() != source.new.len() {
                return None;
            }
            self.give("source", file).ok()?;
            self.give("libctx.so", &out.join("libctx.so")).ok()?;
        }
        std::io::stderr().write_all(messages.as_bytes()).ok()?;
        // Says that the record is in use; in a folder that cannot be written nothing is ever removed either.
        let _ = std::fs::write(self.folder.join("code"), code.to_string());
        Some(Found { code, kinds })
    }

    /// Copies the content, and not who may read it.
    fn give(&self, name: &str, target: &Path) -> std::io::Result<()> {
        std::fs::write(target, std::fs::read(self.folder.join(name))?)
    }

    /// Keeps what the compiler made of `file` in `out`; a failure only when it belongs to the start of every session.
    pub(super) fn write(
        &self,
        output: &Output,
        kinds: &[String],
        file: &Path,
        out: &Path,
    ) -> Result<()> {
        let code = match output.status.code() {
            Some(0) => 0,
            // An error without a number is one of the linker or the disk, which the next session may not meet.
            Some(code) if self.starting && has_numbered_error(&output.stderr) => code,
            _ => return Ok(()),
        };
        let Some(cells) = self.folder.parent() else {
            return Ok(());
        };
        std::fs::create_dir_all(cells)?;
        let draft = tempfile::Builder::new()
            .prefix("draft-")
            .tempdir_in(cells)?;
        let write = |name: &str, content: &[u8]| std::fs::write(draft.path().join(name), content);
        write("messages", &output.stderr)?;
        write("types", kinds.join("\n").as_bytes())?;
        if code == 0 {
            std::fs::copy(file, draft.path().join("source"))?;
            std::fs::copy(out.join("libctx.so"), draft.path().join("libctx.so"))?;
        }
        write("code", code.to_string().as_bytes())?;
        // A session beside this one may have recorded the same cell: then its record is as good.
        let _ = std::fs::rename(draft.path(), &self.folder);
        make_room(cells);
        Ok(())
    }
}

fn has_numbered_error(messages: &[u8]) -> bool {
    let sign = br#""code":{"code":"E"#;
    messages.windows(sign.len()).any(|part| part == sign)
}

/// Removes the records that nobody has used for longest.
fn make_room(cells: &Path) {
    let Ok(entries) = std::fs::read_dir(cells) else {
        return;
    };
    let mut records: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    if records.len() <= KEPT {
        return;
    }
    let used = |record: &PathBuf| {
        let stamp = std::fs::metadata(record.join("code")).and_then(|stamp| stamp.modified());
        stamp.unwrap_or(SystemTime::UNIX_EPOCH)
    };
    records.sort_by_cached_key(used);
    // Many at once, so that it is rare.
    for record in &records[..KEPT / 4] {
        let _ = std::fs::remove_dir_all(record);
    }
}
