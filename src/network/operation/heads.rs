//! Dense layers beside each other, of which each writes where its numbers belong in the joined output.

use super::mixing::{Matrix, multiply};
use super::real::with_numbers;
use super::returned::Returned;
use super::{add_rows, mix_returning};
use crate::network::is_ours;
use candle_core::{CpuStorage, CustomOp3, DType, Layout, Result, Shape, Tensor, WithDType, bail};

/// A part of the joined output, `(n, numbers)`.
pub(crate) enum Part {
    /// `x W^T + b`.
    Dense {
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
    },
    /// Numbers as they are.
    Same(Tensor),
}

impl Part {
    fn reads(&self) -> &Tensor {
        match self {
            Self::Dense { x, .. } | Self::Same(x) => x,
        }
    }

    fn width(&self) -> Result<usize> {
        match self {
            Self::Dense { weight, .. } => weight.dim(0),
            Self::Same(x) => x.dim(1),
        }
    }

    fn tensors(&self) -> Vec<&Tensor> {
        match self {
            Self::Dense { x, weight, bias } => vec![x, weight, bias],
            Self::Same(x) => vec![x],
        }
    }

    fn alone(&self, returned: &Returned) -> Result<Tensor> {
        match self {
            Self::Dense { x, weight, bias } => {
                mix_returning(x, (weight, bias), Some(returned.clone()))
            }
            Self::Same(x) => Ok(x.clone()),
        }
    }
}

/// Joins parts; what comes back to weights goes to `returned`.
pub(crate) fn heads(parts: Vec<Part>, returned: &Returned) -> Result<Tensor> {
    let mut read: Vec<Tensor> = Vec::new();
    for part in &parts {
        let x = part.reads();
        if read.iter().all(|known| known.id() != x.id()) {
            read.push(x.clone());
        }
    }
    let fits = |tensor: &&Tensor| {
        is_ours(tensor.device()) && tensor.is_contiguous() && tensor.dtype() == DType::F32
    };
    let fits = parts.iter().all(|part| part.tensors().iter().all(fits));
    // candle asks an operation for gradients only if it reads something that has one.
    let is_tracked = read.iter().any(Tensor::track_op);
    let [first, others @ ..] = &read[..] else {
        bail!("nothing to join");
    };
    if !fits || !is_tracked || others.len() > 2 {
        let alone = parts.iter().map(|part| part.alone(returned));
        let alone: Vec<Tensor> = alone.collect::<Result<_>>()?;
        return if let [one] = &alone[..] {
            Ok(one.clone())
        } else {
            Tensor::cat(&alone, 1)
        };
    }
    let other = |at: usize| others.get(at).unwrap_or(first);
    let (second, third) = (other(0).clone(), other(1).clone());
    let joined = Joined {
        parts,
        read: read.clone(),
        returned: returned.clone(),
    };
    first.apply_op3(&second, &third, joined)
}

struct Joined {
    parts: Vec<Part>,
    /// What the parts read, each tensor once.
    read: Vec<Tensor>,
    returned: Returned,
}

impl Joined {
    fn widths(&self) -> Result<Vec<usize>> {
        self.parts.iter().map(Part::width).collect()
    }

    /// Returns what comes back to one of the tensors that are read.
    fn back(&self, read: &Tensor, gradient: &[f32]) -> Result<Option<Tensor>> {
        if !read.track_op() {
            return Ok(None);
        }
        let (n, inputs) = read.dims2()?;
        let widths = self.widths()?;
        let whole: usize = widths.iter().sum();
        let mut out = vec![0.0; n * inputs];
        let mut start = 0;
        for (part, &width) in self.parts.iter().zip(&widths) {
            let own = &gradient[start..];
            start += width;
            if part.reads().id() != read.id() {
                continue;
            }
            match part {
                Part::Dense { weight, .. } => with_numbers(weight, |weight| {
                    let gradient = Matrix::inside((own, whole), n, width);
                    let weight = Matrix::new(weight, width, inputs);
                    multiply(gradient, weight, (&mut out, inputs), true);
                    Ok(())
                })?,
                Part::Same(_) => {
                    for (out, own) in out.chunks_mut(inputs).zip(own.chunks(whole)) {
                        for (out, own) in out.iter_mut().zip(own) {
                            *out += own;
                        }
                    }
                }
            }
        }
        Ok(Some(Tensor::from_vec(out, read.shape(), read.device())?))
    }

    /// Hands out what comes back to weights.
    fn teach(&self, gradient: &[f32]) -> Result<()> {
        let widths = self.widths()?;
        let whole: usize = widths.iter().sum();
        let mut start = 0;
        for (part, width) in self.parts.iter().zip(widths) {
            let own = &gradient[start..];
            start += width;
            let Part::Dense { x, weight, bias } = part else {
                continue;
            };
            let (n, inputs) = x.dims2()?;
            if weight.track_op() {
                with_numbers(x, |x| {
                    let gradient = Matrix::inside((own, whole), n, width);
                    let x = Matrix::new(x, n, inputs);
                    self.returned.write(weight, |out, add| {
                        multiply(gradient.turned(), x, (out, inputs), add);
                    })
                })?;
            }
            if bias.track_op() {
                let rows = own.chunks(whole).map(|row| &row[..width]);
                let sums: Vec<f32> = add_rows(rows, width);
                self.returned.add_numbers(bias, &sums)?;
            }
        }
        Ok(())
    }
}

