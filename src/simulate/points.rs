//! Points that know nothing: noise in any number of dimensions.

use crate::random::Seed;
use ndarray::Array2;
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Draws points whose coordinates are independent and of the standard normal distribution, shape `(points, dimensions)`.
///
/// The truth about such data is that there is nothing to find in it. Every point has a seed of its own: the first points of a larger
/// draw are the points of a smaller one.
///
/// # Examples
///
/// ```
/// use genolens::{random::Seed, simulate};
/// let noise = simulate::normal((30, 2000), Seed::new(1));
/// assert_eq!(noise.dim(), (30, 2000));
/// assert!(noise.mean().is_some_and(|mean| mean.abs() < 0.02));
/// ```
pub fn normal((points, dimensions): (usize, usize), seed: impl Into<Seed>) -> Array2<f32> {
    let seed = seed.into().named("normal points");
    let mut out = Array2::zeros((points, dimensions));
    if let Some(numbers) = out.as_slice_mut().filter(|numbers| !numbers.is_empty()) {
        numbers
            .par_chunks_mut(dimensions)
            .enumerate()
            .for_each(|(point, numbers)| {
                let mut generator = seed.indexed(point).generator();
                numbers.fill_with(|| generator.sample::<f32, _>(StandardNormal));
            });
    }
    out
}
