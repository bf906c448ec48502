//! Features that are enough.

use super::Selection;
use std::fmt;
use std::sync::Arc;

/// Features of an example whose values alone keep the score at the threshold, all others being masked; cheap to clone.
#[derive(Clone)]
pub struct Subset(Arc<Parts>);

struct Parts {
    example: usize,
    number: usize,
    features: Vec<usize>,
    order: Vec<usize>,
    places: Vec<usize>,
    score: f64,
    selection: Selection,
}

impl Subset {
    /// Takes the example and the number in its collection, the features (the one masked last first) with the places of each of all features, and
    /// their score alone.
    pub(crate) fn new(
        (example, number): (usize, usize),
        (order, groups): (Vec<usize>, &[Vec<usize>]),
        (score, selection): (f64, Selection),
    ) -> Self {
        let mut features = order.clone();
        features.sort_unstable();
        let places = features.iter().filter_map(|&feature| groups.get(feature));
        let mut places: Vec<usize> = places.flatten().copied().collect();
        places.sort_unstable();
        Self(Arc::new(Parts {
            example,
            number,
            features,
            order,
            places,
            score,
            selection,
        }))
    }

    /// Returns which example it is of, counted from 0.
    pub fn example(&self) -> usize {
        self.0.example
    }

    /// Returns its number among the subsets of its example, in the order in which they were found, counted from 0.
    pub fn number(&self) -> usize {
        self.0.number
    }

    /// Returns the features in ascending order.
    pub fn features(&self) -> &[usize] {
        &self.0.features
    }

    /// Returns the features by how long they were kept: the one that was masked last first, as the published code does.
    pub fn order(&self) -> &[usize] {
        &self.0.order
    }

    /// Returns the columns, positions or pixels of the features in ascending order; they are the features unless there were groups.
    pub fn places(&self) -> &[usize] {
        &self.0.places
    }

    /// Returns the score of the example with everything but this subset masked.
    pub fn score(&self) -> f64 {
        self.0.score
    }

    /// Returns the backward selection in which it was found.
    pub fn selection(&self) -> Selection {
        self.0.selection.clone()
    }

    /// Returns the number of features.
    pub fn len(&self) -> usize {
        self.0.features.len()
    }

    /// Tells whether no feature is needed, since what is masked altogether reaches the threshold.
    pub fn is_empty(&self) -> bool {
        self.0.features.is_empty()
    }
}

impl fmt::Debug for Subset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (example, number, score) = (self.example(), self.number(), self.score());
        let features = self.features();
        write!(
            f,
            "Subset(example = {example}, number = {number}, features = {features:?}, score = {score})"
        )
    }
}
