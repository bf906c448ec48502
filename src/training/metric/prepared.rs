//! A metric with all that does not change when examples are drawn again.

use super::metric::Metric;
use super::order::Order;
use super::paired::Paired;
use super::pearson::correlation;
use super::ranked::Ranked;
use crate::Result;

/// A metric of some scores and labels, ready to count every example so many times.
pub(crate) enum Prepared {
    Ranked(Metric, Ranked),
    Numbers(Vec<f64>, Vec<f64>),
    Ranks(Order, Order),
    /// The mean of what each example adds.
    Mean(Vec<f64>),
}

impl Prepared {
    /// Checks that the metric is defined, and sorts.
    pub(crate) fn new(metric: Metric, paired: &Paired) -> Result<Self> {
        let double = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect();
        match metric {
            Metric::Auroc | Metric::Auprc(_) | Metric::Auprg => {
                return Ok(Self::Ranked(metric, Ranked::of(paired)?));
            }
            Metric::Pearson | Metric::Spearman => paired.check_numbers()?,
            Metric::Accuracy | Metric::Brier | Metric::LogLoss => paired.check_probabilities()?,
        }
        Ok(match metric {
            Metric::Pearson => Self::Numbers(double(&paired.scores), double(&paired.labels)),
            Metric::Spearman => Self::Ranks(
                Order::falling(&paired.scores)?,
                Order::falling(&paired.labels)?,
            ),
            _ => {
                let pairs = paired.scores.iter().zip(&paired.labels);
                let one = |(&p, &label): (&f32, &f32)| {
                    let (p, label) = (f64::from(p), f64::from(label));
                    match metric {
                        Metric::Accuracy => f64::from(u8::from((p > 0.5) == (label == 1.0))),
                        Metric::Brier => (p - label).powi(2),
                        _ if label == 1.0 => -p.ln(),
                        _ => -(-p).ln_1p(),
                    }
                };
                Self::Mean(pairs.map(one).collect())
            }
        })
    }

    /// Computes the metric; not a number where it is not defined for these counts.
    pub(crate) fn value(&self, counts: Option<&[u32]>) -> f64 {
        match self {
            Self::Ranked(metric, ranked) => {
                let counted = counts.map(|counts| ranked.counted(counts));
                let steps = counted.as_ref().unwrap_or(&ranked.steps);
                if steps.positives == 0 || steps.negatives == 0 {
                    return f64::NAN;
                }
                match metric {
                    Metric::Auroc => steps.auroc(),
                    Metric::Auprc(interpolation) => interpolation.area(steps),
                    _ => steps.gain_area(),
                }
            }
            Self::Numbers(scores, labels) => correlation((scores, labels), counts),
            Self::Ranks(scores, labels) => {
                let (scores, labels) = (scores.mid_ranks(counts), labels.mid_ranks(counts));
                correlation((&scores, &labels), counts)
            }
            Self::Mean(values) => {
                let Some(counts) = counts else {
                    return values.iter().sum::<f64>() / values.len() as f64;
                };
                let (mut sum, mut total) = (0.0, 0.0);
                for (value, &count) in values.iter().zip(counts) {
                    // Nothing times infinity is no number.
                    if count > 0 {
                        sum += value * f64::from(count);
                        total += f64::from(count);
                    }
                }
                sum / total
            }
        }
    }

    /// Returns the area and its variance, where the metric is that area.
    pub(crate) fn delong(&self) -> Option<(f64, f64)> {
        match self {
            Self::Ranked(Metric::Auroc, ranked) => {
                Some((ranked.steps.auroc(), ranked.steps.variance()))
            }
            _ => None,
        }
    }
}
