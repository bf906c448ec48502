//! MR-GRIP: a line with an intercept that does not ask which allele is counted.

use super::super::estimate::{Inference, Intercept};
use super::super::pairs::at_least;
use super::super::{Dispersion, Estimate, Estimator, Heterogeneity, Instruments, Preset, line};
use crate::Result;

/// Estimates an effect by MR-GRIP: the products of both effects of a variant are regressed on the squared effects on the exposure, with an
/// intercept.
///
/// It is MR-Egger for effects whose sign has no meaning of its own, since it does not matter which allele is counted, as with mutations
/// of a sequence. A variant whose effect on the exposure is 0 has no weight and is left out. P-values are those of Student's distribution.
///
/// # Errors
///
/// Fails when there are fewer than three variants with an effect on the exposure, all have effects of the same size, or there are several
/// exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.1, -0.2, 0.4], [0.2, -0.4, 0.8]);
/// let instruments = Instruments::new((&bx, &[0.01; 3]), (&by, &[0.05; 3]))?;
/// assert!((causal::grip(&instruments)?.value() - 2.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
///
/// # References
///
/// As `mr_grip` of the R package `TwoSampleMR` (0.6).
pub fn grip(instruments: &Instruments) -> Result<Estimate> {
    Grip::new().run(instruments)
}

/// MR-GRIP, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Grip {
    floor: bool,
}

impl Default for Grip {
    fn default() -> Self {
        Self { floor: true }
    }
}

impl Grip {
    /// Asks for the estimate of [`grip`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the defaults of a package: `TwoSampleMR` lets a residual standard error below 1 make the standard errors smaller.
    pub fn preset(preset: Preset) -> Self {
        Self {
            floor: preset != Preset::TwoSampleMr,
        }
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`grip`].
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        let pairs = instruments.independent_pairs()?.with_ratio();
        at_least(pairs.len(), 3, "MR-GRIP")?;
        let x: Vec<f64> = pairs.iter().map(|pair| pair.bx * pair.bx).collect();
        let y: Vec<f64> = pairs.iter().map(|pair| pair.bx * pair.by).collect();
        let w: Vec<f64> = pairs
            .iter()
            .map(|pair| (pair.bx * pair.sy).powi(-2))
            .collect();
        let line = line::with_intercept(&x, (&vec![1.0; x.len()], &y), &w)?;
        let sigma = line.sigma(line::squares(&y, &w)).unwrap_or(0.0);
        let dispersion = if self.floor {
            Dispersion::AtLeastOne
        } else {
            Dispersion::Free
        };
        let factor = dispersion.factor(Some(sigma), pairs.len());
        let student = || Inference::Student(line.freedom);
        let intercept = Intercept::new(line.intercept, line.intercept_error * factor, student());
        let error = line.slope_error * factor;
        Ok(Estimate::new("MR-GRIP", pairs.len(), line.slope, error)
            .on(instruments.exposure_name(0))
            .inferred(student())
            .with_intercept(intercept)
            .with_residuals(Some(sigma), Heterogeneity::new(line.q, line.freedom)))
    }
}

impl Estimator for Grip {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
