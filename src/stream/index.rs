//! Where the records of a FASTA file begin.

use super::code::Code;
use crate::storage::Seekable;
use crate::text::name_gzip_fault;
use crate::{Error, Result, progress};
use std::io::{BufRead, BufReader};

/// The longest header that is read.
const HEADER: usize = 1 << 16;

/// Bytes that are read at a time while a file is searched for records.
const PIECE: usize = 1 << 20;

/// Where a record begins and how its lines are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The byte of the first letter, and the byte after the last line.
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) letters: u64,
    /// Letters and bytes of a full line; 0 where lines differ.
    pub(super) bases: u64,
    pub(super) width: u64,
}

impl Place {
    /// Returns the byte of a letter in a record with lines of one length.
    pub(super) fn byte(&self, letter: u64) -> u64 {
        self.start + letter / self.bases * self.width + letter % self.bases
    }
}

/// The records of a file in order.
#[derive(Default)]
pub(super) struct Index {
    /// All names in a row, and where each ends.
    text: String,
    ends: Vec<usize>,
    pub(super) places: Vec<Place>,
    /// The first line that differs in length from those before, in which record.
    pub(super) uneven: Option<(usize, usize)>,
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn name(&self, record: usize) -> &str {
        let start = match record {
            0 => 0,
            _ => self.ends[record - 1],
        };
        &self.text[start..self.ends[record]]
    }

    pub(super) fn push(&mut self, name: &str, place: Place) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
        self.places.push(place);
    }

    /// Reads a file once from the first byte to the last, checks its letters and notes its records.
    ///
    /// `header` is told every header, without the `>`, with its line.
    pub(super) fn scan(
        file: &Seekable,
        code: Code,
        header: &mut dyn FnMut(&str, usize) -> Result<()>,
    ) -> Result<Self> {
        let mut reader = BufReader::with_capacity(PIECE, file.whole()?);
        let mut scan = Scan::new(file.path().display().to_string(), code, header);
        let mut pieces = 0;
        loop {
            progress::check("index of a FASTA file", pieces, pieces + 1)?;
            let piece = reader
                .fill_buf()
                .map_err(|error| Error::read(file.path(), name_gzip_fault(&error)))?;
            if piece.is_empty() {
                break;
            }
            for some in piece.split_inclusive(|&byte| byte == b'\n') {
                scan.take(some)?;
            }
            let size = piece.len();
            reader.consume(size);
            pieces += 1;
        }
        scan.finish()
    }
}

/// Kinds of bytes.
const LETTER: u8 = 1;
const BLANK: u8 = 2;

struct Scan<'a> {
    origin: String,
    code: Code,
    header: &'a mut dyn FnMut(&str, usize) -> Result<()>,
    kinds: [u8; 256],
    index: Index,
    name: Option<String>,
    place: Place,
    /// The line, its first byte, and what was seen of it.
    line: usize,
    offset: u64,
    bytes: u64,
    letters: u64,
    title: Option<Vec<u8>>,
    /// A line of the record was shorter than the first, so that no other may follow.
    short: bool,
    spaced: bool,
    head: usize,
}

impl<'a> Scan<'a> {
    fn new(
        origin: String,
        code: Code,
        header: &'a mut dyn FnMut(&str, usize) -> Result<()>,
    ) -> Self {
        let mut kinds = [0; 256];
        for byte in 0..=u8::MAX {
            if code.letter(byte).is_some() {
                kinds[usize::from(byte)] = LETTER;
            } else if byte.is_ascii_whitespace() {
                kinds[usize::from(byte)] = BLANK;
            }
        }
        Self {
            origin,
            code,
            header,
            kinds,
            index: Index::default(),
            name: None,
            place: Place::default(),
            line: 1,
            offset: 0,
            bytes: 0,
            letters: 0,
            title: None,
            short: false,
            spaced: false,
            head: 1,
        }
    }

    fn fail<T>(&self, expected: impl Into<String>, got: impl Into<String>) -> Result<T> {
        Err(Error::parse(&self.origin, self.line, (expected, got)))
    }

