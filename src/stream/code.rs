//! How letters of a file become numbers.

use crate::sequence::{Alphabet, OneHot, Sequences, Unknown, is_ambiguous};
use crate::{Error, Result};
use ndarray::ArrayD;

/// The longest sequence that another is filled up to.
const LONGEST: usize = 1 << 28;

/// The letters of a file, and what becomes of those that are unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) alphabet: Alphabet,
    pub(super) unknown: Unknown,
    /// Ambiguity codes are read as unknown letters.
    pub(super) ambiguous: bool,
}

impl Code {
    /// Returns the letter in upper case, the unknown one for an ambiguity code, or `None`.
    pub(super) fn letter(self, letter: u8) -> Option<u8> {
        if self.alphabet.accepts(letter) {
            Some(letter.to_ascii_uppercase())
        } else if self.ambiguous && is_ambiguous(self.alphabet, letter) {
            Some(self.alphabet.unknown())
        } else {
            None
        }
    }

    /// Reads all letters, or returns the first that is illegal with its place.
    pub(super) fn letters(self, text: &[u8]) -> std::result::Result<Vec<u8>, (u8, usize)> {
        let letter = |(place, &letter): (usize, &u8)| self.letter(letter).ok_or((letter, place));
        text.iter().enumerate().map(letter).collect()
    }

    /// Says which letters may come.
    pub(super) fn describe(self) -> String {
        self.alphabet.describe()
    }

    /// Writes sequences of one length as numbers, shape `(n, letters, length)`.
    pub(super) fn encode(self, letters: Vec<Vec<u8>>) -> Result<ArrayD<f32>> {
        let pairs = letters.into_iter().map(|letters| (String::new(), letters));
        let sequences = Sequences::from_legal(self.alphabet, pairs);
        Ok(OneHot::encode(&sequences, self.unknown)?
            .into_values()
            .into_dyn())
    }
}

/// Checks a length that sequences are cut or filled up to.
pub(super) fn check_resize(length: usize) -> Result<()> {
    match length {
        0 => Err(Error::value("resize", "at least 1", 0)),
        _ if length > LONGEST => {
            let expected = format!("at most {LONGEST} positions");
            Err(Error::value("resize", expected, length))
        }
        _ => Ok(()),
    }
}

/// Returns so many letters from the middle, with unknown ones on both sides of a text that is too short.
///
/// Of an odd number of letters too many or too few, the larger half is at the end.
pub(super) fn centred(letters: &[u8], length: usize, unknown: u8) -> Vec<u8> {
    if letters.len() >= length {
        let start = (letters.len() - length) / 2;
        return letters[start..start + length].to_vec();
    }
    let before = (length - letters.len()) / 2;
    let mut padded = vec![unknown; before];
    padded.extend(letters);
    padded.resize(length, unknown);
    padded
}
