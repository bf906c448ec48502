//! Opening a file whose content says what it is.

use super::{Fasta, Peaks, Sequences};
use crate::Result;
use crate::text;
use std::path::Path;

/// Reads the sequences of a FASTA file or a peak table, plain or gzipped; the content decides, not the name.
///
/// Files with `U` and no `T` are RNA, others DNA; for protein use [`Fasta`].
///
/// # Errors
///
/// As [`Fasta::read`] and [`Peaks::read`]: every message names the file and, where there is one, the line.
///
/// # Examples
///
/// ```no_run
/// use genolens::sequence;
/// # fn main() -> genolens::Result<()> {
/// let peaks = sequence::open("gabpa.fa.gz")?;
/// let code = peaks.one_hot()?;
/// # Ok(()) }
/// ```
pub fn open(path: impl AsRef<Path>) -> Result<Sequences> {
    open_at(path.as_ref())
}

fn open_at(path: &Path) -> Result<Sequences> {
    let content = text::read(path)?;
    let origin = path.display().to_string();
    if content.starts_with("FoldID\t") {
        return Ok(Peaks::parse_from(&origin, &content)?.sequences());
    }
    Fasta::new().parse_from(&origin, &content)
}

/// Reads a table of peaks with the columns `FoldID EventID seq Bound`, plain or gzipped.
///
/// # Errors
///
/// As [`Peaks::read`].
///
/// # Examples
///
/// ```no_run
/// use genolens::sequence;
/// # fn main() -> genolens::Result<()> {
/// let peaks = sequence::open_peaks("GABPA_B.seq.gz")?;
/// let (x, labels) = (peaks.sequences(), peaks.bound());
/// # Ok(()) }
/// ```
pub fn open_peaks(path: impl AsRef<Path>) -> Result<Peaks> {
    Peaks::read(path)
}
