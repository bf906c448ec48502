//! Networks drawn at random: layers of all kinds in any order, with weights and moments that are not the first ones.

use genolens::candle_core::{Device, Tensor};
use genolens::network::{
    Activation, Architecture, Attention, BatchNorm, BothStrands, Branches, Chain, Convolution,
    Crop, Dropout, Flatten, Join, Layer, LayerNorm, Lstm, Network, Padding, Pool, Pooling,
    PositionalEncoding, Residual, RmsNorm, Softmax, TransposedConvolution,
};

/// Choices that follow from a number.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    /// Draws a number below another one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn either(&mut self) -> bool {
        self.below(2) == 0
    }

    fn convolution(&mut self, filters: usize) -> Convolution {
        let padding = match self.below(4) {
            0 => Padding::Valid,
            1 => Padding::Same,
            2 => Padding::Full,
            _ => Padding::Zeros(self.below(5)),
        };
        // Few and many channels are computed in different ways.
        Convolution::new(filters, 1 + self.below(6))
            .padding(padding)
            .stride([1, 1, 2, 3][self.below(4)])
            .dilation([1, 1, 2, 4][self.below(4)])
    }

    fn pooling(&mut self) -> Pooling {
        if self.either() {
            Pooling::Max
        } else {
            Pooling::Average
        }
    }

    fn pool(&mut self) -> Pool {
        let pooling = self.pooling();
        if self.below(4) == 0 {
            return Pool::adaptive(pooling, 1 + self.below(7));
        }
        let width = 1 + self.below(5);
        let pool = Pool::local(pooling, width).stride(1 + self.below(5));
        let pool = pool.padding(self.below(width / 2 + 1));
        let pool = if self.either() { pool.ceil() } else { pool };
        pool.count_padding(self.either())
    }

    fn activation(&mut self) -> Activation {
        [
            Activation::Relu,
            Activation::Relu,
            Activation::Gelu,
            Activation::Tanh,
            Activation::LeakyRelu(0.1),
            Activation::Softplus,
        ][self.below(6)]
    }

    /// Draws a layer that keeps the length, for so many channels.
    fn keeping(&mut self, channels: usize) -> Layer {
        match self.below(6) {
            0 => BatchNorm::new().into(),
            1 => LayerNorm::new().into(),
            2 => RmsNorm::new().into(),
            3 => Dropout::new(0.5).into(),
            4 => self.activation().into(),
            _ => Convolution::new(channels, 1 + 2 * self.below(3))
                .padding(Padding::Same)
                .dilation(1 + self.below(3))
                .into(),
        }
    }

    fn some_keeping(&mut self, channels: usize) -> Chain {
        let layers = self.below(4);
        (0..layers).fold(Chain::new(), |chain, _| chain.then(self.keeping(channels)))
    }

    /// Adds one layer, or a few, that read sequences with so many channels; returns how many they give.
    fn sequence_layer(&mut self, chain: Chain, channels: usize) -> (Chain, usize) {
        match self.below(20) {
            0..4 => {
                let filters = [3, 8, 20][self.below(3)];
                (chain.then(self.convolution(filters)), filters)
            }
            4 => {
                let layer = self.convolution(2 * channels).groups(channels);
                (chain.then(layer), 2 * channels)
            }
            5 | 6 => (chain.then(self.activation()), channels),
            7 | 8 => (chain.then(self.pool()), channels),
            9 => (
                chain.then(Crop::new(self.below(4), self.below(4))),
                channels,
            ),
            10 => {
                let body = self.some_keeping(channels);
                let shortcut = self.some_keeping(channels);
                (chain.then(Residual::new(body).shortcut(shortcut)), channels)
            }
            11 => {
                let wide = Convolution::new(channels, 3).dilation(1 + self.below(3));
                let body = self.some_keeping(channels).then(wide);
                (chain.then(Residual::new(body).cropped()), channels)
            }
            12 => {
                let count = 1 + self.below(3);
                let join = [Join::Add, Join::Multiply, Join::Concatenate][self.below(3)];
                let branches = (0..count).fold(Branches::new(join), |branches, _| {
                    branches.with(self.some_keeping(channels))
                });
                let factor = if join == Join::Concatenate { count } else { 1 };
                (chain.then(branches), factor * channels)
            }
            13 => {
                let (inside, channels) = self.sequence_layer(Chain::new(), channels);
                let (inside, channels) = self.sequence_layer(inside, channels);
                let both = if self.either() {
                    BothStrands::max(inside)
                } else {
                    BothStrands::mean(inside)
                };
                (chain.then(both), channels)
            }
            14 => (chain.then(Softmax), channels),
            15 => match self.below(4) {
                0 => (chain.then(Lstm::new(3).bidirectional()), 6),
                1 => (chain.then(Attention::new(1)), channels),
                2 => (chain.then(TransposedConvolution::new(4, 3).stride(2)), 4),
                _ => (chain.then(PositionalEncoding::new()), channels),
            },
            _ => (chain.then(self.keeping(channels)), channels),
        }
    }

    /// Ends a chain, perhaps in features.
    fn ended(&mut self, chain: Chain) -> Chain {
        let pooling = self.pooling();
        match self.below(8) {
            0..3 => chain
                .then(Pool::global(pooling))
                .dense(5)
                .then(self.activation())
                .dense(2),
            3..5 => chain
                .then(Flatten)
                .dense(6)
                .then(BatchNorm::new())
                .relu()
                .dense(3),
            5 => {
                let profile = Chain::new().then(Flatten);
                let counts = Chain::new().then(Pool::global(pooling)).dense(1);
                chain.then(Branches::concatenate().with(profile).with(counts))
            }
            6 => chain
                .then(Flatten)
                .then(Dropout::new(0.1))
                .dense(4)
                .then(Softmax),
            _ => chain,
        }
    }

    /// Draws a network for DNA of this length; none where the layers do not fit together.
    pub(crate) fn network(&mut self, length: usize) -> Option<Network> {
        let (mut chain, mut channels) = (Chain::new(), 4);
        for _ in 0..=self.below(6) {
            (chain, channels) = self.sequence_layer(chain, channels);
        }
        chain = self.ended(chain);
        if self.below(6) == 0 {
            chain = Chain::new().then(BothStrands::max(chain));
        }
        let begin = Architecture::sequences(4).length(length);
        let layers = chain.layers().iter().cloned();
        let network = layers.fold(begin, Architecture::then).build().ok()?;
        Some(self.other_weights(&network))
    }

    /// Gives biases, scales and observed moments values of their own.
    fn other_weights(&mut self, network: &Network) -> Network {
        let mut network = network.clone();
        for name in network.weight_names() {
            let own = network.tensor(&name).unwrap();
            let last = name.rsplit('.').next().unwrap();
            let (middle, spread) = match last {
                "bias" | "shift" | "mean" => (0.0, 0.6),
                "scale" => (1.0, 0.8),
                "variance" => (1.0, 0.9),
                _ => continue,
            };
            let values = (0..own.elem_count())
                .map(|_| middle + spread * (self.below(2001) as f32 / 1000.0 - 1.0));
            let values = Tensor::from_vec(values.collect::<Vec<_>>(), own.dims(), &Device::Cpu);
            network = network.with_tensor(&name, &values.unwrap()).unwrap();
        }
        network
    }

    /// Draws a sequence in which some letters are unknown.
    pub(crate) fn text(&mut self, length: usize) -> String {
        let mut letter = || b"ACGTACGTACGTN"[self.below(13)] as char;
        (0..length).map(|_| letter()).collect()
    }
}