impl CustomOp3 for Joined {
    fn name(&self) -> &'static str {
        "heads"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        first: &Layout,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let n = first.dims()[0];
        let widths = self.widths()?;
        let whole: usize = widths.iter().sum();
        let mut out = vec![0.0; n * whole];
        let mut start = 0;
        for (part, &width) in self.parts.iter().zip(&widths) {
            let (from, is_same) = match part {
                Part::Dense { bias, .. } => (bias, false),
                Part::Same(x) => (x, true),
            };
            with_numbers(from, |from| {
                for (row, out) in out[start..].chunks_mut(whole).enumerate() {
                    let first = if is_same { row * width } else { 0 };
                    out[..width].copy_from_slice(&from[first..first + width]);
                }
                Ok(())
            })?;
            start += width;
        }
        let mut start = 0;
        for (part, &width) in self.parts.iter().zip(&widths) {
            if let Part::Dense { x, weight, .. } = part {
                let inputs = x.dim(1)?;
                with_numbers(x, |x| {
                    with_numbers(weight, |weight| {
                        let x = Matrix::new(x, n, inputs);
                        let weight = Matrix::new(weight, width, inputs).turned();
                        multiply(x, weight, (&mut out[start..], whole), true);
                        Ok(())
                    })
                })?;
            }
            start += width;
        }
        Ok((f32::to_cpu_storage_owned(out), Shape::from((n, whole))))
    }

    fn bwd(
        &self,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        with_numbers(&gradient.contiguous()?, |gradient| {
            self.teach(gradient)?;
            let back = |at: usize| match self.read.get(at) {
                Some(read) => self.back(read, gradient),
                None => Ok(None),
            };
            Ok((back(0)?, back(1)?, back(2)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, heads};
    use crate::network::operation::{Returned, mix};
    use candle_core::{DType, Device, Result, Tensor, Var};

    fn numbers(shape: (usize, usize), shift: f64) -> Result<Tensor> {
        let count = shape.0 * shape.1;
        let values = (0..count).map(|i| (1.7 * i as f64 + shift).sin() as f32);
        Tensor::from_vec(values.collect::<Vec<_>>(), shape, &Device::Cpu)
    }

    fn near(found: &Tensor, expected: &Tensor) -> Result<()> {
        let off = (found - expected)?.abs()?.flatten_all()?.max(0)?;
        assert!(off.to_scalar::<f32>()? < 1e-5, "{found} {expected}");
        Ok(())
    }

    /// Two layers of one input and some numbers of another: the joined output and all gradients are those of the layers alone.
    #[test]
    fn heads_are_layers_side_by_side() -> Result<()> {
        let x = Var::from_tensor(&numbers((5, 3), 0.0)?)?;
        let other = Var::from_tensor(&numbers((5, 2), 1.0)?)?;
        let weights = [
            Var::from_tensor(&numbers((4, 3), 2.0)?)?,
            Var::from_tensor(&numbers((1, 4), 3.0)?.flatten_all()?)?,
            Var::from_tensor(&numbers((6, 3), 4.0)?)?,
            Var::from_tensor(&numbers((1, 6), 5.0)?.flatten_all()?)?,
        ];
        let slopes = numbers((5, 12), 6.0)?;
        // Handed through an operation, as inside a network.
        let (read, beside) = (x.affine(2.0, 0.0)?, other.affine(3.0, 0.0)?);
        let dense = |at: usize| Part::Dense {
            x: read.clone(),
            weight: weights[at].as_tensor().clone(),
            bias: weights[at + 1].as_tensor().clone(),
        };
        let returned = Returned::default();
        let parts = vec![dense(0), Part::Same(beside.clone()), dense(2)];
        let joined = heads(parts, &returned)?;
        let mut found = (&joined * &slopes)?.sum_all()?.backward()?;
        returned.hand_over(&mut found)?;
        let alone = [
            mix(&read, &weights[0], &weights[1])?,
            beside,
            mix(&read, &weights[2], &weights[3])?,
        ];
        let alone = Tensor::cat(&alone, 1)?;
        near(&joined, &alone)?;
        let expected = (alone * slopes)?.sum_all()?.backward()?;
        let zeros = Tensor::zeros(1, DType::F32, &Device::Cpu)?;
        for variable in weights.iter().chain([&x, &other]) {
            near(
                found.get(variable).unwrap_or(&zeros),
                expected.get(variable).unwrap_or(&zeros),
            )?;
        }
        Ok(())
    }
}
