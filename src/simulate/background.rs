//! What surrounds planted motifs.

use super::chain::Chain;
use crate::random::Seed;
use crate::sequence::{Alphabet, Sequences, Shuffle};
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use rand::RngExt;

/// The most letters of all sequences together.
const LETTERS: usize = 1 << 32;

/// Where the letters come from into which motifs are planted.
///
/// # Examples
///
/// ```
/// use genolens::sequence::Sequences;
/// use genolens::simulate::{Background, Recipe};
/// # fn main() -> genolens::Result<()> {
/// let promoters = Sequences::dna(["ACGCGCGTTTACGATTA", "GGGGGCCCAAATTTACG"])?;
/// let alike = Recipe::new(0).background(&Background::markov(50, &promoters)).run(3)?;
/// assert_eq!(alike.sequences().length()?, 50);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Background(pub(super) Kind);

/// The kinds of backgrounds.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Independent letters with these shares.
    Composition { shares: Array1<f64>, length: usize },
    /// Every letter depends on the one before.
    Markov { chain: Chain, length: usize },
    /// Shuffles of given sequences that keep their pairs of letters.
    Shuffled(Sequences),
    /// Given sequences as they are.
    Given(Sequences),
    /// A text again and again.
    Repeated { text: String, length: usize },
}

impl Background {
    /// Takes so many independent letters with these shares of A, C, G and T, of any sum.
    pub fn composition(length: usize, shares: [f64; 4]) -> Self {
        Self(Kind::Composition {
            shares: shares.to_vec().into(),
            length,
        })
    }

    /// Takes so many letters, each of which follows the one before as often as in these sequences: a Markov chain of first order.
    pub fn markov(length: usize, like: &Sequences) -> Self {
        Self(Kind::Markov {
            chain: Chain::of(like),
            length,
        })
    }

    /// Takes so many letters of DNA, each of which follows the one before with the shares of its row, shape `(4, 4)`, of any sum.
    ///
    /// The first letter is drawn with equal shares.
    pub fn transitions(length: usize, shares: &Array2<f64>) -> Self {
        Self(Kind::Markov {
            chain: Chain::new(shares.clone()),
            length,
        })
    }

    /// Takes dinucleotide shuffles of these sequences, each in turn.
    pub fn shuffled(sequences: &Sequences) -> Self {
        Self(Kind::Shuffled(sequences.clone()))
    }

    /// Takes these sequences as they are, each in turn.
    pub fn given(sequences: &Sequences) -> Self {
        Self(Kind::Given(sequences.clone()))
    }

    /// Repeats letters of DNA up to this length.
    pub fn repeated(length: usize, letters: &str) -> Self {
        Self(Kind::Repeated {
            text: letters.to_ascii_uppercase(),
            length,
        })
    }

    pub(super) fn length(&self) -> Result<usize> {
        match &self.0 {
            Kind::Composition { length, .. }
            | Kind::Markov { length, .. }
            | Kind::Repeated { length, .. } => match length {
                0 => Err(Error::value("length", "1 or more", 0)),
                length => Ok(*length),
            },
            Kind::Shuffled(sequences) | Kind::Given(sequences) => sequences.length(),
        }
    }

    pub(super) fn alphabet(&self) -> Alphabet {
        match &self.0 {
            Kind::Composition { .. } | Kind::Repeated { .. } => Alphabet::Dna,
            Kind::Markov { chain, .. } => chain.alphabet(),
            Kind::Shuffled(sequences) | Kind::Given(sequences) => sequences.alphabet(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        self.length()?;
        match &self.0 {
            Kind::Composition { shares, .. } => check_shares(shares),
            Kind::Markov { chain, .. } => chain.check(),
            Kind::Repeated { text, .. } => {
                if text.is_empty() {
                    return Err(Error::value("letters", "one letter or more", "empty"));
                }
                let legal = |letter: &u8| Alphabet::Dna.accepts(*letter);
                match text.bytes().find(|letter| !legal(letter)) {
                    Some(letter) => {
                        let got = format!("`{}`", letter.escape_ascii());
                        Err(Error::value("letters", Alphabet::Dna.describe(), got))
                    }
                    None => Ok(()),
                }
            }
            Kind::Shuffled(_) | Kind::Given(_) => Ok(()),
        }
    }

    /// Checks that so many sequences are some and have room in memory.
    pub(super) fn check_number(&self, n: usize) -> Result<()> {
        let length = self.length()?;
        if n == 0 {
            return Err(Error::value("n", "1 or more", n));
        }
        if length > LETTERS {
            let expected = format!("at most {LETTERS}");
            return Err(Error::value("length", expected, length));
        }
        if n > LETTERS / length {
            let most = LETTERS / length;
            let expected = format!("at most {most} of {length} letters each");
            return Err(Error::value("n", expected, n));
        }
        Ok(())
    }

    /// Draws the letters of one sequence; call only after a check.
    pub(super) fn draw(&self, index: usize, seed: Seed) -> Result<Vec<u8>> {
        match &self.0 {
            Kind::Composition { shares, length } => {
                let mut generator = seed.indexed(index).generator();
                let draw = || Alphabet::Dna.letters()[pick(&shares.to_vec(), generator.random())];
                Ok(std::iter::repeat_with(draw).take(*length).collect())
            }
            Kind::Markov { chain, length } => {
                Ok(chain.draw(*length, &mut seed.indexed(index).generator()))
            }
            Kind::Shuffled(sequences) => {
                let one = sequences.select(&[index % sequences.len()])?;
                let shuffled = Shuffle::dinucleotide()
                    .seed(seed.indexed(index))
                    .run(&one)?;
                Ok(shuffled.letters(0).to_vec())
            }
            Kind::Given(sequences) => Ok(sequences.letters(index % sequences.len()).to_vec()),
            Kind::Repeated { text, length } => Ok(text.bytes().cycle().take(*length).collect()),
        }
    }
}

fn check_shares(shares: &Array1<f64>) -> Result<()> {
    if shares.len() != 4 {
        return Err(Error::shape("composition", "(4,)", shares.shape()));
    }
    if shares
        .iter()
        .any(|share| !share.is_finite() || *share < 0.0)
        || shares.sum() <= 0.0
        || shares.sum().is_infinite()
    {
        return Err(Error::value(
            "composition",
            "shares of 0 or more, not all 0",
            shares,
        ));
    }
    Ok(())
}

/// The place at which the running sum of shares passes a point drawn from 0 to 1.
pub(super) fn pick(shares: &[f64], point: f64) -> usize {
    let mut left = point * shares.iter().sum::<f64>();
    for (index, &share) in shares.iter().enumerate() {
        left -= share;
        if left < 0.0 && share > 0.0 {
            return index;
        }
    }
    shares
        .iter()
        .rposition(|&share| share > 0.0)
        .unwrap_or_default()
}
