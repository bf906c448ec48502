//! Backward selection: features are given up one by one.

use super::Selection;
use super::asked::{Asked, METHOD};
use crate::{Result, progress};

/// Masks all features that are not masked yet, always the one without which the score stays largest; of equal ones the first.
///
/// `start` is the score before. Carter et al. 2019, algorithm 1.
pub(super) fn back_select(asked: &mut dyn Asked, masked: &[bool], start: f64) -> Result<Selection> {
    let mut open: Vec<usize> = (0..masked.len()).filter(|&one| !masked[one]).collect();
    let count = open.len();
    let (mut order, mut values) = (Vec::with_capacity(count), Vec::with_capacity(count));
    while !open.is_empty() {
        progress::check(METHOD, order.len(), count)?;
        let scores = asked.without(&open)?;
        let best = first_largest(&scores);
        let feature = open.remove(best);
        asked.mask(feature)?;
        order.push(feature);
        values.push(scores[best]);
    }
    Ok(Selection::new(start, order, values))
}

/// Returns where the largest score is, the first of equal ones.
fn first_largest(scores: &[f64]) -> usize {
    let better = |best: usize, at: usize| if scores[at] > scores[best] { at } else { best };
    (0..scores.len()).fold(0, better)
}
