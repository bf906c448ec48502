//! What is put into a background, how often and where.

use super::{Position, Quantity, Site};
use crate::sequence::Alphabet;
use crate::{Error, Result};

/// What is put into a background: a site, a pair of sites, or a combination of other embeddings.
///
/// # Examples
///
/// ```
/// use genolens::simulate::{Embedding, Position, Quantity, Recipe, known_motifs};
/// # fn main() -> genolens::Result<()> {
/// let known = known_motifs();
/// let (ets, gata, ctcf) = (known.get(0), known.get(1), known.get(2));
/// let pair = Embedding::pair(&ets, &gata).gap(Quantity::uniform(3..=6)).either_order(true);
/// // The pair, or CTCF up to three times near the middle, but never both.
/// let alone = Embedding::motif(&ctcf).times(1..=3).at(Position::normal(0.0, 20.0));
/// let data = Recipe::new(150).embed(Embedding::one_of(&[(0.5, pair), (0.5, alone)])).run(40)?;
/// let counts = data.counts();
/// assert!(counts.outer_iter().all(|row| (row[0] > 0.0) != (row[2] > 0.0)));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Embedding {
    pub(super) what: What,
    pub(super) times: Quantity,
}

/// The kinds of embeddings.
#[derive(Clone, Debug)]
pub(super) enum What {
    Site(Site, Position),
    Pair(Box<Pair>, Position),
    All(Vec<Embedding>),
    OneOf(Vec<(f64, Embedding)>),
    SomeOf(Quantity, Vec<Embedding>),
}

/// Two sites with so many letters between.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) first: Site,
    pub(super) second: Site,
    pub(super) gap: Quantity,
    pub(super) either_order: bool,
}

impl Embedding {
    fn new(what: What) -> Self {
        Self {
            what,
            times: Quantity::fixed(1),
        }
    }

    /// Embeds a site, or a motif on either strand, at any place.
    pub fn motif(site: impl Into<Site>) -> Self {
        Self::new(What::Site(site.into(), Position::uniform()))
    }

    /// Embeds two sites, the first before the second and next to it; nothing else comes between.
    pub fn pair(first: impl Into<Site>, second: impl Into<Site>) -> Self {
        let pair = Pair {
            first: first.into(),
            second: second.into(),
            gap: Quantity::fixed(0),
            either_order: false,
        };
        Self::new(What::Pair(Box::new(pair), Position::uniform()))
    }

    /// Embeds all of these, in this order.
    pub fn all(of: &[Self]) -> Self {
        Self::new(What::All(of.to_vec()))
    }

    /// Embeds one of these, each with its share of the chance; the shares may have any sum.
    pub fn one_of(of: &[(f64, Self)]) -> Self {
        Self::new(What::OneOf(of.to_vec()))
    }

    /// Embeds so many of these, different ones, every subset with equal chance.
    pub fn some_of(count: impl Into<Quantity>, of: &[Self]) -> Self {
        Self::new(What::SomeOf(count.into(), of.to_vec()))
    }

    /// Sets how often it is embedded in a sequence; default once.
    pub fn times(mut self, times: impl Into<Quantity>) -> Self {
        self.times = times.into();
        self
    }

    /// Sets how many letters stand between the sites of a pair; a combination hands it on to its pairs.
    pub fn gap(self, letters: impl Into<Quantity>) -> Self {
        let letters = letters.into();
        self.changed(&|what| {
            if let What::Pair(pair, _) = what {
                pair.gap = letters.clone();
            }
        })
    }

    /// Tells whether the second site of a pair may also come first, with equal chance; a combination hands it on to its pairs.
    pub fn either_order(self, either: bool) -> Self {
        self.changed(&|what| {
            if let What::Pair(pair, _) = what {
                pair.either_order = either;
            }
        })
    }

    /// Sets where it lies; a combination hands it on to what it is made of.
    pub fn at(self, position: impl Into<Position>) -> Self {
        let position = position.into();
        self.changed(&|what| {
            if let What::Site(_, at) | What::Pair(_, at) = what {
                *at = position.clone();
            }
        })
    }

    /// Changes all sites and pairs, also inside combinations.
    fn changed(mut self, change: &dyn Fn(&mut What)) -> Self {
        match &mut self.what {
            What::All(of) | What::SomeOf(_, of) => {
                *of = of.drain(..).map(|one| one.changed(change)).collect();
            }
            What::OneOf(of) => {
                let changed = |(share, one): (f64, Self)| (share, one.changed(change));
                *of = of.drain(..).map(changed).collect();
            }
            leaf => change(leaf),
        }
        self
    }

    /// Returns all sites, also inside combinations.
    pub(super) fn sites(&self) -> Vec<&Site> {
        match &self.what {
            What::Site(site, _) => vec![site],
            What::Pair(pair, _) => vec![&pair.first, &pair.second],
            What::All(of) | What::SomeOf(_, of) => of.iter().flat_map(Self::sites).collect(),
            What::OneOf(of) => of.iter().flat_map(|(_, one)| one.sites()).collect(),
        }
    }

    /// Checks all options, and that everything fits into an empty sequence.
    pub(super) fn check(&self, alphabet: Alphabet, length: usize) -> Result<()> {
        self.times.check("times")?;
        match &self.what {
            What::Site(site, position) => {
                site.check(alphabet)?;
                position.check(site.name(), site.width(), length)
            }
            What::Pair(pair, position) => {
                let Pair {
                    first, second, gap, ..
                } = &**pair;
                first.check(alphabet)?;
                second.check(alphabet)?;
                gap.check("gap")?;
                let width = (first.width() + second.width()).saturating_add(gap.least());
                position.check(&pair.name(), width, length)
            }
            What::All(of) => of.iter().try_for_each(|one| one.check(alphabet, length)),
            What::SomeOf(count, of) => {
                count.check("some_of")?;
                if count.least() > of.len() {
                    let expected = format!("at most {}, the embeddings to choose from", of.len());
                    return Err(Error::value("some_of", expected, count.least()));
                }
                of.iter().try_for_each(|one| one.check(alphabet, length))
            }
            What::OneOf(of) => {
                let shares: Vec<f64> = of.iter().map(|(share, _)| *share).collect();
                let sum: f64 = shares.iter().sum();
                if shares.iter().any(|share| share.is_nan() || *share < 0.0)
                    || !(sum > 0.0 && sum.is_finite())
                {
                    let got = format!("{shares:?}");
                    let expected = "shares of 0 or more, not all 0";
                    return Err(Error::value("one_of", expected, got));
                }
                of.iter()
                    .try_for_each(|(_, one)| one.check(alphabet, length))
            }
        }
    }
}

impl Pair {
    pub(super) fn name(&self) -> String {
        format!("{} and {}", self.first.name(), self.second.name())
    }
}
