//! The recurrent half of an LSTM: everything that waits for the position before.

use super::real::{Real, by_precision, dtype, numbers, with_numbers};
use super::sums::add_rows;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType, bail};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

/// Examples that go through the positions side by side, as the rows of one product.
const BLOCK: usize = 32;

/// Runs through the positions of `projected` `(n, length, 4 hidden)`, what each position adds to the gates.
///
/// The recurrent weight has the shape `(4 hidden, hidden)`, the bias `(4 hidden)`; gates stand in the order input, forget, cell,
/// output. Returns the states `(n, length, hidden)`. Works on the CPU.
///
/// Nothing is kept for the gradient: from the states all gates are found again in one product.
pub(crate) fn recur(
    projected: &Tensor,
    (weight, bias): (&Tensor, &Tensor),
    backwards: bool,
) -> Result<Tensor> {
    projected.contiguous()?.apply_op3(
        &weight.contiguous()?,
        &bias.contiguous()?,
        Recurrence { backwards },
    )
}

#[derive(Clone, Copy)]
struct Sizes {
    length: usize,
    hidden: usize,
}

impl Sizes {
    fn new(projected: &Shape, weight: &Shape) -> Result<Self> {
        let (_, length, gates) = projected.dims3()?;
        let (rows, hidden) = weight.dims2()?;
        if rows != gates || gates != 4 * hidden || length == 0 {
            bail!("gates {projected:?} do not fit a recurrent weight {weight:?}");
        }
        Ok(Self { length, hidden })
    }

    fn gates(self) -> usize {
        4 * self.hidden
    }
}

/// What is found for one block of examples.
struct Gradients<T> {
    projected: Vec<T>,
    weight: Vec<T>,
    bias: Vec<T>,
}

#[derive(Clone, Copy)]
struct Recurrence {
    backwards: bool,
}

fn view<T>(values: &[T], shape: (usize, usize)) -> Result<ArrayView2<'_, T>> {
    ArrayView2::from_shape(shape, values).map_err(candle_core::Error::wrap)
}

fn view_mut<T>(values: &mut [T], shape: (usize, usize)) -> Result<ArrayViewMut2<'_, T>> {
    ArrayViewMut2::from_shape(shape, values).map_err(candle_core::Error::wrap)
}

fn sigmoid<T: Real>(x: T) -> T {
    T::one() / (T::one() + (-x).exp())
}

/// Turns the sums of the gates of one example at one position into gates.
fn open<T: Real>(gates: &mut [T]) {
    let hidden = gates.len() / 4;
    for (place, gate) in gates.iter_mut().enumerate() {
        *gate = if place / hidden == 2 {
            gate.tanh()
        } else {
            sigmoid(*gate)
        };
    }
}

impl Recurrence {
    /// Visits the positions in the order of the recurrence.
    fn order(self, length: usize) -> impl DoubleEndedIterator<Item = usize> {
        let last = length - 1;
        (0..length).map(move |step| if self.backwards { last - step } else { step })
    }

    /// Runs a block of examples through all positions.
    fn forward<T: Real>(
        self,
        sizes: Sizes,
        (projected, weight, bias): (&[T], &[T], &[T]),
        out: &mut [T],
    ) -> Result<()> {
        let Sizes { length, hidden } = sizes;
        let wide = sizes.gates();
        let weight = view(weight, (wide, hidden))?;
        let n = out.len() / (length * hidden);
        let mut gates = vec![T::zero(); n * wide];
        let mut state = vec![T::zero(); n * hidden];
        let mut cell = vec![T::zero(); n * hidden];
        for position in self.order(length) {
            for (example, gates) in gates.chunks_mut(wide).enumerate() {
                let start = (example * length + position) * wide;
                let sums = projected[start..start + wide].iter().zip(bias);
                for (gate, (&x, &bias)) in gates.iter_mut().zip(sums) {
                    *gate = x + bias;
                }
            }
            general_mat_mul(
                T::one(),
                &view(&state, (n, hidden))?,
                &weight.t(),
                T::one(),
                &mut view_mut(&mut gates, (n, wide))?,
            );
            for example in 0..n {
                let gates = &mut gates[example * wide..(example + 1) * wide];
                open(gates);
                let rows = example * hidden..(example + 1) * hidden;
                let (state, cell) = (&mut state[rows.clone()], &mut cell[rows]);
                for unit in 0..hidden {
                    let [input, forget, new, output] =
                        [0, 1, 2, 3].map(|gate| gates[gate * hidden + unit]);
                    cell[unit] = forget * cell[unit] + input * new;
                    state[unit] = output * cell[unit].tanh();
                }
                let start = (example * length + position) * hidden;
                out[start..start + hidden].copy_from_slice(state);
            }
        }
        Ok(())
    }

