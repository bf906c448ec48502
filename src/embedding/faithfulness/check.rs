//! Measures how faithful a map is.

use super::Faithfulness;
use super::distances::Distances;
use super::faithfulness::Data;
use super::point::{Point, measured, triplets};
use crate::progress::Task;
use crate::random::Seed;
use crate::{Error, Input, Result};
use ndarray::Array1;
use rand::seq::index;
use rayon::prelude::*;

/// Points that one thread measures at a time, and between two looks at whether to stop.
const QUERIES: usize = 16;
const PIECE: usize = 512;

/// Measures how faithful a map is: how well neighbours, and the order of distances, are kept.
///
/// `x` has shape `(n, features)`, `map` shape `(n, dimensions)`; distances are Euclidean. Above 20,000 points 5,000 of them are measured,
/// each against all, and the result says so. Trustworthiness is checked against scikit-learn 1.6.1.
///
/// # Errors
///
/// Fails when `x` or `map` is not a table of finite numbers, when they have different numbers of rows, and for fewer than 4 rows.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, ndarray::{Array2, s}};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((60, 3), |(i, j)| ((i * (3 + j * j)) % 60) as f32);
/// let found = embedding::faithfulness(&x, &x.slice(s![.., ..2]).to_owned())?;
/// assert!(found.trustworthiness(10)? <= 1.0);
/// assert_eq!(embedding::faithfulness(&x, &x)?.preservation(15)?, 1.0);
/// # Ok(()) }
/// ```
pub fn faithfulness(x: &dyn Input, map: &dyn Input) -> Result<Faithfulness> {
    FaithfulnessCheck::new().run(x, map)
}

/// Measures how faithful a map is, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaithfulnessCheck {
    ks: Option<Vec<usize>>,
    sample: Option<usize>,
    seed: Seed,
}

impl Default for FaithfulnessCheck {
    fn default() -> Self {
        Self::new()
    }
}

impl FaithfulnessCheck {
    /// Asks for neighbourhoods of 10, 15, 30 and 100, those of them that are smaller than half of the points.
    pub fn new() -> Self {
        Self {
            ks: None,
            sample: None,
            seed: Seed::default(),
        }
    }

    /// Sets how many neighbours a neighbourhood has, itself not counted; several sizes may be asked for.
    pub fn neighbors(mut self, ks: &[usize]) -> Self {
        self.ks = Some(ks.to_vec());
        self
    }

    /// Sets how many points are measured, drawn by chance.
    pub fn sample(mut self, points: usize) -> Self {
        self.sample = Some(points);
        self
    }

    /// Sets from which numbers the points, pairs and triplets follow that are drawn.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Measures how faithful `map`, shape `(n, dimensions)`, is to `x`, shape `(n, features)`.
    ///
    /// # Errors
    ///
    /// As [`faithfulness`], and when a neighbourhood is 0 or not smaller than half of the points, or no point is to be measured.
    pub fn run(&self, x: &dyn Input, map: &dyn Input) -> Result<Faithfulness> {
        let before = Distances::new("x", x)?;
        let after = Distances::new("map", map)?;
        let n = before.len();
        if after.len() != n {
            let expected = format!("{n} rows, as `x`");
            return Err(Error::value("map", expected, after.len()));
        }
        if n < 4 {
            return Err(Error::value("x", "at least 4 rows", n));
        }
        let most = (n - 1) / 2;
        let ks = self.ks.clone().unwrap_or_else(|| {
            let usual = [10, 15, 30, 100].into_iter().filter(|k| *k <= most);
            let usual: Vec<usize> = usual.collect();
            if usual.is_empty() { vec![most] } else { usual }
        });
        if ks.is_empty() {
            return Err(Error::value("neighbors", "at least one size", "empty"));
        }
        if let Some(k) = ks.iter().find(|k| !(1..=most).contains(*k)) {
            let expected = format!("1 to {most}, less than half of the {n} points");
            return Err(Error::value("neighbors", expected, k));
        }
        let sample = self.sample.unwrap_or(if n > 20_000 { 5000 } else { n });
        if sample == 0 {
            return Err(Error::value("sample", "at least 1", 0));
        }
        let points = self.points(n, sample);
        let found = self.measured((&before, &after), &points, &ks)?;
        Ok(Faithfulness::new(summed(n, (&points, &found), ks)))
    }

