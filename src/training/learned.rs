//! How good networks are that have learned from few and from many examples.

use super::validated::mean_and_spread;
use ndarray::{Array1, Array2, Axis};
use std::fmt;
use std::sync::Arc;

/// How good networks are that have learned from so many examples; cheap to clone, shows itself as a curve.
#[derive(Clone, PartialEq)]
pub struct Learned {
    sizes: Arc<[usize]>,
    values: Arc<Array2<f64>>,
    metric: &'static str,
}

impl Learned {
    pub(crate) fn new((sizes, values): (Vec<usize>, Array2<f64>), metric: &'static str) -> Self {
        Self {
            sizes: sizes.into(),
            values: values.into(),
            metric,
        }
    }

    /// Returns the numbers of examples.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Returns what is measured on the held out examples: `auroc` for labels 0 and 1, the mean over tasks.
    pub fn metric(&self) -> &str {
        self.metric
    }

    /// Returns the metric of every training, shape `(sizes, repeats)`.
    pub fn values(&self) -> &Array2<f64> {
        &self.values
    }

    /// Returns the mean over repeats for every size.
    pub fn mean(&self) -> Array1<f64> {
        self.each(|values| mean_and_spread(values).0)
    }

    /// Returns the standard deviation over repeats for every size, NaN for a single one.
    pub fn spread(&self) -> Array1<f64> {
        self.each(|values| mean_and_spread(values).1)
    }

    fn each(&self, of: fn(&Array1<f64>) -> f64) -> Array1<f64> {
        let rows = self.values.axis_iter(Axis(0));
        rows.map(|row| of(&row.to_owned())).collect()
    }
}

impl fmt::Debug for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Learned({self})")
    }
}

impl fmt::Display for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric)?;
        let lines = self.sizes.iter().zip(self.mean()).zip(self.spread());
        for (at, ((size, mean), spread)) in lines.enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma} {mean:.4} ± {spread:.4} with {size} examples")?;
        }
        Ok(())
    }
}
