//! The architecture of `DanQ`.

use super::tasks::for_tasks;
use crate::Result;
use crate::network::{Architecture, Lstm, Network};

/// Makes an untrained `DanQ` for so many tasks and sequences of 1000 positions.
///
/// # Errors
///
/// Fails without a task.
pub fn danq(tasks: usize) -> Result<Network> {
    DanQ::new().tasks(tasks).build()
}

/// `DanQ`: filters find motifs, and a memory that reads in both directions finds how they follow each other.
///
/// | layer | output |
/// |---|---|
/// | input | (4, 1000) |
/// | 320 filters of 26, rectifier, max pool 13, dropout 0.2 | (320, 75) |
/// | LSTM of 320 in both directions, dropout 0.5 | (640, 75) |
/// | dense 925, rectifier | 925 |
/// | dense, one raw score a task | 919 |
///
/// The paper counts 46,926,479 weights. The memory here has two biases, as in `PyTorch`, where that of the paper has one: 2,560 more.
/// Published training: `RMSprop` in batches of 100.
///
/// # Examples
///
/// ```
/// use genolens::network::DanQ;
/// # fn main() -> genolens::Result<()> {
/// assert_eq!(DanQ::new().architecture().summary()?.parameters(), 46_926_479 + 2 * 4 * 320);
/// let small = DanQ::new().tasks(2).length(200).filters(16).memory(8).hidden(20).build()?;
/// println!("{small}");
/// # Ok(()) }
/// ```
///
/// # References
///
/// Quang and Xie 2016, doi:10.1093/nar/gkw226.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DanQ {
    tasks: usize,
    length: usize,
    filters: usize,
    memory: usize,
    hidden: usize,
}

impl DanQ {
    /// Takes the published sizes.
    pub fn new() -> Self {
        Self {
            tasks: 919,
            length: 1000,
            filters: 320,
            memory: 320,
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

    /// Sets the number of filters.
    pub fn filters(mut self, filters: usize) -> Self {
        self.filters = filters;
        self
    }

    /// Sets the size of the memory in each direction.
    pub fn memory(mut self, units: usize) -> Self {
        self.memory = units;
        self
    }

    /// Sets the size of the hidden layer.
    pub fn hidden(mut self, hidden: usize) -> Self {
        self.hidden = hidden;
        self
    }

    /// Returns the layers.
    pub fn architecture(&self) -> Architecture {
        Architecture::sequences(4)
            .length(self.length)
            .convolution(self.filters, 26)
            .relu()
            .max_pool(13)
            .dropout(0.2)
            .then(Lstm::new(self.memory).bidirectional())
            .dropout(0.5)
            .flatten()
            .dense(self.hidden)
            .relu()
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

impl Default for DanQ {
    fn default() -> Self {
        Self::new()
    }
}
