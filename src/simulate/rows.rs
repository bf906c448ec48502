//! Sparse matrices whose rows are drawn in parallel.

use crate::progress::Task;
use crate::sparse::Sparse;
use crate::{Error, Result};
use rayon::prelude::*;

/// How many rows one thread draws at a time.
const PIECE: usize = 64;

/// How many pieces are drawn between two looks at whether to stop.
const PIECES: usize = 64;

/// The most cells times genes.
const MOST: usize = 1 << 40;

/// Some rows that follow each other.
#[derive(Default)]
pub(super) struct Rows {
    ends: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl Rows {
    /// Adds an entry to the last row; columns must rise.
    pub(super) fn push(&mut self, column: usize, value: f64) {
        self.indices.push(column as u32);
        self.values.push(value as f32);
    }
}

pub(super) fn check(n: usize, columns: usize) -> Result<()> {
    if n == 0 {
        return Err(Error::value("n", "1 or more", n));
    }
    if !(1..=10_000_000).contains(&columns) {
        return Err(Error::value("genes", "1 to 10000000", columns));
    }
    if n.saturating_mul(columns) > MOST {
        let expected = format!("at most {} for {columns} genes", MOST / columns);
        return Err(Error::value("n", expected, n));
    }
    Ok(())
}

/// Draws every row by its number; also returns what the drawing tells of it.
pub(super) fn rows<T: Send>(
    what: &str,
    (n, columns): (usize, usize),
    draw: impl Fn(usize, &mut Rows) -> Result<T> + Sync,
) -> Result<(Sparse, Vec<T>)> {
    let mut offsets = vec![0];
    let (mut indices, mut values, mut known) = (Vec::new(), Vec::new(), Vec::new());
    let mut task = Task::new(what, n.div_ceil(PIECE * PIECES));
    for first in (0..n).step_by(PIECE * PIECES) {
        let last = n.min(first + PIECE * PIECES);
        let pieces: Result<Vec<(Rows, Vec<T>)>> = (first..last)
            .into_par_iter()
            .step_by(PIECE)
            .map(|start| {
                let mut piece = Rows::default();
                let mut known = Vec::with_capacity(PIECE);
                for row in start..last.min(start + PIECE) {
                    known.push(draw(row, &mut piece)?);
                    piece.ends.push(piece.indices.len());
                }
                Ok((piece, known))
            })
            .collect();
        for (piece, told) in pieces? {
            offsets.extend(piece.ends.iter().map(|end| indices.len() + end));
            indices.extend(piece.indices);
            values.extend(piece.values);
            known.extend(told);
        }
        task.step("")?;
    }
    Ok((
        Sparse::compressed((n, columns), offsets, (indices, values))?,
        known,
    ))
}
