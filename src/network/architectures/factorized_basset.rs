//! The architecture of Factorized Basset.

use super::tasks::for_tasks;
use crate::Result;
use crate::network::{Architecture, Convolution, Network, Padding, Pool, Pooling};

/// Makes an untrained Factorized Basset for so many tasks and sequences of 1000 positions.
///
/// # Errors
///
/// Fails without a task.
///
/// # Examples
///
/// ```
/// let network = genolens::network::factorized_basset(10)?;
/// assert_eq!(network.filters()?.dim(), (48, 4, 3));
/// # Ok::<(), genolens::Error>(())
/// ```
pub fn factorized_basset(tasks: usize) -> Result<Network> {
    FactorizedBasset::new().tasks(tasks).build()
}

/// Factorized Basset: the wide filters of Basset as stacks of narrow ones.
///
/// | layer | output |
/// |---|---|
/// | input | (4, 1000) |
/// | 48, 64 and 100 filters of 3, then 150 and 300 of 7, each with batch norm and rectifier; max pool 3 | (300, 334) |
/// | 200 filters of 7, 200 and 200 of 3, each with batch norm and rectifier; max pool 4 | (200, 84) |
/// | 200 filters of 7, batch norm, rectifier, max pool 4 | (200, 21) |
/// | dense 1000, batch norm, rectifier, dropout 0.3, twice | 1000 |
/// | dense, one raw score a task | 164 |
///
/// Convolutions keep the length, pools round up. The filters are those on which two public re-implementations agree; the preprint itself was
/// not checked, and whether pools round up, the length of the sequences and the dropout are taken from Basset or from one of the two.
///
/// # Examples
///
/// ```
/// use genolens::network::FactorizedBasset;
/// # fn main() -> genolens::Result<()> {
/// let small = FactorizedBasset::new().tasks(2).length(300).thinned(10).build()?;
/// assert_eq!(small.filters()?.dim(), (4, 4, 3));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Wnuk et al. 2017, doi:10.1101/229385; Kelley et al. 2016, doi:10.1101/gr.200535.115.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorizedBasset {
    tasks: usize,
    length: usize,
    divisor: usize,
}

/// Filters and their width, layer by layer, and the pool behind the last.
const BLOCKS: [(&[(usize, usize)], usize); 3] = [
    (&[(48, 3), (64, 3), (100, 3), (150, 7), (300, 7)], 3),
    (&[(200, 7), (200, 3), (200, 3)], 4),
    (&[(200, 7)], 4),
];

impl FactorizedBasset {
    /// Takes the published sizes.
    pub fn new() -> Self {
        Self {
            tasks: 164,
            length: 1000,
            divisor: 1,
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

    /// Divides the numbers of filters and hidden units by this number, for a smaller network; at least one of each is left.
    pub fn thinned(mut self, divisor: usize) -> Self {
        self.divisor = divisor;
        self
    }

    /// Returns the layers.
    pub fn architecture(&self) -> Architecture {
        let some = |count: usize| (count / self.divisor.max(1)).max(1);
        let mut layers = Architecture::sequences(4).length(self.length);
        for (convolutions, pool) in BLOCKS {
            for &(filters, width) in convolutions {
                layers = layers
                    .then(Convolution::new(some(filters), width).padding(Padding::Same))
                    .batch_norm()
                    .relu();
            }
            layers = layers.then(Pool::local(Pooling::Max, pool).ceil());
        }
        layers = layers.flatten();
        for _ in 0..2 {
            layers = layers.dense(some(1000)).batch_norm().relu().dropout(0.3);
        }
        layers.dense(self.tasks)
    }

    /// Draws first weights.
    ///
    /// # Errors
    ///
    /// Fails when a size is 0.
    pub fn build(&self) -> Result<Network> {
        for_tasks(self.tasks, &self.architecture())
    }
}

impl Default for FactorizedBasset {
    fn default() -> Self {
        Self::new()
    }
}
