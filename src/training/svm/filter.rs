//! How much two words count for each other.

use super::distances::{binomial, eigenvalues};

/// Says how much two words count for each other, by the number of letters in which they differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KmerFilter {
    /// The number of gapped k-mers that both words have: `C(length - m, informative)` for `m` differing letters.
    #[default]
    Counts,
    /// Counts of words estimated from the counts of gapped k-mers by least squares, some of them negative.
    Estimated,
    /// As `Estimated`, without the words so far away that they count negatively.
    Truncated,
}

impl KmerFilter {
    /// Returns how much words count for each other that differ in 0, 1 ... `length` letters.
    pub(super) fn by_distance(self, (length, informative): (usize, usize)) -> Vec<f64> {
        let words = 4_f64.powi(length as i32);
        // The projector onto what gapped k-mers can tell: characters that look at no more than `informative` letters.
        let told = || -> Vec<f64> {
            let kept: Vec<f64> = (0..=length)
                .map(|weight| f64::from(u8::from(weight <= informative)))
                .collect();
            eigenvalues(&kept).iter().map(|sum| sum / words).collect()
        };
        match self {
            Self::Counts => (0..=length)
                .map(|m| binomial(length - m, informative))
                .collect(),
            // A projector is its own square.
            Self::Estimated => told(),
            Self::Truncated => {
                let mut filter = told();
                let end = filter.iter().position(|value| *value < 0.0);
                filter[end.unwrap_or(length + 1)..].fill(0.0);
                let squares: Vec<f64> = eigenvalues(&filter).iter().map(|v| v * v).collect();
                eigenvalues(&squares).iter().map(|v| v / words).collect()
            }
        }
    }
}
