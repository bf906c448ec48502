//! How likely two examples are neighbours.

use crate::Result;
use crate::embedding::Neighbors;
use crate::embedding::neighbors::combined;
use crate::sparse::Sparse;
use rayon::prelude::*;

/// Halvings and doublings of a width; a hundred tell any two numbers apart.
const STEPS: usize = 200;

/// How near the entropy comes to the one asked for, in nats.
const CLOSE: f64 = 1e-9;

/// Makes the joint probabilities of neighbours, a symmetric graph whose weights add up to 1.
pub(super) fn joint(neighbors: &Neighbors, perplexity: f64) -> Result<Sparse> {
    let n = neighbors.len();
    let near = neighbors.nearest();
    let weights = (0..n).into_par_iter().map(|row| {
        let squares = near.row(row).mapv(|d| f64::from(d) * f64::from(d));
        conditional(&squares.to_vec(), perplexity.ln())
    });
    let weights: Vec<Vec<f64>> = weights.collect();
    let rows = weights.iter().zip(neighbors.indices().rows());
    let rows = rows.map(|(weights, others)| {
        let weights = weights.iter().map(|weight| *weight as f32);
        others.into_iter().copied().zip(weights).collect()
    });
    let there = Sparse::from_rows(n, rows.collect())?;
    let share = 0.5 / n as f32;
    combined(&there, |a, b| share * (a + b))
}

/// Returns how probable every example is as a neighbour of each, by all their squared distances; none is a neighbour of its own.
pub(crate) fn neighbour_probabilities(squares: &[Vec<f32>], perplexity: f64) -> Vec<Vec<f32>> {
    let row = |(own, squares): (usize, &Vec<f32>)| {
        let mut order: Vec<usize> = (0..squares.len()).filter(|&other| other != own).collect();
        order.sort_by(|&a, &b| squares[a].total_cmp(&squares[b]));
        let rising: Vec<f64> = order
            .iter()
            .map(|&other| f64::from(squares[other]))
            .collect();
        let mut out = vec![0.0; squares.len()];
        for (other, share) in order.into_iter().zip(conditional(&rising, perplexity.ln())) {
            out[other] = share as f32;
        }
        out
    };
    squares.par_iter().enumerate().map(row).collect()
}

/// Returns probabilities that fall with squared distances, which rise, as a normal distribution does: as wide as gives this entropy.
///
/// Where more than asked for are equally near, these share the whole.
fn conditional(squares: &[f64], entropy: f64) -> Vec<f64> {
    let nearest = squares.first().copied().unwrap_or_default();
    let beyond: Vec<f64> = squares.iter().map(|square| square - nearest).collect();
    // In units of the mean the search begins near its end.
    let mean = beyond.iter().sum::<f64>() / beyond.len() as f64;
    if mean <= 0.0 {
        return vec![1.0 / beyond.len() as f64; beyond.len()];
    }
    let (mut low, mut high, mut rate) = (0.0, f64::INFINITY, 1.0 / mean);
    let mut weights = vec![0.0; beyond.len()];
    for _ in 0..STEPS {
        let (mut sum, mut moment) = (0.0, 0.0);
        for (weight, beyond) in weights.iter_mut().zip(&beyond) {
            *weight = (-rate * beyond).exp();
            sum += *weight;
            moment += *weight * beyond;
        }
        for weight in &mut weights {
            *weight /= sum;
        }
        let over = sum.ln() + rate * moment / sum - entropy;
        if over.abs() < CLOSE {
            break;
        }
        if over > 0.0 {
            low = rate;
        } else {
            high = rate;
        }
        rate = if high == f64::INFINITY {
            2.0 * rate
        } else {
            f64::midpoint(low, high)
        };
        if rate.is_infinite() {
            break;
        }
    }
    weights
}
