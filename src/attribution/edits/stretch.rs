//! Stretches of sequences: the same positions of all, or the hits of a motif in each.

use crate::motif::Motif;
use crate::sequence::{Alphabet, Sequences};
use crate::{Error, Result};
use ndarray::Array2;
use std::ops::Range;

/// Which positions of a sequence are meant.
#[derive(Clone, Debug)]
pub(super) enum Stretch {
    /// The same of all sequences.
    Positions(Range<usize>),
    /// The windows that a motif likes best.
    Hits {
        motif: Motif,
        /// The least weight of a hit in bits; without, the best window of every sequence is the only one.
        at_least: Option<f64>,
    },
}

impl Stretch {
    /// Returns the stretches of one sequence, in order and apart from each other.
    pub(super) fn of(&self, sequences: &Sequences, index: usize) -> Result<Vec<Range<usize>>> {
        let letters = sequences.letters(index);
        match self {
            Self::Positions(positions) => {
                if positions.is_empty() || positions.end > letters.len() {
                    let expected = format!(
                        "one position or more inside `{}`, which has {} letters",
                        sequences.name(index),
                        letters.len()
                    );
                    let got = format!("{positions:?}");
                    return Err(Error::value("positions", expected, got));
                }
                Ok(vec![positions.clone()])
            }
            Self::Hits { motif, at_least } => {
                let alphabet = sequences.alphabet();
                if motif.alphabet() != alphabet {
                    let expected = format!("one of {alphabet}, as the sequences");
                    return Err(Error::value("motif", expected, motif.alphabet()));
                }
                if at_least.is_some_and(f64::is_nan) {
                    return Err(Error::value("at_least", "a number of bits", "NaN"));
                }
                if at_least.is_none() && motif.len() > letters.len() {
                    let (name, length) = (sequences.name(index), letters.len());
                    let expected = format!("at most {length} letters long, as `{name}`");
                    return Err(Error::value("motif", expected, motif.len()));
                }
                let scores = scores(motif, letters)?;
                Ok(apart(&scores, motif.len(), *at_least))
            }
        }
    }
}

/// The weight of the motif in bits at every place, the better of both strands; an unknown letter weighs nothing.
fn scores(motif: &Motif, letters: &[u8]) -> Result<Vec<f64>> {
    let alphabet = motif.alphabet();
    let mut strands = vec![motif.weight()];
    if alphabet.has_complement() {
        strands.push(motif.reverse_complement()?.weight());
    }
    let windows = letters.windows(motif.len().max(1));
    let best = |window: &[u8]| {
        let scores = strands
            .iter()
            .map(|weights| score(weights, alphabet, window));
        scores.fold(f64::NEG_INFINITY, f64::max)
    };
    Ok(windows.map(best).collect())
}

fn score(weights: &Array2<f64>, alphabet: Alphabet, window: &[u8]) -> f64 {
    let weight = |(position, &letter): (usize, &u8)| {
        let letter = alphabet.index(letter);
        letter.map_or(0.0, |letter| weights[[position, letter]])
    };
    window.iter().enumerate().map(weight).sum()
}

/// Takes windows from the best to the worst that overlap with none before; with equal weights the first.
fn apart(scores: &[f64], width: usize, at_least: Option<f64>) -> Vec<Range<usize>> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    match at_least {
        None => order.truncate(1),
        Some(least) => order.retain(|&at| scores[at] >= least),
    }
    let mut taken: Vec<Range<usize>> = Vec::new();
    for at in order {
        if taken.iter().all(|other| other.start.abs_diff(at) >= width) {
            taken.push(at..at + width);
        }
    }
    taken.sort_by_key(|stretch| stretch.start);
    taken
}
