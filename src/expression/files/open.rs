//! The door to files of cells.

use super::archive::Archive;
use super::h5ad;
use crate::Result;
use crate::expression::Cells;
use std::path::Path;

/// Reads cells from a file, with the defaults of [`Open`].
///
/// # Errors
///
/// As [`Open::run`].
///
/// # Examples
///
/// ```no_run
/// use genolens::expression;
/// # fn main() -> genolens::Result<()> {
/// let cells = expression::open("pbmc68k_reduced.h5ad")?;
/// println!("{cells:?}, left out: {:?}", cells.left_out());
/// # Ok(()) }
/// ```
pub fn open(path: impl AsRef<Path>) -> Result<Cells> {
    Open::new().run(path)
}

/// Reads cells from a file, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Open {
    pub(super) genome: Option<String>,
}

impl Open {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Fails when the file is none that is known or is broken, and when a whole number is larger than single precision can hold exactly;
    /// the message names the place.
    pub fn run(&self, path: impl AsRef<Path>) -> Result<Cells> {
        let archive = Archive::open(path.as_ref())?;
        let root = archive.children(&archive.opened.root())?;
        if h5ad::is_h5ad(&root) {
            return h5ad::read(archive, &root);
        }
        Err(h5ad::unknown(&archive, &root))
    }
}
