//! Named sequences of one alphabet.

use super::{Alphabet, OneHot, Unknown};
use crate::{Error, Input, Result};
use ndarray::{Array1, CowArray, IxDyn};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Holds named sequences of one alphabet, of any lengths; cheap to clone.
///
/// Letters are kept in upper case; soft-masking is not kept. No sequence is empty.
///
/// # Examples
///
/// ```
/// use genolens::sequence::{Alphabet, Sequences};
/// # fn main() -> genolens::Result<()> {
/// let sites = Sequences::new(Alphabet::Dna, [("ets", "ACCGGAAGT"), ("gata", "AGATAAN")])?;
/// assert_eq!(sites.reverse_complement()?.text(0), "ACTTCCGGT");
/// assert_eq!(sites.slice(0..4)?.text(1), "AGAT");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Sequences {
    data: Arc<Data>,
}

#[derive(PartialEq, Eq)]
struct Data {
    alphabet: Alphabet,
    names: Vec<String>,
    letters: Vec<u8>,
    /// Where each sequence ends in `letters`.
    ends: Vec<usize>,
}

impl Sequences {
    /// Creates sequences from pairs of a name and a text.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] at the first letter that the alphabet does not have, naming sequence, position (from 1) and letter,
    /// and for a sequence without letters.
    pub fn new<N, T>(alphabet: Alphabet, pairs: impl IntoIterator<Item = (N, T)>) -> Result<Self>
    where
        N: Into<String>,
        T: AsRef<[u8]>,
    {
        let mut builder = Builder::new(alphabet);
        for (name, text) in pairs {
            let (name, text) = (name.into(), text.as_ref());
            if let Some(position) = text.iter().position(|&letter| !alphabet.accepts(letter)) {
                return Err(Error::value(
                    &format!("sequence {name}"),
                    alphabet.describe(),
                    format!(
                        "`{}` at position {}",
                        text[position].escape_ascii(),
                        position + 1
                    ),
                ));
            }
            if text.is_empty() {
                return Err(Error::value(
                    &format!("sequence {name}"),
                    "one letter or more",
                    "empty",
                ));
            }
            builder.push(name, text.iter().copied());
        }
        Ok(builder.finish())
    }

    /// Creates DNA sequences named `seq1`, `seq2` and so on.
    ///
    /// # Errors
    ///
    /// As [`Sequences::new`].
    pub fn dna<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Result<Self> {
        let named = texts.into_iter().enumerate();
        Self::new(
            Alphabet::Dna,
            named.map(|(i, text)| (format!("seq{}", i + 1), text)),
        )
    }

    /// Returns how many sequences there are.
    pub fn len(&self) -> usize {
        self.data.ends.len()
    }

    /// Tells whether there is no sequence at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the alphabet.
    pub fn alphabet(&self) -> Alphabet {
        self.data.alphabet
    }

    /// Returns the names in order.
    pub fn names(&self) -> &[String] {
        &self.data.names
    }

    /// Returns the name of one sequence.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Sequences::len`].
    pub fn name(&self, index: usize) -> &str {
        &self.data.names[index]
    }

    /// Returns the letters of one sequence in upper case.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Sequences::len`].
    pub fn letters(&self, index: usize) -> &[u8] {
        let start = if index == 0 {
            0
        } else {
            self.data.ends[index - 1]
        };
        &self.data.letters[start..self.data.ends[index]]
    }

    /// Returns one sequence as text.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Sequences::len`].
    pub fn text(&self, index: usize) -> &str {
        // All letters of all alphabets are ASCII.
        std::str::from_utf8(self.letters(index)).unwrap_or_default()
    }

    /// Returns the length of each sequence.
    pub fn lengths(&self) -> Array1<usize> {
        (0..self.len()).map(|i| self.letters(i).len()).collect()
    }

    /// Returns the length that all sequences share.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] naming the first sequence whose length differs from that of the first, or when there is no sequence.
    pub fn length(&self) -> Result<usize> {
        if self.is_empty() {
            return Err(Error::value("sequences", "one sequence or more", "empty"));
        }
        let length = self.letters(0).len();
        match (1..self.len()).find(|&i| self.letters(i).len() != length) {
            None => Ok(length),
            Some(i) => Err(Error::value(
                &format!("sequence {} (number {})", self.name(i), i + 1),
                format!("{length} letters as in `{}`, the first one", self.name(0)),
                format!("{} long", self.letters(i).len()),
            )),
        }
    }

    /// Returns the share of each letter among all known letters, shape `(letters,)`; zeros when none is known.
    pub fn composition(&self) -> Array1<f64> {
        let mut counts = Array1::<f64>::zeros(self.alphabet().size());
        for &letter in &self.data.letters {
            if let Some(index) = self.alphabet().index(letter) {
                counts[index] += 1.0;
            }
        }
        let total = counts.sum();
        if total > 0.0 { counts / total } else { counts }
    }

