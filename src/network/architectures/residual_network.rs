//! A network around whose blocks the input is carried.

use super::tasks::for_tasks;
use crate::network::{Architecture, Chain, Convolution, Network, Padding};
use crate::{Error, Result};

/// Makes an untrained residual network for so many tasks and DNA of any length.
///
/// # Errors
///
/// Fails without a task.
pub fn residual_network(tasks: usize) -> Result<Network> {
    ResidualNetwork::new().tasks(tasks).build()
}

/// A residual network: blocks of two convolutions that add to what they read.
///
/// | layer | output |
/// |---|---|
/// | input | (4, any) |
/// | 64 filters of 15, same length, batch norm, rectifier | (64, any) |
/// | 4 times: 64 filters of 7, batch norm, rectifier, 64 filters of 7, batch norm; added to their input, rectifier | (64, any) |
/// | mean over the sequence | 64 |
/// | dense, one raw score a task | 1 |
///
/// The block is that of He et al.; the sizes are ours, as no network of this plain kind was published for DNA.
///
/// # Examples
///
/// ```
/// use genolens::network::ResidualNetwork;
/// # fn main() -> genolens::Result<()> {
/// let network = ResidualNetwork::new().filters(16).blocks(2).tasks(3).build()?;
/// assert_eq!(network.weight("3.residual.0.convolution.kernel")?.shape(), [16, 16, 7]);
/// # Ok(()) }
/// ```
///
/// # References
///
/// He et al. 2016, doi:10.1109/CVPR.2016.90.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidualNetwork {
    tasks: usize,
    filters: usize,
    blocks: usize,
    width: usize,
}

/// The most blocks.
const BLOCKS: usize = 1000;

impl ResidualNetwork {
    /// Takes the sizes of the table.
    pub fn new() -> Self {
        Self {
            tasks: 1,
            filters: 64,
            blocks: 4,
            width: 7,
        }
    }

    /// Sets the number of tasks.
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.tasks = tasks;
        self
    }

    /// Sets the number of filters of every convolution.
    pub fn filters(mut self, filters: usize) -> Self {
        self.filters = filters;
        self
    }

    /// Sets the number of blocks.
    pub fn blocks(mut self, blocks: usize) -> Self {
        self.blocks = blocks;
        self
    }

    /// Sets the width of the filters inside the blocks.
    pub fn width(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// Returns the layers.
    pub fn architecture(&self) -> Architecture {
        let same = |width| Convolution::new(self.filters, width).padding(Padding::Same);
        let mut layers = Architecture::sequences(4)
            .then(same(15))
            .batch_norm()
            .relu();
        for _ in 0..self.blocks.min(BLOCKS) {
            let body = Chain::new()
                .then(same(self.width))
                .batch_norm()
                .relu()
                .then(same(self.width))
                .batch_norm();
            layers = layers.residual(body).relu();
        }
        layers.global_average_pool().dense(self.tasks)
    }

    /// Draws first weights.
    ///
    /// # Errors
    ///
    /// Fails when a size is 0.
    pub fn build(&self) -> Result<Network> {
        if self.blocks > BLOCKS {
            let expected = format!("at most {BLOCKS}");
            return Err(Error::value("blocks", expected, self.blocks));
        }
        for_tasks(self.tasks, &self.architecture())
    }
}

impl Default for ResidualNetwork {
    fn default() -> Self {
        Self::new()
    }
}
