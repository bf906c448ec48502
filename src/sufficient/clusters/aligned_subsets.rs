//! Subsets laid on a known motif.

use super::alignment::{count, place};
use super::strands::opposite;
use crate::motif::Motif;
use crate::sequence::Alphabet;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Where each of some subsets stands on a motif; cheap to clone.
///
/// Each string is placed where the sum of the weights of its letters, [`Motif::weight`], is highest, on either strand of DNA or RNA; gaps count
/// nothing, nor do letters beside the motif.
#[derive(Clone)]
pub struct AlignedSubsets {
    known: Motif,
    lines: Arc<[Line]>,
}

#[derive(Clone, Debug)]
struct Line {
    /// Read on the strand of the motif.
    text: String,
    start: isize,
    reverse: bool,
    bits: f64,
}

impl AlignedSubsets {
    pub(super) fn new<'a>(
        texts: impl Iterator<Item = &'a str>,
        alphabet: Alphabet,
        known: &Motif,
    ) -> Result<Self> {
        if known.alphabet() != alphabet {
            let expected = format!("of {alphabet} as the subsets are");
            let got = format!("of {}", known.alphabet());
            return Err(Error::value("motif", expected, got));
        }
        let weights = known.weight();
        let line = |text: &str| {
            let mut line = (text.to_owned(), false, place(text, &weights, alphabet));
            if alphabet.has_complement() {
                let other = opposite(text, alphabet);
                let placed = place(&other, &weights, alphabet);
                if placed.bits > line.2.bits {
                    line = (other, true, placed);
                }
            }
            let (text, reverse, placed) = line;
            Line {
                text,
                reverse,
                start: placed.start,
                bits: placed.bits,
            }
        };
        Ok(Self {
            known: known.clone(),
            lines: texts.map(line).collect(),
        })
    }

    /// Returns how many subsets there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Tells whether there is no subset.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the motif that they stand on.
    pub fn known(&self) -> Motif {
        self.known.clone()
    }

    /// Returns how well each fits the motif: the sum of the weights of its letters, in bits, shape `(n)`.
    pub fn bits(&self) -> Array1<f64> {
        self.lines.iter().map(|line| line.bits).collect()
    }

    /// Returns the column of the motif under the first letter of each; negative when it begins before the motif.
    pub fn starts(&self) -> Vec<isize> {
        self.lines.iter().map(|line| line.start).collect()
    }

    /// Counts the letters under every column of the motif, a gap as an equal share of each.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no subset.
    pub fn motif(&self) -> Result<Motif> {
        if self.is_empty() {
            return Err(Error::value("subsets", "one subset or more", "empty"));
        }
        let alphabet = self.known.alphabet();
        let mut counts = Array2::zeros((self.known.len(), alphabet.size()));
        for line in self.lines.iter() {
            count(&mut counts, (&line.text, line.start), (alphabet, 1.0));
        }
        let motif = Motif::from_counts("subsets", &counts)?;
        let is_rna = alphabet == Alphabet::Rna;
        Ok(if is_rna { motif.to_rna() } else { motif })
    }

    /// Returns the divergence (Kullback-Leibler) of the letters of the subsets from those of the known motif in bits, shape `(columns)`.
    ///
    /// Both have a pseudocount of 1 for every letter. Where few subsets have a letter, the divergence is that of equal shares.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no subset.
    pub fn divergence(&self) -> Result<Array1<f64>> {
        let (found, known) = (self.motif()?.smoothed(1.0), self.known.smoothed(1.0));
        let terms = &found * &(&found / &known).mapv_into(f64::log2);
        Ok(terms.sum_axis(Axis(1)))
    }

    /// Returns the subsets as a table with columns string (on the strand of the motif), start, strand and bits.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let lines = || self.lines.iter();
        Ok(df!(
            "string" => lines().map(|line| line.text.as_str()).collect::<Vec<_>>(),
            "start" => lines().map(|line| line.start as i64).collect::<Vec<_>>(),
            "strand" => lines().map(|line| if line.reverse { "-" } else { "+" }).collect::<Vec<_>>(),
            "bits" => lines().map(|line| line.bits).collect::<Vec<_>>(),
        )?)
    }

    /// Returns strings and starts, the best fit first.
    pub(crate) fn best(&self) -> Vec<(&str, isize, f64)> {
        let lines = self.lines.iter();
        let mut best: Vec<_> = lines
            .map(|line| (line.text.as_str(), line.start, line.bits))
            .collect();
        best.sort_by(|a, b| b.2.total_cmp(&a.2));
        best
    }
}

impl fmt::Debug for AlignedSubsets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = self.bits().mean().unwrap_or(f64::NAN);
        let (n, name) = (self.len(), self.known.name());
        write!(f, "AlignedSubsets(n = {n}, motif = {name}, {mean:.1} bits)")
    }
}
