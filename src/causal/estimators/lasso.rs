//! MR-Lasso.

use super::super::pairs::Pair;
use super::super::{Dispersion, Estimate, Estimator, Heterogeneity, Instruments, line};
use crate::distribution::chi_squared;
use crate::{Error, Result};

/// Estimates an effect by MR-Lasso: every variant may have an effect of its own on the outcome, at a price; those that are left without are
/// valid, and the estimate is the inverse-variance weighted one of these.
///
/// The price is the same for effects of the same number of standard errors. From the path of all prices, which is followed exactly, that
/// one is chosen beyond which taking in another variant raises the residual standard error of the valid ones above 1, and
/// by more than chance: the 95 % quantile of chi-squared over their number (heterogeneity stopping rule).
///
/// # Errors
///
/// Fails when there are fewer than three variants, fewer than two stay valid, no variant has an effect on the exposure, or there are
/// several exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.1, 0.2, 0.3, 0.4], [0.2, 0.4, 1.9, 0.8]);
/// let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4]))?;
/// let found = causal::mr_lasso(&instruments)?;
/// assert_eq!(found.valid(), Some(&[true, true, false, true][..]));
/// assert!((found.value() - 2.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Rees, Wood, Dudbridge and Burgess 2019, doi:10.1371/journal.pone.0222362. Checked against the published result of
/// `MendelianRandomization` (0.10.0).
pub fn mr_lasso(instruments: &Instruments) -> Result<Estimate> {
    MrLasso::new().run(instruments)
}

/// MR-Lasso, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MrLasso {
    price: Option<f64>,
    dispersion: Dispersion,
}

impl MrLasso {
    /// Asks for the estimate of [`mr_lasso`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the price of an effect of its own, in standard errors of the outcome, instead of choosing it.
    pub fn price(mut self, lambda: f64) -> Self {
        self.price = Some(lambda);
        self
    }

    /// Sets what is done about residuals of the valid variants that are wider than the standard errors say.
    pub fn dispersion(mut self, dispersion: Dispersion) -> Self {
        self.dispersion = dispersion;
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`mr_lasso`], and when the price is not above 0.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        let pairs = instruments.independent_pairs()?;
        pairs.at_least(3, "MR-Lasso")?;
        let all: Vec<Pair> = pairs.iter().collect();
        let path = path(&all)?;
        let valid = match self.price {
            Some(price) if price > 0.0 && price.is_finite() => {
                let at = path.iter().find(|step| step.price <= price);
                at.or(path.last()).map(|step| step.valid.clone())
            }
            Some(price) => return Err(Error::value("price", "a number above 0", price)),
            None => chosen(&all, &path),
        };
        let valid = valid.unwrap_or_else(|| vec![true; all.len()]);
        let kept: Vec<&Pair> = all.iter().filter(|pair| valid[pair.at]).collect();
        if kept.len() < 2 {
            let expected = "two variants or more that stay valid in MR-Lasso";
            return Err(Error::value("instruments", expected, kept.len()));
        }
        let column =
            |of: fn(&Pair) -> f64| -> Vec<f64> { kept.iter().map(|pair| of(pair)).collect() };
        let w = column(|pair| 1.0 / (pair.sy * pair.sy));
        let (x, y) = (column(|pair| pair.bx), column(|pair| pair.by));
        let fit = line::through_origin(&x, &y, &w)?;
        let sigma = fit.sigma(line::squares(&y, &w));
        let error = fit.slope_error * self.dispersion.factor(sigma, kept.len());
        Ok(Estimate::new("MR-Lasso", kept.len(), fit.slope, error)
            .on(instruments.exposure_name(0))
            .with_residuals(sigma, Heterogeneity::new(fit.q, fit.freedom))
            .with_valid(valid))
    }
}

/// A stretch of the path: down to this price, these variants are valid.
struct Step {
    price: f64,
    valid: Vec<bool>,
}

