//! The convolution of images from candle's operations, for a GPU.
//!
//! Not candle's own `conv2d`, whose gradients are made as those of its `conv1d`: see [`unrolled`](super::unrolled).

use super::convolve::Geometry;
use candle_core::{Result, Tensor};

/// Convolves `x` `(n, channels, height, width)` with a kernel `(filters, channels, height, width)` and a bias `(filters)`.
pub(crate) fn image_unrolled(
    x: &Tensor,
    (kernel, bias): (&Tensor, &Tensor),
    [vertical, horizontal]: [Geometry; 2],
) -> Result<Tensor> {
    let (n, channels, height, width) = x.dims4()?;
    let (filters, _, tall, wide) = kernel.dims4()?;
    let rows = vertical.positions(height, tall);
    let columns = horizontal.positions(width, wide);
    let row = horizontal.left + width + horizontal.right;
    let places = (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x)));
    let taps = places.flat_map(|(y, x)| {
        (0..tall).flat_map(move |t| {
            let line = (y * vertical.stride + t * vertical.dilation) * row;
            let first = line + x * horizontal.stride;
            (0..wide).map(move |u| (first + u * horizontal.dilation) as u32)
        })
    });
    let taps = Tensor::from_iter(taps, x.device())?;
    let padded = x
        .pad_with_zeros(2, vertical.left, vertical.right)?
        .pad_with_zeros(3, horizontal.left, horizontal.right)?;
    // One row for every place of every example: what the filters see there, tap by tap, the channels of a pixel side by side.
    let seen = padded
        .flatten_from(2)?
        .transpose(1, 2)?
        .contiguous()?
        .index_select(&taps, 1)?
        .reshape((n * rows * columns, tall * wide * channels))?;
    let kernel = kernel
        .flatten_from(2)?
        .transpose(1, 2)?
        .contiguous()?
        .reshape((filters, tall * wide * channels))?;
    seen.matmul(&kernel.t()?)?
        .broadcast_add(bias)?
        .reshape((n, rows * columns, filters))?
        .transpose(1, 2)?
        .contiguous()?
        .reshape((n, filters, rows, columns))
}
