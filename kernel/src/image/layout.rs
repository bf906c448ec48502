//! Where things lie in a finished image.

use super::crates::Crates;
use std::path::{Path, PathBuf};

/// A finished image.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    folder: PathBuf,
}

impl Image {
    /// Names the image in this folder, which must exist.
    pub(crate) fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Notes that the image is in use, so that it is not cleared away.
    pub(super) fn note_use(&self) {
        let stamp = self.folder.join("complete");
        if let Ok(content) = std::fs::read(&stamp) {
            let _ = std::fs::write(stamp, content);
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The library, as one dylib.
    pub(crate) fn library(&self) -> PathBuf {
        self.folder.join("libgenolens.so")
    }

    /// The support crate of the cells.
    pub(crate) fn cell(&self) -> PathBuf {
        self.folder.join("libgenolens_cell.so")
    }

    /// Metadata of the dependencies.
    pub(crate) fn dependencies(&self) -> PathBuf {
        self.folder.join("deps")
    }

    /// The compiled crates of the library, for sessions that add crates of their own.
    pub(crate) fn crates(&self) -> Crates {
        Crates::at(self.folder.join("crates"))
    }

    /// Recorded answers of cargo and rustc.
    pub(crate) fn replies(&self) -> PathBuf {
        self.folder.join("replies")
    }

    /// Compiled start-up cells.
    pub(crate) fn cells(&self) -> PathBuf {
        self.folder.join("cells")
    }

    /// What cargo said about the compiled crates.
    pub(super) fn artifacts(&self) -> PathBuf {
        self.folder.join("artifacts")
    }

    /// What build scripts have written: a folder for each crate.
    pub(super) fn generated(&self) -> PathBuf {
        self.folder.join("generated")
    }

    /// What the library and its dependencies offer, as far as it has been written down: a file for each crate.
    pub(crate) fn index(&self) -> PathBuf {
        self.folder.join("index")
    }
}
