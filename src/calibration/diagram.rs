//! The reliability diagram of one task, and what is read from it.

use super::brier_parts::BrierParts;
use crate::Result;
use crate::distribution::normal;
use ndarray::Array1;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// The examples of one bin, as sums.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Bin {
    count: usize,
    forecast: f64,
    happened: f64,
}

impl Bin {
    pub(super) fn add(&mut self, value: f64, label: f64) {
        self.count += 1;
        self.forecast += value;
        self.happened += label;
    }

    /// Mean forecast and share of events, NaN in an empty bin.
    fn means(&self) -> (f64, f64) {
        let count = self.count as f64;
        (self.forecast / count, self.happened / count)
    }

    fn gap(&self) -> f64 {
        let (forecast, happened) = self.means();
        (happened - forecast).abs()
    }
}

/// Forecasts of one task beside what happened, bin by bin; cheap to clone, shows itself as a picture.
///
/// A bin without examples has NaN for its mean forecast and its share of events.
#[derive(Clone, PartialEq)]
pub struct Diagram {
    edges: Arc<[f64]>,
    bins: Arc<[Bin]>,
    brier: BrierParts,
    surprise: f64,
}

impl Diagram {
    pub(super) fn new(edges: Vec<f64>, bins: Vec<Bin>, (values, labels): (&[f64], &[f64])) -> Self {
        let n = values.len() as f64;
        let pairs = || values.iter().zip(labels);
        let score = pairs()
            .map(|(value, label)| (value - label).powi(2))
            .sum::<f64>()
            / n;
        // Whether it happened or not: the other term is 0, also where it would be 0 times infinity.
        let surprise = |(value, label): (&f64, &f64)| {
            if *label > 0.5 {
                -value.ln()
            } else {
                -(-value).ln_1p()
            }
        };
        let surprise = pairs().map(surprise).sum::<f64>() / n;
        let base = labels.iter().sum::<f64>() / n;
        let (mut reliability, mut resolution) = (0.0, 0.0);
        for bin in bins.iter().filter(|bin| bin.count > 0) {
            let share = bin.count as f64 / n;
            reliability += share * bin.gap().powi(2);
            resolution += share * (bin.means().1 - base).powi(2);
        }
        let brier = BrierParts::new(score, (reliability, resolution, base * (1.0 - base)));
        Self {
            edges: edges.into(),
            bins: bins.into(),
            brier,
            surprise,
        }
    }

    /// Returns the number of bins.
    pub fn len(&self) -> usize {
        self.bins.len()
    }

    /// Tells whether there is no bin; there always is one.
    pub fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// Returns the edges of the bins from 0 to 1, one more than bins.
    pub fn edges(&self) -> Array1<f64> {
        self.edges.iter().copied().collect()
    }

    /// Returns the number of examples in every bin.
    pub fn counts(&self) -> Array1<f64> {
        self.bins.iter().map(|bin| bin.count as f64).collect()
    }

    /// Returns the mean forecast of every bin.
    pub fn forecast(&self) -> Array1<f64> {
        self.bins.iter().map(|bin| bin.means().0).collect()
    }

    /// Returns the share of events in every bin.
    pub fn observed(&self) -> Array1<f64> {
        self.bins.iter().map(|bin| bin.means().1).collect()
    }

    /// Returns the lower end of the 95 % interval of every share of events (Wilson 1927, <https://doi.org/10.2307/2276774>).
    pub fn low(&self) -> Array1<f64> {
        self.bins.iter().map(|bin| wilson(bin).0).collect()
    }

    /// Returns the upper end.
    pub fn high(&self) -> Array1<f64> {
        self.bins.iter().map(|bin| wilson(bin).1).collect()
    }

    /// Returns the number of examples.
    pub fn examples(&self) -> usize {
        self.bins.iter().map(|bin| bin.count).sum()
    }

    /// Returns the expected calibration error: the mean over examples of the gap between forecast and share of events in their bin, 0 to
    /// 1 (Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017, <https://proceedings.mlr.press/v70/guo17a.html>).
    pub fn ece(&self) -> f64 {
        let gaps = self.filled().map(|bin| bin.count as f64 * bin.gap());
        gaps.sum::<f64>() / self.examples() as f64
    }

    /// Returns the maximum calibration error: the largest gap of a bin.
    pub fn mce(&self) -> f64 {
        self.filled().map(Bin::gap).fold(0.0, f64::max)
    }

    /// Returns the average calibration error: the mean of the gaps over bins that hold an example, whatever their number.
    pub fn ace(&self) -> f64 {
        self.filled().map(Bin::gap).sum::<f64>() / self.filled().count() as f64
    }

    /// Returns the Brier score in its parts.
    pub fn brier(&self) -> BrierParts {
        self.brier
    }

    /// Returns the mean surprise, in nats: the negative log-likelihood, infinite where a certainty was wrong.
    pub fn log_loss(&self) -> f64 {
        self.surprise
    }

    /// Returns one row per bin: its edges, examples, mean forecast, and share of events with its interval.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let known = |values: Array1<f64>| -> Vec<Option<f64>> {
            values
                .into_iter()
                .map(|value| (!value.is_nan()).then_some(value))
                .collect()
        };
        Ok(df!(
            "from" => &self.edges[..self.len()],
            "to" => &self.edges[1..],
            "examples" => self.bins.iter().map(|bin| bin.count as i64).collect::<Vec<_>>(),
            "forecast" => known(self.forecast()),
            "observed" => known(self.observed()),
            "observed_low" => known(self.low()),
            "observed_high" => known(self.high()),
        )?)
    }

    fn filled(&self) -> impl Iterator<Item = &Bin> {
        self.bins.iter().filter(|bin| bin.count > 0)
    }
}

impl fmt::Debug for Diagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Diagram({} bins, {} examples, ECE {:.4})",
            self.len(),
            self.examples(),
            self.ece()
        )
    }
}

impl fmt::Display for Diagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "ECE {:.4}, MCE {:.4}, ACE {:.4}, {}, log loss {:.4}",
            self.ece(),
            self.mce(),
            self.ace(),
            self.brier,
            self.surprise
        )?;
        writeln!(
            f,
            "{:>8} {:>8} {:>9} {:>9} {:>9}",
            "from", "to", "examples", "forecast", "observed"
        )?;
        for (bin, edges) in self.bins.iter().zip(self.edges.windows(2)) {
            let (forecast, observed) = bin.means();
            if bin.count > 0 {
                writeln!(
                    f,
                    "{:8.4} {:8.4} {:9} {forecast:9.4} {observed:9.4}",
                    edges[0], edges[1], bin.count
                )?;
            }
        }
        Ok(())
    }
}

fn wilson(bin: &Bin) -> (f64, f64) {
    let n = bin.count as f64;
    let share = bin.means().1;
    let z = normal::HALF_OF_95;
    let middle = share + z * z / (2.0 * n);
    let reach = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    ((middle - reach) / scale, (middle + reach) / scale)
}
