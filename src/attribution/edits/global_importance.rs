//! What motifs do to the output in sequences without a signal of their own.

use super::written::differences;
use super::{Backgrounds, Importance, Importances};
use crate::attribution::MeanEffect;
use crate::motif::{Motif, Motifs};
use crate::network::Model;
use crate::random::Seed;
use crate::sequence::{Sequences, legal};
use crate::{Error, Result};

/// Computes the mean effect of motifs that are written into the middle of 1000 dinucleotide shuffles of the data.
///
/// # Errors
///
/// As [`GlobalImportance::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution::GlobalImportance, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTTGCATCAAACGT", "GGATTACCATTGGGCA"])?;
/// let options = GlobalImportance::new().count(50).positions(&[0, 4]).both_strands(true);
/// let found = options.run(&network::deepbind(4), &peaks, &["TGACTCA", "GATA"])?;
/// assert_eq!(found.len(), 2 * 2 * 2);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Koo et al. 2021, doi:10.1371/journal.pcbi.1008925.
pub fn global_importance(
    model: &dyn Model,
    sequences: &Sequences,
    motifs: &[&str],
) -> Result<Importances> {
    GlobalImportance::new().run(model, sequences, motifs)
}

/// Measures motifs against null sequences, with options.
///
/// All motifs are written into the same nulls. An effect is the mean over the nulls of the output with the motif less the output without,
/// with its standard error, the 95 % interval and a paired t test. The test asks whether the mean differs from 0, which with many nulls
/// even a tiny effect does: compare sizes, with those of scrambled motifs for instance.
#[derive(Clone, Debug)]
pub struct GlobalImportance {
    backgrounds: Backgrounds,
    positions: Vec<usize>,
    both_strands: bool,
    batch: usize,
}

impl GlobalImportance {
    /// Takes the defaults: 1000 dinucleotide shuffles of the data, the middle, motifs as they are written, batches of 64.
    pub fn new() -> Self {
        Self {
            backgrounds: Backgrounds::dinucleotide_shuffles(),
            positions: Vec::new(),
            both_strands: false,
            batch: 64,
        }
    }

    /// Sets how null sequences are made, and how many.
    pub fn backgrounds(mut self, backgrounds: Backgrounds) -> Self {
        self.backgrounds = backgrounds;
        self
    }

    /// Sets how many null sequences are made.
    pub fn count(mut self, count: usize) -> Self {
        self.backgrounds = self.backgrounds.count(count);
        self
    }

    /// Sets the seed of the null sequences; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.backgrounds = self.backgrounds.seed(seed);
        self
    }

    /// Sets where motifs begin, counted from 0, instead of the middle; each position is measured.
    pub fn positions(mut self, positions: &[usize]) -> Self {
        self.positions = positions.to_vec();
        self
    }

    /// Sets whether motifs are also written on the other strand.
    pub fn both_strands(mut self, both: bool) -> Self {
        self.both_strands = both;
        self
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Measures motifs against nulls that are made from these sequences.
    ///
    /// # Errors
    ///
    /// Fails when a motif is empty, has letters that the sequences have not or does not fit at a position, there is no motif, protein is
    /// asked for its other strand, the model cannot read the sequences, or the user interrupts.
    pub fn run(
        &self,
        model: &dyn Model,
        sequences: &Sequences,
        motifs: &[&str],
    ) -> Result<Importances> {
        let motifs: Vec<_> = motifs.iter().map(|motif| (*motif, *motif)).collect();
        self.measure((model, sequences), &motifs)
    }

    /// Measures the text of every motif that it likes best, under its name.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and when the motifs are of another alphabet.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{attribution::GlobalImportance, motif::{Motif, Motifs}, network, sequence::Sequences};
    /// # fn main() -> genolens::Result<()> {
    /// let peaks = Sequences::dna(["ACGTTGCATCAAACGT", "GGATTACCATTGGGCA"])?;
    /// let motifs: Motifs = [Motif::from_consensus("GATA1", "WGATAR")?].into_iter().collect();
    /// let found = GlobalImportance::new().count(50).run_motifs(&network::deepbind(4), &peaks, &motifs)?;
    /// assert_eq!(found.get(0).effect.name, "GATA1");
    /// # Ok(()) }
    /// ```
    pub fn run_motifs(
        &self,
        model: &dyn Model,
        sequences: &Sequences,
        motifs: &Motifs,
    ) -> Result<Importances> {
        let motifs: Vec<_> = (0..motifs.len()).map(|i| motifs.get(i)).collect();
        let other = motifs
            .iter()
            .find(|own| own.alphabet() != sequences.alphabet());
        if let Some(other) = other {
            let expected = format!("{}, as the sequences are", sequences.alphabet());
            return Err(Error::value("motifs", expected, other.alphabet()));
        }
        let texts: Vec<String> = motifs.iter().map(Motif::best_text).collect();
        let named = motifs.iter().zip(&texts);
        let named: Vec<_> = named
            .map(|(own, text)| (own.name(), text.as_str()))
            .collect();
        self.measure((model, sequences), &named)
    }

    /// Measures texts under names.
    fn measure(
        &self,
        (model, sequences): (&dyn Model, &Sequences),
        motifs: &[(&str, &str)],
    ) -> Result<Importances> {
        let (length, alphabet) = (sequences.length()?, sequences.alphabet());
        if motifs.is_empty() {
            return Err(Error::value("motifs", "one or more", "empty"));
        }
        if self.both_strands && !alphabet.has_complement() {
            let expected = "sequences of DNA or RNA";
            return Err(Error::value("both_strands", expected, alphabet));
        }
        let (mut places, mut ways) = (Vec::new(), Vec::new());
        for (name, text) in motifs {
            let letters = legal(alphabet, "motifs", text)?;
            let width = letters.len();
            let Some(room) = length.checked_sub(width) else {
                let expected = format!("at most {length} letters each, as the sequences have");
                return Err(Error::value("motifs", expected, format!("{width} letters")));
            };
            let other = letters.iter().rev().map(|&l| alphabet.complement(l));
            let other: Vec<u8> = other.collect();
            let middle = [(length / 2).saturating_sub(width / 2)];
            let positions = if self.positions.is_empty() {
                &middle[..]
            } else {
                &self.positions
            };
            for &position in positions {
                if position > room {
                    let expected = format!("at most {room} for `{name}` to fit");
                    return Err(Error::value("positions", expected, position));
                }
                places.push((*name, position, false));
                ways.push(vec![(position, letters.clone())]);
                if self.both_strands {
                    places.push((*name, position, true));
                    ways.push(vec![(position, other.clone())]);
                }
            }
        }
        let nulls = self.backgrounds.run(sequences)?;
        let task = ("global importance", self.batch);
        let found = differences(task, (model, &nulls), &ways)?;
        let found = places.into_iter().zip(&found);
        let found = found.flat_map(|((name, position, reversed), difference)| {
            let outputs = difference.columns().into_iter().enumerate();
            outputs.map(move |(output, differences)| Importance {
                position,
                reversed,
                effect: MeanEffect::of(&differences).at(name, output),
            })
        });
        Ok(found.collect())
    }
}

impl Default for GlobalImportance {
    fn default() -> Self {
        Self::new()
    }
}
