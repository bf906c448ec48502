//! The architecture of `BPNet`.

use super::Profiles;
use crate::network::{
    Architecture, Branches, Chain, Convolution, Crop, Network, Padding, Pool, Pooling,
};
use crate::{Error, Result};
use ndarray::{Array2, Axis, Slice};

/// Makes an untrained `BPNet`: 2114 positions in, profiles over 1000 positions and total counts out.
///
/// # Examples
///
/// ```no_run
/// let network = genolens::network::bpnet();
/// println!("{network}");
/// ```
pub fn bpnet() -> Network {
    match BpNet::new().build() {
        Ok(network) => network,
        Err(error) => unreachable!("the layers of BPNet fit together: {error}"),
    }
}

/// `BPNet`: how reads are spread over every position, from dilated convolutions around which the input is carried.
///
/// | layer | output |
/// |---|---|
/// | input | (4, 2114) |
/// | 64 filters of 21, same length, rectifier | (64, 2114) |
/// | 8 times: 64 filters of 3 with dilation 2, 4, … 256, same length, rectifier; added to their input | (64, 2114) |
/// | profile head: a filter of 75 a track, cropped to the middle | (tracks, 1000) |
/// | count head: mean over the middle 1000 and 37 positions on either side, dense | 1 |
/// | both heads one after the other | 1000 tracks + 1 |
///
/// Sizes are those of the `PyTorch` port bpnet-lite, without control tracks. A profile is in logits: its softmax over the positions is
/// where reads fall; counts are logarithms. [`split`](Self::split) takes the two apart.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network::{self, BpNet}};
/// # fn main() -> genolens::Result<()> {
/// let small = BpNet::new().length(300, 100).filters(8).blocks(3).tracks(2);
/// let network = small.build()?;
/// let out = network::predict(&network, &Array3::zeros((5, 4, 300)))?;
/// let out = small.split(&out)?;
/// assert_eq!(out.profiles().dim(), (5, 2, 100));
/// assert_eq!(out.counts().dim(), (5, 1));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Avsec et al. 2021, doi:10.1038/s41588-021-00782-6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BpNet {
    input: usize,
    output: usize,
    filters: usize,
    blocks: usize,
    tracks: usize,
    counts: usize,
    basepairmodels: bool,
}

/// The most dilated layers: the next dilation would be too large for a layer.
const DOUBLED: usize = 30;

/// Width of the filters of the profile head.
const HEAD: usize = 75;

impl BpNet {
    /// Takes the sizes of bpnet-lite: two tracks (strands) and one total.
    pub fn new() -> Self {
        Self {
            input: 2114,
            output: 1000,
            filters: 64,
            blocks: 8,
            tracks: 2,
            counts: 1,
            basepairmodels: false,
        }
    }

    /// Sets how many positions the network reads and how many of them, in the middle, it predicts.
    pub fn length(mut self, input: usize, output: usize) -> Self {
        (self.input, self.output) = (input, output);
        self
    }

    /// Sets the number of filters of every layer.
    pub fn filters(mut self, filters: usize) -> Self {
        self.filters = filters;
        self
    }

    /// Sets the number of dilated layers, at most 30; the dilation doubles from 2 on.
    pub fn blocks(mut self, blocks: usize) -> Self {
        self.blocks = blocks;
        self
    }

    /// Sets the number of profiles, such as strands or experiments.
    pub fn tracks(mut self, tracks: usize) -> Self {
        self.tracks = tracks;
        self
    }

    /// Sets the number of total counts.
    pub fn counts(mut self, counts: usize) -> Self {
        self.counts = counts;
        self
    }

    /// Takes the layers of the `basepairmodels` package: rectifiers stand before the dilated filters instead of behind them and once more at the
    /// end, a second filter of 1 follows the profile head, and a second dense layer the count head.
    pub fn basepairmodels(mut self) -> Self {
        self.basepairmodels = true;
        self
    }

    pub(crate) fn is_basepairmodels(&self) -> bool {
        self.basepairmodels
    }

    /// Returns the layers.
    pub fn architecture(&self) -> Architecture {
        let same = |filters, width| Convolution::new(filters, width).padding(Padding::Same);
        let mut layers = Architecture::sequences(4)
            .length(self.input)
            .then(same(self.filters, 21));
        if !self.basepairmodels {
            layers = layers.relu();
        }
        for block in 1..=self.blocks.min(DOUBLED) {
            let dilated = same(self.filters, 3).dilation(1 << block);
            layers = layers.residual(if self.basepairmodels {
                Chain::new().relu().then(dilated)
            } else {
                Chain::new().then(dilated).relu()
            });
        }
        if self.basepairmodels {
            layers = layers.relu();
        }
        let cut = self.input.saturating_sub(self.output);
        let (left, right) = (cut / 2, cut - cut / 2);
        let mut profile = Chain::new()
            .then(same(self.tracks, HEAD))
            .then(Crop::new(left, right));
        let overhang = HEAD / 2;
        let around = Crop::new(
            left.saturating_sub(overhang),
            right.saturating_sub(overhang),
        );
        let mut counts = Chain::new()
            .then(around)
            .then(Pool::global(Pooling::Average))
            .dense(self.counts);
        if self.basepairmodels {
            profile = profile.convolution(self.tracks, 1);
            counts = counts.dense(self.counts);
        }
        let profile = profile.flatten();
        layers.then(Branches::concatenate().with(profile).with(counts))
    }

    /// Draws first weights.
    ///
    /// # Errors
    ///
    /// Fails when a size is 0 or more positions are predicted than read.
    pub fn build(&self) -> Result<Network> {
        if self.output == 0 || self.output > self.input {
            let expected = format!("from 1 to {}, the length of the input", self.input);
            return Err(Error::value("output", expected, self.output));
        }
        for (name, value) in [("tracks", self.tracks), ("counts", self.counts)] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", value));
            }
        }
        if self.blocks > DOUBLED {
            let expected = format!("at most {DOUBLED}, as the dilation doubles");
            return Err(Error::value("blocks", expected, self.blocks));
        }
        self.architecture().build()
    }

    /// Takes the scores of such a network apart, shape `(n, tracks * output + counts)`.
    ///
    /// # Errors
    ///
    /// Fails when the scores have another shape.
    pub fn split(&self, scores: &Array2<f32>) -> Result<Profiles> {
        let (tracks, length) = (self.tracks, self.output);
        let (n, columns) = scores.dim();
        let wrong = || {
            let expected = format!("(n, {})", tracks * length + self.counts);
            Error::shape("scores", expected, scores.shape())
        };
        if columns != tracks * length + self.counts {
            return Err(wrong());
        }
        let part = |from: usize, to: usize| scores.slice_axis(Axis(1), Slice::from(from..to));
        let profiles = part(0, tracks * length).as_standard_layout().into_owned();
        let profiles = profiles.into_shape_with_order((n, tracks, length));
        let counts = part(tracks * length, columns).to_owned();
        Ok(Profiles::new(profiles.map_err(|_| wrong())?, counts))
    }
}

impl Default for BpNet {
    fn default() -> Self {
        Self::new()
    }
}
