//! Clusters around centres by Lloyd's algorithm, from starts that are far apart.

use super::KMeansClusters;
use super::kmeans_table::{Assigned, Table};
use crate::random::Seed;
use crate::{Error, Input, Result, progress};
use ndarray::{Array2, Axis};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::sync::Arc;

/// Finds `k` clusters, each around the mean of its examples: the best of ten searches.
///
/// `x` has shape `(n, features)`; distances are Euclidean. The same seed gives the same bytes, for any number of threads.
///
/// Source: Lloyd 1982, doi:10.1109/TIT.1982.1056489, with the starts of Arthur and Vassilvitskii 2007, doi:10.5555/1283383.1283494. Checked
/// against scikit-learn 1.6.1: the same assignments from the same start centres, and the inertia of whole searches.
///
/// # Errors
///
/// Fails when `x` is not a table of finite numbers with at least `k` rows, or `k` is 0.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let found = embedding::kmeans(&array![[0.0_f32], [1.0], [2.0], [9.0]], 2)?;
/// assert_eq!(found.labels().codes(), [0, 0, 0, 1]);
/// assert_eq!(found.inertia(), 2.0);
/// # Ok(()) }
/// ```
pub fn kmeans(x: &dyn Input, k: usize) -> Result<KMeansClusters> {
    KMeans::new(k).run(x)
}

/// Finds clusters around centres, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeans {
    k: usize,
    starts: usize,
    rounds: usize,
    tolerance: f64,
    given: Option<Arc<Array2<f32>>>,
    seed: Seed,
}

impl KMeans {
    /// Asks for so many clusters: the best of ten searches of at most 300 rounds.
    pub fn new(k: usize) -> Self {
        Self {
            k,
            starts: 10,
            rounds: 300,
            tolerance: 1e-4,
            given: None,
            seed: Seed::default(),
        }
    }

    /// Sets how many searches are made, each from other centres, at the same time; the one with the least inertia counts.
    pub fn starts(mut self, starts: usize) -> Self {
        self.starts = starts;
        self
    }

    /// Sets the centres with which the only search begins, shape `(k, features)`.
    pub fn start(mut self, centres: Arc<Array2<f32>>) -> Self {
        self.given = Some(centres);
        self
    }

    /// Sets after how many rounds a search stops at the latest.
    pub fn iterations(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }

    /// Sets when a search stops: when all centres together move by less than this share of the mean variance of a feature, squared;
    /// 1e-4 unless told, and with 0 when no example changes its cluster.
    pub fn tolerance(mut self, share: f64) -> Self {
        self.tolerance = share;
        self
    }

    /// Sets from which numbers the starts follow.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Finds the clusters of `x`, shape `(n, features)`.
    ///
    /// # Errors
    ///
    /// As [`kmeans`], and when an option makes no sense.
    pub fn run(&self, x: &dyn Input) -> Result<KMeansClusters> {
        if self.rounds == 0 {
            return Err(Error::value("iterations", "at least 1", 0));
        }
        if !(self.tolerance >= 0.0 && self.tolerance.is_finite()) {
            let expected = "a finite number from 0";
            return Err(Error::value("tolerance", expected, self.tolerance));
        }
        let table = Table::new(x, None)?;
        let n = table.len();
        if !(1..=n).contains(&self.k) {
            let expected = format!("1 to {n}, the number of examples");
            return Err(Error::value("k", expected, self.k));
        }
        let starts = match &self.given {
            Some(given) => {
                let features = table.mean().len();
                if given.dim() != (self.k, features) {
                    let expected = format!("({}, {features})", self.k);
                    return Err(Error::shape("start", expected, given.shape()));
                }
                if given.iter().any(|value| !value.is_finite()) {
                    return Err(Error::value("start", "finite", "not finite in places"));
                }
                1
            }
            None => self.starts,
        };
        let enough = self.tolerance * table.variance();
        let searches = (0..starts).into_par_iter();
        let searches: Vec<_> = searches
            .map(|start| self.search(&table, start, enough))
            .collect();
        let mut best: Option<Found> = None;
        for found in searches {
            let found = found?;
            if best
                .as_ref()
                .is_none_or(|best| found.inertia < best.inertia)
            {
                best = Some(found);
            }
        }
        let Some(best) = best else {
            return Err(Error::value("starts", "at least 1", 0));
        };
        let groups = (&best.labels[..], &best.centres);
        let ending = (best.inertia, best.rounds);
        Ok(KMeansClusters::new(groups, table.mean(), ending))
    }

