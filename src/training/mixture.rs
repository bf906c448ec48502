//! Losses of rows of scores that describe a distribution, or draws from one, against one label.

/// Half the logarithm of twice pi.
const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;

/// How unlikely a label is under a mixture of normal distributions, in nats: scores are the logits of the shares, then the means, then the
/// logarithms of the standard deviations. Writes the slopes.
pub(super) fn unlikely(scores: &[f32], label: f64, slopes: &mut [f64]) -> f64 {
    let components = scores.len() / 3;
    let score = |block: usize, at: usize| f64::from(scores[block * components + at]);
    let logits: Vec<f64> = (0..components).map(|at| score(0, at)).collect();
    let total = log_sum(&logits);
    let off = |at: usize| (label - score(1, at)) * (-score(2, at)).exp();
    let joint: Vec<f64> = (0..components)
        .map(|at| logits[at] - total - HALF_LOG_TAU - score(2, at) - 0.5 * off(at).powi(2))
        .collect();
    let all = log_sum(&joint);
    for at in 0..components {
        // How likely it is that this component made the label.
        let own = (joint[at] - all).exp();
        slopes[at] = (logits[at] - total).exp() - own;
        slopes[components + at] = -own * off(at) * (-score(2, at)).exp();
        slopes[2 * components + at] = own * (1.0 - off(at).powi(2));
    }
    -all
}

/// The squared difference of a label and what draws are expected to be, estimated without bias: one half of the draws gives one factor,
/// the other half the other. Or, with `upper_bound`, the mean of the squared differences of all draws. Writes the slopes.
pub(super) fn off_expectation(
    (scores, upper_bound): (&[f32], bool),
    label: f64,
    slopes: &mut [f64],
) -> f64 {
    let draws = scores.len();
    if upper_bound {
        let mut sum = 0.0;
        for (slope, score) in slopes.iter_mut().zip(scores) {
            let off = f64::from(*score) - label;
            sum += off * off;
            *slope = 2.0 * off / draws as f64;
        }
        return sum / draws as f64;
    }
    let half = draws / 2;
    let off = |some: &[f32]| some.iter().map(|s| f64::from(*s) - label).sum::<f64>() / half as f64;
    let (first, second) = (off(&scores[..half]), off(&scores[half..]));
    slopes[..half].fill(second / half as f64);
    slopes[half..].fill(first / half as f64);
    first * second
}

fn log_sum(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest
        + values
            .iter()
            .map(|value| (value - largest).exp())
            .sum::<f64>()
            .ln()
}
