//! The door to files of cells.

use super::archive::Archive;
use super::{delimited, h5ad, market, parquet, tenx};
use crate::expression::Cells;
use crate::{Error, Result};
use std::fs::File;
use std::io::Read;
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
///
/// What a file begins with says what it is, not its name:
///
/// | file | what is read |
/// |---|---|
/// | h5ad of anndata 0.5 to 0.12 | all that [`Cells`] keep; [`Cells::left_out`] names the rest |
/// | HDF5 of 10x Genomics, Cell Ranger 1 to 8 | counts; `var` has `gene_ids`, `feature_types` and `genome`, as in scanpy |
/// | loom | counts, layers and tables |
/// | a folder of 10x, or its `matrix.mtx` | counts, with `genes.tsv` (Cell Ranger 2) or `features.tsv` (3), plain or gzipped |
/// | a table of text, plain or gzipped | numbers, with names in the first row and the first column |
/// | Parquet, plain or packed with snappy, gzip or lz4 | columns of numbers, and names in the first column of texts |
///
/// Numbers become single precision. A matrix stays sparse or dense as it is in the file, compressed columns become rows, and a table
/// is sparse where at least half of it is zero. Names may come twice; [`Cells::names_made_unique`] tells them apart.
///
/// Read as `anndata.read_h5ad`, `scanpy.read_10x_h5(gex_only=False)` and `scanpy.read_10x_mtx` do (anndata 0.12.19, scanpy 1.11.5).
///
/// # Examples
///
/// ```
/// use genolens::expression::Open;
/// # fn main() -> genolens::Result<()> {
/// # let path = std::env::temp_dir().join("genolens_doc_open.csv");
/// # std::fs::write(&path, "gene,a,b\nCD3D,0,2\nMS4A1,1,0\n").unwrap();
/// let cells = Open::new().genes_in_rows(true).run(&path)?;
/// assert_eq!(cells.gene("MS4A1")?.to_vec(), [1.0, 0.0]);
/// # std::fs::remove_file(path).ok();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Open {
    pub(super) genome: Option<String>,
    pub(super) genes_in_rows: bool,
}

impl Open {
    /// Takes the defaults: every gene of an HDF5 file of 10x, and cells in the rows of a table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets which genome is read of an HDF5 file of 10x.
    pub fn genome(mut self, genome: &str) -> Self {
        self.genome = Some(genome.to_owned());
        self
    }

    /// Tells whether the rows of a table are genes, or cells.
    pub fn genes_in_rows(mut self, genes: bool) -> Self {
        self.genes_in_rows = genes;
        self
    }

    /// Reads a file or a folder.
    ///
    /// # Errors
    ///
    /// Fails when the file is none that is known or is broken, when its parts do not fit each other, when a whole number is larger than
    /// single precision can hold exactly, and when a genome must be chosen; the message names the place.
    pub fn run(&self, path: impl AsRef<Path>) -> Result<Cells> {
        let path = path.as_ref();
        if path.is_dir() {
            return market::read(path, self);
        }
        let mut start = [0; 512];
        let got = File::open(path).and_then(|mut file| file.read(&mut start));
        let got = got.map_err(|error| Error::read(path, error))?;
        if hdf5_pure::is_hdf5(path).map_err(|error| Error::read(path, error))? {
            let mut archive = Archive::open(path)?;
            let root = archive.children(&archive.opened.root())?;
            if h5ad::is_h5ad(&root) {
                return h5ad::read(archive, &root);
            }
            let mut found = tenx::read(&mut archive, &root, self)?;
            if found.is_none() {
                found = tenx::loom(&mut archive, &root)?;
            }
            let cells = found.ok_or_else(|| h5ad::unknown(&archive, &root))?;
            let left_out = archive.left_out();
            return Ok(cells.changed(|data| data.left_out = left_out));
        }
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        if start[..got].starts_with(parquet::MAGIC) {
            return parquet::read(path, self);
        }
        if start[..got].starts_with(b"%%MatrixMarket") || name.ends_with("matrix.mtx.gz") {
            return market::read(path, self);
        }
        let extension = Path::new(&name).extension().unwrap_or_default();
        if ["h5ad", "h5", "loom"]
            .iter()
            .any(|known| extension == *known)
        {
            let what = std::io::Error::new(std::io::ErrorKind::InvalidData, "it is no HDF5 file");
            return Err(Error::read(path, what));
        }
        delimited::read(path, self)
    }
}
