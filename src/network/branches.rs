//! Several chains over one input.

use super::dense::part;
use super::layer::Step;
use super::operation::{Part, heads};
use super::rules::{Rules, Usual};
use super::survey::Survey;
use super::{Chain, Layer, Misfit, Pass, Shape};
use crate::{Error, Result};
use candle_core::Tensor;
use std::fmt;

/// How the outputs of several chains become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    /// Their sum; all have the same shape.
    Add,
    /// One after the other: channels of sequences of one length or of images of one size, or features.
    Concatenate,
    /// Their product, number by number; all have the same shape.
    Multiply,
    /// What several sources of reads make together: of features of one number, the first, logits of profiles, are added, and the rest,
    /// logarithms of counts, become the logarithm of the summed counts.
    Reads {
        /// How many features are logits.
        logits: usize,
    },
}

/// Sends one input through several chains and joins what they give.
///
/// A chain without layers hands the input on.
///
/// # Examples
///
/// Narrow and wide filters side by side:
///
/// ```
/// use genolens::network::{Architecture, Branches, Chain};
/// # fn main() -> genolens::Result<()> {
/// let narrow = Chain::new().convolution(8, 6).relu().global_max_pool();
/// let wide = Chain::new().convolution(8, 24).relu().global_max_pool();
/// let both = Branches::concatenate().with(narrow).with(wide);
/// let network = Architecture::sequences(4).then(both).dense(1).build()?;
/// assert_eq!(network.weight("1.dense.weight")?.shape(), [1, 16]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Branches {
    join: Join,
    chains: Vec<Chain>,
}

impl Branches {
    /// Begins branches that are joined in this way.
    pub fn new(join: Join) -> Self {
        Self {
            join,
            chains: Vec::new(),
        }
    }

    /// Begins branches whose outputs are added.
    pub fn add() -> Self {
        Self::new(Join::Add)
    }

    /// Begins branches whose outputs stand one after the other.
    pub fn concatenate() -> Self {
        Self::new(Join::Concatenate)
    }

    /// Begins branches whose outputs are multiplied.
    pub fn multiply() -> Self {
        Self::new(Join::Multiply)
    }

    /// Adds a branch.
    pub fn with(mut self, chain: Chain) -> Self {
        self.chains.push(chain);
        self
    }

    /// Returns how the outputs are joined.
    pub fn join(&self) -> Join {
        self.join
    }

    /// Returns the branches.
    pub fn chains(&self) -> &[Chain] {
        &self.chains
    }

    /// Checks that an output can be joined to others like it.
    fn alone(&self, output: Shape) -> Result<Shape, Misfit> {
        match self.join {
            Join::Reads { logits } if self.joined(output, output).is_none() => {
                let wanted = format!("(n, features), at least {logits}, from every branch");
                Err(Misfit::inside(wanted, output.to_string()))
            }
            _ => Ok(output),
        }
    }

    /// Returns the shape of two outputs joined, if they can be.
    fn joined(&self, a: Shape, b: Shape) -> Option<Shape> {
        match (self.join, a, b) {
            (Join::Add | Join::Multiply, _, _) => (a == b).then_some(a),
            (Join::Reads { logits }, Shape::Features(features), _) => {
                (a == b && logits <= features).then_some(a)
            }
            (Join::Concatenate, Shape::Features(a), Shape::Features(b)) => {
                Some(Shape::Features(a + b))
            }
            (
                Join::Concatenate,
                Shape::Sequence { channels, length },
                Shape::Sequence {
                    channels: more,
                    length: other,
                },
            ) => (length == other).then_some(Shape::Sequence {
                channels: channels + more,
                length,
            }),
            (
                Join::Concatenate,
                Shape::Image {
                    channels,
                    height,
                    width,
                },
                Shape::Image {
                    channels: more,
                    height: tall,
                    width: wide,
                },
            ) => ((height, width) == (tall, wide)).then_some(Shape::Image {
                channels: channels + more,
                height,
                width,
            }),
            (Join::Concatenate | Join::Reads { .. }, _, _) => None,
        }
    }
}

impl fmt::Display for Branches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.join {
            Join::Add => "branches, added",
            Join::Concatenate => "branches, concatenated",
            Join::Multiply => "branches, multiplied",
            Join::Reads { .. } => "branches, reads summed",
        })
    }
}

