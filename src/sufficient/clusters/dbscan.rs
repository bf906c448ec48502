//! Clusters of what lies close together, and noise.

use crate::{Error, Result};
use ndarray::Array2;

/// Finds clusters by density, from distances.
///
/// A point with at least `min_samples` points within `epsilon`, itself among them, is a core point. Core points within `epsilon` of each
/// other are in one cluster, and so is any other point within `epsilon` of one of them; between two clusters, it goes to the first. The rest
/// is noise. Clusters are numbered by their first core points.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array2, sufficient::Dbscan};
/// # fn main() -> genolens::Result<()> {
/// let places = [0.0_f64, 1.0, 1.5, 9.0];
/// let distances = Array2::from_shape_fn((4, 4), |(i, j)| (places[i] - places[j]).abs());
/// let found = Dbscan::new(1.0, 3).run(&distances)?;
/// assert_eq!(found, [Some(0), Some(0), Some(0), None]);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Ester, Kriegel, Sander and Xu 1996, <https://dl.acm.org/doi/10.5555/3001460.3001507>. Checked against scikit-learn
/// `DBSCAN(metric="precomputed")`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dbscan {
    epsilon: f64,
    min_samples: usize,
}

impl Dbscan {
    /// Takes the radius, 0 or more in the unit of the distances, and how many points make a point a core point, itself counted.
    pub fn new(epsilon: f64, min_samples: usize) -> Self {
        Self {
            epsilon,
            min_samples,
        }
    }

    /// Returns the cluster of every point, counted from 0; nothing for noise.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when distances are not square; [`Error::Value`] when an option makes no sense, a distance is negative or no number, or
    /// it is not the same in both directions.
    pub fn run(&self, distances: &Array2<f64>) -> Result<Vec<Option<usize>>> {
        self.check()?;
        let n = distances.nrows();
        if n != distances.ncols() {
            let expected = "(n, n), a row and a column for every point";
            return Err(Error::shape("distances", expected, distances.shape()));
        }
        for ((i, j), &distance) in distances.indexed_iter() {
            let back = distances[[j, i]];
            if distance.is_nan() || distance < 0.0 {
                let argument = format!("distance of {i} and {j}");
                return Err(Error::value(&argument, "0 or more", distance));
            }
            // Sums in another order may differ in their last bits.
            if distance != back && (distance - back).abs() > 1e-9 * distance.max(back) {
                let argument = format!("distance of {i} and {j}");
                let got = format!("{distance}, and {back} from {j} to {i}");
                return Err(Error::value(&argument, "the same both ways", got));
            }
        }
        let near = |i: usize| -> Vec<u32> {
            let others = (0..n).filter(|&j| j != i && distances[[i, j]] <= self.epsilon);
            others.map(|j| j as u32).collect()
        };
        let neighbours: Vec<Vec<u32>> = (0..n).map(near).collect();
        Ok(self.labels(&neighbours, &vec![1; n]))
    }

    pub(super) fn check(&self) -> Result<()> {
        if !self.epsilon.is_finite() || self.epsilon < 0.0 {
            return Err(Error::value("epsilon", "a number, 0 or more", self.epsilon));
        }
        if self.min_samples == 0 {
            return Err(Error::value("min_samples", "at least 1", 0));
        }
        Ok(())
    }

    /// Labels points that are told which others are near; each stands for as many equal ones as its weight says.
    pub(super) fn labels(&self, neighbours: &[Vec<u32>], weights: &[usize]) -> Vec<Option<usize>> {
        let is_core = |&at: &usize| {
            let near = neighbours[at].iter().map(|&other| weights[other as usize]);
            weights[at] + near.sum::<usize>() >= self.min_samples
        };
        let core: Vec<bool> = (0..weights.len()).map(|at| is_core(&at)).collect();
        let mut labels = vec![None; weights.len()];
        let mut clusters = 0;
        for first in 0..weights.len() {
            if !core[first] || labels[first].is_some() {
                continue;
            }
            labels[first] = Some(clusters);
            let mut reached = vec![first];
            while let Some(at) = reached.pop() {
                for &other in &neighbours[at] {
                    let other = other as usize;
                    if labels[other].is_none() {
                        labels[other] = Some(clusters);
                        if core[other] {
                            reached.push(other);
                        }
                    }
                }
            }
            clusters += 1;
        }
        labels
    }
}
