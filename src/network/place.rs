//! Which layer of a network is meant.

/// A layer of a network: its number (`3`), its number inside others (`"3.0"`), or its whole name (`"3.residual.0.convolution"`).
///
/// The layer table shows the numbers, the names of the weights begin with the names.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network};
/// # fn main() -> genolens::Result<()> {
/// let network = network::deepbind(16);
/// let x = Array3::<f32>::zeros((2, 4, 30));
/// assert_eq!(network.activations(&x, 0)?, network.activations(&x, "0.convolution")?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place(String);

impl Place {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl From<usize> for Place {
    fn from(layer: usize) -> Self {
        Self(layer.to_string())
    }
}

impl From<&str> for Place {
    fn from(layer: &str) -> Self {
        Self(layer.into())
    }
}

impl From<String> for Place {
    fn from(layer: String) -> Self {
        Self(layer)
    }
}
