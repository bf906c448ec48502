//! Examples that are kept for a test.

use super::Labels;
use super::split::Split;
use super::strata::Strata;
use crate::random::Seed;
use crate::{Error, Result};

/// Holds one fifth of every class, of every task, out, with the defaults of [`HoldOut`].
///
/// # Errors
///
/// As [`HoldOut::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array1, training};
/// # fn main() -> genolens::Result<()> {
/// let labels = Array1::from_shape_fn(50, |i| if i < 10 { 1.0 } else { 0.0 });
/// let split = training::hold_out(&labels)?;
/// assert_eq!((split.train().len(), split.test().len()), (40, 10));
/// assert_eq!(split.test().iter().filter(|&&row| row < 10).count(), 2);
/// # Ok(()) }
/// ```
pub fn hold_out(labels: &dyn Labels) -> Result<Split> {
    HoldOut::new().run(labels)
}

/// Holds out all examples of some groups, such as those of some chromosomes, so that no test example has a neighbour to learn from.
///
/// # Errors
///
/// Fails when a group does not exist, or nothing remains to learn from.
///
/// # Examples
///
/// ```
/// use genolens::training;
/// # fn main() -> genolens::Result<()> {
/// let chromosomes = ["chr1", "chr8", "chr2", "chr8"].map(String::from);
/// let split = training::hold_out_groups(&chromosomes, &["chr8"])?;
/// assert_eq!(split.test(), [1, 3]);
/// # Ok(()) }
/// ```
pub fn hold_out_groups(groups: &[String], held_out: &[&str]) -> Result<Split> {
    if groups.is_empty() {
        let expected = "the name of a group for every example";
        return Err(Error::value("groups", expected, "empty"));
    }
    if let Some(unknown) = held_out
        .iter()
        .find(|name| !groups.iter().any(|g| g == *name))
    {
        let mut known: Vec<&str> = groups.iter().map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        known.truncate(30);
        let expected = format!("one of {}", known.join(", "));
        return Err(Error::value("held_out", expected, unknown));
    }
    let is_held = |row: &usize| held_out.contains(&groups[*row].as_str());
    let (test, train): (Vec<usize>, Vec<usize>) = (0..groups.len()).partition(is_held);
    Split::new(&train, &test)
}

/// Holds examples out at random, with options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoldOut {
    share: f64,
    stratified: bool,
    seed: Seed,
}

impl HoldOut {
    /// Takes the defaults: one fifth, of every class.
    pub fn new() -> Self {
        Self {
            share: 0.2,
            stratified: true,
            seed: Seed::default(),
        }
    }

    /// Sets the share of examples that are held out, above 0 to below 1.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Tells whether to hold out the same share of every class, and with labels 0 and 1 of several tasks, missing ones being NaN, the
    /// same share of the rarer class of every task, by iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011,
    /// doi:10.1007/978-3-642-23808-6_10). Labels of other kinds, such as counts, are always split at random.
    pub fn stratified(mut self, stratified: bool) -> Self {
        self.stratified = stratified;
        self
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Splits examples with these labels.
    ///
    /// # Errors
    ///
    /// Fails when the share makes no sense, or leaves one side empty.
    pub fn run(&self, labels: &dyn Labels) -> Result<Split> {
        if !(self.share > 0.0 && self.share < 1.0) {
            return Err(Error::value("share", "above 0 to below 1", self.share));
        }
        let strata = Strata::new(labels, self.stratified)?;
        let rows: Vec<usize> = (0..strata.len()).collect();
        let halves = strata.split(&rows, self.share, self.seed);
        if halves.0.is_empty() || halves.1.is_empty() {
            let expected = format!("one that splits {} examples in two", rows.len());
            return Err(Error::value("share", expected, self.share));
        }
        Ok(Split::halves(halves))
    }
}

impl Default for HoldOut {
    fn default() -> Self {
        Self::new()
    }
}
