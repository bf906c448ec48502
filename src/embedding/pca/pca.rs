//! The analysis itself.

use super::Components;
use super::components::Directions;
use super::table::Table;
use crate::embedding::eigen::{self, Largest};
use crate::{Error, Input, Result};
use ndarray::{Array2, ArrayView2, Axis};

/// Tables are multiplied with themselves where the shorter side is at most this long.
const PRODUCT: usize = 5000;

/// Computes the directions in which examples differ most, and where the examples are along them.
///
/// `x` has shape `(n, features)`; its columns are centred, not scaled. A sparse table stays sparse: its means are taken off in the
/// products. The directions are eigenvectors of the covariance (or of the inner products, where there are fewer examples than features), to nine
/// digits, and the same bytes for any number of threads. The sign of a direction is such that its largest loading is positive. Checked
/// against `sklearn.decomposition.PCA` and `scanpy.pp.pca`.
///
/// # Errors
///
/// Fails when `x` is not a table of finite numbers with at least 2 rows, or has fewer rows or columns than components asked for.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let x = array![[0.0_f32, 0.0], [1.0, 2.0], [2.0, 4.0]];
/// let found = embedding::pca(&x, 1)?;
/// assert!((found.explained_variance_ratio()[0] - 1.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
pub fn pca(x: &dyn Input, components: usize) -> Result<Components> {
    Pca::new(components).run(x)
}

/// Computes principal components, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pca {
    components: usize,
    centred: bool,
    scaled: bool,
}

impl Pca {
    /// Asks for so many components of columns that are centred and not scaled.
    pub fn new(components: usize) -> Self {
        Self {
            components,
            centred: true,
            scaled: false,
        }
    }

    /// Sets whether the mean of every column is moved to 0; without, this is the truncated singular value decomposition.
    pub fn centred(mut self, centred: bool) -> Self {
        self.centred = centred;
        self
    }

    /// Sets whether every column is divided by its standard deviation; a constant column stays as it is.
    pub fn scaled(mut self, scaled: bool) -> Self {
        self.scaled = scaled;
        self
    }

    /// Computes the components of `x`, shape `(n, features)`.
    ///
    /// # Errors
    ///
    /// As [`pca`].
    pub fn run(&self, x: &dyn Input) -> Result<Components> {
        let table = Table::new(x)?;
        let (n, features) = table.dim();
        if n < 2 || features == 0 {
            let expected = "(n, features) with n at least 2";
            return Err(Error::shape("x", expected, &[n, features]));
        }
        let most = n.min(features);
        if !(1..=most).contains(&self.components) {
            let expected = format!("1 to {most}");
            return Err(Error::value("components", expected, self.components));
        }
        let mut table = table.centred();
        if self.scaled {
            table = table.scaled();
        }
        if !self.centred {
            table.centre.fill(0.0);
        }
        let total = table.squares().sum();
        let loadings = self.loadings(&table, total)?;
        let coordinates = table.times(&loadings.t())?;
        let squares = coordinates.map_axis(Axis(0), |column| column.dot(&column));
        let directions = Directions {
            loadings,
            variance: &squares / (n - 1) as f64,
            ratio: if total > 0.0 {
                squares / total
            } else {
                squares
            },
            centre: table.centre,
            weight: table.weight,
        };
        Ok(Components::new(coordinates, x.about().cloned(), directions))
    }

    fn loadings(&self, table: &Table<'_>, total: f64) -> Result<Array2<f64>> {
        let (n, features) = table.dim();
        let search = Largest::new("pca", self.components).tolerance(1e-9);
        let side = n.min(features);
        let vectors = if side > PRODUCT && features <= n {
            let apply = |v: &ArrayView2<'_, f64>| table.transposed_times(&table.times(v)?.view());
            search.run(side, &apply)?.1
        } else if side > PRODUCT {
            let apply = |v: &ArrayView2<'_, f64>| table.times(&table.transposed_times(v)?.view());
            search.run(side, &apply)?.1
        } else {
            let products = if features <= n {
                table.of_features()?
            } else {
                table.of_rows()?
            };
            let apply = |v: &ArrayView2<'_, f64>| Ok(eigen::product(&products.view(), v));
            search.run(side, &apply)?.1
        };
        let columns = if features <= n {
            vectors
        } else {
            table.transposed_times(&vectors.view())?
        };
        let mut loadings = columns.t().as_standard_layout().into_owned();
        for mut row in loadings.rows_mut() {
            let length = row.dot(&row).sqrt();
            let largest = row
                .iter()
                .fold(0.0, |a: f64, &b| if b.abs() > a.abs() { b } else { a });
            // A direction without variance is rounding noise: it has no loadings.
            if length * length <= total * 1e-24 && features > n {
                row.fill(0.0);
            } else if length > 0.0 {
                row /= length * largest.signum();
            }
        }
        Ok(loadings)
    }
}
