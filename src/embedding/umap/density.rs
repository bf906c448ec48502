//! What keeps dense groups dense and loose ones loose (densMAP: Narayan, Berger and Cho 2021, doi:10.1038/s41587-020-00801-7).

use super::curve::Curve;
use super::power::power;
use crate::{Error, Result};
use rayon::prelude::*;

/// What a squared radius has more, so that it has a logarithm.
const LITTLE: f64 = 1e-8;

/// How much densities count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Density {
    /// How strongly points follow their densities.
    pub(super) weight: f64,
    /// In how large a share of the epochs, the last ones.
    pub(super) share: f64,
    /// What the variance of radii on the map has more, so that it can be divided by.
    pub(super) shift: f64,
}

impl Default for Density {
    fn default() -> Self {
        Self {
            weight: 2.0,
            share: 0.3,
            shift: 0.1,
        }
    }
}

impl Density {
    pub(super) fn check(self) -> Result<()> {
        let value = |name, fine: bool, expected: &str, got: f64| {
            if fine {
                Ok(())
            } else {
                Err(Error::value(name, expected, got))
            }
        };
        let from_zero = |x: f64| x >= 0.0 && x.is_finite();
        let Self {
            weight,
            share,
            shift,
        } = self;
        value(
            "density_weight",
            from_zero(weight),
            "a finite number from 0",
            weight,
        )?;
        value(
            "density_share",
            (0.0..=1.0).contains(&share),
            "0 to 1",
            share,
        )?;
        let fine = shift > 0.0 && shift.is_finite();
        value("density_shift", fine, "a finite number above 0", shift)
    }

    /// Tells whether densities count in an epoch, of which the first has number 1.
    pub(super) fn counts(self, number: usize, epochs: usize) -> bool {
        self.weight > 0.0 && number as f64 / epochs as f64 > 1.0 - self.share
    }
}

/// The radii before, as far from their mean as they are spread.
pub(super) fn standardised(radii: &[f64]) -> Vec<f64> {
    let (mean, variance) = moments(radii);
    let scale = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    radii.iter().map(|radius| (radius - mean) / scale).collect()
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares / n)
}

/// How radii pull and push the points in one epoch: towards a higher correlation of those on the map with those before.
pub(super) struct Pressure {
    /// For every point how its radius should change, over `Σ φ` of its edges, and the same over its squared radius.
    terms: Vec<[f32; 2]>,
    factor: f32,
    b: f32,
    a: f32,
}

impl Pressure {
    /// Looks at how radii are now. `squares` gives the squared lengths of the edges of a point.
    pub(super) fn new(
        density: Density,
        (radii, curve): (&[f64], Curve),
        (total, squares): (f64, impl Fn(usize, &mut dyn FnMut(f32)) + Sync),
    ) -> Self {
        let n = radii.len();
        let Curve { a, b } = curve;
        let (a, b) = (a as f32, b as f32);
        let sums = (0..n).into_par_iter().with_min_len(256).map(|point| {
            let (mut near, mut far) = (0.0_f64, 0.0_f64);
            squares(point, &mut |square| {
                let phi = 1.0 / (1.0 + a * power(square, b));
                near += f64::from(phi);
                far += f64::from(phi * square);
            });
            (near, if near > 0.0 { far / near } else { 0.0 })
        });
        let sums: Vec<(f64, f64)> = sums.collect();
        let now: Vec<f64> = sums.iter().map(|sum| (LITTLE + sum.1).ln()).collect();
        let (mean, variance) = moments(&now);
        let variance = variance + density.shift;
        let products = now.iter().zip(radii).map(|(now, radius)| now * radius);
        let covariance = products.sum::<f64>() / (n.max(2) - 1) as f64;
        let terms = sums
            .iter()
            .zip(&now)
            .zip(radii)
            .map(|((sum, now), radius)| {
                let change = radius - covariance * (now - mean) / variance;
                // umap-learn counts every edge from both of its ends.
                let change = if sum.0 > 0.0 {
                    change / (2.0 * sum.0)
                } else {
                    0.0
                };
                [change as f32, (change / now.exp()) as f32]
            });
        Self {
            terms: terms.collect(),
            factor: (2.0 * density.weight * total / variance.sqrt() / n as f64) as f32,
            b,
            a,
        }
    }

    /// By which factor an edge of this squared length and weight shifts its ends apart; there is no pressure on points that are none.
    #[inline]
    pub(super) fn along(&self, ends: [u32; 2], square: f32, weight: f32) -> f32 {
        let term = |end: u32| self.terms.get(end as usize).copied().unwrap_or_default();
        let ends = ends.map(term);
        let [change, over_radius] = [ends[0][0] + ends[1][0], ends[0][1] + ends[1][1]];
        let power = power(square, self.b);
        let phi = 1.0 / (1.0 + self.a * power);
        let fall = self.a * self.b * power * phi / square;
        let whole = (1.0 - self.b * (1.0 - phi)) * over_radius + fall * change;
        self.factor * phi * whole / weight
    }
}
