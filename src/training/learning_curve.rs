//! What more examples would bring.

use super::arrays::Borrowed;
use super::measures::metric;
use super::metric::check_level;
use super::session::Session;
use super::strata::Strata;
use super::{Fit, HoldOut, Labels, Learned};
use crate::network::Network;
use crate::progress::Task;
use crate::random::Seed;
use crate::{Error, Input, Result};
use ndarray::Array2;

/// The most repeats, whose values are kept.
const MOST: usize = 1_000_000;

/// Trains a network on more and more examples, with the defaults of [`LearningCurve`].
///
/// # Errors
///
/// As [`LearningCurve::run`].
pub fn learning_curve(network: &Network, x: &dyn Input, labels: &dyn Labels) -> Result<Learned> {
    LearningCurve::new().run(network, x, labels)
}

/// Trains a network on more and more examples, several times each, and tests it on the same held out ones, with options.
///
/// Every repeat draws its examples and its first weights anew, so that the spread between repeats is the variance that a single
/// training hides. [`Learned`] gives it, with an interval of the mean: it tells how sure the mean over trainings is for these held
/// out examples, not what other held out examples would give, for which there is [`delong`](super::delong()).
///
/// # Examples
///
/// ```
/// use genolens::ndarray::{Array1, Array2};
/// use genolens::{network::Architecture, training::{Fit, LearningCurve}};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((200, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
/// let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] > row[1] { 1.0 } else { 0.0 }).collect();
/// let network = Architecture::features(2).dense(1).build()?;
/// let curve = LearningCurve::new().sizes(&[20, 80]).repeats(2).fit(Fit::new().epochs(5));
/// let learned = curve.run(&network, &x, &labels)?;
/// assert_eq!(learned.values().dim(), (2, 2));
/// println!("{learned}");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LearningCurve {
    sizes: Vec<usize>,
    repeats: usize,
    share: f64,
    level: f64,
    fit: Fit,
    seed: Seed,
}

impl LearningCurve {
    /// Takes the defaults: an eighth, a quarter, a half and all of the examples, three times each; one fifth held out.
    pub fn new() -> Self {
        Self {
            sizes: Vec::new(),
            repeats: 3,
            share: 0.2,
            level: 0.95,
            fit: Fit::new(),
            seed: Seed::default(),
        }
    }

    /// Sets the numbers of examples to learn from.
    pub fn sizes(mut self, sizes: &[usize]) -> Self {
        self.sizes = sizes.to_vec();
        self
    }

    /// Sets how often each number is tried; two or three repeats give wide intervals, one none.
    pub fn repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats;
        self
    }

    /// Sets the share of examples that all trainings are tested on.
    pub fn test(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Sets the confidence of the intervals, above 0 to below 1.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets how a network is trained.
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self
    }

    /// Sets the seed of what is held out, what is drawn and the first weights.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Trains networks with these layers.
    ///
    /// # Errors
    ///
    /// As [`Fit::run`], and when there are fewer examples than a size asks for.
    pub fn run(&self, network: &Network, x: &dyn Input, labels: &dyn Labels) -> Result<Learned> {
        self.fit.check()?;
        self.fit.check_alone("a learning curve")?;
        let metric = metric(self.fit.loss)?;
        check_level(self.level)?;
        if self.repeats == 0 {
            return Err(Error::value("repeats", "at least 1", 0));
        }
        if self.repeats > MOST {
            let expected = format!("at most {MOST}");
            return Err(Error::value("repeats", expected, self.repeats));
        }
        if !(self.share > 0.0 && self.share < 1.0) {
            return Err(Error::value("test", "above 0 to below 1", self.share));
        }
        let halves = HoldOut::new().share(self.share).seed(self.seed);
        let halves = halves.run(labels)?;
        let strata = Strata::new(labels, true)?;
        let (x, labels) = (x.array()?, labels.labels()?);
        let source = Borrowed::new(x.view(), labels.view())?;
        let all = halves.train();
        let sizes = if self.sizes.is_empty() {
            [8, 4, 2, 1].map(|part| all.len() / part).to_vec()
        } else {
            self.sizes.clone()
        };
        if let Some(size) = sizes.iter().find(|&&size| size < 2 || size > all.len()) {
            let expected = format!("2 to {}, the examples that are not held out", all.len());
            return Err(Error::value("sizes", expected, size));
        }
        let mut task = Task::new("learning curve", sizes.len() * self.repeats);
        let mut values = Array2::zeros((sizes.len(), self.repeats));
        for (at, &size) in sizes.iter().enumerate() {
            for repeat in 0..self.repeats {
                let seed = self.seed.named("learning curve").indexed(repeat);
                let share = size as f64 / all.len() as f64;
                let (_, rows) = strata.split(all, share, seed.indexed(size));
                let fit = self.fit.clone().seed(seed).rows(&rows);
                let fresh = network.with_seed(seed)?;
                let labels = Some(labels.view().into_owned());
                let session = Session::new(&fit, &fresh, (&source, labels))?;
                let measures = session.run_and_test(halves.test())?.1.measures();
                values[[at, repeat]] = measures.mean(0);
                task.step(&format!("{size} examples, {:.4}", measures.mean(0)))?;
            }
        }
        Ok(Learned::new((sizes, values), metric, self.level))
    }
}

impl Default for LearningCurve {
    fn default() -> Self {
        Self::new()
    }
}
