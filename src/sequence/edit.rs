//! Letters written over others, put between them and taken out.

use super::{Alphabet, Sequences};
use crate::{Error, Result};
use std::ops::Range;

impl Sequences {
    /// Writes letters over those that begin at a position, counted from 0, in every sequence.
    ///
    /// The unknown letter keeps what is there: `TGANNNTCA` writes two halves.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there are no letters, one of them is not of the alphabet, or they pass the end of a sequence.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::sequence::Sequences;
    /// # fn main() -> genolens::Result<()> {
    /// let sites = Sequences::dna(["AAAAAA"])?.replace(1, "CNG")?;
    /// assert_eq!(sites.text(0), "ACAGAA");
    /// # Ok(()) }
    /// ```
    pub fn replace(&self, position: usize, letters: &str) -> Result<Self> {
        let unknown = self.alphabet().unknown();
        let new = legal(self.alphabet(), "letters", letters)?;
        self.edited(|index| {
            let old = self.letters(index);
            let end = position.checked_add(new.len());
            let end = end.filter(|&end| end <= old.len()).ok_or_else(|| {
                let last = old.len().checked_sub(new.len());
                self.misplaced(index, (position, new.len()), last)
            })?;
            let mut text = old.to_vec();
            written(&mut text[position..end], &new, unknown);
            Ok(text)
        })
    }

    /// Puts letters in front of the one at a position, counted from 0, in every sequence, which become longer.
    ///
    /// The length of a sequence as position puts them behind its end.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there are no letters, one of them is not of the alphabet, or the position passes the end of a sequence.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::sequence::Sequences;
    /// # fn main() -> genolens::Result<()> {
    /// assert_eq!(Sequences::dna(["AAAA"])?.insert(3, "CG")?.text(0), "AAACGA");
    /// # Ok(()) }
    /// ```
    pub fn insert(&self, position: usize, letters: &str) -> Result<Self> {
        let new = legal(self.alphabet(), "letters", letters)?;
        self.edited(|index| {
            let old = self.letters(index);
            let Some((before, after)) = old.split_at_checked(position) else {
                return Err(self.misplaced(index, (position, 0), Some(old.len())));
            };
            Ok([before, &new, after].concat())
        })
    }

    /// Takes the same positions (counted from 0, the end excluded) out of every sequence, which become shorter.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the range is empty, passes the end of a sequence, or leaves nothing of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::sequence::Sequences;
    /// # fn main() -> genolens::Result<()> {
    /// assert_eq!(Sequences::dna(["ACGT"])?.delete(1..3)?.text(0), "AT");
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, positions: Range<usize>) -> Result<Self> {
        self.edited(|index| {
            let old = self.letters(index);
            let all = positions.len() >= old.len();
            if positions.is_empty() || positions.end > old.len() || all {
                let (name, length) = (self.name(index), old.len());
                let expected = format!("some but not all of 0..{length}, `{name}`");
                let got = format!("{positions:?}");
                return Err(Error::value("positions", expected, got));
            }
            Ok([&old[..positions.start], &old[positions.end..]].concat())
        })
    }

    /// Builds sequences of the same names from legal letters.
    pub(crate) fn edited(&self, one: impl Fn(usize) -> Result<Vec<u8>>) -> Result<Self> {
        let pairs = self.names().iter().enumerate();
        let pairs = pairs.map(|(index, name)| Ok((name.clone(), one(index)?)));
        let pairs = pairs.collect::<Result<Vec<_>>>()?;
        Ok(Self::from_legal(self.alphabet(), pairs))
    }

    /// Says where so many letters may begin; `last` is the last such position.
    fn misplaced(
        &self,
        index: usize,
        (position, letters): (usize, usize),
        last: Option<usize>,
    ) -> Error {
        let (name, length) = (self.name(index), self.letters(index).len());
        let Some(last) = last else {
            let expected = format!("at most {length}, the length of `{name}`");
            return Error::value("letters", expected, format!("{letters} long"));
        };
        let expected = format!("at most {last} in `{name}`, which has {length} letters");
        Error::value("position", expected, position)
    }
}

/// Writes letters over the first of others; the unknown one keeps what is there.
pub(crate) fn written(letters: &mut [u8], new: &[u8], unknown: u8) {
    for (old, &new) in letters.iter_mut().zip(new) {
        if new != unknown {
            *old = new;
        }
    }
}

/// Reads at least one letter of an alphabet, in upper case.
pub(crate) fn legal(alphabet: Alphabet, argument: &str, letters: &str) -> Result<Vec<u8>> {
    if let Some((place, bad)) = letters
        .char_indices()
        .find(|&(_, letter)| !u8::try_from(letter).is_ok_and(|byte| alphabet.accepts(byte)))
    {
        let got = format!("`{}` at position {}", bad.escape_debug(), place + 1);
        return Err(Error::value(argument, alphabet.describe(), got));
    }
    if letters.is_empty() {
        return Err(Error::value(argument, "one letter or more", "empty"));
    }
    Ok(letters.to_ascii_uppercase().into_bytes())
}
