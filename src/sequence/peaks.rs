//! The peak table of the DeepBind authors.

use super::Sequences;
use super::fasta::{excerpt, guess};
use crate::text;
use crate::{Error, Result};
use ndarray::Array1;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

const COLUMNS: [&str; 4] = ["FoldID", "EventID", "seq", "Bound"];

/// Holds peaks with what an experiment said of them; cheap to clone.
///
/// This is the table that the `DeepBind` authors published (doi:10.1038/nbt.3300): tab-separated columns `FoldID`, `EventID`,
/// `seq` and `Bound`, plain or gzipped. Sequences are named after `EventID`.
///
/// # Examples
///
/// ```
/// use genolens::sequence::Peaks;
/// # fn main() -> genolens::Result<()> {
/// let peaks = Peaks::parse("FoldID\tEventID\tseq\tBound\nA\tpeak_1\tACCGGAAGT\t1\nB\tshuffled_1\tACGGCAAGT\t0\n")?;
/// assert_eq!(peaks.sequences().name(1), "shuffled_1");
/// assert_eq!(peaks.bound().to_vec(), [1.0, 0.0]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Peaks {
    sequences: Sequences,
    bound: Arc<Array1<f32>>,
    folds: Arc<Vec<String>>,
}

impl Peaks {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the file is absent or its gzip stream is truncated or broken; [`Error::Parse`], naming file and
    /// line, for a wrong header, a wrong number of columns, an illegal letter, a `Bound` that is no finite number, or no peak.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse_from(&path.display().to_string(), &text::read(path)?)
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// As [`Peaks::read`], with `peak table` in place of the file.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_from("peak table", text)
    }

    pub(super) fn parse_from(origin: &str, text: &str) -> Result<Self> {
        let header = text.lines().next().unwrap_or_default();
        if header.trim_end().split('\t').ne(COLUMNS) {
            let expected = "the tab-separated header FoldID EventID seq Bound";
            let got = if text.is_empty() {
                "an empty file".into()
            } else {
                format!("`{}`", excerpt(header))
            };
            return Err(Error::parse(origin, 1, (expected, got)));
        }
        let alphabet = guess(
            text.lines()
                .skip(1)
                .filter_map(|line| line.split('\t').nth(2)),
        );
        let (mut pairs, mut bound, mut folds) = (Vec::new(), Vec::new(), Vec::new());
        for (index, line) in text.lines().enumerate().skip(1) {
            if line.trim().is_empty() {
                continue;
            }
            let fail =
                |expected: String, got: String| Error::parse(origin, index + 1, (expected, got));
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [fold, event, letters, value] = cells[..] else {
                return Err(fail(
                    "4 tab-separated columns".into(),
                    cells.len().to_string(),
                ));
            };
            if let Some(bad) = letters
                .chars()
                .find(|c| !u8::try_from(*c).is_ok_and(|c| alphabet.accepts(c)))
            {
                return Err(fail(
                    alphabet.describe(),
                    format!("`{}`", bad.escape_debug()),
                ));
            }
            if letters.is_empty() {
                return Err(fail("letters in column `seq`".into(), "none".into()));
            }
            let number: f32 = value
                .parse()
                .ok()
                .filter(|v: &f32| v.is_finite())
                .ok_or_else(|| {
                    fail(
                        "a number in column `Bound`".into(),
                        format!("`{}`", excerpt(value)),
                    )
                })?;
            pairs.push((event.to_string(), letters.as_bytes().to_vec()));
            bound.push(number);
            folds.push(fold.to_string());
        }
        if pairs.is_empty() {
            return Err(Error::parse(
                origin,
                2,
                ("a peak", "nothing after the header"),
            ));
        }
        Ok(Self {
            sequences: Sequences::from_legal(alphabet, pairs),
            bound: Arc::new(bound.into()),
            folds: Arc::new(folds),
        })
    }

    /// Returns how many peaks there are.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Tells whether there is no peak, which no reading gives.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Returns the sequences, named after `EventID`.
    pub fn sequences(&self) -> Sequences {
        self.sequences.clone()
    }

    /// Returns the column `Bound`, shape `(n,)`: 1 for bound and 0 for not, or an intensity.
    pub fn bound(&self) -> &Array1<f32> {
        &self.bound
    }

    /// Returns the column `FoldID`.
    pub fn folds(&self) -> &[String] {
        &self.folds
    }

    /// Returns the column `EventID`.
    pub fn events(&self) -> &[String] {
        self.sequences.names()
    }
}

impl fmt::Debug for Peaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let positive = self.bound.iter().filter(|&&value| value > 0.0).count();
        write!(f, "Peaks({:?}, bound = {positive})", self.sequences)
    }
}
