//! Sequences as numbers, and back.

use super::{Alphabet, Sequences};
use crate::progress;
use crate::{Error, Input, Result};
use ndarray::{Array3, ArrayView1, CowArray, IxDyn};
use rayon::prelude::*;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// How far a column may be from an exact code and still count as one.
const TOLERANCE: f32 = 1e-6;

/// Letters that are encoded at a time.
const STRETCH: usize = 8192;

/// Says what an unknown letter becomes in a one-hot code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Equal shares in every row: 0.25 each for DNA, so that every column sums to one.
    #[default]
    Uniform,
    /// Zero in every row.
    Zero,
}

/// Encodes sequences of one length as numbers, shape `(n, letters, length)`; cheap to clone.
///
/// Column `p` of example `i` is 1 in the row of its letter and 0 elsewhere. An unknown letter (`N`) is equal shares in every
/// row unless [`Unknown::Zero`] is asked for. The type reads as the array it holds.
///
/// # Examples
///
/// ```
/// use genolens::sequence::Sequences;
/// # fn main() -> genolens::Result<()> {
/// let code = Sequences::dna(["ACGN"])?.one_hot()?;
/// assert_eq!(code.shape(), [1, 4, 4]);
/// assert_eq!(code[[0, 1, 1]], 1.0);
/// assert_eq!(code[[0, 2, 3]], 0.25);
/// assert_eq!(code.decode()?.text(0), "ACGN");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct OneHot {
    data: Arc<Data>,
}

#[derive(PartialEq)]
struct Data {
    alphabet: Alphabet,
    names: Vec<String>,
    values: Array3<f32>,
}

impl OneHot {
    /// Takes an array of shape `(n, letters, length)` as a code, exact or soft; examples are named `seq1` and so on.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when the second axis does not have one row for each letter.
    pub fn new(alphabet: Alphabet, values: Array3<f32>) -> Result<Self> {
        if values.dim().1 != alphabet.size() {
            let expected = format!("(n, {}, length)", alphabet.size());
            return Err(Error::shape("values", expected, values.shape()));
        }
        let names = (1..=values.dim().0).map(|i| format!("seq{i}")).collect();
        Ok(Self {
            data: Arc::new(Data {
                alphabet,
                names,
                values,
            }),
        })
    }

    /// Encodes sequences.
    ///
    /// # Errors
    ///
    /// As [`Sequences::length`]: all sequences must have one length.
    pub fn encode(sequences: &Sequences, unknown: Unknown) -> Result<Self> {
        let alphabet = sequences.alphabet();
        let (rows, none) = (alphabet.size(), alphabet.unknown());
        let blank = match unknown {
            Unknown::Uniform => 1.0 / rows as f32,
            Unknown::Zero => 0.0,
        };
        let values = columns(sequences, |letter, own| {
            let unknown = if letter == none { blank } else { 0.0 };
            if letter == own { 1.0 } else { unknown }
        })?;
        let names = sequences.names().to_vec();
        Ok(Self {
            data: Arc::new(Data {
                alphabet,
                names,
                values,
            }),
        })
    }

    /// Encodes sequences as bytes 0 and 1, shape `(n, letters, length)`: a quarter of the room, for chromosomes.
    ///
    /// An unknown letter is 0 in every row.
    ///
    /// # Errors
    ///
    /// As [`Sequences::length`]: all sequences must have one length.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::sequence::{OneHot, Sequences};
    /// # fn main() -> genolens::Result<()> {
    /// let bytes = OneHot::bytes(&Sequences::dna(["ACGN"])?)?;
    /// assert_eq!(bytes.as_slice(), Some(&[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0][..]));
    /// # Ok(()) }
    /// ```
    pub fn bytes(sequences: &Sequences) -> Result<Array3<u8>> {
        columns(sequences, |letter, own| u8::from(letter == own))
    }

    /// Reads the letters back from an exact code; a column of equal shares or of zeros is the unknown letter.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] at the first column that is no such code, naming example and position (from 1).
    pub fn decode(&self) -> Result<Sequences> {
        let data = &*self.data;
        let mut pairs = Vec::with_capacity(data.names.len());
        for (name, example) in data.names.iter().zip(data.values.outer_iter()) {
            let mut letters = Vec::with_capacity(example.ncols());
            for (position, column) in example.columns().into_iter().enumerate() {
                letters.push(exact(data.alphabet, &column).ok_or_else(|| {
                    let argument = format!("position {} of {name}", position + 1);
                    Error::value(
                        &argument,
                        "one 1 among zeros, equal shares or zeros",
                        column,
                    )
                })?);
            }
            pairs.push((name.clone(), letters));
        }
        Sequences::new(data.alphabet, pairs)
    }

