//! A dataset of numbers.

use super::element::Element;
use super::number::Number;
use super::seekable::Seekable;
use super::store::Store;
use super::{fault, unsupported};
use crate::{Error, Result, progress};
use hdf5_pure::Dataset;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Bytes that are turned into numbers at a time, where chunks do not say otherwise.
const PIECE: usize = 1 << 20;

/// A dataset of numbers, of which any rows are read, in pieces that are unpacked side by side.
pub(crate) struct Numbers {
    name: String,
    shape: Vec<usize>,
    element: Element,
    /// Nothing is stored of a dataset without numbers.
    store: Option<Store>,
    /// Rows that are best read at once.
    piece: usize,
}

impl Numbers {
    /// Finds the numbers of a dataset; `name` says where it is.
    pub(crate) fn new(file: &Arc<Seekable>, name: &str, dataset: &Dataset) -> Result<Self> {
        let fail = |error| fault(file.path(), &error);
        let dims = dataset.shape().map_err(fail)?;
        let Some(element) = Element::new(&dataset.datatype().map_err(fail)?) else {
            let kind = dataset.dtype().map_err(fail)?;
            return Err(unsupported(
                file.path(),
                &format!("{name} holds {kind}, no numbers"),
            ));
        };
        let shape: Vec<usize> = dims
            .iter()
            .map(|&n| usize::try_from(n).unwrap_or(usize::MAX))
            .collect();
        let mut numbers = Self {
            name: format!("{name} of {}", file.path().display()),
            shape,
            element,
            store: None,
            piece: 1,
        };
        // A single number counts as one row.
        let dims = if dims.is_empty() { vec![1] } else { dims };
        if !dims.contains(&0) {
            let (store, wanted) = Store::new(file, dataset, (&dims, 0, element.size))?;
            let row = numbers.width() * element.size;
            numbers.piece = wanted
                .max(PIECE / row.max(1) / wanted.max(1) * wanted)
                .clamp(1, store.dims()[0]);
            numbers.store = Some(store);
        }
        Ok(numbers)
    }

    /// Returns the sizes of all axes; none for a single number.
    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Returns how many rows there are; a single number is one.
    pub(crate) fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    fn width(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// Reads all numbers.
    pub(crate) fn all<T: Number>(&self) -> Result<Vec<T>> {
        self.read(0..self.rows())
    }

    /// Reads the numbers of some rows, which must exist.
    pub(crate) fn read<T: Number>(&self, rows: Range<usize>) -> Result<Vec<T>> {
        let width = self.width();
        let mut out = vec![T::default(); rows.len() * width];
        let Some(store) = &self.store else {
            return Ok(out);
        };
        // Pieces begin where chunks begin, so that no chunk is unpacked twice.
        let head = (self.piece - rows.start % self.piece).min(rows.len());
        let (first, others) = out.split_at_mut(head * width);
        let read = |start: usize, out: &mut [T]| -> Result<()> {
            progress::check("reading", start - rows.start, rows.len())?;
            let end = start + out.len() / width;
            let mut bytes = vec![0; out.len() * self.element.size];
            store.read((start, end), &mut bytes)?;
            self.element
                .numbers(&bytes, out)
                .map_err(|at| self.unheld::<T>((start, at), &bytes))
        };
        if head > 0 {
            read(rows.start, first)?;
        }
        others
            .par_chunks_mut((self.piece * width).max(1))
            .enumerate()
            .try_for_each(|(number, out)| read(rows.start + head + number * self.piece, out))?;
        Ok(out)
    }

    /// Says which number cannot be held.
    fn unheld<T: Number>(&self, (start, at): (usize, usize), bytes: &[u8]) -> Error {
        let bytes = &bytes[at * self.element.size..][..self.element.size];
        let (width, kind) = (self.width(), std::any::type_name::<T>());
        let place = if self.shape.len() > 1 {
            format!("row {}, entry {}", start + at / width, at % width)
        } else {
            format!("entry {}", start + at)
        };
        let argument = format!("{place} of {}", self.name);
        let (mut whole, mut real) = ([0_i64], [0.0_f64]);
        if self.element.numbers(bytes, &mut whole).is_ok() && self.element.is_whole() {
            return Error::value(
                &argument,
                format!("a number that {kind} holds exactly"),
                whole[0],
            );
        }
        let got = match self.element.numbers(bytes, &mut real) {
            Ok(()) => format!("{:e}", real[0]),
            Err(_) => "a larger number".to_owned(),
        };
        Error::value(&argument, format!("a number that {kind} holds"), got)
    }
}
