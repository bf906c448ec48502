//! The sufficient input subsets of some examples.

use super::{Layout, Score, Subset};
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::{Array1, ArrayD, Axis, IxDyn};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// What a masked letter is written as.
const GAP: u8 = b'-';

/// Subsets of examples, each of which alone keeps the score at the threshold; cheap to clone.
///
/// The subsets of one example are disjoint and stand in the order in which they were found. What is left of the example without all of them scores
/// below the threshold. An example that scores below it has none. Where even an example in which everything is masked reaches the threshold, the empty
/// subset is enough, and the only one.
#[derive(Clone)]
pub struct Subsets {
    subsets: Arc<[Subset]>,
    about: Arc<About>,
}

/// What all subsets have in common.
pub(crate) struct About {
    /// The examples as numbers, `(n, ...)`.
    pub(crate) x: ArrayD<f32>,
    pub(crate) sequences: Option<Sequences>,
    pub(crate) layout: Layout,
    /// The places of each feature.
    pub(crate) groups: Vec<Vec<usize>>,
    /// What stands in for the numbers of an example.
    pub(crate) stand_in: ArrayD<f32>,
    pub(crate) threshold: f64,
    pub(crate) score: Score,
    pub(crate) target: usize,
    /// The score of each example, before anything else was masked.
    pub(crate) scores: Array1<f64>,
    /// The score where everything is masked.
    pub(crate) base: f64,
    /// How many features were masked at once.
    pub(crate) step: Option<usize>,
}

impl Subsets {
    pub(crate) fn new(about: About, subsets: Vec<Subset>) -> Self {
        Self {
            subsets: subsets.into(),
            about: Arc::new(about),
        }
    }

    /// Takes other subsets of the same examples.
    pub(crate) fn with(&self, subsets: Vec<Subset>) -> Self {
        Self {
            subsets: subsets.into(),
            about: Arc::clone(&self.about),
        }
    }

    /// Returns the number of subsets.
    pub fn len(&self) -> usize {
        self.subsets.len()
    }

    /// Tells whether there is no subset.
    pub fn is_empty(&self) -> bool {
        self.subsets.is_empty()
    }

    /// Returns one subset.
    ///
    /// # Errors
    ///
    /// Fails when there is no such subset.
    pub fn get(&self, index: usize) -> Result<Subset> {
        let found = self.subsets.get(index).cloned();
        found.ok_or_else(|| {
            let expected = format!("below {}, the number of subsets", self.len());
            Error::value("index", expected, index)
        })
    }

