//! Which motifs positives have more of than negatives.

use crate::motif::{Hits, Motifs, Scan};
use crate::sequence::Sequences;
use crate::{Error, Result};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Chooses the motifs that positives have more of than negatives, near the middle above all.
///
/// A hit counts by its place: with half the length `h` and its first position `s` it weighs `(h - |h - s|)^2`. The density of a motif is
/// the mean weight of a sequence, and its ratio that of positives over that of negatives.
///
/// # Examples
///
/// ```
/// use genolens::simulate::{self, Enrichment, Grammar};
/// # fn main() -> genolens::Result<()> {
/// let positives = Grammar::new().positives(1.0).run(200)?.sequences();
/// let negatives = Grammar::new().positives(0.0).run(200)?.sequences();
/// let found = Enrichment::new().hits(50).run(&positives, &negatives, &simulate::known_motifs())?;
/// assert_eq!(found.motifs().len(), 3);
/// # Ok(()) }
/// ```
///
/// # References
///
/// The rule of Prakash, Shrikumar and Kundaje 2022, <https://proceedings.mlr.press/v165/prakash22a.html>.
#[derive(Clone, Debug)]
pub struct Enrichment {
    hits: usize,
    ratio: f64,
    scan: Scan,
}

impl Enrichment {
    /// Starts from the defaults: 1000 hits in positives or more, a ratio of 1.25 or more.
    pub fn new() -> Self {
        Self {
            hits: 1000,
            ratio: 1.25,
            scan: Scan::new(),
        }
    }

    /// Sets how many hits positives must have together.
    pub fn hits(mut self, hits: usize) -> Self {
        self.hits = hits;
        self
    }

    /// Sets the least ratio of densities.
    pub fn ratio(mut self, ratio: f64) -> Self {
        self.ratio = ratio;
        self
    }

    /// Sets how hits are found.
    pub fn scan(mut self, scan: Scan) -> Self {
        self.scan = scan;
        self
    }

    /// Scans both for all motifs.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the sequences of a class differ in length, the alphabets differ, there is no motif, or the ratio is no number;
    /// [`Error::Interrupted`].
    pub fn run(
        &self,
        positives: &Sequences,
        negatives: &Sequences,
        motifs: &Motifs,
    ) -> Result<Enriched> {
        if self.ratio.is_nan() {
            return Err(Error::value("ratio", "a number", self.ratio));
        }
        let (of_positives, of_negatives) = (positives.length()?, negatives.length()?);
        let found = self.scan.run(motifs, positives)?;
        let positive = density(&found, (positives.len(), of_positives), motifs.len());
        let others = self.scan.run(motifs, negatives)?;
        let negative = density(&others, (negatives.len(), of_negatives), motifs.len());
        let lines = positive.into_iter().zip(negative).enumerate();
        let lines = lines.map(|(motif, (positive, negative))| {
            // Without a hit on either side there is nothing to compare.
            let ratio = positive.1 / negative.1;
            Line {
                name: motifs.get(motif).name().into(),
                positives: positive.0,
                negatives: negative.0,
                ratio,
                chosen: positive.0 >= self.hits && ratio >= self.ratio,
            }
        });
        Ok(Enriched {
            motifs: motifs.clone(),
            lines: lines.collect(),
        })
    }
}

impl Default for Enrichment {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns for every motif the number of its hits and their mean weight in a sequence.
fn density(hits: &Hits, (n, length): (usize, usize), motifs: usize) -> Vec<(usize, f64)> {
    let half = length as f64 / 2.0;
    let mut sums = vec![(0, 0.0); motifs];
    for hit in hits.all() {
        let sum = &mut sums[hit.motif];
        sum.0 += 1;
        sum.1 += (half - (half - hit.start as f64).abs()).powi(2) / n as f64;
    }
    sums
}

/// How often motifs were found in positives and negatives, and which were chosen; cheap to clone, shows itself as a table.
#[derive(Clone)]
pub struct Enriched {
    motifs: Motifs,
    lines: Arc<[Line]>,
}

pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) positives: usize,
    pub(crate) negatives: usize,
    pub(crate) ratio: f64,
    pub(crate) chosen: bool,
}

impl Enriched {
    /// Returns the motifs that were chosen, in the order of the collection.
    pub fn motifs(&self) -> Motifs {
        let lines = self.lines.iter().enumerate();
        lines
            .filter(|(_, line)| line.chosen)
            .map(|(motif, _)| self.motifs.get(motif))
            .collect()
    }

    /// Returns how many motifs were compared.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Tells whether none was compared; one always was.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns all motifs as a table with columns motif, positives and negatives (numbers of hits), ratio and chosen.
    ///
    /// The ratio is infinite where only positives have hits, and NaN where nobody has.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let lines = || self.lines.iter();
        Ok(df!(
            "motif" => lines().map(|line| line.name.as_str()).collect::<Vec<_>>(),
            "positives" => lines().map(|line| line.positives as i64).collect::<Vec<_>>(),
            "negatives" => lines().map(|line| line.negatives as i64).collect::<Vec<_>>(),
            "ratio" => lines().map(|line| line.ratio).collect::<Vec<_>>(),
            "chosen" => lines().map(|line| line.chosen).collect::<Vec<_>>(),
        )?)
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

impl fmt::Debug for Enriched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chosen = self.lines.iter().filter(|line| line.chosen).count();
        write!(f, "Enriched({chosen} of {} motifs)", self.len())
    }
}
