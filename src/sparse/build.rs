//! From other forms to compressed rows, and from rows to other rows.

use super::Sparse;
use super::pieces::{parts, pieces};
use crate::{Error, Result};
use ndarray::Array2;
use rayon::prelude::*;
use std::ops::Range;

/// Into about how many pieces of columns a matrix is cut to be swapped.
const PIECES: usize = 16;

/// About how many entries one thread looks at together.
const PIECE: usize = 1 << 16;

impl Sparse {
    /// Creates a matrix from the parts of compressed rows as files have them: `parts` are where each row begins and the last one ends,
    /// and column and value of every entry. Columns of a row may be in any order; an entry that comes twice is summed.
    ///
    /// # Errors
    ///
    /// Fails when the parts do not fit each other or name a column that is not there, and for more than 2^32 columns.
    pub fn compressed(
        shape: (usize, usize),
        offsets: Vec<usize>,
        entries: (Vec<u32>, Vec<f32>),
    ) -> Result<Self> {
        let (rows, columns) = shape;
        let (indices, values) = entries;
        columns_fit(columns)?;
        if indices.len() != values.len() {
            let expected = format!("{} values, one for each column index", indices.len());
            return Err(Error::value("values", expected, values.len()));
        }
        if offsets.len() != rows.saturating_add(1) {
            let expected = format!("{} numbers for {rows} rows", rows.saturating_add(1));
            return Err(Error::value("offsets", expected, offsets.len()));
        }
        if offsets[0] != 0 || offsets[rows] != indices.len() {
            let expected = format!("from 0 to the {} stored entries", indices.len());
            let got = format!("from {} to {}", offsets[0], offsets[rows]);
            return Err(Error::value("offsets", expected, got));
        }
        if let Some(row) = offsets.windows(2).position(|pair| pair[0] > pair[1]) {
            let got = format!("{} after {} at row {row}", offsets[row + 1], offsets[row]);
            return Err(Error::value("offsets", "numbers that do not fall", got));
        }
        // Where every row rises, its last column tells for all.
        let rises = |row: &[u32]| {
            let pairs = row.iter().zip(row.iter().skip(1));
            !pairs.fold(false, |falls, (a, b)| falls || a >= b)
                && row.last().is_none_or(|last| (*last as usize) < columns)
        };
        let fits = |rows: Range<usize>| {
            let mut rows = offsets[rows.start..=rows.end].windows(2);
            rows.all(|row| rises(&indices[row[0]..row[1]]))
        };
        if pieces(&offsets, PIECE).into_par_iter().all(fits) {
            return Ok(Self::trusted(columns, offsets, (indices, values)));
        }
        if let Some(&index) = indices.iter().find(|&&index| index as usize >= columns) {
            let expected = format!("below the {columns} columns");
            return Err(Error::value("indices", expected, index));
        }
        let rows = offsets.windows(2).map(|row| {
            let range = row[0]..row[1];
            let indices = indices[range.clone()].iter().copied();
            indices.zip(values[range].iter().copied()).collect()
        });
        Ok(Self::joined(columns, rows.map(|row: Vec<_>| ordered(row))))
    }

    /// Creates a matrix from the entries of each row, column and value, in any order; an entry that comes twice is summed.
    ///
    /// # Errors
    ///
    /// Fails when an entry names a column that is not there, and for more than 2^32 columns.
    pub fn from_rows(columns: usize, rows: Vec<Vec<(u32, f32)>>) -> Result<Self> {
        columns_fit(columns)?;
        let entries = rows.iter().flatten();
        if let Some((column, _)) = entries
            .into_iter()
            .find(|(column, _)| *column as usize >= columns)
        {
            let expected = format!("columns below {columns}");
            return Err(Error::value("rows", expected, column));
        }
        Ok(Self::joined(columns, rows.into_iter().map(ordered)))
    }

    /// Keeps the entries of an array, shape `(rows, columns)`, that are not zero.
    ///
    /// # Errors
    ///
    /// Fails for more than 2^32 columns.
    pub fn from_dense(array: &Array2<f32>) -> Result<Self> {
        columns_fit(array.ncols())?;
        let rows: Vec<Vec<(u32, f32)>> = (0..array.nrows())
            .into_par_iter()
            .map(|row| {
                let row = array.row(row).into_iter().copied().enumerate();
                row.filter(|(_, value)| *value != 0.0)
                    .map(|(column, value)| (column as u32, value))
                    .collect()
            })
            .collect();
        Ok(Self::joined(array.ncols(), rows))
    }

