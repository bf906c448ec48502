//! What autoencoders and variational models have in common.

use super::Latent;
use crate::Result;
use crate::expression::Cells;

/// A model with a way in and a way out: cells to positions, and positions to cells.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::Array2;
/// use genolens::{expression::Cells, generative::{Autoencoder, LatentModel}, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// let values = Array2::from_shape_fn((40, 5), |(cell, gene)| ((cell + gene) % 4) as f32);
/// let cells = Cells::new(values, (0..40).map(|c| c.to_string()), (0..5).map(|g| g.to_string()))?;
/// let model = Autoencoder::new(2).fit(Fit::new().epochs(2)).run(&cells)?;
/// let decoded = model.decode(&model.encode(&cells)?)?;
/// assert_eq!(decoded.shape(), (40, 5));
/// # Ok(()) }
/// ```
pub trait LatentModel: Send + Sync {
    /// Returns the positions of cells, shape `(cells, dimensions)`.
    ///
    /// # Errors
    ///
    /// Fails when the cells have other genes than those of the training, or values that the model cannot read.
    fn encode(&self, cells: &Cells) -> Result<Latent>;

    /// Returns what the model expects of every gene at positions: for counts the means of a cell of the median total, free of batches.
    /// What is known of the cells stays known.
    ///
    /// # Errors
    ///
    /// Fails when positions have another number of dimensions, or are not finite.
    fn decode(&self, latent: &Latent) -> Result<Cells>;
}
