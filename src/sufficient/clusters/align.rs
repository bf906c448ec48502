//! Laying subsets on a known motif.

use super::AlignedSubsets;
use crate::motif::Motif;
use crate::sufficient::Subsets;
use crate::{Error, Result};

/// Finds where each subset of sequences fits a motif best.
///
/// # Errors
///
/// [`Error::Value`] when the subsets are not of sequences, or the motif has another alphabet.
///
/// # Examples
///
/// ```
/// use genolens::{motif::Motif, network, sequence::Sequences, sufficient::{self, Threshold, SufficientSubsets}};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACCGGAAGTG", "CCGGTTAACC"])?;
/// let found = SufficientSubsets::new(Threshold::quantile(0.5)).run(&network::deepbind(4), &peaks)?;
/// let ets = Motif::from_consensus("ETS", "CCGGAAGT")?;
/// let aligned = sufficient::align(&found, &ets)?;
/// assert_eq!(aligned.motif()?.len(), 8);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Carter, Mueller, Jain and Gifford 2019, <https://proceedings.mlr.press/v89/carter19a.html>: log-likelihood with equal shares in place of masked
/// letters, then the Kullback-Leibler divergence. They try one strand, and only places where the whole motif is inside the sequence.
pub fn align(subsets: &Subsets, motif: &Motif) -> Result<AlignedSubsets> {
    let Some(sequences) = subsets.sequences() else {
        let got = format!("of {}", subsets.layout());
        return Err(Error::value("subsets", "of sequences", got));
    };
    let strings = subsets.strings()?;
    AlignedSubsets::new(
        strings.iter().map(String::as_str),
        sequences.alphabet(),
        motif,
    )
}