    /// Returns one sequence as a collection of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn get(&self, index: usize) -> Result<Self> {
        if index >= self.len() {
            let expected = format!("below {}, the number of sequences", self.len());
            return Err(Error::value("index", expected, index));
        }
        self.select(&[index])
    }

    /// Returns the sequences with these indices, in this order; an index may come twice.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        let mut builder = Builder::new(self.alphabet());
        for &index in indices {
            if index >= self.len() {
                return Err(Error::value(
                    "indices",
                    format!("indices below {}", self.len()),
                    index,
                ));
            }
            builder.push(self.name(index).into(), self.letters(index).iter().copied());
        }
        Ok(builder.finish())
    }

    /// Cuts the same positions (counted from 0, the end excluded) out of every sequence.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the range is empty or passes the end of a sequence, which is named.
    pub fn slice(&self, positions: Range<usize>) -> Result<Self> {
        if positions.is_empty() {
            return Err(Error::value(
                "positions",
                "one position or more",
                format!("{positions:?}"),
            ));
        }
        let mut builder = Builder::new(self.alphabet());
        for (i, name) in self.names().iter().enumerate() {
            let letters = self.letters(i);
            let Some(part) = letters.get(positions.clone()) else {
                let expected = format!("inside `{name}`, which has {} letters", letters.len());
                return Err(Error::value(
                    "positions",
                    expected,
                    format!("{positions:?}"),
                ));
            };
            builder.push(name.clone(), part.iter().copied());
        }
        Ok(builder.finish())
    }

    /// Puts other sequences of the same alphabet after these.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the alphabets differ.
    pub fn concat(&self, other: &Self) -> Result<Self> {
        if self.alphabet() != other.alphabet() {
            return Err(Error::value(
                "other",
                format!("{} sequences", self.alphabet()),
                other.alphabet(),
            ));
        }
        let mut builder = Builder::new(self.alphabet());
        for part in [self, other] {
            for (i, name) in part.names().iter().enumerate() {
                builder.push(name.clone(), part.letters(i).iter().copied());
            }
        }
        Ok(builder.finish())
    }

    /// Returns the opposite strands, read in their own direction; names stay.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for protein, which has no complement.
    pub fn reverse_complement(&self) -> Result<Self> {
        let alphabet = self.alphabet();
        if !alphabet.has_complement() {
            return Err(Error::value("sequences", "DNA or RNA", alphabet));
        }
        let mut builder = Builder::new(alphabet);
        for (i, name) in self.names().iter().enumerate() {
            let opposite = self
                .letters(i)
                .iter()
                .rev()
                .map(|&letter| alphabet.complement(letter));
            builder.push(name.clone(), opposite);
        }
        Ok(builder.finish())
    }

    /// Encodes the sequences as numbers, shape `(n, letters, length)`; an unknown letter becomes equal shares.
    ///
    /// # Errors
    ///
    /// As [`Sequences::length`]: all sequences must have one length.
    pub fn one_hot(&self) -> Result<OneHot> {
        OneHot::encode(self, Unknown::Uniform)
    }

    /// Builds sequences from letters that are known to be legal.
    pub(crate) fn from_legal(
        alphabet: Alphabet,
        pairs: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Self {
        let mut builder = Builder::new(alphabet);
        for (name, letters) in pairs {
            builder.push(name, letters.into_iter());
        }
        builder.finish()
    }
}

impl Input for Sequences {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(self.one_hot()?.into_values().into_dyn().into())
    }
}

impl fmt::Debug for Sequences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sequences({}, n = {}, ", self.alphabet(), self.len())?;
        let lengths = self.lengths();
        match (lengths.iter().min(), lengths.iter().max()) {
            (Some(low), Some(high)) if low == high => write!(f, "length = {low})"),
            (Some(low), Some(high)) => write!(f, "lengths = {low} to {high})"),
            _ => write!(f, "empty)"),
        }
    }
}

struct Builder(Data);

impl Builder {
    fn new(alphabet: Alphabet) -> Self {
        Self(Data {
            alphabet,
            names: Vec::new(),
            letters: Vec::new(),
            ends: Vec::new(),
        })
    }

    fn push(&mut self, name: String, letters: impl Iterator<Item = u8>) {
        self.0.names.push(name);
        self.0
            .letters
            .extend(letters.map(|letter| letter.to_ascii_uppercase()));
        self.0.ends.push(self.0.letters.len());
    }

    fn finish(self) -> Sequences {
        Sequences {
            data: Arc::new(self.0),
        }
    }
}
