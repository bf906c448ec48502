//! Curves over all thresholds of a score.

use super::Labels;
use super::metric::{Ranked, gains};
use crate::{Input, Result};
use ndarray::Array1;
use std::fmt;
use std::sync::Arc;

/// A curve over all thresholds of a score; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Curve {
    data: Arc<Data>,
}

#[derive(PartialEq)]
struct Data {
    name: &'static str,
    axes: (&'static str, &'static str),
    x: Array1<f64>,
    y: Array1<f64>,
    thresholds: Array1<f64>,
    area: f64,
}

impl Curve {
    /// Returns what the curve is called.
    pub fn name(&self) -> &str {
        self.data.name
    }

    /// Returns what the horizontal axis shows.
    pub fn x_name(&self) -> &str {
        self.data.axes.0
    }

    /// Returns what the vertical axis shows.
    pub fn y_name(&self) -> &str {
        self.data.axes.1
    }

    /// Returns the horizontal positions, rising.
    pub fn x(&self) -> &Array1<f64> {
        &self.data.x
    }

    /// Returns the vertical positions.
    pub fn y(&self) -> &Array1<f64> {
        &self.data.y
    }

    /// Returns the score from which on an example counts as positive, falling; infinite at the first point.
    pub fn thresholds(&self) -> &Array1<f64> {
        &self.data.thresholds
    }

    /// Returns the area: AUROC, average precision, or that under the precision-recall-gain curve.
    pub fn area(&self) -> f64 {
        self.data.area
    }

    /// Returns the number of points.
    pub fn len(&self) -> usize {
        self.data.x.len()
    }

    /// Tells whether there is no point; there always is one.
    pub fn is_empty(&self) -> bool {
        self.data.x.is_empty()
    }
}

impl fmt::Debug for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Curve({}, {} points, area {:.4})",
            self.name(),
            self.len(),
            self.area()
        )
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, area {:.4}", self.name(), self.area())
    }
}

/// Computes the receiver operating characteristic: true positive rate over false positive rate.
///
/// One point per distinct score, after the point (0, 0), as scikit-learn's `roc_curve(drop_intermediate=False)`.
///
/// # Errors
///
/// Fails when the lengths differ, a score is not a number, a label is neither 0 nor 1, or a class is absent.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::roc};
/// # fn main() -> genolens::Result<()> {
/// let curve = roc(&array![0.1_f32, 0.4, 0.35, 0.8], &array![0.0, 0.0, 1.0, 1.0])?;
/// assert_eq!(curve.x(), array![0.0, 0.0, 0.5, 0.5, 1.0]);
/// assert_eq!(curve.y(), array![0.0, 0.5, 0.5, 1.0, 1.0]);
/// # Ok(()) }
/// ```
pub fn roc(scores: &dyn Input, labels: &dyn Labels) -> Result<Curve> {
    let ranked = Ranked::new(scores, labels)?.steps;
    let rate = |count: usize, all: usize| count as f64 / all as f64;
    let mut points = vec![(0.0, 0.0, f64::INFINITY)];
    points.extend(ranked.list.iter().map(|step| {
        (
            rate(step.negatives, ranked.negatives),
            rate(step.positives, ranked.positives),
            f64::from(step.threshold),
        )
    }));
    Ok(curve(
        "ROC",
        ("false positive rate", "true positive rate"),
        (points, ranked.auroc()),
    ))
}

/// Computes precision over recall.
///
/// One point per distinct score, after the point (0, 1); scikit-learn's `precision_recall_curve` gives the same in reverse order.
///
/// # Errors
///
/// Fails when the lengths differ, a score is not a number, a label is neither 0 nor 1, or a class is absent.
pub fn precision_recall(scores: &dyn Input, labels: &dyn Labels) -> Result<Curve> {
    let ranked = Ranked::new(scores, labels)?.steps;
    let mut points = vec![(0.0, 1.0, f64::INFINITY)];
    points.extend(ranked.list.iter().map(|step| {
        (
            step.positives as f64 / ranked.positives as f64,
            step.precision(),
            f64::from(step.threshold),
        )
    }));
    Ok(curve(
        "precision-recall",
        ("recall", "precision"),
        (points, ranked.average_precision()),
    ))
}

/// Computes precision gain over recall gain, from the recall gain 0 on.
///
/// One point per distinct score, after the crossing of the recall gain 0, where there is no score of its own; straight lines between
/// the points are right. What gains are, and how the area is found: [`auprg`](super::auprg()).
///
/// # Errors
///
/// Fails when the lengths differ, a score is not a number, a label is neither 0 nor 1, or a class is absent.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::{auprg, precision_recall_gain}};
/// # fn main() -> genolens::Result<()> {
/// let (scores, labels) = (array![0.1_f32, 0.4, 0.35, 0.8], array![0.0_f32, 0.0, 1.0, 1.0]);
/// let curve = precision_recall_gain(&scores, &labels)?;
/// assert_eq!((curve.x()[0], curve.y()[0]), (0.0, 1.0));
/// assert_eq!(curve.area(), auprg(&scores, &labels)?);
/// # Ok(()) }
/// ```
pub fn precision_recall_gain(scores: &dyn Input, labels: &dyn Labels) -> Result<Curve> {
    let ranked = Ranked::new(scores, labels)?.steps;
    Ok(curve(
        "precision-recall-gain",
        ("recall gain", "precision gain"),
        (gains(&ranked), ranked.gain_area()),
    ))
}

fn curve(
    name: &'static str,
    axes: (&'static str, &'static str),
    (points, area): (Vec<(f64, f64, f64)>, f64),
) -> Curve {
    Curve {
        data: Arc::new(Data {
            name,
            axes,
            x: points.iter().map(|point| point.0).collect(),
            y: points.iter().map(|point| point.1).collect(),
            thresholds: points.iter().map(|point| point.2).collect(),
            area,
        }),
    }
}
