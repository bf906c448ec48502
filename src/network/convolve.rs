//! The convolution as a candle operation.
//!
//! candle's own CPU kernels are slow in both directions, so on the CPU every example is unrolled into the columns of a small
//! matrix that fits into the cache, and multiplied. Sums over examples are taken in fixed blocks, so that the result does not
//! depend on the number of threads. On a GPU it is put together from
//! candle's operations.

use super::pointwise::slice;
use super::unrolled::unrolled;
use candle_core::{CpuStorage, CustomOp3, DType, Layout, Result, Shape, Storage, Tensor, bail};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use rayon::prelude::*;
use std::ops::Range;

/// Blocks of examples over which gradients of weights are summed.
const BLOCKS: usize = 16;

/// How filters slide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) stride: usize,
    pub(crate) dilation: usize,
}

impl Geometry {
    /// Returns the number of outputs for a sequence that is long enough.
    pub(crate) fn positions(self, length: usize, width: usize) -> usize {
        (length + self.left + self.right - self.dilation * (width - 1) - 1) / self.stride + 1
    }

    /// Returns the length of the shortest sequence over which a filter fits.
    pub(crate) fn shortest(self, width: usize) -> usize {
        (self.dilation * (width - 1) + 1)
            .saturating_sub(self.left + self.right)
            .max(1)
    }

    /// Returns the outputs at which position `offset` of a filter stands inside the sequence, and where the first one stands.
    fn inside(self, offset: usize, sizes: &Sizes) -> (Range<usize>, usize) {
        let shift = offset * self.dilation;
        let first = self.left.saturating_sub(shift).div_ceil(self.stride);
        let last = (sizes.length + self.left)
            .saturating_sub(shift)
            .div_ceil(self.stride)
            .min(sizes.positions);
        if first >= last {
            return (0..0, 0);
        }
        (first..last, first * self.stride + shift - self.left)
    }
}

/// Convolves `x` `(n, channels, length)` with a kernel `(filters, channels, width)` and a bias `(filters)`.
pub(crate) fn convolve(
    x: &Tensor,
    (kernel, bias): (&Tensor, &Tensor),
    geometry: Geometry,
) -> Result<Tensor> {
    if x.device().is_cpu() && x.dtype() == DType::F32 {
        let operation = Convolve(geometry);
        return x
            .contiguous()?
            .apply_op3(&kernel.contiguous()?, &bias.contiguous()?, operation);
    }
    unrolled(x, (kernel, bias), geometry)
}

struct Sizes {
    n: usize,
    channels: usize,
    length: usize,
    filters: usize,
    width: usize,
    positions: usize,
}

impl Sizes {
    fn new(x: &Shape, kernel: &Shape, geometry: Geometry) -> Result<Self> {
        let (n, channels, length) = x.dims3()?;
        let (filters, expected, width) = kernel.dims3()?;
        if channels != expected || length < geometry.shortest(width) {
            bail!("a kernel {kernel:?} does not fit an input {x:?}");
        }
        let positions = geometry.positions(length, width);
        Ok(Self {
            n,
            channels,
            length,
            filters,
            width,
            positions,
        })
    }

    fn taps(&self) -> usize {
        self.channels * self.width
    }

    fn columns(&self) -> Array2<f32> {
        Array2::zeros((self.taps(), self.positions))
    }
}

struct Convolve(Geometry);

impl Convolve {
    /// Writes what filter tap (row) sees at each position (column) of one example.
    fn unroll(&self, sizes: &Sizes, x: &[f32], columns: &mut Array2<f32>) {
        for (mut row, tap) in columns.rows_mut().into_iter().zip(0..) {
            let (channel, offset) = (tap / sizes.width, tap % sizes.width);
            let x = &x[channel * sizes.length..(channel + 1) * sizes.length];
            let (range, start) = self.0.inside(offset, sizes);
            let Some(row) = row.as_slice_mut() else {
                continue;
            };
            row[..range.start].fill(0.0);
            row[range.end..].fill(0.0);
            let row = &mut row[range];
            if self.0.stride == 1 {
                row.copy_from_slice(&x[start..start + row.len()]);
            } else {
                for (i, value) in row.iter_mut().enumerate() {
                    *value = x[start + i * self.0.stride];
                }
            }
        }
    }

    /// Adds up columns where they came from: the transpose of `unroll`.
    fn roll(&self, sizes: &Sizes, columns: &Array2<f32>, x: &mut [f32]) {
        for (row, tap) in columns.rows().into_iter().zip(0..) {
            let (channel, offset) = (tap / sizes.width, tap % sizes.width);
            let x = &mut x[channel * sizes.length..(channel + 1) * sizes.length];
            let (range, start) = self.0.inside(offset, sizes);
            for (i, position) in range.enumerate() {
                x[start + i * self.0.stride] += row[position];
            }
        }
    }

