//! Shapley values from all coalitions.

use super::coalitions::All;
use super::explain::{Explainer, Solved};
use super::options::{Options, doors};
use crate::attribution::Attribution;
use crate::network::Model;
use crate::random::Seed;
use crate::sequence::Explainable;
use crate::{Error, Result};

/// The most features: a million scores.
const MOST: usize = 20;

/// Computes the Shapley values of the positions of sequences of at most 20 letters.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, is too long, or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTAC"])?;
/// let scores = attribution::exact_shapley(&network::deepbind(4), &peaks)?;
/// assert!(scores.unexplained().unwrap()[0].abs() < 1e-6);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Shapley 1953, doi:10.1515/9781400881970-018. Checked against captum's `ShapleyValues` and shap's `ExactExplainer`.
pub fn exact_shapley(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    ExactShapley::new().run(model, x)
}

/// Computes Shapley values from all coalitions of at most 20 features, with options.
///
/// The contribution of a feature is what it adds to the features that came before it, averaged over all orders in which features can
/// come. It is found from the scores of all `2^features` coalitions. Features that equal what stands in for them contribute exactly 0
/// and do not count.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{ExactShapley, Masking}, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTACGTACGTACGTACGTACGTAC"])?;
/// let stretches = ExactShapley::new().masking(Masking::new().stretches(5));
/// let found = stretches.contributions(&network::deepbind(4), &peaks)?;
/// assert_eq!(found.evaluations(), 1 << 6);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ExactShapley {
    options: Options,
}

impl ExactShapley {
    /// Takes the defaults: the first output, every column or position a feature, zeros for absent ones, batches of 64.
    pub fn new() -> Self {
        Self {
            options: Options::new(),
        }
    }
}

doors!(ExactShapley);

impl Explainer for ExactShapley {
    type Coalitions = All;
    const NAME: &'static str = "exact Shapley values";
    const ADDS_UP: bool = true;
    const ALL_TAKE_PART: bool = false;

    fn options(&self) -> &Options {
        &self.options
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn coalitions(&self, features: usize, _: Seed) -> Result<All> {
        if features > MOST {
            let scores = match features {
                21..60 => (1_u64 << features).to_string(),
                _ => format!("2^{features}"),
            };
            let expected = format!(
                "at most {MOST}, as all coalitions of {features} take {scores} scores: make groups, or draw"
            );
            return Err(Error::value("features", expected, features));
        }
        Ok(All { features })
    }

    fn solve(&self, all: &All, scores: &[f64]) -> Result<Solved> {
        let count = all.features;
        // One over the number of orders in which a feature comes after so many given ones.
        let mut chances = vec![1.0 / count.max(1) as f64; count];
        for size in 1..count {
            chances[size] = chances[size - 1] * size as f64 / (count - size) as f64;
        }
        let value = |feature: usize| -> f64 {
            let own = 1_usize << feature;
            (0..1_usize << count)
                .filter(|members| members & own == 0)
                .map(|members| {
                    let added = scores[all.place(members | own)] - scores[all.place(members)];
                    chances[members.count_ones() as usize] * added
                })
                .sum()
        };
        Ok(Solved {
            values: (0..count).map(value).collect(),
            errors: None,
            fit: None,
        })
    }
}
