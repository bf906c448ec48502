//! Shapley values from some orders of the features.

use super::coalitions::Coalitions;
use super::explain::{Explainer, Solved};
use super::options::{Options, doors};
use crate::attribution::Attribution;
use crate::network::Model;
use crate::random::Seed;
use crate::sequence::Explainable;
use crate::{Error, Result};
use rand::seq::SliceRandom;

/// The most orders.
const MOST: usize = 10_000_000;

/// Estimates the Shapley values of the positions of sequences from 25 orders.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::shapley_sampling(&network::deepbind(4), &peaks)?;
/// assert!(scores.unexplained().unwrap()[0].abs() < 1e-6);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Castro, Gómez and Tejada 2009, doi:10.1016/j.cor.2008.04.004; Štrumbelj and Kononenko 2010; captum's `ShapleyValueSampling` draws
/// in the same way. Orders and their reverses: Mitchell et al. 2022, <https://arxiv.org/abs/2104.12199>.
pub fn shapley_sampling(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    ShapleySampling::new().run(model, x)
}

/// Estimates Shapley values from some orders of the features, with options.
///
/// Features are added one by one in an order drawn with equal chances; the contribution of a feature is what it adds, averaged over
/// the orders. Contributions add up for any number of orders, and every one comes with its standard error. Features that equal what
/// stands in for them contribute exactly 0.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::ShapleySampling, ndarray::{Array1, ArrayView2, array}};
/// # fn main() -> genolens::Result<()> {
/// let product = |x: ArrayView2<f32>| -> Array1<f64> {
///     x.rows().into_iter().map(|row| f64::from(row[0] * row[1])).collect()
/// };
/// let found = ShapleySampling::new().samples(400).rows(&product, &array![[2.0_f32, 3.0]])?;
/// let error = found.standard_errors().unwrap()[[0, 0]];
/// assert!((found.values()[[0, 0]] - 3.0).abs() < 4.0 * error);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ShapleySampling {
    options: Options,
    samples: usize,
    antithetic: bool,
}

impl ShapleySampling {
    /// Takes the defaults: the first output, 25 orders, every column or position a feature, zeros for absent ones, batches of 64.
    pub fn new() -> Self {
        Self {
            options: Options::new(),
            samples: 25,
            antithetic: false,
        }
    }

    /// Sets the number of orders that are drawn for every example.
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = samples;
        self
    }

    /// Sets whether every order is followed backwards, too: twice as many scores, and usually smaller errors than from twice the orders.
    pub fn antithetic(mut self, antithetic: bool) -> Self {
        self.antithetic = antithetic;
        self
    }

    /// Sets the seed of the orders; default 0. The orders for an example follow from it and from the example.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.options.seed = seed.into();
        self
    }
}

doors!(ShapleySampling);

/// The coalitions on the ways from no feature to all of them.
pub(super) struct Orders {
    features: usize,
    ways: usize,
    antithetic: bool,
    seed: Seed,
}

impl Orders {
    /// Returns the coalitions of each way between its ends.
    fn between(&self) -> usize {
        self.features.saturating_sub(1)
    }

    /// Returns an order of the features.
    fn order(&self, way: usize) -> Vec<usize> {
        let drawn = if self.antithetic { way / 2 } else { way };
        let mut order: Vec<usize> = (0..self.features).collect();
        order.shuffle(&mut self.seed.indexed(drawn).generator());
        if self.antithetic && way % 2 == 1 {
            order.reverse();
        }
        order
    }
}

impl Coalitions for Orders {
    fn count(&self) -> usize {
        self.ways.saturating_mul(self.between()).saturating_add(2)
    }

    fn present(&self, index: usize, features: &mut [bool]) {
        features.fill(index == 0);
        if let Some(index) = index.checked_sub(2) {
            let order = self.order(index / self.between());
            for &feature in &order[..=index % self.between()] {
                features[feature] = true;
            }
        }
    }
}

impl Explainer for ShapleySampling {
    type Coalitions = Orders;
    const NAME: &'static str = "Shapley sampling";
    const ADDS_UP: bool = true;
    const ALL_TAKE_PART: bool = false;

    fn options(&self) -> &Options {
        &self.options
    }

    fn check(&self) -> Result<()> {
        if self.samples == 0 || self.samples > MOST {
            let expected = format!("1 to {MOST}");
            return Err(Error::value("samples", expected, self.samples));
        }
        Ok(())
    }

    fn coalitions(&self, features: usize, seed: Seed) -> Result<Orders> {
        Ok(Orders {
            features,
            ways: self.samples * if self.antithetic { 2 } else { 1 },
            antithetic: self.antithetic,
            seed,
        })
    }

    fn solve(&self, orders: &Orders, scores: &[f64]) -> Result<Solved> {
        let (features, between) = (orders.features, orders.between());
        let together = if orders.antithetic { 2 } else { 1 };
        let (mut means, mut squares) = (vec![0.0; features], vec![0.0; features]);
        let mut added = vec![0.0; features];
        for draw in 0..self.samples {
            added.fill(0.0);
            for way in draw * together..(draw + 1) * together {
                let on_the_way = &scores[2 + way * between..][..between];
                let mut before = scores[1];
                let after = on_the_way.iter().chain(&scores[..1]);
                for (feature, &after) in orders.order(way).into_iter().zip(after) {
                    added[feature] += (after - before) / together as f64;
                    before = after;
                }
            }
            // Welford's way, since contributions may be far from 0.
            let count = (draw + 1) as f64;
            for feature in 0..features {
                let apart = added[feature] - means[feature];
                means[feature] += apart / count;
                squares[feature] += apart * (added[feature] - means[feature]);
            }
        }
        let draws = self.samples as f64;
        let error = |sum: &f64| (sum / (draws - 1.0) / draws).sqrt();
        let errors = if self.samples == 1 {
            vec![f64::NAN; features]
        } else {
            squares.iter().map(error).collect()
        };
        Ok(Solved {
            values: means,
            errors: Some(errors),
            fit: None,
        })
    }
}
