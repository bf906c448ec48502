//! Sequences like real ones, in which the truth is known.

use super::{Plant, Plants, Simulated};
use crate::motif::{Hit, Hits, Motifs, Scan};
use crate::progress;
use crate::random::Seed;
use crate::sequence::{Sequences, Shuffle};
use crate::{Error, Result};
use ndarray::Array1;
use rand::RngExt;
use rayon::prelude::*;

/// Shuffles real positives around their motifs, and adds as many negatives.
///
/// See [`Realistic`] for what is done and for the options.
///
/// # Errors
///
/// As [`Realistic::run`].
///
/// # Examples
///
/// ```
/// use genolens::{motif::Motif, sequence::Sequences, simulate};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["TTGCATGACCGGAAGTGTACCATG", "GCATTAGGCATTAGCCATTGACCA"])?;
/// let motifs = [Motif::from_consensus("ETS", "ACCGGAAGT")?].into_iter().collect();
/// let data = simulate::realistic(&peaks, &motifs)?;
/// // Only the first peak has the motif, and keeps it.
/// assert_eq!(data.labels().to_vec(), [1.0, 0.0]);
/// assert_eq!(&data.sequences().text(0)[7..16], "ACCGGAAGT");
/// # Ok(()) }
/// ```
pub fn realistic(peaks: &Sequences, motifs: &Motifs) -> Result<Simulated> {
    Realistic::new().run(peaks, motifs)
}

/// Simulates by shuffling real sequences around their motifs, with options.
///
/// A positive is the dinucleotide shuffle of a real positive into which all instances of motifs are put back where they were. A negative is
/// the dinucleotide shuffle of a real positive, drawn by chance, into which the instances of a real negative are put. Letters and their
/// pairs are then the same in both classes, and only motifs tell them apart. The truth is where instances were put; they may overlap,
/// and chance makes others that it does not know. Positives come first, then negatives.
///
/// # References
///
/// Prakash, Shrikumar and Kundaje 2022, <https://proceedings.mlr.press/v165/prakash22a.html>; [`Enrichment`](super::Enrichment) chooses motifs
/// as they do.
#[derive(Clone, Debug)]
pub struct Realistic {
    negatives: Option<Sequences>,
    scan: Scan,
    without_motif: bool,
    seed: Seed,
}

impl Realistic {
    /// Starts from the defaults: negatives have what dinucleotide shuffles of the positives have by chance, an instance is a hit of
    /// [`Scan`], positives without any are left out.
    pub fn new() -> Self {
        Self {
            negatives: None,
            scan: Scan::new(),
            without_motif: false,
            seed: Seed::default(),
        }
    }

    /// Sets real negatives, as long as the positives, whose instances of motifs go into the simulated ones.
    pub fn negatives(mut self, negatives: &Sequences) -> Self {
        self.negatives = Some(negatives.clone());
        self
    }

    /// Sets how instances of motifs are found.
    pub fn scan(mut self, scan: Scan) -> Self {
        self.scan = scan;
        self
    }

    /// Tells whether positives without any instance of a motif are kept; nothing tells these from negatives.
    pub fn without_motif(mut self, kept: bool) -> Self {
        self.without_motif = kept;
        self
    }

    /// Sets the seed; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Makes one sequence of every positive and of every negative.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when sequences differ in length or alphabet, there is no motif or one of another alphabet, or no positive has an
    /// instance; [`Error::Interrupted`].
    pub fn run(&self, positives: &Sequences, motifs: &Motifs) -> Result<Simulated> {
        let length = positives.length()?;
        if let Some(negatives) = &self.negatives {
            let got = negatives.length()?;
            if (got, negatives.alphabet()) != (length, positives.alphabet()) {
                let expected = format!(
                    "{} of length {length} as the positives",
                    positives.alphabet()
                );
                let got = format!("{} of length {got}", negatives.alphabet());
                return Err(Error::value("negatives", expected, got));
            }
        }
        let hits = self.scan.run(motifs, positives)?;
        let kept: Vec<usize> = (0..positives.len())
            .filter(|&row| self.without_motif || !hits.in_sequence(row).is_empty())
            .collect();
        if hits.is_empty() {
            let expected = "motifs of which a positive has an instance";
            return Err(Error::value("motifs", expected, "none found"));
        }
        let negatives = match &self.negatives {
            Some(negatives) => negatives.clone(),
            None => Shuffle::dinucleotide()
                .seed(self.seed.named("sources of negatives"))
                .run(&positives.select(&kept)?)?,
        };
        let others = self.scan.run(motifs, &negatives)?;
        let count = kept.len() + negatives.len();
        let mut made = self.make("positives", (positives, count), kept.len(), |row, _| {
            (kept[row], Source::new(positives, &hits, kept[row]))
        })?;
        made.extend(self.make(
            "negatives",
            (positives, count),
            negatives.len(),
            |row, point| {
                let background = kept[pick(point, kept.len())];
                (background, Source::new(&negatives, &others, row))
            },
        )?);
        let mut labels = Array1::zeros(count);
        labels.slice_mut(ndarray::s![..kept.len()]).fill(1.0);
        let (mut pairs, mut plants) = (Vec::with_capacity(count), Vec::new());
        for (sequence, (letters, hits)) in made.into_iter().enumerate() {
            pairs.push((format!("sim{}", sequence + 1), letters));
            plants.extend(hits.into_iter().map(|hit| Plant {
                sequence,
                motif: hit.motif,
                name: motifs.get(hit.motif).name().into(),
                start: hit.start,
                end: hit.end,
                reverse: hit.reverse,
                pair: None,
            }));
        }
        let sequences = Sequences::from_legal(positives.alphabet(), pairs);
        Ok(Simulated::new(
            sequences,
            labels,
            (Plants::new(plants), motifs.clone()),
        ))
    }

    /// Makes the sequences of one class: `of` tells, for a row and a number from 0 to 1, which positive is shuffled and what is put in.
    fn make<'a>(
        &self,
        class: &str,
        (positives, all): (&Sequences, usize),
        count: usize,
        of: impl Fn(usize, f64) -> (usize, Source<'a>) + Sync,
    ) -> Result<Vec<(Vec<u8>, Vec<Hit>)>> {
        let seed = self.seed.named(class);
        (0..count)
            .into_par_iter()
            .map(|row| {
                progress::check("simulate", row, all)?;
                let seed = seed.indexed(row);
                let (background, source) = of(row, seed.named("background").generator().random());
                let one = positives.select(&[background])?;
                let shuffled = Shuffle::dinucleotide().seed(seed).run(&one)?;
                let mut letters = shuffled.letters(0).to_vec();
                for hit in source.hits {
                    letters[hit.start..hit.end]
                        .copy_from_slice(&source.letters[hit.start..hit.end]);
                }
                Ok((letters, source.hits.to_vec()))
            })
            .collect::<Result<_>>()
            .inspect_err(|_| progress::clear_interrupt())
    }
}

impl Default for Realistic {
    fn default() -> Self {
        Self::new()
    }
}

/// A real sequence whose instances of motifs are put in.
struct Source<'a> {
    letters: &'a [u8],
    hits: &'a [Hit],
}

impl<'a> Source<'a> {
    fn new(sequences: &'a Sequences, hits: &'a Hits, row: usize) -> Self {
        Self {
            letters: sequences.letters(row),
            hits: hits.in_sequence(row),
        }
    }
}

fn pick(point: f64, count: usize) -> usize {
    ((point * count as f64) as usize).min(count - 1)
}
