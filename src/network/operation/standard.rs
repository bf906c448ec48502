//! What a batch norm makes of every channel, and of what comes back.

use super::channel_norm::Moments;
use super::real::Real;

/// The constants that channels are standardised with.
#[derive(Clone, Debug)]
pub(crate) struct Standard {
    pub(crate) mean: Vec<f64>,
    /// One over the spread.
    pub(crate) rise: Vec<f64>,
    /// Whether the moments are those of the batch, so that gradients pass through them, or constants.
    pub(crate) of_batch: bool,
}

/// What a channel is multiplied by, and what is added then.
pub(crate) type Line<T> = (T, T);

impl Standard {
    pub(crate) fn new(moments: Moments, epsilon: f64, of_batch: bool) -> Self {
        let rise = moments.variance.iter();
        Self {
            rise: rise
                .map(|variance| 1.0 / (variance + epsilon).sqrt())
                .collect(),
            mean: moments.mean,
            of_batch,
        }
    }

    /// Returns what becomes of the numbers of every channel.
    pub(crate) fn lines<T: Real>(&self, scale: &[T], shift: &[T]) -> Vec<Line<T>> {
        let constants = self.mean.iter().zip(&self.rise);
        let weights = scale.iter().zip(shift);
        constants
            .zip(weights)
            .map(|((&mean, &rise), (&scale, &shift))| {
                let factor = scale * T::from_f64(rise);
                (factor, shift - T::from_f64(mean) * factor)
            })
            .collect()
    }

    /// Returns what the numbers of a channel add to their gradient through the moments of the batch, given what they are multiplied by, the
    /// gradients of scale and shift, and how many numbers the channel has.
    pub(crate) fn through_moments<T: Real>(
        &self,
        channel: usize,
        (factor, count): (T, T),
        (for_scale, for_shift): (T, T),
    ) -> Line<T> {
        // Less the mean of the gradient, and less its part along the standardised numbers.
        let along = factor * T::from_f64(self.rise[channel]) * for_scale / count;
        let mean = T::from_f64(self.mean[channel]);
        (T::zero() - along, along * mean - factor * for_shift / count)
    }
}
