//! The dense layer as a candle operation, there and back: one matrix product forward and one for each gradient, without transposed copies.

use super::real::{Real, asked, by_precision, dtype, numbers, with_numbers};
use super::returned::Returned;
use super::sums::add_rows;
use crate::network::is_ours;
use candle_core::{CpuStorage, CustomOp3, DType, Layout, Result, Shape, Tensor, WithDType, bail};
use gemm::Parallelism;

/// Computes `x W^T + b` for `x` `(n, inputs)`, `W` `(outputs, inputs)` and `b` `(outputs)`.
pub(crate) fn mix(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    mix_returning(x, (weight, bias), None)
}

/// Computes `x W^T + b`; what comes back to weight and bias goes where it is told.
pub(crate) fn mix_returning(
    x: &Tensor,
    (weight, bias): (&Tensor, &Tensor),
    returned: Option<Returned>,
) -> Result<Tensor> {
    if !is_ours(x.device()) {
        // CUDA multiplies no rows that stand apart.
        return x.contiguous()?.matmul(&weight.t()?)?.broadcast_add(bias);
    }
    let mix = Mix::new(false, returned, (weight, bias));
    x.contiguous()?
        .apply_op3(&weight.contiguous()?, &bias.contiguous()?, mix)
}

/// Computes `x W + b` for `x` `(n, outputs)`, `W` `(outputs, inputs)` and `b` `(inputs)`: the way back through the same weights.
pub(crate) fn mix_back(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    mix_back_returning(x, (weight, bias), None)
}

/// Computes `x W + b`; what comes back to weight and bias goes where it is told.
pub(crate) fn mix_back_returning(
    x: &Tensor,
    (weight, bias): (&Tensor, &Tensor),
    returned: Option<Returned>,
) -> Result<Tensor> {
    if !is_ours(x.device()) {
        return x.contiguous()?.matmul(weight)?.broadcast_add(bias);
    }
    let mix = Mix::new(true, returned, (weight, bias));
    x.contiguous()?
        .apply_op3(&weight.contiguous()?, &bias.contiguous()?, mix)
}

struct Mix {
    back: bool,
    /// Where the gradients of weight and bias go, if not to candle.
    returned: Option<Returned>,
}

impl Mix {
    fn new(back: bool, returned: Option<Returned>, (weight, bias): (&Tensor, &Tensor)) -> Self {
        let fits = |tensor: &Tensor| tensor.is_contiguous() && tensor.dtype() == DType::F32;
        let returned = returned.filter(|_| fits(weight) && fits(bias));
        Self { back, returned }
    }

    /// Returns the weight as the matrix that every row is multiplied by.
    fn matrix<'a, T>(&self, weight: &'a [T], (inputs, outputs): (usize, usize)) -> Matrix<'a, T> {
        if self.back {
            Matrix::new(weight, inputs, outputs)
        } else {
            Matrix::new(weight, outputs, inputs).turned()
        }
    }

    fn sizes(&self, x: &Shape, weight: &Shape) -> Result<(usize, usize, usize)> {
        let ((n, inputs), (rows, columns)) = (x.dims2()?, weight.dims2()?);
        let (outputs, expected) = if self.back {
            (columns, rows)
        } else {
            (rows, columns)
        };
        if inputs != expected {
            bail!("a weight {weight:?} does not fit an input {x:?}");
        }
        Ok((n, inputs, outputs))
    }
}

/// A matrix as it lies in memory, or turned.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a, T> {
    values: &'a [T],
    rows: usize,
    columns: usize,
    /// From one row in memory to the next.
    pitch: usize,
    turned: bool,
}

impl<'a, T> Matrix<'a, T> {
    pub(super) fn new(values: &'a [T], rows: usize, columns: usize) -> Self {
        Self::inside((values, columns), rows, columns)
    }

    /// Some columns of wider rows; the values begin with the first of them.
    pub(super) fn inside((values, pitch): (&'a [T], usize), rows: usize, columns: usize) -> Self {
        Self {
            values,
            rows,
            columns,
            pitch,
            turned: false,
        }
    }

    pub(super) fn turned(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            turned: !self.turned,
            ..self
        }
    }

    /// How far columns and rows stand apart.
    fn strides(&self) -> (isize, isize) {
        if self.turned {
            (self.pitch as isize, 1)
        } else {
            (1, self.pitch as isize)
        }
    }

