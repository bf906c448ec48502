//! Some examples with their labels.

use crate::{Error, Result};
use ndarray::{ArrayD, IxDyn};

/// Some examples with their labels and weights, as a [`Source`](super::Source) gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    x: ArrayD<f32>,
    labels: ArrayD<f32>,
    weights: Option<ArrayD<f32>>,
}

impl Batch {
    /// Puts examples `(n, ...)` and labels `(n)`, `(n, tasks)` or `(n, strands, positions)` together.
    ///
    /// # Errors
    ///
    /// Fails when there is no example, or not one label for each, or a number is not finite.
    pub fn new(x: ArrayD<f32>, labels: ArrayD<f32>) -> Result<Self> {
        check(&x.view(), &labels.view())?;
        Ok(Self::unchecked(x, labels))
    }

    /// As [`new`](Self::new), for labels of which some are missing (NaN): nothing is learned from those, and metrics leave them out.
    ///
    /// The batch holds 0 in their place, with weight 0. They still count among the labels that a loss is the mean over.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::ndarray::array;
    /// use genolens::training::Batch;
    /// # fn main() -> genolens::Result<()> {
    /// let x = array![[0.0_f32], [1.0]].into_dyn();
    /// let labels = array![[1.0, f32::NAN], [0.0, 1.0]].into_dyn();
    /// let batch = Batch::with_missing(x, labels)?;
    /// assert_eq!(batch.weights(), Some(&array![[1.0, 0.0], [1.0, 1.0]].into_dyn()));
    /// # Ok(()) }
    /// ```
    pub fn with_missing(x: ArrayD<f32>, mut labels: ArrayD<f32>) -> Result<Self> {
        if !labels.iter().any(|label| label.is_nan()) {
            return Self::new(x, labels);
        }
        let weights = labels.mapv(|label| if label.is_nan() { 0.0 } else { 1.0 });
        labels.mapv_inplace(|label| if label.is_nan() { 0.0 } else { label });
        let mut batch = Self::new(x, labels)?;
        batch.weights = Some(weights);
        Ok(batch)
    }

    pub(crate) fn unchecked(x: ArrayD<f32>, labels: ArrayD<f32>) -> Self {
        Self {
            x,
            labels,
            weights: None,
        }
    }

    /// Weighs examples `(n)`, or every label of every example, in the shape of the labels; 0 leaves one out.
    ///
    /// # Errors
    ///
    /// Fails when the shape is neither, or a weight is negative or not finite.
    pub fn weighted(mut self, weights: ArrayD<f32>) -> Result<Self> {
        check_weights(&weights.view(), self.labels.shape())?;
        self.weights = Some(weights);
        Ok(self)
    }

    /// Returns the number of examples.
    pub fn len(&self) -> usize {
        self.x.shape()[0]
    }

    /// Tells whether there is no example; there always is one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the examples.
    pub fn x(&self) -> &ArrayD<f32> {
        &self.x
    }

    /// Returns the labels.
    pub fn labels(&self) -> &ArrayD<f32> {
        &self.labels
    }

    /// Returns the weights, where there are any.
    pub fn weights(&self) -> Option<&ArrayD<f32>> {
        self.weights.as_ref()
    }

    pub(crate) fn set_weights(&mut self, weights: Option<ArrayD<f32>>) {
        self.weights = weights;
    }

    /// Returns the numbers of labels of one example.
    pub(crate) fn width(&self) -> usize {
        self.labels.len() / self.len().max(1)
    }

    pub(crate) fn parts_mut(
        &mut self,
    ) -> (&mut ArrayD<f32>, &mut ArrayD<f32>, Option<&mut ArrayD<f32>>) {
        (&mut self.x, &mut self.labels, self.weights.as_mut())
    }

    pub(crate) fn into_parts(self) -> (ArrayD<f32>, ArrayD<f32>, Option<ArrayD<f32>>) {
        (self.x, self.labels, self.weights)
    }
}

type View<'a> = ndarray::ArrayView<'a, f32, IxDyn>;

/// Checks that examples and labels belong together.
pub(crate) fn check(x: &View<'_>, labels: &View<'_>) -> Result<()> {
    let n = x.shape().first().copied().unwrap_or_default();
    if x.is_empty() || x.ndim() < 2 {
        return Err(Error::shape("x", "(n, ...) with n at least 1", x.shape()));
    }
    if labels.shape().first() != Some(&n) || labels.is_empty() {
        let expected = format!("({n}) or ({n}, tasks), one row per example of `x`");
        return Err(Error::shape("labels", expected, labels.shape()));
    }
    if x.iter().any(|value| !value.is_finite()) {
        return Err(Error::value("x", "finite", "not finite in places"));
    }
    if let Some(index) = labels.iter().position(|label| !label.is_finite()) {
        let label = labels.iter().nth(index).copied().unwrap_or_default();
        return Err(Error::value("labels", "finite", at(label, index)));
    }
    Ok(())
}

pub(crate) fn check_weights(weights: &View<'_>, labels: &[usize]) -> Result<()> {
    if weights.shape() != labels && weights.shape() != &labels[..1] {
        let expected = format!("({}), one per example, or that of the labels", labels[0]);
        return Err(Error::shape("weights", expected, weights.shape()));
    }
    let wrong = |weight: &f32| !weight.is_finite() || *weight < 0.0;
    if let Some(index) = weights.iter().position(wrong) {
        let weight = weights.iter().nth(index).copied().unwrap_or_default();
        return Err(Error::value("weights", "at least 0", at(weight, index)));
    }
    if weights.iter().all(|&weight| weight == 0.0) {
        return Err(Error::value("weights", "above 0 somewhere", "0 everywhere"));
    }
    Ok(())
}

/// Says a number and where it stands.
pub(crate) fn at(number: f32, position: usize) -> String {
    format!("{number} at position {position}")
}
