//! The plainest network.

use super::Perceptron;
use crate::Result;
use crate::network::Network;

/// Makes an untrained logistic regression on sequences of this length: one weight for every letter at every position.
///
/// | layer | output |
/// |---|---|
/// | input | (4, length) |
/// | dense, one raw score | 1 |
///
/// The sigmoid of the score is the probability. More tasks, or other inputs: a [`Perceptron`] without hidden layers.
///
/// # Errors
///
/// Fails when the length is 0.
///
/// # Examples
///
/// ```
/// let network = genolens::network::logistic_regression(101)?;
/// assert_eq!(network.parameters(), 4 * 101 + 1);
/// # Ok::<(), genolens::Error>(())
/// ```
///
/// # References
///
/// Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x.
pub fn logistic_regression(length: usize) -> Result<Network> {
    Perceptron::sequences(length).hidden(&[]).build()
}
