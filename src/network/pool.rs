//! Fewer positions from many.

use super::layer::Step;
use super::operation::{self, ImageWindows, Window};
use super::sizes::check_sizes;
use super::{Misfit, Pass, Shape};
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
/// Of an image the windows are squares, `(n, channels, height, width)` to `(n, channels, rows, columns)`: all that follows holds for
/// rows and for columns.
///
/// * [`local`](Self::local): windows of one width that start every `stride` positions, by default side by side, and overlap where
///   the stride is smaller than the width. Windows: `(length + 2 padding - width) / stride + 1`, rounded down; what is left over
///   at the end is left out, or with [`ceil`](Self::ceil) gets a window of its own that ends with the sequence.
/// * [`adaptive`](Self::adaptive): so many windows, whatever the length. Window `i` of `m` covers the positions from
///   `i length / m`, rounded down, to `(i + 1) length / m`, rounded up; neighbours may share a position.
/// * [`global`](Self::global): one window over the whole sequence or image, of any size; gives `(n, channels)`.
///
/// Checked against `MaxPool1d`, `AvgPool1d`, `AdaptiveMaxPool1d` and `AdaptiveAvgPool1d` of `PyTorch` 2.15, and against their
/// two-dimensional kin.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Pool, Pooling};
/// # fn main() -> genolens::Result<()> {
/// let overlapping = Pool::local(Pooling::Max, 4).stride(2).padding(1).ceil();
/// let network = Architecture::sequences(1).length(10).then(overlapping).build()?;
/// assert_eq!(network.summary().rows()[1].output, "(n, 1, 5)");
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    pooling: Pooling,
    extent: Extent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Global,
    Adaptive(usize),
    Local(Local),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Local {
    width: usize,
    stride: usize,
    padding: usize,
    ceil: bool,
    counted: bool,
}

impl Local {
    /// Returns the length of the shortest sequence that has a window.
    fn shortest(self) -> usize {
        let rest = if self.ceil { self.stride - 1 } else { 0 };
        self.width.saturating_sub(2 * self.padding + rest).max(1)
    }

    /// Counts the windows in a sequence that is long enough.
    fn count(self, length: usize) -> usize {
        let rest = if self.ceil { self.stride - 1 } else { 0 };
        let count = (length + 2 * self.padding + rest - self.width) / self.stride + 1;
        // A window begins inside the sequence or the zeros before it.
        if self.ceil && (count - 1) * self.stride >= length + self.padding {
            count - 1
        } else {
            count
        }
    }

    fn window(self, index: usize, length: usize) -> Window {
        // Counted from the first of the zeros on the left.
        let start = index * self.stride;
        let end = (start + self.width).min(length + 2 * self.padding);
        let inside = (
            start.saturating_sub(self.padding),
            (start + self.width)
                .saturating_sub(self.padding)
                .min(length),
        );
        Window {
            start: inside.0,
            end: inside.1,
            divisor: if self.counted {
                end - start
            } else {
                inside.1 - inside.0
            },
        }
    }
}

impl Pool {
    /// Returns the windows of a local or adaptive maximum over so many positions.
    pub(crate) fn maxima(self, length: usize) -> Option<Vec<Window>> {
        self.is_local_maximum().then(|| self.windows(length))
    }

    pub(crate) fn is_local_maximum(self) -> bool {
        self.pooling == Pooling::Max && self.extent != Extent::Global
    }

    pub(crate) fn is_global_average(self) -> bool {
        self.pooling == Pooling::Average && self.extent == Extent::Global
    }

    pub(crate) fn is_global_maximum(self) -> bool {
        self.pooling == Pooling::Max && self.extent == Extent::Global
    }

    pub(crate) fn pooling(self) -> Pooling {
        self.pooling
    }

    pub(crate) fn is_global(self) -> bool {
        self.extent == Extent::Global
    }

    /// Describes a pool over windows of this width that stand side by side.
    pub fn local(pooling: Pooling, width: usize) -> Self {
        Self {
            pooling,
            extent: Extent::Local(Local {
                width,
                stride: width,
                padding: 0,
                ceil: false,
                counted: true,
            }),
        }
    }

    /// Describes a pool over so many windows of about the same width.
    pub fn adaptive(pooling: Pooling, windows: usize) -> Self {
        Self {
            pooling,
            extent: Extent::Adaptive(windows),
        }
    }

    /// Describes a pool over the whole sequence or image.
    pub fn global(pooling: Pooling) -> Self {
        Self {
            pooling,
            extent: Extent::Global,
        }
    }

    /// Sets how far the windows of a local pool stand apart.
    pub fn stride(self, stride: usize) -> Self {
        self.local_with(|local| local.stride = stride)
    }

    /// Lets windows of a local pool reach so far over both ends, at most half their width.
    ///
    /// A maximum does not see what lies there; a mean sees zeros.
    pub fn padding(self, padding: usize) -> Self {
        self.local_with(|local| local.padding = padding)
    }

    /// Gives a rest that does not fill a window of a local pool a window of its own.
    pub fn ceil(self) -> Self {
        self.local_with(|local| local.ceil = true)
    }

