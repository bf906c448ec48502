//! What is done about residuals that are wider than the standard errors say.

/// How the residual standard error of a regression widens the standard errors of its estimates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dispersion {
    /// Not at all with fewer than four variants, otherwise as [`AtLeastOne`](Self::AtLeastOne).
    #[default]
    Automatic,
    /// Not at all: all variants measure the same effect (fixed effects).
    Fixed,
    /// By the residual standard error, never making them smaller (multiplicative random effects with a floor).
    AtLeastOne,
    /// By the residual standard error, also below 1, but for a perfect fit (multiplicative random effects without a floor).
    Free,
}

impl Dispersion {
    /// The factor of the standard errors.
    pub(super) fn factor(self, sigma: Option<f64>, variants: usize) -> f64 {
        let Some(sigma) = sigma else { return 1.0 };
        match self {
            Self::Fixed => 1.0,
            Self::Automatic if variants < 4 => 1.0,
            Self::Automatic | Self::AtLeastOne => sigma.max(1.0),
            Self::Free if sigma == 0.0 => 1.0,
            Self::Free => sigma,
        }
    }
}
