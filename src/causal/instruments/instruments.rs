//! What is known of each genetic variant: its effects on exposures and on an outcome.

use super::super::pairs::{Pairs, of_usual_size};
use super::Columns;
use crate::linear::Cholesky;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Genetic variants with their effects on one exposure or several and on an outcome; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let exposure = ([0.10, 0.20, 0.15, 0.12], [0.01, 0.02, 0.01, 0.01]);
/// let outcome = ([0.21, 0.39, 0.31, 0.22], [0.02, 0.03, 0.02, 0.03]);
/// let instruments = Instruments::new((&exposure.0, &exposure.1), (&outcome.0, &outcome.1))?;
/// let instruments = instruments.with_ids(["rs1", "rs2", "rs3", "rs4"])?;
/// assert!((causal::ivw(&instruments)?.value() - 2.0).abs() < 0.1);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Instruments {
    data: Arc<Data>,
}

#[derive(Clone, PartialEq)]
struct Data {
    ids: Vec<String>,
    exposures: Vec<Effects>,
    outcome: Effects,
    alleles: Option<Vec<(String, String)>>,
    frequencies: Option<Vec<f64>>,
    correlation: Option<Array2<f64>>,
}

/// The effects of all variants on one trait.
#[derive(Clone, PartialEq)]
pub(super) struct Effects {
    pub(super) name: Arc<str>,
    pub(super) values: Vec<f64>,
    pub(super) errors: Vec<f64>,
    pub(super) sizes: Option<Vec<f64>>,
}

impl Effects {
    pub(super) fn new(name: &str, values: &[f64], errors: &[f64]) -> Result<Self> {
        let argument = |what: &str| format!("{name} {what}");
        let n = values.len();
        if errors.len() != n {
            let expected = format!("({n}), one for each effect");
            return Err(Error::shape(
                &argument("standard errors"),
                expected,
                &[errors.len()],
            ));
        }
        let odd = |value: &&f64| !value.is_finite();
        if let Some(value) = values.iter().find(odd) {
            return Err(Error::value(&argument("effects"), "finite numbers", value));
        }
        let odd = |error: &&f64| !(error.is_finite() && **error > 0.0);
        if let Some(error) = errors.iter().find(odd) {
            let expected = "finite numbers above 0";
            return Err(Error::value(&argument("standard errors"), expected, error));
        }
        of_usual_size(&argument("effects"), values)?;
        of_usual_size(&argument("standard errors"), errors)?;
        Ok(Self {
            name: name.into(),
            values: values.to_vec(),
            errors: errors.to_vec(),
            sizes: None,
        })
    }

    pub(super) fn choose(&self, kept: &[usize]) -> Self {
        let choose = |values: &Vec<f64>| kept.iter().map(|at| values[*at]).collect();
        Self {
            name: Arc::clone(&self.name),
            values: choose(&self.values),
            errors: choose(&self.errors),
            sizes: self.sizes.as_ref().map(choose),
        }
    }

    pub(super) fn with_sizes(&self, sizes: &[f64]) -> Result<Self> {
        let argument = format!("{} sample sizes", self.name);
        if sizes.len() != self.values.len() {
            let expected = format!("({}), one for each variant", self.values.len());
            return Err(Error::shape(&argument, expected, &[sizes.len()]));
        }
        if let Some(size) = sizes
            .iter()
            .find(|size| !(size.is_finite() && **size > 3.0))
        {
            return Err(Error::value(&argument, "numbers above 3", size));
        }
        Ok(Self {
            sizes: Some(sizes.to_vec()),
            ..self.clone()
        })
    }
}

impl Instruments {
    /// Takes effects and their standard errors on an exposure and on an outcome, one of each for every variant.
    ///
    /// Both effects of a variant must be those of the same allele; [`harmonise`](super::harmonise()) sees to it.
    ///
    /// # Errors
    ///
    /// Fails when lengths differ, a number is not finite, or a standard error is not above 0.
    pub fn new(exposure: (&[f64], &[f64]), outcome: (&[f64], &[f64])) -> Result<Self> {
        let exposure = Effects::new("exposure", exposure.0, exposure.1)?;
        let outcome = Effects::new("outcome", outcome.0, outcome.1)?;
        Self::from_effects(vec![exposure], outcome)
    }

