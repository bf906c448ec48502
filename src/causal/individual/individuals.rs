//! What is known of every individual.

use crate::causal::pairs::of_usual_size;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use std::fmt;
use std::sync::Arc;

/// The fewest individuals that anything is estimated from.
const FEWEST: usize = 10;

/// Exposure, outcome, instruments and covariates of individuals, one row each; cheap to clone.
///
/// An instrument changes the exposure, has nothing to do with what confounds exposure and outcome, and changes the outcome by the exposure
/// only. Covariates may change everything.
///
/// # Examples
///
/// ```
/// use genolens::{causal::Individuals, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let z = Array2::from_shape_fn((20, 1), |(row, _)| (row % 3) as f64);
/// let exposure: Vec<f64> = (0..20).map(|row| (row % 3) as f64 + (row % 7) as f64).collect();
/// let outcome: Vec<f64> = (0..20).map(|row| 2.0 * exposure[row] - 5.0 * (row % 7) as f64).collect();
/// let people = Individuals::new(&exposure, &outcome, &z)?;
/// assert_eq!(people.len(), 20);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Individuals {
    pub(super) exposure: Arc<Array1<f64>>,
    pub(super) outcome: Arc<Array1<f64>>,
    pub(super) instruments: Arc<Array2<f64>>,
    pub(super) covariates: Arc<Array2<f64>>,
    /// The group of every row, numbered from 0.
    pub(super) groups: Arc<[usize]>,
}

impl Individuals {
    /// Takes exposure and outcome, shape `(n)`, and instruments, shape `(n, instruments)`.
    ///
    /// # Errors
    ///
    /// Fails for fewer than ten rows or different numbers of rows, without an instrument, for a number that is not finite, and for a column
    /// whose numbers are all the same.
    pub fn new(exposure: &[f64], outcome: &[f64], instruments: &Array2<f64>) -> Result<Self> {
        let n = exposure.len();
        if n < FEWEST {
            let expected = format!("({FEWEST}) or more");
            return Err(Error::shape("exposure", expected, &[n]));
        }
        if outcome.len() != n {
            let expected = format!("({n}) as the exposure");
            return Err(Error::shape("outcome", expected, &[outcome.len()]));
        }
        if instruments.nrows() != n || instruments.ncols() == 0 {
            let expected = format!("({n}, instruments), at least 1 instrument");
            return Err(Error::shape("instruments", expected, instruments.shape()));
        }
        let (exposure, outcome) = (exposure.to_vec().into(), outcome.to_vec().into());
        check("exposure", &exposure)?;
        check("outcome", &outcome)?;
        check_columns("instruments", instruments)?;
        Ok(Self {
            exposure: Arc::new(exposure),
            outcome: Arc::new(outcome),
            instruments: Arc::new(instruments.clone()),
            covariates: Arc::new(Array2::zeros((n, 0))),
            groups: (0..n).collect(),
        })
    }

    /// Adds covariates, shape `(n, covariates)`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_covariates(&self, covariates: &Array2<f64>) -> Result<Self> {
        if covariates.nrows() != self.len() {
            let expected = format!("({}, covariates)", self.len());
            return Err(Error::shape("covariates", expected, covariates.shape()));
        }
        check_columns("covariates", covariates)?;
        Ok(Self {
            covariates: Arc::new(covariates.clone()),
            ..self.clone()
        })
    }

    /// Names the group of every row, such as a family: rows of one group are held out, and drawn again, together by
    /// [`DeepIv`](super::DeepIv).
    ///
    /// # Errors
    ///
    /// Fails when there is not one number per row, or fewer than ten groups.
    pub fn with_groups(&self, groups: &[usize]) -> Result<Self> {
        if groups.len() != self.len() {
            let expected = format!("({}), one for each row", self.len());
            return Err(Error::shape("groups", expected, &[groups.len()]));
        }
        let mut known = groups.to_vec();
        known.sort_unstable();
        known.dedup();
        if known.len() < FEWEST {
            let expected = format!("of {FEWEST} kinds or more");
            return Err(Error::value(
                "groups",
                expected,
                format!("of {}", known.len()),
            ));
        }
        let place = |group: &usize| known.partition_point(|other| other < group);
        Ok(Self {
            groups: groups.iter().map(place).collect(),
            ..self.clone()
        })
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.exposure.len()
    }

    /// Tells whether there is no row; there always are ten.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the exposures, shape `(n)`.
    pub fn exposure(&self) -> &Array1<f64> {
        &self.exposure
    }

    /// Returns the outcomes, shape `(n)`.
    pub fn outcome(&self) -> &Array1<f64> {
        &self.outcome
    }

    /// Returns the instruments, shape `(n, instruments)`.
    pub fn instruments(&self) -> &Array2<f64> {
        &self.instruments
    }

    /// Returns the covariates, shape `(n, covariates)`.
    pub fn covariates(&self) -> &Array2<f64> {
        &self.covariates
    }
}

fn check_columns(name: &str, columns: &Array2<f64>) -> Result<()> {
    for (at, column) in columns.axis_iter(Axis(1)).enumerate() {
        check(&format!("{name}, column {at}"), &column.to_owned())?;
    }
    Ok(())
}

fn check(name: &str, values: &Array1<f64>) -> Result<()> {
    if let Some(row) = values.iter().position(|value| !value.is_finite()) {
        let got = format!("{} in row {row}", values[row]);
        return Err(Error::value(name, "finite", got));
    }
    of_usual_size(name, &values.to_vec())?;
    if values.iter().all(|value| *value == values[0]) {
        let got = format!("{} everywhere", values[0]);
        return Err(Error::value(name, "numbers that differ", got));
    }
    Ok(())
}

impl fmt::Debug for Individuals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Individuals({}, {} instruments, {} covariates)",
            self.len(),
            self.instruments.ncols(),
            self.covariates.ncols()
        )
    }
}
