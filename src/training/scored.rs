//! Losses and their slopes, in double precision.

use super::{Loss, binary, likelihood, mixture};
use crate::distribution::gamma::ln_gamma;

/// Scores of some examples, with their labels and weights, as rows one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Scored<'a> {
    scores: &'a [f32],
    labels: &'a [f32],
    weights: Option<&'a [f32]>,
    n: usize,
}

/// A loss as a sum and what it is divided by, and the slopes of the quotient by every score.
pub(crate) struct Measured {
    pub(crate) sum: f64,
    pub(crate) size: f64,
    pub(crate) slopes: Vec<f32>,
}

impl<'a> Scored<'a> {
    pub(crate) fn new(scores: &'a [f32], labels: &'a [f32], n: usize) -> Self {
        Self {
            scores,
            labels,
            weights: None,
            n,
        }
    }

    /// Weighs examples, or labels: one number for each.
    pub(crate) fn weighted(self, weights: Option<&'a [f32]>) -> Self {
        Self { weights, ..self }
    }

    /// Returns the weight of a label.
    fn weight(&self, row: usize, column: usize) -> f64 {
        match self.weights {
            None => 1.0,
            Some(weights) if weights.len() == self.n => f64::from(weights[row]),
            Some(weights) => f64::from(weights[row * (self.labels.len() / self.n) + column]),
        }
    }

    /// Measures a loss; `classes` weighs classes: pairs for 0 and 1 of every task, or one number for each class, or nothing.
    pub(crate) fn measure(&self, loss: Loss, classes: &[f64]) -> Measured {
        if let Loss::Reconstruction(loss) = loss {
            let examples = (self.scores, self.labels, self.n);
            let (sum, slopes) = likelihood::measure(loss, examples, self.weights);
            let size = self.n as f64;
            return Measured { sum, size, slopes };
        }
        if loss == Loss::BinaryCrossEntropy && classes.is_empty() && self.weights.is_none() {
            let (sum, slopes) = binary::measure(self.scores, self.labels);
            let size = self.scores.len() as f64;
            return Measured { sum, size, slopes };
        }
        let mut slopes = vec![0.0; self.scores.len()];
        let (sum, size) = match loss {
            Loss::CrossEntropy => self.softmax(classes, &mut slopes),
            Loss::Multinomial { profile, counts } => {
                self.multinomial((profile, counts), &mut slopes)
            }
            Loss::GaussianMixture(_) | Loss::Expectation { .. } => self.rows(loss, &mut slopes),
            _ => self.each(loss, classes, &mut slopes),
        };
        let slopes = slopes.iter().map(|slope| (slope / size) as f32).collect();
        Measured { sum, size, slopes }
    }

    /// Compares every score with its own label.
    fn each(&self, loss: Loss, classes: &[f64], slopes: &mut [f64]) -> (f64, f64) {
        let outputs = self.scores.len() / self.n;
        let mut sum = 0.0;
        for (at, (&score, &label)) in self.scores.iter().zip(self.labels).enumerate() {
            let (score, label) = (f64::from(score), f64::from(label));
            let (row, column) = (at / outputs, at % outputs);
            let (value, slope) = match loss {
                Loss::SquaredError => ((score - label).powi(2), 2.0 * (score - label)),
                Loss::Poisson => (score.exp() - label * score, score.exp() - label),
                Loss::PoissonRate => {
                    let rate = score + 1e-8;
                    (score - label * rate.ln(), 1.0 - label / rate)
                }
                _ => {
                    let of = |class: usize| classes.get(2 * column + class).copied().unwrap_or(1.0);
                    let (zero, one) = (of(0) * (1.0 - label), of(1) * label);
                    let softplus = score.max(0.0) + (-score.abs()).exp().ln_1p();
                    let sigmoid = 1.0 / (1.0 + (-score).exp());
                    let all = zero + one;
                    (all * softplus - one * score, all * sigmoid - one)
                }
            };
            let weight = self.weight(row, column);
            sum += weight * value;
            slopes[at] = weight * slope;
        }
        (sum, self.scores.len() as f64)
    }

