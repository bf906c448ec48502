//! A genome that stays in its file.

use super::code::Code;
use super::records::Records;
use crate::sequence::{Chromosomes, Sequences, Unknown};
use crate::{Error, Result};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// A FASTA file of chromosomes of which any piece can be read; cheap to clone.
///
/// The index `NAME.fai` of `samtools faidx` is taken where it lies beside the file and fits it; without it the file is read once,
/// some seconds for a human genome. Ambiguity codes (`M`, `R`, ...) are unknown letters, as `N`. A file that `bgzip` packed can be
/// read too, each piece at the price of unpacking one or two blocks of 64 KiB; one of plain `gzip` is unpacked once into a
/// temporary file, which takes some 3 GB of disk for a human genome until the genome is closed or the process ends.
///
/// # Examples
///
/// ```
/// use genolens::stream::Genome;
/// # fn main() -> genolens::Result<()> {
/// let path = std::env::temp_dir().join("genolens_doc_genome.fa");
/// # std::fs::write(&path, ">chr1\nACGTACGTAC\nGGGG\n>chr2\nTTTTT\n").unwrap();
/// let genome = Genome::open(&path)?;
/// assert_eq!(genome.names(), ["chr1", "chr2"]);
/// assert_eq!(genome.length("chr1")?, 14);
/// assert_eq!(genome.sequence("chr1", 8..12)?.text(0), "ACGG");
/// # std::fs::remove_file(path).ok();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Genome {
    data: Arc<Data>,
}

struct Data {
    records: Records,
    numbers: HashMap<String, u32>,
}

impl Genome {
    /// Opens a FASTA file of DNA.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or is no FASTA text, when two records have one name, and when the lines of a record
    /// differ in length, so that no piece can be found (naming the line).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let code = Code {
            ambiguous: true,
            ..Code::default()
        };
        let records = Records::open(path, code, None)?;
        let origin = path.display().to_string();
        if let Some((record, line)) = records.index.uneven {
            let expected = format!(
                "lines of one length in `{}`, all but the last, as `samtools faidx` asks for",
                records.index.name(record)
            );
            return Err(Error::parse(origin, line, (expected, "another length")));
        }
        let mut numbers = HashMap::new();
        for record in 0..records.index.len() {
            let name = records.index.name(record);
            if numbers.insert(name.to_owned(), record as u32).is_some() {
                let got = format!("`{name}` twice");
                return Err(Error::value(&origin, "one name for each record", got));
            }
        }
        let data = Data { records, numbers };
        Ok(Self { data: data.into() })
    }

    /// Returns the names of the chromosomes in the order of the file.
    pub fn names(&self) -> Vec<String> {
        let index = &self.data.records.index;
        (0..index.len())
            .map(|record| index.name(record).to_owned())
            .collect()
    }

    /// Returns the number of letters of a chromosome.
    ///
    /// # Errors
    ///
    /// Fails when there is no such chromosome.
    pub fn length(&self, chromosome: &str) -> Result<usize> {
        let Some(number) = self.number(chromosome) else {
            let expected = format!("one of {}", self.known());
            return Err(Error::value("chromosome", expected, chromosome));
        };
        Ok(self.letters(number) as usize)
    }

    /// Reads a piece of a chromosome, positions counted from 0, the end excluded.
    ///
    /// # Errors
    ///
    /// Fails when there is no such chromosome, the piece is empty or passes its end, or the file cannot be read.
    pub fn sequence(&self, chromosome: &str, positions: Range<usize>) -> Result<Sequences> {
        let length = self.length(chromosome)?;
        if positions.is_empty() || positions.end > length {
            let expected = format!("within 0..{length}, `{chromosome}`");
            return Err(Error::value(
                "positions",
                expected,
                format!("{positions:?}"),
            ));
        }
        let number = self.number(chromosome).unwrap_or_default();
        let piece = (positions.start as u64, positions.end as u64);
        let letters = self.data.records.part(number as usize, piece)?;
        let name = format!("{chromosome}:{}-{}", positions.start, positions.end);
        let alphabet = self.data.records.code.alphabet;
        Ok(Sequences::from_legal(alphabet, [(name, letters)]))
    }

    pub(super) fn number(&self, chromosome: &str) -> Option<u32> {
        self.data.numbers.get(chromosome).copied()
    }

    pub(super) fn letters(&self, number: u32) -> u64 {
        self.data.records.index.places[number as usize].letters
    }

    pub(super) fn part(&self, number: u32, piece: (u64, u64)) -> Result<Vec<u8>> {
        self.data.records.part(number as usize, piece)
    }

    pub(super) fn path(&self) -> &Path {
        self.data.records.file.path()
    }

    pub(super) fn notes(&self) -> &[String] {
        &self.data.records.notes
    }

    pub(super) fn code(&self, unknown: Unknown) -> Code {
        Code {
            unknown,
            ..self.data.records.code
        }
    }

    /// Names some chromosomes for a message.
    pub(super) fn known(&self) -> String {
        let index = &self.data.records.index;
        let some: Vec<&str> = (0..index.len().min(5)).map(|r| index.name(r)).collect();
        let rest = if index.len() > 5 { ", ..." } else { "" };
        format!("{}{rest}", some.join(", "))
    }
}

impl Chromosomes for Genome {
    fn find(&self, chromosome: &str) -> Option<usize> {
        self.number(chromosome).map(|number| number as usize)
    }

    fn size(&self, number: usize) -> usize {
        let place = self.data.records.index.places.get(number);
        place.map_or(0, |place| place.letters as usize)
    }

    fn piece(&self, number: usize, positions: Range<usize>) -> Result<Vec<u8>> {
        let size = Chromosomes::size(self, number);
        if positions.start > positions.end || positions.end > size {
            let expected = format!("within 0..{size}");
            let got = format!("{positions:?}");
            return Err(Error::value("positions", expected, got));
        }
        let piece = (positions.start as u64, positions.end as u64);
        self.data.records.part(number, piece)
    }

    fn known(&self) -> String {
        Self::known(self)
    }
}

impl fmt::Display for Genome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = &self.data.records.index;
        let letters: u64 = index.places.iter().map(|place| place.letters).sum();
        let path = self.path().display();
        write!(f, "{path}: {} sequences, {letters} letters", index.len())?;
        for note in self.notes() {
            write!(f, "; {note}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Genome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Genome({self})")
    }
}
