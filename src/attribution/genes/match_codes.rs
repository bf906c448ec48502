//! Which dimension of one code is which of another.

use super::CodeMatch;
use super::assignment::cheapest;
use super::code_match::Matched;
use crate::linear::Basis;
use crate::random::Seed;
use crate::{Error, Input, Result, progress};
use ndarray::{Array1, Array2, Axis};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Pairs the dimensions of two codes of the same cells, with the defaults of [`MatchCodes`].
///
/// # Errors
///
/// As [`MatchCodes::run`].
///
/// # Examples
///
/// ```
/// use genolens::attribution::{self, Agreement};
/// use genolens::{ndarray::Array2, simulate};
/// # fn main() -> genolens::Result<()> {
/// let first = simulate::normal((200, 4), 1);
/// // The same code in another order, one dimension turned round.
/// let second = Array2::from_shape_fn((200, 4), |(cell, dimension)| {
///     let sign = if dimension == 2 { -1.0 } else { 1.0 };
///     sign * first[[cell, [3, 0, 1, 2][dimension]]]
/// });
/// let found = attribution::match_codes(&first, &second)?;
/// assert_eq!(found.partners(), [1, 2, 3, 0]);
/// assert_eq!(found.correlations()[1].round(), -1.0);
/// assert_eq!(found.agreement()[0], Agreement::Same);
/// println!("{found}");
/// # Ok(()) }
/// ```
pub fn match_codes(reference: &dyn Input, codes: &dyn Input) -> Result<CodeMatch> {
    MatchCodes::new().run(reference, codes)
}

/// Pairs the dimensions of two codes of the same cells, with options: those of two trainings come in any order and with any sign.
///
/// Dimensions are paired so that the sizes of their correlations over cells (Pearson's) add up to the most (the assignment problem:
/// Kuhn 1955, doi:10.1002/nav.3800020109; for units of networks Li et al. 2016, <https://arxiv.org/abs/1511.07543>).
///
/// The best pairs of anything correlate somehow. Every correlation is therefore beside what the same search finds by chance, twice:
///
/// * with the cells of the second code **shuffled**: what is not above this has nothing to do with the first code;
/// * with the second code **rotated** at random, in the space where its directions all have the same spread: what is above the first and not
///   above this shows that both codes say the same things, but not that they agree on dimensions. A linear autoencoder is such a case:
///   every rotation of its code is as good, so that no training has dimensions of its own. Two dimensions are paired by rotation so easily
///   that only near equality is more.
///
/// The levels hold for each dimension on its own: at 0.05, one of twenty that mean nothing passes.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchCodes {
    draws: usize,
    level: f64,
    seed: Seed,
}

impl MatchCodes {
    /// Takes the defaults: 199 shuffles and 199 rotations, level 0.05.
    pub fn new() -> Self {
        Self {
            draws: 199,
            level: 0.05,
            seed: Seed::default(),
        }
    }

