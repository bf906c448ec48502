//! The records of a FASTA file as examples.

use super::HeaderLabels;
use super::code::{Code, centred, check_resize};
use super::groups::numbered;
use super::records::Records;
use super::rows::{Rows, check_labels};
use super::stream::{Data, Stream};
use crate::sequence::{Alphabet, Unknown};
use crate::training::Labels;
use crate::{Error, Result};
use ndarray::{ArrayD, IxDyn};
use rayon::prelude::*;
use std::path::Path;

/// Reads the records of a FASTA file as examples when they are needed, with the defaults of [`FastaFile`].
///
/// # Errors
///
/// As [`FastaFile::open`].
///
/// # Examples
///
/// ```
/// use genolens::training::Source;
/// use genolens::{ndarray::array, stream};
/// # fn main() -> genolens::Result<()> {
/// let path = std::env::temp_dir().join("genolens_doc_stream.fa");
/// # std::fs::write(&path, ">a\nACGTN\n>b\nTTGCA\n").unwrap();
/// let peaks = stream::fasta(&path, &array![1.0_f32, 0.0])?;
/// assert_eq!(peaks.shape(), [2, 4, 5]);
/// let batch = peaks.read(&[1, 0, 1])?;
/// assert_eq!(batch.x()[[1, 1, 1]], 1.0);
/// # std::fs::remove_file(path).ok();
/// # Ok(()) }
/// ```
pub fn fasta(path: impl AsRef<Path>, labels: &dyn Labels) -> Result<Stream> {
    FastaFile::new().open(path, labels)
}

/// Reads the records of a FASTA file as examples when they are needed, with options.
///
/// The file is read once when it is opened, to find its records and to check its letters; an index `NAME.fai`, as `samtools
/// faidx` writes it, saves that, when it fits the file. After that a batch costs one short read for each example, and the memory
/// some 50 bytes for each record. Records come in the order of the file.
///
/// A packed file is read as well, at a price: one that `bgzip` packed unpacks blocks of 64 KiB for every example, about 0.3 ms each;
/// one of plain `gzip`, which can only be read from its start, is unpacked once into a temporary file. That takes the room of the
/// unpacked text on the disk of temporary files until the stream and its clones are gone, or the process, however it ends; no folder
/// shows it, since the file has no name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FastaFile {
    code: Code,
    length: Option<usize>,
    resize: bool,
    chromosomes: bool,
}

