//! Cells of a file that is larger than memory, some at a time.

use super::archive::{Archive, Node};
use super::h5ad;
use super::matrices::Compressed;
use crate::expression::{Cells, Frame, Values};
use crate::sparse::Sparse;
use crate::storage::{Numbers, unsupported};
use crate::{Error, Result};
use ndarray::Array2;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Values of a block, where nothing else is said.
const VALUES: usize = 1 << 22;

/// Opens an h5ad file of which blocks of cells are read when they are needed; a block has about four million values.
///
/// # Errors
///
/// Fails when the file is no h5ad file or is broken, and when its values are compressed by genes (CSC), which cannot be read cell by cell.
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
    let mut archive = Archive::open(path)?;
    let root = archive.children(&archive.opened.root())?;
    if !h5ad::is_h5ad(&root) {
        return Err(Error::value(
            &path.display().to_string(),
            "an h5ad file, with obs and var",
            "another one",
        ));
    }
    let (obs, var, _) = h5ad::tables(&mut archive, &root)?;
    let shape = (obs.len(), var.len());
    let values = match root.get("X") {
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
            Stored::Dense(Box::new(numbers))
        }
        Some(Node::Group(group)) => {
            let Some(parts) = archive.compressed("X", group)? else {
                return Err(archive.wrong("X", "an array or a sparse matrix", "something else"));
            };
            if parts.columns {
                let what = "its values are compressed by genes (CSC); `adata.X = adata.X.tocsr()` in Python makes a file that is read cell by cell";
                return Err(unsupported(path, what));
            }
            archive.checked("X", &parts, shape)?;
            Stored::Sparse(Box::new(parts))
        }
        None => return Err(archive.wrong("X", "values", "none")),
    };
    let stored = match &values {
        Stored::Dense(_) => shape.0.saturating_mul(shape.1),
        Stored::Sparse(parts) => parts.values.rows(),
    };
    let size = (VALUES / (stored / shape.0.max(1)).max(1)).max(1);
    Ok(CellBlocks {
        data: Arc::new(Data {
            path: path.to_owned(),
            obs,
            var,
            values,
            left_out: archive.left_out(),
        }),
        size,
    })
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
