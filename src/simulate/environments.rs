//! Data of several environments, one feature of which does not hold in all.

use crate::random::Seed;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use rand::RngExt;
use rand_distr::StandardNormal;
use std::fmt;
use std::sync::Arc;

/// Examples of each environment.
const SIZE: usize = 500;

/// Draws 500 examples of each environment: two features, of which the first agrees with the label in 75 of 100 examples everywhere, the
/// second as often as `agreement` says of the environment (after the coloured digits of Arjovsky et al. 2019,
/// <https://doi.org/10.48550/arXiv.1907.02893>).
///
/// What agrees is 1 for a label of 1 and -1 for one of 0, with normal noise of spread 0.3.
///
/// # Errors
///
/// Fails for fewer than two environments, or a share that is not from 0 to 1.
///
/// # Examples
///
/// ```
/// use genolens::simulate;
/// # fn main() -> genolens::Result<()> {
/// let data = simulate::environments(&[0.9, 0.1], 1)?;
/// assert_eq!((data.x().dim(), data.names()[999].as_str()), ((1000, 2), "1"));
/// # Ok(()) }
/// ```
pub fn environments(agreement: &[f64], seed: impl Into<Seed>) -> Result<Environments> {
    if agreement.len() < 2 {
        return Err(Error::value(
            "agreement",
            "shares of at least 2 environments",
            agreement.len(),
        ));
    }
    if let Some(share) = agreement.iter().find(|share| !(0.0..=1.0).contains(*share)) {
        return Err(Error::value("agreement", "shares from 0 to 1", share));
    }
    let seed = seed.into().named("environments");
    let n = SIZE * agreement.len();
    let mut x = Array2::zeros((n, 2));
    let labels: Array1<f32> = (0..n)
        .map(|row| {
            let mut generator = seed.indexed(row).generator();
            let label = generator.random::<bool>();
            for (feature, share) in [0.75, agreement[row / SIZE]].into_iter().enumerate() {
                let agrees = generator.random::<f64>() < share;
                let noise: f64 = generator.sample(StandardNormal);
                let side = if label == agrees { 1.0 } else { -1.0 };
                x[[row, feature]] = (side + 0.3 * noise) as f32;
            }
            f32::from(u8::from(label))
        })
        .collect();
    Ok(Environments {
        x: Arc::new(x),
        labels: Arc::new(labels),
        names: (0..n).map(|row| (row / SIZE).to_string()).collect(),
    })
}

/// Examples of several environments; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Environments {
    x: Arc<Array2<f32>>,
    labels: Arc<Array1<f32>>,
    names: Arc<[String]>,
}

impl Environments {
    /// Returns the examples, shape `(n, 2)`: what always tells, and what does not.
    pub fn x(&self) -> &Array2<f32> {
        &self.x
    }

    /// Returns the labels, shape `(n)`.
    pub fn labels(&self) -> &Array1<f32> {
        &self.labels
    }

    /// Returns the name of the environment of every example: its number from 0.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl fmt::Debug for Environments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environments({} examples)", self.labels.len())
    }
}