    /// Returns the subsets with these indices, in this order.
    ///
    /// # Errors
    ///
    /// Fails when there is no such subset.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        let subsets = indices.iter().map(|&index| self.get(index));
        Ok(Self {
            subsets: subsets.collect::<Result<_>>()?,
            about: Arc::clone(&self.about),
        })
    }

    /// Returns the subsets of one example, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails when there is no such example.
    pub fn of(&self, example: usize) -> Result<Self> {
        let n = self.examples();
        if example >= n {
            let expected = format!("below {n}, the number of examples");
            return Err(Error::value("example", expected, example));
        }
        let own = self
            .subsets
            .iter()
            .filter(|subset| subset.example() == example);
        Ok(Self {
            subsets: own.cloned().collect(),
            about: Arc::clone(&self.about),
        })
    }

    /// Returns the number of examples, those without a subset, too.
    pub fn examples(&self) -> usize {
        self.about.scores.len()
    }

    /// Returns how many of these subsets each example has, shape `(examples)`.
    pub fn counts(&self) -> Array1<usize> {
        let mut counts = Array1::zeros(self.examples());
        for subset in self.subsets.iter() {
            counts[subset.example()] += 1;
        }
        counts
    }

    /// Returns the number of features of each subset, shape `(subsets)`.
    pub fn sizes(&self) -> Array1<usize> {
        self.subsets.iter().map(Subset::len).collect()
    }

    /// Returns the examples as numbers, shape `(examples, ...)`.
    pub fn x(&self) -> &ArrayD<f32> {
        &self.about.x
    }

    /// Returns the examples, where they are sequences.
    pub fn sequences(&self) -> Option<Sequences> {
        self.about.sequences.clone()
    }

    /// Returns how the places of an example are laid out.
    pub fn layout(&self) -> Layout {
        self.about.layout
    }

    /// Returns the places of every feature: one of each unless there were groups.
    pub fn features(&self) -> &[Vec<usize>] {
        &self.about.groups
    }

    /// Returns what stands in for what is masked, in the shape of one example.
    pub fn stand_in(&self) -> &ArrayD<f32> {
        &self.about.stand_in
    }

    /// Returns the score that subsets reach.
    pub fn threshold(&self) -> f64 {
        self.about.threshold
    }

    /// Returns which score is compared with the threshold.
    pub fn score(&self) -> Score {
        self.about.score
    }

    /// Returns of which output the score is, counted from 0.
    pub fn target(&self) -> usize {
        self.about.target
    }

    /// Returns the score of every example, shape `(examples)`.
    pub fn scores(&self) -> &Array1<f64> {
        &self.about.scores
    }

    /// Returns the score where everything is masked.
    pub fn base(&self) -> f64 {
        self.about.base
    }

    /// Returns how many features were masked at once by their gradient, which is an approximation; nothing where they were masked one by one.
    pub fn step(&self) -> Option<usize> {
        self.about.step
    }

    /// Returns which places belong to each subset, shape `(subsets, columns)`, `(subsets, length)` or `(subsets, height, width)`.
    pub fn masks(&self) -> ArrayD<bool> {
        let shape = [vec![self.len()], self.about.layout.shape()].concat();
        let mut masks = ArrayD::from_elem(IxDyn(&shape), false);
        for (mut mask, subset) in masks.outer_iter_mut().zip(self.subsets.iter()) {
            let flags = mask.iter_mut().enumerate();
            for (place, flag) in flags {
                *flag = subset.places().binary_search(&place).is_ok();
            }
        }
        masks
    }

    /// Returns for every subset its example with all else masked, shape `(subsets, ...)`: what the model is still sure of.
    pub fn alone(&self) -> ArrayD<f32> {
        self.parted(true)
    }

    /// Returns for every subset its example with the subset masked, shape `(subsets, ...)`.
    pub fn without(&self) -> ArrayD<f32> {
        self.parted(false)
    }

    fn parted(&self, kept: bool) -> ArrayD<f32> {
        let about = &self.about;
        let examples: Vec<usize> = self.subsets.iter().map(Subset::example).collect();
        let mut x = about.x.select(Axis(0), &examples);
        let places = about.layout.places();
        for (mut x, subset) in x.outer_iter_mut().zip(self.subsets.iter()) {
            let numbers = x.iter_mut().zip(&about.stand_in).enumerate();
            for (at, (number, &other)) in numbers {
                if subset.places().binary_search(&(at % places)).is_ok() != kept {
                    *number = other;
                }
            }
        }
        x
    }

    /// Writes every subset of a sequence as its letters with a dash for each masked one between them, such as `GCTGA----GCA`.
    ///
    /// # Errors
    ///
    /// Fails when the examples are no sequences.
    pub fn strings(&self) -> Result<Vec<String>> {
        let Some(sequences) = &self.about.sequences else {
            return Err(Error::value("x", "sequences", self.about.layout));
        };
        let string = |subset: &Subset| {
            let letters = sequences.letters(subset.example());
            let (Some(&first), Some(&last)) = (subset.places().first(), subset.places().last())
            else {
                return String::new();
            };
            let letter = |place: usize| match subset.places().binary_search(&place) {
                Ok(_) => char::from(letters[place]),
                Err(_) => char::from(GAP),
            };
            (first..=last).map(letter).collect()
        };
        Ok(self.subsets.iter().map(string).collect())
    }

    /// Returns the subsets as a table with columns example, subset, size, score, first and last (places) and places; of sequences also name and letters.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let numbers = |of: fn(&Subset) -> usize| -> Vec<u32> {
            self.subsets.iter().map(|one| of(one) as u32).collect()
        };
        let end = |of: fn(&[usize]) -> Option<&usize>| -> Vec<Option<u32>> {
            let ends = self.subsets.iter().map(|one| of(one.places()));
            ends.map(|end| end.map(|&end| end as u32)).collect()
        };
        let places = self.subsets.iter().map(|one| {
            let places: Vec<String> = one.places().iter().map(ToString::to_string).collect();
            places.join(" ")
        });
        let mut columns = vec![Column::new("example".into(), numbers(Subset::example))];
        if let Some(sequences) = &self.about.sequences {
            let names = self.subsets.iter().map(|one| sequences.name(one.example()));
            columns.push(Column::new("name".into(), names.collect::<Vec<_>>()));
        }
        let scores: Vec<f64> = self.subsets.iter().map(Subset::score).collect();
        columns.extend([
            Column::new("subset".into(), numbers(Subset::number)),
            Column::new("size".into(), numbers(Subset::len)),
            Column::new("score".into(), scores),
            Column::new("first".into(), end(<[usize]>::first)),
            Column::new("last".into(), end(<[usize]>::last)),
            Column::new("places".into(), places.collect::<Vec<_>>()),
        ]);
        if let Ok(strings) = self.strings() {
            columns.push(Column::new("letters".into(), strings));
        }
        Ok(DataFrame::new(self.len(), columns)?)
    }
}

impl fmt::Debug for Subsets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, examples, layout) = (self.len(), self.examples(), self.layout());
        let threshold = self.threshold();
        write!(
            f,
            "Subsets(n = {count}, examples = {examples} of {layout}, threshold = {threshold})"
        )
    }
}