impl FastaFile {
    /// Takes the defaults: DNA, no letters but its four and `N`, which is equal shares, and records of one length.
    pub fn new() -> Self {
        Self::default()
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

    /// Sets the length that every record must have; without it, that of the first.
    pub fn length(mut self, length: usize) -> Self {
        (self.length, self.resize) = (Some(length), false);
        self
    }

    /// Cuts longer records to their middle and fills shorter ones up with unknown letters on both sides.
    pub fn resize(mut self, length: usize) -> Self {
        (self.length, self.resize) = (Some(length), true);
        self
    }

    /// Groups records by what their name says before a colon, as the chromosome in `chr8:500-600`.
    pub fn chromosomes(mut self, grouped: bool) -> Self {
        self.chromosomes = grouped;
        self
    }

    /// Opens a file whose records have these labels, `(n)` or `(n, tasks)`, NaN where one is missing: an array, or a column of a
    /// polars frame.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or is no FASTA text (naming the line), when a record has another length than the first
    /// (naming the record), or when there is not one label for each record.
    pub fn open(&self, path: impl AsRef<Path>, labels: &dyn Labels) -> Result<Stream> {
        let labels = labels.labels()?.into_owned();
        let records = Records::open(path.as_ref(), self.code, None)?;
        self.stream(records, labels)
    }

    /// Opens a file whose headers tell the labels; it is always read once, even if there is an index.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and when a header does not tell its labels (naming the line).
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::stream::{FastaFile, HeaderLabels};
    /// use genolens::training::Source;
    /// # fn main() -> genolens::Result<()> {
    /// let path = std::env::temp_dir().join("genolens_doc_headers.fa");
    /// # std::fs::write(&path, ">a 1\nACGTN\n>b 0\nTTGCA\n").unwrap();
    /// let peaks = FastaFile::new().open_told(&path, &HeaderLabels::fields(&[2]))?;
    /// assert_eq!(peaks.labels(&[0, 1])?.as_slice(), Some(&[1.0, 0.0][..]));
    /// # std::fs::remove_file(path).ok();
    /// # Ok(()) }
    /// ```
    pub fn open_told(&self, path: impl AsRef<Path>, rule: &HeaderLabels) -> Result<Stream> {
        rule.check()?;
        let path = path.as_ref();
        let origin = path.display().to_string();
        let mut labels = Vec::new();
        let mut header =
            |header: &str, line: usize| rule.read(header, (&origin, line), &mut labels);
        let records = Records::open(path, self.code, Some(&mut header))?;
        let shape = match rule.width() {
            1 => vec![records.index.len()],
            width => vec![records.index.len(), width],
        };
        let labels = ArrayD::from_shape_vec(IxDyn(&shape), labels)
            .map_err(|_| Error::shape("labels", "one row per record", &shape))?;
        self.stream(records, labels)
    }

    fn stream(&self, records: Records, labels: ArrayD<f32>) -> Result<Stream> {
        let index = &records.index;
        check_labels(&labels, index.len())?;
        if let (Some(length), true) = (self.length, self.resize) {
            check_resize(length)?;
        }
        let first = index.places[0].letters;
        let length = self.length.map_or(first, |length| length as u64);
        if length == 0 {
            return Err(Error::value("length", "at least 1", 0));
        }
        let other = |record: &usize| index.places[*record].letters != length;
        if let Some(record) = (0..index.len()).find(other)
            && !self.resize
        {
            let origin = records.file.path().display();
            let expected = match self.length {
                Some(_) => format!("{length} letters, or the option `resize`"),
                None => format!(
                    "{length} letters as in `{}`, the first record, or the option `resize`",
                    index.name(0)
                ),
            };
            let name = index.name(record);
            let argument = format!("record {name} (number {}) of {origin}", record + 1);
            let got = format!("{} long", index.places[record].letters);
            return Err(Error::value(&argument, expected, got));
        }
        let groups = self.chromosomes.then(|| grouped(&records));
        Stream::new(Data {
            what: format!("FASTA file {}", records.file.path().display()),
            notes: records.notes.clone(),
            examples: Box::new(Whole {
                records,
                length: length as usize,
            }),
            labels: Box::new(labels),
            groups,
            dropped: 0,
        })
    }
}

/// Returns the groups and to which of them each record belongs.
fn grouped(records: &Records) -> (Vec<String>, Vec<u32>) {
    let names = (0..records.index.len()).map(|record| records.index.name(record));
    numbered(names.map(|name| name.split(':').next().unwrap_or(name)))
}

/// Whole records as one-hot code of one length.
struct Whole {
    records: Records,
    length: usize,
}

impl Rows for Whole {
    fn len(&self) -> usize {
        self.records.index.len()
    }

    fn shape(&self) -> Vec<usize> {
        vec![self.records.code.alphabet.size(), self.length]
    }

    fn read(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let unknown = self.records.code.alphabet.unknown();
        let letters = rows
            .par_iter()
            .map(|&row| {
                let place = self.records.index.places[row];
                let wanted = self.length as u64;
                if place.bases > 0 && place.letters > wanted {
                    let start = (place.letters - wanted) / 2;
                    return self.records.part(row, (start, start + wanted));
                }
                Ok(centred(&self.records.record(row)?, self.length, unknown))
            })
            .collect::<Vec<Result<_>>>();
        // Of several that fail the first is named, for any number of threads.
        let letters = letters.into_iter().collect::<Result<Vec<_>>>()?;
        self.records.code.encode(letters)
    }
}
