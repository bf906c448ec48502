//! The motif that strings with gaps have in common.

use super::alignment::{count, place};
use super::members::Frequency;
use crate::Result;
use crate::motif::Motif;
use crate::sequence::Alphabet;
use ndarray::{Array2, Axis, s};

/// How often all strings are placed anew, told where they stood before.
const ROUNDS: usize = 3;

/// Lays strings on the most frequent one, the first, and counts the letters of every column, a gap as an equal share of each.
///
/// Strings are placed without gaps of their own, where their letters fit best the counts of the round before; the first round knows only the
/// most frequent string. Columns in which fewer than half of the strings have a letter are cut off at both ends.
pub(super) fn consensus_motif(
    name: &str,
    strings: &[Frequency],
    alphabet: Alphabet,
) -> Result<Motif> {
    let longest = strings.iter().map(|string| string.text.len()).max();
    let flank = longest.unwrap_or(0);
    let mode = strings.first().map_or("", |string| &string.text);
    let shape = ((2 * flank + mode.len()).max(1), alphabet.size());
    let mut counts = Array2::zeros(shape);
    count(&mut counts, (mode, flank as isize), (alphabet, 1.0));
    let mut letters = vec![0.0; shape.0];
    for _ in 0..ROUNDS {
        let weights = weights(&counts);
        counts.fill(0.0);
        letters.fill(0.0);
        for Frequency { text, count: times } in strings {
            let start = place(text, &weights, alphabet).start;
            let times = *times as f64;
            count(&mut counts, (text, start), (alphabet, times));
            for (at, letter) in text.bytes().enumerate() {
                let column = usize::try_from(start + at as isize).ok();
                if let Some(sum) = column.and_then(|column| letters.get_mut(column)) {
                    *sum += f64::from(u8::from(alphabet.index(letter).is_some())) * times;
                }
            }
        }
    }
    let most = letters.iter().copied().fold(0.0, f64::max);
    let total: f64 = strings.iter().map(|string| string.count as f64).sum();
    // Where no column has letters of half of them, those that have most.
    let enough = (total / 2.0).min(most);
    let first = letters.iter().position(|&sum| sum >= enough);
    let last = letters.iter().rposition(|&sum| sum >= enough);
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
    let motif = Motif::from_counts(name, &counts.slice(s![first..=last, ..]).to_owned())?;
    let is_rna = alphabet == Alphabet::Rna;
    Ok(if is_rna { motif.to_rna() } else { motif })
}

/// Returns log-odds in bits against equal shares, with a pseudocount of 1.
fn weights(counts: &Array2<f64>) -> Array2<f64> {
    let letters = counts.ncols() as f64;
    let sums = counts.sum_axis(Axis(1)).insert_axis(Axis(1)) + 1.0;
    ((counts + 1.0 / letters) / sums * letters).mapv_into(f64::log2)
}
