//! The logistic function and its relatives, in double precision and without overflow.

/// Turns a log-odds into a probability.
pub(crate) fn sigmoid(score: f64) -> f64 {
    if score >= 0.0 {
        1.0 / (1.0 + (-score).exp())
    } else {
        let odds = score.exp();
        odds / (1.0 + odds)
    }
}

/// Turns a probability into a log-odds, infinite for 0 and 1.
pub(crate) fn logit(probability: f64) -> f64 {
    probability.ln() - (-probability).ln_1p()
}

/// The surprise, in nats, that an event of this log-odds does not happen.
pub(crate) fn softplus(score: f64) -> f64 {
    score.max(0.0) + (-score.abs()).exp().ln_1p()
}

/// The logarithm of a sum of exponentials.
pub(crate) fn log_sum(scores: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = scores.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest
        + scores
            .map(|score| (score - largest).exp())
            .sum::<f64>()
            .ln()
}
