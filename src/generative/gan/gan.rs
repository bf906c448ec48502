//! Which networks compete, and how.

use super::FittedGan;
use super::critic::BEND;
use super::library::Library;
use super::objective::Objective;
use super::training::{Data, train};
use crate::expression::{Cells, Groups};
use crate::generative::reader::{Reader, totals};
use crate::network::{Architecture, Network, User};
use crate::random::Seed;
use crate::training::{Adam, Likelihood};
use crate::{Error, Result};

/// Learns to make cells with a Wasserstein GAN, with the defaults of [`Gan::wasserstein`].
///
/// # Errors
///
/// As [`Gan::run`].
pub fn wgan(cells: &Cells) -> Result<FittedGan> {
    Gan::wasserstein().run(cells)
}

/// A generative adversarial network of expression: a generator makes cells from noise, a critic learns to tell them from real ones, and
/// the generator learns from what the critic sees.
///
/// Values are read as they are and must not be negative: counts brought to one total, or their logarithms. Where all cells have the same
/// total (before a logarithm that was taken with [`log1p`](crate::expression::log1p())), every generated cell has it too, as in scGAN.
/// Generated values are rectified: a gene can be absent, as in real cells.
///
/// With [`by`](Self::by), cells of a kind can be asked for: the generator reads the kind beside the noise, and the critic has one output
/// for each kind, of which that of the cell counts (a projection: Miyato and Koyama 2018, <https://arxiv.org/abs/1802.05637>; cscGAN
/// changes batch norms by the kind in the generator, here the kind enters its first layer).
///
/// A GAN can leave out whole kinds of cells and still please its critic: look at [`collapse`](crate::generative::collapse()) before you
/// believe it.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::Array2;
/// use genolens::{expression::Cells, generative::Gan, polars::prelude::Column};
/// # fn main() -> genolens::Result<()> {
/// // Two kinds of cells, of which each has two genes of its own.
/// let values = Array2::from_shape_fn((64, 4), |(cell, gene)| if cell % 2 == gene / 2 { 5.0 } else { 0.0 });
/// let names = (0..64).map(|cell| format!("cell {cell}"));
/// let cells = Cells::new(values, names, ["CD3D", "CD3E", "MS4A1", "CD79A"])?;
/// let kinds: Vec<&str> = (0..64).map(|cell| if cell % 2 == 0 { "T" } else { "B" }).collect();
/// let cells = cells.with_obs(Column::new("type".into(), kinds))?;
/// let gan = Gan::wasserstein().by("type").hidden(&[16]).batch(32).steps(5).run(&cells)?;
/// assert_eq!(gan.sample_of("B", 3)?.shape(), (3, 4));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gan {
    pub(super) objective: Objective,
    pub(super) latent: usize,
    generator: Vec<usize>,
    critic: Vec<usize>,
    by: Option<String>,
    same_totals: bool,
    pub(super) steps: usize,
    pub(super) batch: usize,
    pub(super) critic_steps: usize,
    /// The learning rate at the begin and at the end.
    pub(super) rates: (f64, f64),
    pub(super) optimizer: Adam,
    pub(super) keep: bool,
    pub(super) seed: Seed,
}

impl Gan {
    /// Takes the settings of the Wasserstein GAN with gradient penalty: 5 critic steps for one of the generator, penalty 10, Adam with
    /// decay rates 0 and 0.9 and learning rate 0.0001; noise of 128 numbers, generator layers of 256, 512 and 1,024 units with batch norm
    /// and rectifier, critic layers of 1,024, 512 and 256 with leaky rectifiers, batches of 128, 2,000 steps of the generator.
    ///
    /// Source: Gulrajani et al. 2017, <https://arxiv.org/abs/1704.00028>. The penalty and its gradient are checked against `PyTorch`.
    pub fn wasserstein() -> Self {
        Self {
            objective: Objective::Wasserstein { penalty: 10.0 },
            latent: 128,
            generator: vec![256, 512, 1024],
            critic: vec![1024, 512, 256],
            by: None,
            same_totals: true,
            steps: 2_000,
            batch: 128,
            critic_steps: 5,
            rates: (1e-4, 1e-4),
            optimizer: Adam::new().betas(0.0, 0.9),
            keep: false,
            seed: Seed::default(),
        }
    }