    /// Puts rows, each in order, one after the other.
    pub(super) fn joined(columns: usize, rows: impl IntoIterator<Item = Vec<(u32, f32)>>) -> Self {
        let mut offsets = vec![0];
        let (mut indices, mut values) = (Vec::new(), Vec::new());
        for row in rows {
            indices.extend(row.iter().map(|entry| entry.0));
            values.extend(row.iter().map(|entry| entry.1));
            offsets.push(indices.len());
        }
        Self::trusted(columns, offsets, (indices, values))
    }

    /// Swaps rows and columns; compressed columns (CSC) are the compressed rows of the result.
    ///
    /// # Panics
    ///
    /// Panics when there are more than 2^32 rows.
    pub fn transposed(&self) -> Self {
        assert!(self.nrows() <= 1 << 32, "more than 2^32 rows");
        let mut offsets = vec![0_usize; self.ncols() + 1];
        for &column in self.indices() {
            offsets[column as usize + 1] += 1;
        }
        for column in 0..self.ncols() {
            offsets[column + 1] += offsets[column];
        }
        let mut indices = vec![0; self.stored()];
        let mut values = vec![0.0; self.stored()];
        // Each piece of columns has its own part of the result, so that the pieces can be filled at the same time.
        let pieces = pieces(&offsets, (self.stored() / PIECES).max(1));
        let parts = parts(&offsets, &pieces, &mut indices)
            .into_par_iter()
            .zip(parts(&offsets, &pieces, &mut values));
        pieces
            .par_iter()
            .zip(parts)
            .for_each(|(range, (indices, values))| {
                let first = offsets[range.start];
                let next = offsets[range.clone()].iter().map(|offset| offset - first);
                let mut next: Vec<usize> = next.collect();
                for row in 0..self.nrows() {
                    let (columns, row_values) = self.row(row);
                    let begin = columns.partition_point(|column| (*column as usize) < range.start);
                    for (&column, &value) in columns[begin..].iter().zip(&row_values[begin..]) {
                        if column as usize >= range.end {
                            break;
                        }
                        let place = &mut next[column as usize - range.start];
                        indices[*place] = row as u32;
                        values[*place] = value;
                        *place += 1;
                    }
                }
            });
        Self::trusted(self.nrows(), offsets, (indices, values))
    }

    /// Takes some rows in the order given, each as often as it is named.
    ///
    /// # Errors
    ///
    /// Fails when a row is named that is not there.
    pub fn select_rows(&self, rows: &[usize]) -> Result<Self> {
        if let Some(row) = rows.iter().find(|row| **row >= self.nrows()) {
            let expected = format!("below the {} rows", self.nrows());
            return Err(Error::value("rows", expected, row));
        }
        let mut offsets = vec![0];
        let (mut indices, mut values) = (Vec::new(), Vec::new());
        for &row in rows {
            let (row_indices, row_values) = self.row(row);
            indices.extend_from_slice(row_indices);
            values.extend_from_slice(row_values);
            offsets.push(indices.len());
        }
        Ok(Self::trusted(self.ncols(), offsets, (indices, values)))
    }

    /// Takes some columns in the order given, each once.
    ///
    /// # Errors
    ///
    /// Fails when a column is named that is not there, or twice.
    pub fn select_columns(&self, columns: &[usize]) -> Result<Self> {
        let mut new = vec![None; self.ncols()];
        for (place, &column) in columns.iter().enumerate() {
            match new.get_mut(column) {
                Some(slot @ None) => *slot = Some(place as u32),
                Some(Some(_)) => {
                    let got = format!("column {column} twice");
                    return Err(Error::value("columns", "each column once", got));
                }
                None => {
                    let expected = format!("below the {} columns", self.ncols());
                    return Err(Error::value("columns", expected, column));
                }
            }
        }
        let kept: Vec<Vec<(u32, f32)>> = (0..self.nrows())
            .into_par_iter()
            .map(|row| {
                let (indices, values) = self.row(row);
                let entries = indices.iter().zip(values);
                let mut kept: Vec<(u32, f32)> = entries
                    .filter_map(|(&column, &value)| Some((new[column as usize]?, value)))
                    .collect();
                kept.sort_unstable_by_key(|entry| entry.0);
                kept
            })
            .collect();
        Ok(Self::joined(columns.len(), kept))
    }
}

fn columns_fit(columns: usize) -> Result<()> {
    if columns > 1 << 32 {
        return Err(Error::value("columns", "at most 2^32 columns", columns));
    }
    Ok(())
}

fn ordered(mut row: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    // Stable, so that entries that come twice are summed in the order in which they came.
    row.sort_by_key(|entry| entry.0);
    row.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    row
}
