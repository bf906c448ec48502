//! The text file in which a network of ADAGE was published.

use crate::{Error, Result};
use ndarray::{Array1, Array2};

/// Weights, biases of nodes and biases of genes, as a file has them.
pub(super) type Parts = (Array2<f32>, Array1<f32>, Array1<f32>);

/// Reads the file of one layer: a line `weight matrix` and the weights of every gene in a line, one column a node; then
/// `hidden bias vector` and `visible bias vector`, each with one number a line.
pub(super) fn read(text: &str, origin: &str) -> Result<Parts> {
    let mut lines = Lines {
        text,
        origin,
        at: 0,
    };
    lines.title("layer 1")?;
    lines.title("weight matrix")?;
    let mut weights = Vec::new();
    let (mut genes, mut nodes) = (0, 0);
    while let Some(row) = lines.numbers()? {
        if genes == 0 {
            nodes = row.len();
        } else if row.len() != nodes {
            let expected = format!("{nodes} weights, as in the first row");
            return Err(Error::parse(
                origin,
                lines.at,
                (expected, row.len().to_string()),
            ));
        }
        weights.extend(row);
        genes += 1;
    }
    if genes == 0 {
        return Err(lines.fault("the weights of a gene"));
    }
    lines.title("hidden bias vector")?;
    let hidden = lines.vector(nodes, "bias of a node")?;
    lines.title("visible bias vector")?;
    let visible = lines.vector(genes, "bias of a gene")?;
    if lines.peek().is_some() {
        return Err(lines.fault("the end of the file, networks of one layer being read"));
    }
    let weights = Array2::from_shape_vec((genes, nodes), weights);
    let weights =
        weights.map_err(|_| Error::shape("weights", "(genes, nodes)", &[genes, nodes]))?;
    Ok((weights, hidden.into(), visible.into()))
}

/// Lines of a text, blank ones left out.
struct Lines<'a> {
    text: &'a str,
    origin: &'a str,
    /// Number of the line that was read last, from 1.
    at: usize,
}

impl<'a> Lines<'a> {
    /// The next line that is not blank, without taking it.
    fn peek(&self) -> Option<&'a str> {
        self.text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
    }

    fn take(&mut self) -> Option<&'a str> {
        loop {
            let (line, rest) = match self.text.split_once('\n') {
                Some(parts) => parts,
                None if self.text.is_empty() => return None,
                None => (self.text, ""),
            };
            self.text = rest;
            self.at += 1;
            if !line.trim().is_empty() {
                return Some(line.trim());
            }
        }
    }

    /// Says what stands where something else was expected.
    fn fault(&mut self, expected: &str) -> Error {
        let got = match self.take() {
            Some(line) => format!("`{}`", line.chars().take(40).collect::<String>()),
            None => "the end of the file".to_owned(),
        };
        Error::parse(self.origin, self.at.max(1), (expected, got))
    }

    fn title(&mut self, title: &str) -> Result<()> {
        if self.peek() == Some(title) {
            self.take();
            return Ok(());
        }
        Err(self.fault(&format!("the line `{title}`")))
    }

    /// Reads a line of numbers; nothing where a title or the end comes.
    fn numbers(&mut self) -> Result<Option<Vec<f32>>> {
        let is_title = |line: &str| line.ends_with("vector") || line.starts_with("layer");
        let Some(line) = self.peek().filter(|line| !is_title(line)) else {
            return Ok(None);
        };
        self.take();
        let number = |word: &str| match word.parse::<f32>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => {
                let got = format!("`{}`", word.chars().take(40).collect::<String>());
                Err(Error::parse(self.origin, self.at, ("a finite number", got)))
            }
        };
        line.split_whitespace()
            .map(number)
            .collect::<Result<_>>()
            .map(Some)
    }

    fn vector(&mut self, count: usize, what: &str) -> Result<Vec<f32>> {
        let mut found = Vec::new();
        while let Some(row) = self.numbers()? {
            if row.len() != 1 || found.len() == count {
                let expected = format!("one {what} a line, {count} in all");
                let got = format!(
                    "number {} in a line of {}",
                    found.len() + row.len(),
                    row.len()
                );
                return Err(Error::parse(self.origin, self.at, (expected, got)));
            }
            found.extend(row);
        }
        if found.len() < count {
            return Err(self.fault(&format!(
                "{count} lines with the {what} each, not {}",
                found.len()
            )));
        }
        Ok(found)
    }
}
