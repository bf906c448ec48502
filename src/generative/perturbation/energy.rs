//! How far two clouds of points are from each other.

use crate::{Error, Input, Result};
use ndarray::{Array2, ArrayView1, Ix2};
use rayon::prelude::*;

/// Computes the energy distance of two samples, shapes `(n, features)` and `(m, features)`, with the defaults of [`EnergyDistance`].
///
/// # Errors
///
/// As [`EnergyDistance::run`].
///
/// # Examples
///
/// ```
/// use genolens::{generative, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// // Between the samples 2, 1, 1 and 0 apart, 1 on average; within each 0, 1, 1 and 0, on average a half.
/// let distance = generative::e_distance(&array![[0.0_f32], [1.0]], &array![[2.0_f32], [1.0]])?;
/// assert_eq!(distance, 2.0 * 1.0 - 0.5 - 0.5);
/// # Ok(()) }
/// ```
pub fn e_distance(a: &dyn Input, b: &dyn Input) -> Result<f64> {
    EnergyDistance::new().run(a, b)
}

/// Computes the energy distance of two samples, with options: twice the mean distance between points of both, less the mean distance
/// within each (a point and itself counted), 0 if and only if both are the same.
///
/// Source: Székely and Rizzo 2013, doi:10.1016/j.jspi.2013.03.018. With [`squared`](Self::squared) it is that of scPerturb (Peidli et al.
/// 2024, doi:10.1038/s41592-023-02144-y), which sees differences of means only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnergyDistance {
    squared: bool,
}

impl EnergyDistance {
    /// Takes the defaults: Euclidean distances.
    pub fn new() -> Self {
        Self::default()
    }

    /// Squares distances, and leaves out those of a point to itself, as scPerturb does: no bias, and it can be below 0.
    pub fn squared(mut self, squared: bool) -> Self {
        self.squared = squared;
        self
    }

    /// Computes the distance.
    ///
    /// # Errors
    ///
    /// Fails for fewer than 2 points of a sample, other features, or a number that is not finite.
    pub fn run(&self, a: &dyn Input, b: &dyn Input) -> Result<f64> {
        let (a, b) = (points("a", a)?, points("b", b)?);
        if a.ncols() != b.ncols() {
            let expected = format!("(n, {}) as `a`", a.ncols());
            return Err(Error::shape("b", expected, b.shape()));
        }
        let within = |x: &Array2<f64>| {
            let n = x.nrows() as f64;
            let mean = self.mean(x, x);
            if self.squared {
                mean * n / (n - 1.0)
            } else {
                mean
            }
        };
        Ok(2.0 * self.mean(&a, &b) - within(&a) - within(&b))
    }

    fn mean(self, a: &Array2<f64>, b: &Array2<f64>) -> f64 {
        let of = |row: usize| -> f64 {
            let others = b.rows().into_iter();
            others.map(|other| self.between(&a.row(row), &other)).sum()
        };
        // Summed in the order of the rows, whoever computed them.
        let sums: Vec<f64> = (0..a.nrows()).into_par_iter().map(of).collect();
        sums.iter().sum::<f64>() / (a.nrows() * b.nrows()) as f64
    }

    fn between(self, a: &ArrayView1<'_, f64>, b: &ArrayView1<'_, f64>) -> f64 {
        let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
        if self.squared { square } else { square.sqrt() }
    }
}

fn points(name: &str, x: &dyn Input) -> Result<Array2<f64>> {
    let x = x.array()?;
    let shape = x.shape().to_vec();
    let wrong = || Error::shape(name, "(n, features) with n at least 2", &shape);
    let x = x.view().into_dimensionality::<Ix2>().map_err(|_| wrong())?;
    if x.nrows() < 2 || x.ncols() == 0 {
        return Err(wrong());
    }
    match x.iter().find(|value| !value.is_finite()) {
        Some(value) => Err(Error::value(name, "finite numbers", value)),
        None => Ok(x.mapv(f64::from)),
    }
}
