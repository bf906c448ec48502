//! What a network with a profile and a count head predicts.

use ndarray::{Array2, Array3, Axis};
use std::fmt;
use std::sync::Arc;

/// Profiles and total counts, taken apart.
#[derive(Clone, PartialEq)]
pub struct Profiles {
    profiles: Arc<Array3<f32>>,
    counts: Arc<Array2<f32>>,
}

impl Profiles {
    pub(crate) fn new(profiles: Array3<f32>, counts: Array2<f32>) -> Self {
        Self {
            profiles: Arc::new(profiles),
            counts: Arc::new(counts),
        }
    }

    /// Returns the logits, shape `(n, tracks, positions)`.
    pub fn profiles(&self) -> &Array3<f32> {
        &self.profiles
    }

    /// Returns the logarithms of the counts, shape `(n, counts)`.
    pub fn counts(&self) -> &Array2<f32> {
        &self.counts
    }

    /// Computes where reads fall: the softmax over the positions of every track, shape `(n, tracks, positions)`.
    pub fn probabilities(&self) -> Array3<f32> {
        let mut odds = (*self.profiles).clone();
        for mut track in odds.lanes_mut(Axis(2)) {
            let largest = track.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            track.mapv_inplace(|logit| (logit - largest).exp());
            let sum = track.sum();
            track.mapv_inplace(|value| value / sum);
        }
        odds
    }
}

impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, tracks, positions) = self.profiles.dim();
        let counts = self.counts.ncols();
        write!(
            f,
            "Profiles({n} x {tracks} tracks x {positions} positions, {counts} counts)"
        )
    }
}
