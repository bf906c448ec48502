//! Where letters of a genome come from.

use super::Sequences;
use crate::{Error, Result};
use std::ops::Range;

/// Chromosomes of which any piece can be read: [`Sequences`] named after them, or a `stream::Genome` that stays in its file.
pub trait Chromosomes: Send + Sync {
    /// Returns the number of a chromosome, if there is one of this name.
    fn find(&self, chromosome: &str) -> Option<usize>;

    /// Returns how many letters the chromosome with this number has; 0 where there is none.
    fn size(&self, number: usize) -> usize;

    /// Reads letters of the chromosome with this number, positions counted from 0, the end excluded.
    ///
    /// # Errors
    ///
    /// Fails when there are no such positions, or a file cannot be read.
    fn piece(&self, number: usize, positions: Range<usize>) -> Result<Vec<u8>>;

    /// Names some chromosomes for a message.
    fn known(&self) -> String;
}

impl Chromosomes for Sequences {
    fn find(&self, chromosome: &str) -> Option<usize> {
        self.names().iter().position(|name| name == chromosome)
    }

    fn size(&self, number: usize) -> usize {
        if number < self.len() {
            self.letters(number).len()
        } else {
            0
        }
    }

    fn piece(&self, number: usize, positions: Range<usize>) -> Result<Vec<u8>> {
        let letters = if number < self.len() {
            self.letters(number)
        } else {
            &[]
        };
        let piece = letters.get(positions.clone()).ok_or_else(|| {
            let expected = format!("within 0..{}", letters.len());
            Error::value("positions", expected, format!("{positions:?}"))
        })?;
        Ok(piece.to_vec())
    }

    fn known(&self) -> String {
        let some: Vec<&str> = self.names().iter().take(5).map(String::as_str).collect();
        let rest = if self.len() > 5 { ", ..." } else { "" };
        format!("{}{rest}", some.join(", "))
    }
}
