//! Two motifs at all distances, in both orders and on both strands.

use super::written::{Text, differences};
use super::{SpacingEffect, SpacingEffects};
use crate::attribution::MeanEffect;
use crate::network::Model;
use crate::sequence::{Alphabet, Sequences, legal};
use crate::{Error, Result};
use ndarray::ArrayView1;
use std::ops::RangeInclusive;

/// Computes what two motifs do to the outputs of backgrounds at 0 to 20 letters from each other, in both orders and on both strands.
///
/// # Errors
///
/// As [`Spacing::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution::Spacing, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let backgrounds = Sequences::dna(["ACGTTGCATCAAACGTCCAT", "GGATTACCATTGGGCATTTA"])?;
/// let options = Spacing::new("TGACTCA", "GATA").gaps(0..=5).strands(false);
/// let effects = options.run(&network::deepbind(4), &backgrounds)?;
/// assert_eq!(effects.len(), 2 * 6);
/// # Ok(()) }
/// ```
///
/// # References
///
/// The definition and the places are those of tangermeme's `space`.
pub fn spacing(
    model: &dyn Model,
    backgrounds: &Sequences,
    (first, second): (&str, &str),
) -> Result<SpacingEffects> {
    Spacing::new(first, second).run(model, backgrounds)
}

/// Writes two motifs into backgrounds at all distances, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spacing {
    motifs: [String; 2],
    gaps: RangeInclusive<usize>,
    orders: bool,
    strands: bool,
    at: Option<usize>,
    alone: bool,
    batch: usize,
}

impl Spacing {
    /// Takes two motifs with the defaults: 0 to 20 letters between the end of one and the beginning of the other, both orders, both
    /// strands of each, the whole in the middle, batches of 64.
    pub fn new(first: &str, second: &str) -> Self {
        Self {
            motifs: [first.into(), second.into()],
            gaps: 0..=20,
            orders: true,
            strands: true,
            at: None,
            alone: false,
            batch: 64,
        }
    }

    /// Sets how many letters lie between the motifs.
    pub fn gaps(mut self, gaps: RangeInclusive<usize>) -> Self {
        self.gaps = gaps;
        self
    }

    /// Sets whether the second motif also comes first.
    pub fn orders(mut self, both: bool) -> Self {
        self.orders = both;
        self
    }

    /// Sets whether each motif also stands on the other strand; protein has none.
    pub fn strands(mut self, both: bool) -> Self {
        self.strands = both;
        self
    }

    /// Sets where the motif that comes first begins, counted from 0, for all distances.
    pub fn at(mut self, position: usize) -> Self {
        self.at = Some(position);
        self
    }

    /// Sets whether each motif is also written alone, at the same places, so that what they do only together can be told; three times
    /// the work.
    pub fn interaction(mut self, told: bool) -> Self {
        self.alone = told;
        self
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the mean effects on all outputs.
    ///
    /// # Errors
    ///
    /// Fails when a motif is empty or has letters that the backgrounds have not, both do not fit into them at the largest distance, there
    /// is no distance, the model cannot read the backgrounds, or the user interrupts.
    pub fn run(&self, model: &dyn Model, backgrounds: &Sequences) -> Result<SpacingEffects> {
        let alphabet = backgrounds.alphabet();
        let length = backgrounds.length()?;
        if self.gaps.is_empty() {
            let got = format!("{:?}", self.gaps);
            return Err(Error::value("gaps", "one distance or more", got));
        }
        let arrangements = self.arrangements(alphabet, length)?;
        let mut ways: Vec<Vec<Text>> = Vec::new();
        for arrangement in &arrangements {
            let [first, second] = arrangement.texts();
            if self.alone {
                ways.extend([vec![first.clone()], vec![second.clone()]]);
            }
            ways.push(vec![first, second]);
        }
        let found = differences(("spacing", self.batch), (model, backgrounds), &ways)?;
        let mut effects = Vec::new();
        let each = if self.alone { 3 } else { 1 };
        for (arrangement, found) in arrangements.iter().zip(found.chunks(each)) {
            let name = arrangement.name();
            let mean =
                |values: ArrayView1<'_, f64>, output| MeanEffect::of(&values).at(&name, output);
            let (both, extra) = match found {
                [first, second, both] => (both, Some(both - first - second)),
                _ => (&found[0], None),
            };
            for (output, differences) in both.columns().into_iter().enumerate() {
                let extra = extra.as_ref().map(|extra| extra.column(output));
                effects.push(SpacingEffect {
                    swapped: arrangement.swapped,
                    reversed: arrangement.reversed,
                    gap: arrangement.gap,
                    effect: mean(differences, output),
                    interaction: extra.map(|extra| mean(extra, output)),
                });
            }
        }
        let [first, second] = &self.motifs;
        Ok(SpacingEffects::new((first, second), effects))
    }

    fn arrangements(&self, alphabet: Alphabet, length: usize) -> Result<Vec<Arrangement>> {
        let mut motifs = Vec::new();
        for (argument, motif) in ["first", "second"].into_iter().zip(&self.motifs) {
            let own = legal(alphabet, argument, motif)?;
            let other: Vec<u8> = own.iter().rev().map(|&l| alphabet.complement(l)).collect();
            motifs.push([own, other]);
        }
        let letters = motifs[0][0].len() + motifs[1][0].len();
        let start = self.at.unwrap_or(0);
        let widest = letters
            .checked_add(start)
            .and_then(|sum| sum.checked_add(*self.gaps.end()));
        if widest.is_none_or(|widest| widest > length) {
            let most = length
                .checked_sub(letters)
                .and_then(|rest| rest.checked_sub(start));
            let expected = match most {
                Some(most) => {
                    format!("at most {most}, for both motifs to fit into {length} letters")
                }
                None => format!("motifs that fit into {length} letters"),
            };
            return Err(Error::value("gaps", expected, self.gaps.end()));
        }
        let both = |both: bool| if both { vec![false, true] } else { vec![false] };
        let strands = self.strands && alphabet.has_complement();
        let mut all = Vec::new();
        for swapped in both(self.orders) {
            for reversed in both(strands) {
                for reversed in both(strands).into_iter().map(|second| [reversed, second]) {
                    for gap in self.gaps.clone() {
                        let strand = |i: usize| motifs[i][usize::from(reversed[i])].clone();
                        let mut motifs = [strand(0), strand(1)];
                        if swapped {
                            motifs.reverse();
                        }
                        let whole = letters + gap;
                        let start = self.at.unwrap_or((length / 2).saturating_sub(whole / 2));
                        all.push(Arrangement {
                            motifs,
                            swapped,
                            reversed,
                            gap,
                            start,
                        });
                    }
                }
            }
        }
        Ok(all)
    }
}

/// One way to write both motifs.
struct Arrangement {
    /// The texts as they are written, from left to right.
    motifs: [Vec<u8>; 2],
    swapped: bool,
    reversed: [bool; 2],
    gap: usize,
    start: usize,
}

impl Arrangement {
    /// Returns both with their positions.
    fn texts(&self) -> [Text; 2] {
        let [left, right] = &self.motifs;
        let second = self.start + left.len() + self.gap;
        [(self.start, left.clone()), (second, right.clone())]
    }

    fn name(&self) -> String {
        let [left, right] = self
            .motifs
            .each_ref()
            .map(|letters| String::from_utf8_lossy(letters));
        format!("{left} +{} {right}", self.gap)
    }
}
