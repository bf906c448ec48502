//! The text format of the published models; hostile until parsed.

use crate::{Error, Result};
use candle_core::{Device, Tensor};
use std::collections::HashMap;

/// Filters and hidden units beyond these numbers are a damaged file, not a model.
const MOST: usize = 4096;

/// The numbers of a DeepBind parameter file, each list of the right length.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PublishedFile {
    pub(crate) reverse_complement: bool,
    pub(crate) average: bool,
    pub(crate) detectors: usize,
    pub(crate) width: usize,
    pub(crate) hidden: usize,
    pub(crate) coefficients: Vec<f32>,
    pub(crate) thresholds: Vec<f32>,
    pub(crate) weights1: Vec<f32>,
    pub(crate) biases1: Vec<f32>,
    pub(crate) weights2: Vec<f32>,
    pub(crate) biases2: Vec<f32>,
}

impl PublishedFile {
    pub(crate) fn parse(origin: &str, bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            let problem = ("a DeepBind parameter file", "bytes that are not text");
            Error::parse(origin, 1, problem)
        })?;
        let first = text.lines().next().unwrap_or_default();
        if !first.starts_with("# deepbind") {
            let got = format!("`{}`", first.chars().take(40).collect::<String>());
            return Err(Error::parse(origin, 1, ("`# deepbind 0.1`", got)));
        }
        let mut entries = Entries {
            origin,
            lines: text.lines().count(),
            values: HashMap::new(),
        };
        for (line, text) in (1..).zip(text.lines()) {
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let Some((key, value)) = text.split_once('=') else {
                return Err(entries.wrong(line, "`key = value`", "a line without `=`"));
            };
            if entries
                .values
                .insert(key.trim(), (line, value.trim()))
                .is_some()
            {
                let got = format!("`{}` again", short(key.trim()));
                return Err(entries.wrong(line, "every key once", &got));
            }
        }
        let reverse_complement = entries.size("reverse_complement", 0..=1)? == 1;
        let detectors = entries.size("num_detectors", 1..=MOST)?;
        let width = entries.size("detector_len", 1..=MOST)?;
        let average = entries.size("has_avg_pooling", 0..=1)? == 1;
        let hidden = entries.size("num_hidden", 0..=MOST)?;
        let mut file = Self {
            reverse_complement,
            average,
            detectors,
            width,
            hidden,
            coefficients: entries.list("detectors", detectors * width * 4)?,
            thresholds: entries.list("thresholds", detectors)?,
            weights1: Vec::new(),
            biases1: entries.list("biases1", hidden.max(1))?,
            weights2: Vec::new(),
            biases2: Vec::new(),
        };
        file.weights1 = entries.list("weights1", file.features() * hidden.max(1))?;
        if hidden > 0 {
            file.weights2 = entries.list("weights2", hidden)?;
            file.biases2 = entries.list("biases2", 1)?;
        }
        Ok(file)
    }

    /// Returns filters `(detectors, 4, width)` and thresholds, and behind them weights `(inputs, outputs)` and biases of the dense layers.
    pub(crate) fn layers(&self, device: &Device) -> Result<Vec<(Tensor, Tensor)>> {
        let tensor = |values: &[f32], shape: &[usize]| Tensor::from_slice(values, shape, device);
        let (filters, width, outputs) = (self.detectors, self.width, self.hidden.max(1));
        // In the file the index runs detector first, then letter, then position.
        let detectors = tensor(&self.coefficients, &[width, 4, filters])?;
        let detectors = detectors.permute((2, 1, 0))?.contiguous()?;
        let weights = tensor(&self.weights1, &[self.features(), outputs])?;
        let mut layers = vec![
            (detectors, tensor(&self.thresholds, &[filters])?),
            (weights, tensor(&self.biases1, &[outputs])?),
        ];
        if self.hidden > 0 {
            let weights = tensor(&self.weights2, &[self.hidden, 1])?;
            layers.push((weights, tensor(&self.biases2, &[1])?));
        }
        Ok(layers)
    }

    /// Returns how many numbers the pool makes.
    pub(crate) fn features(&self) -> usize {
        self.detectors * if self.average { 2 } else { 1 }
    }
}

struct Entries<'a> {
    origin: &'a str,
    lines: usize,
    values: HashMap<&'a str, (usize, &'a str)>,
}

impl Entries<'_> {
    fn wrong(&self, line: usize, expected: &str, got: &str) -> Error {
        Error::parse(self.origin, line, (expected, got))
    }

    fn value(&self, key: &str) -> Result<(usize, &str)> {
        let missing = || self.wrong(self.lines, &format!("key `{key}`"), "the end of the file");
        self.values.get(key).copied().ok_or_else(missing)
    }

    fn size(&self, key: &str, range: std::ops::RangeInclusive<usize>) -> Result<usize> {
        let (line, text) = self.value(key)?;
        match text.parse() {
            Ok(value) if range.contains(&value) => Ok(value),
            _ => {
                let (start, end) = (range.start(), range.end());
                let expected = format!("`{key}` from {start} to {end}");
                Err(self.wrong(line, &expected, &format!("`{}`", short(text))))
            }
        }
    }

    fn list(&self, key: &str, count: usize) -> Result<Vec<f32>> {
        let (line, text) = self.value(key)?;
        // The file says how many numbers there should be, but the text how many there are.
        let mut values = Vec::with_capacity(count.min(text.len()));
        for item in text.split(',') {
            match item.trim().parse::<f32>() {
                Ok(value) if value.is_finite() => values.push(value),
                _ => {
                    let expected = format!("finite numbers for `{key}`");
                    return Err(self.wrong(line, &expected, &format!("`{}`", short(item))));
                }
            }
        }
        if values.len() != count {
            let expected = format!("{count} numbers for `{key}`");
            return Err(self.wrong(line, &expected, &values.len().to_string()));
        }
        Ok(values)
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
