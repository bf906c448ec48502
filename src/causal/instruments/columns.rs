//! Which columns of a table say what of the variants.

use super::instruments::Effects;
use super::{Instruments, frame};
use crate::{Error, Result};
use polars::prelude::DataFrame;

/// Names of the columns of a table of variants, with those of `TwoSampleMR` as defaults: `SNP`, `beta.exposure`, `se.exposure`,
/// `beta.outcome`, `se.outcome`, `effect_allele.exposure`, `other_allele.exposure` and `eaf.exposure`.
///
/// Columns that are not named may be absent, apart from the effects and their standard errors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    id: Option<String>,
    exposures: Vec<(String, String)>,
    outcome: Option<(String, String)>,
    alleles: Option<(String, String)>,
    frequency: Option<String>,
    sizes: Option<(String, String)>,
}

impl Columns {
    /// Names the columns of `TwoSampleMR`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the column of the names of variants.
    pub fn id(mut self, column: &str) -> Self {
        self.id = Some(column.into());
        self
    }

    /// Names the columns of the effects on an exposure, which is called like the first one; once for each exposure.
    pub fn exposure(mut self, effect: &str, error: &str) -> Self {
        self.exposures.push((effect.into(), error.into()));
        self
    }

    /// Names the columns of the effects on the outcome, which is called like the first one.
    pub fn outcome(mut self, effect: &str, error: &str) -> Self {
        self.outcome = Some((effect.into(), error.into()));
        self
    }

    /// Names the columns of the alleles.
    pub fn alleles(mut self, effect: &str, other: &str) -> Self {
        self.alleles = Some((effect.into(), other.into()));
        self
    }

    /// Names the column of the frequency of the effect allele.
    pub fn frequency(mut self, column: &str) -> Self {
        self.frequency = Some(column.into());
        self
    }

    /// Names the columns of the sample sizes of exposure and outcome.
    pub fn sample_sizes(mut self, exposure: &str, outcome: &str) -> Self {
        self.sizes = Some((exposure.into(), outcome.into()));
        self
    }

    pub(super) fn read(&self, table: &DataFrame) -> Result<Instruments> {
        let named = |pair: &Option<(String, String)>, usual: (&str, &str)| match pair {
            Some(pair) => Some(pair.clone()),
            None if [usual.0, usual.1]
                .iter()
                .all(|name| table.column(name).is_ok()) =>
            {
                Some((usual.0.into(), usual.1.into()))
            }
            None => None,
        };
        let named_one = |one: &Option<String>, usual: &str| match one {
            Some(one) => Some(one.clone()),
            None => table.column(usual).is_ok().then(|| usual.into()),
        };
        let effects = |pair: &(String, String), name: &str| {
            let values = frame::numbers(table, &pair.0)?;
            Effects::new(name, &values, &frame::numbers(table, &pair.1)?)
        };
        let exposures = if self.exposures.is_empty() {
            let usual = ("beta.exposure".to_owned(), "se.exposure".to_owned());
            vec![effects(&usual, "exposure")?]
        } else {
            let name = |at: usize| &self.exposures[at].0;
            if let Some(twice) =
                (1..self.exposures.len()).find(|at| (0..*at).any(|other| name(other) == name(*at)))
            {
                let got = format!("`{}` twice", name(twice));
                return Err(Error::value("exposure", "columns of different names", got));
            }
            let exposures = self.exposures.iter().map(|pair| effects(pair, &pair.0));
            exposures.collect::<Result<_>>()?
        };
        let outcome = match &self.outcome {
            Some(pair) => effects(pair, &pair.0)?,
            None => effects(&("beta.outcome".into(), "se.outcome".into()), "outcome")?,
        };
        let mut found = Instruments::from_effects(exposures, outcome)?;
        if let Some(id) = named_one(&self.id, "SNP") {
            found = found.with_ids(frame::texts(table, &id)?)?;
        }
        let usual = ("effect_allele.exposure", "other_allele.exposure");
        if let Some((effect, other)) = named(&self.alleles, usual) {
            let (effect, other) = (frame::texts(table, &effect)?, frame::texts(table, &other)?);
            let effect: Vec<&str> = effect.iter().map(String::as_str).collect();
            let other: Vec<&str> = other.iter().map(String::as_str).collect();
            found = found.with_alleles(&effect, &other)?;
        }
        if let Some(frequency) = named_one(&self.frequency, "eaf.exposure") {
            found = found.with_frequencies(&frame::numbers(table, &frequency)?)?;
        }
        let usual = ("samplesize.exposure", "samplesize.outcome");
        if let Some((exposure, outcome)) = named(&self.sizes, usual) {
            let exposure = frame::numbers(table, &exposure)?;
            found = found.with_sample_sizes(&exposure, &frame::numbers(table, &outcome)?)?;
        }
        Ok(found)
    }
}