    /// Takes the settings of scGAN: those of [`wasserstein`](Self::wasserstein) with `AMSGrad`, decay rates 0.5 and 0.9, a learning rate
    /// that falls from 0.0001 to 0.00001, and a million steps, which are days on a CPU: set [`steps`](Self::steps).
    ///
    /// Source: Marouf et al. 2020, doi:10.1038/s41467-019-14018-z.
    pub fn scgan() -> Self {
        Self {
            steps: 1_000_000,
            rates: (1e-4, 1e-5),
            optimizer: Adam::new().betas(0.5, 0.9).amsgrad(true),
            ..Self::wasserstein()
        }
    }

    /// Takes the first GAN, which is easily unstable: the critic says how likely a cell is real, one step each, Adam with decay rates 0.5
    /// and 0.999 and learning rate 0.0002; the generator wants its cells taken for real (not saturating). Layers as in
    /// [`wasserstein`](Self::wasserstein).
    ///
    /// Source: Goodfellow et al. 2014, <https://arxiv.org/abs/1406.2661>; rates of Radford et al. 2016, <https://arxiv.org/abs/1511.06434>.
    pub fn classic() -> Self {
        Self {
            objective: Objective::NonSaturating,
            critic_steps: 1,
            rates: (2e-4, 2e-4),
            optimizer: Adam::new().betas(0.5, 0.999),
            ..Self::wasserstein()
        }
    }

    /// Lets the generator of a [`classic`](Self::classic) GAN want what the critic does not want, exactly: it then learns next to nothing
    /// from a critic that is sure. A Wasserstein GAN is like this already.
    pub fn minimax(mut self) -> Self {
        if self.objective == Objective::NonSaturating {
            self.objective = Objective::Minimax;
        }
        self
    }

    /// Sets how much slopes of the critic cost whose length is not 1; a classic GAN has no such cost.
    pub fn penalty(mut self, weight: f64) -> Self {
        if let Objective::Wasserstein { penalty } = &mut self.objective {
            *penalty = weight;
        }
        self
    }

    /// Learns to make cells of every kind that a column of `obs` names.
    pub fn by(mut self, column: &str) -> Self {
        self.by = Some(column.to_owned());
        self
    }

    /// Sets how many numbers of noise the generator reads.
    pub fn latent(mut self, dimensions: usize) -> Self {
        self.latent = dimensions;
        self
    }

    /// Sets the sizes of the hidden layers of the generator; the critic has them in reverse.
    pub fn hidden(mut self, sizes: &[usize]) -> Self {
        self.generator = sizes.into();
        self.critic = sizes.iter().rev().copied().collect();
        self
    }

    /// Sets the sizes of the hidden layers of the critic alone.
    pub fn critic(mut self, sizes: &[usize]) -> Self {
        self.critic = sizes.into();
        self
    }

    /// Sets whether generated cells have the total of the real ones where these all have the same; they do, if not told otherwise.
    pub fn same_totals(mut self, same: bool) -> Self {
        self.same_totals = same;
        self
    }

    /// Sets how many steps the generator learns.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Sets how many cells are looked at in a step.
    pub fn batch(mut self, cells: usize) -> Self {
        self.batch = cells;
        self
    }

    /// Sets how many steps the critic learns for each of the generator.
    pub fn critic_steps(mut self, steps: usize) -> Self {
        self.critic_steps = steps;
        self
    }

