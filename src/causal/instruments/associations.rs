//! Effects of variants on one trait, with their alleles, before two traits are put together.

use super::frame;
use super::instruments::Effects;
use crate::{Error, Result};
use polars::prelude::DataFrame;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The effects of variants on one trait, with alleles; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::{causal::{Associations, AssociationColumns}, polars::prelude::df};
/// # fn main() -> genolens::Result<()> {
/// let table = df!("SNP" => ["rs1"], "beta" => [0.1], "se" => [0.01], "effect_allele" => ["A"], "other_allele" => ["G"], "eaf" => [0.3])?;
/// let ldl = Associations::from_frame("LDL", &table, &AssociationColumns::new())?;
/// assert_eq!(ldl.len(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Associations {
    pub(super) data: Arc<Data>,
}

#[derive(PartialEq)]
pub(super) struct Data {
    pub(super) ids: Vec<String>,
    pub(super) effects: Effects,
    pub(super) alleles: Vec<(String, String)>,
    /// Frequencies of the effect allele; not a number where unknown.
    pub(super) frequencies: Vec<f64>,
}

/// Names of the columns of a table of effects on one trait: `SNP`, `beta`, `se`, `effect_allele`, `other_allele`, and where they are
/// present `eaf` and `samplesize`.
#[derive(Clone, Debug, PartialEq)]
pub struct AssociationColumns {
    id: String,
    effect: String,
    error: String,
    alleles: (String, String),
    frequency: Option<String>,
    size: Option<String>,
}

impl Default for AssociationColumns {
    fn default() -> Self {
        Self {
            id: "SNP".into(),
            effect: "beta".into(),
            error: "se".into(),
            alleles: ("effect_allele".into(), "other_allele".into()),
            frequency: None,
            size: None,
        }
    }
}

impl AssociationColumns {
    /// Names the usual columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the column of the names of variants.
    pub fn id(mut self, column: &str) -> Self {
        self.id = column.into();
        self
    }

    /// Names the columns of the effects and their standard errors.
    pub fn effects(mut self, effect: &str, error: &str) -> Self {
        (self.effect, self.error) = (effect.into(), error.into());
        self
    }

    /// Names the columns of the alleles.
    pub fn alleles(mut self, effect: &str, other: &str) -> Self {
        self.alleles = (effect.into(), other.into());
        self
    }

    /// Names the column of the frequency of the effect allele.
    pub fn frequency(mut self, column: &str) -> Self {
        self.frequency = Some(column.into());
        self
    }

    /// Names the column of sample sizes.
    pub fn sample_size(mut self, column: &str) -> Self {
        self.size = Some(column.into());
        self
    }
}

impl Associations {
    /// Reads the columns of a table, one row for each variant.
    ///
    /// # Errors
    ///
    /// Fails when a column is missing or holds no numbers, a variant comes twice, a number is not finite, a standard error is not above 0
    /// or a frequency not from 0 to 1 (missing ones are allowed).
    pub fn from_frame(name: &str, table: &DataFrame, columns: &AssociationColumns) -> Result<Self> {
        let ids = frame::texts(table, &columns.id)?;
        let mut seen = HashSet::new();
        if let Some(twice) = ids.iter().find(|id| !seen.insert(id.as_str())) {
            let argument = format!("column {}", columns.id);
            return Err(Error::value(
                &argument,
                "different names",
                format!("`{twice}` twice"),
            ));
        }
        let values = frame::numbers(table, &columns.effect)?;
        let mut effects = Effects::new(name, &values, &frame::numbers(table, &columns.error)?)?;
        let present = |given: &Option<String>, usual: &str| match given {
            Some(given) => Some(given.clone()),
            None => table.column(usual).is_ok().then(|| usual.into()),
        };
        if let Some(size) = present(&columns.size, "samplesize") {
            effects = effects.with_sizes(&frame::numbers(table, &size)?)?;
        }
        let frequencies = match present(&columns.frequency, "eaf") {
            Some(column) => frame::optional_numbers(table, &column)?,
            None => vec![f64::NAN; ids.len()],
        };
        let odd = |frequency: &&f64| !(frequency.is_nan() || (0.0..=1.0).contains(*frequency));
        if let Some(odd) = frequencies.iter().find(odd) {
            return Err(Error::value("frequencies", "numbers from 0 to 1", odd));
        }
        let upper = |column: &str| -> Result<Vec<String>> {
            let texts = frame::texts(table, column)?;
            Ok(texts.iter().map(|text| text.to_uppercase()).collect())
        };
        let (effect, other) = (upper(&columns.alleles.0)?, upper(&columns.alleles.1)?);
        Ok(Self {
            data: Arc::new(Data {
                ids,
                effects,
                alleles: effect.into_iter().zip(other).collect(),
                frequencies,
            }),
        })
    }

    /// Reads a file of comma-separated or tab-separated values, plain or gzipped.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or has rows of unequal length, and as [`from_frame`](Self::from_frame).
    pub fn open(name: &str, path: impl AsRef<Path>, columns: &AssociationColumns) -> Result<Self> {
        Self::from_frame(name, &frame::read_table(path)?, columns)
    }

    /// Returns how many variants there are.
    pub fn len(&self) -> usize {
        self.data.ids.len()
    }

    /// Tells whether there is no variant.
    pub fn is_empty(&self) -> bool {
        self.data.ids.is_empty()
    }

    /// Returns the name of the trait.
    pub fn name(&self) -> &str {
        &self.data.effects.name
    }

    /// Returns the names of the variants.
    pub fn ids(&self) -> &[String] {
        &self.data.ids
    }
}

impl fmt::Debug for Associations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Associations({}, {} variants)", self.name(), self.len())
    }
}
