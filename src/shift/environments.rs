//! Learning from several environments what holds in all of them.

use super::environment_fit::EnvironmentFit;
use super::environment_learner::EnvironmentLearner;
use super::left_out::LeftOut;
use crate::network::{Network, Predict};
use crate::progress::Task;
use crate::random::Seed;
use crate::training::{Labels, Loss, Optimizer, auroc};
use crate::{Error, Input, Result};
use ndarray::{ArrayD, Axis};
use rand::seq::SliceRandom;
use std::fmt;

/// What is made small over environments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Objective {
    /// The mean loss over environments, each counting alike.
    #[default]
    Mean,
    /// The loss of the worst environment: weights of environments grow with the exponential of this step times their loss (group
    /// distributionally robust optimisation; Sagawa et al. 2020, <https://doi.org/10.48550/arXiv.1911.08731>, where it is 0.01).
    GroupDro {
        /// How quickly weights move, above 0.
        step: f64,
    },
    /// The mean loss, and this penalty times the square of the derivative of each environment's loss by the scale of the scores, so that
    /// one scale is best in all (invariant risk minimisation, `IRMv1`; Arjovsky et al. 2019, <https://doi.org/10.48550/arXiv.1907.02893>).
    ///
    /// Where it ends depends on the first weights and the number of epochs, and where environments are few or alike the penalty is as
    /// small at other weights (Rosenfeld, Ravikumar and Risteski 2021, <https://doi.org/10.48550/arXiv.2010.05761>): compare it with
    /// [`Objective::Mean`] on an environment that was left out.
    Irm {
        /// How much the penalty counts, at least 0; 1 in the first third of the epochs.
        penalty: f64,
    },
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean over environments"),
            Self::GroupDro { step } => write!(f, "worst environment, step {step}"),
            Self::Irm { penalty } => write!(f, "invariant risk, penalty {penalty}"),
        }
    }
}

/// Trains a network on several environments, with options: binary cross-entropy, labels 0 and 1.
///
/// In every step a batch of each environment is learned from. On the CPU the same seed gives the same weights to the last bit.
///
/// # Examples
///
/// ```
/// use genolens::network::Architecture;
/// use genolens::shift::{FitEnvironments, Objective};
/// use genolens::simulate;
/// # fn main() -> genolens::Result<()> {
/// // One feature that always tells, and one that tells more here and the contrary there.
/// let data = simulate::environments(&[0.9, 0.8, 0.1], 3)?;
/// let network = Architecture::features(2).dense(1).build()?;
/// let fit = FitEnvironments::new().objective(Objective::GroupDro { step: 0.1 }).epochs(3);
/// let benchmark = fit.leave_one_out(&network, (data.x(), data.labels()), data.names())?;
/// assert_eq!(benchmark.len(), 3);
/// println!("{benchmark}");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FitEnvironments {
    objective: Objective,
    epochs: usize,
    batch: usize,
    rate: f64,
    optimizer: Optimizer,
    decay: f64,
    seed: Seed,
}

impl FitEnvironments {
    /// Takes the defaults: the mean over environments, 30 epochs, batches of 64 of each environment, Adam with learning rate 0.003.
    pub fn new() -> Self {
        Self {
            objective: Objective::Mean,
            epochs: 30,
            batch: 64,
            rate: 3e-3,
            optimizer: Optimizer::default(),
            decay: 0.0,
            seed: Seed::default(),
        }
    }

    /// Sets what is made small.
    pub fn objective(mut self, objective: Objective) -> Self {
        self.objective = objective;
        self
    }

    /// Sets how often the examples of the largest environment are seen.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Sets the number of examples of each environment in a step.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets the length of a step.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// Sets how gradients change weights.
    pub fn optimizer(mut self, optimizer: impl Into<Optimizer>) -> Self {
        self.optimizer = optimizer.into();
        self
    }

    /// Sets the weight decay; group DRO of large networks needs much of it.
    pub fn weight_decay(mut self, decay: f64) -> Self {
        self.decay = decay;
        self
    }

