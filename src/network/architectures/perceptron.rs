//! Dense layers only.

use super::tasks::for_tasks;
use crate::network::{Architecture, Network};
use crate::{Error, Result};

/// Makes an untrained perceptron with one hidden layer of 32 units on sequences of this length.
///
/// # Errors
///
/// Fails when the length is 0.
///
/// # Examples
///
/// ```
/// let network = genolens::network::perceptron(101)?;
/// assert_eq!(network.parameters(), (4 * 101 + 1) * 32 + 33);
/// # Ok::<(), genolens::Error>(())
/// ```
pub fn perceptron(length: usize) -> Result<Network> {
    Perceptron::sequences(length).build()
}

/// A perceptron: dense layers, each seeing all of the one before.
///
/// | layer | output |
/// |---|---|
/// | input | (4, length), flattened, or features |
/// | for each hidden layer: dense, rectifier, dropout where [`dropout`](Self::dropout) sets one | 32 |
/// | dense, one raw score a task | 1 |
///
/// # Examples
///
/// A deep one:
///
/// ```
/// use genolens::network::Perceptron;
/// # fn main() -> genolens::Result<()> {
/// let network = Perceptron::features(50).hidden(&[64, 32, 16]).dropout(0.2).tasks(3).build()?;
/// println!("{network}");
/// # Ok(()) }
/// ```
///
/// # References
///
/// Rumelhart et al. 1986, doi:10.1038/323533a0.
#[derive(Clone, Debug, PartialEq)]
pub struct Perceptron {
    input: Architecture,
    hidden: Vec<usize>,
    dropout: f64,
    tasks: usize,
}

impl Perceptron {
    /// Reads DNA of this length.
    pub fn sequences(length: usize) -> Self {
        Self::reading(Architecture::sequences(4).length(length).flatten())
    }

    /// Reads so many numbers.
    pub fn features(features: usize) -> Self {
        Self::reading(Architecture::features(features))
    }

    fn reading(input: Architecture) -> Self {
        Self {
            input,
            hidden: vec![32],
            dropout: 0.0,
            tasks: 1,
        }
    }

    /// Sets the sizes of the hidden layers; none makes it a logistic regression.
    pub fn hidden(mut self, sizes: &[usize]) -> Self {
        self.hidden = sizes.into();
        self
    }

    /// Sets how often a hidden unit is silenced while training, 0 to below 1.
    pub fn dropout(mut self, rate: f64) -> Self {
        self.dropout = rate;
        self
    }

    /// Sets the number of tasks.
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.tasks = tasks;
        self
    }

    /// Returns the layers.
    pub fn architecture(&self) -> Architecture {
        let mut layers = self.input.clone();
        for &size in &self.hidden {
            layers = layers.dense(size).relu();
            if self.dropout != 0.0 {
                layers = layers.dropout(self.dropout);
            }
        }
        layers.dense(self.tasks)
    }

    /// Draws first weights.
    ///
    /// # Errors
    ///
    /// Fails when a size is 0.
    pub fn build(&self) -> Result<Network> {
        let network = for_tasks(self.tasks, &self.architecture())?;
        match network.tensor(&network.weight_names()[0])?.elem_count() {
            0 => Err(Error::value("length", "at least 1", 0)),
            _ => Ok(network),
        }
    }
}
