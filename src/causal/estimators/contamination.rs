//! The contamination mixture.

use super::super::draws::deviation;
use super::super::estimate::Inference;
use super::super::pairs::{Pair, at_least};
use super::super::{Estimate, Estimator, Heterogeneity, Instruments};
use crate::distribution::{chi_squared, normal};
use crate::{Error, Result};

/// Estimates an effect by the contamination mixture: every variant is either valid, with its ratio around the effect, or invalid, with its
/// ratio spread widely around 0, whichever is more likely.
///
/// The likelihood is a chain of parabolas, whose highest point is found exactly, not on a grid. The interval is all effects that a
/// likelihood ratio test does not reject; it can fall apart into several ([`Estimate::ranges`]), of which [`Estimate::interval`] has the
/// ends, and it is the whole line where the data do not even reject that no variant is valid; there is a standard error where it is in one
/// piece and has ends. Where the valid variants differ by more than chance, interval and p-value allow for it by their residual standard
/// error. A variant whose effect on the exposure is 0 has no ratio and is left out.
///
/// # Errors
///
/// Fails when there are fewer than two variants with an effect on the exposure, or there are several exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.1; 5], [0.2, 0.2, 0.2, 0.9, -0.8]);
/// let instruments = Instruments::new((&bx, &[0.01; 5]), (&by, &[0.02; 5]))?;
/// let found = causal::contamination_mixture(&instruments)?;
/// assert!((found.value() - 2.0).abs() < 1e-12);
/// assert_eq!(found.valid(), Some(&[true, true, true, false, false][..]));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Burgess, Foley, Allara, Staley and Howson 2020, doi:10.1038/s41467-019-14156-4. Checked against the published result of
/// `MendelianRandomization` (0.10.0), which searches a grid; its p-value is multiplied by the residual variance that it should be divided
/// by, so that it contradicts its interval.
pub fn contamination_mixture(instruments: &Instruments) -> Result<Estimate> {
    ContaminationMixture::new().run(instruments)
}

/// The contamination mixture, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContaminationMixture {
    psi: Option<f64>,
}

/// The parabola of one variant: its ratio, the standard error, and how far from the ratio it is as likely invalid.
struct Parabola {
    ratio: f64,
    error: f64,
    reach: f64,
    invalid: f64,
}

impl Parabola {
    fn valid(&self, theta: f64) -> f64 {
        -((theta - self.ratio) / self.error).powi(2) / 2.0 - self.error.ln()
    }

    fn at(&self, theta: f64) -> f64 {
        self.valid(theta).max(self.invalid)
    }
}

impl ContaminationMixture {
    /// Asks for the estimate of [`contamination_mixture`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the standard deviation of the ratios of invalid variants; 1.5 times that of all ratios if it is not set.
    pub fn spread(mut self, psi: f64) -> Self {
        self.psi = Some(psi);
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`contamination_mixture`], and when the spread is not above 0.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        let pairs = instruments.independent_pairs()?.with_ratio();
        at_least(pairs.len(), 2, "the contamination mixture")?;
        let ratios: Vec<f64> = pairs.iter().map(Pair::ratio).collect();
        let psi = match self.psi {
            Some(psi) if psi > 0.0 && psi.is_finite() => psi,
            Some(psi) => return Err(Error::value("spread", "a number above 0", psi)),
            None => 1.5 * deviation(&ratios),
        };
        let parabola = |(pair, ratio): (&Pair, &f64)| {
            let error = pair.first_order();
            let wide = psi * psi + error * error;
            let far = ratio * ratio / wide;
            let wider = (wide / (error * error)).ln();
            let reach = error * (far + wider).sqrt();
            Parabola {
                ratio: *ratio,
                error,
                reach,
                invalid: -far / 2.0 - wider / 2.0 - error.ln(),
            }
        };
        let all: Vec<Parabola> = pairs.iter().zip(&ratios).map(parabola).collect();
        let pieces = pieces(&all);
        // Where no variant is valid, which is the best only where all ratios are 0.
        let far: f64 = all.iter().map(|one| one.invalid).sum();
        let mut best = (far, 0.0);
        for piece in &pieces {
            if let Some(theta) = piece.top() {
                let height = piece.at(theta);
                if height > best.0 + 1e-12 {
                    best = (height, theta);
                }
            }
        }
        let (top, theta) = best;
        let (sigma, q) = residuals(&all, theta);
        let wider = sigma.unwrap_or(1.0).max(1.0).powi(2);
        let floor = top - wider * chi_squared::quantile(0.95, 1.0) / 2.0;
        let ranges = if far >= floor {
            vec![(f64::NEG_INFINITY, f64::INFINITY)]
        } else {
            ranges(&pieces, floor)
        };
        let at_zero: f64 = all.iter().map(|one| one.at(0.0)).sum();
        let p = chi_squared::above(2.0 * (top - at_zero) / wider, 1.0);
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
            let expected = "ratios that are finite, for the contamination mixture";
            return Err(Error::value("instruments", expected, theta));
        };
        let inference = Inference::Given(first.0, last.1, p);
        let mut valid = vec![false; instruments.len()];
        for (pair, one) in pairs.iter().zip(&all) {
            valid[pair.at] = one.valid(theta) >= one.invalid;
        }
        // The standard error that an interval of this width stands for, when it is in one piece.
        let error = match ranges[..] {
            [(lower, upper)] if far < floor => (upper - lower) / 2.0 / normal::HALF_OF_95,
            _ => f64::NAN,
        };
        Ok(
            Estimate::new("contamination mixture", pairs.len(), theta, error)
                .on(instruments.exposure_name(0))
                .inferred(inference)
                .with_residuals(sigma, q)
                .with_ranges(ranges)
                .with_valid(valid),
        )
    }
}