    /// Takes a piece of a line, which may be its end.
    fn take(&mut self, piece: &[u8]) -> Result<()> {
        if self.bytes == 0 && piece[0] == b'>' {
            self.close()?;
            self.title = Some(Vec::new());
        }
        if let Some(title) = &mut self.title {
            if title.len() + piece.len() > HEADER {
                let expected = format!("a header of at most {HEADER} bytes");
                return self.fail(expected, "a longer one");
            }
            title.extend(piece);
        } else {
            if self.name.is_none() && piece.iter().any(|byte| !byte.is_ascii_whitespace()) {
                let start = String::from_utf8_lossy(&piece[..piece.len().min(20)]);
                let start = start.trim_end().escape_debug().to_string();
                return self.fail("a header that begins with `>`", format!("`{start}`"));
            }
            let mut letters = 0;
            for &byte in piece {
                letters += u64::from(self.kinds[usize::from(byte)] == LETTER);
            }
            let blanks = piece.len() as u64 - letters;
            // A line may come in several pieces.
            self.spaced |= letters > 0 && self.bytes > self.letters;
            // Most pieces are letters and the end of a line.
            if blanks > 1 || (blanks == 1 && piece.last() != Some(&b'\n')) {
                self.look(piece)?;
            }
            self.letters += letters;
        }
        self.bytes += piece.len() as u64;
        if piece.last() == Some(&b'\n') {
            self.end_line()?;
        }
        Ok(())
    }

    /// Finds illegal letters and blanks within a line.
    fn look(&mut self, piece: &[u8]) -> Result<()> {
        for (place, &byte) in piece.iter().enumerate() {
            match self.kinds[usize::from(byte)] {
                LETTER => {}
                BLANK => {
                    let ends = matches!(piece.get(place + 1), None | Some(b'\n'));
                    self.spaced |= !(byte == b'\n' || (byte == b'\r' && ends));
                }
                _ => {
                    let column = self.bytes + place as u64 + 1;
                    let got = format!("`{}` in column {column}", byte.escape_ascii());
                    return self.fail(self.code.describe(), got);
                }
            }
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<()> {
        let end = self.offset + self.bytes;
        if let Some(title) = self.title.take() {
            let Ok(title) = String::from_utf8(title) else {
                return self.fail("UTF-8 text", "other bytes");
            };
            let title = title[1..].trim_end();
            let Some(name) = title.split_whitespace().next() else {
                return self.fail("a name after `>`", "nothing");
            };
            (self.header)(title, self.line)?;
            self.name = Some(name.to_owned());
            self.head = self.line;
            self.short = false;
            self.place = Place {
                start: end,
                end,
                ..Place::default()
            };
        } else if self.letters > 0 {
            let place = &mut self.place;
            if place.letters == 0 {
                // Letters after blank lines.
                place.start = self.offset;
                (place.bases, place.width) = (self.letters, self.bytes);
            }
            let ending = self.bytes - self.letters;
            let uneven = self.short || self.letters > place.bases || self.spaced || ending > 2;
            let uneven = uneven || (self.letters == place.bases && self.bytes != place.width);
            if uneven && self.index.uneven.is_none() {
                self.index.uneven = Some((self.index.len(), self.line));
            }
            if uneven {
                (place.bases, place.width) = (0, 0);
                // Once uneven, a record stays so.
                self.short = true;
            }
            self.short |= self.letters < place.bases;
            place.letters += self.letters;
            place.end = end;
        } else {
            self.short = self.place.letters > 0;
        }
        self.offset = end;
        (self.bytes, self.letters, self.spaced) = (0, 0, false);
        self.line += 1;
        Ok(())
    }

    /// Ends a record.
    fn close(&mut self) -> Result<()> {
        let Some(name) = self.name.take() else {
            return Ok(());
        };
        if self.place.letters == 0 {
            let expected = format!("letters after the header of `{name}`");
            let problem = (expected, "none");
            return Err(Error::parse(&self.origin, self.head, problem));
        }
        self.index.push(&name, self.place);
        Ok(())
    }

    fn finish(mut self) -> Result<Index> {
        if self.bytes > 0 {
            // The last line has no end of its own; what would be there has a place all the same.
            let ended = self.letters > 0 && self.letters == self.place.bases;
            if ended && self.bytes < self.place.width {
                self.bytes = self.place.width;
            }
            self.end_line()?;
        }
        self.close()?;
        if self.index.len() == 0 {
            let what = if self.offset == 0 {
                "an empty file"
            } else {
                "no record"
            };
            self.line = 1;
            return self.fail("a header that begins with `>`", what);
        }
        Ok(self.index)
    }
}