    /// Goes back through all positions with a block of examples.
    fn backward<T: Real>(
        self,
        sizes: Sizes,
        (projected, weight, bias): (&[T], &[T], &[T]),
        (states, gradient): (&[T], &[T]),
    ) -> Result<Gradients<T>> {
        let Sizes { length, hidden } = sizes;
        let wide = sizes.gates();
        let weight = view(weight, (wide, hidden))?;
        let rows = states.len() / hidden;
        let n = rows / length;
        // The state before every position.
        let mut before = vec![T::zero(); states.len()];
        let mut gates = Vec::with_capacity(rows * wide);
        for projected in projected.chunks(wide) {
            gates.extend(projected.iter().zip(bias).map(|(&x, &bias)| x + bias));
        }
        for example in 0..n {
            let mut last = None;
            for position in self.order(length) {
                let start = (example * length + position) * hidden;
                if let Some(last) = last {
                    before[start..start + hidden].copy_from_slice(&states[last..last + hidden]);
                }
                last = Some(start);
            }
        }
        general_mat_mul(
            T::one(),
            &view(&before, (rows, hidden))?,
            &weight.t(),
            T::one(),
            &mut view_mut(&mut gates, (rows, wide))?,
        );
        gates.chunks_mut(wide).for_each(open);
        let cells = self.cells(sizes, &gates);

        let mut for_state = vec![T::zero(); n * hidden];
        let mut for_cell = vec![T::zero(); n * hidden];
        let mut for_gates = vec![T::zero(); n * wide];
        for position in self.order(length).rev() {
            for example in 0..n {
                let row = example * length + position;
                let gates = &mut gates[row * wide..(row + 1) * wide];
                for unit in 0..hidden {
                    let at = row * hidden + unit;
                    let [input, forget, new, output] =
                        [0, 1, 2, 3].map(|gate| gates[gate * hidden + unit]);
                    let [cell, last] = cells[at];
                    let tanh = cell.tanh();
                    let of_state = gradient[at] + for_state[example * hidden + unit];
                    let slot = &mut for_cell[example * hidden + unit];
                    let of_cell = *slot + of_state * output * (T::one() - tanh * tanh);
                    *slot = of_cell * forget;
                    let slope = |gate: T| gate * (T::one() - gate);
                    let found = [
                        of_cell * new * slope(input),
                        of_cell * last * slope(forget),
                        of_cell * input * (T::one() - new * new),
                        of_state * tanh * slope(output),
                    ];
                    for (gate, found) in found.into_iter().enumerate() {
                        gates[gate * hidden + unit] = found;
                        for_gates[example * wide + gate * hidden + unit] = found;
                    }
                }
            }
            general_mat_mul(
                T::one(),
                &view(&for_gates, (n, wide))?,
                &weight,
                T::zero(),
                &mut view_mut(&mut for_state, (n, hidden))?,
            );
        }
        let mut for_weight = vec![T::zero(); wide * hidden];
        general_mat_mul(
            T::one(),
            &view(&gates, (rows, wide))?.t(),
            &view(&before, (rows, hidden))?,
            T::zero(),
            &mut view_mut(&mut for_weight, (wide, hidden))?,
        );
        let mut for_bias = vec![T::zero(); wide];
        for gates in gates.chunks(wide) {
            for (bias, &gate) in for_bias.iter_mut().zip(gates) {
                *bias += gate;
            }
        }
        Ok(Gradients {
            projected: gates,
            weight: for_weight,
            bias: for_bias,
        })
    }

