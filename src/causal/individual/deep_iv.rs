//! Nonlinear effects with instruments, learned by two networks.

use super::stages::{FirstNetwork, Responses, Rows, respond};
use super::standard::Standard;
use super::{DeepIvResult, Individuals, two_stage_least_squares};
use crate::progress::Task;
use crate::random::Seed;
use crate::training::{Fit, Trained};
use crate::{Error, Result};
use std::sync::Arc;

/// The fewest groups that two networks learn from.
const FEWEST: usize = 50;
/// More components, members or draws than this are a slip.
const MOST: usize = 10_000;

/// Learns how the outcome responds to the exposure with the help of instruments, with the defaults of [`DeepIv`].
///
/// # Errors
///
/// As [`DeepIv::run`].
///
/// # Examples
///
/// ```
/// use genolens::{causal::{DeepIv, Individuals}, ndarray::Array2, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// // What confounds raises the exposure and lowers the outcome; the true effect is the square of the exposure.
/// let hidden = |row: usize| ((row * 7919) % 101) as f64 / 50.0 - 1.0;
/// let z = Array2::from_shape_fn((300, 1), |(row, _)| (row % 30) as f64 / 10.0);
/// let exposure: Vec<f64> = (0..300).map(|row| z[[row, 0]] + hidden(row)).collect();
/// let outcome: Vec<f64> = (0..300).map(|row| exposure[row].powi(2) - 3.0 * hidden(row)).collect();
/// let people = Individuals::new(&exposure, &outcome, &z)?;
/// let quick = Fit::new().epochs(3);
/// let found = DeepIv::new().members(2).first_stage(quick.clone()).second_stage(quick).run(&people)?;
/// let curve = found.effect(&[0.0, 1.0, 2.0])?;
/// assert_eq!(curve.value().len(), 3);
/// println!("{found}");
/// # Ok(()) }
/// ```
pub fn deep_iv(individuals: &Individuals) -> Result<DeepIvResult> {
    DeepIv::new().run(individuals)
}

/// Deep IV, with options.
///
/// Two-stage least squares without straight lines. A first network learns the distribution of the exposure given instruments and
/// covariates, as a mixture of normal distributions; a second one the response of the outcome, so that its mean over exposures drawn
/// from the first is near the outcomes that were seen. Both stop early by their loss on held-out individuals: that of the second is what
/// the publication calls causal validation, and [`DeepIvResult::causal_loss`] returns it, to choose options by.
///
/// The gradient of the second stage is unbiased: one half of the draws gives the residual and the other half the slope, and the reverse.
/// [`upper_bound`](Self::upper_bound) takes the squared differences of single draws instead.
///
/// Everything is done several times with individuals, or groups of them, drawn again (bagging). Results are means over these members,
/// and intervals are of one more such member, by Student's distribution. They tell what chance does, not by how much networks that
/// stopped early are too smooth.
///
/// Beside a `PyTorch` implementation with the networks of the publication, on its simulated demand (`benches/deep_iv_demand.rs` and
/// `tests/golden/causal/deep_iv_demand.py`): the mean squared error of the response over prices, times and types of customer, in variances
/// of sales. Each has draws of its own.
///
/// | individuals | correlation of errors | Deep IV here | `PyTorch` | its ordinary regression |
/// | --- | --- | --- | --- | --- |
/// | 1,000 | 0.5 | 0.27 (3 draws, 0.23 to 0.29) | 0.28 (3 draws, 0.21 to 0.36) | 0.50 |
/// | 1,000 | 0.9 | 0.28 (3 draws, 0.25 to 0.30) | 0.24 (3 draws, 0.23 to 0.25) | 0.83 |
/// | 5,000 | 0.9 | 0.15 (1 draw) | 0.10 (3 draws, 0.10 to 0.12) | 0.65 |
///
/// # References
///
/// Hartford, Lewis, Leyton-Brown and Taddy 2017, <https://proceedings.mlr.press/v70/hartford17a.html>. Checked against two-stage least
/// squares where effects are linear, and the known truth of the simulated demand of the publication.
#[derive(Clone, Debug, PartialEq)]
pub struct DeepIv {
    hidden: Arc<[usize]>,
    components: usize,
    draws: usize,
    upper_bound: bool,
    members: usize,
    held_out: f64,
    first: Fit,
    second: Fit,
    seed: Seed,
}

impl DeepIv {
    /// Takes the defaults: hidden layers of 64 and 32, mixtures of five, 16 draws, unbiased gradients, five members, a fifth held out, and
    /// for both stages up to 100 epochs in batches of 128, ten of patience, and gradients no longer than 5.
    pub fn new() -> Self {
        let fit = Fit::new().epochs(100).batch(128).patience(10);
        let fit = fit.clip_norm(5.0);
        Self {
            hidden: Arc::new([64, 32]),
            components: 5,
            draws: 16,
            upper_bound: false,
            members: 5,
            held_out: 0.2,
            first: fit.clone(),
            second: fit,
            seed: Seed::default(),
        }
    }

