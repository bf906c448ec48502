//! Examples in memory.

use super::batch::{check, check_weights};
use super::{Batch, Labels, Source};
use crate::{Error, Input, Result};
use ndarray::{ArrayD, ArrayViewD, Axis, CowArray, IxDyn};
use std::fmt;
use std::sync::Arc;

/// Examples, labels and weights in memory, as a [`Source`]; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::{Array1, Array2};
/// use genolens::training::{Arrays, Fit};
/// use genolens::network::Architecture;
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((50, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
/// let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] > row[1] { 1.0 } else { 0.0 }).collect();
/// // The first ten examples are not to be trusted.
/// let weights = Array1::from_shape_fn(50, |i| if i < 10 { 0.1 } else { 1.0 });
/// let examples = Arrays::new(&x, &labels)?.weights(&weights)?;
/// let trained = Fit::new().run_from(&Architecture::features(2).dense(1).build()?, &examples)?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Arrays {
    data: Arc<Data>,
}

#[derive(Clone)]
struct Data {
    x: ArrayD<f32>,
    labels: ArrayD<f32>,
    weights: Option<ArrayD<f32>>,
    groups: Option<Vec<String>>,
}

impl Arrays {
    /// Copies examples `(n, ...)` and labels `(n)`, `(n, tasks)` or `(n, strands, positions)`.
    ///
    /// # Errors
    ///
    /// Fails when there is no example, not one label for each, or a number is not finite.
    pub fn new(x: &dyn Input, labels: &dyn Labels) -> Result<Self> {
        let (x, labels) = (x.array()?, labels.labels()?);
        check(&x.view(), &labels.view())?;
        let standard = |array: CowArray<'_, f32, IxDyn>| array.as_standard_layout().into_owned();
        Ok(Self {
            data: Arc::new(Data {
                x: standard(x),
                labels: standard(labels),
                weights: None,
                groups: None,
            }),
        })
    }

    /// Weighs examples `(n)`, or every label of every example, in the shape of the labels; 0 leaves one out.
    ///
    /// # Errors
    ///
    /// Fails when the shape is neither, or a weight is negative or not finite.
    pub fn weights(&self, weights: &dyn Labels) -> Result<Self> {
        let weights = weights.labels()?;
        check_weights(&weights.view(), self.data.labels.shape())?;
        let weights = weights.as_standard_layout().into_owned();
        Ok(self.with(|data| data.weights = Some(weights)))
    }

    /// Names the group of every example, such as its chromosome, so that splits can keep groups together.
    ///
    /// # Errors
    ///
    /// Fails when there is not one name per example.
    pub fn groups(&self, names: &[impl AsRef<str>]) -> Result<Self> {
        if names.len() != self.len() {
            let expected = format!("{} names, one per example", self.len());
            return Err(Error::value("groups", expected, names.len()));
        }
        let names = names.iter().map(|name| name.as_ref().to_owned()).collect();
        Ok(self.with(|data| data.groups = Some(names)))
    }

    fn with(&self, change: impl FnOnce(&mut Data)) -> Self {
        let mut data = (*self.data).clone();
        change(&mut data);
        Self {
            data: Arc::new(data),
        }
    }

    fn borrowed(&self) -> Borrowed<'_> {
        Borrowed {
            x: self.data.x.view(),
            labels: self.data.labels.view(),
        }
    }
}

impl Source for Arrays {
    fn len(&self) -> usize {
        self.data.x.shape()[0]
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let mut batch = self.borrowed().read(rows)?;
        let weights = self.data.weights.as_ref();
        batch.set_weights(weights.map(|weights| weights.select(Axis(0), rows)));
        Ok(batch)
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        self.borrowed().labels(rows)
    }

    fn groups(&self) -> Option<Vec<String>> {
        self.data.groups.clone()
    }
}

impl fmt::Debug for Arrays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, labels) = (self.data.x.shape(), self.data.labels.shape());
        write!(f, "Arrays(x {x:?}, labels {labels:?})")
    }
}

/// Examples that the caller of a training holds.
pub(crate) struct Borrowed<'a> {
    x: ArrayViewD<'a, f32>,
    labels: ArrayViewD<'a, f32>,
}

impl<'a> Borrowed<'a> {
    pub(crate) fn new(x: ArrayViewD<'a, f32>, labels: ArrayViewD<'a, f32>) -> Result<Self> {
        check(&x, &labels)?;
        Ok(Self { x, labels })
    }
}

impl Source for Borrowed<'_> {
    fn len(&self) -> usize {
        self.x.shape()[0]
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let n = self.len();
        if let Some(row) = rows.iter().find(|&&row| row >= n) {
            return Err(Error::value("rows", format!("below {n}"), row));
        }
        let x = self.x.select(Axis(0), rows);
        Ok(Batch::unchecked(x, self.labels.select(Axis(0), rows)))
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        Ok(self.labels.select(Axis(0), rows))
    }
}
