//! Principal component analysis.

use super::Components;
use super::components::Data;
use super::eigen::symmetric;
use crate::progress;
use crate::{Error, Input, Result};
use ndarray::{Array2, ArrayView2, Axis, Ix2, s};

/// Computes the directions in which examples differ most, and where the examples are along them.
///
/// Exact, from the eigenvectors of the covariance (or of the inner products, where there are fewer examples than features). The sign of
/// a direction is such that its largest loading is positive. `x` has shape `(n, features)`; its columns are centred, not scaled.
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
    scaled: bool,
}

impl Pca {
    /// Asks for so many components of columns that are not scaled.
    pub fn new(components: usize) -> Self {
        Self {
            components,
            scaled: false,
        }
    }

    /// Sets whether every column is divided by its standard deviation; a constant column stays 0.
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
        let x = x.array()?.mapv(f64::from);
        let shape = x.shape().to_vec();
        let Ok(mut x) = x.into_dimensionality::<Ix2>() else {
            return Err(Error::shape("x", "(n, features)", &shape));
        };
        let (n, features) = x.dim();
        if n < 2 || features == 0 {
            return Err(Error::shape("x", "(n, features) with n at least 2", &shape));
        }
        if x.iter().any(|value| !value.is_finite()) {
            return Err(Error::value("x", "finite", "not finite in places"));
        }
        let most = n.min(features);
        if !(1..=most).contains(&self.components) {
            let expected = format!("1 to {most}");
            return Err(Error::value("components", expected, self.components));
        }
        x -= &(x.sum_axis(Axis(0)) / n as f64);
        if self.scaled {
            let spread = (&x * &x).sum_axis(Axis(0)) / (n - 1) as f64;
            x /= &spread.mapv(|spread| if spread > 0.0 { spread.sqrt() } else { 1.0 });
        }
        let total = x.iter().map(|value| value * value).sum::<f64>();
        let mut loadings = if features <= n {
            symmetric(product(&x.t(), &x.view())?)?.1.t().to_owned()
        } else {
            let inner = symmetric(product(&x.view(), &x.t())?)?.1;
            product(&inner.t(), &x.view())?
        };
        loadings = loadings.slice(s![..self.components, ..]).to_owned();
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
        let coordinates: Array2<f64> = x.dot(&loadings.t());
        let squares = (&coordinates * &coordinates).sum_axis(Axis(0));
        Ok(Components::new(Data {
            coordinates,
            loadings,
            variance: &squares / (n - 1) as f64,
            ratio: if total > 0.0 {
                squares / total
            } else {
                squares
            },
        }))
    }
}

/// Multiplies some rows at a time, since a large product takes seconds and an interrupt should not wait for it.
fn product(a: &ArrayView2<'_, f64>, b: &ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    /// Multiplications at a time: a few hundredths of a second.
    const PIECE: usize = 100_000_000;
    let rows = (PIECE / (a.ncols() * b.ncols()).max(1)).max(1);
    let mut out = Array2::zeros((a.nrows(), b.ncols()));
    let pieces = a.axis_chunks_iter(Axis(0), rows);
    let places = out.axis_chunks_iter_mut(Axis(0), rows);
    for (index, (piece, mut place)) in pieces.zip(places).enumerate() {
        progress::check("pca", index * rows, a.nrows())?;
        place.assign(&piece.dot(b));
    }
    Ok(out)
}
