//! Which examples are learned from, which only looked at, and which come together.

use super::Loss;
use crate::random::Seed;
use rand::seq::SliceRandom;
use std::collections::BTreeMap;

/// Splits rows into those for training and those for validation.
///
/// With `labels`, one for every row there is, and a loss of classes, both have the same share of every class.
pub(crate) fn split(
    (rows, labels): (&[usize], Option<&[f32]>),
    share: f64,
    (seed, loss): (Seed, Loss),
) -> (Vec<usize>, Vec<usize>) {
    let in_classes = matches!(loss, Loss::BinaryCrossEntropy | Loss::CrossEntropy);
    let mut classes: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for &row in rows {
        let class = match labels {
            // Halves of a soft label are classes too.
            Some(labels) if in_classes => labels[row].round() as u32,
            _ => 0,
        };
        classes.entry(class).or_default().push(row);
    }
    let mut generator = seed.named("validation").generator();
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for mut rows in classes.into_values().rev() {
        rows.shuffle(&mut generator);
        let count = (rows.len() as f64 * share).round() as usize;
        validation.extend(rows.drain(..count));
        train.extend(rows);
    }
    train.sort_unstable();
    validation.sort_unstable();
    (train, validation)
}

/// Cuts rows into batches; a last batch of one joins the one before, because a batch norm cannot learn from one.
pub(crate) fn batches(rows: &[usize], size: usize) -> Vec<&[usize]> {
    let mut cuts: Vec<&[usize]> = rows.chunks(size).collect();
    if size > 1 && cuts.len() > 1 && rows.len() % size == 1 {
        cuts.truncate(cuts.len() - 2);
        cuts.push(&rows[cuts.len() * size..]);
    }
    cuts
}
