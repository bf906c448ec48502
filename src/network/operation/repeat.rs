//! The same row for every example.

use super::real::{by_precision, dtype, numbers, with_numbers};
use super::sums::add_rows;
use crate::network::is_ours;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

/// Makes `(n, numbers)` of numbers.
pub(crate) fn repeat(row: &Tensor, n: usize) -> Result<Tensor> {
    if is_ours(row.device()) {
        return row.contiguous()?.apply_op1(Repeat(n));
    }
    let width = row.elem_count();
    row.reshape((1, width))?
        .broadcast_as((n, width))?
        .contiguous()
}

struct Repeat(usize);

impl CustomOp1 for Repeat {
    fn name(&self) -> &'static str {
        "repeat"
    }

    fn cpu_fwd(&self, row: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let shape = Shape::from((self.0, layout.shape().elem_count()));
        let out = by_precision!(dtype(row), T => {
            T::to_cpu_storage_owned(numbers::<T>(row, layout)?.repeat(self.0))
        });
        Ok((out, shape))
    }

    fn bwd(&self, row: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (gradient, width) = (gradient.contiguous()?, row.elem_count());
        let sums = by_precision!(row.dtype(), T => with_numbers::<T, _>(&gradient, |gradient| {
            let sums: Vec<T> = add_rows(gradient.chunks(width), width);
            Tensor::from_vec(sums, row.shape(), row.device())
        })?);
        Ok(Some(sums))
    }
}

#[cfg(test)]
mod tests {
    use super::repeat;
    use candle_core::{Device, Result, Tensor, Var};

    #[test]
    fn rows_are_the_same_and_their_gradients_are_added() -> Result<()> {
        let row = Var::new(&[1_f32, -2.0], &Device::Cpu)?;
        let out = repeat(row.as_tensor(), 3)?;
        assert_eq!(out.to_vec2::<f32>()?, [[1.0, -2.0]; 3]);
        let slopes = Tensor::new(&[[1_f32, 2.0], [3.0, 4.0], [5.0, 6.0]], &Device::Cpu)?;
        let gradients = (out * slopes)?.sum_all()?.backward()?;
        let found = gradients
            .get(&row)
            .map(Tensor::to_vec1::<f32>)
            .transpose()?;
        assert_eq!(found, Some(vec![9.0, 12.0]));
        Ok(())
    }
}
