//! Cells of a file that is larger than memory, some at a time.

use super::archive::{Archive, Node};
use super::matrices::Compressed;
use super::open::Open;
use super::runs::Runs;
use super::{h5ad, market, tenx};
use crate::expression::{Cells, Frame, Values};
use crate::sparse::Sparse;
use crate::storage::Numbers;
use crate::{Error, Result};
use ndarray::Array2;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Values of a block, where nothing else is said.
const VALUES: usize = 1 << 22;

/// Opens a file of which blocks of cells are read when they are needed; a block has about four million values.
///
/// h5ad, HDF5 of 10x Genomics, and folders of 10x are known, as by [`open`](super::open()). Values that are not stored cell by cell, those
/// of a folder of 10x and of an h5ad file with compressed columns (CSC), are copied once into a temporary file without a name, as large as
/// they are when they are unpacked, some at a time; it is gone with the blocks.
///
/// # Errors
///
/// Fails when the file is none of these or is broken, when an HDF5 file of 10x has several genomes, and when there is no room for a
/// temporary file.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// # let path = std::env::temp_dir().join("genolens_doc_blocks.h5ad");
/// # let names = (0..10).map(|i| i.to_string());
/// # Cells::new(Array2::ones((10, 2)), names, ["CD3D", "MS4A1"])?.write(&path)?;
/// let blocks = expression::blocks(&path)?.with_size(4);
/// let mut total = 0.0;
/// for cells in &blocks {
///     total += cells?.values().dense().sum();
/// }
/// assert_eq!((blocks.len(), total), (3, 20.0));
/// # std::fs::remove_file(path).ok();
/// # Ok(()) }
/// ```
pub fn blocks(path: impl AsRef<Path>) -> Result<CellBlocks> {
    let path = path.as_ref();
    let (obs, var, values, left_out) = if path.is_dir() || !is_hdf5(path)? {
        folder(path)?
    } else {
        let mut archive = Archive::open(path)?;
        let root = archive.children(&archive.opened.root())?;
        let (obs, var, values) = if h5ad::is_h5ad(&root) {
            let (obs, var, _) = h5ad::tables(&mut archive, &root)?;
            let values = values(&mut archive, &root, (obs.len(), var.len()))?;
            (obs, var, values)
        } else {
            let Some(found) = tenx::find(&mut archive, &root, &Open::new())? else {
                return Err(unknown(path));
            };
            let shape = (found.obs.len(), found.var.len());
            archive.checked("matrix", &found.parts, shape)?;
            (found.obs, found.var, Stored::Sparse(Box::new(found.parts)))
        };
        (obs, var, values, archive.left_out())
    };
    let stored = match &values {
        Stored::Dense(_) => obs.len().saturating_mul(var.len()),
        Stored::Sparse(parts) => parts.values.rows(),
        Stored::Runs(runs) => runs.stored(),
    };
    let size = (VALUES / (stored / obs.len().max(1)).max(1)).max(1);
    Ok(CellBlocks {
        data: Arc::new(Data {
            path: path.to_owned(),
            obs,
            var,
            values,
            left_out,
        }),
        size,
    })
}

fn is_hdf5(path: &Path) -> Result<bool> {
    hdf5_pure::is_hdf5(path).map_err(|error| Error::read(path, error))
}

fn unknown(path: &Path) -> Error {
    Error::value(
        &path.display().to_string(),
        "an h5ad file, with obs and var, or a file or folder of 10x",
        "another one",
    )
}

/// Finds values in a folder of 10x, or beside the matrix of one.
fn folder(path: &Path) -> Result<(Frame, Frame, Stored, Vec<String>)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !path.is_dir() && !name.contains("matrix.mtx") {
        return Err(unknown(path));
    }
    let (obs, var, runs) = market::runs(path)?;
    Ok((obs, var, Stored::Runs(runs), Vec::new()))
}

/// Finds the values of an h5ad file.
fn values(
    archive: &mut Archive,
    root: &BTreeMap<String, Node>,
    shape: (usize, usize),
) -> Result<Stored> {
    match root.get("X") {
        Some(Node::Data(dataset)) => {
            let numbers = Numbers::new(&archive.file, "X", dataset)?;
            let found = numbers.shape().to_vec();
            if found != [shape.0, shape.1] {
                return Err(archive.wrong(
                    "X",
                    format!("shape ({}, {})", shape.0, shape.1),
                    format!("of shape {found:?}"),
                ));
            }
            Ok(Stored::Dense(Box::new(numbers)))
        }
        Some(Node::Group(group)) => {
            let Some(parts) = archive.compressed("X", group)? else {
                return Err(archive.wrong("X", "an array or a sparse matrix", "something else"));
            };
            archive.checked("X", &parts, shape)?;
            if parts.columns {
                return archive.runs("X", &parts).map(Stored::Runs);
            }
            Ok(Stored::Sparse(Box::new(parts)))
        }
        None => Err(archive.wrong("X", "values", "none")),
    }
}

