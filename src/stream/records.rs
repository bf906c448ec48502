//! The records of a FASTA file, read when they are needed.

use super::code::Code;
use super::index::Index;
use crate::storage::Seekable;
use crate::{Error, Result};
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// What is told of every header: its text and its line.
type Told<'a> = dyn FnMut(&str, usize) -> Result<()> + 'a;

/// A FASTA file and where its records are; cheap to clone.
#[derive(Clone)]
pub(super) struct Records {
    pub(super) file: Arc<Seekable>,
    pub(super) index: Arc<Index>,
    pub(super) code: Code,
    /// What a user should know of the file.
    pub(super) notes: Vec<String>,
}

impl Records {
    /// Opens a file, with the index beside it, where that fits the file, or with one of its own.
    ///
    /// `header` is told every header, and the index beside the file is left alone for its sake.
    pub(super) fn open(path: &Path, code: Code, header: Option<&mut Told<'_>>) -> Result<Self> {
        let file = Seekable::open(path)?;
        let mut notes: Vec<String> = file.cost().map(str::to_owned).into_iter().collect();
        let index = if let Some(header) = header {
            Index::scan(&file, code, header)?
        } else if let Some(index) = Index::beside(&file)? {
            index
        } else {
            let mut beside = path.as_os_str().to_owned();
            beside.push(".fai");
            if Path::new(&beside).exists() {
                notes.push("its .fai belongs to another file and was not used".into());
            }
            Index::scan(&file, code, &mut |_, _| Ok(()))?
        };
        Ok(Self {
            file: file.into(),
            index: index.into(),
            code,
            notes,
        })
    }

    /// Reads a whole record.
    pub(super) fn record(&self, record: usize) -> Result<Vec<u8>> {
        let place = self.index.places[record];
        let whole = (place.start, place.end, place.letters);
        self.between(record, whole)
    }

    /// Reads some letters of a record with lines of one length.
    pub(super) fn part(&self, record: usize, (from, to): (u64, u64)) -> Result<Vec<u8>> {
        let place = self.index.places[record];
        if from >= to {
            return Ok(Vec::new());
        }
        let bytes = (place.byte(from), place.byte(to - 1) + 1, to - from);
        self.between(record, bytes)
    }

    fn between(&self, record: usize, (start, end, count): (u64, u64, u64)) -> Result<Vec<u8>> {
        let mut text = self.file.read(start, (end - start) as usize)?;
        text.retain(|byte| !byte.is_ascii_whitespace());
        if text.len() as u64 != count {
            let expected = format!("{count} letters of `{}`", self.index.name(record));
            let got = format!("{}: the file has changed", text.len());
            return Err(Error::value(&self.origin(), expected, got));
        }
        self.code
            .letters(&text)
            .map_err(|(letter, _)| self.illegal(record, letter))
    }

    fn origin(&self) -> String {
        self.file.path().display().to_string()
    }

    /// Finds the line of a letter that may not stand in a record, which an index alone does not tell.
    fn illegal(&self, record: usize, letter: u8) -> Error {
        let expected = format!("{} in `{}`", self.code.describe(), self.index.name(record));
        let got = format!("`{}`", letter.escape_ascii());
        let Ok(reader) = self.file.whole() else {
            return Error::value(&self.origin(), expected, got);
        };
        let (mut line, mut at) = (1, 0);
        let start = self.index.places[record].start;
        for byte in BufReader::new(reader).bytes() {
            match byte {
                Ok(b'\n') => line += 1,
                Ok(byte) if at < start || byte.is_ascii_whitespace() => {}
                Ok(byte) if self.code.letter(byte).is_some() => {}
                _ => break,
            }
            at += 1;
        }
        Error::parse(self.origin(), line, (expected, got))
    }
}
