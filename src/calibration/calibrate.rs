//! How calibrators are fitted.

use super::calibrator::{Calibrator, against_others, to_scores};
use super::curve::{Curve, class_temperature};
use super::method::Method;
use super::paired::Paired;
use crate::training::Labels;
use crate::{Error, Input, Result, progress};
use ndarray::Axis;

/// Fits a calibrator on examples that were held out, with the defaults of [`Calibrate`]: Platt for tasks, temperature for classes.
///
/// # Errors
///
/// As [`Calibrate::run`].
///
/// # Examples
///
/// ```
/// use genolens::{calibration, ndarray::Array1};
/// # fn main() -> genolens::Result<()> {
/// // A model that is three times as sure as it should be.
/// let score = |i: usize| (i % 21) as f32 * 0.6 - 6.0;
/// let happens = |i: usize| (i * 7919 % 1000) as f32 / 1000.0 < 1.0 / (1.0 + (-score(i) / 3.0).exp());
/// let data = |rows: std::ops::Range<usize>| {
///     let scores: Array1<f32> = rows.clone().map(score).collect();
///     (scores, rows.map(|i| if happens(i) { 1.0_f32 } else { 0.0 }).collect::<Array1<f32>>())
/// };
/// let ((held, held_labels), (test, test_labels)) = (data(0..5000), data(5000..9000));
/// let calibrator = calibration::temperature(&held, &held_labels)?;
/// let assessment = calibrator.assess(&test, &test_labels)?;
/// assert!(assessment.after().ece() < assessment.before().ece() / 4.0);
/// println!("{calibrator}\n{assessment}");
/// # Ok(()) }
/// ```
pub fn calibrate(scores: &dyn Input, labels: &dyn Labels) -> Result<Calibrator> {
    Calibrate::new().run(scores, labels)
}

/// Fits a temperature, [`Method::Temperature`], on examples that were held out.
///
/// # Errors
///
/// As [`Calibrate::run`].
pub fn temperature(scores: &dyn Input, labels: &dyn Labels) -> Result<Calibrator> {
    Calibrate::new()
        .method(Method::Temperature)
        .run(scores, labels)
}

/// Fits Platt's line, [`Method::Platt`], on examples that were held out.
///
/// # Errors
///
/// As [`Calibrate::run`].
pub fn platt(scores: &dyn Input, labels: &dyn Labels) -> Result<Calibrator> {
    Calibrate::new().method(Method::Platt).run(scores, labels)
}

/// Fits a curve that never falls, [`Method::Isotonic`], on examples that were held out.
///
/// # Errors
///
/// As [`Calibrate::run`].
pub fn isotonic(scores: &dyn Input, labels: &dyn Labels) -> Result<Calibrator> {
    Calibrate::new()
        .method(Method::Isotonic)
        .run(scores, labels)
}

/// Fits the shares of 15 bins, [`Method::Histogram`], on examples that were held out.
///
/// # Errors
///
/// As [`Calibrate::run`].
pub fn histogram_binning(scores: &dyn Input, labels: &dyn Labels) -> Result<Calibrator> {
    Calibrate::new()
        .method(Method::Histogram)
        .run(scores, labels)
}

/// Fits a beta curve, [`Method::Beta`], on examples that were held out.
///
/// # Errors
///
/// As [`Calibrate::run`].
pub fn beta(scores: &dyn Input, labels: &dyn Labels) -> Result<Calibrator> {
    Calibrate::new().method(Method::Beta).run(scores, labels)
}

