//! The area under the ROC curve with an interval, and two of them compared.

use super::super::Labels;
use super::comparison::Comparison;
use super::interval::{Interval, check_level};
use super::paired::Paired;
use super::ranked::Ranked;
use crate::distribution::normal;
use crate::{Error, Input, Result};

/// Computes the area under the ROC curve with its 95 % interval by `DeLong`, with the defaults of [`DeLong`].
///
/// # Errors
///
/// As [`auroc`](super::auroc()).
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array1, training};
/// # fn main() -> genolens::Result<()> {
/// let labels = Array1::from_shape_fn(100, |i| (i % 2) as f32);
/// let scores = Array1::from_shape_fn(100, |i| (i % 2) as f32 + ((i * 37) % 100) as f32 / 30.0);
/// let area = training::delong(&scores, &labels)?;
/// assert_eq!(area.estimate(), training::auroc(&scores, &labels)?);
/// assert!(area.low() < area.estimate() && area.estimate() < area.high());
/// println!("{area}");
/// # Ok(()) }
/// ```
pub fn delong(scores: &dyn Input, labels: &dyn Labels) -> Result<Interval> {
    DeLong::new().run(scores, labels)
}

/// Compares the areas under the ROC curve of two models on the same examples, with the defaults of [`DeLong`].
///
/// # Errors
///
/// As [`auroc`](super::auroc()).
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array1, training};
/// # fn main() -> genolens::Result<()> {
/// let labels = Array1::from_shape_fn(200, |i| (i % 2) as f32);
/// let sharp = Array1::from_shape_fn(200, |i| (i % 2) as f32 + ((i * 37) % 100) as f32 / 80.0);
/// let blunt = Array1::from_shape_fn(200, |i| (i % 2) as f32 + ((i * 53) % 100) as f32 / 20.0);
/// let comparison = training::compare_auroc(&sharp, &blunt, &labels)?;
/// assert!(comparison.difference().low() > 0.0 && comparison.p() < 0.01);
/// println!("{comparison}");
/// # Ok(()) }
/// ```
pub fn compare_auroc(
    first: &dyn Input,
    second: &dyn Input,
    labels: &dyn Labels,
) -> Result<Comparison> {
    DeLong::new().compare(first, second, labels)
}

/// Intervals of the area under the ROC curve, and the test of two paired ones, with options.
///
/// The variance is that of DeLong, DeLong and Clarke-Pearson (1988, doi:10.2307/2531595), computed from one sorting of the scores
/// (Sun and Xu 2014, doi:10.1109/LSP.2014.2337313): a million scores take a fraction of a second. The interval is symmetric on
/// the scale of the area and cut at 0 and 1, as that of the R package pROC. With few examples of a class it is too short, and
/// [`logit`](Self::logit) better: in 1000 simulations of normal scores with the area 0.76, of 40 positives and 60 negatives, 94 % of
/// the 95 % intervals held it, with `logit` 96 %; of 10 positives and 90 negatives 90 % and 93 %. Where scores tell the classes apart without an error, or a class has one example, the method knows
/// no variance, and the ends are NaN. Checked against the definition by pairs in numpy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeLong {
    level: f64,
    logit: bool,
}

impl DeLong {
    /// Takes the defaults: 95 %, symmetric on the scale of the area.
    pub fn new() -> Self {
        Self {
            level: 0.95,
            logit: false,
        }
    }

    /// Sets the confidence, above 0 to below 1.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Makes intervals of areas symmetric on the scale of log odds, which keeps them within 0 and 1; those of differences stay.
    pub fn logit(mut self, logit: bool) -> Self {
        self.logit = logit;
        self
    }

    /// Computes the area with its interval; scores and labels have shape `(n)` or `(n, 1)`.
    ///
    /// # Errors
    ///
    /// Fails as [`auroc`](super::auroc()), and when the level makes no sense.
    pub fn run(&self, scores: &dyn Input, labels: &dyn Labels) -> Result<Interval> {
        check_level(self.level)?;
        let steps = Ranked::new(scores, labels)?.steps;
        Ok(self.interval((steps.auroc(), steps.variance())))
    }

    /// Compares two models on the same examples: the first less the second.
    ///
    /// Two models that rank all examples alike have z 0 and p 1.
    ///
    /// # Errors
    ///
    /// Fails as [`auroc`](super::auroc()), and when the level makes no sense.
    pub fn compare(
        &self,
        first: &dyn Input,
        second: &dyn Input,
        labels: &dyn Labels,
    ) -> Result<Comparison> {
        check_level(self.level)?;
        let ranked = |name: &str, scores: &dyn Input| {
            let paired = Paired::new(scores, labels).and_then(|paired| Ranked::of(&paired));
            paired.map_err(|error| called(name, error))
        };
        let (first, second) = (ranked("first", first)?, ranked("second", second)?);
        let areas = (first.steps.auroc(), second.steps.auroc());
        let own = |ranked: &Ranked, area| self.interval((area, ranked.steps.variance()));
        let difference = areas.0 - areas.1;
        let gaps: Vec<f64> = first
            .placements()
            .iter()
            .zip(second.placements())
            .map(|(a, b)| a - b)
            .collect();
        let variance = |class: bool| {
            let known = gaps.iter().zip(first.is_positive());
            let known = known.filter(|(_, is_positive)| **is_positive == class);
            let squares: f64 = known
                .clone()
                .map(|(gap, _)| (gap - difference).powi(2))
                .sum();
            let count = known.count() as f64;
            squares / (count - 1.0) / count
        };
        let variance = variance(true) + variance(false);
        let z = match variance {
            0.0 if difference == 0.0 => 0.0,
            0.0 => f64::NAN,
            _ => difference / variance.sqrt(),
        };
        let ends = if variance > 0.0 {
            let reach = self.reach() * variance.sqrt();
            (difference - reach, difference + reach)
        } else {
            (f64::NAN, f64::NAN)
        };
        Ok(Comparison::new(
            (own(&first, areas.0), own(&second, areas.1)),
            Interval::new(difference, ends, self.level),
            (z, normal::both_tails(z)),
        ))
    }

    fn reach(&self) -> f64 {
        normal::quantile(f64::midpoint(1.0, self.level))
    }

    /// The interval of an area with this variance.
    pub(crate) fn interval(&self, (area, variance): (f64, f64)) -> Interval {
        if variance.is_nan() || variance <= 0.0 {
            return Interval::point(area, self.level);
        }
        let reach = self.reach() * variance.sqrt();
        let ends = if self.logit {
            let odds = (area / (1.0 - area)).ln();
            let reach = reach / (area * (1.0 - area));
            let back = |odds: f64| 1.0 / (1.0 + (-odds).exp());
            (back(odds - reach), back(odds + reach))
        } else {
            ((area - reach).max(0.0), (area + reach).min(1.0))
        };
        Interval::new(area, ends, self.level)
    }
}

impl Default for DeLong {
    fn default() -> Self {
        Self::new()
    }
}

/// Gives scores the name of their argument.
pub(super) fn called(name: &str, error: Error) -> Error {
    match error {
        Error::Shape {
            argument,
            expected,
            got,
        } if argument == "scores" => Error::Shape {
            argument: name.into(),
            expected,
            got,
        },
        Error::Value {
            argument,
            expected,
            got,
        } if argument == "scores" => Error::Value {
            argument: name.into(),
            expected,
            got,
        },
        other => other,
    }
}
