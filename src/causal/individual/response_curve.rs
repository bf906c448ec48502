//! What the outcome would be if the exposure were set.

use crate::Result;
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// What the outcome would be on average if the exposure were set to some values; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct ResponseCurve {
    pub(super) exposure: Arc<Array1<f64>>,
    pub(super) value: Arc<Array1<f64>>,
    pub(super) half: Arc<Array1<f64>>,
    pub(super) ordinary: Arc<Array1<f64>>,
}

impl ResponseCurve {
    /// Returns the exposures, shape `(points)`.
    pub fn exposure(&self) -> &Array1<f64> {
        &self.exposure
    }

    /// Returns the outcomes, shape `(points)`.
    pub fn value(&self) -> &Array1<f64> {
        &self.value
    }

    /// Returns the lower ends of the intervals of 95 %, shape `(points)`.
    pub fn low(&self) -> Array1<f64> {
        self.value.as_ref() - self.half.as_ref()
    }

    /// Returns the upper ends of the intervals of 95 %, shape `(points)`.
    pub fn high(&self) -> Array1<f64> {
        self.value.as_ref() + self.half.as_ref()
    }

    /// Returns what the same network says without instruments, shape `(points)`.
    pub fn ordinary(&self) -> &Array1<f64> {
        &self.ordinary
    }

    /// Returns a table with one row per exposure: `exposure`, `outcome`, `lower`, `upper` (95 %) and `ordinary`.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let columns = [
            ("exposure", self.exposure.to_vec()),
            ("outcome", self.value.to_vec()),
            ("lower", self.low().to_vec()),
            ("upper", self.high().to_vec()),
            ("ordinary", self.ordinary.to_vec()),
        ];
        let columns = columns.map(|(name, values)| Column::new(name.into(), values));
        Ok(DataFrame::new_infer_height(columns.to_vec())?)
    }
}

impl fmt::Debug for ResponseCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResponseCurve({} points)", self.exposure.len())
    }
}
