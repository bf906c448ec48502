//! An index of a FASTA file as `samtools faidx` writes it.

use super::index::{Index, Place};
use crate::storage::Seekable;
use crate::{Error, Result};
use std::path::Path;

/// Records that are compared with the file, spread over all of it.
const COMPARED: usize = 500;

/// Bytes before the letters of a record in which its header is looked for.
const BEFORE: u64 = 1024;

impl Index {
    /// Reads the index beside a file; `None` where there is none, or where it is one of other records.
    pub(super) fn beside(file: &Seekable) -> Result<Option<Self>> {
        let mut name = file.path().as_os_str().to_owned();
        name.push(".fai");
        let path = Path::new(&name);
        if !path.exists() {
            return Ok(None);
        }
        let text = crate::text::read(path)?;
        let index = parse(&path.display().to_string(), &text)?;
        Ok(if index.len() > 0 && fits(&index, file)? {
            Some(index)
        } else {
            None
        })
    }
}

/// Reads lines of five columns: name, letters, first byte, letters of a line, bytes of a line.
fn parse(origin: &str, text: &str) -> Result<Index> {
    let mut index = Index::default();
    for (at, line) in text.lines().enumerate() {
        let fail = |expected: &str, got: String| Error::parse(origin, at + 1, (expected, got));
        let cells: Vec<&str> = line.trim_end().split('\t').collect();
        let [name, numbers @ ..] = cells.as_slice() else {
            continue;
        };
        if cells.len() != 5 || name.is_empty() {
            let got = format!("{} columns", cells.len());
            return Err(fail("5 tab-separated columns", got));
        }
        let mut read = [0; 4];
        for (place, cell) in read.iter_mut().zip(numbers) {
            let number = cell.parse::<u64>().ok().filter(|&n| n < 1 << 48);
            *place = number.ok_or_else(|| fail("a number", format!("`{cell}`")))?;
        }
        let [letters, start, bases, width] = read;
        if letters == 0 || bases == 0 || width < bases {
            let got = format!("{letters}, {bases} and {width}");
            let expected = "letters, and lines of at least as many bytes as letters";
            return Err(fail(expected, got));
        }
        let mut place = Place {
            start,
            end: 0,
            letters,
            bases,
            width,
        };
        // More than a number can say is past the end of any file.
        let lines = ((letters - 1) / bases).saturating_mul(width);
        place.end = (start + (letters - 1) % bases + 1).saturating_add(lines);
        index.push(name, place);
    }
    Ok(index)
}

/// Compares an index with the file: headers are where it says, and records end where it says.
fn fits(index: &Index, file: &Seekable) -> Result<bool> {
    let size = file.unpacked();
    if index.places.iter().any(|place| place.end > size) {
        return Ok(false);
    }
    let step = index.len().div_ceil(COMPARED);
    let last = (0..index.len()).max_by_key(|&record| index.places[record].start);
    for record in (0..index.len()).step_by(step).chain(last) {
        let place = index.places[record];
        let from = place.start.saturating_sub(BEFORE);
        let before = file.read(from, (place.start - from) as usize)?;
        let Some((b'\n', before)) = before.split_last() else {
            return Ok(false);
        };
        let header = match before.iter().rposition(|&byte| byte == b'\n') {
            Some(end) => Some(&before[end + 1..]),
            None if from == 0 => Some(before),
            // A long header, of which the beginning was not read.
            None => None,
        };
        let is_it = |header: &[u8]| {
            let header = header.strip_prefix(b">").unwrap_or_default();
            let name = header.split(u8::is_ascii_whitespace).next();
            name == Some(index.name(record).as_bytes())
        };
        if !header.is_none_or(is_it) {
            return Ok(false);
        }
        let tail = file.read(place.end - 1, 64)?;
        let Some((letter, after)) = tail.split_first() else {
            return Ok(false);
        };
        let next = after.iter().find(|byte| !byte.is_ascii_whitespace());
        let ends = if Some(record) == last {
            next.is_none()
        } else {
            next == Some(&b'>')
        };
        if !ends || !letter.is_ascii_alphabetic() {
            return Ok(false);
        }
    }
    Ok(true)
}
