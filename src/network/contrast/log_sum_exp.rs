//! Logarithms of sums of exponentials between an example and its references.

use super::Groups;
use super::doubles::doubles;
use super::secant::rise_of_exp;
use crate::network::rules::ruled;
use candle_core::{D, Result, Tensor};

/// Computes the logarithm of the sum of exponentials over the last axis, which stays with size 1.
///
/// Multipliers are those of the chain of exponentials, sum and logarithm, computed such that nothing overflows.
pub(super) fn log_sum_exp(x: &Tensor, groups: Groups) -> Result<Tensor> {
    let out = x.detach().log_sum_exp(D::Minus1)?.unsqueeze(D::Minus1)?;
    ruled(x, &out, move |x, _, multipliers| {
        let size = x.dim(D::Minus1)?;
        let lines = x.elem_count() / size / x.dim(0)?;
        let (numbers, wanted) = (doubles(x)?, doubles(multipliers)?);
        let mut found = Vec::with_capacity(numbers.len());
        for (index, (line, wanted)) in numbers.chunks(size).zip(wanted).enumerate() {
            let (row, inside) = (index / lines, index % lines);
            let start = (groups.example(row) * lines + inside) * size;
            let own = &numbers[start..start + size];
            found.extend(rises(own, line).map(|rise| rise * wanted));
        }
        Tensor::from_vec(found, x.shape(), x.device())?.to_dtype(x.dtype())
    })
}

/// Returns how steeply the result rises with every number.
fn rises<'a>(own: &'a [f64], other: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    let largest = |line: &[f64]| line.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (peak, other_peak) = (largest(own), largest(other));
    let common = peak.max(other_peak);
    let sum = |line: &[f64], from: f64| line.iter().map(|x| (x - from).exp()).sum::<f64>();
    let (a, b) = (sum(own, common), sum(other, common));
    let apart = a - b;
    let rise_of_log = if apart == 0.0 {
        1.0 / a
    } else if b > 0.0 && (apart / b).abs() < 0.5 {
        (apart / b).ln_1p() / apart
    } else {
        let logarithm = |line, peak: f64| peak + sum(line, peak).ln();
        (logarithm(own, peak) - logarithm(other, other_peak)) / apart
    };
    let pairs = own.iter().zip(other);
    pairs.map(move |(a, b)| rise_of_exp(a - common, b - common) * rise_of_log)
}
