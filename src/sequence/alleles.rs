//! Windows of a genome with and without variants.

use super::{Sequences, Variants};
use std::fmt;

/// Pairs of windows, as the genome is and with a variant, all of one length; cheap to clone.
#[derive(Clone)]
pub struct Alleles {
    variants: Variants,
    reference: Sequences,
    alternative: Sequences,
    left_out: usize,
}

impl Alleles {
    pub(super) fn new(
        variants: Variants,
        (reference, alternative): (Sequences, Sequences),
        left_out: usize,
    ) -> Self {
        Self {
            variants,
            reference,
            alternative,
            left_out,
        }
    }

    /// Returns how many pairs there are.
    pub fn len(&self) -> usize {
        self.variants.len()
    }

    /// Tells whether there is no pair, which no cutting gives.
    pub fn is_empty(&self) -> bool {
        self.variants.is_empty()
    }

    /// Returns the variants, one for each pair.
    pub fn variants(&self) -> &Variants {
        &self.variants
    }

    /// Returns the windows as the genome is.
    pub fn reference(&self) -> &Sequences {
        &self.reference
    }

    /// Returns the windows with the variants.
    pub fn alternative(&self) -> &Sequences {
        &self.alternative
    }

    /// Returns how many variants were left out, since they do not fit the genome.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

impl fmt::Debug for Alleles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, left_out) = (self.len(), self.left_out);
        let length = self.reference.lengths().first().copied().unwrap_or(0);
        write!(
            f,
            "Alleles(n = {n}, length = {length}, left out = {left_out})"
        )
    }
}
