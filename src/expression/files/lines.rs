//! Lines of a text file, plain or gzipped.

use crate::text::name_gzip_fault;
use crate::{Error, Result, progress};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

/// The longest line that is read: a row of a table has a number for each of many cells.
const LINE: u64 = 1 << 28;

/// Lines between two looks at whether the user wants to stop.
const LOOK: usize = 1 << 14;

/// Lines one after the other, each in the same room.
pub(super) struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    line: Vec<u8>,
    number: usize,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let fail = |error| Error::read(path, error);
        let mut file = File::open(path).map_err(fail)?;
        let mut start = [0; 2];
        let got = file.read(&mut start).map_err(fail)?;
        file.rewind().map_err(fail)?;
        let file = BufReader::with_capacity(1 << 16, file);
        let reader: Box<dyn BufRead> = if got == 2 && start == [0x1f, 0x8b] {
            Box::new(BufReader::with_capacity(1 << 18, MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        Ok(Self {
            path: path.to_owned(),
            reader,
            line: Vec::new(),
            number: 0,
        })
    }

    /// Returns the next line without its end, `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<&str>> {
        self.line.clear();
        let got = (&mut self.reader)
            .take(LINE)
            .read_until(b'\n', &mut self.line)
            .map_err(|error| Error::read(&self.path, name_gzip_fault(&error)))?;
        if got == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.number.is_multiple_of(LOOK) {
            progress::check("reading lines", self.number, self.number + 1)?;
        }
        if got as u64 == LINE {
            return Err(self.wrong(format!("lines of less than {LINE} bytes"), "a longer one"));
        }
        match std::str::from_utf8(&self.line) {
            Ok(line) => Ok(Some(line.trim_end_matches(['\n', '\r']))),
            Err(_) => Err(Error::parse(
                self.path.display().to_string(),
                self.number,
                ("UTF-8 text", "other bytes"),
            )),
        }
    }

    /// Says that the line that was read last is not as it should be.
    pub(super) fn wrong(&self, expected: impl Into<String>, got: impl Into<String>) -> Error {
        Error::parse(
            self.path.display().to_string(),
            self.number.max(1),
            (expected, got),
        )
    }
}