    /// Sets the seed of batches and dropout.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Trains from the weights that the network has; `x` has shape `(n, ...)`, labels `(n)` or `(n, outputs)`, and `environments` names the
    /// environment of every example.
    ///
    /// # Errors
    ///
    /// Fails for fewer than two environments, when examples, labels, names and network do not fit each other, a label is not from 0 to 1,
    /// an option makes no sense, the loss is no longer a number ([`Error::Diverged`]), or the user interrupts.
    pub fn run(
        &self,
        network: &Network,
        (x, labels): (&dyn Input, &dyn Labels),
        environments: &[String],
    ) -> Result<EnvironmentFit> {
        let data = Data::new((x, labels), environments)?;
        let all: Vec<usize> = (0..data.names.len()).collect();
        self.learn(network, &data, &all)
    }

    /// Trains on all environments but one, and tests on that one, in turn.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and for fewer than three environments, or one that lacks a class.
    pub fn leave_one_out(
        &self,
        network: &Network,
        (x, labels): (&dyn Input, &dyn Labels),
        environments: &[String],
    ) -> Result<LeftOut> {
        let data = Data::new((x, labels), environments)?;
        let count = data.names.len();
        if count < 3 {
            let expected = "at least 3, so that one is left out and two are learned from";
            return Err(Error::value("environments", expected, count));
        }
        let mut task = Task::new("environments", count);
        let mut rows = Vec::new();
        for held in 0..count {
            let others: Vec<usize> = (0..count).filter(|&other| other != held).collect();
            let trained = self.learn(network, &data, &others)?;
            let scored = |environment: usize| -> Result<(f64, f64)> {
                let rows = &data.rows[environment];
                let scores =
                    Predict::new().run(trained.network(), &data.x.select(Axis(0), rows))?;
                let labels = data
                    .labels
                    .select(Axis(0), rows)
                    .into_shape_with_order(scores.dim());
                let labels = labels
                    .map_err(|_| Error::shape("labels", "(n, outputs)", data.labels.shape()))?;
                let loss = Loss::BinaryCrossEntropy.value(&scores, &labels)?;
                let areas = scores.columns().into_iter().zip(labels.columns());
                let areas =
                    areas.map(|(scores, labels)| auroc(&scores.to_owned(), &labels.to_owned()));
                let areas = areas.collect::<Result<Vec<_>>>()?;
                Ok((areas.iter().sum::<f64>() / areas.len() as f64, loss))
            };
            let seen = others
                .iter()
                .map(|&other| scored(other))
                .collect::<Result<Vec<_>>>()?;
            let inside = seen.iter().map(|found| found.0).sum::<f64>() / seen.len() as f64;
            let (area, loss) = scored(held)?;
            rows.push((
                data.names[held].clone(),
                data.rows[held].len(),
                [inside, area, loss],
            ));
            task.step(&format!("{}, AUROC {area:.4}", data.names[held]))?;
        }
        Ok(LeftOut::new(rows, self.objective))
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [("epochs", self.epochs), ("batch", self.batch)] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        if !(self.rate.is_finite() && self.rate > 0.0) {
            return Err(Error::value("learning_rate", "above 0", self.rate));
        }
        if !(self.decay.is_finite() && self.decay >= 0.0) {
            return Err(Error::value("weight_decay", "at least 0", self.decay));
        }
        match self.objective {
            Objective::GroupDro { step } if !(step.is_finite() && step > 0.0) => {
                Err(Error::value("step", "above 0", step))
            }
            Objective::Irm { penalty } if !(penalty.is_finite() && penalty >= 0.0) => {
                Err(Error::value("penalty", "at least 0", penalty))
            }
            _ => Ok(()),
        }
    }