    /// Sets whether a mean over a local window counts the zeros that pad the sequence, as it does by default.
    pub fn count_padding(self, count: bool) -> Self {
        self.local_with(|local| local.counted = count)
    }

    fn local_with(mut self, change: impl FnOnce(&mut Local)) -> Self {
        if let Extent::Local(local) = &mut self.extent {
            change(local);
        }
        self
    }

    /// Returns all windows of a sequence that is long enough.
    pub(crate) fn windows(self, length: usize) -> Vec<Window> {
        match self.extent {
            Extent::Local(local) => (0..local.count(length))
                .map(|index| local.window(index, length))
                .collect(),
            Extent::Adaptive(count) => (0..count)
                .map(|index| {
                    let start = index * length / count;
                    let end = ((index + 1) * length).div_ceil(count);
                    let divisor = end - start;
                    Window {
                        start,
                        end,
                        divisor,
                    }
                })
                .collect(),
            Extent::Global => vec![Window {
                start: 0,
                end: length,
                divisor: length,
            }],
        }
    }
}

impl Pool {
    /// Reduces windows of images.
    fn image(self, x: &Tensor, pass: &Pass) -> Result<Tensor> {
        let (_, _, height, width) = x.dims4()?;
        let windows = (self.windows(height), self.windows(width));
        let windows = ImageWindows::new(windows, (height, width))?;
        let out = match pass.rules() {
            Some(rules) if self.pooling == Pooling::Max => {
                // As windows of a sequence, which stand side by side there.
                let (spread, size) = windows.spread(x)?;
                let count = spread.dim(D::Minus1)? / size;
                let tiles = (0..count).map(|tile| Window {
                    start: tile * size,
                    end: (tile + 1) * size,
                    divisor: size,
                });
                windows.laid_out(&rules.largest(&spread, tiles.collect())?)?
            }
            _ => operation::image_pool(x, self.pooling, windows)?,
        };
        match self.extent {
            Extent::Global => Ok(out.flatten_from(1)?),
            _ => Ok(out),
        }
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pooling = match self.pooling {
            Pooling::Max => "max",
            Pooling::Average => "average",
        };
        match self.extent {
            Extent::Global => write!(f, "global {pooling} pool"),
            Extent::Adaptive(windows) => write!(f, "adaptive {pooling} pool, {windows} windows"),
            Extent::Local(local) => {
                write!(f, "{pooling} pool {}", local.width)?;
                if local.stride != local.width {
                    write!(f, ", stride {}", local.stride)?;
                }
                if local.padding > 0 {
                    write!(f, ", padding {}", local.padding)?;
                }
                if local.ceil {
                    f.write_str(", ceil")?;
                }
                if !local.counted {
                    f.write_str(", padding not counted")?;
                }
                Ok(())
            }
        }
    }
}

impl Step for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn check(&self) -> Result<()> {
        let local = match self.extent {
            Extent::Local(local) => local,
            Extent::Adaptive(windows) => return check_sizes(&[("windows", windows)]),
            Extent::Global => return Ok(()),
        };
        check_sizes(&[("width", local.width), ("stride", local.stride)])?;
        let most = local.width / 2;
        if local.padding > most {
            let expected = format!("at most {most}, half the width of the pool");
            return Err(Error::value("padding", expected, local.padding));
        }
        Ok(())
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let shortest = match self.extent {
            Extent::Local(local) => local.shortest(),
            _ => 1,
        };
        let count = |length: usize| match self.extent {
            Extent::Global => 1,
            Extent::Adaptive(windows) => windows,
            Extent::Local(local) => local.count(length),
        };
        let output = match input {
            Shape::Features(_) => {
                return Err("(n, channels, length) or (n, channels, height, width)".into());
            }
            Shape::Sequence {
                channels,
                length: Some(length),
            } if length < shortest => {
                let expected = format!("(n, {channels}, length) with length at least {shortest}");
                return Err(expected.into());
            }
            Shape::Image {
                channels,
                height,
                width,
            } if height.min(width) < shortest => {
                let expected = format!(
                    "(n, {channels}, height, width) with height and width at least {shortest}"
                );
                return Err(expected.into());
            }
            Shape::Sequence { channels, length } => Shape::Sequence {
                channels,
                length: match self.extent {
                    Extent::Adaptive(windows) => Some(windows),
                    _ => length.map(count),
                },
            },
            Shape::Image {
                channels,
                height,
                width,
            } => Shape::Image {
                channels,
                height: count(height),
                width: count(width),
            },
        };
        Ok(match self.extent {
            Extent::Global => Shape::Features(output.channels()),
            _ => output,
        })
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        if x.rank() == 4 {
            return self.image(x, pass);
        }
        let windows = self.windows(x.dim(D::Minus1)?);
        let out = match pass.rules() {
            Some(rules) if self.pooling == Pooling::Max => rules.largest(x, windows)?,
            _ => operation::pool(x, self.pooling, windows)?,
        };
        match self.extent {
            Extent::Global => Ok(out.squeeze(D::Minus1)?),
            _ => Ok(out),
        }
    }
}
