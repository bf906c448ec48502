//! The architecture of `ChromBPNet`.

use super::{BpNet, Profiles};
use crate::network::{
    Architecture, Branches, Chain, Convolution, Crop, Join, Network, Pool, Pooling, Residual,
};
use crate::{Error, Result};
use ndarray::Array2;

/// Makes an untrained `ChromBPNet`: 2114 positions in, a profile over 1000 positions and its total count out.
///
/// # Examples
///
/// ```no_run
/// let network = genolens::network::chrombpnet();
/// println!("{network}");
/// ```
pub fn chrombpnet() -> Network {
    match ChromBpNet::new().build() {
        Ok(network) => network,
        Err(error) => unreachable!("the layers of ChromBPNet fit together: {error}"),
    }
}

/// `ChromBPNet`: accessibility of chromatin at every position, and beside it what the enzyme of the experiment prefers to cut.
///
/// Two models like [`BpNet`] with filters that stay inside the sequence read the same positions:
///
/// | layer | accessibility | bias |
/// |---|---|---|
/// | input | (4, 2114) | (4, 2114) |
/// | filters of 21, rectifier | (512, 2094) | (128, 2094) |
/// | filters of 3 with dilation 2, 4, …, rectifier; added to the middle of their input | 8 times: (512, 1074) | 4 times: (128, 2034) |
/// | profile head: a filter of 75, cropped to the middle | (1, 1000) | (1, 1000) |
/// | count head: mean over all positions that are left, dense | 1 | 1 |
///
/// The logits of both profiles are added, and so are the counts (their logarithms become `log(exp(a) + exp(b))`). Weights of the
/// first branch (`0.branches.0`) are those of the accessibility, of the second those of the bias. The bias comes from a file or is trained first;
/// [`without_bias`](Self::without_bias) is either model alone. A profile is in logits, counts are logarithms; [`split`](Self::split) takes the
/// two apart.
///
/// Layers and sizes are those of the `chrombpnet` package, checked against the same model in `PyTorch` 2.15; the 128 filters and 4 dilated layers
/// of the bias model are its usual ones.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network::{self, ChromBpNet}};
/// # fn main() -> genolens::Result<()> {
/// let small = ChromBpNet::new().length(300, 100).accessibility(8, 3).bias(4, 2);
/// let out = network::predict(&small.build()?, &Array3::zeros((5, 4, 300)))?;
/// let out = small.split(&out)?;
/// assert_eq!(out.profiles().dim(), (5, 1, 100));
/// assert_eq!(out.counts().dim(), (5, 1));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Pampari et al. 2024, doi:10.1101/2024.12.25.630221.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChromBpNet {
    input: usize,
    output: usize,
    accessibility: (usize, usize),
    bias: Option<(usize, usize)>,
}

/// Width of the filters of the profile head.
const HEAD: usize = 75;

impl ChromBpNet {
    /// Takes the published sizes.
    pub fn new() -> Self {
        Self {
            input: 2114,
            output: 1000,
            accessibility: (512, 8),
            bias: Some((128, 4)),
        }
    }

    /// Sets how many positions the network reads and how many of them, in the middle, it predicts.
    pub fn length(mut self, input: usize, output: usize) -> Self {
        (self.input, self.output) = (input, output);
        self
    }

    /// Sets the filters of every layer and the dilated layers of the accessibility model; the dilation doubles from 2 on.
    pub fn accessibility(mut self, filters: usize, blocks: usize) -> Self {
        self.accessibility = (filters, blocks);
        self
    }

    /// Sets the filters of every layer and the dilated layers of the bias model.
    pub fn bias(mut self, filters: usize, blocks: usize) -> Self {
        self.bias = Some((filters, blocks));
        self
    }

    /// Leaves the bias model out: what is left predicts the accessibility alone, or is a bias model of its own.
    pub fn without_bias(mut self) -> Self {
        self.bias = None;
        self
    }

    /// Returns the filters and dilated layers of all models, the accessibility first.
    pub(crate) fn models(&self) -> impl Iterator<Item = (usize, usize)> {
        std::iter::once(self.accessibility).chain(self.bias)
    }

    /// Returns the layers.
    pub fn architecture(&self) -> Architecture {
        let layers = Architecture::sequences(4).length(self.input);
        let logits = self.output;
        let chain = |model| self.chain(model);
        match self.bias {
            Some(bias) => {
                let both = Branches::new(Join::Reads { logits });
                layers.then(both.with(chain(self.accessibility)).with(chain(bias)))
            }
            None => (chain(self.accessibility).layers().iter())
                .fold(layers, |layers, layer| layers.then(layer.clone())),
        }
    }

    fn chain(&self, (filters, blocks): (usize, usize)) -> Chain {
        let mut layers = Chain::new().convolution(filters, 21).relu();
        let mut length = self.input.saturating_sub(20);
        for block in 1..=blocks.min(32) {
            let dilated = Convolution::new(filters, 3).dilation(1 << block);
            let body = Chain::new().then(dilated).relu();
            layers = layers.then(Residual::new(body).cropped());
            length = length.saturating_sub(2 << block);
        }
        let cut = length.saturating_sub(HEAD - 1 + self.output);
        let profile = Chain::new()
            .convolution(1, HEAD)
            .then(Crop::new(cut / 2, cut - cut / 2))
            .flatten();
        let counts = Chain::new().then(Pool::global(Pooling::Average)).dense(1);
        layers.then(Branches::concatenate().with(profile).with(counts))
    }

    /// Draws first weights.
    ///
    /// # Errors
    ///
    /// Fails when a size is 0 or the sequences are too short for what is predicted, and says how long they must be.
    pub fn build(&self) -> Result<Network> {
        if self.output == 0 {
            return Err(Error::value("output", "at least 1", 0));
        }
        for (_, blocks) in self.models() {
            let lost = (1..=blocks.min(32))
                .map(|block| 2_usize << block)
                .sum::<usize>();
            let shortest = (20 + lost + HEAD - 1).saturating_add(self.output);
            if self.input < shortest {
                let expected = format!("at least {shortest} to predict {} positions", self.output);
                return Err(Error::value("input", expected, self.input));
            }
        }
        self.architecture().build()
    }

    /// Takes the scores of such a network apart, shape `(n, output + 1)`.
    ///
    /// # Errors
    ///
    /// Fails when the scores have another shape.
    pub fn split(&self, scores: &Array2<f32>) -> Result<Profiles> {
        let same = BpNet::new().length(self.input, self.output).tracks(1);
        same.split(scores)
    }
}

impl Default for ChromBpNet {
    fn default() -> Self {
        Self::new()
    }
}