    /// Computes the cells at and before every position from all gates.
    fn cells<T: Real>(self, sizes: Sizes, gates: &[T]) -> Vec<[T; 2]> {
        let Sizes { length, hidden } = sizes;
        let wide = sizes.gates();
        let rows = gates.len() / wide;
        let mut cells = vec![[T::zero(); 2]; rows * hidden];
        let mut cell = vec![T::zero(); hidden];
        for example in 0..rows / length {
            cell.fill(T::zero());
            for position in self.order(length) {
                let row = example * length + position;
                let gates = &gates[row * wide..(row + 1) * wide];
                for unit in 0..hidden {
                    let last = cell[unit];
                    let new = gates[hidden + unit] * last + gates[unit] * gates[2 * hidden + unit];
                    cell[unit] = new;
                    cells[row * hidden + unit] = [new, last];
                }
            }
        }
        cells
    }
}

impl CustomOp3 for Recurrence {
    fn name(&self) -> &'static str {
        "lstm recurrence"
    }

    fn cpu_fwd(
        &self,
        projected: &CpuStorage,
        projected_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = Sizes::new(projected_layout.shape(), weight_layout.shape())?;
        let n = projected_layout.shape().dims3()?.0;
        let out = by_precision!(dtype(projected), T => {
            let projected = numbers::<T>(projected, projected_layout)?;
            let (weight, bias) = (numbers(weight, weight_layout)?, numbers(bias, bias_layout)?);
            let mut out = vec![T::from_f64(0.0); n * sizes.length * sizes.hidden];
            out.par_chunks_mut(BLOCK * sizes.length * sizes.hidden)
                .zip(projected.par_chunks(BLOCK * sizes.length * sizes.gates()))
                .try_for_each(|(out, projected)| {
                    self.forward(sizes, (projected, weight, bias), out)
                })?;
            T::to_cpu_storage_owned(out)
        });
        Ok((out, Shape::from((n, sizes.length, sizes.hidden))))
    }

    fn bwd(
        &self,
        projected: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        states: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = Sizes::new(projected.shape(), weight.shape())?;
        let gradient = gradient.contiguous()?;
        let device = projected.device();
        by_precision!(projected.dtype(), T => {
            let (mut for_projected, mut weights, mut biases) = (Vec::new(), Vec::new(), Vec::new());
            let blocks = with_numbers::<T, _>(projected, |projected| {
                with_numbers(weight, |weight| with_numbers(bias, |bias| {
                    with_numbers(states, |states| with_numbers(&gradient, |gradient| {
                        let size = BLOCK * sizes.length * sizes.hidden;
                        let outputs = states.par_chunks(size).zip(gradient.par_chunks(size));
                        projected
                            .par_chunks(BLOCK * sizes.length * sizes.gates())
                            .zip(outputs)
                            .map(|(projected, outputs)| {
                                self.backward(sizes, (projected, weight, bias), outputs)
                            })
                            .collect::<Result<Vec<Gradients<T>>>>()
                    }))
                }))
            })?;
            for block in blocks {
                for_projected.extend(block.projected);
                weights.push(block.weight);
                biases.push(block.bias);
            }
            let for_weight = add_rows(&weights, weight.elem_count());
            let for_bias = add_rows(&biases, bias.elem_count());
            Ok((
                Some(Tensor::from_vec(for_projected, projected.shape(), device)?),
                Some(Tensor::from_vec(for_weight, weight.shape(), device)?),
                Some(Tensor::from_vec(for_bias, bias.shape(), device)?),
            ))
        })
    }
}
