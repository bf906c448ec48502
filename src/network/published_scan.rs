//! The scores of a published model for letters, without the work that its overlapping windows share.
//!
//! A filter at one place of the sequence is seen by many windows, by some only in part. Running sums over its letters, from either end,
//! give all these parts at once, so that a window costs a few additions per filter instead of a convolution.
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]

use super::kernel::{Codes, LETTERS, Lanes, Work, run};
use super::published_file::PublishedFile;

/// Filters that are computed at once.
const BLOCK: usize = 16;

/// The number for any letter, behind those of the four.
const ANY: u8 = LETTERS as u8;

/// A model as tables.
pub(super) struct Scan<'a> {
    file: &'a PublishedFile,
    /// For every block, position of a filter and letter: how much more it is than an unknown letter.
    tables: Vec<[f32; BLOCK]>,
    /// For every block: the threshold and unknown letters everywhere.
    bases: Vec<[f32; BLOCK]>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(file: &'a PublishedFile) -> Self {
        let (detectors, width) = (file.detectors, file.width);
        let blocks = detectors.div_ceil(BLOCK);
        let kinds = LETTERS + 1;
        let mut tables = vec![[0.0; BLOCK]; blocks * width * kinds];
        let mut bases = vec![[0.0; BLOCK]; blocks];
        for detector in 0..detectors {
            let (block, lane) = (detector / BLOCK, detector % BLOCK);
            let mut base = f64::from(file.thresholds[detector]);
            for position in 0..width {
                let four: [f32; LETTERS] = std::array::from_fn(|letter| {
                    file.coefficients[detector + detectors * (letter + LETTERS * position)]
                });
                let any = four.iter().copied().map(f64::from).sum::<f64>() / 4.0;
                base += any;
                for (letter, &value) in four.iter().enumerate() {
                    tables[(block * width + position) * kinds + letter][lane] =
                        (f64::from(value) - any) as f32;
                }
            }
            bases[block][lane] = base as f32;
        }
        Self {
            file,
            tables,
            bases,
        }
    }

    /// Scores one example on one or both strands; `None` when a filter is wider than the sequence.
    pub(super) fn score(&self, codes: &Codes) -> Option<f32> {
        let letters: Vec<u8> = codes.kinds().iter().map(|&kind| kind.min(ANY)).collect();
        if letters.len() < self.file.width {
            return None;
        }
        let forward = run(Strand {
            scan: self,
            letters: &letters,
        });
        if !self.file.reverse_complement {
            return Some(forward);
        }
        let opposite = |&letter: &u8| if letter < ANY { ANY - 1 - letter } else { ANY };
        let reverse: Vec<u8> = letters.iter().rev().map(opposite).collect();
        let reverse = run(Strand {
            scan: self,
            letters: &reverse,
        });
        Some(forward.max(reverse))
    }
}

struct Strand<'a> {
    scan: &'a Scan<'a>,
    letters: &'a [u8],
}

#[expect(unsafe_code, reason = "compiled for registers of several widths")]
impl Work<f32> for Strand<'_> {
    type Output = f32;

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = f32>>(self) -> f32 {
        self.score()
    }
}

/// The maximum and the sum of what is above zero, for every window and filter of a block.
struct Found {
    best: Vec<[f32; BLOCK]>,
    sum: Vec<[f32; BLOCK]>,
}

impl Found {
    #[inline(always)]
    fn note(&mut self, window: usize, values: &[f32; BLOCK]) {
        let pairs = self.best[window].iter_mut().zip(&mut self.sum[window]);
        for ((best, sum), &value) in pairs.zip(values) {
            let value = if value > 0.0 { value } else { 0.0 };
            *best = if value > *best { value } else { *best };
            *sum += value;
        }
    }
}

#[inline(always)]
fn add(sums: &mut [f32; BLOCK], values: &[f32; BLOCK]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

impl Strand<'_> {
    #[inline(always)]
    fn score(&self) -> f32 {
        let file = self.scan.file;
        let (width, length) = (file.width, self.letters.len());
        let window = (width * 3 / 2).min(length);
        let windows = length - window + 1;
        let features = file.features();
        let mut pooled = vec![0.0; windows * features];
        let share = 1.0 / (window + width - 1) as f32;
        for block in 0..self.scan.bases.len() {
            let found = self.block(block, (window, windows));
            let own = BLOCK.min(file.detectors - block * BLOCK);
            for (pooled, (best, sum)) in pooled
                .chunks_mut(features)
                .zip(found.best.iter().zip(&found.sum))
            {
                for lane in 0..own {
                    let detector = block * BLOCK + lane;
                    if file.average {
                        pooled[2 * detector] = best[lane];
                        pooled[2 * detector + 1] = sum[lane] * share;
                    } else {
                        pooled[detector] = best[lane];
                    }
                }
            }
        }
        let scores = pooled.chunks(features).map(|pooled| self.mix(pooled));
        scores.fold(f32::NEG_INFINITY, f32::max)
    }

    #[inline(always)]
    fn block(&self, block: usize, (window, windows): (usize, usize)) -> Found {
        let (width, length) = (self.scan.file.width, self.letters.len());
        let kinds = LETTERS + 1;
        let tables = &self.scan.tables[block * width * kinds..(block + 1) * width * kinds];
        let base = self.scan.bases[block];
        let worth = |tap: usize, position: usize| -> &[f32; BLOCK] {
            &tables[tap * kinds + usize::from(self.letters[position])]
        };
        let mut found = Found {
            best: vec![[0.0; BLOCK]; windows],
            sum: vec![[0.0; BLOCK]; windows],
        };
        let mut whole = Vec::with_capacity(length - width + 1);
        // A filter whose last letter stands at `end`, from its last letter to its first: windows that begin inside it see the rest of it.
        for end in 0..length {
            let mut sums = base;
            for tap in (0..width).rev() {
                let Some(position) = (end + tap + 1).checked_sub(width) else {
                    break;
                };
                add(&mut sums, worth(tap, position));
                if tap > 0 && position < windows {
                    found.note(position, &sums);
                }
                if tap == 0 {
                    whole.push(sums);
                }
            }
        }
        // A filter whose first letter stands at `start`: windows that end inside it see its beginning.
        for start in 0..length {
            let mut sums = base;
            for tap in 0..width - 1 {
                let position = start + tap;
                if position >= length {
                    break;
                }
                add(&mut sums, worth(tap, position));
                if let Some(first) = (position + 1).checked_sub(window) {
                    found.note(first, &sums);
                }
            }
        }
        for first in 0..windows {
            for sums in &whole[first..=first + window - width] {
                found.note(first, sums);
            }
        }
        found
    }

    /// Mixes the features of one window as the dense layers do.
    #[inline(always)]
    fn mix(&self, features: &[f32]) -> f32 {
        let file = self.scan.file;
        let mut outputs = file.biases1.clone();
        for (&feature, weights) in features.iter().zip(file.weights1.chunks(outputs.len())) {
            for (output, &weight) in outputs.iter_mut().zip(weights) {
                *output += feature * weight;
            }
        }
        if file.hidden == 0 {
            return outputs[0];
        }
        let pairs = outputs.iter().zip(&file.weights2);
        let open = pairs.map(|(&output, &weight)| output.max(0.0) * weight);
        open.sum::<f32>() + file.biases2[0]
    }
}
