//! First-layer filters as motifs: what the windows that excite a filter most have in common.

use crate::motif::{Motif, Motifs};
use crate::network::Network;
use crate::progress::{self, Task};
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

/// Turns each first-layer filter into the motif of the windows that excite it.
///
/// See [`FilterMotifs`] for what is done and for the options.
///
/// # Errors
///
/// As [`FilterMotifs::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, random::Seed, simulate};
/// # fn main() -> genolens::Result<()> {
/// let data = simulate::motifs(100, Seed::new(1))?;
/// let motifs = attribution::filter_motifs(&network::deepbind(4), &data.sequences())?;
/// assert_eq!(motifs.get(0).len(), 24);
/// # Ok(()) }
/// ```
pub fn filter_motifs(network: &Network, sequences: &Sequences) -> Result<Motifs> {
    FilterMotifs::new().run(network, sequences)
}

/// Turns first-layer filters into motifs, with options.
///
/// A window counts for a filter when its activation (the scalar product of filter and window, plus the bias) is above a share of
/// the filter's highest activation in all sequences. The letters of these windows, counted by position, are the motif. A filter
/// that only a few windows excite shows these windows and no pattern, so it is left out; the names `filter 0`, `filter 1`, … keep the
/// numbers of the network.
///
/// # References
///
/// The rule of half the maximum is that of Basset: Kelley et al. 2016, doi:10.1101/gr.200535.115. DeepBind (Alipanahi et al. 2015,
/// doi:10.1038/nbt.3300) takes the best window of every sequence that excites the filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterMotifs {
    share: f64,
    at_least: usize,
}

impl Default for FilterMotifs {
    fn default() -> Self {
        Self {
            share: 0.5,
            at_least: 10,
        }
    }
}

impl FilterMotifs {
    /// Starts from the defaults: windows above half of the highest activation, and at least ten of them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the share of a filter's highest activation above which a window counts, from 0 to 1.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Sets how many windows a filter needs to become a motif.
    pub fn at_least(mut self, windows: usize) -> Self {
        self.at_least = windows;
        self
    }

    /// Finds the motifs of a network in sequences that are at least as long as its filters.
    ///
    /// # Errors
    ///
    /// Fails when the share is not between 0 and 1, the network has no convolution or reads another alphabet, no sequence is long
    /// enough, or no window excites any filter.
    pub fn run(&self, network: &Network, sequences: &Sequences) -> Result<Motifs> {
        if !(0.0..1.0).contains(&self.share) {
            return Err(Error::value("share", "at least 0 and below 1", self.share));
        }
        let filters = network.filters()?;
        let (count, channels, width) = filters.dim();
        let alphabet = sequences.alphabet();
        if channels != alphabet.letters().len() {
            return Err(Error::value(
                "sequences",
                format!("an alphabet of {channels} letters, as the network reads"),
                format!("{} letters", alphabet.letters().len()),
            ));
        }
        let bias = bias(network, count)?;
        let codes: Vec<Vec<Option<usize>>> = (0..sequences.len())
            .map(|index| {
                progress::check("filters as motifs", 0, count)?;
                let letters = sequences.letters(index).iter();
                Ok(letters.map(|&letter| alphabet.index(letter)).collect())
            })
            .collect::<Result<_>>()?;
        if codes.iter().all(|code| code.len() < width) {
            return Err(Error::value(
                "sequences",
                format!("at least one of {width} letters, the width of the filters"),
                "only shorter ones",
            ));
        }
        let mut task = Task::new("filters as motifs", count);
        let mut motifs = Vec::new();
        for (index, &bias) in bias.iter().enumerate() {
            let counts = self.counts(&filters.slice(s![index, .., ..]), bias, &codes);
            let Some(counts) = counts else {
                return Err(task.stopped());
            };
            let windows = counts.row(0).sum().round() as usize;
            if windows >= self.at_least.max(1) {
                motifs.push(Motif::from_counts(&format!("filter {index}"), &counts)?);
            }
            task.step("")?;
        }
        if motifs.is_empty() {
            return Err(Error::value(
                "network",
                format!(
                    "a filter that at least {} windows excite",
                    self.at_least.max(1)
                ),
                "one without",
            ));
        }
        Ok(motifs.into_iter().collect())
    }

    /// Counts the letters, shape `(width, letters)`, of the windows that excite one filter; `None` when interrupted.
    fn counts(
        &self,
        filter: &ArrayView2<f32>,
        bias: f32,
        codes: &[Vec<Option<usize>>],
    ) -> Option<Array2<f64>> {
        let (letters, width) = filter.dim();
        let unknown = filter.mean_axis(ndarray::Axis(0)).unwrap_or_default();
        let score = |window: &[Option<usize>]| {
            let parts = window
                .iter()
                .enumerate()
                .map(|(position, letter)| match letter {
                    Some(letter) => filter[[*letter, position]],
                    // An unknown letter is coded as an equal share of each.
                    None => unknown[position],
                });
            bias + parts.sum::<f32>()
        };
        let activations: Vec<Vec<f32>> = codes
            .par_iter()
            .map(|code| {
                let going = !progress::is_interrupted();
                going.then(|| code.windows(width).map(score).collect())
            })
            .collect::<Option<_>>()?;
        let highest = activations.iter().flatten().copied().fold(0.0, f32::max);
        let mut counts = Array2::zeros((width, letters));
        if highest <= 0.0 {
            return Some(counts);
        }
        let bar = self.share as f32 * highest;
        for (code, scores) in codes.iter().zip(&activations) {
            for (start, _) in scores.iter().enumerate().filter(|(_, score)| **score > bar) {
                for (position, letter) in code[start..start + width].iter().enumerate() {
                    match letter {
                        Some(letter) => counts[[position, *letter]] += 1.0,
                        None => counts
                            .row_mut(position)
                            .mapv_inplace(|count| count + 1.0 / letters as f64),
                    }
                }
            }
        }
        Some(counts)
    }
}

/// The bias of each filter of the first convolution.
fn bias(network: &Network, filters: usize) -> Result<Vec<f32>> {
    let names = network.weight_names();
    let name = names
        .iter()
        .find(|name| name.ends_with("convolution.bias"))
        .ok_or_else(|| Error::value("network", "one with a convolution", "one without"))?;
    let bias: Vec<f32> = network.weight(name)?.iter().copied().collect();
    if bias.len() != filters {
        return Err(Error::shape(
            "network",
            format!("{filters} biases"),
            &[bias.len()],
        ));
    }
    Ok(bias)
}
