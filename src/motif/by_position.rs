//! The text formats of HOMER and of the ENCODE motifs: one row for each position.

use super::records::{Record, records};
use super::{Motif, Motifs};
use crate::{Error, Result};
use ndarray::Array2;

/// Tells whether a text of records under `>` has a row for each position, not for each letter as JASPAR has.
///
/// A record of other than four rows, each of four numbers, decides.
pub(super) fn is_by_position(text: &str) -> bool {
    let by_position = |record: &Record<'_>| {
        let count = record.rows.len();
        count > 0 && count != 4 && record.rows.iter().all(|row| numbers(row.1).is_some())
    };
    records("", text).is_ok_and(|records| records.iter().any(by_position))
}

/// Reads `>NAME …`, then the probabilities of A, C, G and T at each position, after an IUPAC letter or bare.
pub(super) fn parse(origin: &str, text: &str) -> Result<Motifs> {
    let mut motifs = Vec::new();
    for record in records(origin, text)? {
        let (name, alternate) = names(record.header);
        let mut rows: Vec<f64> = Vec::new();
        for (at, line) in record.rows {
            let Some(row) = numbers(line) else {
                let got = format!("`{}`", line.chars().take(40).collect::<String>());
                let expected = format!("4 probabilities of {name}");
                return Err(Error::parse(origin, at, (expected, got)));
            };
            rows.extend(row);
        }
        let fail = |expected, got| Error::parse(origin, record.line, (expected, got));
        let motif = Array2::from_shape_vec((rows.len() / 4, 4), rows)
            .map_err(|fault| fail("rows of 4".to_owned(), fault.to_string()))
            .and_then(|rows| Motif::from_probabilities(name, &rows))
            .map_err(|fault| fail(format!("probabilities of {name}"), fault.to_string()))?;
        motifs.push(motif.with_alternate(alternate));
    }
    Ok(motifs.into_iter().collect())
}

/// Reads a name and another of a header: HOMER puts the consensus before the name and a threshold after it.
fn names(header: &str) -> (&str, &str) {
    let cells: Vec<&str> = header.split('\t').map(str::trim).collect();
    if let [consensus, name, threshold, ..] = cells[..]
        && threshold.parse::<f64>().is_ok()
    {
        return (name, consensus);
    }
    let mut names = header.split_whitespace();
    let name = names.next().unwrap_or_default();
    (name, names.next().unwrap_or_default())
}

/// Reads the four numbers of a row, or nothing when it has others.
fn numbers(line: &str) -> Option<[f64; 4]> {
    let mut cells = line.split_whitespace().peekable();
    cells
        .next_if(|cell| cell.len() == 1 && cell.chars().all(|letter| letter.is_ascii_alphabetic()));
    let mut row = [0.0; 4];
    for number in &mut row {
        *number = cells.next()?.parse().ok()?;
    }
    cells.next().is_none().then_some(row)
}
