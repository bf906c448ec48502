//! How many.

use crate::{Error, Result};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};
use std::ops::RangeInclusive;

/// The highest mean of a Poisson distribution.
const MOST: f64 = 1e6;

/// How often a number outside the bounds is drawn again.
const TRIES: usize = 10_000;

/// A whole number that is drawn anew for every sequence: of motifs, or of letters between two.
///
/// # Examples
///
/// ```
/// use genolens::simulate::{Embedding, Quantity, Recipe, known_motifs};
/// # fn main() -> genolens::Result<()> {
/// let some = Quantity::poisson(2.0).bounded(1..=3);
/// let data = Recipe::new(80).embed(Embedding::motif(&known_motifs().get(0)).times(some)).run(50)?;
/// assert!(data.counts().iter().all(|&count| (1.0..=3.0).contains(&count)));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    kind: Kind,
    bounds: Option<RangeInclusive<usize>>,
    none: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Fixed(usize),
    Uniform(RangeInclusive<usize>),
    Poisson(f64),
    Bernoulli(f64),
    Choice(Vec<usize>),
}

impl Quantity {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            bounds: None,
            none: 0.0,
        }
    }

    /// Takes always the same number.
    pub fn fixed(number: usize) -> Self {
        Self::new(Kind::Fixed(number))
    }

    /// Draws every number of a range with equal chance.
    pub fn uniform(numbers: RangeInclusive<usize>) -> Self {
        Self::new(Kind::Uniform(numbers))
    }

    /// Draws from the Poisson distribution with this mean.
    pub fn poisson(mean: f64) -> Self {
        Self::new(Kind::Poisson(mean))
    }

    /// Takes 1 with this chance, else 0.
    pub fn bernoulli(chance: f64) -> Self {
        Self::new(Kind::Bernoulli(chance))
    }

    /// Draws one of these numbers with equal chance; a number that comes twice has twice the chance.
    pub fn choice(numbers: &[usize]) -> Self {
        Self::new(Kind::Choice(numbers.to_vec()))
    }

    /// Draws again until the number is in this range.
    pub fn bounded(mut self, numbers: RangeInclusive<usize>) -> Self {
        self.bounds = Some(numbers);
        self
    }

    /// Takes 0 with this chance, whatever the bounds, and else draws.
    pub fn zero_inflated(mut self, chance: f64) -> Self {
        self.none = chance;
        self
    }

    /// Checks that there is a number to draw; `argument` says what it counts.
    pub(super) fn check(&self, argument: &str) -> Result<()> {
        let chance = |chance: f64| {
            if (0.0..=1.0).contains(&chance) {
                return Ok(());
            }
            Err(Error::value(argument, "a chance from 0 to 1", chance))
        };
        chance(self.none)?;
        let within = |low: usize, high: usize| {
            let bounds = self.bounds.as_ref();
            bounds.is_none_or(|bounds| {
                !bounds.is_empty() && low <= *bounds.end() && high >= *bounds.start()
            })
        };
        let possible = match &self.kind {
            Kind::Fixed(number) => within(*number, *number),
            Kind::Uniform(numbers) => {
                if numbers.is_empty() {
                    let got = format!("{numbers:?}");
                    return Err(Error::value(argument, "a range with a number", got));
                }
                within(*numbers.start(), *numbers.end())
            }
            Kind::Poisson(mean) => {
                if !(0.0..=MOST).contains(mean) {
                    let expected = format!("a mean from 0 to {MOST}");
                    return Err(Error::value(argument, expected, mean));
                }
                within(0, if *mean > 0.0 { usize::MAX } else { 0 })
            }
            Kind::Bernoulli(one) => {
                chance(*one)?;
                within(usize::from(*one >= 1.0), usize::from(*one > 0.0))
            }
            Kind::Choice(numbers) => {
                if numbers.is_empty() {
                    return Err(Error::value(argument, "a choice of one or more", "none"));
                }
                numbers.iter().any(|&number| within(number, number))
            }
        };
        if possible {
            return Ok(());
        }
        let got = format!("{:?}", self.kind);
        let expected = format!("numbers inside {:?}", self.bounds);
        Err(Error::value(argument, expected, got))
    }

    /// The least number that can come; bounds may lie higher than what is drawn.
    pub(super) fn least(&self) -> usize {
        if self.none > 0.0 {
            return 0;
        }
        let bound = self.bounds.as_ref().map_or(0, |bounds| *bounds.start());
        let least = match &self.kind {
            Kind::Fixed(number) => *number,
            Kind::Uniform(numbers) => *numbers.start(),
            Kind::Poisson(_) => 0,
            Kind::Bernoulli(chance) => usize::from(*chance >= 1.0),
            Kind::Choice(numbers) => {
                let allowed = numbers.iter().filter(|&&number| number >= bound);
                allowed.min().copied().unwrap_or_default()
            }
        };
        least.max(bound)
    }

    /// Draws a number; call only after a check.
    pub(super) fn draw(&self, argument: &str, generator: &mut ChaCha8Rng) -> Result<usize> {
        if self.none > 0.0 && generator.random::<f64>() < self.none {
            return Ok(0);
        }
        for _ in 0..TRIES {
            let number = match &self.kind {
                Kind::Fixed(number) => *number,
                Kind::Uniform(numbers) => generator.random_range(numbers.clone()),
                Kind::Poisson(mean) => match Poisson::new(*mean) {
                    Ok(poisson) => poisson.sample(generator) as usize,
                    // A mean of 0 has no distribution there.
                    Err(_) => 0,
                },
                Kind::Bernoulli(chance) => usize::from(generator.random::<f64>() < *chance),
                Kind::Choice(numbers) => numbers.choose(generator).copied().unwrap_or_default(),
            };
            if self.bounds.as_ref().is_none_or(|b| b.contains(&number)) {
                return Ok(number);
            }
        }
        let expected = format!("numbers inside {:?} now and then", self.bounds);
        let got = format!("{:?}, none of {TRIES} draws", self.kind);
        Err(Error::value(argument, expected, got))
    }
}

impl From<usize> for Quantity {
    fn from(number: usize) -> Self {
        Self::fixed(number)
    }
}

impl From<RangeInclusive<usize>> for Quantity {
    fn from(numbers: RangeInclusive<usize>) -> Self {
        Self::uniform(numbers)
    }
}
