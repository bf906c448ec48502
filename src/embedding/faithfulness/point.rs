//! What becomes of the neighbours of one point.

use crate::random::Seed;
use rand::RngExt;

/// Triplets that are drawn for every point.
const TRIPLETS: usize = 5;

/// What is measured at one point.
#[derive(Clone, Debug, Default)]
pub(super) struct Point {
    /// For every `k`: by how much neighbours on the map were too far away before, and the other way round, and how many are kept.
    pub(super) intruders: Vec<f64>,
    pub(super) lost: Vec<f64>,
    pub(super) kept: Vec<usize>,
    /// Triplets whose two distances have the same order on the map.
    pub(super) ordered: usize,
    /// Distances before and after to points drawn by chance.
    pub(super) pairs: Vec<(f64, f64)>,
}

/// Measures one point from its squared distances to all, before and on the map.
pub(super) fn measured(
    (point, ks): (usize, &[usize]),
    (before, after): (&[f64], &[f64]),
    seed: Seed,
) -> Point {
    let most = ks.iter().copied().max().unwrap_or(0);
    let near_before = nearest(point, before, most);
    let near_after = nearest(point, after, most);
    let ranks_before = ranks(point, before, &near_after);
    let ranks_after = ranks(point, after, &near_before);
    let beyond = |ranks: &[usize], k: usize| -> f64 {
        let ranks = ranks[..k].iter();
        ranks.map(|rank| rank.saturating_sub(k) as f64).sum()
    };
    let mut out = Point {
        intruders: ks.iter().map(|&k| beyond(&ranks_before, k)).collect(),
        lost: ks.iter().map(|&k| beyond(&ranks_after, k)).collect(),
        kept: ks
            .iter()
            .map(|&k| ranks_before[..k].iter().filter(|rank| **rank <= k).count())
            .collect(),
        ..Point::default()
    };
    let n = before.len();
    let mut random = seed.indexed(point).generator();
    for _ in 0..TRIPLETS {
        // Two different others.
        let mut a = random.random_range(0..n - 1);
        let mut b = random.random_range(0..n - 2);
        if b >= a {
            b += 1;
        }
        a += usize::from(a >= point);
        b += usize::from(b >= point);
        let same = (before[a] < before[b]) == (after[a] < after[b]);
        out.ordered += usize::from(same);
        out.pairs.push((before[a].sqrt(), after[a].sqrt()));
        out.pairs.push((before[b].sqrt(), after[b].sqrt()));
    }
    out
}

pub(super) const fn triplets() -> usize {
    TRIPLETS
}

/// Returns the nearest others; of equally near ones the first comes first.
fn nearest(point: usize, squares: &[f64], k: usize) -> Vec<usize> {
    let mut others: Vec<usize> = (0..squares.len()).filter(|&other| other != point).collect();
    let order = |a: &usize, b: &usize| squares[*a].total_cmp(&squares[*b]).then_with(|| a.cmp(b));
    if k < others.len() {
        others.select_nth_unstable_by(k, order);
        others.truncate(k);
    }
    others.sort_unstable_by(order);
    others
}

/// Returns the ranks of some others among all others, the nearest having rank 1.
fn ranks(point: usize, squares: &[f64], some: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..some.len()).collect();
    let key = |other: usize| (squares[other], other);
    let before = |a: (f64, usize), b: (f64, usize)| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1));
    order.sort_unstable_by(|&a, &b| before(key(some[a]), key(some[b])));
    let limits: Vec<(f64, usize)> = order.iter().map(|&place| key(some[place])).collect();
    let Some(last) = limits.last() else {
        return Vec::new();
    };
    let mut counts = vec![0; limits.len()];
    for (other, &square) in squares.iter().enumerate() {
        if square > last.0 || other == point {
            continue;
        }
        let place = limits.partition_point(|limit| before(*limit, (square, other)).is_lt());
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
    }
    let mut ranks = vec![0; some.len()];
    let mut rank = 0;
    for (place, count) in order.into_iter().zip(counts) {
        rank += count;
        ranks[place] = rank;
    }
    ranks
}
