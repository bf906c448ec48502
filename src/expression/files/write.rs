//! Writes h5ad files.

use super::written::Written;
use crate::expression::Cells;
use crate::{Error, Result};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes cells to an h5ad file, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteH5ad {
    gzip: Option<u32>,
}

impl WriteH5ad {
    /// Takes the defaults: nothing is packed, as anndata does it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Packs matrices and columns with gzip, level 0 to 9; 4 is what h5py takes where nothing is said.
    pub fn gzip(mut self, level: u32) -> Self {
        self.gzip = Some(level);
        self
    }

    /// Writes a file that anndata 0.8 to 0.12 opens; one of the same name is replaced once the new one is whole.
    ///
    /// Values are written in single precision, whole numbers of tables in 64 bits. What [`Cells::left_out`] names is not written, nor is
    /// [`Uns::Missing`](crate::expression::Uns::Missing).
    ///
    /// # Errors
    ///
    /// Fails when a name cannot be one in such a file (empty, or with a `/` or a zero byte), when a column is of a kind that anndata does
    /// not know, and for what the disk says.
    pub fn run(&self, cells: &Cells, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        if let Some(level) = self.gzip.filter(|&level| level > 9) {
            return Err(Error::value("gzip", "a level from 0 to 9", level));
        }
        let written = Written::new(self.gzip).cells(cells)?;
        let part = beside(path)?;
        let outcome = std::fs::File::create(&part).and_then(|file| {
            let mut file = io::BufWriter::with_capacity(1 << 20, file);
            written
                .finish_to(&mut file)
                .map_err(|error| io::Error::other(error.to_string()))?;
            file.flush()?;
            drop(file);
            std::fs::rename(&part, path)
        });
        outcome.map_err(|error| {
            // What the disk had no room for is of no use.
            std::fs::remove_file(&part).ok();
            Error::write(path, error)
        })
    }
}

impl Cells {
    /// Writes an h5ad file, with the defaults of [`WriteH5ad`].
    ///
    /// # Errors
    ///
    /// As [`WriteH5ad::run`].
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{expression::{self, Cells}, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// # let path = std::env::temp_dir().join("genolens_doc_write.h5ad");
    /// let cells = Cells::new(array![[0.0_f32, 2.0], [1.0, 0.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
    /// cells.write(&path)?;
    /// assert_eq!(expression::open(&path)?.genes(), cells.genes());
    /// # std::fs::remove_file(path).ok();
    /// # Ok(()) }
    /// ```
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        WriteH5ad::new().run(self, path)
    }
}

/// Returns the name of a file beside another, for what is not whole yet.
fn beside(path: &Path) -> Result<PathBuf> {
    let Some(name) = path.file_name() else {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "it is no name of a file");
        return Err(Error::write(path, error));
    };
    let mut name = name.to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    Ok(path.with_file_name(name))
}
