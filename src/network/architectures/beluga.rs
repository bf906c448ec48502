//! The architecture of `DeepSEA` Beluga.

use super::tasks::for_tasks;
use crate::Result;
use crate::network::{Architecture, Network};

/// Makes an untrained Beluga for so many tasks and sequences of 2000 positions: with all 2002 tasks, 150 million weights.
///
/// # Errors
///
/// Fails without a task.
pub fn beluga(tasks: usize) -> Result<Network> {
    Beluga::new().tasks(tasks).build()
}

/// `DeepSEA` Beluga: chromatin features of a longer sequence, from three pairs of convolutions.
///
/// | layer | output |
/// |---|---|
/// | input | (4, 2000) |
/// | 320 filters of 8 and rectifier, twice; dropout 0.2, max pool 4 | (320, 496) |
/// | 480 filters of 8 and rectifier, twice; dropout 0.2, max pool 4 | (480, 120) |
/// | 640 filters of 8 and rectifier, twice; dropout 0.5 | (640, 106) |
/// | dense 2003, rectifier | 2003 |
/// | dense, one raw score a task | 2002 |
///
/// The published weights read A, G, C, T.
///
/// # Examples
///
/// ```
/// use genolens::network::Beluga;
/// # fn main() -> genolens::Result<()> {
/// assert_eq!(Beluga::new().architecture().summary()?.parameters(), 149_536_251);
/// let small = Beluga::new().tasks(2).length(320).filters([8, 12, 16]).hidden(20).build()?;
/// println!("{small}");
/// # Ok(()) }
/// ```
///
/// # References
///
/// Zhou et al. 2018, doi:10.1038/s41588-018-0160-6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beluga {
    tasks: usize,
    length: usize,
    filters: [usize; 3],
    hidden: usize,
}

impl Beluga {
    /// Takes the published sizes.
    pub fn new() -> Self {
        Self {
            tasks: 2002,
            length: 2000,
            filters: [320, 480, 640],
            hidden: 2003,
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

    /// Sets the numbers of filters of the three pairs.
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
        let mut layers = Architecture::sequences(4).length(self.length);
        for (filters, pooled) in self.filters.into_iter().zip([true, true, false]) {
            for _ in 0..2 {
                layers = layers.convolution(filters, 8).relu();
            }
            layers = if pooled {
                layers.dropout(0.2).max_pool(4)
            } else {
                layers.dropout(0.5)
            };
        }
        layers.flatten().dense(self.hidden).relu().dense(self.tasks)
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

impl Default for Beluga {
    fn default() -> Self {
        Self::new()
    }
}
