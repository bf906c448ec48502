//! The gapped k-mer kernel.

use super::distances::{distance, other_strand};
use super::filter::KmerFilter;
use super::letters::{Word, with_examples, words};
use crate::progress::Task;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, ArrayView2, ArrayView3};
use rayon::prelude::*;

/// Measures how alike sequences are by the gapped k-mers that they share.
///
/// A gapped k-mer is a word of `length` letters of which only `informative` are looked at. Two sequences are as alike as their counts
/// of all gapped k-mers: the kernel is the sum over all pairs of words, one of each sequence, of the number of gapped k-mers that both
/// words have, divided by the root of the same sum of each sequence with itself (Ghandi and others 2014,
/// doi:10.1371/journal.pcbi.1003711). Words are read from both strands.
///
/// Defaults: words of 11 letters, 7 of them informative, as LS-GKM (Lee 2016, doi:10.1093/bioinformatics/btw142). LS-GKM leaves out
/// pairs of words with more than 3 differing letters to save time, and a kernel without them is not always positive; here all pairs
/// count and cost nothing, unless [`mismatches`](Self::mismatches) is set.
///
/// Input has shape `(n, 4, length)`; row `r` pairs with row `3 - r` on the other strand. A position that is not exactly one letter takes
/// part in no word. Checked against a list of all gapped k-mers.
///
/// # Examples
///
/// ```
/// use genolens::{sequence::Sequences, training::GappedKmers};
/// # fn main() -> genolens::Result<()> {
/// let x = Sequences::dna(["ACGTTGCATTACG", "CGTAATGCAACGT", "GGGGGGGGGGGGG"])?;
/// let alike = GappedKmers::new().matrix(&x, &x)?;
/// // The second sequence is the first one, read on the other strand.
/// assert!((alike[[0, 1]] - 1.0).abs() < 1e-12);
/// assert!(alike[[0, 2]] < 0.1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GappedKmers {
    pub(super) length: usize,
    pub(super) informative: usize,
    pub(super) mismatches: Option<usize>,
    pub(super) filter: KmerFilter,
    pub(super) half_life: Option<f64>,
    pub(super) both_strands: bool,
}

