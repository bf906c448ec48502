//! Gradients of weights beside candle's own, which adds every one to zeros first.

use super::mixing::{Matrix, multiply};
use super::real::with_numbers;
use super::{add_rows, change};
use crate::network::is_ours;
use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};
use std::sync::{Arc, Mutex, PoisonError};

/// What has come back to weights in one backward pass, where the next one writes again: gradients are as large as weights, and fresh
/// memory for them takes longer than to fill it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Returned(Arc<Mutex<Vec<Gradient>>>);

#[derive(Debug)]
struct Gradient {
    weight: Tensor,
    values: Tensor,
    /// Whether the values are those of this pass.
    is_present: bool,
}

impl Returned {
    /// Lets `write` write what comes back to a weight on the CPU, or add to it if it is told so.
    pub(super) fn write(
        &self,
        weight: &Tensor,
        write: impl FnOnce(&mut [f32], bool),
    ) -> Result<()> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().position(|known| {
            known.weight.id() == weight.id() && known.values.shape() == weight.shape()
        });
        let at = known.unwrap_or(all.len());
        if known.is_none() {
            all.push(Gradient {
                weight: weight.clone(),
                values: weight.zeros_like()?.detach(),
                is_present: false,
            });
        }
        let gradient = &mut all[at];
        let add = std::mem::replace(&mut gradient.is_present, true);
        change(&gradient.values, |values| write(values, add))
    }

    /// Adds `left^T right` to what comes back to a weight `(rows, columns)`, for `left` `(n, rows)` and `right` `(n, columns)`.
    pub(crate) fn add_product(
        &self,
        weight: &Tensor,
        (left, right): (&Tensor, &Tensor),
    ) -> Result<()> {
        let ((n, rows), columns) = (left.dims2()?, right.dim(1)?);
        if !is_ours(weight.device()) {
            self.add(weight, &left.t()?.matmul(right)?);
            return Ok(());
        }
        with_numbers(left, |left| {
            with_numbers(right, |right| {
                let left = Matrix::new(left, n, rows).turned();
                let right = Matrix::new(right, n, columns);
                self.write(weight, |out, add| {
                    multiply(left, right, (out, columns), add);
                })
            })
        })
    }

    /// Adds the sum of rows, shape `(n, numbers)`, to what comes back to a bias.
    pub(crate) fn add_sum(&self, bias: &Tensor, rows: &Tensor) -> Result<()> {
        if !is_ours(bias.device()) {
            self.add(bias, &rows.sum(0)?);
            return Ok(());
        }
        let width = rows.dim(1)?;
        with_numbers(rows, |rows| {
            self.add_numbers(bias, &add_rows(rows.chunks(width), width))
        })
    }

    /// Adds numbers to what comes back to a weight on the CPU.
    pub(super) fn add_numbers(&self, weight: &Tensor, numbers: &[f32]) -> Result<()> {
        self.write(weight, |out, add| {
            for (out, number) in out.iter_mut().zip(numbers) {
                *out = if add { *out + number } else { *number };
            }
        })
    }

    /// Adds what candle computed on another device.
    fn add(&self, weight: &Tensor, gradient: &Tensor) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Gradient {
            weight: weight.clone(),
            values: gradient.detach(),
            is_present: true,
        });
    }

    /// Adds all to what candle has found.
    pub(crate) fn hand_over(&self, gradients: &mut GradStore) -> Result<()> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for own in all.iter_mut().filter(|own| own.is_present) {
            let sum = match gradients.get(&own.weight) {
                Some(known) => (known + &own.values)?,
                None => own.values.clone(),
            };
            gradients.insert(&own.weight, sum);
            own.is_present = false;
        }
        all.retain(|own| is_ours(own.weight.device()));
        Ok(())
    }
}
