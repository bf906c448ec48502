//! Options of a training found by trying many at random.

use super::arrays::Borrowed;
use super::folds::KFold;
use super::measures::metric;
use super::ranges::{Range, Trial};
use super::session::Session;
use super::{Fit, Found, Labels, Sgd, Trained};
use crate::network::{Architecture, Convolution, Network, Padding};
use crate::progress::Task;
use crate::random::Seed;
use crate::{Error, Input, Result};
use ndarray::{Array1, ArrayD};

/// Searches for the options of a `DeepBind` model and trains it with the best, with the defaults of [`Search::deepbind`].
///
/// # Errors
///
/// As [`Search::run`].
pub fn search(x: &dyn Input, labels: &dyn Labels) -> Result<Found> {
    Search::deepbind().run(&deepbind_trial, x, labels)
}

/// Makes the network and the training of one trial of [`Search::deepbind`]: 16 filters of width 24, and a hidden layer or none.
///
/// # Errors
///
/// Fails when the trial lacks an option.
pub fn deepbind_trial(trial: &Trial) -> Result<(Network, Fit)> {
    let layers = Architecture::sequences(4)
        .then(Convolution::new(16, 24).padding(Padding::Full))
        .relu()
        .global_max_pool()
        .dropout(trial.get("dropout")?);
    let hidden = trial.get("hidden")? as usize;
    let layers = if hidden > 0 {
        layers.dense(hidden).relu()
    } else {
        layers
    };
    let sgd = Sgd::new().momentum(trial.get("momentum")?);
    let fit = Fit::new()
        .optimizer(sgd.weight_decay(trial.get("weight_decay")?))
        .learning_rate(trial.get("learning_rate")?)
        .spare_biases(true);
    Ok((layers.dense(1).build()?, fit))
}

/// Builds what a trial trains.
type Build<'a> = &'a dyn Fn(&Trial) -> Result<(Network, Fit)>;

/// Tries options at random in short trainings, then trains several times with the best and keeps the best network.
///
/// This is the calibration of `DeepBind` (Alipanahi et al. 2015, doi:10.1038/nbt.3300). Trials are compared by the first metric of the
/// loss (AUROC for labels 0 and 1) on examples that the trial did not learn from; a trial that diverges is the worst.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::{Array1, Array2};
/// use genolens::{network::Architecture, training::{Fit, Search, Trial}};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((90, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
/// let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] > row[1] { 1.0 } else { 0.0 }).collect();
/// let build = |trial: &Trial| {
///     let network = Architecture::features(2).dense(trial.get("units")? as usize).relu().dense(1).build()?;
///     Ok((network, Fit::new().epochs(10).learning_rate(trial.get("rate")?)))
/// };
/// let search = Search::new().log_uniform("rate", 1e-4, 1e-1).choice("units", &[4.0, 8.0]).trials(6);
/// let found = search.run(&build, &x, &labels)?;
/// println!("{found}, {}", found.network().history());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    ranges: Vec<(String, Range)>,
    trials: usize,
    epochs: Option<usize>,
    folds: usize,
    finals: usize,
    keep: bool,
    seed: Seed,
}

impl Search {
    /// Takes the defaults: 30 trials of 5 epochs, compared on the validation share of the training, then 3 whole trainings.
    pub fn new() -> Self {
        Self {
            ranges: Vec::new(),
            trials: 30,
            epochs: Some(5),
            folds: 1,
            finals: 3,
            keep: false,
            seed: Seed::default(),
        }
    }

    /// Takes the ranges of `DeepBind`, for [`deepbind_trial`]: learning rate 0.0005 to 0.05, momentum 0.95 to 0.99, weight decay
    /// 1e-15 to 1e-3, dropout 0, 0.25 or 0.5, no hidden layer or 32 units; three folds.
    ///
    /// The original also draws the size of the first weights; here they follow from the layer.
    pub fn deepbind() -> Self {
        Self::new()
            .log_uniform("learning_rate", 5e-4, 0.05)
            .uniform("momentum", 0.95, 0.99)
            .log_uniform("weight_decay", 1e-15, 1e-3)
            .choice("dropout", &[0.0, 0.25, 0.5])
            .choice("hidden", &[0.0, 32.0])
            .folds(3)
    }

    fn range(mut self, name: &str, range: Range) -> Self {
        self.ranges.retain(|(known, _)| known != name);
        self.ranges.push((name.into(), range));
        self
    }

    /// Draws an option evenly between two numbers.
    pub fn uniform(self, name: &str, low: f64, high: f64) -> Self {
        self.range(name, Range::Uniform(low, high))
    }

    /// Draws an option so that its logarithm is even between two numbers: right for rates and decays.
    pub fn log_uniform(self, name: &str, low: f64, high: f64) -> Self {
        self.range(name, Range::LogUniform(low, high))
    }

    /// Draws an option from these values.
    pub fn choice(self, name: &str, values: &[f64]) -> Self {
        self.range(name, Range::Choice(values.to_vec()))
    }

    /// Sets how many options are tried.
    pub fn trials(mut self, trials: usize) -> Self {
        self.trials = trials;
        self
    }

