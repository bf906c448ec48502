//! Defaults of other programs.

/// A set of defaults that estimators can take from the R packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The package `MendelianRandomization`, 0.10.
    MendelianRandomization,
    /// The package `TwoSampleMR`, 0.6.
    TwoSampleMr,
}
