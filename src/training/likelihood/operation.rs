//! Log-likelihoods as a candle operation: values and slopes in one pass.

use super::Likelihood;
use super::terms::{self, Positive, Term};
use candle_core::{CpuStorage, CustomOp2, DType, Layout, Result, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// Values that one thread looks at together.
const PIECE: usize = 1 << 12;

/// Computes one value from its parameters, and notes the slopes by them; for classes a parameter is a row of scores.
pub(super) type Rows = fn(f64, &[f64], &mut [f64]) -> f64;

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

/// Slopes by the parameters themselves, where the terms have them by their logarithms.
fn natural((value, by_logs): Term, parameters: &[Option<Positive>], slopes: &mut [f64]) -> f64 {
    for ((slope, by_log), parameter) in slopes.iter_mut().zip(by_logs).zip(parameters) {
        *slope = parameter.map_or(by_log, |parameter| by_log / parameter.value);
    }
    value
}

pub(super) fn gaussian(x: f64, parameters: &[f64], slopes: &mut [f64]) -> f64 {
    let deviation = Positive::new(parameters[1]);
    let term = terms::gaussian(x, parameters[0], deviation);
    natural(term, &[None, Some(deviation)], slopes)
}

pub(super) fn poisson(x: f64, parameters: &[f64], slopes: &mut [f64]) -> f64 {
    let mean = Positive::new(parameters[0]);
    natural(terms::poisson(x, mean), &[Some(mean)], slopes)
}

pub(super) fn negative_binomial(x: f64, parameters: &[f64], slopes: &mut [f64]) -> f64 {
    let (mean, theta) = (Positive::new(parameters[0]), Positive::new(parameters[1]));
    let term = terms::negative_binomial(x, mean, theta);
    natural(term, &[Some(mean), Some(theta)], slopes)
}

pub(super) fn zinb(x: f64, parameters: &[f64], slopes: &mut [f64]) -> f64 {
    let (mean, theta) = (Positive::new(parameters[0]), Positive::new(parameters[1]));
    let term = terms::zero_inflated(x, (mean, theta), parameters[2]);
    natural(term, &[Some(mean), Some(theta), None], slopes)
}

pub(super) fn categorical(x: f64, scores: &[f64], slopes: &mut [f64]) -> f64 {
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
        let classes = self.likelihood == Likelihood::Categorical;
        let rows = self.likelihood.rows();
        let place = |at: usize, parameter: usize| {
            if classes {
                at * count + parameter
            } else {
                parameter * n + at
            }
        };
        let mut out = vec![0.0; n];
        // Value after value, each with its slopes.
        let mut slopes = vec![0.0; n * count];
        out.par_chunks_mut(PIECE)
            .zip(slopes.par_chunks_mut(PIECE * count))
            .enumerate()
            .for_each(|(piece, (out, slopes))| {
                let mut own = vec![0.0; count];
                let slopes = slopes.chunks_mut(count);
                for (at, (out, slopes)) in out.iter_mut().zip(slopes).enumerate() {
                    let at = piece * PIECE + at;
                    for (parameter, own) in own.iter_mut().enumerate() {
                        *own = parameters[place(at, parameter)];
                    }
                    *out = rows(x[at], &own, slopes);
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
