//! The Brier score in its parts.

use std::fmt;

/// The Brier score of one task, the mean squared difference of forecast and outcome, in its parts.
///
/// `score = reliability - resolution + uncertainty + within` (Murphy 1973, doi:10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2);
/// `within` is what forecasts do inside a bin (Stephenson, Coelho and Jolliffe 2008, <https://doi.org/10.1175/2007WAF2006116.1>), 0 where
/// all forecasts of a bin are the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrierParts {
    score: f64,
    reliability: f64,
    resolution: f64,
    uncertainty: f64,
}

impl BrierParts {
    pub(super) fn new(score: f64, (reliability, resolution, uncertainty): (f64, f64, f64)) -> Self {
        Self {
            score,
            reliability,
            resolution,
            uncertainty,
        }
    }

    /// Returns the Brier score, 0 at best.
    pub fn score(&self) -> f64 {
        self.score
    }

    /// Returns the mean squared gap between forecast and share of events, 0 at best.
    pub fn reliability(&self) -> f64 {
        self.reliability
    }

    /// Returns how far the shares of events in bins are from the share over all: the larger, the more the forecasts know.
    pub fn resolution(&self) -> f64 {
        self.resolution
    }

    /// Returns the Brier score of somebody who forecasts the share of events for every example.
    pub fn uncertainty(&self) -> f64 {
        self.uncertainty
    }

    /// Returns what is left: the differences among forecasts of one bin.
    pub fn within(&self) -> f64 {
        self.score - (self.reliability - self.resolution + self.uncertainty)
    }
}

impl fmt::Display for BrierParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            score,
            reliability,
            resolution,
            uncertainty,
        } = self;
        write!(
            f,
            "Brier {score:.4} (reliability {reliability:.4}, resolution {resolution:.4}, uncertainty {uncertainty:.4})"
        )
    }
}
