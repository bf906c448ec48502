//! What cells are compared with.

use crate::expression::{Cells, Values};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use std::fmt;
use std::sync::Arc;

/// What cells are compared with: a score is what a gene adds to this.
///
/// Zeros ask why a cell is no empty droplet, and genes that all cells have score high. The mean of a group asks what sets a cell apart from
/// that group: for a cell type its neighbours, for a response the control. Over the cells of that group itself, scores are near 0 on
/// average.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::Baseline, expression::Cells, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let control = Cells::new(array![[0.0_f32, 2.0], [1.0, 4.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
/// assert_eq!(Baseline::mean_of("control", &control)?.to_string(), "the mean of control (2 cells)");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    name: String,
    /// Shape `(baselines, genes)`; none stands for zeros.
    values: Option<Arc<Array2<f32>>>,
    /// Of which genes they are, where that is known.
    genes: Option<Arc<[String]>>,
}

impl Baseline {
    /// Compares with a cell in which no gene is expressed.
    pub fn zeros() -> Self {
        Self {
            name: "zeros".into(),
            values: None,
            genes: None,
        }
    }

    /// Compares with the mean of some cells, which have a name.
    ///
    /// # Errors
    ///
    /// Fails without cells, and for values that are not finite.
    pub fn mean_of(name: &str, cells: &Cells) -> Result<Self> {
        if cells.is_empty() {
            return Err(Error::value("cells of the baseline", "at least one", 0));
        }
        let mut sums = Array1::<f64>::zeros(cells.shape().1);
        match cells.values() {
            Values::Sparse(values) => sums += &values.column_sums(),
            Values::Dense(values) => {
                for row in values.rows() {
                    sums += &row.mapv(f64::from);
                }
            }
        }
        let mean = sums.mapv(|sum| (sum / cells.len() as f64) as f32);
        let name = format!("the mean of {name} ({} cells)", cells.len());
        Ok(Self {
            genes: Some(cells.genes().into()),
            ..Self::checked(name, mean.insert_axis(Axis(0)))?
        })
    }

    /// Compares with each of some cells in turn, and takes the mean of the scores, shape `(baselines, genes)`: what is random about one of
    /// them counts less.
    ///
    /// # Errors
    ///
    /// Fails without cells or genes, and for values that are not finite.
    pub fn each_of(name: &str, values: Array2<f32>) -> Result<Self> {
        if values.is_empty() {
            let expected = "(baselines, genes), both at least 1";
            return Err(Error::shape(
                "values of the baseline",
                expected,
                values.shape(),
            ));
        }
        Self::checked(format!("{} cells of {name}", values.nrows()), values)
    }

    fn checked(name: String, values: Array2<f32>) -> Result<Self> {
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(Error::value("values of the baseline", "finite", value));
        }
        Ok(Self {
            name,
            values: Some(Arc::new(values)),
            genes: None,
        })
    }

    /// Returns the baselines for cells of these genes, shape `(baselines, genes)`.
    pub(super) fn of(&self, genes: &[String]) -> Result<Array2<f32>> {
        let count = genes.len();
        let Some(values) = &self.values else {
            return Ok(Array2::zeros((1, count)));
        };
        if values.ncols() != count {
            let expected = format!("(baselines, {count}), the genes of the cells");
            return Err(Error::shape("baseline", expected, values.shape()));
        }
        if self.genes.as_deref().is_some_and(|own| own != genes) {
            let expected = format!("the {count} genes of the cells, in their order");
            return Err(Error::value("genes of the baseline", expected, "others"));
        }
        Ok((**values).clone())
    }
}

impl Default for Baseline {
    fn default() -> Self {
        Self::zeros()
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
