//! Which of four models the differences between variants ask for.

use super::estimate::Intercept;
use super::{Dispersion, Egger, Estimate, Heterogeneity, Instruments, Ivw, heterogeneity};
use crate::Result;
use crate::distribution::chi_squared;
use std::fmt;

/// The choice between inverse-variance weighting and MR-Egger, each with fixed or random effects.
#[derive(Clone, PartialEq)]
pub struct Rucker {
    ivw: Heterogeneity,
    egger: Heterogeneity,
    model: RuckerModel,
    chosen: Estimate,
}

/// A model of the framework of Rücker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuckerModel {
    /// A: inverse-variance weighting, fixed effects.
    FixedIvw,
    /// B: inverse-variance weighting, random effects.
    RandomIvw,
    /// C: MR-Egger, fixed effects.
    FixedEgger,
    /// D: MR-Egger, random effects.
    RandomEgger,
}

/// Chooses a model by heterogeneity at 5 %: random effects when Q is too large, MR-Egger when it brings Q down by more than chance.
///
/// # Errors
///
/// Fails when there are fewer than three variants, they have the same effects on the exposure, or there are several exposures.
///
/// # References
///
/// Rücker, Schwarzer, Carpenter, Binder and Schumacher 2011, doi:10.1093/biostatistics/kxq046; Bowden, Spiller, Del Greco and others 2018,
/// doi:10.1093/ije/dyy101.
pub fn rucker(instruments: &Instruments) -> Result<Rucker> {
    const LEVEL: f64 = 0.05;
    let (ivw, egger) = heterogeneity(instruments)?;
    let gain = chi_squared::above((ivw.q() - egger.q()).max(0.0), 1.0);
    let model = match (ivw.p_value() < LEVEL, gain < LEVEL) {
        (false, false) => RuckerModel::FixedIvw,
        (true, false) => RuckerModel::RandomIvw,
        (_, true) if egger.p_value() < LEVEL => RuckerModel::RandomEgger,
        (_, true) => RuckerModel::FixedEgger,
    };
    let chosen = match model {
        RuckerModel::FixedIvw => Ivw::new().dispersion(Dispersion::Fixed).run(instruments)?,
        RuckerModel::RandomIvw => Ivw::new()
            .dispersion(Dispersion::AtLeastOne)
            .run(instruments)?,
        RuckerModel::FixedEgger => fixed(Egger::new().run(instruments)?),
        RuckerModel::RandomEgger => Egger::new().run(instruments)?,
    };
    Ok(Rucker {
        ivw,
        egger,
        model,
        chosen,
    })
}

/// Takes the widening back.
fn fixed(found: Estimate) -> Estimate {
    let widened = found.residual_error().map_or(1.0, |sigma| sigma.max(1.0));
    let intercept = found.intercept().map(|intercept| {
        let error = intercept.standard_error() / widened;
        Intercept::new(intercept.value(), error, super::estimate::Inference::Normal)
    });
    let narrow = found.standard_error() / widened;
    let fixed = found.with_error("MR-Egger, fixed effects", narrow);
    match intercept {
        Some(intercept) => fixed.with_intercept(intercept),
        None => fixed,
    }
}

impl Rucker {
    /// Returns Q around the inverse-variance weighted estimate.
    pub fn ivw(&self) -> Heterogeneity {
        self.ivw
    }

    /// Returns Q′ around the line of MR-Egger.
    pub fn egger(&self) -> Heterogeneity {
        self.egger
    }

    /// Returns the chance of a difference of the two as large when the intercept is 0.
    pub fn difference_p_value(&self) -> f64 {
        chi_squared::above((self.ivw.q() - self.egger.q()).max(0.0), 1.0)
    }

    /// Returns the chosen model.
    pub fn model(&self) -> RuckerModel {
        self.model
    }

    /// Returns the estimate of the chosen model.
    pub fn chosen(&self) -> Estimate {
        self.chosen.clone()
    }
}

impl fmt::Debug for Rucker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rucker({:?}: {:?})", self.model, self.chosen)
    }
}
