//! Layers whose output is added to their input.

use super::layer::Step;
use super::survey::Survey;
use super::{Activation, Chain, Convolution, Layer, Misfit, Pass, Shape};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// Adds the output of some layers to their input, `x + body(x)`; with a shortcut, `shortcut(x) + body(x)`.
///
/// Both terms have the same shape. A body whose filters stay inside the sequence makes it shorter: [`cropped`](Self::cropped) takes
/// as many positions from both ends of the input. Works on `(n, channels, length)` and `(n, features)`.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Chain, Convolution, Padding, Residual};
/// # fn main() -> genolens::Result<()> {
/// let wide = Convolution::new(16, 3).padding(Padding::Same);
/// let body = Chain::new().then(wide).relu();
/// let block = Residual::new(body).shortcut(Chain::new().convolution(16, 1));
/// let network = Architecture::sequences(4).then(block).global_max_pool().dense(1).build()?;
/// assert_eq!(network.weight("0.residual.shortcut.0.convolution.kernel")?.shape(), [16, 4, 1]);
/// # Ok(()) }
/// ```
///
/// # References
///
/// He et al. 2016, doi:10.1109/CVPR.2016.90.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    body: Chain,
    shortcut: Chain,
    cropped: bool,
}

impl Residual {
    /// Describes the sum of an input and what these layers make of it.
    pub fn new(body: Chain) -> Self {
        Self {
            body,
            shortcut: Chain::new(),
            cropped: false,
        }
    }

    /// Sends the input through these layers before it is added.
    pub fn shortcut(mut self, shortcut: Chain) -> Self {
        self.shortcut = shortcut;
        self
    }

    /// Cuts the ends of a longer input off, the same number of positions on both sides.
    pub fn cropped(mut self) -> Self {
        self.cropped = true;
        self
    }

    pub(crate) fn is_cropped(&self) -> bool {
        self.cropped
    }

    /// Returns the layers whose output is added.
    pub fn body(&self) -> &Chain {
        &self.body
    }

    /// Returns the layers that the input passes before it is added; none in most networks.
    pub fn through(&self) -> &Chain {
        &self.shortcut
    }
}

impl fmt::Display for Residual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.cropped {
            "residual, cropped"
        } else {
            "residual"
        })
    }
}

/// Returns how many positions stand over on each side, if they do on both alike.
fn margin(long: usize, short: usize) -> Option<usize> {
    let over = long.checked_sub(short)?;
    over.is_multiple_of(2).then_some(over / 2)
}

impl Residual {
    /// Returns the convolution of a body that is one operation together with the sum.
    pub(crate) fn convolution(&self) -> Option<&Convolution> {
        match (self.body.layers(), self.shortcut.layers()) {
            (
                [
                    Layer::Convolution(layer),
                    Layer::Activation(Activation::Relu),
                ],
                [],
            ) if !self.cropped => Some(layer),
            _ => None,
        }
    }
}

impl Residual {
    /// Adds the output of the body to what passed the shortcut.
    pub(crate) fn joined(&self, body: Tensor, mut added: Tensor) -> Result<Tensor> {
        if let (true, [_, _, long], [_, _, short]) = (self.cropped, added.dims(), body.dims())
            && let Some(margin) = margin(*long, *short)
        {
            added = added.narrow(2, margin, *short)?;
        }
        Ok((body + added)?)
    }
}

impl Step for Residual {
    fn name(&self) -> &'static str {
        "residual"
    }

    fn check(&self) -> Result<()> {
        self.body.check()?;
        self.shortcut.check()
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let body = self.body.output(input)?;
        let shortcut = self.shortcut.output(input);
        let shortcut = shortcut.map_err(|misfit| misfit.within("shortcut"))?;
        let fits = match (body, shortcut) {
            (
                Shape::Sequence {
                    channels,
                    length: Some(short),
                },
                Shape::Sequence {
                    channels: other,
                    length: Some(long),
                },
            ) if self.cropped => channels == other && margin(long, short).is_some(),
            _ => body == shortcut,
        };
        if fits {
            return Ok(body);
        }
        let wanted = if self.cropped {
            "a length that can be cut out of the middle of"
        } else {
            "the shape of what it is added to,"
        };
        Err(Misfit::inside(
            format!("{wanted} {shortcut}"),
            body.to_string(),
        ))
    }

    fn survey(&self, input: (Shape, bool), survey: &mut Survey) -> Result<(), Misfit> {
        self.body.survey(input, survey)?;
        survey.within("shortcut", |survey| self.shortcut.survey(input, survey))
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let body = self.body.run(x, pass)?;
        let added = self.shortcut.run(x, pass)?;
        self.joined(body, added)
    }
}