    pub(super) fn from_effects(exposures: Vec<Effects>, outcome: Effects) -> Result<Self> {
        let n = outcome.values.len();
        for exposure in &exposures {
            if exposure.values.len() != n {
                let expected = format!("({n}), as many as of {}", outcome.name);
                let argument = format!("{} effects", exposure.name);
                return Err(Error::shape(&argument, expected, &[exposure.values.len()]));
            }
        }
        Ok(Self {
            data: Arc::new(Data {
                ids: (1..=n).map(|number| number.to_string()).collect(),
                exposures,
                outcome,
                alleles: None,
                frequencies: None,
                correlation: None,
            }),
        })
    }

    /// Reads the columns of a table, one row for each variant.
    ///
    /// # Errors
    ///
    /// Fails when a column is missing or holds no numbers, and as [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{causal::{Columns, Instruments}, polars::prelude::df};
    /// # fn main() -> genolens::Result<()> {
    /// let table = df!("snp" => ["rs1", "rs2"], "ldl" => [0.1, 0.2], "ldl_se" => [0.01, 0.01], "chd" => [0.2, 0.4], "chd_se" => [0.05, 0.06])?;
    /// let columns = Columns::new().id("snp").exposure("ldl", "ldl_se").outcome("chd", "chd_se");
    /// let instruments = Instruments::from_frame(&table, &columns)?;
    /// assert_eq!(instruments.ids(), ["rs1", "rs2"]);
    /// # Ok(()) }
    /// ```
    pub fn from_frame(table: &DataFrame, columns: &Columns) -> Result<Self> {
        columns.read(table)
    }

    /// Reads a file of comma-separated or tab-separated values, plain or gzipped, whose first line names the columns.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or has rows of unequal length, and as [`from_frame`](Self::from_frame).
    pub fn open(path: impl AsRef<Path>, columns: &Columns) -> Result<Self> {
        columns.read(&super::read_table(path)?)
    }

