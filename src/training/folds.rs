//! Splits of which every example is held out once.

use super::Labels;
use super::split::Split;
use super::strata::Strata;
use crate::random::Seed;
use crate::{Error, Result};
use rand::seq::SliceRandom;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Splits of which every example is held out exactly once; cheap to clone, shows itself as a table.
#[derive(Clone, PartialEq, Eq)]
pub struct Folds {
    splits: Arc<[Split]>,
    /// The groups that each fold holds out, or nothing.
    names: Arc<[String]>,
}

impl Folds {
    /// Returns the number of folds.
    pub fn len(&self) -> usize {
        self.splits.len()
    }

    /// Tells whether there is no fold; there are at least two.
    pub fn is_empty(&self) -> bool {
        self.splits.is_empty()
    }

    /// Returns a fold, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails when there is no such fold.
    pub fn get(&self, fold: usize) -> Result<Split> {
        let found = self.splits.get(fold).cloned();
        found.ok_or_else(|| Error::value("fold", format!("below {}", self.len()), fold))
    }

    /// Returns the groups that a fold holds out, separated by commas; empty where examples stand alone.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn splits(&self) -> &[Split] {
        &self.splits
    }

    /// Makes folds from the number of the fold that holds out each example.
    fn from_places(places: &[usize], names: Vec<String>) -> Self {
        let split = |fold: usize| {
            let (test, train) = (0..places.len()).partition(|&row| places[row] == fold);
            Split::halves((train, test))
        };
        Self {
            splits: (0..names.len()).map(split).collect(),
            names: names.into(),
        }
    }
}

impl fmt::Debug for Folds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.splits.iter()).finish()
    }
}

/// Splits examples into folds with the same share of every class, with the defaults of [`KFold`].
///
/// # Errors
///
/// As [`KFold::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array1, training};
/// # fn main() -> genolens::Result<()> {
/// let labels = Array1::from_shape_fn(20, |i| if i < 5 { 1.0 } else { 0.0 });
/// let folds = training::k_fold(&labels, 5)?;
/// for fold in 0..folds.len() {
///     let split = folds.get(fold)?;
///     assert_eq!(split.test().len(), 4);
///     assert_eq!(split.test().iter().filter(|&&row| row < 5).count(), 1);
/// }
/// # Ok(()) }
/// ```
pub fn k_fold(labels: &dyn Labels, folds: usize) -> Result<Folds> {
    KFold::new(folds).run(labels)
}

/// Splits examples into folds, with options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KFold {
    folds: usize,
    stratified: bool,
    seed: Seed,
}

impl KFold {
    /// Asks for so many folds, at least 2, each with the same share of every class.
    pub fn new(folds: usize) -> Self {
        Self {
            folds,
            stratified: true,
            seed: Seed::default(),
        }
    }

    /// Tells whether every fold holds out the same share of every class, and with labels 0 and 1 of several tasks of every task, as
    /// [`HoldOut::stratified`](super::HoldOut::stratified) says.
    pub fn stratified(mut self, stratified: bool) -> Self {
        self.stratified = stratified;
        self
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    fn check(&self, (what, count): (&str, usize)) -> Result<()> {
        if count < 2 {
            return Err(Error::value(what, "at least 2", count));
        }
        if self.folds < 2 || self.folds > count {
            let expected = format!("2 to {count}, the number of {what}");
            return Err(Error::value("folds", expected, self.folds));
        }
        Ok(())
    }

    /// Splits examples with these labels.
    ///
    /// # Errors
    ///
    /// Fails when there are fewer than two folds or fewer examples than folds.
    pub fn run(&self, labels: &dyn Labels) -> Result<Folds> {
        let strata = Strata::new(labels, self.stratified)?;
        self.check(("examples", strata.len()))?;
        let mut generator = self.seed.named("folds").generator();
        let names = vec![String::new(); self.folds];
        let classes = match &strata {
            Strata::Classes(classes) => classes,
            Strata::Tasks(tasks) => {
                let rows: Vec<usize> = (0..strata.len()).collect();
                let shares = vec![1.0 / self.folds as f64; self.folds];
                let places = tasks.deal(&rows, &shares, &mut generator);
                return Ok(Folds::from_places(&places, names));
            }
        };
        let mut rows: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (row, &class) in classes.iter().enumerate() {
            rows.entry(class as u64).or_default().push(row);
        }
        let mut places = vec![0; classes.len()];
        // Classes are dealt one after the other, without going back to the first fold.
        let mut next = 0;
        for mut rows in rows.into_values() {
            rows.shuffle(&mut generator);
            for row in rows {
                places[row] = next % self.folds;
                next += 1;
            }
        }
        Ok(Folds::from_places(&places, names))
    }

    /// Splits examples so that those of a group, such as a chromosome, are never on both sides; folds are as equal in size as greedy
    /// dealing of the largest groups first makes them.
    ///
    /// # Errors
    ///
    /// Fails when there are fewer than two folds or fewer groups than folds.
    pub fn run_groups(&self, groups: &[String]) -> Result<Folds> {
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        for group in groups {
            *sizes.entry(group).or_default() += 1;
        }
        self.check(("groups", sizes.len()))?;
        let mut order: Vec<(&str, usize)> = sizes.into_iter().collect();
        order.shuffle(&mut self.seed.named("folds").generator());
        order.sort_by_key(|&(_, size)| std::cmp::Reverse(size));
        let mut filled = vec![0; self.folds];
        let mut names = vec![Vec::new(); self.folds];
        let mut fold_of = BTreeMap::new();
        for (group, size) in order {
            let smallest = (0..self.folds).min_by_key(|&fold| filled[fold]);
            let fold = smallest.unwrap_or_default();
            filled[fold] += size;
            names[fold].push(group);
            fold_of.insert(group, fold);
        }
        let places: Vec<usize> = groups.iter().map(|group| fold_of[group.as_str()]).collect();
        let names = names.into_iter().map(|names| names.join(", ")).collect();
        Ok(Folds::from_places(&places, names))
    }
}
