//! A GAN that has learned.

use super::GanHistory;
use super::noise::noise;
use crate::expression::{Cells, Frame, Groups};
use crate::network::{Model, Network, to_array, unit};
use crate::progress::Task;
use crate::random::Seed;
use crate::{Error, Result};
use ndarray::Array2;
use polars::prelude::Column;
use rand_chacha::rand_core::Rng;
use std::fmt;
use std::sync::Arc;

/// Cells that are made at once.
const AT_ONCE: usize = 512;

/// A GAN that has learned: a source of cells; cheap to clone.
#[derive(Clone)]
pub struct FittedGan {
    generator: Network,
    critic: Network,
    history: GanHistory,
    parts: Arc<Parts>,
    seed: Seed,
}

/// What is known of the cells that it learned from.
struct Parts {
    var: Frame,
    log_base: Option<f64>,
    latent: usize,
    column: Option<String>,
    kinds: Vec<String>,
    /// Up to which number in (0, 1) a draw is of this kind.
    shares: Vec<f64>,
}

impl FittedGan {
    pub(super) fn new(
        (generator, critic): (Network, Network),
        history: GanHistory,
        (cells, kinds, (column, latent)): (&Cells, &Groups, (Option<&str>, usize)),
    ) -> Self {
        let (mut shares, mut sum) = (Vec::new(), 0.0);
        if column.is_some() {
            for size in kinds.sizes() {
                sum += size as f64 / cells.len() as f64;
                shares.push(sum);
            }
        }
        let parts = Parts {
            shares,
            var: Frame::new(cells.genes().iter().cloned()),
            log_base: cells.log_base(),
            latent,
            column: column.map(str::to_owned),
            kinds: kinds.names.clone(),
        };
        Self {
            generator,
            critic,
            history,
            parts: Arc::new(parts),
            seed: Seed::default(),
        }
    }

    /// Returns the network that makes cells, from noise with the kind behind it.
    pub fn generator(&self) -> &Network {
        &self.generator
    }

    /// Returns the network that tells cells apart, with one output for every kind.
    pub fn critic(&self) -> &Network {
        &self.critic
    }

    /// Returns how training went, also where it diverged.
    pub fn history(&self) -> &GanHistory {
        &self.history
    }

    /// Returns the kinds of cells that can be asked for, none where it learned without.
    pub fn kinds(&self) -> &[String] {
        &self.parts.kinds
    }

    /// Draws other cells from now on: a GAN gives the same cells every time it is asked.
    pub fn with_seed(&self, seed: impl Into<Seed>) -> Self {
        Self {
            seed: seed.into(),
            ..self.clone()
        }
    }

    /// Makes so many cells, kinds as common as in the real cells; `obs` names the kind that was asked for.
    ///
    /// The first cells of a larger sample are those of a smaller one, to rounding.
    ///
    /// # Errors
    ///
    /// Fails when none is asked for, or when the user interrupts.
    pub fn sample(&self, cells: usize) -> Result<Cells> {
        let shares = &self.parts.shares;
        let seed = self.seed.named("kinds");
        let kinds = (0..cells).map(|cell| {
            let draw = unit(seed.indexed(cell).generator().next_u32());
            let kind = shares.partition_point(|&share| share < draw);
            kind.min(shares.len().saturating_sub(1))
        });
        self.made(&kinds.collect::<Vec<_>>())
    }

    /// Makes so many cells of one kind.
    ///
    /// # Errors
    ///
    /// Fails when no kind has this name, naming those that there are, and as [`sample`](Self::sample).
    pub fn sample_of(&self, kind: &str, cells: usize) -> Result<Cells> {
        let known = self.kinds().iter().position(|known| known == kind);
        let known = known.ok_or_else(|| {
            let expected = match self.kinds() {
                [] => "none, for the GAN learned without kinds".into(),
                kinds => format!("one of: {}", kinds.join(", ")),
            };
            Error::value("kind", expected, format!("`{kind}`"))
        })?;
        self.made(&vec![known; cells])
    }

    fn made(&self, kinds: &[usize]) -> Result<Cells> {
        if kinds.is_empty() {
            return Err(Error::value("cells", "at least 1", 0));
        }
        let parts = &*self.parts;
        let genes = parts.var.len();
        let mut values = Vec::with_capacity(kinds.len() * genes);
        let mut task = Task::new("sample", kinds.len().div_ceil(AT_ONCE));
        let seed = self.seed.named("noise");
        for (piece, some) in kinds.chunks(AT_ONCE).enumerate() {
            let shape = (parts.latent, piece * AT_ONCE);
            let noise = noise(seed, shape, (some, parts.kinds.len()))?;
            let noise = noise.to_device(self.generator.device())?;
            values.extend(to_array(&self.generator.forward(&noise)?)?);
            task.step("")?;
        }
        let shape = (kinds.len(), genes);
        let values = Array2::from_shape_vec(shape, values)
            .map_err(|_| Error::shape("output", "(cells, genes)", &[]))?;
        let names = (1..=kinds.len()).map(|cell| format!("generated {cell}"));
        let mut obs = Frame::new(names);
        if let Some(column) = &parts.column {
            let labels: Vec<&str> = kinds.iter().map(|&kind| &*parts.kinds[kind]).collect();
            obs = obs.with_categories(Column::new(column.into(), labels), &parts.kinds)?;
        }
        let cells = Cells::from_frames(values, obs, parts.var.clone())?;
        Ok(cells.with_log_base(parts.log_base))
    }
}

impl fmt::Debug for FittedGan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (genes, kinds) = (self.parts.var.len(), self.kinds().len());
        write!(f, "FittedGan({genes} genes, ")?;
        if kinds > 0 {
            write!(f, "{kinds} kinds, ")?;
        }
        write!(f, "{:?})", self.history)
    }
}

impl fmt::Display for FittedGan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.generator, self.history)
    }
}