    /// Searches once, until all centres together move by no more than `enough`.
    fn search(&self, table: &Table, start: usize, enough: f64) -> Result<Found> {
        let mut random = self.seed.named("k-means").indexed(start).generator();
        let mut centres = match &self.given {
            Some(given) => given.mapv(f64::from),
            None => self.spread(table, &mut random)?,
        };
        let mut labels = Vec::new();
        let mut round = 0;
        while round < self.rounds {
            progress::check("k-means", round, self.rounds)?;
            round += 1;
            let mut found = table.assign(&centres);
            if found.labels == labels {
                break;
            }
            fill_empty(table, &mut found, &centres);
            let mut next = found.sums;
            for ((mut row, &count), old) in next
                .rows_mut()
                .into_iter()
                .zip(&found.counts)
                .zip(centres.rows())
            {
                if count > 0 {
                    row /= count as f64;
                } else {
                    row.assign(&old);
                }
            }
            let moved: f64 = (&next - &centres).iter().map(|step| step * step).sum();
            (centres, labels) = (next, found.labels);
            if moved <= enough {
                break;
            }
        }
        let labels = table.assign(&centres).labels;
        let squares = table.apart_from(&labels, &centres);
        Ok(Found {
            inertia: squares.iter().sum(),
            labels,
            centres,
            rounds: round,
        })
    }

    /// Draws centres that are far apart: of a few examples drawn with the square of the distance to the nearest centre, the one that
    /// leaves the smallest distances.
    fn spread(&self, table: &Table, random: &mut ChaCha8Rng) -> Result<Array2<f64>> {
        let n = table.len();
        let trials = 2 + (self.k as f64).ln() as usize;
        let mut chosen = vec![random.random_range(0..n)];
        let mut nearest = table.distances(&chosen).row(0).to_owned();
        while chosen.len() < self.k {
            progress::check("k-means", chosen.len(), self.k)?;
            let total = nearest.iter().map(|square| f64::from(*square)).sum::<f64>();
            let mut draws: Vec<f64> = (0..trials)
                .map(|_| random.random::<f64>() * total)
                .collect();
            draws.sort_by(f64::total_cmp);
            let mut candidates = Vec::with_capacity(trials);
            let mut sum = 0.0;
            for (example, square) in nearest.iter().enumerate() {
                sum += f64::from(*square);
                while draws.get(candidates.len()).is_some_and(|draw| *draw < sum) {
                    candidates.push(example);
                }
            }
            // Where all examples are centres, or by rounding, any may be drawn.
            while candidates.len() < trials {
                candidates.push(random.random_range(0..n));
            }
            let mut distances = table.distances(&candidates);
            let mut best = (f64::INFINITY, 0);
            for (place, mut row) in distances.rows_mut().into_iter().enumerate() {
                row.zip_mut_with(&nearest, |own, nearest| *own = own.min(*nearest));
                let left = row.iter().map(|square| f64::from(*square)).sum();
                if left < best.0 {
                    best = (left, place);
                }
            }
            nearest = distances.row(best.1).to_owned();
            chosen.push(candidates[best.1]);
        }
        let mut centres = Array2::zeros((self.k, table.mean().len()));
        for (mut centre, &example) in centres.axis_iter_mut(Axis(0)).zip(&chosen) {
            centre.assign(&table.row(example).mapv(f64::from));
        }
        Ok(centres)
    }
}

struct Found {
    labels: Vec<u32>,
    centres: Array2<f64>,
    inertia: f64,
    rounds: usize,
}

/// Gives centres that lost all their examples those that are furthest from theirs.
fn fill_empty(table: &Table, found: &mut Assigned, centres: &Array2<f64>) {
    let empty = found
        .counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count == 0);
    let empty: Vec<usize> = empty.map(|(group, _)| group).collect();
    if empty.is_empty() {
        return;
    }
    let far = table.apart_from(&found.labels, centres);
    let mut order: Vec<usize> = (0..far.len()).collect();
    order.sort_by(|a, b| far[*b].total_cmp(&far[*a]).then(a.cmp(b)));
    let mut order = order.into_iter();
    for group in empty {
        // Nobody leaves a centre that would be empty then.
        let labels = &found.labels;
        let counts = &found.counts;
        let Some(example) = order.find(|&example| counts[labels[example] as usize] > 1) else {
            return;
        };
        let old = found.labels[example] as usize;
        let row = table.row(example).mapv(f64::from);
        let mut sum = found.sums.row_mut(old);
        sum -= &row;
        found.sums.row_mut(group).assign(&row);
        found.counts[old] -= 1;
        found.counts[group] = 1;
        found.labels[example] = group as u32;
    }
}