    /// Sets the sizes of the hidden layers of both networks.
    pub fn hidden(mut self, sizes: &[usize]) -> Self {
        self.hidden = sizes.into();
        self
    }

    /// Sets how many normal distributions the exposure is a mixture of.
    pub fn components(mut self, components: usize) -> Self {
        self.components = components;
        self
    }

    /// Sets how many exposures are drawn for each individual and step, an even number.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Makes an upper bound of the loss small, whose gradient is less noisy but leans towards flat responses.
    pub fn upper_bound(mut self, upper_bound: bool) -> Self {
        self.upper_bound = upper_bound;
        self
    }

    /// Sets how often all is done, at least twice.
    pub fn members(mut self, members: usize) -> Self {
        self.members = members;
        self
    }

    /// Sets the share of individuals, or groups, that stop the training, above 0 to below 1.
    pub fn held_out(mut self, share: f64) -> Self {
        self.held_out = share;
        self
    }

    /// Sets how the network of the exposure is trained; loss, split and seed are those of Deep IV.
    pub fn first_stage(mut self, fit: Fit) -> Self {
        self.first = fit;
        self
    }

    /// Sets how the network of the response is trained; loss, split and seed are those of Deep IV.
    pub fn second_stage(mut self, fit: Fit) -> Self {
        self.second = fit;
        self
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Learns the response.
    ///
    /// # Errors
    ///
    /// Fails as [`two_stage_least_squares`], for fewer than 50 individuals or groups, when an option makes no sense, when a training
    /// diverges, or when the user interrupts.
    pub fn run(&self, individuals: &Individuals) -> Result<DeepIvResult> {
        self.check(individuals)?;
        let linear = two_stage_least_squares(individuals)?;
        let mut first_stage = linear.first_stage();
        let data = Standard::new(individuals);
        let mut task = Task::new("Deep IV", 2 * self.members + 1);
        let mut members: Vec<Trained> = Vec::with_capacity(self.members);
        for member in 0..self.members {
            let seed = self.seed.named("deep IV").indexed(member);
            let rows = Rows::new(&individuals.groups, (self.held_out, true), seed);
            let first = FirstNetwork::fit(
                (&data, &rows),
                (&self.hidden, self.components),
                (&self.first, seed.named("first stage")),
            )?;
            if member == 0 {
                let held_out = &rows.all[rows.learned..];
                first_stage.information = Some(first.information(&data, held_out)?);
            }
            task.step(&format!("member {}, first stage", member + 1))?;
            let scores = first.scores(&data, &rows.all)?;
            let responses = Responses {
                data: &data,
                rows: &rows,
                first: Some((&scores, self.draws)),
                seed: seed.named("draws"),
            };
            members.push(respond(
                &responses,
                (&self.hidden, self.upper_bound),
                (&self.second, seed.named("second stage")),
            )?);
            task.step(&format!("member {}, second stage", member + 1))?;
        }
        let seed = self.seed.named("ordinary");
        let rows = Rows::new(&individuals.groups, (self.held_out, false), seed);
        let responses = Responses {
            data: &data,
            rows: &rows,
            first: None,
            seed,
        };
        let ordinary = respond(&responses, (&self.hidden, true), (&self.second, seed))?;
        task.step("ordinary regression")?;
        DeepIvResult::new(
            (individuals, data),
            (&members, &ordinary),
            (linear, first_stage),
        )
    }

    fn check(&self, individuals: &Individuals) -> Result<()> {
        for (name, value, least) in [
            ("components", self.components, 1),
            ("members", self.members, 2),
            ("draws", self.draws, 2),
        ] {
            if value < least {
                return Err(Error::value(name, format!("at least {least}"), value));
            }
            if value > MOST {
                return Err(Error::value(name, format!("at most {MOST}"), value));
            }
        }
        if !self.draws.is_multiple_of(2) {
            return Err(Error::value("draws", "an even number", self.draws));
        }
        if !(self.held_out > 0.0 && self.held_out < 1.0) {
            return Err(Error::value(
                "held_out",
                "above 0 to below 1",
                self.held_out,
            ));
        }
        let groups = individuals.groups.iter().max().map_or(0, |last| last + 1);
        if groups < FEWEST {
            let expected = format!("{FEWEST} or more rows or, where there are such, groups");
            return Err(Error::value("individuals", expected, groups));
        }
        self.first.check_alone("Deep IV")?;
        self.second.check_alone("Deep IV")
    }
}

impl Default for DeepIv {
    fn default() -> Self {
        Self::new()
    }
}