/// Blocks of cells that stay in their file until they are asked for; cheap to clone.
///
/// A block has the values of its cells (`X`) and what is known of cells and genes. In memory are the tables, where every cell begins,
/// and the block.
#[derive(Clone)]
pub struct CellBlocks {
    data: Arc<Data>,
    size: usize,
}

struct Data {
    path: PathBuf,
    obs: Frame,
    var: Frame,
    values: Stored,
    left_out: Vec<String>,
}

enum Stored {
    Dense(Box<Numbers>),
    Sparse(Box<Compressed>),
    Runs(Runs),
}

impl CellBlocks {
    /// Sets how many cells a block has; the last one may have fewer.
    pub fn with_size(&self, cells: usize) -> Self {
        Self {
            data: self.data.clone(),
            size: cells.max(1),
        }
    }

    /// Returns how many cells and genes there are in all.
    pub fn shape(&self) -> (usize, usize) {
        (self.data.obs.len(), self.data.var.len())
    }

    /// Returns how many cells a block has.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns how many blocks there are.
    pub fn len(&self) -> usize {
        self.data.obs.len().div_ceil(self.size)
    }

    /// Tells whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns what is known of all cells.
    pub fn obs(&self) -> &Frame {
        &self.data.obs
    }

    /// Returns what is known of the genes.
    pub fn var(&self) -> &Frame {
        &self.data.var
    }

    /// Reads a block.
    ///
    /// # Errors
    ///
    /// Fails when there is no such block, and when the file is broken or has changed.
    pub fn block(&self, number: usize) -> Result<Cells> {
        if number >= self.len() {
            return Err(Error::value(
                "number",
                format!("below the {} blocks", self.len()),
                number,
            ));
        }
        let data = &*self.data;
        let start = number * self.size;
        let end = (start + self.size).min(data.obs.len());
        let genes = data.var.len();
        let values =
            match &data.values {
                Stored::Dense(numbers) => {
                    let values = numbers.read(start..end)?;
                    let values = Array2::from_shape_vec((end - start, genes), values);
                    Values::from(values.map_err(|_| {
                        Error::shape("X", format!("({}, {genes})", end - start), &[])
                    })?)
                }
                Stored::Runs(runs) => Values::Sparse(runs.rows(start..end)?),
                Stored::Sparse(parts) => {
                    let (from, to) = (parts.offsets[start], parts.offsets[end]);
                    let entries = (parts.indices.read(from..to)?, parts.values.read(from..to)?);
                    let offsets = parts.offsets[start..=end]
                        .iter()
                        .map(|offset| offset - from)
                        .collect();
                    let matrix = Sparse::compressed((end - start, genes), offsets, entries);
                    Values::Sparse(matrix.map_err(|error| {
                        let place = format!("X of {}", data.path.display());
                        Error::value(
                            &place,
                            "a matrix whose parts fit",
                            format!("broken ({error})"),
                        )
                    })?)
                }
            };
        let rows: Vec<usize> = (start..end).collect();
        let cells = Cells::from_frames(values, data.obs.select(&rows)?, data.var.clone())?;
        Ok(cells.changed(|cells| cells.left_out.clone_from(&data.left_out)))
    }

    /// Reads one block after the other.
    pub fn iter(&self) -> BlockIter {
        BlockIter {
            blocks: self.clone(),
            next: 0,
        }
    }
}

/// Reads blocks of cells one after the other.
#[derive(Clone, Debug)]
pub struct BlockIter {
    blocks: CellBlocks,
    next: usize,
}

impl Iterator for BlockIter {
    type Item = Result<Cells>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.blocks.len() {
            return None;
        }
        let block = self.blocks.block(self.next);
        // After an error there is no more.
        self.next = if block.is_ok() {
            self.next + 1
        } else {
            usize::MAX
        };
        Some(block)
    }
}

impl IntoIterator for &CellBlocks {
    type Item = Result<Cells>;
    type IntoIter = BlockIter;

    fn into_iter(self) -> BlockIter {
        self.iter()
    }
}

impl fmt::Debug for CellBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cells, genes) = self.shape();
        write!(
            f,
            "CellBlocks({cells} cells x {genes} genes, {} blocks of {})",
            self.len(),
            self.size
        )
    }
}
