//! Simulated counts of a few kinds of cells.

use super::plain::numbers;
use genolens::ndarray::Array2;

/// Rates of three kinds of cells, and Poisson counts drawn from them.
pub(super) fn kinds(cells: usize, genes: usize, seed: u64) -> (Array2<f64>, Array2<f32>) {
    let levels = numbers(3 * genes, seed);
    let sizes = numbers(cells, seed + 1);
    let rates = Array2::from_shape_fn((cells, genes), |(cell, gene)| {
        (0.2 + 4.0 * levels[cell % 3 * genes + gene].powi(3)) * (0.5 + sizes[cell])
    });
    let draws = numbers(cells * genes, seed + 2);
    let counts = Array2::from_shape_fn((cells, genes), |(cell, gene)| {
        let (rate, draw) = (rates[[cell, gene]], draws[cell * genes + gene]);
        let (mut count, mut chance) = (0, (-rate).exp());
        let mut sum = chance;
        while draw > sum && count < 100 {
            count += 1;
            chance *= rate / f64::from(count);
            sum += chance;
        }
        count as f32
    });
    (rates, counts)
}
