//! Where motifs are in sequences.

use super::scale::Scale;
use super::{Hit, Hits, Motifs};
use crate::progress;
use crate::sequence::Sequences;
use crate::{Error, Result};
use rayon::prelude::*;

/// Finds the places where motifs fit better than one window of background in ten thousand.
///
/// See [`Scan`] for the score, its chance and the options.
///
/// # Errors
///
/// As [`Scan::run`].
///
/// # Examples
///
/// ```
/// use genolens::{motif::{self, Motif}, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let ets = [Motif::from_consensus("ETS", "ACCGGAAGT")?].into_iter().collect();
/// let hits = motif::scan(&ets, &Sequences::dna(["TTTACCGGAAGTTTT", "TTTTTTTTTTTTTTT"])?)?;
/// assert_eq!((hits.len(), hits.get(0).start, hits.get(0).reverse), (1, 3, false));
/// # Ok(()) }
/// ```
pub fn scan(motifs: &Motifs, sequences: &Sequences) -> Result<Hits> {
    Scan::new().run(motifs, sequences)
}

/// Scans sequences for motifs, with options.
///
/// A window scores the sum of the log-odds of its letters. The chance that a window of background, its letters independent with the shares
/// of [`Motif::background`](super::Motif::background), scores at least as high is computed exactly, for scores that are rounded to a
/// thousandth of the motif's range. Windows with an unknown letter are passed over. Hits may overlap.
///
/// # References
///
/// FIMO: Grant, Bailey and Noble 2011, doi:10.1093/bioinformatics/btr064; the chance by dynamic programming: Staden 1989,
/// doi:10.1093/bioinformatics/5.2.89. Checked against all words of short motifs.
#[derive(Clone, Debug)]
pub struct Scan {
    p: f64,
    pseudocount: f64,
    both_strands: bool,
}

impl Scan {
    /// Starts from the defaults: a chance of at most 0.0001, both strands, a pseudocount of 0.1 shared by the letters.
    pub fn new() -> Self {
        Self {
            p: 1e-4,
            pseudocount: 0.1,
            both_strands: true,
        }
    }

    /// Sets the highest chance of a hit, above 0 to 1.
    pub fn p(mut self, p: f64) -> Self {
        self.p = p;
        self
    }

    /// Sets how much is added to the counts of a position, shared by the letters as in the background; above 0.
    pub fn pseudocount(mut self, pseudocount: f64) -> Self {
        self.pseudocount = pseudocount;
        self
    }

    /// Sets whether the opposite strand is scanned, too; of protein it never is.
    pub fn both_strands(mut self, both: bool) -> Self {
        self.both_strands = both;
        self
    }

    /// Scans; hits are ordered by sequence, position and motif.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no motif or one of another alphabet, or an option makes no sense; [`Error::Interrupted`].
    pub fn run(&self, motifs: &Motifs, sequences: &Sequences) -> Result<Hits> {
        let scales = self.scales(motifs, sequences)?;
        let alphabet = sequences.alphabet();
        let found = (0..sequences.len())
            .into_par_iter()
            .map(|sequence| {
                progress::check("scan for motifs", sequence, sequences.len())?;
                let letters = sequences.letters(sequence).iter();
                let codes: Vec<usize> = letters
                    .map(|&letter| alphabet.index(letter).unwrap_or(alphabet.size()))
                    .collect();
                let mut hits = Vec::new();
                for (motif, strands) in scales.iter().enumerate() {
                    if motif % 64 == 63 {
                        progress::check("scan for motifs", sequence, sequences.len())?;
                    }
                    for (scale, reverse) in strands.iter().zip([false, true]) {
                        scale.hits(&codes, |start, (score, p)| {
                            hits.push(Hit {
                                sequence,
                                motif,
                                start,
                                end: start + scale.width(),
                                reverse,
                                score,
                                p,
                            });
                        });
                    }
                }
                hits.sort_by_key(|hit| (hit.start, hit.motif, hit.reverse));
                Ok(hits)
            })
            .collect::<Result<Vec<_>>>()
            .inspect_err(|_| progress::clear_interrupt())?;
        let names = (0..motifs.len()).map(|i| motifs.get(i).name().to_owned());
        Ok(Hits::new(found.concat(), names.collect()))
    }

    /// Prepares one scale for every motif and strand.
    fn scales(&self, motifs: &Motifs, sequences: &Sequences) -> Result<Vec<Vec<Scale>>> {
        if !(self.p > 0.0 && self.p <= 1.0) {
            return Err(Error::value("p", "above 0, to 1", self.p));
        }
        if !(self.pseudocount > 0.0 && self.pseudocount.is_finite()) {
            let expected = "a number above 0";
            return Err(Error::value("pseudocount", expected, self.pseudocount));
        }
        if motifs.is_empty() {
            return Err(Error::value("motifs", "one motif or more", "empty"));
        }
        let alphabet = sequences.alphabet();
        let one = |index| {
            let motif = motifs.get(index);
            if motif.alphabet() != alphabet {
                let got = format!("{} in {}", motif.alphabet(), motif.name());
                let expected = format!("{alphabet} motifs as the sequences are");
                return Err(Error::value("motifs", expected, got));
            }
            let mut strands = vec![Scale::new(&motif, (self.pseudocount, self.p))];
            if self.both_strands && alphabet.has_complement() {
                let opposite = motif.reverse_complement()?;
                strands.push(Scale::new(&opposite, (self.pseudocount, self.p)));
            }
            Ok(strands)
        };
        (0..motifs.len()).into_par_iter().map(one).collect()
    }
}

impl Default for Scan {
    fn default() -> Self {
        Self::new()
    }
}
