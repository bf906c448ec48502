//! Steps along the sign of the gradient of the loss.

use super::adversarial_examples::{AdversarialExamples, Parts};
use crate::network::{Model, to_array, to_dimension, to_tensor};
use crate::progress::Task;
use crate::random::Seed;
use crate::synthesis::activation::log_sigmoid;
use crate::{Error, Input, Result};
use candle_core::{DType, Tensor, Var};
use candle_nn::ops;
use ndarray::{Array1, Array2, ArrayD, Axis, Ix2, Slice, concatenate};
use rand::RngExt;

const TASK: &str = "adversarial examples";

/// Changes inputs a little so that a model calls them otherwise, with the defaults of [`Adversarial::new`].
///
/// `labels` are the classes, shape `(n,)`: of several outputs the one with the largest raw score is called, of a single output 1 above 0 and 0
/// otherwise.
///
/// # Errors
///
/// As [`Adversarial::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::{Array2, array}, network::Architecture, synthesis};
/// # fn main() -> genolens::Result<()> {
/// let model = Architecture::features(5).dense(8).relu().dense(3).build()?;
/// let x = Array2::<f32>::ones((2, 5));
/// let found = synthesis::adversarial(&model, &x, &array![0, 2])?;
/// assert!(found.distances().iter().all(|distance| *distance <= 0.1 + 1e-6));
/// # Ok(()) }
/// ```
pub fn adversarial(
    model: &dyn Model,
    x: &dyn Input,
    labels: &Array1<usize>,
) -> Result<AdversarialExamples> {
    Adversarial::new().run(model, x, labels)
}

/// Changes inputs a little so that a model calls them otherwise, with options.
///
/// Every step moves all numbers by the step size along the sign of the gradient of the loss, and then back into a box around the input (and into the
/// bounds). The loss is the cross-entropy of the softmax of several outputs, or of the sigmoid of one. One step of full size is the fast gradient sign
/// method, several are projected gradient descent.
///
/// Shapes: `(n, features)`, `(n, channels, height, width)` or whatever the model reads. Letters of sequences cannot be changed a little: for them there is
/// [`flip`](crate::synthesis::flip).
///
/// # References
///
/// Goodfellow, Shlens and Szegedy 2015, <https://arxiv.org/abs/1412.6572>; Madry et al. 2018, <https://arxiv.org/abs/1706.06083>. Checked against
/// `FGSM` and `PGD` of captum 0.9. These leave alone where the gradient is below 1e-6; here only 0 stays.
#[derive(Clone, Debug, PartialEq)]
pub struct Adversarial {
    epsilon: f64,
    steps: usize,
    step: Option<f64>,
    targeted: bool,
    bounds: Option<(f64, f64)>,
    random_start: bool,
    batch: usize,
    seed: Seed,
}

impl Adversarial {
    /// Takes the defaults: at most 0.1 away in every number, 20 steps, away from the labels.
    pub fn new() -> Self {
        Self {
            epsilon: 0.1,
            steps: 20,
            step: None,
            targeted: false,
            bounds: None,
            random_start: false,
            batch: 64,
            seed: Seed::default(),
        }
    }

    /// Takes one step of full size: the fast gradient sign method.
    pub fn fgsm() -> Self {
        Self {
            steps: 1,
            ..Self::new()
        }
    }

    /// Sets how far each number may be from where it was.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Sets the number of steps.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Sets how far a step goes; unless set, 2.5 times epsilon over the number of steps, and epsilon for a single one.
    pub fn step_size(mut self, size: f64) -> Self {
        self.step = Some(size);
        self
    }

    /// Moves towards the labels in place of away from them.
    pub fn targeted(mut self) -> Self {
        self.targeted = true;
        self
    }

    /// Keeps numbers from `low` to `high`, such as 0 to 1 for images.
    pub fn bounds(mut self, low: f64, high: f64) -> Self {
        self.bounds = Some((low, high));
        self
    }

    /// Begins at a random place of the box around the input.
    pub fn random_start(mut self, seed: impl Into<Seed>) -> Self {
        self.random_start = true;
        self.seed = seed.into();
        self
    }

