//! Where.

use super::room::Room;
use crate::{Error, Result};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use std::ops::Range;

/// How often a place that is taken is drawn again.
const TRIES: usize = 1000;

/// Where something is embedded; all of it lies inside, where nothing else is.
///
/// # Examples
///
/// ```
/// use genolens::simulate::{Embedding, Position, Recipe, known_motifs};
/// # fn main() -> genolens::Result<()> {
/// let middle = Embedding::motif(&known_motifs().get(0)).at(Position::inside_central(20));
/// let data = Recipe::new(100).embed(middle).run(10)?;
/// let plant = data.truth().get(0);
/// assert!(plant.start >= 40 && plant.end <= 60);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Position(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Uniform,
    Inside(Range<usize>),
    Fixed(usize),
    Normal(f64, f64),
    InsideCentral(usize),
    OutsideCentral(usize),
}

impl Position {
    /// Takes every free place with equal chance.
    pub fn uniform() -> Self {
        Self(Kind::Uniform)
    }

    /// Takes every free place inside these positions (from 0, the end excluded) with equal chance.
    pub fn inside(positions: Range<usize>) -> Self {
        Self(Kind::Inside(positions))
    }

    /// Begins at this position, counted from 0.
    pub fn fixed(start: usize) -> Self {
        Self(Kind::Fixed(start))
    }

    /// Puts the middle at a normal distance from the middle of the sequence, with this mean and standard deviation in letters.
    ///
    /// A place that is taken or outside is drawn again, a thousand times at most.
    pub fn normal(mean: f64, spread: f64) -> Self {
        Self(Kind::Normal(mean, spread))
    }

    /// Takes free places inside so many letters in the middle with equal chance.
    pub fn inside_central(letters: usize) -> Self {
        Self(Kind::InsideCentral(letters))
    }

    /// Takes free places on either side of so many letters in the middle with equal chance.
    pub fn outside_central(letters: usize) -> Self {
        Self(Kind::OutsideCentral(letters))
    }

    /// The stretches of a sequence in which to lie.
    fn stretches(&self, length: usize) -> Vec<Range<usize>> {
        let central = |letters: usize| {
            let side = length.saturating_sub(letters) / 2;
            side..(side + letters).min(length)
        };
        match &self.0 {
            Kind::Inside(positions) => vec![positions.clone()],
            Kind::InsideCentral(letters) => vec![central(*letters)],
            Kind::OutsideCentral(letters) => {
                let middle = central(*letters);
                vec![0..middle.start, middle.end..length]
            }
            _ => vec![0..length, 0..0],
        }
    }

    /// Checks that something so wide has a place in a sequence where nothing else is.
    pub(super) fn check(&self, what: &str, width: usize, length: usize) -> Result<()> {
        let fits = match &self.0 {
            Kind::Fixed(start) => start.checked_add(width).is_some_and(|end| end <= length),
            Kind::Normal(mean, spread) => {
                if !(mean.is_finite() && spread.is_finite() && *spread >= 0.0) {
                    let got = format!("{mean}, {spread}");
                    let expected = "a finite mean and a spread of 0 or more";
                    return Err(Error::value("position", expected, got));
                }
                width <= length
            }
            Kind::Inside(positions) if positions.end > length => false,
            _ => {
                let stretches = self.stretches(length);
                stretches.iter().any(|stretch| stretch.len() >= width)
            }
        };
        if fits {
            return Ok(());
        }
        let expected = format!("room for the {width} letters of {what} in {length}");
        Err(Error::value("position", expected, format!("{:?}", self.0)))
    }

    /// Draws a free place, if there is one.
    pub(super) fn draw(
        &self,
        width: usize,
        room: &Room,
        generator: &mut ChaCha8Rng,
    ) -> Option<usize> {
        let length = room.length();
        let last = length.checked_sub(width)?;
        match self.0 {
            Kind::Fixed(start) => room.is_free(start, width).then_some(start),
            Kind::Normal(mean, spread) => (0..TRIES).find_map(|_| {
                let noise: f64 = generator.sample(StandardNormal);
                let start = (last as f64 / 2.0 + mean + spread * noise).round();
                // The last place is exact in this type: sequences are not that long.
                let inside = start >= 0.0 && start <= last as f64;
                (inside && room.is_free(start as usize, width)).then_some(start as usize)
            }),
            _ => {
                let stretches = self.stretches(length);
                let free: Vec<usize> = stretches
                    .into_iter()
                    .filter(|stretch| stretch.len() >= width)
                    .flat_map(|stretch| stretch.start..=stretch.end - width)
                    .filter(|&start| room.is_free(start, width))
                    .collect();
                let at = generator.random_range(0..free.len().max(1));
                free.get(at).copied()
            }
        }
    }
}

impl From<Range<usize>> for Position {
    fn from(positions: Range<usize>) -> Self {
        Self::inside(positions)
    }
}
