//! What a principal component analysis gives.

use super::table::Table;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, CowArray, IxDyn};
use polars::prelude::DataFrame;
use std::fmt;
use std::sync::Arc;

/// Examples along the directions in which they differ most; cheap to clone.
///
/// It is an input itself, shape `(n, components)`, and carries along what its input knew of the examples.
#[derive(Clone, PartialEq)]
pub struct Components {
    coordinates: Arc<Array2<f64>>,
    about: Option<DataFrame>,
    directions: Arc<Directions>,
}

/// What does not depend on the examples that are looked at.
#[derive(PartialEq)]
pub(super) struct Directions {
    pub(super) loadings: Array2<f64>,
    pub(super) variance: Array1<f64>,
    pub(super) ratio: Array1<f64>,
    pub(super) centre: Array1<f64>,
    pub(super) weight: Array1<f64>,
}

impl Components {
    pub(super) fn new(
        coordinates: Array2<f64>,
        about: Option<DataFrame>,
        directions: Directions,
    ) -> Self {
        Self {
            coordinates: Arc::new(coordinates),
            about,
            directions: Arc::new(directions),
        }
    }

    /// Returns where the examples are, shape `(n, components)`.
    pub fn coordinates(&self) -> &Array2<f64> {
        &self.coordinates
    }

    /// Returns the directions as rows of length one, shape `(components, features)`.
    pub fn loadings(&self) -> &Array2<f64> {
        &self.directions.loadings
    }

    /// Returns the variance along each direction, over `n - 1`; around 0 where the columns were not centred.
    pub fn explained_variance(&self) -> &Array1<f64> {
        &self.directions.variance
    }

    /// Returns the share of the whole variance along each direction.
    pub fn explained_variance_ratio(&self) -> &Array1<f64> {
        &self.directions.ratio
    }

    /// Places other examples along the same directions; `x` has shape `(n, features)` and is centred and scaled as the first ones were.
    ///
    /// # Errors
    ///
    /// Fails when `x` is not a table of finite numbers with the features of the first examples.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{embedding, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let found = embedding::pca(&array![[0.0_f32, 0.0], [3.0, 4.0]], 1)?;
    /// let other = found.transform(&array![[6.0_f32, 8.0]])?;
    /// assert!((other.coordinates()[[0, 0]] - 7.5).abs() < 1e-6);
    /// # Ok(()) }
    /// ```
    pub fn transform(&self, x: &dyn Input) -> Result<Self> {
        let mut table = Table::new(x)?;
        let (n, features) = table.dim();
        let expected = self.loadings().ncols();
        if features != expected {
            return Err(Error::shape(
                "x",
                format!("(n, {expected})"),
                &[n, features],
            ));
        }
        table.centre.assign(&self.directions.centre);
        table.weight.assign(&self.directions.weight);
        Ok(Self {
            coordinates: Arc::new(table.times(&self.loadings().t())?),
            about: x.about().cloned(),
            directions: self.directions.clone(),
        })
    }
}

impl Input for Components {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(self
            .coordinates
            .mapv(|value| value as f32)
            .into_dyn()
            .into())
    }

    fn about(&self) -> Option<&DataFrame> {
        self.about.as_ref()
    }
}

impl fmt::Debug for Components {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, components) = self.coordinates.dim();
        write!(f, "Components(n = {n}, components = {components})")
    }
}