    /// Tells whether all numbers are there.
    fn is_whole(&self) -> bool {
        let (rows, columns) = if self.turned {
            (self.columns, self.rows)
        } else {
            (self.rows, self.columns)
        };
        reaches((rows, columns), self.pitch) <= self.values.len() && columns <= self.pitch
    }
}

/// How many numbers there are from the first to the last of a matrix.
fn reaches((rows, columns): (usize, usize), pitch: usize) -> usize {
    rows.checked_sub(1).map_or(0, |last| last * pitch + columns)
}

/// Products of numbers below which one thread is done before others are awake.
const ALONE: usize = 4_000_000;

/// Multiplies into a matrix that already holds something to add to, if `add`, and whose rows are so far apart.
pub(super) fn multiply<T: Real>(
    left: Matrix<'_, T>,
    right: Matrix<'_, T>,
    (out, pitch): (&mut [T], usize),
    add: bool,
) {
    assert!(left.columns == right.rows && right.columns <= pitch);
    assert!(reaches((left.rows, right.columns), pitch) <= out.len());
    assert!(left.is_whole() && right.is_whole());
    let ((left_columns, left_rows), (right_columns, right_rows)) =
        (left.strides(), right.strides());
    let work = left.rows * left.columns * right.columns;
    let threads = if work < ALONE {
        Parallelism::None
    } else {
        Parallelism::Rayon(0)
    };
    #[expect(unsafe_code, reason = "the product takes pointers")]
    // SAFETY: the sizes of all three were checked, and their strides follow from them.
    unsafe {
        gemm::gemm(
            left.rows,
            right.columns,
            left.columns,
            out.as_mut_ptr(),
            1,
            pitch as isize,
            add,
            left.values.as_ptr(),
            left_columns,
            left_rows,
            right.values.as_ptr(),
            right_columns,
            right_rows,
            T::one(),
            T::one(),
            false,
            false,
            false,
            threads,
        );
    }
}

impl CustomOp3 for Mix {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (n, inputs, outputs) = self.sizes(x_layout.shape(), weight_layout.shape())?;
        let out = by_precision!(dtype(x), T => {
            let bias = numbers::<T>(bias, bias_layout)?;
            let mut out: Vec<T> = Vec::with_capacity(n * outputs);
            (0..n).for_each(|_| out.extend_from_slice(bias));
            let x = Matrix::new(numbers(x, x_layout)?, n, inputs);
            let weight = self.matrix(numbers(weight, weight_layout)?, (inputs, outputs));
            multiply(x, weight, (&mut out, outputs), true);
            T::to_cpu_storage_owned(out)
        });
        Ok((out, Shape::from((n, outputs))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (n, inputs, outputs) = self.sizes(x.shape(), weight.shape())?;
        let gradient = gradient.contiguous()?;
        if let Some(returned) = &self.returned {
            let pair = if self.back {
                (x, &gradient)
            } else {
                (&gradient, x)
            };
            if weight.track_op() {
                returned.add_product(weight, pair)?;
            }
            if bias.track_op() {
                returned.add_sum(bias, &gradient)?;
            }
        }
        let is_told = self.returned.is_none();
        by_precision!(gradient.dtype(), T => {
            with_numbers::<T, _>(&gradient, |values| {
                let gradient = Matrix::new(values, n, outputs);
                let for_x = asked(x, || {
                    with_numbers(weight, |weight| {
                        let weight = self.matrix(weight, (inputs, outputs)).turned();
                        let mut out = vec![T::from_f64(0.0); n * inputs];
                        multiply(gradient, weight, (&mut out, inputs), false);
                        Ok(out)
                    })
                })?;
                let for_weight = asked_if(is_told, weight, || {
                    with_numbers(x, |x| {
                        let x = Matrix::new(x, n, inputs);
                        let mut out = vec![T::from_f64(0.0); outputs * inputs];
                        if self.back {
                            multiply(x.turned(), gradient, (&mut out, outputs), false);
                        } else {
                            multiply(gradient.turned(), x, (&mut out, inputs), false);
                        }
                        Ok(out)
                    })
                })?;
                let for_bias = asked_if(is_told, bias, || Ok(add_rows(values.chunks(outputs), outputs)))?;
                Ok((for_x, for_weight, for_bias))
            })
        })
    }
}

/// As [`asked`], unless somebody else was told.
fn asked_if<T: Real>(
    is_told: bool,
    of: &Tensor,
    compute: impl FnOnce() -> Result<Vec<T>>,
) -> Result<Option<Tensor>> {
    if is_told {
        asked(of, compute)
    } else {
        Ok(None)
    }
}