    fn learn(&self, network: &Network, data: &Data, chosen: &[usize]) -> Result<EnvironmentFit> {
        self.check()?;
        if chosen.len() < 2 {
            return Err(Error::value("environments", "at least 2", chosen.len()));
        }
        let mut learner = EnvironmentLearner::new(
            network,
            (self.optimizer, self.rate, self.decay),
            chosen.len(),
        )?;
        let sizes = chosen
            .iter()
            .map(|&environment| data.rows[environment].len());
        let turns = sizes.max().unwrap_or(1).div_ceil(self.batch);
        let steps = self.epochs.saturating_mul(turns);
        let mut task = Task::new("fit environments", steps).in_units("epoch", turns);
        let mut history = Vec::new();
        for epoch in 0..self.epochs {
            // A penalty that is large from the start would keep the network from learning anything.
            let objective = match self.objective {
                Objective::Irm { penalty } if 3 * epoch < self.epochs => Objective::Irm {
                    penalty: penalty.min(1.0),
                },
                other => other,
            };
            let mut means = vec![0.0; chosen.len()];
            for turn in 0..turns {
                let seed = self.seed.named("step").indexed(epoch * turns + turn);
                let picked = |&environment: &usize| {
                    self.picked(&data.rows[environment], (epoch, turn), environment)
                };
                let picks: Vec<Vec<usize>> = chosen.iter().map(picked).collect();
                let rows = picks.concat();
                let some = (
                    data.x.select(Axis(0), &rows),
                    data.labels.select(Axis(0), &rows),
                );
                let sizes: Vec<usize> = picks.iter().map(Vec::len).collect();
                let losses = learner.step(some, &sizes, (objective, seed))?;
                if losses.iter().any(|loss| !loss.is_finite()) {
                    return Err(Error::Diverged {
                        what: "training".into(),
                        detail: format!(
                            "losses are {losses:?} in epoch {}, learning rate {:?}",
                            epoch + 1,
                            self.rate
                        ),
                    });
                }
                means
                    .iter_mut()
                    .zip(&losses)
                    .for_each(|(mean, loss)| *mean += loss / turns as f64);
                task.record(
                    "loss",
                    "mean",
                    losses.iter().sum::<f64>() / losses.len() as f64,
                );
                task.record("loss", "worst", losses.iter().copied().fold(0.0, f64::max));
                task.step(&format!("epoch {} of {}", epoch + 1, self.epochs))?;
            }
            history.push(means);
        }
        let names: Vec<String> = chosen
            .iter()
            .map(|&environment| data.names[environment].clone())
            .collect();
        let (network, shares) = learner.finish();
        Ok(EnvironmentFit::new(
            network,
            (&names, &history, &shares),
            self.objective,
        ))
    }

    /// Returns the rows of an environment that a step learns from: smaller ones are shuffled and gone through again.
    fn picked(
        &self,
        rows: &[usize],
        (epoch, turn): (usize, usize),
        environment: usize,
    ) -> Vec<usize> {
        let size = self.batch.min(rows.len());
        let per_round = rows.len() / size;
        let round = turn / per_round;
        let seed = self
            .seed
            .named("batches")
            .indexed(environment)
            .indexed(epoch)
            .indexed(round);
        let mut shuffled = rows.to_vec();
        shuffled.shuffle(&mut seed.generator());
        let first = (turn % per_round) * size;
        shuffled[first..first + size].to_vec()
    }
}

impl Default for FitEnvironments {
    fn default() -> Self {
        Self::new()
    }
}

/// Examples and the rows of every environment, by the order in which names come first.
struct Data {
    x: ArrayD<f32>,
    labels: ArrayD<f32>,
    names: Vec<String>,
    rows: Vec<Vec<usize>>,
}

impl Data {
    fn new((x, labels): (&dyn Input, &dyn Labels), environments: &[String]) -> Result<Self> {
        let (x, labels) = (x.array()?.into_owned(), labels.labels()?.into_owned());
        let n = x.shape().first().copied().unwrap_or_default();
        if n == 0 || x.ndim() < 2 || labels.shape().first() != Some(&n) || labels.is_empty() {
            let expected = format!("({n}, ...), one row for each example, at least 1");
            return Err(Error::shape("labels", expected, labels.shape()));
        }
        if environments.len() != n {
            let expected = format!("{n} names, one for each example");
            return Err(Error::value("environments", expected, environments.len()));
        }
        if let Some(label) = labels.iter().find(|label| !(0.0..=1.0).contains(*label)) {
            return Err(Error::value("labels", "0 to 1", label));
        }
        let (mut names, mut rows) = (Vec::<String>::new(), Vec::<Vec<usize>>::new());
        for (row, name) in environments.iter().enumerate() {
            if let Some(place) = names.iter().position(|known| known == name) {
                rows[place].push(row);
            } else {
                names.push(name.clone());
                rows.push(vec![row]);
            }
        }
        Ok(Self {
            x,
            labels,
            names,
            rows,
        })
    }
}