    /// Sets the number of inputs that are changed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Changes inputs, shape `(n, ...)`; `labels` are true classes, or those that are aimed at with [`targeted`](Self::targeted).
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read or lies outside the bounds, there is not one label for each or no such class, the model cannot be
    /// differentiated or gives numbers that are not finite, an option makes no sense, or the user interrupts.
    pub fn run(
        &self,
        model: &dyn Model,
        x: &dyn Input,
        labels: &Array1<usize>,
    ) -> Result<AdversarialExamples> {
        let x = x.array()?.into_owned();
        self.check(&x, labels)?;
        let (n, device) = (x.shape()[0], model.device());
        let mut task = Task::new(TASK, n.div_ceil(self.batch) * self.steps);
        let (mut found, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for first in (0..n).step_by(self.batch) {
            let rows = first..n.min(first.saturating_add(self.batch));
            let own = x.slice_axis(Axis(0), Slice::from(rows.clone())).to_owned();
            let start = to_tensor(&own, device)?;
            let labels: Vec<u32> = labels
                .iter()
                .skip(first)
                .take(rows.len())
                .map(|&label| label as u32)
                .collect();
            let first_look = model.forward(&start)?;
            check_labels(&first_look, &labels)?;
            before.push(finite(&first_look)?);
            let mut now = self.begin(&own, first)?.to_device(device)?;
            for _ in 0..self.steps {
                now = self.step(model, (&start, &now), &labels)?;
                task.step("")?;
            }
            after.push(finite(&model.forward(&now)?)?);
            found.push(to_array(&now)?);
        }
        let parts = Parts {
            starts: x,
            inputs: joined(&found)?,
            labels: labels.clone(),
            targeted: self.targeted,
            before: joined(&before)?,
            after: joined(&after)?,
        };
        Ok(AdversarialExamples::new(parts))
    }

    /// Takes one step along the sign of the gradient.
    fn step(
        &self,
        model: &dyn Model,
        (start, now): (&Tensor, &Tensor),
        labels: &[u32],
    ) -> Result<Tensor> {
        let x = Var::from_tensor(now)?;
        let loss = loss(&model.forward(&x)?, labels)?;
        let gradients = if loss.track_op() {
            Some(loss.backward()?)
        } else {
            None
        };
        let Some(slopes) = gradients.as_ref().and_then(|gradients| gradients.get(&x)) else {
            let got =
                "one whose output does not depend on `x` in a way that candle can differentiate";
            return Err(Error::value("model", "differentiable", got));
        };
        let size = match self.step {
            Some(size) => size,
            None if self.steps == 1 => self.epsilon,
            None => 2.5 * self.epsilon / self.steps as f64,
        };
        let by = if self.targeted { -size } else { size };
        let moved = (now + slopes.detach().sign()?.affine(by, 0.0)?)?;
        let away = (moved - start)?.clamp(-self.epsilon, self.epsilon)?;
        let moved = (start + away)?;
        Ok(match self.bounds {
            Some((low, high)) => moved.clamp(low, high)?,
            None => moved,
        })
    }

    /// Returns where inputs begin; the first has this place among all.
    fn begin(&self, x: &ArrayD<f32>, first: usize) -> Result<Tensor> {
        let mut x = x.clone();
        if self.random_start {
            for (row, mut numbers) in x.outer_iter_mut().enumerate() {
                let seed = self.seed.named(TASK).indexed(first + row);
                let mut random = seed.generator();
                numbers.map_inplace(|x| {
                    let away = random.random_range(-1.0..=1.0) * self.epsilon;
                    *x += away as f32;
                    if let Some((low, high)) = self.bounds {
                        *x = x.clamp(low as f32, high as f32);
                    }
                });
            }
        }
        to_tensor(&x, &candle_core::Device::Cpu)
    }

    fn check(&self, x: &ArrayD<f32>, labels: &Array1<usize>) -> Result<()> {
        if x.ndim() < 2 || x.is_empty() {
            let expected = "(n, ...) with at least one number";
            return Err(Error::shape("x", expected, x.shape()));
        }
        if let Some(number) = x.iter().find(|x| !x.is_finite()) {
            return Err(Error::value("x", "finite numbers", number));
        }
        if labels.len() != x.shape()[0] {
            let expected = format!("({},), one for each input", x.shape()[0]);
            return Err(Error::shape("labels", expected, labels.shape()));
        }
        for (name, value) in [("steps", self.steps), ("batch", self.batch)] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", value));
            }
        }
        for (name, value) in [("epsilon", Some(self.epsilon)), ("step_size", self.step)] {
            if let Some(value) = value.filter(|value| !(*value >= 0.0 && value.is_finite())) {
                return Err(Error::value(name, "0 or more", value));
            }
        }
        let Some((low, high)) = self.bounds else {
            return Ok(());
        };
        if low.is_nan() || high.is_nan() || low >= high {
            let got = format!("{low} to {high}");
            return Err(Error::value("bounds", "a number and a larger one", got));
        }
        let inside = |x: &&f32| (low as f32..=high as f32).contains(*x);
        match x.iter().find(|x| !inside(x)) {
            Some(number) => {
                let expected = format!("numbers from {low} to {high}, as the bounds");
                Err(Error::value("x", expected, number))
            }
            None => Ok(()),
        }
    }
}

impl Default for Adversarial {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds up the cross-entropy of all examples.
fn loss(outputs: &Tensor, labels: &[u32]) -> Result<Tensor> {
    let outputs = outputs.to_dtype(DType::F32)?;
    let (n, classes) = outputs.dims2()?;
    let log = if classes == 1 {
        let signs = labels
            .iter()
            .map(|&label| if label == 0 { -1.0_f32 } else { 1.0 });
        let signs = Tensor::from_vec(signs.collect(), (n, 1), outputs.device())?;
        log_sigmoid(&(outputs * signs)?)?
    } else {
        let labels = Tensor::from_slice(labels, (n, 1), outputs.device())?;
        ops::log_softmax(&outputs, 1)?.gather(&labels, 1)?
    };
    Ok(log.sum_all()?.neg()?)
}

fn check_labels(outputs: &Tensor, labels: &[u32]) -> Result<()> {
    let &[_, count] = outputs.dims() else {
        let got = outputs.dims();
        return Err(Error::shape("output of the model", "(n, outputs)", got));
    };
    let classes = if count == 1 { 2 } else { count };
    match labels.iter().find(|&&label| label as usize >= classes) {
        Some(label) => {
            let expected = format!("classes below {classes}");
            Err(Error::value("labels", expected, label))
        }
        None => Ok(()),
    }
}

fn finite(outputs: &Tensor) -> Result<Array2<f32>> {
    let outputs = to_dimension::<Ix2>(outputs)?;
    match outputs.iter().find(|output| !output.is_finite()) {
        Some(output) => Err(Error::value("output of the model", "finite", output)),
        None => Ok(outputs),
    }
}

fn joined<D: ndarray::Dimension + ndarray::RemoveAxis>(
    batches: &[ndarray::Array<f32, D>],
) -> Result<ndarray::Array<f32, D>> {
    let views: Vec<_> = batches.iter().map(|batch| batch.view()).collect();
    let got = batches.first().map_or(&[][..], |batch| batch.shape());
    concatenate(Axis(0), &views)
        .map_err(|_| Error::shape("output of the model", "(n, outputs) for every batch", got))
}