    /// Reads the letter with the largest number in each column; the unknown letter where the largest is not alone.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the examples have no positions.
    pub fn decode_soft(&self) -> Result<Sequences> {
        let data = &*self.data;
        let texts = data.values.outer_iter().map(|example| -> Vec<u8> {
            example
                .columns()
                .into_iter()
                .map(|column| largest(data.alphabet, &column))
                .collect()
        });
        Sequences::new(data.alphabet, data.names.iter().cloned().zip(texts))
    }

    /// Returns the alphabet whose letters are the rows.
    pub fn alphabet(&self) -> Alphabet {
        self.data.alphabet
    }

    /// Returns the names of the examples.
    pub fn names(&self) -> &[String] {
        &self.data.names
    }

    /// Gives the numbers away, without a copy when nobody else holds them.
    pub(crate) fn into_values(self) -> Array3<f32> {
        Arc::try_unwrap(self.data).map_or_else(|data| data.values.clone(), |data| data.values)
    }

    /// Returns the numbers, shape `(n, letters, length)`.
    pub fn values(&self) -> &Array3<f32> {
        &self.data.values
    }
}

/// Writes a number for every letter and every letter of the alphabet, shape `(n, letters, length)`.
fn columns<T: Clone + Default + Send>(
    sequences: &Sequences,
    value: impl Fn(u8, u8) -> T + Sync,
) -> Result<Array3<T>> {
    let length = sequences.length()?;
    let alphabet = sequences.alphabet();
    let shape = (sequences.len(), alphabet.size(), length);
    let mut values = vec![T::default(); shape.0 * shape.1 * length];
    values
        .par_chunks_mut(shape.1 * length)
        .enumerate()
        .try_for_each(|(i, example)| {
            progress::check("one-hot code", i, sequences.len())?;
            let letters = sequences.letters(i);
            // A stretch of letters stays in the cache while all rows of it are written.
            for start in (0..length).step_by(STRETCH) {
                let some = &letters[start..length.min(start + STRETCH)];
                for (row, &own) in alphabet.letters().iter().enumerate() {
                    let out = &mut example[row * length + start..][..some.len()];
                    for (out, &letter) in out.iter_mut().zip(some) {
                        *out = value(letter, own);
                    }
                }
            }
            Ok::<(), Error>(())
        })?;
    Array3::from_shape_vec(shape, values)
        .map_err(|_| Error::shape("sequences", "fewer letters", &[shape.0, shape.1, shape.2]))
}

fn exact(alphabet: Alphabet, column: &ArrayView1<'_, f32>) -> Option<u8> {
    let is = |value: f32, wanted: f32| (value - wanted).abs() <= TOLERANCE;
    let share = 1.0 / alphabet.size() as f32;
    if column.iter().all(|&v| is(v, share)) || column.iter().all(|&v| is(v, 0.0)) {
        return Some(alphabet.unknown());
    }
    let row = column.iter().position(|&v| is(v, 1.0))?;
    let others = column
        .iter()
        .enumerate()
        .all(|(i, &v)| i == row || is(v, 0.0));
    others.then(|| alphabet.letters()[row])
}

fn largest(alphabet: Alphabet, column: &ArrayView1<'_, f32>) -> u8 {
    let top = column.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut rows = (0..column.len()).filter(|&row| column[row] == top);
    match (rows.next(), rows.next(), column.iter().any(|v| v.is_nan())) {
        (Some(row), None, false) => alphabet.letters()[row],
        _ => alphabet.unknown(),
    }
}

impl Deref for OneHot {
    type Target = Array3<f32>;

    fn deref(&self) -> &Array3<f32> {
        &self.data.values
    }
}

impl Input for OneHot {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(self.data.values.view().into_dyn().into())
    }
}

impl fmt::Debug for OneHot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, letters, length) = self.data.values.dim();
        write!(
            f,
            "OneHot({}, n = {n}, letters = {letters}, length = {length})",
            self.alphabet()
        )
    }
}
