//! The MEME text format.

use super::{Motif, Motifs};
use crate::sequence::Alphabet;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use std::fmt::Write;

const MATRIX: &str = "letter-probability matrix:";

/// Reads the MEME text format (<https://meme-suite.org/meme/doc/meme-format.html>); files put one after the other are fine.
///
/// Lines that are no part of the minimal format, such as `URL` or the site lists of a full report, are passed over.
pub(super) fn parse(origin: &str, text: &str) -> Result<Motifs> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut reader = Reader {
        origin,
        lines,
        at: 0,
        alphabet: None,
        background: None,
    };
    reader.read()
}

struct Reader<'a> {
    origin: &'a str,
    lines: Vec<&'a str>,
    /// The line that is read next, from 0.
    at: usize,
    alphabet: Option<Alphabet>,
    background: Option<Array1<f64>>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<Motifs> {
        let first = self
            .lines
            .iter()
            .position(|line| !line.is_empty())
            .unwrap_or(0);
        if !self
            .lines
            .get(first)
            .is_some_and(|line| line.starts_with("MEME version"))
        {
            return Err(self.fail(first, "`MEME version`", self.shown(first)));
        }
        let mut motifs = Vec::new();
        // The motif whose matrix has not come yet: its line, name and second name.
        let mut open: Option<(usize, &'a str, &'a str)> = None;
        while let Some(&line) = self.lines.get(self.at) {
            let here = self.at;
            self.at += 1;
            if line.starts_with("ALPHABET") {
                self.alphabet = Some(self.alphabet_of(here, line)?);
            } else if line.starts_with("Background letter frequencies") {
                self.background = Some(self.background_of()?);
            } else if let Some(names) = line.strip_prefix("MOTIF ") {
                self.closed(open)?;
                let mut names = names.split_whitespace();
                let name = names.next().unwrap_or_default();
                open = Some((here, name, names.next().unwrap_or_default()));
            } else if let Some(keys) = line.strip_prefix(MATRIX) {
                let Some((_, name, alternate)) = open.take() else {
                    return Err(self.fail(
                        here,
                        "`MOTIF` before its matrix",
                        "a matrix without a name",
                    ));
                };
                motifs.push(self.matrix(keys, name)?.with_alternate(alternate));
            }
        }
        self.closed(open)?;
        if motifs.is_empty() {
            return Err(self.fail(
                self.lines.len().saturating_sub(1),
                "a line `MOTIF`",
                "none in the file",
            ));
        }
        Ok(motifs.into_iter().collect())
    }

    fn matrix(&mut self, keys: &str, name: &str) -> Result<Motif> {
        let header = self.at - 1;
        let Some(alphabet) = self.alphabet else {
            return Err(self.fail(header, "a line `ALPHABET=` before the first matrix", "none"));
        };
        if let Some(length) = self.key(header, keys, "alength=")?
            && length != alphabet.size() as f64
        {
            let expected = format!("alength= {} as the alphabet has", alphabet.size());
            return Err(self.fail(header, expected, length.to_string()));
        }
        let width = self.key(header, keys, "w=")?;
        let mut values = Vec::new();
        let mut rows = 0;
        while let Some(line) = self.lines.get(self.at) {
            let begins = line.split_whitespace().next().unwrap_or_default();
            if begins.parse::<f64>().is_err() {
                break;
            }
            values.extend(self.row(line, alphabet)?);
            rows += 1;
            self.at += 1;
        }
        if width.is_some_and(|width| width != rows as f64) || rows == 0 {
            let expected = width.map_or("1 or more".into(), |width| width.to_string());
            // The line at which the matrix stopped shows what is wrong when a row is garbled or missing.
            let got = format!("{rows}, then {}", self.shown(self.at));
            return Err(self.fail(
                self.at,
                format!("a matrix of {expected} rows for {name}"),
                got,
            ));
        }
        let fault = |_| self.fail(header, "a matrix", "another shape");
        let matrix = Array2::from_shape_vec((rows, alphabet.size()), values).map_err(fault)?;
        let mut motif = Motif::from_probabilities(name, &matrix)?;
        if alphabet == Alphabet::Rna {
            motif = motif.to_rna();
        }
        if let Some(background) = &self.background {
            motif = motif.with_background(background)?;
        }
        match self.key(header, keys, "nsites=")? {
            Some(sites) if sites > 0.0 => Ok(motif.with_sites(sites)),
            _ => Ok(motif),
        }
    }

    fn row(&self, line: &str, alphabet: Alphabet) -> Result<Vec<f64>> {
        let cells: Vec<&str> = line.split_whitespace().collect();
        if cells.len() != alphabet.size() {
            let expected = format!("{} columns, one for each letter", alphabet.size());
            return Err(self.fail(self.at, expected, cells.len().to_string()));
        }
        let mut row = Vec::with_capacity(cells.len());
        for cell in cells {
            match cell.parse::<f64>() {
                Ok(value) if (0.0..=1.0).contains(&value) => row.push(value),
                _ => {
                    return Err(self.fail(
                        self.at,
                        "a probability from 0 to 1",
                        format!("`{cell}`"),
                    ));
                }
            }
        }
        let sum: f64 = row.iter().sum();
        if (sum - 1.0).abs() > 0.01 {
            return Err(self.fail(self.at, "a row that sums to 1", format!("{sum:.4}")));
        }
        Ok(row)
    }

    fn alphabet_of(&self, here: usize, line: &str) -> Result<Alphabet> {
        let letters = line
            .trim_start_matches("ALPHABET")
            .trim_start_matches([' ', '=']);
        let known = [Alphabet::Dna, Alphabet::Rna, Alphabet::Protein];
        let found = known
            .into_iter()
            .find(|alphabet| letters.as_bytes() == alphabet.letters());
        let expected = "`ALPHABET= ACGT`, `ACGU` or the 20 amino acids";
        found.ok_or_else(|| self.fail(here, expected, self.shown(here)))
    }

    /// Reads `A 0.25 C 0.25 ...`, over as many lines as it takes.
    fn background_of(&mut self) -> Result<Array1<f64>> {
        let alphabet = self.alphabet.unwrap_or_default();
        let mut shares = Array1::zeros(alphabet.size());
        let mut seen = 0;
        while seen < alphabet.size() {
            let here = self.at;
            let cells: Vec<&str> = self
                .lines
                .get(here)
                .map(|line| line.split_whitespace().collect())
                .unwrap_or_default();
            for pair in cells.chunks(2) {
                let index = pair[0]
                    .bytes()
                    .next()
                    .and_then(|letter| alphabet.index(letter));
                let share = pair.get(1).and_then(|cell| cell.parse::<f64>().ok());
                let (Some(index), Some(share)) = (index, share.filter(|share| *share > 0.0)) else {
                    return Err(self.fail(
                        here,
                        "letters and positive frequencies",
                        self.shown(here),
                    ));
                };
                shares[index] = share;
                seen += 1;
            }
            if cells.is_empty() {
                return Err(self.fail(
                    here,
                    format!("frequencies of {} letters", alphabet.size()),
                    seen.to_string(),
                ));
            }
            self.at += 1;
        }
        if (shares.sum() - 1.0).abs() > 0.01 || shares.iter().any(|&share| share <= 0.0) {
            return Err(self.fail(
                self.at - 1,
                "frequencies that sum to 1",
                format!("{:.4}", shares.sum()),
            ));
        }
        Ok(shares)
    }

    /// The number behind a key of the matrix line.
    fn key(&self, here: usize, keys: &str, key: &str) -> Result<Option<f64>> {
        let padded = format!(" {keys}");
        let Some((_, rest)) = padded.split_once(&format!(" {key}")) else {
            return Ok(None);
        };
        let cell = rest.split_whitespace().next().unwrap_or_default();
        match cell.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(self.fail(here, format!("a number after `{key}`"), format!("`{cell}`"))),
        }
    }

    fn closed(&self, open: Option<(usize, &str, &str)>) -> Result<()> {
        match open {
            None => Ok(()),
            Some((line, name, _)) => {
                Err(self.fail(line, format!("`{MATRIX}` after MOTIF {name}"), "no matrix"))
            }
        }
    }

    fn shown(&self, index: usize) -> String {
        match self.lines.get(index) {
            None => "the end of the file".into(),
            Some(&"") => "an empty line".into(),
            Some(line) => format!("`{}`", line.chars().take(30).collect::<String>()),
        }
    }

    fn fail(&self, index: usize, expected: impl Into<String>, got: impl Into<String>) -> Error {
        Error::parse(self.origin, index + 1, (expected, got))
    }
}

