//! What a designed sequence must keep to.

use crate::sequence::Alphabet;
use crate::{Error, Result};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

/// What a designed sequence must keep to: positions that stay, letters that may be written, the share of G and C, and words that must not occur.
///
/// # Examples
///
/// ```
/// use genolens::synthesis::Constraints;
/// // Keep a primer site, stay between 40 and 60 % GC, and away from EcoRI.
/// let constraints = Constraints::new().keep(0..20).gc(0.4..=0.6).forbid("GAATTC");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    kept: Arc<[Range<usize>]>,
    letters: Option<Arc<str>>,
    gc: Option<(f64, f64)>,
    words: Arc<[Vec<u8>]>,
}

impl Constraints {
    /// Begins without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the letters of some positions, counted from 0, the end excluded; may be called again.
    pub fn keep(mut self, positions: Range<usize>) -> Self {
        self.kept = self.kept.iter().cloned().chain([positions]).collect();
        self
    }

    /// Writes these letters only; others may stay where they are.
    pub fn letters(mut self, letters: &str) -> Self {
        self.letters = Some(letters.to_ascii_uppercase().into());
        self
    }

    /// Keeps the share of G and C among all letters in a range.
    pub fn gc(mut self, share: RangeInclusive<f64>) -> Self {
        self.gc = Some((*share.start(), *share.end()));
        self
    }

    /// Forbids a word, on the strand that is read; may be called again.
    pub fn forbid(mut self, word: &str) -> Self {
        let word = word.to_ascii_uppercase().into_bytes();
        self.words = self.words.iter().cloned().chain([word]).collect();
        self
    }

    /// Lays the constraints out for sequences of one length, and checks them.
    pub(super) fn ready(&self, alphabet: Alphabet, length: usize) -> Result<Ready> {
        let mut free = vec![true; length];
        for range in self.kept.iter() {
            let Some(kept) = free.get_mut(range.clone()) else {
                let expected = format!("positions of 0..{length}");
                return Err(Error::value("keep", expected, format!("{range:?}")));
            };
            kept.fill(false);
        }
        let letter = |argument: &str, letter: u8| {
            alphabet.index(letter).ok_or_else(|| {
                let letters = String::from_utf8_lossy(alphabet.letters()).into_owned();
                let got = format!("`{}`", letter.escape_ascii());
                Error::value(argument, format!("letters of {letters}"), got)
            })
        };
        let mut allowed = vec![self.letters.is_none(); alphabet.size()];
        for own in self.letters.iter().flat_map(|letters| letters.bytes()) {
            allowed[letter("letters", own)?] = true;
        }
        if !allowed.contains(&true) {
            return Err(Error::value("letters", "one letter or more", ""));
        }
        for word in self.words.iter() {
            if word.is_empty() {
                return Err(Error::value("forbid", "a word", ""));
            }
            for &own in word {
                letter("forbid", own)?;
            }
        }
        if let Some((low, high)) = self.gc {
            if !alphabet.has_complement() {
                return Err(Error::value(
                    "gc",
                    "none for protein",
                    format!("{low} to {high}"),
                ));
            }
            if !(0.0 <= low && low <= high && high <= 1.0) {
                let got = format!("{low} to {high}");
                return Err(Error::value("gc", "a range within 0 to 1", got));
            }
        }
        Ok(Ready {
            free,
            allowed,
            gc: self.gc,
            words: Arc::clone(&self.words),
        })
    }
}

/// Constraints for sequences of one length.
pub(super) struct Ready {
    free: Vec<bool>,
    allowed: Vec<bool>,
    gc: Option<(f64, f64)>,
    words: Arc<[Vec<u8>]>,
}

impl Ready {
    /// Tells whether a letter, by its place in the alphabet, may be written at a position.
    pub(super) fn may_write(&self, letter: usize, position: usize) -> bool {
        self.free[position] && self.allowed[letter]
    }

    pub(super) fn is_free(&self, position: usize) -> bool {
        self.free[position]
    }

    /// Checks that a sequence keeps to the constraints before anything is changed.
    pub(super) fn check(&self, name: &str, letters: &[u8]) -> Result<()> {
        let Some(objection) = self.objection(letters) else {
            return Ok(());
        };
        let argument = format!("sequence {name}");
        let got = format!("one with {objection}");
        Err(Error::value(
            &argument,
            "one that keeps to the constraints",
            got,
        ))
    }

    /// Says what is wrong with a sequence, if anything is.
    pub(super) fn objection(&self, letters: &[u8]) -> Option<String> {
        if let Some((low, high)) = self.gc {
            let count = letters.iter().filter(|letter| is_strong(**letter)).count();
            let share = count as f64 / letters.len() as f64;
            if !within(share, (low, high)) {
                return Some(format!("a GC share of {share:.3}, outside {low} to {high}"));
            }
        }
        let found = self.words.iter().find(|word| holds(letters, word));
        found.map(|word| format!("the word {}", String::from_utf8_lossy(word)))
    }

    /// Tells whether a sequence without objections keeps without after a replacement; `strong` counts its G and C.
    pub(super) fn allows(
        &self,
        letters: &mut [u8],
        (new, position): (u8, usize),
        strong: usize,
    ) -> bool {
        let old = std::mem::replace(&mut letters[position], new);
        let inside = self.gc.is_none_or(|range| {
            let count = strong + usize::from(is_strong(new)) - usize::from(is_strong(old));
            within(count as f64 / letters.len() as f64, range)
        });
        // A new word covers the position.
        let fine = inside
            && self.words.iter().all(|word| {
                let start = (position + 1).saturating_sub(word.len());
                let end = letters.len().min(position + word.len());
                !holds(&letters[start..end], word)
            });
        letters[position] = old;
        fine
    }
}

/// Tells whether a letter is G or C.
pub(super) fn is_strong(letter: u8) -> bool {
    matches!(letter, b'G' | b'C')
}

/// A share of whole letters may miss the end of a range by rounding.
fn within(share: f64, (low, high): (f64, f64)) -> bool {
    share >= low - 1e-9 && share <= high + 1e-9
}

fn holds(letters: &[u8], word: &[u8]) -> bool {
    letters.windows(word.len()).any(|window| window == word)
}