    /// Sets the number of shuffles, and of rotations: at least `1 / level - 1`.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets how often a dimension that means nothing may pass, above 0 to below 1.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets the seed of shuffles and rotations.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Finds for every dimension of the reference the one of the codes, both of shape `(cells, dimensions)`.
    ///
    /// # Errors
    ///
    /// Fails for codes of other cells or dimensions than the reference, fewer than 3 cells, no dimension, a number that is not finite, an
    /// option that makes no sense, or when the user interrupts.
    pub fn run(&self, reference: &dyn Input, codes: &dyn Input) -> Result<CodeMatch> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Error::value("level", "above 0 to below 1", self.level));
        }
        // The place from above in all draws that has to be passed.
        let place = (self.level * (self.draws as f64 + 1.0) + 1e-9).floor() as usize;
        if place == 0 {
            let expected = format!("at least {:.0}", (1.0 / self.level - 1.0).ceil());
            return Err(Error::value("draws", expected, self.draws));
        }
        let (ours, theirs) = (
            standardised("reference", reference)?,
            standardised("codes", codes)?,
        );
        if ours.dim() != theirs.dim() {
            let (cells, dimensions) = ours.dim();
            let expected = format!("({cells}, {dimensions}) as `reference`");
            return Err(Error::shape("codes", expected, theirs.shape()));
        }
        let products = ours.t().dot(&theirs);
        let found = Matched::new(&products);
        let shuffled = self.levels("shuffled codes", place, |seed| {
            let mut cells: Vec<usize> = (0..theirs.nrows()).collect();
            cells.shuffle(&mut seed.generator());
            ours.t().dot(&theirs.select(Axis(0), &cells))
        })?;
        let mut basis = Basis::default();
        for column in theirs.columns() {
            basis.add(&column.to_owned());
        }
        let rank = basis.len();
        let rotated = if rank < 2 {
            // A line has no rotations but its two signs.
            Array1::from_elem(found.len(), f64::NAN)
        } else {
            let directions = matrix(basis.vectors(), ours.nrows());
            let (seen, said) = (ours.t().dot(&directions), directions.t().dot(&theirs));
            self.levels("rotated codes", place, |seed| {
                seen.dot(&rotation(rank, seed)).dot(&said)
            })?
        };
        Ok(CodeMatch::new(found, (shuffled, rotated), self.level))
    }

    /// Returns for every dimension the size of the correlation that only a share of draws reaches.
    fn levels(
        &self,
        what: &str,
        place: usize,
        products: impl Fn(Seed) -> Array2<f64> + Sync,
    ) -> Result<Array1<f64>> {
        let seed = self.seed.named(what);
        let one = |draw: usize| {
            progress::check(what, draw, self.draws)?;
            Ok(Matched::new(&products(seed.indexed(draw))).sizes())
        };
        let draws = (0..self.draws).into_par_iter().map(one);
        let draws = draws.collect::<Result<Vec<Array1<f64>>>>()?;
        let dimensions = draws.first().map_or(0, Array1::len);
        let level = |dimension: usize| {
            let mut sizes: Vec<f64> = draws.iter().map(|draw| draw[dimension]).collect();
            sizes.sort_unstable_by(f64::total_cmp);
            sizes[sizes.len() - place]
        };
        Ok((0..dimensions).map(level).collect())
    }
}

impl Default for MatchCodes {
    fn default() -> Self {
        Self::new()
    }
}

impl Matched {
    /// Pairs rows and columns so that the sizes of their products add up to the most.
    fn new(products: &Array2<f64>) -> Self {
        // Rounding must not make a size of it.
        let products = products.mapv(|product| product.clamp(-1.0, 1.0));
        Self {
            partners: cheapest(&products.mapv(|product| -product.abs()).view()),
            products,
        }
    }
}

/// Centres columns and gives them length 1; one that does not vary becomes 0.
fn standardised(name: &str, codes: &dyn Input) -> Result<Array2<f64>> {
    let codes = codes.array()?;
    let &[cells, dimensions] = codes.shape() else {
        return Err(Error::shape(name, "(cells, dimensions)", codes.shape()));
    };
    if cells < 3 || dimensions == 0 {
        let expected = "(cells, dimensions) with at least 3 cells and a dimension";
        return Err(Error::shape(name, expected, &[cells, dimensions]));
    }
    let mut out = Array2::zeros((cells, dimensions));
    for (out, &value) in out.iter_mut().zip(codes.iter()) {
        if !value.is_finite() {
            return Err(Error::value(name, "finite numbers", value));
        }
        *out = f64::from(value);
    }
    for mut column in out.columns_mut() {
        let largest = column.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        let mean = column.sum() / cells as f64;
        column -= mean;
        let length = column.dot(&column).sqrt();
        // What rounding leaves of a constant is not a spread.
        let varies = length > 1e-7 * largest * (cells as f64).sqrt();
        column.mapv_inplace(|value| if varies { value / length } else { 0.0 });
    }
    Ok(out)
}

/// Puts vectors side by side, shape `(length, vectors)`.
fn matrix(vectors: &[Array1<f64>], length: usize) -> Array2<f64> {
    let mut out = Array2::zeros((length, vectors.len()));
    for (mut column, vector) in out.columns_mut().into_iter().zip(vectors) {
        column.assign(vector);
    }
    out
}

/// Draws a rotation, with or without a reflection, each as likely as any other: normal numbers made orthogonal (Stewart 1980,
/// doi:10.1137/0717034).
fn rotation(dimensions: usize, seed: Seed) -> Array2<f64> {
    let mut generator = seed.generator();
    let mut basis = Basis::default();
    while basis.len() < dimensions {
        let numbers = (0..dimensions).map(|_| generator.sample::<f64, _>(StandardNormal));
        basis.add(&numbers.collect());
    }
    matrix(basis.vectors(), dimensions)
}
