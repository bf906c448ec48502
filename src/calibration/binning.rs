//! How forecasts are put into bins.

use super::diagram::{Bin, Diagram};
use super::logistic::{log_sum, logit, sigmoid};
use super::paired::Paired;
use super::reliability::Reliability;
use crate::distribution::order::{rising, sorted_quantile};
use crate::training::Labels;
use crate::{Error, Input, Result};

/// Compares probabilities with what happened, in 15 bins of equal width, with the defaults of [`Binning`].
///
/// # Errors
///
/// As [`Binning::run`].
///
/// # Examples
///
/// ```
/// use genolens::{calibration, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// // Of four examples with a chance of one half, two are positive.
/// let half = array![0.5_f32, 0.5, 0.5, 0.5];
/// let reliability = calibration::reliability(&half, &array![0.0_f32, 1.0, 1.0, 0.0])?;
/// assert_eq!(reliability.ece(), 0.0);
/// # Ok(()) }
/// ```
pub fn reliability(probabilities: &dyn Input, labels: &dyn Labels) -> Result<Reliability> {
    Binning::new().run(probabilities, labels)
}

/// Where the edges of bins are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Spacing {
    /// At equal distances from 0 to 1.
    #[default]
    EqualWidth,
    /// At quantiles, so that all bins hold about as many examples; equal quantiles are one edge. For rare events.
    EqualMass,
    /// At equal distances of the log-odds between the least and the greatest forecast (0 and 1 count as 1e-6 from there). For rare
    /// events.
    LogOdds,
}

/// To which bin a forecast on an edge belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Edges {
    /// To the bin below, `(low, high]`, 0 to the first: as `calibration_curve` of scikit-learn and the code of Guo et al. 2017.
    #[default]
    Below,
    /// To the bin above, `[low, high)`, 1 to the last: as numpy's histograms and netcal.
    Above,
}

/// Compares probabilities with what happened, bin by bin, with options.
///
/// Where one to ten of a hundred labels are positive, nearly all examples are in the first bin of equal width, and its error hides
/// theirs: [`Spacing::EqualMass`] and [`Spacing::LogOdds`] look closer. Edges are rounded to single precision, the precision of the
/// forecasts, so that a forecast written 0.2 is on the edge written 0.2. The expected calibration error is biased upwards: that of a
/// perfect model is not 0, and grows with the number of bins and shrinks with that of examples (Roelofs et al. 2022,
/// <https://proceedings.mlr.press/v151/roelofs22a.html>).
///
/// Checked against scikit-learn's `calibration_curve` and against netcal.
///
/// # Examples
///
/// ```
/// use genolens::calibration::{Binning, Edges};
/// use genolens::ndarray::array;
/// # fn main() -> genolens::Result<()> {
/// let (confidence, correct) = (array![0.4_f32, 0.5, 0.6], array![1.0_f32, 0.0, 1.0]);
/// let halves = Binning::new().bins(2);
/// let below = halves.run(&confidence, &correct)?.ece();
/// let above = halves.edges(Edges::Above).run(&confidence, &correct)?.ece();
/// assert!((below - 1.0 / 6.0).abs() < 1e-7 && (above - 7.0 / 30.0).abs() < 1e-7);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binning {
    bins: usize,
    spacing: Spacing,
    edges: Edges,
}

/// The most bins.
const MOST: usize = 100_000;

impl Binning {
    /// Takes the defaults: 15 bins of equal width, a forecast on an edge belonging to the bin below.
    pub fn new() -> Self {
        Self {
            bins: 15,
            spacing: Spacing::EqualWidth,
            edges: Edges::Below,
        }
    }