    /// Compares every row of scores with one label.
    fn rows(&self, loss: Loss, slopes: &mut [f64]) -> (f64, f64) {
        let outputs = self.scores.len() / self.n;
        let rows = self.scores.chunks(outputs).zip(slopes.chunks_mut(outputs));
        let mut sum = 0.0;
        for (row, (scores, slopes)) in rows.enumerate() {
            let label = f64::from(self.labels[row]);
            let value = match loss {
                Loss::Expectation { upper_bound } => {
                    mixture::off_expectation((scores, upper_bound), label, slopes)
                }
                _ => mixture::unlikely(scores, label, slopes),
            };
            let weight = self.weight(row, 0);
            sum += weight * value;
            for slope in slopes {
                *slope *= weight;
            }
        }
        (sum, self.n as f64)
    }

    /// Compares rows of scores with classes that exclude each other.
    fn softmax(&self, classes: &[f64], slopes: &mut [f64]) -> (f64, f64) {
        let outputs = self.scores.len() / self.n;
        let numbered = self.labels.len() == self.n;
        let of = |class: usize| classes.get(class).copied().unwrap_or(1.0);
        let (mut sum, mut size) = (0.0, 0.0);
        for row in 0..self.n {
            let scores = &self.scores[row * outputs..][..outputs];
            let slopes = &mut slopes[row * outputs..][..outputs];
            let total = log_sum(scores);
            let share = |class: usize| {
                if numbered {
                    f64::from(u8::from(self.labels[row] == class as f32))
                } else {
                    f64::from(self.labels[row * outputs + class])
                }
            };
            let mut pulls = 0.0;
            for class in 0..outputs {
                let weight = if numbered {
                    self.weight(row, 0)
                } else {
                    self.weight(row, class)
                };
                let pull = weight * of(class) * share(class);
                pulls += pull;
                if pull != 0.0 {
                    sum += pull * (total - f64::from(scores[class]));
                }
                slopes[class] = -pull;
            }
            for (slope, &score) in slopes.iter_mut().zip(scores) {
                *slope += pulls * (f64::from(score) - total).exp();
            }
            // As PyTorch: classes with numbers share their weights out, shares of classes do not.
            size += if numbered {
                of(self.labels[row] as usize)
            } else {
                1.0
            };
        }
        (sum, size)
    }

    /// Compares profiles, and their totals.
    fn multinomial(&self, (profile, counts): (f64, f64), slopes: &mut [f64]) -> (f64, f64) {
        let (outputs, width) = (self.scores.len() / self.n, self.labels.len() / self.n);
        let groups = outputs - width;
        let length = width / groups;
        let mut sum = 0.0;
        for row in 0..self.n {
            for group in 0..groups {
                let start = row * outputs + group * length;
                let scores = &self.scores[start..start + length];
                let labels = &self.labels[row * width + group * length..][..length];
                let weight = self.weight(row, group * length);
                let total = log_sum(scores);
                let count: f64 = labels.iter().map(|&label| f64::from(label)).sum();
                let mut value = -log_factorial(count);
                for (position, (&score, &label)) in scores.iter().zip(labels).enumerate() {
                    let (score, label) = (f64::from(score), f64::from(label));
                    value += log_factorial(label) - label * (score - total);
                    let slope = count * (score - total).exp() - label;
                    slopes[start + position] = weight * profile * slope;
                }
                let at = row * outputs + width + group;
                let off = f64::from(self.scores[at]) - count.ln_1p();
                slopes[at] = weight * counts * 2.0 * off;
                sum += weight * (profile * value + counts * off * off);
            }
        }
        (sum, (self.n * groups) as f64)
    }
}

fn log_sum(scores: &[f32]) -> f64 {
    let scores = scores.iter().map(|&score| f64::from(score));
    let largest = scores.clone().fold(f64::NEG_INFINITY, f64::max);
    largest
        + scores
            .map(|score| (score - largest).exp())
            .sum::<f64>()
            .ln()
}

/// The logarithm of the factorial, also between whole numbers.
fn log_factorial(number: f64) -> f64 {
    if number == 0.0 || number == 1.0 {
        return 0.0;
    }
    ln_gamma(number + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_are_products() {
        let mut sum = 0.0;
        for number in 1..200 {
            sum += f64::from(number).ln();
            let found = log_factorial(f64::from(number));
            assert!((found - sum).abs() < 1e-11 * sum.max(1.0), "{number}");
        }
        // Half a factorial is half the root of pi.
        let half = 0.5 * std::f64::consts::PI.sqrt();
        assert!((log_factorial(0.5) - half.ln()).abs() < 1e-12);
    }
}
