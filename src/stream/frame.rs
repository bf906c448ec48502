//! Sequences in a column of a polars frame.

use super::code::{Code, centred, check_resize};
use super::groups::numbered;
use super::rows::{Rows, check_labels};
use super::stream::{Data, Stream};
use crate::sequence::{Alphabet, Unknown};
use crate::training::Labels;
use crate::{Error, Result, progress};
use ndarray::ArrayD;
use polars::prelude::{DataFrame, DataType, LazyFrame, StringChunked, col};
use rayon::prelude::*;

/// Rows between two looks at whether the user wants to stop.
const LOOK: usize = 1 << 14;

/// Reads sequences from a column of a frame, and labels from others, with the defaults of [`FrameColumns`].
///
/// # Errors
///
/// As [`FrameColumns::open`].
///
/// # Examples
///
/// ```
/// use genolens::polars::df;
/// use genolens::{stream, training::Source};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let table = df!("sequence" => ["ACGT", "TTGA"], "bound" => [1, 0])?;
/// let data = stream::frame(&table, "sequence", &["bound"])?;
/// assert_eq!(data.shape(), [2, 4, 4]);
/// assert_eq!(data.labels(&[1])?[[0]], 0.0);
/// # Ok(()) }
/// ```
pub fn frame(frame: &DataFrame, sequences: &str, labels: &[&str]) -> Result<Stream> {
    FrameColumns::new(sequences, labels).open(frame)
}

/// Reads sequences from a column of a frame, and labels from others, with options.
///
/// The frame stays as it is, one byte a letter, which is a sixteenth of the one-hot code; only batches are encoded. A null among the
/// labels is a missing label, which nothing is learned from; a null among the sequences is an error.
///
/// Frames are read from CSV and Parquet files by polars, with the features that are switched on for it; here they are not, so a
/// file that is larger than the memory should be a FASTA, BED or HDF5 file.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameColumns {
    sequences: String,
    labels: Vec<String>,
    groups: Option<String>,
    code: Code,
    length: Option<usize>,
}

impl FrameColumns {
    /// Takes the names of the column of sequences and of those of labels, one or several.
    pub fn new(sequences: &str, labels: &[&str]) -> Self {
        Self {
            sequences: sequences.to_owned(),
            labels: labels.iter().map(|&name| name.to_owned()).collect(),
            groups: None,
            code: Code::default(),
            length: None,
        }
    }

    /// Sets the column that says which examples belong together, such as the chromosome.
    pub fn groups(mut self, column: &str) -> Self {
        self.groups = Some(column.to_owned());
        self
    }

    /// Sets the alphabet.
    pub fn alphabet(mut self, alphabet: Alphabet) -> Self {
        self.code.alphabet = alphabet;
        self
    }

    /// Reads ambiguity codes (`R`, `Y`, ...) as unknown letters.
    pub fn ambiguous(mut self, accept: bool) -> Self {
        self.code.ambiguous = accept;
        self
    }