    /// Sets the number of bins.
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = bins;
        self
    }

    /// Sets where the edges are.
    pub fn spacing(mut self, spacing: Spacing) -> Self {
        self.spacing = spacing;
        self
    }

    /// Sets to which bin a forecast on an edge belongs.
    pub fn edges(mut self, edges: Edges) -> Self {
        self.edges = edges;
        self
    }

    /// Compares probabilities with labels.
    ///
    /// Probabilities `(n, tasks)` and labels `(n, tasks)` of 0, 1 or NaN where missing are tasks of their own, one of which may have
    /// shape `(n)`. Probabilities `(n, classes)`, of which every row sums to 1, and labels `(n)`, the numbers of the classes, are
    /// classes that exclude each other.
    ///
    /// # Errors
    ///
    /// Fails when shapes do not fit, a probability is not from 0 to 1, a label is none, a task has none, or for no bin or more than
    /// 100,000.
    pub fn run(&self, probabilities: &dyn Input, labels: &dyn Labels) -> Result<Reliability> {
        self.check()?;
        self.of(&Paired::probabilities(probabilities, labels)?)
    }

    pub(super) fn check(&self) -> Result<()> {
        if (1..=MOST).contains(&self.bins) {
            return Ok(());
        }
        Err(Error::value("bins", format!("1 to {MOST}"), self.bins))
    }

    /// Compares what was read and checked.
    pub(super) fn of(&self, paired: &Paired) -> Result<Reliability> {
        let diagrams = (0..paired.width()).map(|task| {
            let (values, labels) = paired.labelled_task(task)?;
            Ok(self.diagram(&values, &labels))
        });
        let diagrams: Vec<Diagram> = diagrams.collect::<Result<_>>()?;
        let Some(classes) = paired.classes() else {
            return Ok(Reliability::tasks(diagrams));
        };
        let (mut confidence, mut correct) = (Vec::new(), Vec::new());
        let mut surprise = 0.0;
        for (shares, &class) in paired.values.rows().into_iter().zip(classes) {
            let first = (0, f64::NEG_INFINITY);
            let top = shares.iter().copied().enumerate();
            let top = top.fold(first, |best, now| if now.1 > best.1 { now } else { best });
            confidence.push(top.1);
            correct.push(f64::from(u8::from(top.0 == class)));
            surprise -= shares[class].ln();
        }
        let top = self.diagram(&confidence, &correct);
        let surprise = surprise / classes.len() as f64;
        Ok(Reliability::classes(diagrams, (top, surprise)))
    }

    fn diagram(&self, values: &[f64], labels: &[f64]) -> Diagram {
        let inner = self.inner(values);
        let mut bins = vec![Bin::default(); inner.len() + 1];
        for (&value, &label) in values.iter().zip(labels) {
            let place = match self.edges {
                Edges::Below => inner.partition_point(|&edge| edge < value),
                Edges::Above => inner.partition_point(|&edge| edge <= value),
            };
            bins[place].add(value, label);
        }
        let edges = [&[0.0], &inner[..], &[1.0]].concat();
        Diagram::new(edges, bins, (values, labels))
    }

    /// Returns the edges between the first bin and the last, rising.
    fn inner(&self, values: &[f64]) -> Vec<f64> {
        let count = self.bins as f64;
        let part = |at: usize| at as f64 / count;
        let inside = 1..self.bins;
        let edges: Vec<f64> = match self.spacing {
            Spacing::EqualWidth => inside.map(part).collect(),
            Spacing::EqualMass => {
                let sorted = rising(values.to_vec());
                let edges = inside.map(|at| sorted_quantile(&sorted, part(at)));
                edges.filter(|edge| *edge > 0.0 && *edge < 1.0).collect()
            }
            Spacing::LogOdds => {
                let odds = |value: f64| logit(value.clamp(1e-6, 1.0 - 1e-6));
                let least = values.iter().copied().fold(1.0, f64::min);
                let greatest = values.iter().copied().fold(0.0, f64::max);
                let (low, high) = (odds(least), odds(greatest));
                inside
                    .map(|at| sigmoid(low + part(at) * (high - low)))
                    .collect()
            }
        };
        let mut edges: Vec<f64> = edges
            .into_iter()
            .map(|edge| f64::from(edge as f32))
            .collect();
        edges.dedup();
        edges
    }
}

impl Default for Binning {
    fn default() -> Self {
        Self::new()
    }
}

/// Turns raw scores into probabilities: a sigmoid for tasks, a softmax for classes.
pub(super) fn to_probabilities(mut paired: Paired) -> Paired {
    if paired.classes().is_some() {
        for mut row in paired.values.rows_mut() {
            let total = log_sum(row.iter().copied());
            row.mapv_inplace(|score| (score - total).exp());
        }
    } else {
        paired.values.mapv_inplace(sigmoid);
    }
    paired
}
