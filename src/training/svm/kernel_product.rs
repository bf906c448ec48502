//! The product of the kernel matrix of many sequences with a vector, without the matrix.

use super::distances::other_strand;
use super::gapped_kmers::GappedKmers;
use super::letters::words;
use super::word_transform::WordTransform;
use crate::{Error, Result, progress};
use ndarray::ArrayView3;
use rayon::prelude::*;

/// Parts of the list of words, which threads share; fixed, so that sums do not depend on threads.
const PARTS: usize = 16;

/// Multiplies the kernel matrix of some sequences with vectors.
pub(super) struct KernelProduct {
    /// Both strands of both sequences count every pair of words twice.
    share: f64,
    /// Where the occurrences of each word begin, on all strands that are read.
    starts: Vec<u32>,
    /// The sequence of every occurrence.
    examples: Vec<u32>,
    /// How much every occurrence counts, unless all count the same.
    weights: Vec<f32>,
    /// What every sequence is multiplied by, so that it is as long as every other.
    scales: Vec<f64>,
    transform: WordTransform,
}

impl KernelProduct {
    pub(super) fn new(kernel: &GappedKmers, x: &ArrayView3<'_, f32>) -> Result<Self> {
        let length = kernel.length;
        let scale = |sum: f64| if sum > 0.0 { 1.0 / sum.sqrt() } else { 0.0 };
        let scales = kernel.self_sums(x)?.mapv_into(scale).to_vec();
        let strands = |word: u32| {
            let other = kernel.both_strands.then(|| other_strand(word, length));
            std::iter::once(word).chain(other)
        };
        let mut counts = vec![0_u32; (1 << (2 * length)) + 1];
        let mut total = 0_u64;
        for (i, x) in x.outer_iter().enumerate() {
            if i % 1024 == 0 {
                progress::check("gapped k-mers", i, scales.len())?;
            }
            words(kernel, &x, |_, word| {
                for word in strands(word.code) {
                    counts[word as usize + 1] = counts[word as usize + 1].wrapping_add(1);
                    total += 1;
                }
            });
        }
        if total > u64::from(u32::MAX) {
            let expected = format!("at most {} words on all strands", u32::MAX);
            return Err(Error::value("x", expected, total));
        }
        for word in 1..counts.len() {
            counts[word] += counts[word - 1];
        }
        let mut next = counts.clone();
        let mut examples = vec![0; total as usize];
        let mut weights = vec![0.0; kernel.half_life.map_or(0, |_| total as usize)];
        for (i, x) in x.outer_iter().enumerate() {
            words(kernel, &x, |_, word| {
                for code in strands(word.code) {
                    let place = &mut next[code as usize];
                    examples[*place as usize] = i as u32;
                    if let Some(weight) = weights.get_mut(*place as usize) {
                        *weight = word.weight;
                    }
                    *place += 1;
                }
            });
        }
        Ok(Self {
            share: if kernel.both_strands { 0.5 } else { 1.0 },
            starts: counts,
            examples,
            weights,
            scales,
            transform: WordTransform::new(&kernel.by_distance().to_vec()),
        })
    }

    /// Returns the number of sequences.
    pub(super) fn len(&self) -> usize {
        self.scales.len()
    }

    /// Tells whether no sequence has a word.
    pub(super) fn is_blank(&self) -> bool {
        self.examples.is_empty()
    }

    /// Multiplies the matrix with numbers for the sequences.
    pub(super) fn multiply(&mut self, numbers: &[f64]) -> Vec<f64> {
        self.words(numbers);
        self.gather()
    }

    /// Computes the score of every word when sequences count with these numbers.
    pub(super) fn scores(mut self, numbers: &[f64]) -> Vec<f32> {
        let both = self.share < 1.0;
        let table = self.words(numbers);
        let length = table.len().ilog2() as usize / 2;
        // Rounding must not tell the strands apart.
        let known = |word: u32| {
            if both {
                word.min(other_strand(word, length))
            } else {
                word
            }
        };
        let words = (0..table.len() as u32).into_par_iter();
        words
            .map(|word| table[known(word) as usize] as f32)
            .collect()
    }

    /// Computes the sum over all occurrences of words like a word, for every word.
    fn words(&mut self, numbers: &[f64]) -> &[f64] {
        let scaled: Vec<f64> = numbers
            .iter()
            .zip(&self.scales)
            .map(|(a, b)| a * b)
            .collect();
        let (starts, examples, weights) = (&self.starts, &self.examples, &self.weights);
        self.transform.multiply(|first, sums| {
            for (word, sum) in sums.iter_mut().enumerate() {
                let here = starts[first + word] as usize..starts[first + word + 1] as usize;
                let own = examples[here.clone()].iter().map(|&i| scaled[i as usize]);
                *sum = if weights.is_empty() {
                    own.sum()
                } else {
                    own.zip(&weights[here])
                        .map(|(a, &b)| a * f64::from(b))
                        .sum()
                };
            }
        })
    }

    /// Adds up the words of every sequence.
    fn gather(&self) -> Vec<f64> {
        let (starts, examples, weights) = (&self.starts, &self.examples, &self.weights);
        let table = self.transform.table();
        let bound = |part: usize| {
            let first = (examples.len() * part / PARTS) as u32;
            starts.partition_point(|&start| start < first)
        };
        let parts = (0..PARTS).into_par_iter().map(|part| {
            let mut sums = vec![0.0; self.scales.len()];
            let last = bound(part + 1).min(table.len());
            for word in bound(part)..last {
                let here = starts[word] as usize..starts[word + 1] as usize;
                let score = table[word];
                if weights.is_empty() {
                    for &i in &examples[here] {
                        sums[i as usize] += score;
                    }
                } else {
                    for (&i, &weight) in examples[here.clone()].iter().zip(&weights[here]) {
                        sums[i as usize] += score * f64::from(weight);
                    }
                }
            }
            sums
        });
        let parts: Vec<Vec<f64>> = parts.collect();
        let sum =
            |i: usize| self.share * self.scales[i] * parts.iter().map(|part| part[i]).sum::<f64>();
        (0..self.scales.len()).map(sum).collect()
    }
}
