//! Several methods side by side.

use super::{
    Egger, Estimates, Estimator, Instruments, Ivw, Median, MedianKind, Mode, Preset, wald_ratios,
};
use crate::Result;
use crate::progress::Task;
use crate::random::Seed;

/// Estimates an effect by the methods that err differently: inverse-variance weighting, MR-Egger, weighted median and weighted mode.
/// Where they agree, there is something to believe.
///
/// With two variants there is inverse-variance weighting alone, with one the ratio. Of correlated variants only inverse-variance weighting
/// and MR-Egger are asked, which know what to do about it.
///
/// # Errors
///
/// Fails when there is no variant, as the methods, and when the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.1, 0.2, 0.3, 0.4], [0.21, 0.39, 0.62, 0.8]);
/// let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4]))?;
/// let all = causal::mendelian_randomization(&instruments)?;
/// assert_eq!(all.table()?.height(), 4);
/// assert!((all.named("weighted median")?.value() - 2.0).abs() < 0.1);
/// # Ok(()) }
/// ```
pub fn mendelian_randomization(instruments: &Instruments) -> Result<Estimates> {
    MendelianRandomization::new().run(instruments)
}

/// Several methods side by side, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MendelianRandomization {
    preset: Option<Preset>,
    seed: Option<Seed>,
}

impl MendelianRandomization {
    /// Asks for the methods of [`mendelian_randomization`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the methods of a package with its defaults: simple and weighted median, inverse-variance weighting and MR-Egger, or
    /// MR-Egger, weighted median, inverse-variance weighting, simple and weighted mode.
    pub fn preset(preset: Preset) -> Self {
        Self {
            preset: Some(preset),
            ..Self::new()
        }
    }

    /// Sets the seed of the bootstrap draws.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = Some(seed.into());
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`mendelian_randomization`].
    pub fn run(&self, instruments: &Instruments) -> Result<Estimates> {
        let preset = self.preset.unwrap_or(Preset::MendelianRandomization);
        let ivw = Ivw::preset(preset);
        match instruments.len() {
            1 => return wald_ratios(instruments, super::Weights::Simple),
            0 | 2 => return Ok(Estimates::new(vec![(None, ivw.run(instruments)?)])),
            _ => {}
        }
        let seeded = |median: Median| self.seed.map_or(median.clone(), |seed| median.seed(seed));
        let seeded_mode = |mode: Mode| self.seed.map_or(mode.clone(), |seed| mode.seed(seed));
        let median = |kind| Box::new(seeded(Median::preset(preset).kind(kind)));
        let egger = Box::new(Egger::preset(preset));
        let methods: Vec<Box<dyn Estimator>> = match self.preset {
            _ if instruments.correlation().is_some() => vec![Box::new(ivw), egger],
            None => vec![
                Box::new(ivw),
                egger,
                median(MedianKind::Weighted),
                Box::new(seeded_mode(Mode::new())),
            ],
            Some(Preset::MendelianRandomization) => vec![
                median(MedianKind::Simple),
                median(MedianKind::Weighted),
                Box::new(ivw),
                egger,
            ],
            Some(Preset::TwoSampleMr) => vec![
                egger,
                median(MedianKind::Weighted),
                Box::new(ivw),
                Box::new(seeded_mode(Mode::preset(preset).simple(true))),
                Box::new(seeded_mode(Mode::preset(preset))),
            ],
        };
        let mut task = Task::new("Mendelian randomisation", methods.len());
        let mut rows = Vec::with_capacity(methods.len());
        for method in methods {
            let found = method.estimate(instruments)?;
            task.step(found.method())?;
            rows.push((None, found));
        }
        Ok(Estimates::new(rows))
    }
}
