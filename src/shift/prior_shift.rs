//! How common classes are where a model is used, without labels from there.

use super::priors::Priors;
use crate::calibration::{Calibrate, Paired, check_sums, matrix};
use crate::linear::solve;
use crate::progress;
use crate::training::Labels;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, Axis, concatenate};

/// Estimates the shares of classes in unlabelled data from another place, with the defaults of [`PriorShift`]: `known` are probabilities
/// of held-out examples with their labels, `target` the probabilities of the new examples.
///
/// # Errors
///
/// As [`PriorShift::run`].
///
/// # Examples
///
/// ```
/// use genolens::ndarray::Array1;
/// use genolens::{random::Seed, shift, simulate};
/// # fn main() -> genolens::Result<()> {
/// let data = simulate::prior_shift(&[0.5, 0.5], &[0.9, 0.1], 3)?;
/// // The rule that is right in the source: both classes are bells at 0 and 1.5 in the first feature.
/// let says = |x: &genolens::ndarray::Array2<f32>| x.column(0).mapv(|x| 1.0 / (1.0 + (-1.5 * (x - 0.75)).exp()));
/// let (known, new) = (says(data.source()), says(data.target()));
/// let priors = shift::estimate_priors((&known, data.source_labels()), &new)?;
/// assert!((priors.target()[1] - 0.1).abs() < 0.03);
/// # Ok(()) }
/// ```
pub fn estimate_priors(
    (known, labels): (&dyn Input, &dyn Labels),
    target: &dyn Input,
) -> Result<Priors> {
    PriorShift::new().run((known, labels), target)
}

/// How shares of classes are estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PriorMethod {
    /// The likelihood of the new probabilities, by expectation and maximisation (Saerens, Latinne and Decaestecker 2002,
    /// <https://doi.org/10.1162/089976602753284446>), after calibration on the held-out examples (Alexandari, Kundaje and Shrikumar 2020,
    /// <https://proceedings.mlr.press/v119/alexandari20a.html>): the most exact where calibration succeeds.
    #[default]
    Em,
    /// The confusion of classes, inverted (black-box shift estimation; Lipton, Wang and Smola 2018,
    /// <https://proceedings.mlr.press/v80/lipton18a.html>): right for any model, noisy where it confuses much.
    Bbse,
    /// The same, drawn towards no shift (regularised learning under label shifts; Azizzadenesheli et al. 2019,
    /// <https://doi.org/10.48550/arXiv.1903.09734>). The length of the change costs as little as in the code of the paper, which tells only
    /// where the confusion can hardly be inverted, or not at all; elsewhere both are the same.
    Rlls,
}

/// Estimates the shares of classes in unlabelled data from another place, with options.
///
/// All methods assume prior shift: that examples of a class look the same in both places, and only how common classes are differs. Without
/// labels this cannot be proved; [`Priors::misfit`] tells where it fails to explain the new probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriorShift {
    method: PriorMethod,
    calibrated: bool,
    soft: bool,
}

/// Rounds of expectation and maximisation at most.
const ROUNDS: usize = 10_000;

impl PriorShift {
    /// Takes the defaults: expectation and maximisation after calibration, mean probabilities in place of counts of the most probable
    /// class.
    pub fn new() -> Self {
        Self {
            method: PriorMethod::Em,
            calibrated: true,
            soft: true,
        }
    }

    /// Sets how shares are estimated.
    pub fn method(mut self, method: PriorMethod) -> Self {
        self.method = method;
        self
    }

    /// Tells whether probabilities are calibrated on the held-out examples first, by temperature for classes and Platt's line for one task.
    pub fn calibrated(mut self, calibrated: bool) -> Self {
        self.calibrated = calibrated;
        self
    }

    /// Tells whether the confusion of classes is made of mean probabilities, or of counts of the most probable class.
    pub fn soft(mut self, soft: bool) -> Self {
        self.soft = soft;
        self
    }

