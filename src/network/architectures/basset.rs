//! The architecture of Basset.

use super::tasks::for_tasks;
use crate::Result;
use crate::network::{Architecture, Convolution, Network, Padding, Pool, Pooling};

/// Makes an untrained Basset for so many tasks and sequences of 600 positions.
///
/// # Errors
///
/// Fails without a task.
///
/// # Examples
///
/// ```
/// let network = genolens::network::basset(164)?;
/// assert_eq!(network.parameters(), 4_135_064);
/// # Ok::<(), genolens::Error>(())
/// ```
pub fn basset(tasks: usize) -> Result<Network> {
    Basset::new().tasks(tasks).build()
}

/// Basset: open chromatin in many cell types, from three convolutions and two hidden layers.
///
/// | layer | output |
/// |---|---|
/// | input | (4, 600) |
/// | 300 filters of 19, batch norm, rectifier, max pool 3 | (300, 194) |
/// | 200 filters of 11, batch norm, rectifier, max pool 4 | (200, 46) |
/// | 200 filters of 7, batch norm, rectifier, max pool 4 | (200, 10) |
/// | dense 1000, batch norm, rectifier, dropout 0.3, twice | 1000 |
/// | dense, one raw score a task | 164 |
///
/// Pools round up (a rest is a window of its own). Without padding, as in the published weights, 2000 numbers reach the first dense
/// layer; with [`padded`](Self::padded) convolutions the lengths are 200, 50 and 13, as in the figure of the paper. Published training: binary
/// cross-entropy, `RMSprop` with learning rate 0.002 and decay 0.98, batches of 128, weight norms up to 7.
///
/// # Examples
///
/// ```
/// use genolens::network::Basset;
/// # fn main() -> genolens::Result<()> {
/// let small = Basset::new().tasks(3).length(200).filters([30, 20, 20]).hidden(50).build()?;
/// println!("{small}");
/// # Ok(()) }
/// ```
///
/// # References
///
/// Kelley et al. 2016, doi:10.1101/gr.200535.115.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basset {
    tasks: usize,
    length: usize,
    filters: [usize; 3],
    hidden: usize,
    padded: bool,
}

impl Basset {
    /// Takes the published sizes.
    pub fn new() -> Self {
        Self {
            tasks: 164,
            length: 600,
            filters: [300, 200, 200],
            hidden: 1000,
            padded: false,
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

    /// Sets the size of the two hidden layers.
    pub fn hidden(mut self, hidden: usize) -> Self {
        self.hidden = hidden;
        self
    }

    /// Pads the convolutions with zeros, so that only pools shorten the sequence.
    pub fn padded(mut self) -> Self {
        self.padded = true;
        self
    }

    /// Returns the layers.
    pub fn architecture(&self) -> Architecture {
        let padding = if self.padded {
            Padding::Same
        } else {
            Padding::Valid
        };
        let mut layers = Architecture::sequences(4).length(self.length);
        for (filters, (width, pool)) in self.filters.into_iter().zip([(19, 3), (11, 4), (7, 4)]) {
            layers = layers
                .then(Convolution::new(filters, width).padding(padding))
                .batch_norm()
                .relu()
                .then(Pool::local(Pooling::Max, pool).ceil());
        }
        layers = layers.flatten();
        for _ in 0..2 {
            layers = layers.dense(self.hidden).batch_norm().relu().dropout(0.3);
        }
        layers.dense(self.tasks)
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

impl Default for Basset {
    fn default() -> Self {
        Self::new()
    }
}
