//! Text in records, each under a header that begins with `>`.

use crate::{Error, Result};

/// A header without its `>`, and the rows below it, each with its line in the file.
pub(super) struct Record<'a> {
    pub(super) line: usize,
    pub(super) header: &'a str,
    pub(super) rows: Vec<(usize, &'a str)>,
}

impl Record<'_> {
    /// The last line of the record.
    pub(super) fn last(&self) -> usize {
        self.rows.last().map_or(self.line, |row| row.0)
    }
}

/// Splits a text into its records; empty lines do not count.
pub(super) fn records<'a>(origin: &str, text: &'a str) -> Result<Vec<Record<'a>>> {
    let mut records: Vec<Record<'a>> = Vec::new();
    for (index, row) in text.lines().map(str::trim).enumerate() {
        let line = index + 1;
        if let Some(header) = row.strip_prefix('>') {
            let rows = Vec::new();
            records.push(Record { line, header, rows });
        } else if let Some(record) = records.last_mut() {
            if !row.is_empty() {
                record.rows.push((line, row));
            }
        } else if !row.is_empty() {
            let got = format!("`{}`", row.chars().take(20).collect::<String>());
            let expected = "a header that begins with `>`";
            return Err(Error::parse(origin, line, (expected, got)));
        }
    }
    Ok(records)
}
