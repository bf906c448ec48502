//! Fewer positions from many.

use super::layer::Step;
use super::{Pass, Shape};
use crate::{Error, Result};
use candle_core::{D, Tensor};
use std::fmt;

/// What a pool makes of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// The largest number; its gradient goes to the first position that has it, as in `PyTorch`.
    Max,
    /// The mean.
    Average,
}

/// Reduces windows of a sequence to one number each: `(n, channels, length)` to `(n, channels, windows)`.
///
/// A global pool takes the whole sequence, of any length, and gives `(n, channels)`. A rest that does not fill a window is
/// left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    pooling: Pooling,
    /// Window and stride; `None` is the whole sequence.
    window: Option<(usize, usize)>,
}

impl Pool {
    /// Describes a pool over windows of this width that stand side by side.
    pub fn local(pooling: Pooling, width: usize) -> Self {
        Self {
            pooling,
            window: Some((width, width)),
        }
    }

    /// Describes a pool over the whole sequence.
    pub fn global(pooling: Pooling) -> Self {
        Self {
            pooling,
            window: None,
        }
    }

    /// Sets how far the windows stand apart; a global pool has only one.
    pub fn stride(mut self, stride: usize) -> Self {
        self.window = self.window.map(|(width, _)| (width, stride));
        self
    }

    fn reduce(self, x: &Tensor) -> Result<Tensor> {
        match self.pooling {
            Pooling::Average => Ok(x.mean(D::Minus1)?),
            // candle's own `max` hands the gradient to every tie, which counts it twice.
            Pooling::Max => {
                let best = x.detach().argmax_keepdim(D::Minus1)?;
                Ok(x.gather(&best, D::Minus1)?.squeeze(D::Minus1)?)
            }
        }
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pooling = match self.pooling {
            Pooling::Max => "max",
            Pooling::Average => "average",
        };
        match self.window {
            None => write!(f, "global {pooling} pool"),
            Some((width, stride)) if width == stride => write!(f, "{pooling} pool {width}"),
            Some((width, stride)) => write!(f, "{pooling} pool {width}, stride {stride}"),
        }
    }
}

impl Step for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn check(&self) -> Result<()> {
        match self.window {
            Some((0, _)) => Err(Error::value("width", "at least 1", 0)),
            Some((_, 0)) => Err(Error::value("stride", "at least 1", 0)),
            _ => Ok(()),
        }
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Sequence { channels, length } = input else {
            return Err("(n, channels, length)".into());
        };
        let Some((width, stride)) = self.window else {
            return match length {
                Some(0) => Err(format!("(n, {channels}, length) with length at least 1")),
                _ => Ok(Shape::Features(channels)),
            };
        };
        match length {
            Some(length) if length < width => Err(format!(
                "(n, {channels}, length) with length at least {width}"
            )),
            _ => Ok(Shape::Sequence {
                channels,
                length: length.map(|length| (length - width) / stride + 1),
            }),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, _: &mut Pass) -> Result<Tensor> {
        let Some((width, stride)) = self.window else {
            return self.reduce(x);
        };
        let (n, channels, length) = x.dims3()?;
        let windows = (length - width) / stride + 1;
        let spread = if width == stride {
            x.narrow(2, 0, windows * width)?
        } else {
            let positions: Vec<u32> = (0..windows)
                .flat_map(|window| (0..width).map(move |offset| (window * stride + offset) as u32))
                .collect();
            let positions = Tensor::from_vec(positions, windows * width, x.device())?;
            x.contiguous()?.index_select(&positions, 2)?
        };
        self.reduce(
            &spread
                .contiguous()?
                .reshape((n, channels, windows, width))?,
        )
    }
}
