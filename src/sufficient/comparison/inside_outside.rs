//! What features are worth inside and outside of subsets.

use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// How much the score loses when one feature is masked; cheap to clone.
///
/// A feature is inside when it belongs to any subset of its example.
#[derive(Clone)]
pub struct InsideOutside {
    examples: Arc<[usize]>,
    drops: Arc<Array2<f64>>,
    inside: Arc<Array2<bool>>,
}

impl InsideOutside {
    pub(super) fn new(
        examples: Vec<usize>,
        drops: Array2<f64>,
        inside: Array2<bool>,
    ) -> Result<Self> {
        if examples.is_empty() {
            return Err(Error::value(
                "subsets",
                "a subset of one example or more",
                "empty",
            ));
        }
        Ok(Self {
            examples: examples.into(),
            drops: Arc::new(drops),
            inside: Arc::new(inside),
        })
    }

    /// Returns the number of examples.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Tells whether there is no example; there always is one.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Returns which examples have subsets, in order.
    pub fn examples(&self) -> &[usize] {
        &self.examples
    }

    /// Returns the score less that with each feature masked, shape `(examples, features)`.
    pub fn drops(&self) -> &Array2<f64> {
        &self.drops
    }

    /// Tells which features are inside, shape `(examples, features)`.
    pub fn is_inside(&self) -> &Array2<bool> {
        &self.inside
    }

    fn some(&self, inside: bool) -> Vec<f64> {
        let all = self.drops.iter().zip(self.inside.iter());
        all.filter(|(_, own)| **own == inside)
            .map(|(drop, _)| *drop)
            .collect()
    }

    /// Returns what every feature inside is worth, example after example.
    pub fn inside(&self) -> Array1<f64> {
        self.some(true).into()
    }

    /// Returns what every feature outside is worth, example after example.
    pub fn outside(&self) -> Array1<f64> {
        self.some(false).into()
    }

    /// Returns the mean drop inside and outside in every example; none where there is no such feature.
    fn means(&self, inside: bool) -> Vec<Option<f64>> {
        let rows = self
            .drops
            .axis_iter(Axis(0))
            .zip(self.inside.axis_iter(Axis(0)));
        let mean =
            |(drops, flags): (ndarray::ArrayView1<'_, f64>, ndarray::ArrayView1<'_, bool>)| {
                let own = drops.iter().zip(flags).filter(|(_, own)| **own == inside);
                let own: Array1<f64> = own.map(|(drop, _)| *drop).collect();
                own.mean()
            };
        rows.map(mean).collect()
    }

    /// Returns a table with columns example, inside and outside: the mean drop in every example, none where there is no such feature.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        Ok(df!(
            "example" => self.examples.iter().map(|&one| one as u32).collect::<Vec<_>>(),
            "inside" => self.means(true),
            "outside" => self.means(false),
        )?)
    }
}

impl fmt::Debug for InsideOutside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = |values: Array1<f64>| values.mean().unwrap_or(f64::NAN);
        let (n, inside, outside) = (self.len(), mean(self.inside()), mean(self.outside()));
        write!(
            f,
            "InsideOutside(examples = {n}, a masked feature costs {inside:.4} inside, {outside:.4} outside)"
        )
    }
}
