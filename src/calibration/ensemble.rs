//! Several networks that learned the same, and one model made of them.

use super::draws::Draws;
use crate::network::{Model, Network, Predict};
use crate::progress::Task;
use crate::random::Seed;
use crate::training::{Fit, Labels};
use crate::{Error, Input, Result};
use candle_core::{Device, Tensor};
use ndarray::{Axis, stack};
use std::fmt;
use std::sync::Arc;

/// Trains five networks that differ in their first weights and in the order of examples, with the defaults of [`FitEnsemble`].
///
/// # Errors
///
/// As [`FitEnsemble::run`].
///
/// # Examples
///
/// ```
/// use genolens::{calibration, network::Architecture, training::Fit};
/// use genolens::ndarray::{Array1, Array2};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((60, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
/// let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] > row[1] { 1.0 } else { 0.0 }).collect();
/// let network = Architecture::features(2).dense(4).relu().dense(1).build()?;
/// let ensemble = calibration::FitEnsemble::new().members(3).fit(Fit::new().epochs(3)).run(&network, &x, &labels)?;
/// let draws = ensemble.predict(&x)?;
/// assert_eq!(draws.values().dim(), (3, 60, 1));
/// assert!(draws.task_information().epistemic()[[0, 0]] > 0.0);
/// # Ok(()) }
/// ```
pub fn fit_ensemble(network: &Network, x: &dyn Input, labels: &dyn Labels) -> Result<Ensemble> {
    FitEnsemble::new().run(network, x, labels)
}

/// Trains several networks of the same layers, with options (Lakshminarayanan, Pritzel and Blundell 2017,
/// <https://doi.org/10.48550/arXiv.1612.01474>).
#[derive(Clone, Debug, PartialEq)]
pub struct FitEnsemble {
    members: usize,
    fit: Fit,
    seed: Seed,
}

/// More members than this are a slip.
const MOST: usize = 10_000;

impl FitEnsemble {
    /// Takes the defaults: five members, [`Fit::new`].
    pub fn new() -> Self {
        Self {
            members: 5,
            fit: Fit::new(),
            seed: Seed::default(),
        }
    }

    /// Sets the number of members, 2 to 10,000.
    pub fn members(mut self, members: usize) -> Self {
        self.members = members;
        self
    }

    /// Sets how each is trained; the seed is that of [`seed`](Self::seed) and the number of the member.
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self
    }

    /// Sets the seed from which those of first weights, validation shares, batches and dropout follow.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Trains; the network gives its layers, and every member draws its own first weights.
    ///
    /// # Errors
    ///
    /// As [`Fit::run`], and for fewer than two members or more than 10,000.
    pub fn run(&self, network: &Network, x: &dyn Input, labels: &dyn Labels) -> Result<Ensemble> {
        if self.members < 2 {
            return Err(Error::value("members", "at least 2", self.members));
        }
        if self.members > MOST {
            let expected = format!("at most {MOST}");
            return Err(Error::value("members", expected, self.members));
        }
        let mut task = Task::new("ensemble", self.members);
        let mut members = Vec::new();
        for member in 0..self.members {
            let seed = self.seed.named("ensemble").indexed(member);
            let fresh = network.with_seed(seed.named("weights"))?;
            let trained = self
                .fit
                .clone()
                .seed(seed.named("fit"))
                .run(&fresh, x, labels)?;
            members.push(trained.network().clone());
            task.step(&format!("member {}", member + 1))?;
        }
        Ensemble::new(&members)
    }
}

impl Default for FitEnsemble {
    fn default() -> Self {
        Self::new()
    }
}

/// Networks whose scores are compared, and averaged; cheap to clone.
///
/// As a [`Model`] it gives the mean of the raw scores, so that every method that explains a model explains an ensemble.
#[derive(Clone, Debug)]
pub struct Ensemble {
    members: Arc<[Network]>,
}

impl Ensemble {
    /// Puts networks together.
    ///
    /// # Errors
    ///
    /// Fails for fewer than two.
    pub fn new(members: &[Network]) -> Result<Self> {
        if members.len() < 2 {
            return Err(Error::value(
                "members",
                "at least 2 networks",
                members.len(),
            ));
        }
        Ok(Self {
            members: members.into(),
        })
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Tells whether there is no member; there always are two.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns a member, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails when there is no such member.
    pub fn get(&self, member: usize) -> Result<Network> {
        let found = self.members.get(member).cloned();
        found.ok_or_else(|| Error::value("member", format!("below {}", self.len()), member))
    }

    /// Computes the raw scores of every member.
    ///
    /// # Errors
    ///
    /// Fails when a member cannot read `x`, or members have different outputs.
    pub fn predict(&self, x: &dyn Input) -> Result<Draws> {
        let scores = self
            .members
            .iter()
            .map(|member| Predict::new().run(member, x));
        let scores = scores.collect::<Result<Vec<_>>>()?;
        let views: Vec<_> = scores.iter().map(|scores| scores.view()).collect();
        let together = stack(Axis(0), &views).map_err(|_| {
            let expected = format!("{} outputs of every member", scores[0].ncols());
            Error::value("members", expected, "others")
        })?;
        Draws::new(&together)
    }
}

impl Model for Ensemble {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let scores = self.members.iter().map(|member| member.forward(x));
        let scores = scores.collect::<Result<Vec<_>>>()?;
        Ok(Tensor::stack(&scores, 0)?.mean(0)?)
    }

    fn device(&self) -> &Device {
        self.members[0].device()
    }
}

impl fmt::Display for Ensemble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} members, each\n{}", self.len(), self.members[0])
    }
}
