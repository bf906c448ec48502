//! Curves over all thresholds of a score.

use crate::{Error, Input, Result};
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

    /// Returns the area: AUROC, or average precision.
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
pub fn roc(scores: &dyn Input, labels: &Array1<f32>) -> Result<Curve> {
    let ranked = Ranked::new(scores, labels)?;
    let rate = |count: usize, all: usize| count as f64 / all as f64;
    let mut points = vec![(0.0, 0.0, f64::INFINITY)];
    points.extend(ranked.steps.iter().map(|step| {
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
pub fn precision_recall(scores: &dyn Input, labels: &Array1<f32>) -> Result<Curve> {
    let ranked = Ranked::new(scores, labels)?;
    let mut points = vec![(0.0, 1.0, f64::INFINITY)];
    points.extend(ranked.steps.iter().map(|step| {
        (
            step.positives as f64 / ranked.positives as f64,
            step.precision(),
            f64::from(step.threshold),
        )
    }));
    Ok(curve(
        "precision-recall",
        ("recall", "precision"),
        (points, ranked.auprc()),
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

/// Examples in the order of falling scores, ties taken together.
pub(crate) struct Ranked {
    steps: Vec<Step>,
    positives: usize,
    negatives: usize,
}

/// How many of each class score at least this much.
struct Step {
    threshold: f32,
    positives: usize,
    negatives: usize,
}

impl Step {
    fn precision(&self) -> f64 {
        self.positives as f64 / (self.positives + self.negatives) as f64
    }
}

impl Ranked {
    pub(crate) fn new(scores: &dyn Input, labels: &Array1<f32>) -> Result<Self> {
        let scores = scores.array()?;
        if scores.len() != labels.len() {
            let expected = format!("{} numbers, one per label", labels.len());
            return Err(Error::shape("scores", expected, scores.shape()));
        }
        if let Some(label) = labels.iter().find(|&&label| label != 0.0 && label != 1.0) {
            return Err(Error::value("labels", "only 0 and 1", label));
        }
        if let Some(index) = scores.iter().position(|score| score.is_nan()) {
            let got = format!("NaN at position {index}");
            return Err(Error::value("scores", "all numbers", got));
        }
        let mut pairs: Vec<(f32, bool)> = scores
            .iter()
            .zip(labels)
            .map(|(&score, &label)| (score, label == 1.0))
            .collect();
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut ranked = Self {
            steps: Vec::new(),
            positives: 0,
            negatives: 0,
        };
        // Equal as numbers, not as bits: 0 and -0 are a tie.
        for tie in pairs.chunk_by(|a, b| a.0 == b.0) {
            let positives = tie.iter().filter(|pair| pair.1).count();
            ranked.positives += positives;
            ranked.negatives += tie.len() - positives;
            ranked.steps.push(Step {
                threshold: tie[0].0,
                positives: ranked.positives,
                negatives: ranked.negatives,
            });
        }
        if ranked.positives == 0 || ranked.negatives == 0 {
            let got = format!("{} ones, {} zeros", ranked.positives, ranked.negatives);
            return Err(Error::value("labels", "both 0 and 1", got));
        }
        Ok(ranked)
    }

    pub(crate) fn auroc(&self) -> f64 {
        // Twice the number of pairs in order, in whole numbers.
        let (mut twice, mut before) = (0_u128, (0, 0));
        for step in &self.steps {
            let new = (step.negatives - before.1) as u128;
            twice += new * (step.positives + before.0) as u128;
            before = (step.positives, step.negatives);
        }
        twice as f64 / 2.0 / (self.positives as f64 * self.negatives as f64)
    }

    pub(crate) fn auprc(&self) -> f64 {
        let (mut sum, mut before) = (0.0, 0);
        for step in &self.steps {
            sum += step.precision() * (step.positives - before) as f64;
            before = step.positives;
        }
        sum / self.positives as f64
    }
}
