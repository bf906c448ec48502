//! Binary cross-entropy of very many scores.
#![expect(
    unsafe_code,
    reason = "the trait of work for any registers is unsafe; nothing here is"
)]

use crate::distribution::elementary::{exp, ln_1p};
use crate::network::{Lanes, Work, with_widest};
use rayon::prelude::*;

/// Scores that one thread looks at together, and those that are added up at a time.
const PIECE: usize = 1 << 12;
const LANES: usize = 8;

/// Returns the sum of the losses of all scores, and their slopes divided by how many there are.
pub(super) fn measure(scores: &[f32], labels: &[f32]) -> (f64, Vec<f32>) {
    let part = 1.0 / scores.len() as f64;
    let mut slopes = vec![0.0; scores.len()];
    let sums: Vec<f64> = slopes
        .par_chunks_mut(PIECE)
        .zip(scores.par_chunks(PIECE).zip(labels.par_chunks(PIECE)))
        .map(|(slopes, (scores, labels))| {
            with_widest(Piece {
                scores,
                labels,
                slopes,
                part,
            })
        })
        .collect();
    (sums.iter().sum(), slopes)
}

struct Piece<'a> {
    scores: &'a [f32],
    labels: &'a [f32],
    slopes: &'a mut [f32],
    part: f64,
}

impl Work<f64> for Piece<'_> {
    type Output = f64;

    #[expect(
        clippy::inline_always,
        reason = "only what is inlined is compiled for the instructions of its caller"
    )]
    #[inline(always)]
    unsafe fn run<V: Lanes<Number = f64>>(self) -> f64 {
        let mut sums = [0.0; LANES];
        let rows = self.slopes.chunks_mut(LANES);
        for (slopes, (scores, labels)) in
            rows.zip(self.scores.chunks(LANES).zip(self.labels.chunks(LANES)))
        {
            // A score far below 0 that should be: it adds nothing.
            let (mut x, mut label) = ([-1e3; LANES], [0.0; LANES]);
            for (i, (&score, &own)) in scores.iter().zip(labels).enumerate() {
                (x[i], label[i]) = (f64::from(score), f64::from(own));
            }
            let mut slope = [0.0; LANES];
            for i in 0..LANES {
                let small = exp(-x[i].abs());
                let part = 1.0 / (1.0 + small);
                let sigmoid = if x[i] < 0.0 { small * part } else { part };
                sums[i] += x[i].max(0.0) + ln_1p(small) - label[i] * x[i];
                slope[i] = (sigmoid - label[i]) * self.part;
            }
            for (to, from) in slopes.iter_mut().zip(slope) {
                *to = from as f32;
            }
        }
        sums.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::measure;

    /// The formulas as they are written down, in every place of pieces and lanes: within 1e-12.
    #[test]
    fn plain_formulas_say_the_same() {
        for n in [1, 7, 64, 9000] {
            let scores: Vec<f32> = (0..n).map(|i| ((i * 37) % 101) as f32 - 50.0).collect();
            let labels: Vec<f32> = (0..n).map(|i| (i % 5) as f32 / 4.0).collect();
            let (sum, slopes) = measure(&scores, &labels);
            let mut expected = 0.0;
            for ((&x, &label), slope) in scores.iter().zip(&labels).zip(slopes) {
                let (x, label) = (f64::from(x), f64::from(label));
                expected += x.max(0.0) + (-x.abs()).exp().ln_1p() - label * x;
                let by = (1.0 / (1.0 + (-x).exp()) - label) / f64::from(n);
                assert!((f64::from(slope) - by).abs() <= 1e-7 * by.abs() + 1e-12);
            }
            assert!((sum - expected).abs() <= 1e-12 * expected.abs(), "{n}");
        }
    }
}