    fn input_gradient(&self, sizes: &Sizes, kernel: &[f32], gradient: &[f32]) -> Result<Vec<f32>> {
        let kernel = matrix((sizes.filters, sizes.taps()), kernel)?;
        let mut out = vec![0.0; sizes.n * sizes.channels * sizes.length];
        out.par_chunks_mut(sizes.channels * sizes.length)
            .zip(gradient.par_chunks(sizes.filters * sizes.positions))
            .try_for_each_init(
                || sizes.columns(),
                |columns, (out, gradient)| {
                    let gradient = matrix((sizes.filters, sizes.positions), gradient)?;
                    general_mat_mul(1.0, &kernel.t(), &gradient, 0.0, columns);
                    self.roll(sizes, columns, out);
                    Ok::<_, candle_core::Error>(())
                },
            )?;
        Ok(out)
    }

    fn kernel_gradient(&self, sizes: &Sizes, x: &[f32], gradient: &[f32]) -> Result<Vec<f32>> {
        let block = sizes.n.div_ceil(BLOCKS).max(1);
        let sums: Vec<Array2<f32>> = x
            .par_chunks(block * sizes.channels * sizes.length)
            .zip(gradient.par_chunks(block * sizes.filters * sizes.positions))
            .map(|(x, gradient)| {
                let mut columns = sizes.columns();
                let mut sum = Array2::zeros((sizes.filters, sizes.taps()));
                for (x, gradient) in x
                    .chunks(sizes.channels * sizes.length)
                    .zip(gradient.chunks(sizes.filters * sizes.positions))
                {
                    self.unroll(sizes, x, &mut columns);
                    let gradient = matrix((sizes.filters, sizes.positions), gradient)?;
                    general_mat_mul(1.0, &gradient, &columns.t(), 1.0, &mut sum);
                }
                Ok(sum)
            })
            .collect::<Result<_>>()?;
        let mut total = Array2::<f32>::zeros((sizes.filters, sizes.taps()));
        for sum in &sums {
            total += sum;
        }
        Ok(total.into_raw_vec_and_offset().0)
    }
}

impl CustomOp3 for Convolve {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        kernel: &CpuStorage,
        kernel_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = Sizes::new(x_layout.shape(), kernel_layout.shape(), self.0)?;
        let (x, bias) = (slice(x, x_layout)?, slice(bias, bias_layout)?);
        let kernel = matrix((sizes.filters, sizes.taps()), slice(kernel, kernel_layout)?)?;
        let mut out = vec![0.0; sizes.n * sizes.filters * sizes.positions];
        out.par_chunks_mut(sizes.filters * sizes.positions)
            .zip(x.par_chunks(sizes.channels * sizes.length))
            .try_for_each_init(
                || sizes.columns(),
                |columns, (out, x)| {
                    self.unroll(&sizes, x, columns);
                    for (row, &bias) in out.chunks_mut(sizes.positions).zip(bias) {
                        row.fill(bias);
                    }
                    let shape = (sizes.filters, sizes.positions);
                    let mut out =
                        ArrayViewMut2::from_shape(shape, out).map_err(candle_core::Error::wrap)?;
                    general_mat_mul(1.0, &kernel, columns, 1.0, &mut out);
                    Ok::<_, candle_core::Error>(())
                },
            )?;
        let shape = Shape::from((sizes.n, sizes.filters, sizes.positions));
        Ok((CpuStorage::F32(out), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = Sizes::new(x.shape(), kernel.shape(), self.0)?;
        let gradient = gradient.contiguous()?;
        // What nobody asked for is not computed: the input while training, the weights while explaining.
        let for_x = if x.track_op() {
            let values = with(kernel, |kernel| {
                with(&gradient, |gradient| {
                    self.input_gradient(&sizes, kernel, gradient)
                })
            })?;
            Some(Tensor::from_vec(values, x.shape(), x.device())?)
        } else {
            None
        };
        let for_kernel = if kernel.track_op() {
            let values = with(x, |x| {
                with(&gradient, |gradient| {
                    self.kernel_gradient(&sizes, x, gradient)
                })
            })?;
            Some(Tensor::from_vec(values, kernel.shape(), x.device())?)
        } else {
            None
        };
        let for_bias = if bias.track_op() {
            Some(gradient.sum((0, 2))?)
        } else {
            None
        };
        Ok((for_x, for_kernel, for_bias))
    }
}

fn matrix(shape: (usize, usize), values: &[f32]) -> Result<ArrayView2<'_, f32>> {
    ArrayView2::from_shape(shape, values).map_err(candle_core::Error::wrap)
}

/// Looks at the numbers of a contiguous tensor on the CPU.
fn with<T>(tensor: &Tensor, look: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => look(slice(storage, layout)?),
        _ => bail!("expected a tensor on the CPU"),
    }
}
