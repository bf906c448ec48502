//! What is added to the loss inside of a network.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

/// Hands `x` on, and adds `penalty`, one number, to what training makes small.
pub(super) fn penalised(x: &Tensor, penalty: &Tensor) -> Result<Tensor> {
    let penalty = penalty.reshape(1)?;
    x.contiguous()?.apply_op2(&penalty, Penalty)
}

/// Passes numbers unchanged; the slope of the loss by the penalty is 1.
struct Penalty;

impl CustomOp2 for Penalty {
    fn name(&self) -> &'static str {
        "penalty"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        match (x, layout.contiguous_offsets()) {
            (CpuStorage::F32(values), Some((start, end))) => {
                let same = CpuStorage::F32(values[start..end].to_vec());
                Ok((same, layout.shape().clone()))
            }
            _ => bail!("expected a contiguous tensor of f32"),
        }
    }

    fn bwd(
        &self,
        _: &Tensor,
        penalty: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(gradient.clone()), Some(penalty.ones_like()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::penalised;
    use candle_core::{Device, Result, Tensor, Var};

    #[test]
    fn a_penalty_is_added_and_nothing_else_changes() -> Result<()> {
        let x = Var::new(&[[1_f32, -2.0]], &Device::Cpu)?;
        let by = Var::new(&[3_f32], &Device::Cpu)?;
        let out = penalised(x.as_tensor(), &by.sqr()?.sum_all()?)?;
        assert_eq!(out.to_vec2::<f32>()?, [[1.0, -2.0]]);
        let slopes = Tensor::new(&[[5_f32, 7.0]], &Device::Cpu)?;
        let gradients = (out * &slopes)?.sum_all()?.backward()?;
        let of = |var: &Var| {
            gradients
                .get(var)
                .map(|g| g.flatten_all()?.to_vec1::<f32>())
        };
        assert_eq!(of(&x).transpose()?, Some(vec![5.0, 7.0]));
        // The slope of the square, whatever the slopes of the rest are.
        assert_eq!(of(&by).transpose()?, Some(vec![6.0]));
        Ok(())
    }
}