    /// Estimates from probabilities of held-out examples of the old place with their labels, and those of new examples.
    ///
    /// Probabilities of one task have shape `(n)` or `(n, 1)` beside labels 0 and 1, and are those of two classes; probabilities of classes
    /// `(n, classes)` beside class numbers `(n)`.
    ///
    /// # Errors
    ///
    /// Fails when shapes do not fit, rows of classes do not sum to 1, a class has no held-out example, the confusion cannot be inverted, or
    /// the user interrupts.
    pub fn run(
        &self,
        (known, labels): (&dyn Input, &dyn Labels),
        target: &dyn Input,
    ) -> Result<Priors> {
        let paired = Paired::probabilities(known, labels)?;
        let wide = paired.values.ncols();
        if paired.classes().is_none() && wide > 1 {
            let expected = "(n) for one task, or (n, classes) beside labels (n) of class numbers";
            return Err(Error::shape("known", expected, paired.values.shape()));
        }
        let new = matrix("target", target)?;
        if new.ncols() != wide {
            let expected = format!("(n, {wide}) as the held-out examples");
            return Err(Error::shape("target", expected, new.shape()));
        }
        if let Some(value) = new.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(Error::value("target", "0 to 1", value));
        }
        if wide > 1 {
            check_sums("target", &new)?;
        }
        let truth: Vec<usize> = if let Some(classes) = paired.classes() {
            classes.to_vec()
        } else {
            let (_, labels) = paired.labelled_task(0)?;
            if labels.len() < paired.values.nrows() {
                return Err(Error::value("labels", "0 and 1, none missing", "NaN"));
            }
            labels.into_iter().map(|label| label as usize).collect()
        };
        let count = wide.max(2);
        let mut source = Array1::<f64>::zeros(count);
        for &class in &truth {
            source[class] += 1.0 / truth.len() as f64;
        }
        if let Some(class) = source.iter().position(|share| *share == 0.0) {
            let got = format!("none of class {class}");
            return Err(Error::value("labels", "an example of every class", got));
        }
        let (old, new) = if self.calibrated && self.method == PriorMethod::Em {
            let calibrator = Calibrate::new().probabilities(true).run(known, labels)?;
            (calibrator.chances(paired.values)?, calibrator.chances(new)?)
        } else {
            (paired.values, new)
        };
        let (old, new) = (both(old)?, both(new)?);
        let said = |values: &Array2<f64>| {
            if self.soft {
                values.clone()
            } else {
                votes(values)
            }
        };
        // Columns are the true classes: what is said of their examples, times how common they are.
        let mut confusion = Array2::<f64>::zeros((count, count));
        let spoken = said(&old);
        for (shares, &class) in spoken.rows().into_iter().zip(&truth) {
            confusion
                .column_mut(class)
                .zip_mut_with(&shares, |sum, share| *sum += share / truth.len() as f64);
        }
        let heard = said(&new).sum_axis(Axis(0)) / new.nrows() as f64;
        let (target, rounds) = match self.method {
            PriorMethod::Em => maximised(&new, &source)?,
            PriorMethod::Bbse => (inverted(&confusion, &heard, &source)?, 1),
            PriorMethod::Rlls => {
                regularised(&confusion, (&heard, &source), (truth.len(), new.nrows()))
            }
        };
        let misfit = misfit(&new, (&old, &truth), &(&target / &source));
        Ok(Priors::new((source, target), (misfit, rounds), self.method))
    }
}

impl Default for PriorShift {
    fn default() -> Self {
        Self::new()
    }
}

/// The largest difference, over classes, of the distributions of their probabilities among new examples and among old ones with the
/// weights of their true classes.
fn misfit(new: &Array2<f64>, (old, truth): (&Array2<f64>, &[usize]), weights: &Array1<f64>) -> f64 {
    let total: f64 = truth.iter().map(|class| weights[*class]).sum();
    let of = |class: usize| {
        let old = old.column(class).into_iter().zip(truth);
        let up = old.map(|(chance, truth)| (*chance, weights[*truth] / total));
        let down = new.column(class).into_iter();
        let down = down.map(|chance| (*chance, -1.0 / new.nrows() as f64));
        let mut steps: Vec<(f64, f64)> = up.chain(down).collect();
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut height, mut most) = (0.0_f64, 0.0_f64);
        for same in steps.chunk_by(|a, b| a.0 == b.0) {
            height += same.iter().map(|step| step.1).sum::<f64>();
            most = most.max(height.abs());
        }
        most
    };
    (0..old.ncols()).map(of).fold(0.0, f64::max)
}

