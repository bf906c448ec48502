//! The architecture of `DeepSEA`.

use super::tasks::for_tasks;
use crate::Result;
use crate::network::{Activation, Architecture, Network};

/// Makes an untrained `DeepSEA` for so many tasks and sequences of 1000 positions.
///
/// # Errors
///
/// Fails without a task.
pub fn deepsea(tasks: usize) -> Result<Network> {
    DeepSea::new().tasks(tasks).build()
}

/// `DeepSEA`: chromatin features of a sequence, from three convolutions.
///
/// | layer | output |
/// |---|---|
/// | input | (4, 1000) |
/// | 320 filters of 8, threshold, max pool 4, dropout 0.2 | (320, 248) |
/// | 480 filters of 8, threshold, max pool 4, dropout 0.2 | (480, 60) |
/// | 960 filters of 8, threshold, dropout 0.5 | (960, 53) |
/// | dense 925, threshold | 925 |
/// | dense, one raw score a task | 919 |
///
/// The threshold hands on what is above 0 and makes the rest 1e-6. The published predictions are the mean of both strands; the published
/// weights read A, G, C, T.
///
/// # Examples
///
/// ```
/// use genolens::network::DeepSea;
/// # fn main() -> genolens::Result<()> {
/// let published = DeepSea::new().architecture();
/// assert_eq!(published.summary()?.parameters(), 52_843_119);
/// let small = DeepSea::new().tasks(2).length(200).filters([16, 24, 48]).hidden(30).build()?;
/// assert_eq!(small.weight("14.dense.weight")?.shape(), [2, 30]);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Zhou and Troyanskaya 2015, doi:10.1038/nmeth.3547.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeepSea {
    tasks: usize,
    length: usize,
    filters: [usize; 3],
    hidden: usize,
}

impl DeepSea {
    /// Takes the published sizes.
    pub fn new() -> Self {
        Self {
            tasks: 919,
            length: 1000,
            filters: [320, 480, 960],
            hidden: 925,
        }
    }

    /// Sets the number of tasks.
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.tasks = tasks;
        self
    }

    /// Sets the length of the sequences.
    pub fn length(mut self, length: usize) -> Self {
        self.length = length;
        self
    }

    /// Sets the numbers of filters.
    pub fn filters(mut self, filters: [usize; 3]) -> Self {
        self.filters = filters;
        self
    }

    /// Sets the size of the hidden layer.
    pub fn hidden(mut self, hidden: usize) -> Self {
        self.hidden = hidden;
        self
    }

    /// Returns the layers.
    pub fn architecture(&self) -> Architecture {
        let threshold = Activation::Threshold {
            threshold: 0.0,
            value: 1e-6,
        };
        let [first, second, third] = self.filters;
        let mut layers = Architecture::sequences(4).length(self.length);
        for filters in [first, second] {
            layers = layers.convolution(filters, 8).activation(threshold);
            layers = layers.max_pool(4).dropout(0.2);
        }
        layers
            .convolution(third, 8)
            .activation(threshold)
            .dropout(0.5)
            .flatten()
            .dense(self.hidden)
            .activation(threshold)
            .dense(self.tasks)
    }

    /// Draws first weights.
    ///
    /// # Errors
    ///
    /// Fails when a size is 0 or the sequences are too short, and says how long they must be.
    pub fn build(&self) -> Result<Network> {
        for_tasks(self.tasks, &self.architecture())
    }
}

impl Default for DeepSea {
    fn default() -> Self {
        Self::new()
    }
}
