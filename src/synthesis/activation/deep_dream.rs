//! Inputs in which a layer sees more of what it sees.

use super::{ActivationMaximisation, Dreams, Objective};
use crate::network::{Model, Place};
use crate::{Input, Result};

/// Changes inputs so that the norm of what a layer gives rises: deep dream.
///
/// Takes the defaults of [`ActivationMaximisation::new`]; for a box, one channel or penalties, take that type with [`Objective::layer`] or
/// [`Objective::channel`]. The layer is named as for [`Network::activations`](crate::network::Network::activations).
///
/// # Errors
///
/// Fails when there is no such layer or the model is no network of the library, and as [`ActivationMaximisation::run`].
///
/// # References
///
/// Mordvintsev, Olah and Tyka 2015, <https://research.google/blog/inceptionism-going-deeper-into-neural-networks/>.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network, synthesis};
/// # fn main() -> genolens::Result<()> {
/// let x = Array3::<f32>::from_elem((1, 4, 30), 0.25);
/// let dreams = synthesis::deep_dream(&network::deepbind(4), &x, 0)?;
/// assert!(dreams.scores()[0] > dreams.start_scores()[0]);
/// # Ok(()) }
/// ```
pub fn deep_dream(model: &dyn Model, x: &dyn Input, layer: impl Into<Place>) -> Result<Dreams> {
    ActivationMaximisation::new()
        .objective(Objective::layer(layer))
        .run(model, x)
}
