//! The mode of ratios.

use super::super::draws;
use super::super::estimate::Inference;
use super::super::pairs::{Pair, at_least};
use super::super::{Estimate, Estimator, Instruments, Preset};
use super::density::{self, Scratch};
use crate::distribution::order;
use crate::random::Seed;
use crate::{Error, Result};

/// Estimates an effect by the weighted mode of ratios: right when no other value of the ratio is shared by as many (heavy) variants as
/// the true one.
///
/// The mode is the highest place of a Gaussian density of the ratios, found exactly, not on a grid; ratios weigh by the inverse of their
/// variances (delta method). The bandwidth is `0.9 min(sd, 1.4826 mad) / k^(1/5)`; where half of the ratios are equal, so that the median
/// deviation is 0, the standard deviation alone counts, and where all are, the mode is that value. Of several equal maxima it takes
/// the one nearest 0. The standard error is the median deviation of 10,000 bootstrap draws. A variant whose effect on the exposure is 0
/// is left out.
///
/// # Errors
///
/// Fails when no variant has an effect on the exposure, there are several exposures, and when the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// // Most variants act otherwise, too, but each in its own way.
/// let (bx, by) = ([0.1; 5], [0.2, 0.21, 0.9, 0.5, -0.3]);
/// let instruments = Instruments::new((&bx, &[0.01; 5]), (&by, &[0.02; 5]))?;
/// assert!((causal::mode_based(&instruments)?.value() - 2.05).abs() < 0.2);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Hartwig, Davey Smith and Bowden 2017, doi:10.1093/ije/dyx102. Checked against the published result of `MendelianRandomization` (0.10.0)
/// with [`grid`](Mode::grid), which is quantised to a grid of 512 points, and against a fine search.
pub fn mode_based(instruments: &Instruments) -> Result<Estimate> {
    Mode::new().run(instruments)
}

/// The mode of ratios, with options.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent options")]
pub struct Mode {
    simple: bool,
    delta: bool,
    bandwidth: f64,
    least: f64,
    grid: bool,
    student: bool,
    draws: usize,
    seed: Seed,
}

impl Default for Mode {
    fn default() -> Self {
        Self {
            simple: false,
            delta: true,
            bandwidth: 1.0,
            least: 0.0,
            grid: false,
            student: false,
            draws: 10_000,
            seed: Seed::new(314_159_265),
        }
    }
}

impl Mode {
    /// Asks for the estimate of [`mode_based`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the defaults of a package, which both search the grid of R: `TwoSampleMR` draws 1,000 times, has p-values of Student's
    /// distribution and no bandwidth below 1e-8.
    pub fn preset(preset: Preset) -> Self {
        let new = Self::new().grid(true);
        match preset {
            Preset::MendelianRandomization => new,
            Preset::TwoSampleMr => Self {
                draws: 1000,
                student: true,
                least: 1e-8,
                ..new
            },
        }
    }

    /// Sets whether all ratios weigh the same.
    pub fn simple(mut self, simple: bool) -> Self {
        self.simple = simple;
        self
    }

    /// Sets whether variances of ratios have the error of the exposure in them (delta method, second order).
    pub fn delta_weights(mut self, delta: bool) -> Self {
        self.delta = delta;
        self
    }

    /// Sets the factor of the bandwidth (called phi).
    pub fn bandwidth(mut self, factor: f64) -> Self {
        self.bandwidth = factor;
        self
    }

    /// Sets whether the maximum is looked for on the grid of `density` of R before 4.4 (512 points, three bandwidths beyond the ratios).
    pub fn grid(mut self, grid: bool) -> Self {
        self.grid = grid;
        self
    }

    /// Sets how many bootstrap draws the standard error is made of.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets the seed of the draws.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`mode_based`], when the factor of the bandwidth is not above 0, and when there are fewer than two draws.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        if !(self.bandwidth > 0.0 && self.bandwidth.is_finite()) {
            let expected = "a number above 0";
            return Err(Error::value("bandwidth", expected, self.bandwidth));
        }
        let pairs = instruments.independent_pairs()?.with_ratio();
        at_least(pairs.len(), 1, "a mode of ratios")?;
        let errors = pairs.iter().map(|pair| pair.error(self.delta));
        let errors: Vec<f64> = errors.collect();
        let total: f64 = errors.iter().map(|error| 1.0 / (error * error)).sum();
        let weight = |error: &f64| {
            if self.simple {
                1.0 / pairs.len() as f64
            } else {
                1.0 / (error * error) / total
            }
        };
        let w: Vec<f64> = errors.iter().map(weight).collect();
        let ratios: Vec<f64> = pairs.iter().map(Pair::ratio).collect();
        let start = || (Scratch::default(), Vec::with_capacity(ratios.len()));
        let value = {
            let (mut scratch, mut sorting) = start();
            self.find((&ratios, &w), &mut scratch, &mut sorting)
        };
        let draws = draws::repeat(
            (self.draws, self.seed, "bootstrap of a mode"),
            || (start(), vec![0.0; ratios.len()]),
            |((scratch, sorting), drawn), generator| {
                for ((drawn, ratio), error) in drawn.iter_mut().zip(&ratios).zip(&errors) {
                    *drawn = draws::normal(generator, *ratio, *error);
                }
                self.find((drawn, &w), scratch, sorting)
            },
        )?;
        let method = if self.simple {
            "simple mode"
        } else {
            "weighted mode"
        };
        let error = 1.4826 * deviation(&draws);
        let found = Estimate::new(method, pairs.len(), value, error);
        let found = found.on(instruments.exposure_name(0));
        let freedom = pairs.len() as f64 - 1.0;
        Ok(if self.student && freedom > 0.0 {
            found.inferred(Inference::Student(freedom))
        } else {
            found
        })
    }

    /// The mode of these ratios.
    fn find(
        &self,
        (ratios, w): (&[f64], &[f64]),
        scratch: &mut Scratch,
        sorting: &mut Vec<f64>,
    ) -> f64 {
        let wide = draws::deviation(ratios);
        let narrow = 1.4826 * deviation_in(ratios, sorting);
        let spread = match (narrow > 0.0, wide > 0.0) {
            (true, true) => narrow.min(wide),
            (false, true) => wide,
            _ => 0.0,
        };
        let h = self.bandwidth * 0.9 * spread / (ratios.len() as f64).powf(0.2);
        let h = h.max(self.least);
        if h <= 0.0 {
            return ratios[0];
        }
        if self.grid {
            density::on_grid(ratios, w, h)
        } else {
            density::mode(ratios, w, (h, scratch))
        }
    }
}

/// The median distance from the median.
fn deviation(values: &[f64]) -> f64 {
    deviation_in(values, &mut Vec::new())
}

/// The same, with a place to sort in.
fn deviation_in(values: &[f64], sorting: &mut Vec<f64>) -> f64 {
    let mut middle = |fill: &mut dyn Iterator<Item = f64>| {
        let mut taken = std::mem::take(sorting);
        taken.clear();
        taken.extend(fill);
        taken.sort_unstable_by(f64::total_cmp);
        let middle = order::sorted_quantile(&taken, 0.5);
        *sorting = taken;
        middle
    };
    let centre = middle(&mut values.iter().copied());
    middle(&mut values.iter().map(|value| (value - centre).abs()))
}

impl Estimator for Mode {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