    /// Sets how many epochs a trial is trained; the last trainings have those of their [`Fit`].
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = Some(epochs);
        self
    }

    /// Trains every trial once for each of so many folds, and compares means; 1 uses the validation share of the training.
    pub fn folds(mut self, folds: usize) -> Self {
        self.folds = folds;
        self
    }

    /// Sets how many networks are trained with the best options.
    pub fn finals(mut self, finals: usize) -> Self {
        self.finals = finals;
        self
    }

    /// Ends the trials when the user interrupts, and goes on with the best so far, in place of an error.
    pub fn keep_interrupted(mut self, keep: bool) -> Self {
        self.keep = keep;
        self
    }

    /// Sets the seed of the options, the folds and the first weights.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    fn check(&self) -> Result<()> {
        for (name, count) in [
            ("trials", self.trials),
            ("folds", self.folds),
            ("finals", self.finals),
        ] {
            if count == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        if self.ranges.is_empty() {
            let expected = "at least one, as `log_uniform` gives it";
            return Err(Error::value("options to search", expected, "none"));
        }
        self.ranges
            .iter()
            .try_for_each(|(name, range)| range.check(name))
    }

    /// Searches; `build` makes the network and the training from the options of a trial.
    ///
    /// # Errors
    ///
    /// As [`Fit::run`], and when an option makes no sense, or no trial gives a network that can be compared.
    pub fn run(
        &self,
        build: &dyn Fn(&Trial) -> Result<(Network, Fit)>,
        x: &dyn Input,
        labels: &dyn Labels,
    ) -> Result<Found> {
        self.check()?;
        let (x, labels) = (x.array()?, labels.labels()?);
        let source = Borrowed::new(x.view(), labels.view())?;
        let labels = labels.view().into_owned();
        let known = (&source, &labels);
        let mut task = Task::new("search", self.trials.saturating_add(self.finals));
        let mut tried: Vec<(Trial, f64)> = Vec::new();
        for number in 0..self.trials {
            let seed = self.seed.named("trial").indexed(number);
            let trial = Trial::draw(&self.ranges, seed);
            let done = self.try_out((build, &trial), known, seed);
            let done = done.and_then(|value| {
                tried.push((trial, value));
                task.step(&format!("trial {}, {value:.4}", number + 1))
            });
            match done {
                Err(error) if error.is_interrupted() && self.keep && !tried.is_empty() => {
                    crate::progress::clear_interrupt();
                    break;
                }
                other => other?,
            }
        }
        let best = best_of(tried.iter().map(|(_, value)| *value))?;
        let trial = &tried[best].0;
        let mut finals: Vec<(Trained, f64)> = Vec::new();
        for number in 0..self.finals {
            let seed = self.seed.named("final").indexed(number);
            let (network, fit) = build(trial)?;
            let trained = train((&network, &fit), known, seed)?;
            let value = value_of(&trained);
            task.step(&format!("training {}, {value:.4}", number + 1))?;
            finals.push((trained, value));
        }
        let last = best_of(finals.iter().map(|(_, value)| *value))?;
        let metric = metric(build(trial)?.1.loss)?;
        let values = finals.iter().map(|(_, value)| *value).collect();
        let trained = finals.swap_remove(last).0;
        Ok(Found::new((tried, best), (trained, values), metric))
    }

    /// Trains one trial, in all its folds, and returns how good it is.
    fn try_out(
        &self,
        (build, trial): (Build<'_>, &Trial),
        (source, labels): (&Borrowed<'_>, &ArrayD<f32>),
        seed: Seed,
    ) -> Result<f64> {
        let (network, fit) = build(trial)?;
        let epochs = self.epochs.unwrap_or(fit.epochs).min(fit.epochs);
        let fit = fit.epochs(epochs);
        if self.folds == 1 {
            if fit.validation == 0.0 && fit.split.is_none() {
                let expected = "above 0, or several folds, to compare trials";
                return Err(Error::value("validation", expected, 0));
            }
            let trained = train((&network, &fit), (source, labels), seed);
            return trained.map_or_else(failed, |trained| Ok(value_of(&trained)));
        }
        // The same folds for every trial.
        let folds = KFold::new(self.folds).seed(self.seed).run(labels)?;
        let mut sum = 0.0;
        for split in folds.splits() {
            let fit = fit.clone().split(split);
            let trained = train((&network, &fit), (source, labels), seed);
            sum += trained.map_or_else(failed, |trained| Ok(value_of(&trained)))?;
        }
        Ok(sum / self.folds as f64)
    }
}

impl Default for Search {
    fn default() -> Self {
        Self::new()
    }
}

/// A trial that diverges is bad, not the end of the search.
fn failed(error: Error) -> Result<f64> {
    match error {
        Error::Diverged { .. } => Ok(f64::NAN),
        other => Err(other),
    }
}

fn train(
    (network, fit): (&Network, &Fit),
    (source, labels): (&Borrowed<'_>, &ArrayD<f32>),
    seed: Seed,
) -> Result<Trained> {
    let fit = fit.clone().seed(seed);
    fit.check()?;
    let network = network.with_seed(seed)?;
    Session::new(&fit, &network, (source, Some(labels.clone())))?.run()
}

/// Returns the first metric of the kept epoch, of the validation examples where there are any.
fn value_of(trained: &Trained) -> f64 {
    let history = trained.history();
    if history.divergence().is_some() {
        return f64::NAN;
    }
    let name = history.metrics().into_iter().next().unwrap_or_default();
    let kept = history.best_epoch().saturating_sub(1);
    let of = |values: Result<Array1<f64>>| values.ok().and_then(|v| v.get(kept).copied());
    let value = of(history.validation_metric(&name)).filter(|value| !value.is_nan());
    value
        .or_else(|| of(history.train_metric(&name)))
        .unwrap_or(f64::NAN)
}

fn best_of(values: impl Iterator<Item = f64>) -> Result<usize> {
    let known = values.enumerate().filter(|(_, value)| !value.is_nan());
    let best = known.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    best.map(|(at, _)| at).ok_or_else(|| Error::Diverged {
        what: "search".into(),
        detail: "no trial gave a number to compare; try lower learning rates".into(),
    })
}