    /// Sets the learning rate of both networks, which then stays the same.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.rates = (rate, rate);
        self
    }

    /// Lets the learning rate fall by the same factor in every step, to this one.
    pub fn final_rate(mut self, rate: f64) -> Self {
        self.rates.1 = rate;
        self
    }

    /// Sets the optimiser of both networks.
    pub fn optimizer(mut self, adam: Adam) -> Self {
        self.optimizer = adam;
        self
    }

    /// Sets whether an interrupted training gives what it has so far in place of an error.
    pub fn keep_interrupted(mut self, keep: bool) -> Self {
        self.keep = keep;
        self
    }

    /// Sets the seed of first weights, batches and noise.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Learns from cells, shape `(cells, genes)`.
    ///
    /// Where a loss is no number, the last weights that gave one are kept and the history says so.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, when there are fewer cells than a batch has, when values are negative or not finite, when the
    /// column is not there, lacks labels or names one kind only, when the first step gives no number, or when the user interrupts.
    pub fn run(&self, cells: &Cells) -> Result<FittedGan> {
        self.check()?;
        let (count, genes) = cells.shape();
        if count < self.batch || genes < 2 {
            let expected = format!("at least {} (the batch) with 2 genes", self.batch);
            return Err(Error::value("cells", expected, format!("{cells:?}")));
        }
        let reader = Reader::new(cells, Likelihood::Gaussian, 1.0)?;
        let stored = cells.values().stored();
        if let Some(value) = stored.iter().find(|value| **value < 0.0) {
            return Err(Error::value("values of cells", "at least 0", value));
        }
        let kinds = match &self.by {
            Some(column) => Groups::new(cells.obs(), column)?,
            None => Groups {
                names: Vec::new(),
                of_cell: vec![0; count],
            },
        };
        if let ([only], Some(column)) = (&kinds.names[..], &self.by) {
            let argument = format!("column {column}");
            let got = format!("`{only}` alone");
            return Err(Error::value(&argument, "at least 2 kinds of cells", got));
        }
        let base = cells.log_base();
        let total = self.same_totals.then(|| same_total(cells, base)).flatten();
        let (generator, critic) = self.networks((genes, kinds.names.len()), (total, base))?;
        let data = Data {
            reader: &reader,
            kinds: &kinds,
        };
        let (networks, history) = train(self, (&generator, &critic), &data)?;
        Ok(FittedGan::new(
            networks,
            history,
            (cells, &kinds, (self.by.as_deref(), self.latent)),
        ))
    }

    fn check(&self) -> Result<()> {
        for (name, size) in [
            ("latent", self.latent),
            ("steps", self.steps),
            ("critic_steps", self.critic_steps),
        ] {
            if size == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        if self.batch < 2 {
            return Err(Error::value("batch", "at least 2", self.batch));
        }
        if let Objective::Wasserstein { penalty } = self.objective
            && !(penalty.is_finite() && penalty >= 0.0)
        {
            return Err(Error::value("penalty", "at least 0", penalty));
        }
        for (name, rate) in [
            ("learning_rate", self.rates.0),
            ("final_rate", self.rates.1),
        ] {
            if !(rate.is_finite() && rate > 0.0) {
                return Err(Error::value(name, "above 0", rate));
            }
        }
        Ok(())
    }

    /// Draws both networks.
    fn networks(
        &self,
        (genes, kinds): (usize, usize),
        (total, base): (Option<f64>, Option<f64>),
    ) -> Result<(Network, Network)> {
        let mut generator = Architecture::features(self.latent + kinds);
        for &size in &self.generator {
            generator = generator.dense(size).batch_norm().relu();
        }
        let output = User::new(Library { total, base });
        let generator = generator.dense(genes).then(output);
        let mut critic = Architecture::features(genes);
        for &size in &self.critic {
            critic = critic.dense(size).activation(BEND);
        }
        let critic = critic.dense(kinds.max(1));
        Ok((
            generator.seed(self.seed.named("generator")).build()?,
            critic.seed(self.seed.named("critic")).build()?,
        ))
    }
}

/// Returns the total of every cell before the logarithm, if they all have the same within a thousandth.
fn same_total(cells: &Cells, base: Option<f64>) -> Option<f64> {
    let totals = match base {
        None => totals(cells.values()),
        Some(base) => {
            let values = cells.values().dense();
            let undone = |value: &f32| (f64::from(*value) * base.ln()).exp_m1();
            let rows = values.rows().into_iter();
            rows.map(|row| row.iter().map(undone).sum()).collect()
        }
    };
    let mean = totals.iter().sum::<f64>() / totals.len() as f64;
    let same = |total: &f64| (total - mean).abs() <= 1e-3 * mean;
    (mean > 0.0 && totals.iter().all(same)).then_some(mean)
}