/// The residual standard error of the valid variants around their mean, and their Q.
fn residuals(all: &[Parabola], theta: f64) -> (Option<f64>, Heterogeneity) {
    let valid: Vec<&Parabola> = all
        .iter()
        .filter(|one| one.valid(theta) >= one.invalid)
        .collect();
    let column =
        |of: fn(&Parabola) -> f64| -> Vec<f64> { valid.iter().map(|one| of(one)).collect() };
    let (y, w) = (column(|one| one.ratio), column(|one| one.error.powi(-2)));
    let weights: f64 = w.iter().sum();
    let mean = y.iter().zip(&w).map(|(y, w)| w * y).sum::<f64>() / weights;
    let q: f64 = y.iter().zip(&w).map(|(y, w)| w * (y - mean).powi(2)).sum();
    let freedom = valid.len() as f64 - 1.0;
    let sigma = (freedom > 0.0).then(|| (q / freedom).sqrt());
    (sigma, Heterogeneity::new(q, freedom))
}

/// A stretch of effects on which the same variants are valid: the likelihood is `height - (theta - centre)² / (2 width²)`.
struct Piece {
    low: f64,
    high: f64,
    centre: f64,
    precision: f64,
    height: f64,
}

impl Piece {
    fn at(&self, theta: f64) -> f64 {
        self.height - self.precision * (theta - self.centre).powi(2) / 2.0
    }

    fn top(&self) -> Option<f64> {
        (self.precision > 0.0).then(|| self.centre.clamp(self.low, self.high))
    }
}

fn pieces(all: &[Parabola]) -> Vec<Piece> {
    let ends = all.iter();
    let mut ends: Vec<f64> = ends
        .flat_map(|one| [one.ratio - one.reach, one.ratio + one.reach])
        .collect();
    ends.sort_unstable_by(f64::total_cmp);
    let piece = |ends: &[f64]| {
        let (low, high) = (ends[0], ends[1]);
        let middle = f64::midpoint(low, high);
        let is_valid = |one: &&Parabola| (middle - one.ratio).abs() < one.reach;
        let (mut precision, mut weighted) = (0.0, 0.0);
        for one in all.iter().filter(is_valid) {
            let w = 1.0 / (one.error * one.error);
            precision += w;
            weighted += w * one.ratio;
        }
        let centre = if precision > 0.0 {
            weighted / precision
        } else {
            middle
        };
        let heights = all.iter().map(|one| {
            if is_valid(&one) {
                one.valid(centre)
            } else {
                one.invalid
            }
        });
        Piece {
            low,
            high,
            centre,
            precision,
            height: heights.sum(),
        }
    };
    ends.windows(2).map(piece).collect()
}

/// The stretches on which the likelihood is at least this, joined where they touch.
fn ranges(pieces: &[Piece], floor: f64) -> Vec<(f64, f64)> {
    let mut found: Vec<(f64, f64)> = Vec::new();
    for piece in pieces {
        if piece.precision == 0.0 || piece.height < floor {
            continue;
        }
        let half = (2.0 * (piece.height - floor) / piece.precision).sqrt();
        let low = piece.low.max(piece.centre - half);
        let high = piece.high.min(piece.centre + half);
        if low > high {
            continue;
        }
        match found.last_mut() {
            Some(last) if low <= last.1 + 1e-12 * (high - low).max(last.1.abs()) => last.1 = high,
            _ => found.push((low, high)),
        }
    }
    found
}

impl Estimator for ContaminationMixture {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
