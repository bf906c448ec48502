//! The same layers over a sequence and over its other strand.

use super::layer::Step;
use super::rules::{Rules, Usual};
use super::survey::Survey;
use super::{Chain, Misfit, Pass, Shape};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// What is made of the outputs for the two strands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strands {
    /// The larger one, number by number; where both are equal, each gets half of the gradient.
    Max,
    /// Their mean.
    Mean,
}

/// Sends a sequence and its reverse complement through the same layers.
///
/// The other strand is the input with channels and positions reversed, which is the reverse complement when a letter and its partner
/// stand at opposite ends of the alphabet (A, C, G, T, as everywhere in this library). If the layers keep positions, those of the other strand are
/// reversed back before the two are joined. While training, both strands stand in one batch, which is what a batch norm sees.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::{Array3, s};
/// use genolens::network::{self, Architecture, BothStrands, Chain};
/// # fn main() -> genolens::Result<()> {
/// let detector = Chain::new().convolution(4, 6).relu().global_max_pool().dense(1);
/// let network = Architecture::sequences(4).then(BothStrands::max(detector)).build()?;
/// let x = Array3::from_shape_fn((2, 4, 20), |(i, c, p)| ((7 * i + 5 * c + 3 * p) % 4) as f32);
/// let other = x.slice(s![.., ..;-1, ..;-1]).to_owned();
/// assert_eq!(network::predict(&network, &x)?, network::predict(&network, &other)?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BothStrands {
    chain: Chain,
    strands: Strands,
}

impl BothStrands {
    /// Takes the larger output of the two strands.
    pub fn max(chain: Chain) -> Self {
        let strands = Strands::Max;
        Self { chain, strands }
    }

    /// Takes the mean output of the two strands.
    pub fn mean(chain: Chain) -> Self {
        let strands = Strands::Mean;
        Self { chain, strands }
    }

    /// Returns the layers that read both strands.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Returns what is made of the two outputs.
    pub fn strands(&self) -> Strands {
        self.strands
    }
}

impl fmt::Display for BothStrands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.strands {
            Strands::Max => "both strands, maximum",
            Strands::Mean => "both strands, mean",
        })
    }
}

impl BothStrands {
    /// Joins the outputs for the two strands, that of the other one as it came.
    pub(crate) fn joined(
        &self,
        given: &Tensor,
        mut other: Tensor,
        rules: &dyn Rules,
    ) -> Result<Tensor> {
        if other.rank() == 3 {
            other = other.contiguous()?.flip(&[2])?;
        }
        Ok(match self.strands {
            Strands::Max => rules.larger(given, &other)?,
            Strands::Mean => (given + other)?.affine(0.5, 0.0)?,
        })
    }
}

impl Step for BothStrands {
    fn name(&self) -> &'static str {
        "both_strands"
    }

    fn check(&self) -> Result<()> {
        self.chain.check()
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        match input {
            Shape::Sequence { .. } => self.chain.output(input),
            Shape::Features(_) | Shape::Image { .. } => Err("(n, channels, length)".into()),
        }
    }

    fn survey(&self, input: (Shape, bool), survey: &mut Survey) -> Result<(), Misfit> {
        self.chain.survey(input, survey)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let n = x.dim(0)?;
        let both = Tensor::cat(&[x, &x.contiguous()?.flip(&[1, 2])?], 0)?;
        let since = pass.entered();
        let out = self.chain.run(&both, pass)?;
        pass.reread(since, |seen| seen.narrow(0, 0, n))?;
        let given = out.narrow(0, 0, n)?;
        let rules = pass.rules();
        let rules = rules.as_deref().unwrap_or(&Usual);
        self.joined(&given, out.narrow(0, n, n)?, rules)
    }
}
