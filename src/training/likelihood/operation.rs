//! Log-likelihoods as a candle operation: values and slopes in one pass.

use super::Likelihood;
use super::draws::{AT_ONCE, Draws, positive};
use candle_core::{CpuStorage, CustomOp2, DType, Layout, Result, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// Values that one thread looks at together.
const PIECE: usize = 1 << 12;

/// The operation on values and their parameters, stacked along the first axis.
pub(super) struct LogProbability {
    likelihood: Likelihood,
    /// The slopes, if somebody will ask for them.
    slopes: Option<Mutex<Vec<f64>>>,
}

impl LogProbability {
    pub(super) fn new(likelihood: Likelihood, tracked: bool) -> Self {
        Self {
            likelihood,
            slopes: tracked.then(|| Mutex::new(Vec::new())),
        }
    }
}

/// Computes values of which each has `count` parameters, one block of these after the other, and notes their slopes, value after value.
struct Piece<'a> {
    likelihood: Likelihood,
    x: &'a [f64],
    parameters: &'a [f64],
    /// How many values there are in all, and the place of the first.
    place: (usize, usize),
}

impl Piece<'_> {
    fn measure(&self, out: &mut [f64], slopes: &mut [f64]) {
        let likelihood = self.likelihood;
        let count = likelihood.parameters();
        let is_positive = |parameter: usize| match likelihood {
            Likelihood::Gaussian => parameter == 1,
            _ => parameter < 2,
        };
        let mut draws = Draws::new();
        let rows = out
            .chunks_mut(AT_ONCE)
            .zip(slopes.chunks_mut(AT_ONCE * count));
        for (chunk, (out, slopes)) in rows.enumerate() {
            let (n, first) = self.place;
            let first = first + chunk * AT_ONCE;
            for i in 0..out.len() {
                let of = |parameter: usize| {
                    let value = self.parameters[parameter * n + first + i];
                    if is_positive(parameter) {
                        positive(value)
                    } else {
                        value
                    }
                };
                draws.x[i] = self.x[first + i];
                draws.mean[i] = of(0);
                if is_positive(0) {
                    draws.log[i] = draws.mean[i].ln();
                }
                if count > 1 {
                    draws.spread[i] = of(1);
                }
                if count > 2 {
                    draws.logit[i] = of(2);
                }
            }
            draws.measure(likelihood);
            out.copy_from_slice(&draws.value[..out.len()]);
            for (i, slopes) in slopes.chunks_mut(count).enumerate() {
                for (parameter, slope) in slopes.iter_mut().enumerate() {
                    // By the parameters themselves, not by their logarithms.
                    let over = match parameter {
                        0 if is_positive(0) => draws.mean[i],
                        1 => draws.spread[i],
                        _ => 1.0,
                    };
                    *slope = draws.by[parameter][i] / over;
                }
            }
        }
    }
}

/// Computes the logarithm of the share of a class, and its slopes by the scores of all.
fn categorical(x: f64, scores: &[f64], slopes: &mut [f64]) -> f64 {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
    for (slope, score) in slopes.iter_mut().zip(scores) {
        *slope = -(score - largest).exp() / sum;
    }
    slopes[x as usize] += 1.0;
    scores[x as usize] - largest - sum.ln()
}

fn doubles(storage: &CpuStorage, layout: &Layout) -> Result<Vec<f64>> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        bail!(
            "expected a contiguous tensor, got strides {:?}",
            layout.stride()
        );
    };
    Ok(match storage {
        CpuStorage::F32(values) => values[start..end].iter().map(|&v| f64::from(v)).collect(),
        CpuStorage::F64(values) => values[start..end].to_vec(),
        _ => bail!("expected a tensor of f32 or f64"),
    })
}

impl CustomOp2 for LogProbability {
    fn name(&self) -> &'static str {
        "log probability"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        parameters: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let is_single = matches!(x, CpuStorage::F32(_));
        let (x, parameters) = (doubles(x, x_layout)?, doubles(parameters, layout)?);
        let n = x.len();
        let count = parameters.len() / n;
        let mut out = vec![0.0; n];
        // Value after value, each with its slopes.
        let mut slopes = vec![0.0; n * count];
        out.par_chunks_mut(PIECE)
            .zip(slopes.par_chunks_mut(PIECE * count))
            .enumerate()
            .for_each(|(piece, (out, slopes))| {
                let first = piece * PIECE;
                if self.likelihood != Likelihood::Categorical {
                    let (likelihood, place) = (self.likelihood, (n, first));
                    let (x, parameters) = (&x, &parameters);
                    Piece {
                        likelihood,
                        x,
                        parameters,
                        place,
                    }
                    .measure(out, slopes);
                    return;
                }
                let slopes = slopes.chunks_mut(count);
                for (at, (out, slopes)) in out.iter_mut().zip(slopes).enumerate() {
                    let at = first + at;
                    *out = categorical(x[at], &parameters[at * count..][..count], slopes);
                }
            });
        if let Some(kept) = &self.slopes {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = slopes;
        }
        let out = if is_single {
            f32::to_cpu_storage_owned(out.into_iter().map(single).collect())
        } else {
            f64::to_cpu_storage_owned(out)
        };
        Ok((out, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        _: &Tensor,
        parameters: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let Some(slopes) = &self.slopes else {
            return Ok((None, None));
        };
        let slopes = slopes.lock().unwrap_or_else(PoisonError::into_inner);
        let gradient = gradient
            .flatten_all()?
            .to_dtype(DType::F64)?
            .to_vec1::<f64>()?;
        let n = gradient.len();
        let count = slopes.len() / n;
        let product = |at: usize, parameter: usize| slopes[at * count + parameter] * gradient[at];
        let out: Vec<f64> = if self.likelihood == Likelihood::Categorical {
            (0..n * count)
                .map(|at| product(at / count, at % count))
                .collect()
        } else {
            (0..n * count).map(|at| product(at % n, at / n)).collect()
        };
        let out = match parameters.dtype() {
            DType::F32 => {
                let out: Vec<f32> = out.into_iter().map(single).collect();
                Tensor::from_vec(out, parameters.shape(), parameters.device())?
            }
            _ => Tensor::from_vec(out, parameters.shape(), parameters.device())?,
        };
        Ok((None, Some(out)))
    }
}

/// The nearest number of single precision that is finite.
pub(super) fn single(value: f64) -> f32 {
    (value as f32).clamp(f32::MIN, f32::MAX)
}
