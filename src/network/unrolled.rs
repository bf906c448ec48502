//! The convolution from candle's operations, for a GPU.
//!
//! Not candle's own `conv1d`: in version 0.11.1 its gradients are wrong for more than one example. On CPU and GPU the gradient of the
//! kernel reads a strided tensor as if it were contiguous, and on the CPU that of the input multiplies the wrong rows.

use super::convolve::Geometry;
use candle_core::{Result, Tensor};

/// Convolves `x` `(n, channels, length)` with a kernel `(filters, channels, width)` and a bias `(filters)`.
pub(crate) fn unrolled(
    x: &Tensor,
    (kernel, bias): (&Tensor, &Tensor),
    geometry: Geometry,
) -> Result<Tensor> {
    let (n, channels, length) = x.dims3()?;
    let (filters, _, width) = kernel.dims3()?;
    let positions = geometry.positions(length, width);
    let taps = (0..positions).flat_map(|position| {
        let first = position * geometry.stride;
        (0..width).map(move |tap| (first + tap * geometry.dilation) as u32)
    });
    let taps = Tensor::from_iter(taps, x.device())?;
    let padded = x.pad_with_zeros(2, geometry.left, geometry.right)?;
    // One row for every position of every example: what the filters see there, tap by tap. The channels of a position lie side by side, so
    // that what is large is made once and a GPU reads it in a row.
    let seen = padded
        .transpose(1, 2)?
        .contiguous()?
        .index_select(&taps, 1)?
        .reshape((n * positions, width * channels))?;
    let kernel = kernel
        .transpose(1, 2)?
        .contiguous()?
        .reshape((filters, width * channels))?;
    seen.matmul(&kernel.t()?)?
        .broadcast_add(bias)?
        .reshape((n, positions, filters))?
        .transpose(1, 2)?
        .contiguous()
}