impl GappedKmers {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self {
            length: 11,
            informative: 7,
            mismatches: None,
            filter: KmerFilter::Counts,
            half_life: None,
            both_strands: true,
        }
    }

    /// Sets the number of letters of a word, 2 to 12; memory grows fourfold with each, 34 MB for 11.
    pub fn length(mut self, length: usize) -> Self {
        self.length = length;
        self
    }

    /// Sets how many letters of a word are looked at.
    pub fn informative(mut self, informative: usize) -> Self {
        self.informative = informative;
        self
    }

    /// Leaves out pairs of words that differ in more letters than this, 3 for LS-GKM.
    pub fn mismatches(mut self, mismatches: usize) -> Self {
        self.mismatches = Some(mismatches);
        self
    }

    /// Sets how much two words count for each other.
    pub fn filter(mut self, filter: KmerFilter) -> Self {
        self.filter = filter;
        self
    }

    /// Lets words in the middle of a sequence count most, and half as much for every so many letters away from it.
    ///
    /// LS-GKM calls this the centre-weighted kernel; its half life is 50, and it rounds weights up to fiftieths.
    pub fn half_life(mut self, letters: f64) -> Self {
        self.half_life = Some(letters);
        self
    }

    /// Sets whether words of the other strand are read, too.
    pub fn both_strands(mut self, both: bool) -> Self {
        self.both_strands = both;
        self
    }

    /// Tells whether words of the other strand are read, too.
    pub fn is_both_strands(&self) -> bool {
        self.both_strands
    }

    /// Returns how much two words count for each other that differ in 0, 1 ... `length` letters; nothing where the options make no sense.
    pub fn by_distance(&self) -> Array1<f64> {
        if self.check().is_err() {
            return Array1::default(0);
        }
        let options = (self.length, self.informative);
        let mut values = self.filter.by_distance(options);
        if let Some(most) = self.mismatches {
            values
                .iter_mut()
                .skip(most.saturating_add(1))
                .for_each(|v| *v = 0.0);
        }
        values.into()
    }

    /// Computes how alike every sequence of `a` is to every one of `b`, shape `(n of a, n of b)`, 1 for the same sequence.
    ///
    /// A sequence without a word is like none. The time grows with the product of the numbers of words: training does not need this.
    ///
    /// # Errors
    ///
    /// Fails when the options make no sense, or when a shape is not `(n, 4, length)` with sequences of at least one word.
    pub fn matrix(&self, a: &dyn Input, b: &dyn Input) -> Result<Array2<f64>> {
        let mut sums = self.sums(a, b)?;
        let size = self.length;
        let roots = |argument, x| {
            with_examples((argument, x), size, |x| {
                Ok(self.self_sums(x)?.mapv_into(f64::sqrt))
            })
        };
        let (rows, columns) = (roots("a", a)?, roots("b", b)?);
        for ((i, j), sum) in sums.indexed_iter_mut() {
            let size = rows[i] * columns[j];
            *sum = if size > 0.0 { *sum / size } else { 0.0 };
        }
        Ok(sums)
    }

    /// Computes the sums over pairs of words without dividing them, shape `(n of a, n of b)`.
    ///
    /// # Errors
    ///
    /// As [`matrix`](Self::matrix).
    pub fn sums(&self, a: &dyn Input, b: &dyn Input) -> Result<Array2<f64>> {
        self.check()?;
        let read = |argument, x| {
            with_examples((argument, x), self.length, |x| {
                Ok(x.outer_iter()
                    .map(|x| self.words_of(&x))
                    .collect::<Vec<_>>())
            })
        };
        let (a, b): (Vec<_>, Vec<_>) = (read("a", a)?, read("b", b)?);
        let by_distance = self.by_distance().to_vec();
        let mut task = Task::new("gapped k-mers", a.len());
        let mut sums = Array2::zeros((a.len(), b.len()));
        for (i, words) in a.iter().enumerate() {
            let other = self.turned(words);
            let row = b.par_iter().map(|b| {
                let both = self.both_strands.then(|| pairs(&by_distance, &other, b));
                pairs(&by_distance, words, b) + both.unwrap_or_default()
            });
            let row: Vec<f64> = row.collect();
            sums.row_mut(i).assign(&Array1::from(row));
            task.step("")?;
        }
        Ok(sums)
    }

    /// Computes the sum of every sequence with itself.
    pub(super) fn self_sums(&self, x: &ArrayView3<'_, f32>) -> Result<Array1<f64>> {
        let by_distance = self.by_distance().to_vec();
        let n = x.dim().0;
        let mut sums = Vec::with_capacity(n);
        let examples: Vec<ArrayView2<'_, f32>> = x.outer_iter().collect();
        for some in examples.chunks(256) {
            crate::progress::check("gapped k-mers", sums.len(), n)?;
            sums.par_extend(some.par_iter().map(|x| {
                let words = self.words_of(x);
                self.self_sum(&by_distance, &words)
            }));
        }
        Ok(sums.into())
    }

    /// Computes the sum of a sequence with itself.
    pub(super) fn self_sum(&self, by_distance: &[f64], words: &[Word]) -> f64 {
        let mut sum = twice_below(by_distance, words, words);
        if self.both_strands {
            sum += twice_below(by_distance, words, &self.turned(words));
        }
        sum
    }

    pub(super) fn words_of(&self, x: &ArrayView2<'_, f32>) -> Vec<Word> {
        let mut found = Vec::with_capacity((x.dim().1 + 1).saturating_sub(self.length));
        words(self, x, |_, word| found.push(word));
        found
    }

    /// Returns each word as the other strand reads it.
    fn turned(&self, words: &[Word]) -> Vec<Word> {
        let turn = |word: &Word| Word {
            code: other_strand(word.code, self.length),
            ..*word
        };
        words.iter().map(turn).collect()
    }

    pub(super) fn size(&self) -> usize {
        self.length
    }

    /// Returns how much a word counts that stands here among so many.
    pub(super) fn weight_at(&self, start: usize, count: usize) -> f32 {
        self.half_life.map_or(1.0, |half_life| {
            let middle = (count - 1) as f64 / 2.0;
            ((start as f64 - middle).abs() / -half_life).exp2() as f32
        })
    }

    pub(super) fn check(&self) -> Result<()> {
        if !(2..=12).contains(&self.length) {
            return Err(Error::value("length", "2 to 12 letters", self.length));
        }
        if !(1..=self.length).contains(&self.informative) {
            let expected = format!("1 to {}, the length of a word", self.length);
            return Err(Error::value("informative", expected, self.informative));
        }
        if let Some(half_life) = self.half_life
            && !(half_life > 0.0 && half_life.is_finite())
        {
            return Err(Error::value("half_life", "above 0 letters", half_life));
        }
        Ok(())
    }
}

impl Default for GappedKmers {
    fn default() -> Self {
        Self::new()
    }
}

/// Sums over all pairs of words.
fn pairs(by_distance: &[f64], a: &[Word], b: &[Word]) -> f64 {
    a.iter()
        .map(|word| f64::from(word.weight) * row(by_distance, *word, b))
        .sum()
}

/// Sums over all pairs of words where exchanging the two lists gives the same.
fn twice_below(by_distance: &[f64], a: &[Word], b: &[Word]) -> f64 {
    let terms = a.iter().enumerate().map(|(i, word)| {
        let own = by_distance[distance(word.code, b[i].code)] * f64::from(b[i].weight);
        f64::from(word.weight) * (own + 2.0 * row(by_distance, *word, &b[..i]))
    });
    terms.sum()
}

fn row(by_distance: &[f64], word: Word, others: &[Word]) -> f64 {
    let terms = others
        .iter()
        .map(|other| by_distance[distance(word.code, other.code)] * f64::from(other.weight));
    terms.sum()
}
