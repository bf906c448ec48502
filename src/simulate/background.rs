//! What surrounds planted motifs.

use crate::random::Seed;
use crate::sequence::{Alphabet, Sequences, Shuffle};
use crate::{Error, Result};
use ndarray::Array1;
use rand::RngExt;

/// Where the letters come from into which motifs are planted.
#[derive(Clone, Debug)]
pub(super) enum Background {
    /// Independent letters with these shares.
    Composition { shares: Array1<f64>, length: usize },
    /// Shuffles of given sequences that keep their pairs of letters.
    Shuffled(Sequences),
}

impl Background {
    pub(super) fn length(&self) -> Result<usize> {
        match self {
            Self::Composition { length: 0, .. } => Err(Error::value("length", "1 or more", 0)),
            Self::Composition { length, .. } => Ok(*length),
            Self::Shuffled(sequences) => sequences.length(),
        }
    }

    pub(super) fn alphabet(&self) -> Alphabet {
        match self {
            Self::Composition { .. } => Alphabet::Dna,
            Self::Shuffled(sequences) => sequences.alphabet(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        self.length()?;
        if let Self::Composition { shares, .. } = self {
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
        }
        Ok(())
    }

    /// Draws the letters of one sequence; call only after a check.
    pub(super) fn draw(&self, index: usize, seed: Seed) -> Result<Vec<u8>> {
        match self {
            Self::Composition { shares, length } => {
                let mut generator = seed.indexed(index).generator();
                let draw = || Alphabet::Dna.letters()[pick(&shares.to_vec(), generator.random())];
                Ok(std::iter::repeat_with(draw).take(*length).collect())
            }
            Self::Shuffled(sequences) => {
                let one = sequences.select(&[index % sequences.len()])?;
                let shuffled = Shuffle::dinucleotide()
                    .seed(seed.indexed(index))
                    .run(&one)?;
                Ok(shuffled.letters(0).to_vec())
            }
        }
    }
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