impl Branches {
    /// Joins what the branches gave, in their order.
    pub(crate) fn joined_outputs(&self, outputs: &[Tensor], rules: &dyn Rules) -> Result<Tensor> {
        let Some((first, rest)) = outputs.split_first() else {
            return Err(Error::value("branches", "at least 1 chain", 0));
        };
        let mut whole = first.clone();
        match self.join {
            Join::Concatenate => whole = Tensor::cat(outputs, 1)?,
            Join::Add => {
                for output in rest {
                    whole = (whole + output)?;
                }
            }
            Join::Multiply => {
                for output in rest {
                    whole = rules.product(&whole, output)?;
                }
            }
            Join::Reads { logits } => whole = summed_reads(outputs, logits, rules)?,
        }
        Ok(whole)
    }
}

impl Branches {
    /// Tells whether a dense layer gives a part of the output.
    fn is_dense(&self) -> bool {
        let mut last = self.chains.iter().filter_map(|chain| chain.layers().last());
        self.join == Join::Concatenate
            && last.any(|layer| match layer {
                Layer::Dense(_) => true,
                Layer::Branches(branches) => branches.is_dense(),
                _ => false,
            })
    }

    /// Passes examples through all but the dense layers at the ends.
    fn gather(&self, x: &Tensor, pass: &mut Pass, parts: &mut Vec<Part>) -> Result<()> {
        for chain in &self.chains {
            let before = chain.layers().len().saturating_sub(1);
            match chain.layers().last() {
                Some(Layer::Dense(_)) => {
                    let x = chain.forward(before, x, pass)?;
                    pass.enter(&x);
                    parts.push(part(&pass.weights(), &x)?);
                }
                Some(Layer::Branches(branches)) if branches.is_dense() => {
                    let x = chain.forward(before, x, pass)?;
                    pass.enter(&x);
                    branches.gather(&x, pass, parts)?;
                }
                _ => parts.push(Part::Same(chain.run(x, pass)?.contiguous()?)),
            }
        }
        Ok(())
    }
}

impl Step for Branches {
    fn name(&self) -> &'static str {
        "branches"
    }

    fn check(&self) -> Result<()> {
        if self.chains.is_empty() {
            return Err(Error::value("branches", "at least 1 chain", 0));
        }
        self.chains.iter().try_for_each(Chain::check)
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let mut whole: Option<Shape> = None;
        for (index, chain) in self.chains.iter().enumerate() {
            let output = chain.output(input);
            let output = output.map_err(|misfit| misfit.within(&index.to_string()))?;
            whole = Some(match whole {
                None => self.alone(output)?,
                Some(before) => self.joined(before, output).ok_or_else(|| {
                    let wanted = match (self.join, before) {
                        (Join::Concatenate, Shape::Features(_)) => "(n, features)".into(),
                        (Join::Concatenate, Shape::Sequence { length, .. }) => {
                            let length = length.map_or("any".into(), |length| length.to_string());
                            format!("(n, channels, {length}) (or `flatten()` in every branch)")
                        }
                        (Join::Concatenate, Shape::Image { height, width, .. }) => {
                            format!("(n, channels, {height}, {width})")
                        }
                        _ => before.to_string(),
                    };
                    let wanted = format!("{wanted} from branch {index}, as from those before");
                    Misfit::inside(wanted, output.to_string())
                })?,
            });
        }
        whole.ok_or_else(|| "at least 1 branch".into())
    }

    fn survey(&self, input: (Shape, bool), survey: &mut Survey) -> Result<(), Misfit> {
        for (index, chain) in self.chains.iter().enumerate() {
            survey.within(&index.to_string(), |survey| chain.survey(input, survey))?;
        }
        Ok(())
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        if let Some(returned) = pass.returned()
            && self.is_dense()
        {
            let mut parts = Vec::new();
            self.gather(x, pass, &mut parts)?;
            return Ok(heads(parts, &returned)?);
        }
        let outputs = self.chains.iter().map(|chain| chain.run(x, pass));
        let outputs: Vec<Tensor> = outputs.collect::<Result<_>>()?;
        let rules = pass.rules();
        self.joined_outputs(&outputs, rules.as_deref().unwrap_or(&Usual))
    }
}

/// Adds logits, and counts below their logarithms.
fn summed_reads(outputs: &[Tensor], logits: usize, rules: &dyn Rules) -> Result<Tensor> {
    let all = Tensor::stack(outputs, 0)?;
    let features = all.dim(2)?;
    let profiles = all.narrow(2, 0, logits)?.sum(0)?;
    if features == logits {
        return Ok(profiles);
    }
    let counts = all.narrow(2, logits, features - logits)?;
    let beside = counts.permute((1, 2, 0))?.contiguous()?;
    let counts = rules.log_sum_exp(&beside)?.squeeze(2)?;
    Ok(Tensor::cat(&[profiles, counts], 1)?)
}
