//! One difference from a genome.

use super::{Alphabet, legal};
use crate::{Error, Result};
use std::fmt;

/// Letters of a genome that are other letters in someone, as a line of VCF says it.
///
/// # Examples
///
/// ```
/// use genolens::sequence::Variant;
/// # fn main() -> genolens::Result<()> {
/// let variant = Variant::new(("chr8", 1001), "a", "AGT")?.named("rs1");
/// assert_eq!(variant.to_string(), "chr8:1001:A>AGT");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    chromosome: String,
    position: u64,
    id: String,
    reference: String,
    alternative: String,
}

impl Variant {
    /// Takes chromosome and position (counted from 1, of the first letter of the reference), the letters there, and those instead.
    ///
    /// # Errors
    ///
    /// Fails when the position is 0, or a text is empty or has letters other than `ACGTN`.
    pub fn new(
        (chromosome, position): (&str, u64),
        reference: &str,
        alternative: &str,
    ) -> Result<Self> {
        if position == 0 {
            return Err(Error::value("position", "at least 1", 0));
        }
        let text = |argument, letters| -> Result<String> {
            let letters = legal(Alphabet::Dna, argument, letters)?;
            Ok(letters.into_iter().map(char::from).collect())
        };
        Ok(Self {
            chromosome: chromosome.into(),
            position,
            id: ".".into(),
            reference: text("reference", reference)?,
            alternative: text("alternative", alternative)?,
        })
    }

    /// Returns the same variant with another id.
    pub fn named(self, id: &str) -> Self {
        Self {
            id: id.into(),
            ..self
        }
    }

    /// Returns the name of the chromosome.
    pub fn chromosome(&self) -> &str {
        &self.chromosome
    }

    /// Returns the position of the first letter of the reference, counted from 1.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Returns the id, a point where there is none.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the letters of the genome, in upper case.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Returns the letters instead, in upper case.
    pub fn alternative(&self) -> &str {
        &self.alternative
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reference, alternative) = (&self.reference, &self.alternative);
        let (chromosome, position) = (&self.chromosome, self.position);
        write!(f, "{chromosome}:{position}:{reference}>{alternative}")
    }
}
