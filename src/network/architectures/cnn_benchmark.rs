//! The variants of a benchmark of convolutional networks.

use super::tasks::for_tasks;
use crate::network::{Architecture, Convolution, Network, Padding, Pool, Pooling};
use crate::{Error, Result};
use std::fmt;

/// Makes an untrained network of the benchmark, for sequences of 101 positions and one task.
///
/// # Errors
///
/// None for the variants as they are; the same as [`CnnBenchmark::build`].
///
/// # Examples
///
/// ```
/// use genolens::network::{self, CnnBenchmark};
/// # fn main() -> genolens::Result<()> {
/// let network = network::cnn_benchmark(CnnBenchmark::OneLayer128)?;
/// assert_eq!(network.filters()?.dim(), (128, 4, 24));
/// # Ok(()) }
/// ```
pub fn cnn_benchmark(variant: CnnBenchmark) -> Result<Network> {
    variant.build(101, 1)
}

/// A variant of the networks with which Zeng et al. asked what more filters, depth and local pooling do.
///
/// All begin with filters of width 24 over the sequence (of 101 positions) and 12 zeros on either side, and a rectifier, and end with 32
/// rectified units, dropout 0.5 and the scores.
///
/// | variant | published name | filters | pooling |
/// |---|---|---|---|
/// | `OneLayer` | `1layer` | 16 | global |
/// | `OneLayer1` | `1layer_1motif` | 1 | global |
/// | `OneLayer64` | `1layer_64motif` | 64 | global |
/// | `OneLayer128` | `1layer_128motif` | 128 | global |
/// | `LocalWindow9` | `1layer_local_win9` | 16 | windows of 9 |
/// | `LocalWindow3` | `1layer_local_win3` | 16 | windows of 3 |
/// | `TwoLayers` | `2layer` | 16, 32 | global |
/// | `ThreeLayers` | `3layer` | 16, 32, 32 | global |
/// | `TwoLayersLocalWindow3` | `2layer_local_win3` | 16, 32 | windows of 3 |
/// | `ThreeLayersLocalWindow3` | `3layer_local_win3` | 16, 32, 32 | windows of 3 |
///
/// Not verified: the second and third convolutions, taken to be 32 filters of width 5 each, and where in the deeper variants the
/// windows of 3 stand, taken to be behind the last convolution. The original ends in a softmax over two classes, which is one raw
/// score here; its pools round up. It was trained with Adadelta, batches of 100 and weight decay 5e-4.
///
/// # Examples
///
/// ```
/// use genolens::network::CnnBenchmark;
/// # fn main() -> genolens::Result<()> {
/// for variant in CnnBenchmark::ALL {
///     println!("{variant}: {} parameters", variant.build(101, 1)?.parameters());
/// }
/// # Ok(()) }
/// ```
///
/// # References
///
/// Zeng et al. 2016, doi:10.1093/bioinformatics/btw255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table above describes every variant")]
pub enum CnnBenchmark {
    OneLayer,
    OneLayer1,
    OneLayer64,
    OneLayer128,
    LocalWindow9,
    LocalWindow3,
    TwoLayers,
    ThreeLayers,
    TwoLayersLocalWindow3,
    ThreeLayersLocalWindow3,
}

impl CnnBenchmark {
    /// All variants.
    pub const ALL: [Self; 10] = [
        Self::OneLayer,
        Self::OneLayer1,
        Self::OneLayer64,
        Self::OneLayer128,
        Self::LocalWindow9,
        Self::LocalWindow3,
        Self::TwoLayers,
        Self::ThreeLayers,
        Self::TwoLayersLocalWindow3,
        Self::ThreeLayersLocalWindow3,
    ];

    /// Returns the published name.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneLayer => "1layer",
            Self::OneLayer1 => "1layer_1motif",
            Self::OneLayer64 => "1layer_64motif",
            Self::OneLayer128 => "1layer_128motif",
            Self::LocalWindow9 => "1layer_local_win9",
            Self::LocalWindow3 => "1layer_local_win3",
            Self::TwoLayers => "2layer",
            Self::ThreeLayers => "3layer",
            Self::TwoLayersLocalWindow3 => "2layer_local_win3",
            Self::ThreeLayersLocalWindow3 => "3layer_local_win3",
        }
    }

    /// Returns the variant of a published name.
    ///
    /// # Errors
    ///
    /// Fails when no variant has this name.
    pub fn named(name: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|variant| variant.name() == name);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::value("name", format!("one of {names}"), name)
        })
    }

    /// Returns the layers for sequences of this length and so many tasks.
    pub fn architecture(self, length: usize, tasks: usize) -> Architecture {
        let (filters, depth, window) = match self {
            Self::OneLayer => (16, 1, None),
            Self::OneLayer1 => (1, 1, None),
            Self::OneLayer64 => (64, 1, None),
            Self::OneLayer128 => (128, 1, None),
            Self::LocalWindow9 => (16, 1, Some(9)),
            Self::LocalWindow3 => (16, 1, Some(3)),
            Self::TwoLayers => (16, 2, None),
            Self::ThreeLayers => (16, 3, None),
            Self::TwoLayersLocalWindow3 => (16, 2, Some(3)),
            Self::ThreeLayersLocalWindow3 => (16, 3, Some(3)),
        };
        let first = Convolution::new(filters, 24).padding(Padding::Zeros(12));
        let mut layers = Architecture::sequences(4).length(length).then(first).relu();
        for _ in 1..depth {
            layers = layers.convolution(32, 5).relu();
        }
        layers = match window {
            None => layers.global_max_pool(),
            Some(width) => layers
                .then(Pool::local(Pooling::Max, width).ceil())
                .flatten(),
        };
        layers.dense(32).relu().dropout(0.5).dense(tasks)
    }

    /// Draws first weights for sequences of this length and so many tasks.
    ///
    /// # Errors
    ///
    /// Fails without a task, or when the sequences are too short, and says how long they must be.
    pub fn build(self, length: usize, tasks: usize) -> Result<Network> {
        for_tasks(tasks, &self.architecture(length, tasks))
    }
}

impl fmt::Display for CnnBenchmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
