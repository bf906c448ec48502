//! Shuffles of letters, with or without their pairs.

use super::eulerian::Graph;
use super::{Alphabet, Sequences};
use crate::progress;
use crate::random::Seed;
use crate::{Error, Result};
use rand::seq::SliceRandom;
use rayon::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Uniform,
    Dinucleotide,
    LegacyDinucleotide,
}

/// Shuffles the letters of each sequence with options.
///
/// The result has `copies` shuffles of the first sequence, then of the second, and so on. The shuffle of a sequence depends
/// on the seed and on its place only, not on the number of threads. Unknown letters take part as a letter of their own.
///
/// # Examples
///
/// ```
/// use genolens::sequence::{Sequences, Shuffle};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACTGACTGACTG", "GGCATTACCA"])?;
/// let shuffled = Shuffle::dinucleotide().copies(5).seed(1).run(&peaks)?;
/// assert_eq!(shuffled.len(), 10);
/// assert_eq!(shuffled.name(9), "seq2_shuffle5");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Shuffle {
    kind: Kind,
    copies: usize,
    seed: Seed,
}

impl Shuffle {
    /// Puts the letters in any order, each order with equal chance.
    pub fn uniform() -> Self {
        Self {
            kind: Kind::Uniform,
            copies: 1,
            seed: Seed::default(),
        }
    }

    /// Keeps how often each letter follows each; every text that does so has exactly equal chance.
    ///
    /// Such texts are the Eulerian walks of a graph whose edges are the pairs of neighbours. First and last letter stay.
    ///
    /// # References
    ///
    /// Altschul and Erickson 1985, doi:10.1093/oxfordjournals.molbev.a040370; uniform walks: Kandel, Matias, Unger and
    /// Winkler 1996, doi:10.1016/S0166-218X(97)81456-4; uniform trees: Wilson 1996, doi:10.1145/237814.237880. Checked by
    /// chi-square against all walks of small texts.
    pub fn dinucleotide() -> Self {
        Self {
            kind: Kind::Dinucleotide,
            ..Self::uniform()
        }
    }

    /// Keeps how often each letter follows each in the way of tangermeme and deeplift, which is not uniform.
    ///
    /// It keeps the last edge out of every letter where it was, so that some texts never come: of the 30 texts with the
    /// pairs of `AATTAATATA` it reaches 18. It is here to reproduce results of those packages; prefer
    /// [`Shuffle::dinucleotide`].
    pub fn legacy_dinucleotide() -> Self {
        Self {
            kind: Kind::LegacyDinucleotide,
            ..Self::uniform()
        }
    }

    /// Sets how many shuffles each sequence gets; default 1.
    pub fn copies(mut self, copies: usize) -> Self {
        self.copies = copies;
        self
    }

    /// Sets the seed; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Returns how many shuffles each sequence gets, and the seed.
    pub(crate) fn parts(&self) -> (usize, Seed) {
        (self.copies, self.seed)
    }

    /// Shuffles; `copies` results for each sequence, named `NAME_shuffle1` and so on.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when `copies` is 0, [`Error::Interrupted`] when somebody has called [`progress::interrupt`].
    pub fn run(&self, sequences: &Sequences) -> Result<Sequences> {
        if self.copies == 0 {
            return Err(Error::value("copies", "1 or more", 0));
        }
        let count = sequences.len() * self.copies;
        let pairs = (0..count)
            .into_par_iter()
            .map_init(Kept::default, |kept, place| {
                progress::check("shuffle", place, count)?;
                Ok(self.pair(sequences, place, kept))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Sequences::from_legal(sequences.alphabet(), pairs))
    }

    /// Shuffles every sequence once, which is too short to be interrupted.
    fn once(&self, sequences: &Sequences) -> Sequences {
        let pairs: Vec<(String, Vec<u8>)> = (0..sequences.len())
            .into_par_iter()
            .map_init(Kept::default, |kept, place| {
                self.pair(sequences, place, kept)
            })
            .collect();
        Sequences::from_legal(sequences.alphabet(), pairs)
    }

    /// Gives the name and the letters of one shuffle; copies of one sequence share its graph.
    fn pair(&self, sequences: &Sequences, place: usize, kept: &mut Kept) -> (String, Vec<u8>) {
        let (index, copy) = (place / self.copies, place % self.copies);
        let mut generator = self.seed.indexed(index).indexed(copy).generator();
        let name = format!("{}_shuffle{}", sequences.name(index), copy + 1);
        let mut letters = sequences.letters(index).to_vec();
        if let Kind::Uniform = self.kind {
            letters.shuffle(&mut generator);
            return (name, letters);
        }
        if kept.as_ref().is_none_or(|(of, _)| *of != index) {
            *kept = Some((index, graph(sequences.alphabet(), &letters)));
        }
        let letters = match kept {
            Some((_, Some(graph))) if matches!(self.kind, Kind::LegacyDinucleotide) => {
                graph.legacy(&mut generator)
            }
            Some((_, Some(graph))) => graph.uniform(&mut generator),
            _ => letters,
        };
        (name, letters)
    }
}

/// The graph of the sequence that was shuffled last, if it has one.
type Kept = Option<(usize, Option<Graph>)>;

fn graph(alphabet: Alphabet, letters: &[u8]) -> Option<Graph> {
    let size = alphabet.size();
    let code = |&letter: &u8| alphabet.code(letter).unwrap_or(size) as u8;
    let codes: Vec<u8> = letters.iter().map(code).collect();
    let mut known = alphabet.letters().to_vec();
    known.push(alphabet.unknown());
    Graph::new(&codes, known)
}

/// Shuffles the letters of each sequence; every order has equal chance.
///
/// For several shuffles of each sequence use [`Shuffle::uniform`].
///
/// # Examples
///
/// ```
/// use genolens::random::Seed;
/// use genolens::sequence::{self, Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["AACCGGTTN"])?;
/// let shuffled = sequence::shuffle(&peaks, Seed::new(1));
/// assert_eq!(shuffled.composition(), peaks.composition());
/// # Ok(()) }
/// ```
pub fn shuffle(sequences: &Sequences, seed: Seed) -> Sequences {
    Shuffle::uniform().seed(seed).once(sequences)
}

/// Shuffles each sequence while keeping how often each letter follows each; exactly uniform.
///
/// The usual negatives for a binding model. See [`Shuffle::dinucleotide`] for the method and its sources.
///
/// # Examples
///
/// ```
/// use genolens::random::Seed;
/// use genolens::sequence::{self, Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACCGGAAGTGCGA"])?;
/// let shuffled = sequence::dinucleotide_shuffle(&peaks, Seed::new(1));
/// assert!(shuffled.text(0).starts_with('A') && shuffled.text(0).ends_with('A'));
/// # Ok(()) }
/// ```
pub fn dinucleotide_shuffle(sequences: &Sequences, seed: Seed) -> Sequences {
    Shuffle::dinucleotide().seed(seed).once(sequences)
}
