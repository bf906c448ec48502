//! Dimensions of two codes, side by side.

use crate::{Error, Input, Result};
use ndarray::{Array1, Array2};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Rows and columns of products, paired.
#[derive(Debug)]
pub(super) struct Matched {
    pub(super) products: Array2<f64>,
    pub(super) partners: Vec<usize>,
}

impl Matched {
    pub(super) fn len(&self) -> usize {
        self.partners.len()
    }

    fn values(&self) -> Array1<f64> {
        let pairs = self.partners.iter().enumerate();
        pairs
            .map(|(row, &column)| self.products[[row, column]])
            .collect()
    }

    pub(super) fn sizes(&self) -> Array1<f64> {
        self.values().mapv_into(f64::abs)
    }
}

/// How far a dimension of a code and its partner are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// They correlate more than those of codes that are rotated at random, and of shuffled cells.
    Same,
    /// They correlate more than those of shuffled cells, but no more than those of rotated codes: both codes know the same of cells, and say
    /// it along other directions.
    Rotated,
    /// They correlate no more than those of shuffled cells, or one of them does not vary.
    Chance,
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Same => "the same",
            Self::Rotated => "no more than rotated codes",
            Self::Chance => "no more than shuffled cells",
        })
    }
}

/// Which dimension of one code is which of another, and how sure that is; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct CodeMatch {
    correlations: Arc<Array2<f64>>,
    partners: Arc<[usize]>,
    shuffled: Arc<Array1<f64>>,
    rotated: Arc<Array1<f64>>,
    agreement: Arc<[Agreement]>,
    level: f64,
}

impl CodeMatch {
    pub(super) fn new(
        found: Matched,
        (shuffled, rotated): (Array1<f64>, Array1<f64>),
        level: f64,
    ) -> Self {
        let agreement = (found.sizes().iter().zip(&shuffled).zip(&rotated))
            .map(|((&size, &shuffled), &rotated)| {
                // What equals a draw but for rounding is not above it.
                let above = |level: f64| size > level + 1e-9;
                if !above(shuffled) {
                    Agreement::Chance
                } else if rotated.is_nan() || above(rotated) {
                    Agreement::Same
                } else {
                    Agreement::Rotated
                }
            })
            .collect();
        Self {
            correlations: Arc::new(found.products),
            partners: found.partners.into(),
            shuffled: Arc::new(shuffled),
            rotated: Arc::new(rotated),
            agreement,
            level,
        }
    }

    /// Returns how many dimensions each code has.
    pub fn len(&self) -> usize {
        self.partners.len()
    }

    /// Tells whether there is no dimension, which never is.
    pub fn is_empty(&self) -> bool {
        self.partners.is_empty()
    }

    /// Returns for every dimension of the reference the one of the codes that is most like it.
    pub fn partners(&self) -> &[usize] {
        &self.partners
    }

    /// Returns the correlation of every dimension of the reference with its partner: below 0 where the partner has the other sign.
    pub fn correlations(&self) -> Array1<f64> {
        let pairs = self.partners.iter().enumerate();
        pairs
            .map(|(row, &at)| self.correlations[[row, at]])
            .collect()
    }

    /// Returns the correlations of all dimensions of the reference (down) with all of the codes (across).
    pub fn all_correlations(&self) -> &Array2<f64> {
        &self.correlations
    }

    /// Returns the size of the correlation that is reached with shuffled cells as often as the level allows.
    pub fn shuffled(&self) -> &Array1<f64> {
        &self.shuffled
    }

    /// Returns the size of the correlation that is reached with rotated codes as often as the level allows; NaN for a code of one direction,
    /// which cannot be rotated.
    pub fn rotated(&self) -> &Array1<f64> {
        &self.rotated
    }

    /// Returns how far every dimension of the reference and its partner are the same.
    pub fn agreement(&self) -> &[Agreement] {
        &self.agreement
    }

    /// Returns how many dimensions of the reference are the same as their partners.
    pub fn same(&self) -> usize {
        let all = self.agreement.iter();
        all.filter(|&&at| at == Agreement::Same).count()
    }

    /// Returns how often a dimension that means nothing passes.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Returns the sign of every partner: -1 where it has to be turned round.
    pub fn signs(&self) -> Array1<f64> {
        let sign = |correlation: f64| if correlation < 0.0 { -1.0 } else { 1.0 };
        self.correlations().mapv_into(sign)
    }

    /// Puts codes, shape `(cells, dimensions)`, into the order of the reference and turns them round where the sign is another. Dimensions that
    /// do not [agree](Self::agreement) are put somewhere, too.
    ///
    /// # Errors
    ///
    /// Fails for another number of dimensions.
    pub fn aligned(&self, codes: &dyn Input) -> Result<Array2<f32>> {
        let codes = codes.array()?;
        match codes.shape() {
            &[cells, dimensions] if dimensions == self.len() => {
                let signs = self.signs();
                Ok(Array2::from_shape_fn((cells, dimensions), |(cell, at)| {
                    signs[at] as f32 * codes[[cell, self.partners[at]]]
                }))
            }
            other => {
                let expected = format!("(cells, {})", self.len());
                Err(Error::shape("codes", expected, other))
            }
        }
    }

    /// Returns one row for each dimension of the reference: `dimension`, `partner`, `correlation`, `shuffled`, `rotated` and `agreement`.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn table(&self) -> Result<DataFrame> {
        let numbers = |of: &[usize]| of.iter().map(|&at| at as u64).collect::<Vec<_>>();
        let said = self.agreement.iter().map(ToString::to_string);
        Ok(df!(
            "dimension" => numbers(&(0..self.len()).collect::<Vec<_>>()),
            "partner" => numbers(&self.partners),
            "correlation" => self.correlations().to_vec(),
            "shuffled" => self.shuffled.to_vec(),
            "rotated" => self.rotated.to_vec(),
            "agreement" => said.collect::<Vec<_>>(),
        )?)
    }
}

impl fmt::Debug for CodeMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (same, all) = (self.same(), self.len());
        write!(f, "CodeMatch({same} of {all} dimensions the same)")
    }
}

impl fmt::Display for CodeMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chance = 100.0 * self.level;
        write!(
            f,
            "dimension partner correlation shuffled  rotated  (which {chance} % reach by chance)"
        )?;
        let correlations = self.correlations();
        for (at, agreement) in self.agreement.iter().enumerate() {
            let (partner, correlation) = (self.partners[at], correlations[at]);
            write!(f, "\n{at:>9} {partner:>7} {correlation:>11.3}")?;
            for level in [self.shuffled[at], self.rotated[at]] {
                if level.is_nan() {
                    write!(f, " {:>8}", "-")?;
                } else {
                    write!(f, " {level:>8.3}")?;
                }
            }
            write!(f, "  {agreement}")?;
        }
        Ok(())
    }
}