/// Fits a calibrator on examples that were held out, with options.
///
/// The examples must be ones that the model did not learn from, and others than those on which the result is judged;
/// [`recalibrate`](super::recalibrate()) keeps the two apart. Checked against scikit-learn's `CalibratedClassifierCV` and
/// `IsotonicRegression` and against netcal.
///
/// # Examples
///
/// ```
/// use genolens::calibration::{Calibrate, Method};
/// use genolens::ndarray::array;
/// # fn main() -> genolens::Result<()> {
/// let (scores, labels) = (array![5.0_f32, -4.0, 1.0], array![1.0_f32, 0.0, 0.0]);
/// let calibrator = Calibrate::new().method(Method::Platt).run(&scores, &labels)?;
/// let a = calibrator.parameters()?.column("a")?.f64()?.get(0);
/// assert!(a.is_some_and(|a| (a - 0.202_614).abs() < 1e-6));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibrate {
    method: Option<Method>,
    bins: Option<usize>,
    reads_probabilities: bool,
}

impl Calibrate {
    /// Takes the defaults: raw scores, Platt for tasks and temperature for classes that exclude each other.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how scores become probabilities.
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Sets the number of bins of [`Method::Histogram`], 15 if not told otherwise.
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = Some(bins);
        self
    }

    /// Tells whether what is read are probabilities in place of raw scores; 0 and 1 count as if they were 6e-8 away.
    pub fn probabilities(mut self, given: bool) -> Self {
        self.reads_probabilities = given;
        self
    }

    /// Fits scores `(n, tasks)` on labels `(n, tasks)` of 0, 1 or NaN where missing, one task having shape `(n)` if need be; or scores
    /// `(n, classes)` on labels `(n)`, the numbers of classes that exclude each other.
    ///
    /// # Errors
    ///
    /// Fails when shapes do not fit, a score is not finite, a label is none, a task or class has examples of one kind only, for no bin,
    /// or when the user interrupts.
    pub fn run(&self, scores: &dyn Input, labels: &dyn Labels) -> Result<Calibrator> {
        let mut paired = if self.reads_probabilities {
            Paired::probabilities(scores, labels)?
        } else {
            Paired::scores(scores, labels)?
        };
        let exclusive = paired.classes().is_some();
        if self.reads_probabilities {
            to_scores(&mut paired.values, exclusive);
        }
        self.fit(&paired)
    }

    fn fit(&self, paired: &Paired) -> Result<Calibrator> {
        let default = if paired.classes().is_some() {
            Method::Temperature
        } else {
            Method::Platt
        };
        let method = self.method.unwrap_or(default);
        let bins = self.bins.unwrap_or(15);
        let most = paired.values.nrows();
        if bins == 0 || (self.bins.is_some() && bins > most) {
            return Err(Error::value(
                "bins",
                format!("1 to {most}, the number of examples"),
                bins,
            ));
        }
        let told = (method, self.reads_probabilities);
        if let (Some(classes), Method::Temperature) = (paired.classes(), method) {
            let temperature = class_temperature(&paired.values, classes);
            return Ok(Calibrator::new(
                told,
                paired,
                (Vec::new(), Some(temperature)),
            ));
        }
        let odds = paired.classes().map(|_| {
            let mut odds = paired.values.clone();
            for mut row in odds.axis_iter_mut(Axis(0)) {
                let found = against_others(&row.to_vec());
                row.iter_mut()
                    .zip(found)
                    .for_each(|(score, odds)| *score = odds);
            }
            Paired {
                values: odds,
                truth: paired.truth.clone(),
            }
        });
        let read = odds.as_ref().unwrap_or(paired);
        let curves = (0..read.width()).map(|task| {
            progress::check("calibration", task, read.width())?;
            let (scores, labels) = read.labelled_task(task)?;
            if labels.iter().all(|label| *label == labels[0]) {
                let what = if paired.classes().is_some() {
                    "class"
                } else {
                    "task"
                };
                let got = format!("{} everywhere in {what} {task}", labels[0]);
                return Err(Error::value(
                    "labels",
                    format!("both 0 and 1 in every {what}"),
                    got,
                ));
            }
            Curve::fit(method, (&scores, &labels), bins)
        });
        let curves = curves.collect::<Result<Vec<_>>>()?;
        Ok(Calibrator::new(told, paired, (curves, None)))
    }
}
