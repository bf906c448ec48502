//! The gradient at random places on the ways from references to the sequence.

use super::path::{Path, Point};
use super::{Attribution, References};
use crate::network::Model;
use crate::random::Seed;
use crate::sequence::Explainable;
use crate::{Error, Result};
use rand::RngExt;

/// Computes expected gradients of the first output from shuffles of every sequence.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, the model cannot be differentiated, or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::expected_gradients(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores().dim(), (1, 4, 10));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Erion et al. 2021, doi:10.1038/s42256-021-00343-w; captum's `GradientShap` without noise draws in the same way.
pub fn expected_gradients(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    ExpectedGradients::new().run(model, x)
}

/// Draws gradients between references and the sequence, with options.
///
/// The references take turns; the place on each way is drawn with equal chance. As many draws as integrated gradients take points say
/// more about many references and less about each.
#[derive(Clone, Debug)]
pub struct ExpectedGradients {
    target: usize,
    samples: usize,
    references: References,
    seed: Seed,
    batch: usize,
}

impl ExpectedGradients {
    /// Takes the defaults: the first output, 200 draws, 20 dinucleotide shuffles, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            samples: 200,
            references: References::dinucleotide_shuffles(20),
            seed: Seed::default(),
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets the number of draws for every sequence.
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = samples;
        self
    }

    /// Sets what sequences are compared with.
    pub fn references(mut self, references: References) -> Self {
        self.references = references;
        self
    }

    /// Sets the seed of the places; default 0. The places for a sequence follow from it and from the letters.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Sets the number of draws that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when `x` or the references have a shape that the model cannot read, there is no such output, the model cannot be
    /// differentiated, nothing is drawn, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        const MOST: usize = 10_000_000;
        if self.samples == 0 || self.samples > MOST {
            return Err(Error::value(
                "samples",
                format!("1 to {MOST}"),
                self.samples,
            ));
        }
        let path = Path {
            method: "expected gradients",
            target: self.target,
            batch: self.batch,
            references: &self.references,
        };
        path.run((model, x), |letters, references| {
            let mut generator = self.seed.named(letters).generator();
            let point = |sample| Point {
                reference: sample % references,
                along: generator.random(),
                weight: 1.0 / self.samples as f64,
            };
            (0..self.samples).map(point).collect()
        })
    }
}

impl Default for ExpectedGradients {
    fn default() -> Self {
        Self::new()
    }
}