/// Follows the solutions from a price at which all variants are valid down to one at which two are left.
///
/// With the price in standard errors, the penalised problem is Huber's: valid variants count by their squared residuals, others pull with
/// the force of the price. The effect is linear in the price between two steps.
fn path(all: &[Pair]) -> Result<Vec<Step>> {
    // Rows in units of the errors of the outcome.
    let rows: Vec<(f64, f64)> = all.iter().map(|p| (p.bx / p.sy, p.by / p.sy)).collect();
    // 0 for a valid variant, otherwise the sign of its residual.
    let mut side = vec![0.0_f64; rows.len()];
    let mut price = f64::INFINITY;
    let mut steps = Vec::new();
    // Every step changes one variant; paths are about as long as there are variants.
    for _ in 0..20 * rows.len() {
        let (mut xx, mut xy, mut pull) = (0.0, 0.0, 0.0);
        for ((x, y), side) in rows.iter().zip(&side) {
            if *side == 0.0 {
                xx += x * x;
                xy += x * y;
            } else {
                pull += side * x;
            }
        }
        if xx <= 0.0 {
            break;
        }
        // The effect is base + price * slope, a residual (y - x base) - price * x slope.
        let (base, slope) = (xy / xx, pull / xx);
        let mut next: Option<(f64, usize, f64)> = None;
        for (at, ((x, y), own)) in rows.iter().zip(&side).enumerate() {
            let (start, change) = (y - x * base, x * slope);
            let signs: &[f64] = if *own == 0.0 {
                &[1.0, -1.0]
            } else {
                std::slice::from_ref(own)
            };
            for sign in signs {
                // start - price change = sign price
                let meets = start / (sign + change);
                let below = meets < price * (1.0 - 1e-12) && meets > 0.0;
                // A valid variant leaves when the price falls below its residual, and comes back when its residual falls below the price.
                let leaves = *own == 0.0 && sign * (sign + change) > 0.0;
                let returns = *own != 0.0 && sign * (sign + change) < 0.0;
                if below && (leaves || returns) && next.is_none_or(|next| meets > next.0) {
                    next = Some((meets, at, if leaves { *sign } else { 0.0 }));
                }
            }
        }
        let valid = side.iter().map(|side| *side == 0.0).collect();
        let end = next.map_or(0.0, |next| next.0);
        steps.push(Step { price: end, valid });
        let Some((meets, at, sign)) = next else { break };
        price = meets;
        side[at] = sign;
        if side.iter().filter(|side| **side == 0.0).count() < 2 {
            break;
        }
    }
    if steps.is_empty() {
        let expected = "an effect on the exposure for MR-Lasso";
        return Err(Error::value("instruments", expected, "none"));
    }
    Ok(steps)
}

/// The valid variants at the price beyond which residuals grow by more than chance.
fn chosen(all: &[Pair], path: &[Step]) -> Option<Vec<bool>> {
    let sigma = |valid: &[bool]| {
        let kept = || all.iter().filter(|pair| valid[pair.at]);
        let n = kept().count();
        let sum = |of: fn(&Pair) -> f64| -> f64 { kept().map(of).sum() };
        let xx = sum(|p| (p.bx / p.sy).powi(2));
        let theta = sum(|p| p.bx * p.by / (p.sy * p.sy)) / xx;
        let q: f64 = kept().map(|p| ((p.by - theta * p.bx) / p.sy).powi(2)).sum();
        (n, (q / (n as f64 - 1.0)).sqrt())
    };
    let limit = chi_squared::quantile(0.95, 1.0);
    // From low prices to high ones.
    let mut steps = path.iter().rev();
    let mut last = steps.next()?;
    let mut before = sigma(&last.valid);
    for step in steps {
        let now = sigma(&step.valid);
        if now.1 > 1.0 && now.1 - before.1 > limit / now.0 as f64 {
            break;
        }
        (last, before) = (step, now);
    }
    Some(last.valid.clone())
}

impl Estimator for MrLasso {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
