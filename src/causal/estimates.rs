//! Many estimates as one table.

use super::Estimate;
use crate::{Error, Result};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// Estimates of several methods, of one method for several variants or without each of them, or of several exposures; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Estimates {
    rows: Arc<[(Option<String>, Estimate)]>,
}

/// What every estimate has, and what some have.
type Always = fn(&Estimate) -> f64;
type Sometimes = fn(&Estimate) -> Option<f64>;

/// Puts the estimates of several methods into one table.
impl FromIterator<Estimate> for Estimates {
    fn from_iter<I: IntoIterator<Item = Estimate>>(estimates: I) -> Self {
        Self::new(
            estimates
                .into_iter()
                .map(|estimate| (None, estimate))
                .collect(),
        )
    }
}

impl Estimates {
    pub(super) fn new(rows: Vec<(Option<String>, Estimate)>) -> Self {
        Self { rows: rows.into() }
    }

    /// Returns how many estimates there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there is no estimate.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Estimate> {
        self.rows.iter().map(|row| &row.1)
    }

    /// Returns an estimate by its place.
    ///
    /// # Errors
    ///
    /// Fails when there are fewer.
    pub fn get(&self, place: usize) -> Result<Estimate> {
        let row = self.rows.get(place);
        row.map(|row| row.1.clone())
            .ok_or_else(|| Error::value("place", format!("below {}", self.len()), place))
    }

    /// Returns the estimate of a method, of the variant with this name, or of an exposure, whichever bears the name first.
    ///
    /// # Errors
    ///
    /// Fails when there is none.
    pub fn named(&self, name: &str) -> Result<Estimate> {
        let bears = |(variant, estimate): &&(Option<String>, Estimate)| {
            variant.as_deref() == Some(name)
                || estimate.method() == name
                || estimate.exposure() == name
        };
        let found = self.rows.iter().find(bears);
        found.map(|row| row.1.clone()).ok_or_else(|| {
            let names: Vec<&str> = self
                .rows
                .iter()
                .map(|(variant, estimate)| variant.as_deref().unwrap_or(estimate.method()))
                .collect();
            let expected = match names.len() {
                0 => "an estimate, of which there is none".into(),
                _ => format!("one of: {}", names.join(", ")),
            };
            Error::value("name", expected, format!("`{name}`"))
        })
    }

    /// Returns the variants that the estimates are of, or without; empty where they are of all.
    pub fn variants(&self) -> Vec<String> {
        self.rows.iter().filter_map(|row| row.0.clone()).collect()
    }

    /// Returns a table with one row for each estimate: `variant` (where there is one of or without each), `method`, `exposure`, `variants`,
    /// `estimate`, `standard_error`, `lower` and `upper` (95 %), `p_value`, and what some methods have besides: `intercept`,
    /// `intercept_error`, `intercept_p`, `residual_error`, `q`, `q_freedom`, `q_p` and `spread`.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let estimates = || self.iter();
        let mut columns = Vec::new();
        if self.rows.iter().any(|row| row.0.is_some()) {
            let variants: Vec<Option<&str>> =
                self.rows.iter().map(|row| row.0.as_deref()).collect();
            columns.push(Column::new("variant".into(), variants));
        }
        let methods: Vec<&str> = estimates().map(Estimate::method).collect();
        let exposures: Vec<&str> = estimates().map(Estimate::exposure).collect();
        let counts: Vec<u64> = estimates().map(|e| e.variants() as u64).collect();
        columns.push(Column::new("method".into(), methods));
        columns.push(Column::new("exposure".into(), exposures));
        columns.push(Column::new("variants".into(), counts));
        let always: [(&str, Always); 5] = [
            ("estimate", Estimate::value),
            ("standard_error", Estimate::standard_error),
            ("lower", |e| e.interval().0),
            ("upper", |e| e.interval().1),
            ("p_value", Estimate::p_value),
        ];
        for (name, value) in always {
            let values: Vec<f64> = estimates().map(value).collect();
            columns.push(Column::new(name.into(), values));
        }
        let sometimes: [(&str, Sometimes); 8] = [
            ("intercept", |e| Some(e.intercept()?.value())),
            ("intercept_error", |e| Some(e.intercept()?.standard_error())),
            ("intercept_p", |e| Some(e.intercept()?.p_value())),
            ("residual_error", Estimate::residual_error),
            ("q", |e| Some(e.heterogeneity()?.q())),
            ("q_freedom", |e| Some(e.heterogeneity()?.freedom())),
            ("q_p", |e| Some(e.heterogeneity()?.p_value())),
            ("spread", Estimate::spread),
        ];
        for (name, value) in sometimes {
            let values: Vec<Option<f64>> = estimates().map(value).collect();
            if values.iter().any(Option::is_some) {
                columns.push(Column::new(name.into(), values));
            }
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }
}

impl fmt::Debug for Estimates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
