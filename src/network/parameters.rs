//! What a layer asks to be given.

use super::initial::Initial;

/// A tensor that a layer needs, and how its first values are drawn.
///
/// # Examples
///
/// ```
/// use genolens::network::Parameter;
/// let scale = Parameter::new("scale", &[16]).filled(1.0);
/// assert_eq!(scale.shape(), [16]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) initial: Initial,
    /// Trained by gradients; otherwise observed, as the running mean of a batch norm is.
    pub(crate) trained: bool,
}

impl Parameter {
    /// Asks for a tensor that training changes, drawn as Glorot and Bengio propose: the first axis counts outputs, the second inputs.
    pub fn new(name: &str, shape: &[usize]) -> Self {
        let outputs = shape.first().copied().unwrap_or(1);
        let inputs = shape.get(1).copied().unwrap_or(1);
        let window: usize = shape.iter().skip(2).product();
        let (inputs, outputs) = (inputs * window, outputs * window);
        Self::trained(name, shape, Initial::Glorot { inputs, outputs })
    }

    /// Begins with the same value everywhere.
    pub fn filled(mut self, value: f32) -> Self {
        self.initial = Initial::Constant(value);
        self
    }

    /// Draws evenly from numbers of at most this size.
    pub fn within(mut self, bound: f64) -> Self {
        self.initial = Initial::Uniform { bound };
        self
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(crate) fn trained(name: &str, shape: &[usize], initial: Initial) -> Self {
        Self {
            name: name.into(),
            shape: shape.into(),
            initial,
            trained: true,
        }
    }

    pub(crate) fn observed(name: &str, shape: &[usize], value: f32) -> Self {
        Self {
            name: name.into(),
            shape: shape.into(),
            initial: Initial::Constant(value),
            trained: false,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.shape.iter().product()
    }
}
