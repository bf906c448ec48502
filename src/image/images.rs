//! Images with their classes.

use crate::{Error, Input, Result};
use ndarray::{Array1, Array4, Axis, CowArray, IxDyn};
use polars::prelude::{DataFrame, df};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Images of one size with the number of the class of each; cheap to clone.
///
/// A model reads them as they are, shape `(n, channels, height, width)`; pixels of files and of simulations run from 0, no ink, to 1.
///
/// # Examples
///
/// ```
/// use genolens::simulate;
/// # fn main() -> genolens::Result<()> {
/// let digits = simulate::digits(50, 1)?;
/// let threes = digits.of_class(3);
/// assert_eq!(threes.values().dim(), (threes.len(), 1, 28, 28));
/// assert!(threes.labels().iter().all(|label| *label == 3.0));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Images {
    values: Arc<Array4<f32>>,
    labels: Arc<Array1<f32>>,
}

impl Images {
    /// Takes pixels, shape `(n, channels, height, width)`, and class numbers, shape `(n,)`.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when images have no pixel or there are not as many labels; [`Error::Value`] for a label that is no whole number
    /// from 0.
    pub fn new(values: Array4<f32>, labels: Array1<f32>) -> Result<Self> {
        let (n, channels, height, width) = values.dim();
        if channels * height * width == 0 {
            let expected = "(n, channels, height, width) with at least 1 pixel";
            return Err(Error::shape("values", expected, values.shape()));
        }
        if labels.len() != n {
            let expected = format!("({n},), one for each image");
            return Err(Error::shape("labels", expected, labels.shape()));
        }
        // Every whole number up to here is a number of single precision.
        let classes = 0.0..=16_777_216.0;
        let is_wrong = |label: &&f32| !classes.contains(*label) || label.fract() != 0.0;
        if let Some(label) = labels.iter().find(is_wrong) {
            return Err(Error::value("labels", "class numbers from 0", label));
        }
        Ok(Self {
            values: values.into(),
            labels: labels.into(),
        })
    }

    /// Returns the number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Tells whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the pixels, shape `(n, channels, height, width)`.
    pub fn values(&self) -> &Array4<f32> {
        &self.values
    }

    /// Returns the class numbers, shape `(n,)`.
    pub fn labels(&self) -> &Array1<f32> {
        &self.labels
    }

    /// Returns the class numbers that there are, in order.
    pub fn classes(&self) -> Array1<usize> {
        let classes: BTreeSet<usize> = self.labels.iter().map(|label| *label as usize).collect();
        classes.into_iter().collect()
    }

    /// Returns one image with its label.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn get(&self, index: usize) -> Result<Self> {
        self.chosen("index", &[index])
    }

    /// Returns these images with their labels, in this order; an index may come twice.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        self.chosen("indices", indices)
    }

    fn chosen(&self, argument: &str, indices: &[usize]) -> Result<Self> {
        if let Some(index) = indices.iter().find(|&&index| index >= self.len()) {
            let expected = format!("below {}, the number of images", self.len());
            return Err(Error::value(argument, expected, index));
        }
        Ok(self.picked(indices))
    }

    fn picked(&self, indices: &[usize]) -> Self {
        Self {
            values: self.values.select(Axis(0), indices).into(),
            labels: self.labels.select(Axis(0), indices).into(),
        }
    }

    /// Returns all images of a class, in their order; none where there is none.
    pub fn of_class(&self, class: usize) -> Self {
        let labels = self.labels.iter().enumerate();
        let own = labels.filter(|(_, label)| **label as usize == class);
        self.picked(&own.map(|(index, _)| index).collect::<Vec<_>>())
    }

    /// Returns the first images, or all if there are fewer.
    pub fn head(&self, count: usize) -> Self {
        self.picked(&(0..count.min(self.len())).collect::<Vec<_>>())
    }

    /// Returns all images but the first ones.
    pub fn skip(&self, count: usize) -> Self {
        self.picked(&(count.min(self.len())..self.len()).collect::<Vec<_>>())
    }

    /// Returns a table: index, label, and the mean and the largest pixel of every image.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars fails.
    pub fn table(&self) -> Result<DataFrame> {
        let images = || self.values.outer_iter();
        Ok(df!(
            "index" => (0..self.len() as i64).collect::<Vec<_>>(),
            "label" => self.labels.iter().map(|label| *label as i64).collect::<Vec<_>>(),
            "mean" => images().map(|image| f64::from(image.sum()) / image.len() as f64).collect::<Vec<_>>(),
            "largest" => images().map(|image| f64::from(image.fold(f32::NEG_INFINITY, |a, b| a.max(*b)))).collect::<Vec<_>>(),
        )?)
    }
}

impl Input for Images {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(self.values.view().into_dyn().into())
    }
}

impl fmt::Debug for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, channels, height, width) = self.values.dim();
        let classes = self.classes().len();
        write!(
            f,
            "Images(n = {n}, {channels} x {height} x {width}, classes = {classes})"
        )
    }
}