/// Writes the minimal MEME format.
pub(super) fn write(motifs: &Motifs) -> Result<String> {
    if motifs.is_empty() {
        return Err(Error::value("motifs", "one motif or more", "empty"));
    }
    let first = motifs.get(0);
    let alphabet = first.alphabet();
    let letters = String::from_utf8_lossy(alphabet.letters());
    let mut text = format!("MEME version 5\n\nALPHABET= {letters}\n\n");
    if alphabet == Alphabet::Dna {
        text.push_str("strands: + -\n\n");
    }
    text.push_str("Background letter frequencies\n");
    let shares = letters.chars().zip(first.background());
    let shares: Vec<String> = shares
        .map(|(letter, share)| format!("{letter} {share}"))
        .collect();
    text.push_str(&shares.join(" "));
    text.push('\n');
    for motif in (0..motifs.len()).map(|i| motifs.get(i)) {
        if motif.alphabet() != alphabet || motif.background() != first.background() {
            let expected = format!("the alphabet and the background of {}", first.name());
            return Err(Error::value(
                "motifs",
                expected,
                format!("others in {}", motif.name()),
            ));
        }
        let names = format!(
            "{} {}",
            motif.name().replace(char::is_whitespace, "_"),
            motif.alternate()
        );
        // Writing into a String cannot fail.
        let _ = writeln!(text, "\nMOTIF {}", names.trim_end());
        let (letters, width, sites) = (alphabet.size(), motif.len(), motif.sites());
        let _ = writeln!(
            text,
            "{MATRIX} alength= {letters} w= {width} nsites= {sites} E= 0"
        );
        for row in motif.probability().rows() {
            let cells: Vec<String> = row.iter().map(|p| format!(" {p:.6}")).collect();
            text.push_str(&cells.join(" "));
            text.push('\n');
        }
    }
    Ok(text)
}