    /// The points to be measured, in order.
    fn points(&self, n: usize, sample: usize) -> Vec<usize> {
        if sample >= n {
            return (0..n).collect();
        }
        let mut random = self.seed.named("points").generator();
        let mut points = index::sample(&mut random, n, sample).into_vec();
        points.sort_unstable();
        points
    }

    fn measured(
        &self,
        (before, after): (&Distances, &Distances),
        points: &[usize],
        ks: &[usize],
    ) -> Result<Vec<Point>> {
        let mut found = Vec::with_capacity(points.len());
        let mut task = Task::new("faithfulness", points.len().div_ceil(PIECE));
        let seed = self.seed.named("triplets");
        for piece in points.chunks(PIECE) {
            let blocks: Vec<Result<Vec<Point>>> = piece
                .par_chunks(QUERIES)
                .map(|block| {
                    let (before, after) = (before.from(block)?, after.from(block)?);
                    let rows = before.rows().into_iter().zip(after.rows());
                    let points = block.iter().zip(rows).map(|(&point, (before, after))| {
                        let (before, after) = (before.to_vec(), after.to_vec());
                        measured((point, ks), (&before, &after), seed)
                    });
                    Ok(points.collect())
                })
                .collect();
            for block in blocks {
                found.extend(block?);
            }
            task.step("")?;
        }
        Ok(found)
    }
}

fn summed(n: usize, (points, found): (&[usize], &[Point]), ks: Vec<usize>) -> Data {
    let measured = points.len() as f64;
    let share = |place: usize, of: &dyn Fn(&Point) -> f64| -> f64 {
        let k = ks[place] as f64;
        let worst = measured * k * (2.0 * n as f64 - 3.0 * k - 1.0) / 2.0;
        1.0 - found.iter().map(of).sum::<f64>() / worst
    };
    let places = 0..ks.len();
    let trustworthiness = places
        .clone()
        .map(|place| share(place, &|point| point.intruders[place]));
    let continuity = places
        .clone()
        .map(|place| share(place, &|point| point.lost[place]));
    let preservation = places.map(|place| {
        let kept: usize = found.iter().map(|point| point.kept[place]).sum();
        kept as f64 / (measured * ks[place] as f64)
    });
    let (trustworthiness, continuity) = (trustworthiness.collect(), continuity.collect());
    let preservation = preservation.collect();
    // The size that is nearest to the usual one.
    let usual = (0..ks.len()).min_by_key(|&place| ks[place].abs_diff(15));
    let usual = usual.unwrap_or(0);
    let mut distortion = Array1::from_elem(n, f32::NAN);
    for (&point, found) in points.iter().zip(found) {
        distortion[point] = 1.0 - found.kept[usual] as f32 / ks[usual] as f32;
    }
    let ordered: usize = found.iter().map(|point| point.ordered).sum();
    let pairs: Vec<(f64, f64)> = found.iter().flat_map(|point| point.pairs.clone()).collect();
    Data {
        trustworthiness,
        continuity,
        preservation,
        usual,
        distortion,
        triplets: ordered as f64 / (measured * triplets() as f64),
        spearman: spearman(&pairs),
        measured: points.len(),
        ks,
    }
}

/// The correlation of ranks; equal values share the mean of their ranks.
fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let before = ranks(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>());
    let after = ranks(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>());
    let mean = 0.5 * (pairs.len() as f64 + 1.0);
    let product = |a: &[f64], b: &[f64]| -> f64 {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let spread = (product(&before, &before) * product(&after, &after)).sqrt();
    if spread > 0.0 {
        product(&before, &after) / spread
    } else {
        0.0
    }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut begin = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = begin as f64 + 0.5 * (equal.len() as f64 + 1.0);
        for &place in equal {
            ranks[place] = rank;
        }
        begin += equal.len();
    }
    ranks
}