/// Makes two classes of one task.
fn both(values: Array2<f64>) -> Result<Array2<f64>> {
    if values.ncols() > 1 {
        return Ok(values);
    }
    let others = values.mapv(|chance| 1.0 - chance);
    concatenate(Axis(1), &[others.view(), values.view()])
        .map_err(|_| Error::shape("known", "(n, 1)", values.shape()))
}

/// Puts 1 at the most probable class of every example.
fn votes(values: &Array2<f64>) -> Array2<f64> {
    let mut votes = Array2::zeros(values.dim());
    for (row, shares) in values.rows().into_iter().enumerate() {
        let first = (0, f64::NEG_INFINITY);
        let most = shares.iter().copied().enumerate();
        let most = most.fold(first, |best, now| if now.1 > best.1 { now } else { best });
        votes[[row, most.0]] = 1.0;
    }
    votes
}

fn maximised(new: &Array2<f64>, source: &Array1<f64>) -> Result<(Array1<f64>, usize)> {
    let mut target = source.clone();
    let n = new.nrows() as f64;
    for round in 1..=ROUNDS {
        progress::check("expectation and maximisation", round, ROUNDS)?;
        let weights = &target / source;
        let mut next = Array1::<f64>::zeros(source.len());
        for shares in new.rows() {
            let sum = shares.dot(&weights);
            // An example that all classes exclude tells nothing.
            if sum > 0.0 {
                next.scaled_add(1.0 / (sum * n), &(&shares * &weights));
            }
        }
        let sum = next.sum();
        next.mapv_inplace(|share| share / sum);
        let moved = (&next - &target).mapv(f64::abs).sum();
        target = next;
        if moved < 1e-10 {
            return Ok((target, round));
        }
    }
    Ok((target, ROUNDS))
}

fn inverted(
    confusion: &Array2<f64>,
    heard: &Array1<f64>,
    source: &Array1<f64>,
) -> Result<Array1<f64>> {
    let weights = solve(confusion.clone(), heard.clone()).ok_or_else(|| {
        let expected =
            "classes that the model tells apart, so that their confusion can be inverted";
        Error::value(
            "known",
            expected,
            "a singular confusion; try `PriorMethod::Rlls`",
        )
    })?;
    Ok(shares(&weights, source))
}

/// Finds the change of weights that explains what is heard, its length costing, too: the ridge that makes the derivative 0 depends on both
/// lengths, and is found by repetition.
fn regularised(
    confusion: &Array2<f64>,
    (heard, source): (&Array1<f64>, &Array1<f64>),
    (n, m): (usize, usize),
) -> (Array1<f64>, usize) {
    let count = source.len();
    let rest = heard - &confusion.sum_axis(Axis(1));
    // The bound of the paper on the error of the confusion with chance 0.95, times 0.001 as in its code.
    let bits = (2.0 * count as f64 / 0.05).ln();
    let size = n.min(m) as f64;
    let cost = 0.001 * 3.0 * (2.0 * bits / (3.0 * size) + (2.0 * bits / size).sqrt());
    let square = confusion.t().dot(confusion);
    let right = confusion.t().dot(&rest);
    let mut ridge = cost;
    let mut change = Array1::zeros(count);
    let mut rounds = 0;
    while rounds < 200 {
        rounds += 1;
        let matrix = &square + &(Array2::<f64>::eye(count) * (ridge + 1e-12));
        let Some(found) = solve(matrix, right.clone()) else {
            break;
        };
        let off = &found - &change;
        change = found;
        let left = confusion.dot(&change) - &rest;
        let (left, length) = (left.dot(&left).sqrt(), change.dot(&change).sqrt());
        if off.dot(&off).sqrt() < 1e-12 || length < 1e-15 {
            break;
        }
        ridge = cost * left / length;
    }
    (shares(&(change + 1.0), source), rounds)
}

/// Turns weights of classes into shares; a negative weight is 0.
fn shares(weights: &Array1<f64>, source: &Array1<f64>) -> Array1<f64> {
    let shares = weights.mapv(|weight| weight.max(0.0)) * source;
    let sum = shares.sum();
    if sum > 0.0 {
        shares / sum
    } else {
        source.clone()
    }
}
