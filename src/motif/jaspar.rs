//! The JASPAR text format.

use super::records::records;
use super::{Motif, Motifs};
use crate::sequence::Alphabet;
use crate::{Error, Result};
use ndarray::Array2;
use std::fmt::Write;

/// Reads JASPAR counts: `>ID NAME`, then one row for each letter, either bare or as `A [ 3 0 12 ]`.
pub(super) fn parse(origin: &str, text: &str) -> Result<Motifs> {
    let mut motifs = Vec::new();
    for record in records(origin, text)? {
        let mut names = record.header.split_whitespace();
        let (name, alternate) = (
            names.next().unwrap_or_default(),
            names.next().unwrap_or_default(),
        );
        let mut rows: Vec<Vec<f64>> = Vec::new();
        let mut alphabet = Alphabet::Dna;
        let last = record.last();
        for (at, line) in record.rows {
            if rows.len() == 4 {
                return Err(Error::parse(
                    origin,
                    at,
                    (format!("4 rows for {name}"), "a fifth"),
                ));
            }
            let fail = |expected: String, got: String| Error::parse(origin, at, (expected, got));
            let (letter, row) =
                numbers(line).map_err(|cell| fail("counts".into(), format!("`{cell}`")))?;
            let wanted = char::from(Alphabet::Dna.letters()[rows.len()]);
            match letter {
                Some('U') if wanted == 'T' => alphabet = Alphabet::Rna,
                Some(letter) if letter != wanted => {
                    return Err(fail(
                        format!("the row of `{wanted}`"),
                        format!("the row of `{letter}`"),
                    ));
                }
                _ => {}
            }
            if rows.first().is_some_and(|first| first.len() != row.len()) {
                return Err(fail(
                    format!("{} counts as in the row of `A`", rows[0].len()),
                    row.len().to_string(),
                ));
            }
            rows.push(row);
        }
        if rows.len() != 4 {
            return Err(Error::parse(
                origin,
                last,
                (format!("4 rows for {name}"), rows.len().to_string()),
            ));
        }
        let counts = Array2::from_shape_fn((rows[0].len(), 4), |(position, letter)| {
            rows[letter][position]
        });
        if counts.is_empty() {
            return Err(Error::parse(
                origin,
                last,
                (format!("counts for {name}"), "empty rows"),
            ));
        }
        if let Some(empty) = counts.rows().into_iter().position(|row| row.sum() == 0.0) {
            let got = format!("zeros only at position {}", empty + 1);
            return Err(Error::parse(
                origin,
                last,
                (format!("counts at every position of {name}"), got),
            ));
        }
        let motif = Motif::from_counts(name, &counts)?.with_alternate(alternate);
        motifs.push(if alphabet == Alphabet::Rna {
            motif.to_rna()
        } else {
            motif
        });
    }
    if motifs.is_empty() {
        return Err(Error::parse(
            origin,
            1,
            ("a header that begins with `>`", "an empty file"),
        ));
    }
    Ok(motifs.into_iter().collect())
}

/// Splits a row into its letter, if it has one, and its numbers, or returns the cell that is no count.
fn numbers(line: &str) -> Result<(Option<char>, Vec<f64>), String> {
    let letter = line.chars().next().filter(char::is_ascii_alphabetic);
    let cells = if letter.is_some() { &line[1..] } else { line };
    let cells = cells.trim().trim_start_matches('[').trim_end_matches(']');
    let read = |cell: &str| match cell.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err(cell.to_string()),
    };
    let row: Result<Vec<f64>, String> = cells.split_whitespace().map(read).collect();
    Ok((letter.map(|letter| letter.to_ascii_uppercase()), row?))
}

/// Writes counts with letters and brackets.
pub(super) fn write(motifs: &Motifs) -> Result<String> {
    let mut text = String::new();
    for motif in (0..motifs.len()).map(|i| motifs.get(i)) {
        if !motif.alphabet().has_complement() {
            return Err(Error::value("motifs", "DNA or RNA", motif.alphabet()));
        }
        let names = format!(
            "{} {}",
            motif.name().replace(char::is_whitespace, "_"),
            motif.alternate()
        );
        // Writing into a String cannot fail.
        let _ = writeln!(text, ">{}", names.trim_end());
        for (letter, column) in motif
            .alphabet()
            .letters()
            .iter()
            .zip(motif.counts().columns())
        {
            // Six decimals hide the rounding of probability times sites.
            let cells: Vec<String> = column
                .iter()
                .map(|count| format!("{}", (count * 1e6).round() / 1e6))
                .collect();
            let _ = writeln!(text, "{} [ {} ]", char::from(*letter), cells.join(" "));
        }
    }
    Ok(text)
}
