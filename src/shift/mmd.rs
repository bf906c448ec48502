//! Whether two samples differ in any way that a kernel sees.

use super::samples::{Samples, median_distance, squares};
use super::verdict::{ShiftTest, check_level};
use crate::random::Seed;
use crate::{Error, Input, Result, progress};
use ndarray::Array2;
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// Tests two samples for any difference of their distributions, with the defaults of [`Mmd`].
///
/// # Errors
///
/// As [`Mmd::run`].
///
/// # Examples
///
/// ```
/// use genolens::{shift, simulate};
/// # fn main() -> genolens::Result<()> {
/// let (source, target) = (simulate::normal((80, 3), 1), simulate::normal((80, 3), 2) + 1.0);
/// let test = shift::mmd(&source, &target)?;
/// assert!(test.is_shifted());
/// println!("{test}");
/// # Ok(()) }
/// ```
pub fn mmd(source: &dyn Input, target: &dyn Input) -> Result<ShiftTest> {
    Mmd::new().run(source, target)
}

/// Tests two samples by their maximum mean discrepancy, with options (Gretton et al. 2012,
/// <https://www.jmlr.org/papers/v13/gretton12a.html>).
///
/// The kernel is a bell over distances of standardised features; the statistic is the unbiased estimate of the squared discrepancy. The
/// p-value comes from permutations of both samples together: a false alarm has at most the chance of the level, exactly, for any number of
/// examples. Memory grows with the square of the number of examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Mmd {
    permutations: usize,
    level: f64,
    width: Option<f64>,
    seed: Seed,
}

/// The most examples of both samples, whose distances are kept.
const MOST: usize = 20_000;

/// With fewer permutations no p-value is as small as 0.05; more are a slip.
const FEWEST_PERMUTATIONS: usize = 19;
const MOST_PERMUTATIONS: usize = 10_000_000;

impl Mmd {
    /// Takes the defaults: 199 permutations, level 0.05, a bell as wide as the median distance.
    pub fn new() -> Self {
        Self {
            permutations: 199,
            level: 0.05,
            width: None,
            seed: Seed::default(),
        }
    }

    /// Sets the number of permutations, at least 19, and enough for a p-value as small as the level: 99 for 0.01.
    pub fn permutations(mut self, permutations: usize) -> Self {
        self.permutations = permutations;
        self
    }

    /// Sets the chance of a false alarm, above 0 to below 1.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets the width of the bell, in standard deviations of features; without it the median distance of examples.
    pub fn width(mut self, width: f64) -> Self {
        self.width = Some(width);
        self
    }

    /// Sets the seed of the permutations.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Tests samples of shape `(n, ...)` and `(m, ...)`.
    ///
    /// # Errors
    ///
    /// Fails for fewer than two examples of a sample, more than 20,000 of both, other features, a number that is not finite, an option
    /// that makes no sense, or when the user interrupts.
    pub fn run(&self, source: &dyn Input, target: &dyn Input) -> Result<ShiftTest> {
        check_level(self.level)?;
        self.check_permutations()?;
        if let Some(width) = self
            .width
            .filter(|width| !(width.is_finite() && *width > 0.0))
        {
            return Err(Error::value("width", "finite and above 0", width));
        }
        let samples = Samples::new(source, target)?;
        let (n, m) = samples.sizes();
        if n + m > MOST {
            let expected = format!("at most {MOST} examples together");
            return Err(Error::value("source and target", expected, n + m));
        }
        let all = samples.standardised()?.together()?;
        let width = self.width.unwrap_or_else(|| median_distance(&all));
        let kernel =
            squares(&all, &all).mapv_into(|square| (-square / (2.0 * width * width)).exp());
        let totals: Vec<f64> = kernel
            .rows()
            .into_iter()
            .map(|row| row.sum() - 1.0)
            .collect();
        let known = Kernel {
            all: totals.iter().sum(),
            heights: kernel,
            totals,
            sizes: (n as f64, m as f64),
        };
        let rows: Vec<usize> = (0..n + m).collect();
        let found = known.discrepancy(&rows[..n]);
        let seed = self.seed.named("permutations");
        let one = |permutation: usize| -> Result<usize> {
            progress::check("permutations", permutation, self.permutations)?;
            let mut rows = rows.clone();
            rows.shuffle(&mut seed.indexed(permutation).generator());
            rows.truncate(n);
            rows.sort_unstable();
            // Of equal splits rounding must not decide.
            Ok(usize::from(known.discrepancy(&rows) >= found - 1e-12))
        };
        let counts = (0..self.permutations).into_par_iter().map(one);
        let larger: usize = counts.collect::<Result<Vec<_>>>()?.into_iter().sum();
        let p = (larger + 1) as f64 / (self.permutations + 1) as f64;
        Ok(ShiftTest::new(
            "maximum mean discrepancy, squared",
            (found, p),
            self.level,
        ))
    }

    fn check_permutations(&self) -> Result<()> {
        // Rounding must not ask for one permutation more.
        let least = (1.0 / self.level - 1.0 - 1e-9).ceil() as usize;
        let least = least.max(FEWEST_PERMUTATIONS);
        let wrong =
            |expected: String| Err(Error::value("permutations", expected, self.permutations));
        if self.permutations < least {
            return wrong(format!("{least} or more, so that p can be the level"));
        }
        if self.permutations > MOST_PERMUTATIONS {
            return wrong(format!("at most {MOST_PERMUTATIONS}"));
        }
        Ok(())
    }
}

impl Default for Mmd {
    fn default() -> Self {
        Self::new()
    }
}

struct Kernel {
    heights: Array2<f64>,
    /// Sums of the rows, and of all, the diagonal left out.
    totals: Vec<f64>,
    all: f64,
    sizes: (f64, f64),
}

impl Kernel {
    /// Computes the unbiased estimate where the first sample has these rows; the others follow from sums over all.
    fn discrepancy(&self, first: &[usize]) -> f64 {
        let (n, m) = self.sizes;
        let mut inside = 0.0;
        for &row in first {
            let values = self.heights.row(row);
            inside += first.iter().map(|&column| values[column]).sum::<f64>() - 1.0;
        }
        let across = first.iter().map(|&row| self.totals[row]).sum::<f64>() - inside;
        let outside = self.all - inside - 2.0 * across;
        inside / (n * (n - 1.0)) + outside / (m * (m - 1.0)) - 2.0 * across / (n * m)
    }
}