    /// Sets what an unknown letter becomes.
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.code.unknown = unknown;
        self
    }

    /// Cuts longer sequences to their middle and fills shorter ones up with unknown letters on both sides.
    pub fn resize(mut self, length: usize) -> Self {
        self.length = Some(length);
        self
    }

    /// Takes these columns of a frame, without a copy where they lie in one piece.
    ///
    /// # Errors
    ///
    /// Fails when a column is absent or of another kind, when a sequence is null, empty, has an illegal letter or another length than
    /// the first (naming the row, counted from 0), and when there is no label column.
    pub fn open(&self, frame: &DataFrame) -> Result<Stream> {
        if self.labels.is_empty() {
            let expected = "at least one column";
            return Err(Error::value("labels", expected, "none"));
        }
        self.length.map_or(Ok(()), check_resize)?;
        for (at, name) in self.labels.iter().enumerate() {
            if self.labels[..at].contains(name) {
                let got = format!("`{name}` twice");
                return Err(Error::value("labels", "each column once", got));
            }
            known(frame, name)?;
        }
        let letters = text(frame, &self.sequences)?;
        let length = self.check(&letters)?;
        let labels = if let [name] = &self.labels[..] {
            known(frame, name)?.labels()?.into_owned()
        } else {
            frame.select(&self.labels)?.labels()?.into_owned()
        };
        check_labels(&labels, letters.len())?;
        let groups = match &self.groups {
            Some(name) => Some(grouped(&known(frame, name)?)?),
            None => None,
        };
        Stream::new(Data {
            what: format!("column `{}` of a frame", self.sequences),
            examples: Box::new(Letters {
                texts: letters,
                code: self.code,
                length,
            }),
            labels: Box::new(labels),
            groups,
            dropped: 0,
            notes: Vec::new(),
        })
    }

    /// Computes these columns of a lazy frame, and no others.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and when the frame cannot be computed.
    pub fn open_lazy(&self, frame: &LazyFrame) -> Result<Stream> {
        let mut names = vec![&self.sequences];
        names.extend(&self.labels);
        names.extend(&self.groups);
        names.sort_unstable();
        names.dedup();
        let wanted: Vec<_> = names.into_iter().map(|name| col(name.as_str())).collect();
        self.open(&frame.clone().select(wanted).collect()?)
    }

    /// Checks all sequences and returns their length.
    fn check(&self, letters: &StringChunked) -> Result<usize> {
        let first = letters.get(0).map_or(0, str::len);
        let length = self.length.unwrap_or(first);
        for (row, text) in letters.iter().enumerate() {
            if row.is_multiple_of(LOOK) {
                progress::check("sequences of a frame", row, letters.len())?;
            }
            let place = format!("row {row} of column {}", self.sequences);
            let Some(text) = text.filter(|text| !text.is_empty()) else {
                return Err(Error::value(&place, "a sequence", "null or empty"));
            };
            if self.length.is_none() && text.len() != length {
                let expected = format!("{length} letters as in row 0, or the option `resize`");
                let got = format!("{} long", text.len());
                return Err(Error::value(&place, expected, got));
            }
            if let Err((letter, at)) = self.code.letters(text.as_bytes()) {
                let got = format!("`{}` at position {}", letter.escape_ascii(), at + 1);
                return Err(Error::value(&place, self.code.describe(), got));
            }
        }
        Ok(length)
    }
}

fn known(frame: &DataFrame, name: &str) -> Result<polars::prelude::Column> {
    let found = frame.column(name);
    found.cloned().map_err(|_| {
        let names: Vec<&str> = frame
            .get_column_names()
            .iter()
            .take(20)
            .map(|name| name.as_str())
            .collect();
        let expected = format!("one of {}", names.join(", "));
        Error::value("column", expected, format!("`{name}`"))
    })
}

/// Returns a column of texts in one piece.
fn text(frame: &DataFrame, name: &str) -> Result<StringChunked> {
    let column = known(frame, name)?;
    if column.dtype() != &DataType::String {
        let got = format!("of {}", column.dtype());
        return Err(Error::value(&format!("column {name}"), "text", got));
    }
    let whole = column.str()?.rechunk().into_owned();
    if whole.is_empty() {
        let expected = "at least 1 row";
        return Err(Error::value(&format!("column {name}"), expected, "empty"));
    }
    Ok(whole)
}

fn grouped(column: &polars::prelude::Column) -> Result<(Vec<String>, Vec<u32>)> {
    let texts = column.cast(&DataType::String)?;
    let names = texts.str()?.iter();
    Ok(numbered(names.map(|name| name.unwrap_or("null"))))
}

/// Texts of one length as one-hot code.
struct Letters {
    texts: StringChunked,
    code: Code,
    length: usize,
}

impl Rows for Letters {
    fn len(&self) -> usize {
        self.texts.len()
    }

    fn shape(&self) -> Vec<usize> {
        vec![self.code.alphabet.size(), self.length]
    }

    fn read(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let unknown = self.code.alphabet.unknown();
        let one = |&row: &usize| {
            let text = self.texts.get(row).unwrap_or_default().as_bytes();
            let letter = |&letter: &u8| self.code.letter(letter).unwrap_or(unknown);
            let letters: Vec<u8> = text.iter().map(letter).collect();
            centred(&letters, self.length, unknown)
        };
        self.code.encode(rows.par_iter().map(one).collect())
    }
}
