//! The text formats of HOMER and of the ENCODE motifs: one row for each position.

use super::{Motif, Motifs};
use crate::{Error, Result};
use ndarray::Array2;

/// Tells whether a text of records under `>` has a row for each position, not for each letter as JASPAR has.
///
/// A record of other than four rows, each of four numbers, decides.
pub(super) fn is_by_position(text: &str) -> bool {
    let lines = text.lines().map(str::trim);
    let mut rows = 0;
    let mut fours = true;
    for line in lines.filter(|line| !line.is_empty()).chain([">"]) {
        if line.starts_with('>') {
            if rows > 0 && rows != 4 && fours {
                return true;
            }
            (rows, fours) = (0, true);
        } else {
            rows += 1;
            fours &= numbers(line).is_some();
        }
    }
    false
}

/// Reads `>NAME …`, then the probabilities of A, C, G and T at each position, after an IUPAC letter or bare.
pub(super) fn parse(origin: &str, text: &str) -> Result<Motifs> {
    let mut motifs = Vec::new();
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .peekable();
    while let Some((header, line)) = lines.next() {
        let Some(names) = line.strip_prefix('>') else {
            let got = format!("`{}`", line.chars().take(20).collect::<String>());
            let expected = "a header that begins with `>`";
            return Err(Error::parse(origin, header, (expected, got)));
        };
        let (name, alternate) = self::names(names);
        let mut rows: Vec<f64> = Vec::new();
        while let Some((at, line)) = lines.next_if(|(_, line)| !line.starts_with('>')) {
            let Some(row) = numbers(line) else {
                let got = format!("`{}`", line.chars().take(40).collect::<String>());
                let expected = format!("4 probabilities of {name}");
                return Err(Error::parse(origin, at, (expected, got)));
            };
            rows.extend(row);
        }
        let read = Array2::from_shape_vec((rows.len() / 4, 4), rows)
            .map_err(|fault| Error::parse(origin, header, ("rows of 4", fault.to_string())))
            .and_then(|rows| Motif::from_probabilities(name, &rows));
        let motif = read.map_err(|fault| {
            let expected = format!("probabilities of {name}");
            Error::parse(origin, header, (expected, fault.to_string()))
        })?;
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
