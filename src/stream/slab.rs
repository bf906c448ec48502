//! Rows of a dataset in an HDF5 file, whichever axis counts them.

use super::rows::Rows;
use crate::random::Seed;
use crate::storage::{Element, Seekable, Store, fault};
use crate::{Error, Result};
use hdf5_pure::Dataset;
use ndarray::{ArrayD, IxDyn};
use rand::seq::SliceRandom;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// The largest row that is read.
const LARGEST: u64 = 1 << 28;

/// A block of rows, as bytes, one row after the other.
type Block = Arc<Vec<u8>>;

/// Rows of a dataset, read in blocks, of which the last ones that were used are kept.
pub(super) struct Slab {
    name: String,
    rows: usize,
    /// Sizes of the other axes in the order of the file.
    rest: Vec<usize>,
    element: Element,
    store: Store,
    /// Rows of a block, and how many blocks are kept.
    block: usize,
    kept: usize,
    /// The same for shuffling.
    turn: (usize, usize),
    cache: Mutex<VecDeque<(usize, Block)>>,
    /// For each number of a row as it is given, where it stands in the file.
    places: Option<Vec<u32>>,
    shape: Vec<usize>,
}

impl Slab {
    /// Opens a dataset whose axis `axis` counts rows; blocks take at most so many bytes together.
    pub(super) fn new(
        file: &Arc<Seekable>,
        (name, dataset): (&str, &Dataset),
        (axis, memory): (usize, usize),
    ) -> Result<Self> {
        let origin = format!("{name} of {}", file.path().display());
        let fail = |error| fault(file.path(), &error);
        let dims = dataset.shape().map_err(fail)?;
        let element = Element::new(&dataset.datatype().map_err(fail)?);
        let Some(element) = element else {
            let got = dataset.dtype().map_err(fail)?.to_string();
            let expected = "whole or floating-point numbers of 1 to 8 bytes";
            return Err(Error::value(&origin, expected, got));
        };
        let rest: Vec<u64> = (0..dims.len())
            .filter(|&a| a != axis)
            .map(|a| dims[a])
            .collect();
        let numbers = rest.iter().try_fold(1_u64, |all, &n| all.checked_mul(n));
        let bytes = numbers.and_then(|numbers| numbers.checked_mul(element.size as u64));
        let Some(bytes) = bytes.filter(|&bytes| bytes > 0 && bytes <= LARGEST) else {
            let shape: Vec<usize> = dims.iter().map(|&n| n as usize).collect();
            let expected = format!("rows of 1 to {LARGEST} bytes along axis {axis}");
            return Err(Error::shape(&origin, expected, &shape));
        };
        let rows = usize::try_from(dims[axis]).unwrap_or(usize::MAX);
        let (store, wanted) = Store::new(file, dataset, (&dims, axis, element.size))?;
        let most = (memory / 4 / bytes as usize).max(1);
        let block = wanted.clamp(1, most).min(rows.max(1));
        let rest: Vec<usize> = rest.iter().map(|&n| n as usize).collect();
        let kept = (memory / (block * bytes as usize)).max(1);
        Ok(Self {
            name: origin,
            rows,
            shape: rest.clone(),
            rest,
            element,
            store,
            block,
            kept,
            turn: (block, kept),
            cache: Mutex::default(),
            places: None,
        })
    }

    /// Gives the numbers of a row in another shape and order.
    pub(super) fn arranged(mut self, shape: &[usize], places: Option<Vec<u32>>) -> Self {
        self.shape = shape.to_vec();
        self.places = places;
        self
    }

    /// Shuffles in blocks that are read quickly here and in another dataset of as many rows.
    pub(super) fn beside(mut self, other: &Self) -> Self {
        let block = self.block * other.block.div_ceil(self.block);
        let kept = (self.block * self.kept).min(other.block * other.kept);
        self.turn = (block, (kept / block).max(1));
        self
    }

    fn row_bytes(&self) -> usize {
        self.rest.iter().product::<usize>() * self.element.size
    }

    fn block(&self, number: usize) -> Result<Block> {
        let lock = || {
            self.cache
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        {
            let mut cache = lock();
            if let Some(at) = cache.iter().position(|(known, _)| *known == number) {
                let found = cache.remove(at);
                if let Some((_, block)) = &found {
                    let block = block.clone();
                    cache.extend(found);
                    return Ok(block);
                }
            }
        }
        let start = number * self.block;
        let end = (start + self.block).min(self.rows);
        let mut bytes = vec![0; (end - start) * self.row_bytes()];
        self.store.read((start, end), &mut bytes)?;
        let block = Arc::new(bytes);
        let mut cache = lock();
        cache.push_back((number, block.clone()));
        while cache.len() > self.kept {
            cache.pop_front();
        }
        Ok(block)
    }
}

impl Rows for Slab {
    fn len(&self) -> usize {
        self.rows
    }

    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn read(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let (width, size) = (self.rest.iter().product::<usize>(), self.element.size);
        let mut values = vec![0.0; rows.len() * width];
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&at| rows[at]);
        let mut current: Option<(usize, Block)> = None;
        for at in order {
            let number = rows[at] / self.block;
            let block = match current.take() {
                Some((known, block)) if known == number => block,
                _ => self.block(number)?,
            };
            let bytes = &block[rows[at] % self.block * width * size..][..width * size];
            let out = &mut values[at * width..][..width];
            if let Some(places) = &self.places {
                for (value, &place) in out.iter_mut().zip(places) {
                    *value = self.element.number(&bytes[place as usize * size..]);
                }
            } else {
                for (value, bytes) in out.iter_mut().zip(bytes.chunks_exact(size)) {
                    *value = self.element.number(bytes);
                }
            }
            current = Some((number, block));
        }
        let shape = [vec![rows.len()], self.shape.clone()].concat();
        ArrayD::from_shape_vec(IxDyn(&shape), values)
            .map_err(|_| Error::shape(&self.name, "as many numbers as its shape says", &shape))
    }

    /// Shuffles blocks, and then the rows of as many of them as are kept in memory.
    fn order(&self, rows: &[usize], seed: Seed) -> Vec<usize> {
        let mut generator = seed.generator();
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        let mut blocks: Vec<&[usize]> = rows
            .chunk_by(|a, b| a / self.turn.0 == b / self.turn.0)
            .collect();
        blocks.shuffle(&mut generator);
        let mut order = Vec::with_capacity(rows.len());
        for some in blocks.chunks(self.turn.1) {
            let start = order.len();
            for block in some {
                order.extend_from_slice(block);
            }
            order[start..].shuffle(&mut generator);
        }
        order
    }
}
