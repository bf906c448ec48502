//! The letters of DNA, RNA and protein.

use std::fmt;

/// Names the letters that sequences are written in, in the order of all rows and columns.
///
/// One more letter stands for "unknown": `N` in DNA and RNA, `X` in protein. Lower case is accepted everywhere and read as
/// upper case.
///
/// # Examples
///
/// ```
/// use genolens::sequence::Alphabet;
/// assert_eq!(Alphabet::Dna.letters(), b"ACGT");
/// assert_eq!(Alphabet::Rna.index(b'u'), Some(3));
/// assert_eq!(Alphabet::Dna.complement(b'A'), b'T');
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// `A C G T`, unknown `N`.
    #[default]
    Dna,
    /// `A C G U`, unknown `N`.
    Rna,
    /// The 20 amino acids by one-letter code in alphabetical order, unknown `X`.
    Protein,
}

impl Alphabet {
    /// Returns the letters in order, without the unknown one.
    pub const fn letters(self) -> &'static [u8] {
        match self {
            Self::Dna => b"ACGT",
            Self::Rna => b"ACGU",
            Self::Protein => b"ACDEFGHIKLMNPQRSTVWY",
        }
    }

    /// Returns how many letters there are, without the unknown one.
    pub const fn size(self) -> usize {
        self.letters().len()
    }

    /// Returns the letter that stands for "unknown".
    pub const fn unknown(self) -> u8 {
        match self {
            Self::Dna | Self::Rna => b'N',
            Self::Protein => b'X',
        }
    }

    /// Returns the place of a letter in the order, `None` for the unknown letter and for letters of other alphabets.
    pub const fn index(self, letter: u8) -> Option<usize> {
        match self.code(letter) {
            Some(code) if code < self.size() => Some(code),
            _ => None,
        }
    }

    /// Tells whether a letter may stand in a sequence: one of the letters or the unknown one, in either case.
    pub const fn accepts(self, letter: u8) -> bool {
        self.code(letter).is_some()
    }

    /// Returns the letter that pairs with this one; letters without a partner, as all of protein, come back unchanged.
    pub const fn complement(self, letter: u8) -> u8 {
        match (self, letter.to_ascii_uppercase()) {
            (Self::Dna, b'A') => b'T',
            (Self::Rna, b'A') => b'U',
            (Self::Dna, b'T') | (Self::Rna, b'U') => b'A',
            (Self::Dna | Self::Rna, b'C') => b'G',
            (Self::Dna | Self::Rna, b'G') => b'C',
            (_, other) => other,
        }
    }

    /// Tells whether sequences have a reverse complement.
    pub const fn has_complement(self) -> bool {
        !matches!(self, Self::Protein)
    }

    /// Describes the legal letters for an error message.
    pub(crate) fn describe(self) -> String {
        let letters = String::from_utf8_lossy(self.letters());
        format!(
            "a letter of {self} ({letters} or {})",
            char::from(self.unknown())
        )
    }

    /// The place of a letter in the order with the unknown letter last.
    pub(crate) const fn code(self, letter: u8) -> Option<usize> {
        let letter = letter.to_ascii_uppercase();
        let letters = self.letters();
        let mut index = 0;
        while index < letters.len() {
            if letters[index] == letter {
                return Some(index);
            }
            index += 1;
        }
        if letter == self.unknown() {
            Some(letters.len())
        } else {
            None
        }
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dna => "DNA",
            Self::Rna => "RNA",
            Self::Protein => "protein",
        })
    }
}
