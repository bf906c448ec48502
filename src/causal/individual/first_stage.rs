//! How much instruments tell of the exposure.

use std::fmt;

/// Below this F, estimates with instruments lean noticeably towards ordinary regression (Staiger and Stock 1997, doi:10.2307/2171753).
const WEAK: f64 = 10.0;

/// How much instruments tell of the exposure beside the covariates, in a linear regression and, after Deep IV, to a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstStage {
    pub(super) f: f64,
    pub(super) r_squared: f64,
    pub(super) information: Option<(f64, f64)>,
}

impl FirstStage {
    /// Returns the F statistic of all instruments together, covariates being held.
    pub fn f(&self) -> f64 {
        self.f
    }

    /// Returns the share of the variance of the exposure that covariates leave which the instruments explain (partial R²).
    pub fn r_squared(&self) -> f64 {
        self.r_squared
    }

    /// Returns what instruments tell the first network about the exposure of individuals that it did not learn from, in nats for each, and
    /// the standard error: by how much less likely the exposures are with the instruments of somebody else. Only after Deep IV.
    pub fn information(&self) -> Option<(f64, f64)> {
        self.information
    }

    /// Tells whether instruments are too weak to trust an estimate: F is below 10, and no network knows more.
    pub fn is_weak(&self) -> bool {
        let nothing = self
            .information
            .is_none_or(|(nats, error)| nats < 3.0 * error);
        self.f.is_nan() || (self.f < WEAK && nothing)
    }
}

impl fmt::Display for FirstStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "first stage: F {:.1}, partial R² {:.3}",
            self.f, self.r_squared
        )?;
        if let Some((nats, error)) = self.information {
            write!(f, ", {nats:.3} ± {error:.3} nats")?;
        }
        if self.is_weak() {
            f.write_str("; WEAK INSTRUMENTS: the estimate means little")?;
        }
        Ok(())
    }
}
