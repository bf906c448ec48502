//! Texts written into the same backgrounds in many ways.

use super::rows::{Rows, product};
use crate::Result;
use crate::network::Model;
use crate::sequence::{Sequences, written};
use ndarray::{Array2, s};

/// A text at a position.
pub(super) type Text = (usize, Vec<u8>);

/// Computes for every way to write texts, all of which fit, the outputs of the backgrounds with them less those without, each of shape
/// `(n, outputs)`.
pub(super) fn differences(
    (task, batch): (&str, usize),
    (model, backgrounds): (&dyn Model, &Sequences),
    ways: &[Vec<Text>],
) -> Result<Vec<Array2<f64>>> {
    let n = backgrounds.len();
    let alphabet = backgrounds.alphabet();
    let rows = Rows {
        task,
        alphabet,
        count: product(&[n, ways.len() + 1])?,
        batch,
    };
    let outputs = rows.outputs(model, |row| {
        let mut letters = backgrounds.letters(row % n).to_vec();
        // The first way is to write nothing.
        let way = (row / n).checked_sub(1).map_or(&[][..], |way| &ways[way]);
        for (position, text) in way {
            written(&mut letters[*position..], text, alphabet.unknown());
        }
        letters
    })?;
    let rows = |way: usize| {
        outputs
            .slice(s![way * n..(way + 1) * n, ..])
            .mapv(f64::from)
    };
    let before = rows(0);
    Ok((1..=ways.len()).map(|way| rows(way) - &before).collect())
}
