//! Shapley values by weighted regression on coalitions.

use super::explain::{Explainer, Solved};
use super::kernel_coalitions::Weighted;
use super::lime::{MOST, MOST_FEATURES};
use super::options::{Options, doors};
use crate::attribution::Attribution;
use crate::linear::Cholesky;
use crate::network::Model;
use crate::progress;
use crate::random::Seed;
use crate::sequence::Explainable;
use crate::{Error, Result};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2};

/// Rows of the regression that are added up at a time.
const ROWS: usize = 256;

/// Estimates the Shapley values of the positions of sequences by Kernel SHAP.
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
/// let scores = attribution::kernel_shap(&network::deepbind(4), &peaks)?;
/// assert!(scores.unexplained().unwrap()[0].abs() < 1e-6);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Lundberg and Lee 2017, <https://arxiv.org/abs/1705.07874>. Checked against shap's `KernelExplainer` and captum's `KernelShap`.
pub fn kernel_shap(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    KernelShap::new().run(model, x)
}

/// Estimates Shapley values by a regression on coalitions, with options.
///
/// A coalition of `s` of `m` features weighs `(m - 1) / (C(m, s) s (m - s))`; contributions add up to the score less that of no
/// features. Where there are samples for all coalitions, contributions are the Shapley values; else small and large coalitions are
/// asked first, and others drawn in pairs with their complements, as shap does. No feature is left out: shap keeps but 10 unless told
/// otherwise. Features that equal what stands in for them contribute exactly 0.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{KernelShap, Masking}, ndarray::{Array1, ArrayView2, array}};
/// # fn main() -> genolens::Result<()> {
/// let product = |x: ArrayView2<f32>| -> Array1<f64> {
///     x.rows().into_iter().map(|row| f64::from(row[0] * row[1])).collect()
/// };
/// let background = Masking::new().background(array![[1.0_f32, 1.0], [0.0, 0.0]]);
/// let found = KernelShap::new().masking(background).rows(&product, &array![[2.0_f32, 3.0]])?;
/// assert_eq!(found.base()[0], 0.5);
/// assert!((found.values().sum() - 5.5).abs() < 1e-12);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct KernelShap {
    options: Options,
    samples: Option<usize>,
}

impl KernelShap {
    /// Takes the defaults: the first output, `2 features + 2048` coalitions, every column or position a feature, zeros for absent
    /// ones, batches of 64.
    pub fn new() -> Self {
        Self {
            options: Options::new(),
            samples: None,
        }
    }

    /// Sets the number of coalitions for every example, without that of all features and that of none.
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = Some(samples);
        self
    }

    /// Sets the seed of the coalitions; default 0. Those of an example follow from it and from the example.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.options.seed = seed.into();
        self
    }

    fn count(&self, features: usize) -> usize {
        self.samples.unwrap_or(2 * features + 2_048)
    }

    fn too_few(&self, features: usize) -> Error {
        let expected = format!(
            "at least {}, to tell {features} features apart",
            2 * features
        );
        Error::value("samples", expected, self.count(features))
    }
}

doors!(KernelShap);

impl Explainer for KernelShap {
    type Coalitions = Weighted;
    const NAME: &'static str = "kernel SHAP";
    const ADDS_UP: bool = true;
    const ALL_TAKE_PART: bool = false;

    fn options(&self) -> &Options {
        &self.options
    }

    fn check(&self) -> Result<()> {
        match self.samples {
            Some(samples) if samples == 0 || samples > MOST => {
                Err(Error::value("samples", format!("1 to {MOST}"), samples))
            }
            _ => Ok(()),
        }
    }

    fn coalitions(&self, features: usize, seed: Seed) -> Result<Weighted> {
        if features > MOST_FEATURES {
            let expected = format!("at most {MOST_FEATURES}: make groups");
            return Err(Error::value("features", expected, features));
        }
        if self.count(features) + 1 < features {
            return Err(self.too_few(features));
        }
        Weighted::new(features, self.count(features), seed)
    }

    fn solve(&self, found: &Weighted, scores: &[f64]) -> Result<Solved> {
        let features = found.kept.features();
        let (full, none) = (scores[0], scores[1]);
        let Some(others) = features.checked_sub(1) else {
            return Ok(Solved {
                values: Vec::new(),
                errors: None,
                fit: None,
            });
        };
        // The last contribution is what the others leave of the sum.
        let mut products = Array2::<f64>::zeros((others, others));
        let mut right = Array1::<f64>::zeros(others);
        let rows: Vec<usize> = (2..scores.len()).collect();
        for (step, rows) in rows.chunks(ROWS).enumerate() {
            progress::check(Self::NAME, step, scores.len().div_ceil(ROWS))
                .inspect_err(|_| progress::clear_interrupt())?;
            let mut block = Array2::<f64>::zeros((rows.len(), others));
            let mut answers = Array1::<f64>::zeros(rows.len());
            for (at, &row) in rows.iter().enumerate() {
                let root = found.weights[row].sqrt();
                let last = f64::from(u8::from(found.kept.has(row, others)));
                for feature in 0..others {
                    let own = f64::from(u8::from(found.kept.has(row, feature)));
                    block[[at, feature]] = root * (own - last);
                }
                answers[at] = root * (scores[row] - none - last * (full - none));
            }
            general_mat_mul(1.0, &block.t(), &block, 1.0, &mut products);
            right += &block.t().dot(&answers);
        }
        let mut values = if others == 0 {
            Vec::new()
        } else if let Some(system) = Cholesky::new(products) {
            system.solve(&right).to_vec()
        } else {
            return Err(self.too_few(features));
        };
        values.push(full - none - values.iter().sum::<f64>());
        Ok(Solved {
            values,
            errors: None,
            fit: None,
        })
    }
}
