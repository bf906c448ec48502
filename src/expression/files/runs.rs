//! Rows of a matrix in a temporary file, for files that have their values in another order.

use crate::sparse::Sparse;
use crate::storage::{fill, temporary};
use crate::{Error, Result};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;

/// The least number of entries of a run.
const LEAST: usize = 1 << 20;

/// Runs of entries, each in order of its rows: where every row begins, then columns, then values.
pub(super) struct Runs {
    file: File,
    shape: (usize, usize),
    parts: Vec<Run>,
}

struct Run {
    /// The first byte.
    start: u64,
    entries: u64,
    /// What is added to its columns.
    column: u32,
}

impl Runs {
    pub(super) fn new(shape: (usize, usize)) -> Result<Self> {
        Ok(Self {
            file: temporary().map_err(unwritten)?,
            shape,
            parts: Vec::new(),
        })
    }

    /// Returns about how many entries a run should have: with so many, where the rows begin takes a small part of it.
    pub(super) fn entries_of_run(rows: usize) -> usize {
        rows.saturating_mul(4).max(LEAST)
    }

    /// Returns how many entries there are.
    pub(super) fn stored(&self) -> usize {
        self.parts.iter().map(|run| run.entries as usize).sum()
    }

    /// Adds entries of all rows, of columns from `column` on.
    pub(super) fn push(&mut self, part: &Sparse, column: u32) -> Result<()> {
        let start = self.parts.last().map_or(0, |run| self.end(run));
        self.write(part).map_err(unwritten)?;
        self.parts.push(Run {
            start,
            entries: part.stored() as u64,
            column,
        });
        Ok(())
    }

    fn write(&self, part: &Sparse) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 18, &self.file);
        for offset in part.offsets() {
            file.write_all(&(*offset as u64).to_le_bytes())?;
        }
        for index in part.indices() {
            file.write_all(&index.to_le_bytes())?;
        }
        for value in part.values() {
            file.write_all(&value.to_le_bytes())?;
        }
        file.flush()
    }

    fn end(&self, run: &Run) -> u64 {
        run.start + 8 * (self.shape.0 as u64 + 1) + 8 * run.entries
    }

    /// Reads some rows, which must exist.
    pub(super) fn rows(&self, rows: Range<usize>) -> Result<Sparse> {
        let mut found = vec![Vec::new(); rows.len()];
        for run in &self.parts {
            self.add(run, &rows, &mut found)
                .map_err(|error| Error::read(std::env::temp_dir(), error))?;
        }
        Sparse::from_rows(self.shape.1, found)
    }

    fn add(&self, run: &Run, rows: &Range<usize>, found: &mut [Vec<(u32, f32)>]) -> io::Result<()> {
        let first = run.start + 8 * rows.start as u64;
        let offsets: Vec<u64> = self
            .numbers(first, rows.len() + 1)?
            .into_iter()
            .map(u64::from_le_bytes)
            .collect();
        let (from, to) = (offsets[0], offsets[rows.len()]);
        let indices = run.start + 8 * (self.shape.0 as u64 + 1);
        let values = indices + 4 * run.entries;
        let count = (to - from) as usize;
        let columns: Vec<[u8; 4]> = self.numbers(indices + 4 * from, count)?;
        let values: Vec<[u8; 4]> = self.numbers(values + 4 * from, count)?;
        let mut entries = columns.into_iter().zip(values);
        for (row, ends) in found.iter_mut().zip(offsets.windows(2)) {
            let entries = entries.by_ref().take((ends[1] - ends[0]) as usize);
            row.extend(entries.map(|(column, value)| {
                let column = u32::from_le_bytes(column) + run.column;
                (column, f32::from_le_bytes(value))
            }));
        }
        Ok(())
    }

    fn numbers<const N: usize>(&self, at: u64, count: usize) -> io::Result<Vec<[u8; N]>> {
        let mut bytes = vec![0; count * N];
        if fill(&self.file, at, &mut bytes)? < bytes.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes.as_chunks().0.to_vec())
    }
}

fn unwritten(error: io::Error) -> Error {
    Error::write(std::env::temp_dir(), error)
}