    /// Names the variants.
    ///
    /// # Errors
    ///
    /// Fails when there are more or fewer names than variants, or a name comes twice.
    pub fn with_ids<I>(&self, ids: I) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let ids: Vec<String> = ids.into_iter().map(Into::into).collect();
        self.of_length("ids", ids.len())?;
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = ids.iter().find(|id| !seen.insert(id.as_str())) {
            return Err(Error::value(
                "ids",
                "different names",
                format!("`{twice}` twice"),
            ));
        }
        Ok(self.with(|data| data.ids = ids))
    }

    /// Names exposure and outcome.
    pub fn with_names(&self, exposure: &str, outcome: &str) -> Self {
        self.with(|data| {
            if let Some(first) = data.exposures.first_mut() {
                first.name = exposure.into();
            }
            data.outcome.name = outcome.into();
        })
    }

    /// Adds an exposure, for the multivariable methods.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and when there is an exposure of this name.
    pub fn with_exposure(&self, name: &str, effects: &[f64], errors: &[f64]) -> Result<Self> {
        if self.exposures().iter().any(|known| known == name) {
            return Err(Error::value("name", "a new name", format!("`{name}`")));
        }
        self.of_length(&format!("{name} effects"), effects.len())?;
        let exposure = Effects::new(name, effects, errors)?;
        Ok(self.with(|data| data.exposures.push(exposure)))
    }

    /// Notes for each variant the allele whose effects these are, and the other one.
    ///
    /// # Errors
    ///
    /// Fails when there are more or fewer pairs than variants.
    pub fn with_alleles(&self, effect: &[&str], other: &[&str]) -> Result<Self> {
        self.of_length("effect alleles", effect.len())?;
        self.of_length("other alleles", other.len())?;
        let pairs = effect.iter().zip(other);
        let pairs = pairs.map(|(effect, other)| (effect.to_uppercase(), other.to_uppercase()));
        Ok(self.with(|data| data.alleles = Some(pairs.collect())))
    }

    /// Notes how frequent the effect allele of each variant is, from 0 to 1.
    ///
    /// # Errors
    ///
    /// Fails when there are more or fewer than variants, or one is no frequency.
    pub fn with_frequencies(&self, frequencies: &[f64]) -> Result<Self> {
        self.of_length("frequencies", frequencies.len())?;
        if let Some(odd) = frequencies.iter().find(|f| !(0.0..=1.0).contains(*f)) {
            return Err(Error::value("frequencies", "numbers from 0 to 1", odd));
        }
        Ok(self.with(|data| data.frequencies = Some(frequencies.to_vec())))
    }

    /// Notes in how many people the effects on (the first) exposure and on the outcome were measured, variant by variant.
    ///
    /// # Errors
    ///
    /// Fails when there are more or fewer than variants, or one is not above 3.
    pub fn with_sample_sizes(&self, exposure: &[f64], outcome: &[f64]) -> Result<Self> {
        let data = &self.data;
        let first = data.exposures.first().map(|e| e.with_sizes(exposure));
        let (first, outcome) = (first.transpose()?, data.outcome.with_sizes(outcome)?);
        Ok(self.with(|data| {
            if let (Some(known), Some(first)) = (data.exposures.first_mut(), first) {
                *known = first;
            }
            data.outcome = outcome;
        }))
    }

    /// Notes how the variants are correlated (linkage disequilibrium, signed as the effect alleles are), shape `(variants, variants)`.
    ///
    /// # Errors
    ///
    /// Fails when the matrix has another shape, is not symmetric with ones on its diagonal, or is not positive definite.
    pub fn with_correlation(&self, correlation: &Array2<f64>) -> Result<Self> {
        let n = self.len();
        if correlation.dim() != (n, n) {
            let expected = format!("({n}, {n})");
            return Err(Error::shape("correlation", expected, correlation.shape()));
        }
        for ((i, j), value) in correlation.indexed_iter() {
            let expected = if i == j { 1.0 } else { correlation[[j, i]] };
            if !((value - expected).abs() <= 1e-8 && value.abs() <= 1.0 + 1e-8) {
                let expected = "symmetric, with ones on the diagonal and nothing beyond 1";
                let got = format!("{value} in row {}, column {}", i + 1, j + 1);
                return Err(Error::value("correlation", expected, got));
            }
        }
        Cholesky::new(correlation.clone()).ok_or_else(|| {
            Error::value("correlation", "positive definite", "singular or indefinite")
        })?;
        Ok(self.with(|data| data.correlation = Some(correlation.clone())))
    }

    /// Returns the same variants, taken as independent; most methods know nothing else.
    pub fn without_correlation(&self) -> Self {
        self.with(|data| data.correlation = None)
    }

    /// Returns the variants at these places, in this order.
    ///
    /// # Errors
    ///
    /// Fails when there is no variant at a place, or one is chosen twice.
    pub fn choose(&self, places: &[usize]) -> Result<Self> {
        let mut seen = vec![false; self.len()];
        for place in places {
            match seen.get_mut(*place) {
                Some(seen) if !*seen => *seen = true,
                Some(_) => {
                    let got = format!("{place} twice");
                    return Err(Error::value("places", "different places", got));
                }
                None => {
                    let expected = format!("below {}", self.len());
                    return Err(Error::value("places", expected, place));
                }
            }
        }
        Ok(self.chosen(places))
    }

    /// The same for places that are known to be there.
    pub(in super::super) fn chosen(&self, places: &[usize]) -> Self {
        let data = &self.data;
        let square = |values: &Array2<f64>| {
            Array2::from_shape_fn((places.len(), places.len()), |(i, j)| {
                values[[places[i], places[j]]]
            })
        };
        let at = |place: &usize| data.ids[*place].clone();
        Self {
            data: Arc::new(Data {
                ids: places.iter().map(at).collect(),
                exposures: data.exposures.iter().map(|e| e.choose(places)).collect(),
                outcome: data.outcome.choose(places),
                alleles: (data.alleles.as_ref())
                    .map(|alleles| places.iter().map(|at| alleles[*at].clone()).collect()),
                frequencies: (data.frequencies.as_ref())
                    .map(|values| places.iter().map(|at| values[*at]).collect()),
                correlation: data.correlation.as_ref().map(square),
            }),
        }
    }

    /// Returns all variants but one.
    pub(in super::super) fn without(&self, place: usize) -> Self {
        let kept: Vec<usize> = (0..self.len()).filter(|at| *at != place).collect();
        self.chosen(&kept)
    }

    /// Returns how many variants there are.
    pub fn len(&self) -> usize {
        self.data.ids.len()
    }

    /// Tells whether there is no variant.
    pub fn is_empty(&self) -> bool {
        self.data.ids.is_empty()
    }

    /// Returns the names of the variants; numbers from 1 where none were given.
    pub fn ids(&self) -> &[String] {
        &self.data.ids
    }

    /// Returns the names of the exposures.
    pub fn exposures(&self) -> Vec<String> {
        let exposures = self.data.exposures.iter();
        exposures
            .map(|exposure| exposure.name.to_string())
            .collect()
    }

    /// Returns the name of the outcome.
    pub fn outcome(&self) -> &str {
        &self.data.outcome.name
    }

    /// Returns the effects on exposures, shape `(variants, exposures)`.
    pub fn exposure_effects(&self) -> Array2<f64> {
        self.of_exposures(|exposure| &exposure.values)
    }

    /// Returns the standard errors of the effects on exposures, shape `(variants, exposures)`.
    pub fn exposure_errors(&self) -> Array2<f64> {
        self.of_exposures(|exposure| &exposure.errors)
    }

    /// Returns the effects on the outcome, shape `(variants)`.
    pub fn outcome_effects(&self) -> Array1<f64> {
        self.data.outcome.values.clone().into()
    }

    /// Returns the standard errors of the effects on the outcome, shape `(variants)`.
    pub fn outcome_errors(&self) -> Array1<f64> {
        self.data.outcome.errors.clone().into()
    }

    /// Returns the correlation of the variants where it is known, shape `(variants, variants)`.
    pub fn correlation(&self) -> Option<&Array2<f64>> {
        self.data.correlation.as_ref()
    }

    /// Returns a table with one row for each variant: `id`, `effect_allele`, `other_allele` and `frequency` where they are known, and for
    /// every exposure and the outcome the effect and its standard error.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made, as of traits with the same name.
    pub fn table(&self) -> Result<DataFrame> {
        let data = &self.data;
        let mut columns = vec![Column::new("id".into(), &data.ids)];
        if let Some(alleles) = &data.alleles {
            let effect: Vec<&str> = alleles.iter().map(|pair| pair.0.as_str()).collect();
            let other: Vec<&str> = alleles.iter().map(|pair| pair.1.as_str()).collect();
            columns.push(Column::new("effect_allele".into(), effect));
            columns.push(Column::new("other_allele".into(), other));
        }
        if let Some(frequencies) = &data.frequencies {
            columns.push(Column::new("frequency".into(), frequencies));
        }
        for effects in data.exposures.iter().chain([&data.outcome]) {
            columns.push(Column::new((&*effects.name).into(), &effects.values));
            let name = format!("{} standard error", effects.name);
            columns.push(Column::new(name.into(), &effects.errors));
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }

    /// The numbers of the only exposure and of the outcome.
    pub(in super::super) fn pairs(&self) -> Result<Pairs<'_>> {
        let [exposure] = &self.data.exposures[..] else {
            let got = format!("{} exposures", self.data.exposures.len());
            return Err(Error::value("instruments", "one exposure", got));
        };
        let outcome = &self.data.outcome;
        Ok(Pairs {
            bx: &exposure.values,
            sx: &exposure.errors,
            by: &outcome.values,
            sy: &outcome.errors,
        })
    }

    /// The same of variants that are taken as independent.
    pub(in super::super) fn independent_pairs(&self) -> Result<Pairs<'_>> {
        if self.correlation().is_some() {
            let expected = "uncorrelated variants, as from `without_correlation`; `ivw` and `egger` know correlations";
            return Err(Error::value("instruments", expected, "correlated ones"));
        }
        self.pairs()
    }

    pub(in super::super) fn outcome_pairs(&self) -> (&[f64], &[f64]) {
        (&self.data.outcome.values, &self.data.outcome.errors)
    }

    /// The sample sizes of the only exposure and the outcome.
    pub(in super::super) fn sizes(&self) -> Option<(&[f64], &[f64])> {
        let exposure = self.data.exposures.first()?.sizes.as_deref()?;
        Some((exposure, self.data.outcome.sizes.as_deref()?))
    }

    /// The name of an exposure, which estimates carry.
    pub(in super::super) fn exposure_name(&self, place: usize) -> Arc<str> {
        let exposure = self.data.exposures.get(place);
        exposure.map_or_else(|| "exposure".into(), |exposure| Arc::clone(&exposure.name))
    }

    fn of_exposures(&self, what: impl Fn(&Effects) -> &Vec<f64>) -> Array2<f64> {
        let exposures = &self.data.exposures;
        Array2::from_shape_fn((self.len(), exposures.len()), |(i, j)| {
            what(&exposures[j])[i]
        })
    }

    fn of_length(&self, argument: &str, got: usize) -> Result<()> {
        if got == self.len() {
            return Ok(());
        }
        let expected = format!("({}), one for each variant", self.len());
        Err(Error::shape(argument, expected, &[got]))
    }

    fn with(&self, change: impl FnOnce(&mut Data)) -> Self {
        let mut data = Data::clone(&self.data);
        change(&mut data);
        Self {
            data: Arc::new(data),
        }
    }
}

impl fmt::Debug for Instruments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = &self.data;
        let exposures = self.exposures().join(", ");
        let correlated = if data.correlation.is_some() {
            ", correlated"
        } else {
            ""
        };
        write!(
            f,
            "Instruments({} variants, {exposures} on {}{correlated})",
            self.len(),
            data.outcome.name
        )
    }
}
