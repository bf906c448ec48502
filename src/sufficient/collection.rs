//! All sufficient subsets of one example.

use super::Subset;
use super::asked::{Asked, Whole};
use super::back_select::back_select;
use super::descent::Descent;
use super::examples::{Copied, Examples};
use crate::network::Copies;
use crate::{Error, Result};

/// How much a score that is asked for again may differ, as a share of the largest score of its selection: what is left of rounding.
const SHARE: f64 = 1e-3;

/// What the subsets of an example are found with.
pub(super) struct Search<'a> {
    pub(super) examples: &'a Examples,
    pub(super) threshold: f64,
    /// The most subsets that are looked for.
    pub(super) most: usize,
    /// The gradient that chooses what is masked, if it is one.
    pub(super) descent: Option<Descent<'a>>,
}

impl Search<'_> {
    /// Finds subset after subset until what is left scores below the threshold. Carter et al. 2019, algorithm 3.
    pub(super) fn collection(
        &self,
        asked: &mut dyn Asked,
        (index, start): (usize, f64),
    ) -> Result<Vec<Subset>> {
        let mut masked = self.examples.masked.clone();
        let mut score = start;
        let mut found = Vec::new();
        while score >= self.threshold && found.len() < self.most && masked.contains(&false) {
            // The first score is that of the whole batch.
            let start = asked.begin(&masked)?;
            let start = if found.is_empty() { score } else { start };
            let selection = match &self.descent {
                Some(descent) => descent.select(asked, (&masked, start))?,
                None => back_select(asked, &masked, start)?,
            };
            let (features, alone) = selection.enough(self.threshold);
            for &feature in &features {
                masked[feature] = true;
            }
            let is_last = features.is_empty();
            let features = (features, &self.examples.groups[..]);
            found.push(Subset::new(
                (index, found.len()),
                features,
                (alone, selection),
            ));
            if is_last {
                break;
            }
            score = asked.begin(&masked)?;
        }
        Ok(found)
    }
}

/// Asks once more for the score of a subset alone.
///
/// Nobody else would notice a function that depends on chance or on the other examples of a batch, or that was computed wrongly where only
/// what changes is computed.
pub(super) fn verify(whole: &mut Whole<'_>, subset: &Subset) -> Result<()> {
    let mut masked = vec![true; whole.examples.groups.len()];
    for &feature in subset.features() {
        masked[feature] = false;
    }
    let again = whole.begin(&masked)?;
    let selection = subset.selection();
    let scores = selection.values().iter().chain([&again]);
    let largest = scores.fold(selection.start().abs(), |most, score| most.max(score.abs()));
    if (again - subset.score()).abs() <= SHARE * largest + f64::from(f32::EPSILON) {
        return Ok(());
    }
    let copies = Copied {
        examples: whole.examples,
        index: whole.index,
        masked: &masked,
        asked: &[None],
    };
    let got = format!(
        "{} and then {again} for {}",
        subset.score(),
        copies.describe(0)
    );
    Err(Error::value("score", "the same for the same example", got))
}
