//! An output after every insertion or deletion.

use super::IndelEffects;
use super::rows::{Rows, product};
use crate::network::Model;
use crate::sequence::{Sequences, Side};
use crate::{Error, Result};
use ndarray::Array3;
use std::ops::Range;

/// Edits of several kinds at every position of every sequence.
pub(super) struct Indels<'a> {
    pub(super) task: &'a str,
    pub(super) target: usize,
    pub(super) batch: usize,
    pub(super) kinds: Vec<String>,
}

impl Indels<'_> {
    /// Computes the effects; `edited` gives the letters after an edit, told the sequence, the kind and the position.
    pub(super) fn run(
        self,
        (model, sequences): (&dyn Model, &Sequences),
        edited: impl Fn(usize, usize, usize) -> Option<Vec<u8>> + Sync,
    ) -> Result<IndelEffects> {
        let (n, length, kinds) = (sequences.len(), sequences.length()?, self.kinds.len());
        let edits = product(&[n, kinds, length])?;
        let place = |edit: usize| (edit / length / kinds, edit / length % kinds, edit % length);
        let rows = Rows {
            task: self.task,
            alphabet: sequences.alphabet(),
            count: edits.saturating_add(n),
            batch: self.batch,
        };
        // The sequences as they are come first; they also stand in for edits that do not exist.
        let outputs = rows.outputs(model, |row| {
            let Some(edit) = row.checked_sub(n) else {
                return sequences.letters(row).to_vec();
            };
            let (index, kind, position) = place(edit);
            let text = edited(index, kind, position);
            text.unwrap_or_else(|| sequences.letters(index).to_vec())
        })?;
        if self.target >= outputs.ncols() {
            let expected = format!("below {}, the number of outputs", outputs.ncols());
            return Err(Error::value("target", expected, self.target));
        }
        let outputs = outputs.column(self.target);
        let values = Array3::from_shape_fn((n, kinds, length), |(index, kind, position)| {
            if edited(index, kind, position).is_none() {
                return f64::NAN;
            }
            let row = n + (index * kinds + kind) * length + position;
            f64::from(outputs[row]) - f64::from(outputs[index])
        });
        Ok(IndelEffects::new(
            sequences,
            (self.kinds, values),
            self.target,
        ))
    }
}

/// Puts letters in and cuts what passes the length at one side.
pub(super) fn inserted(old: &[u8], (position, new): (usize, &[u8]), side: Side) -> Vec<u8> {
    let (before, after) = old.split_at(position);
    trimmed([before, new, after].concat(), old.len(), side)
}

/// Takes letters out and fills up to the length at one side, from a flank and then with unknown letters.
pub(super) fn deleted(
    old: &[u8],
    positions: Range<usize>,
    (flank, unknown, side): (&[u8], u8, Side),
) -> Vec<u8> {
    // As many as can be needed.
    let beyond = vec![unknown; positions.len()];
    let kept = [&old[..positions.start], &old[positions.end..]].concat();
    let longer = match side {
        Side::Right => [&kept, flank, &beyond].concat(),
        Side::Left => [&beyond, flank, &kept].concat(),
    };
    trimmed(longer, old.len(), side)
}

/// Cuts letters at one side to a length.
fn trimmed(mut letters: Vec<u8>, length: usize, side: Side) -> Vec<u8> {
    match side {
        Side::Right => letters.truncate(length),
        Side::Left => {
            letters.drain(..letters.len().saturating_sub(length));
        }
    }
    letters
}
