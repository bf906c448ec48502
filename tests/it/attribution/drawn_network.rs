//! Networks of all kinds of layers, drawn at random.

use crate::device::placed;
use genolens::candle_core::{DType, Device, Tensor};
use genolens::network::{
    Activation, Architecture, Attention, BothStrands, Branches, Chain, Convolution, Join, Layer,
    LayerNorm, Lstm, Network, Padding, Pool, Pooling, PositionalEncoding, Residual, RmsNorm,
    Softmax, TransposedConvolution,
};
use genolens::random::Seed;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// Draws a network that reads sequences of so many positions over four letters and has three outputs.
///
/// The running moments of batch norms are none that a new network has.
pub(super) fn drawn_network(seed: u64, length: usize) -> Network {
    // A sequence may get too short for what comes next.
    let mut tries = (0..100).map(|attempt| seed + 1_000 * attempt);
    let network = tries.find_map(|seed| Some(unsettled(&attempt(seed, length)?, seed)));
    placed(&network.unwrap_or_else(|| panic!("seed {seed}: no network")))
}

fn attempt(seed: u64, length: usize) -> Option<Network> {
    let mut random = Seed::new(seed).named("network").generator();
    let mut architecture = Architecture::sequences(4).length(length);
    let mut channels = 4;
    for _ in 0..random.random_range(1..=3) {
        for layer in block(&mut random, &mut channels) {
            architecture = architecture.then(layer);
        }
    }
    architecture = match random.random_range(0..4) {
        0 => architecture.global_max_pool(),
        1 => architecture.global_average_pool(),
        2 => architecture.then(Lstm::new(3).bidirectional().last()),
        _ => architecture.flatten(),
    };
    architecture = architecture.dense(5);
    if random.random() {
        architecture = architecture.batch_norm();
    }
    architecture = architecture.activation(function(&mut random)).dense(3);
    if random.random_range(0..3) == 0 {
        architecture = architecture.then(Softmax);
    }
    architecture.seed(seed).build().ok()
}

/// Gives all weights that begin as constants other values.
fn unsettled(network: &Network, seed: u64) -> Network {
    let mut random = Seed::new(seed).named("weights").generator();
    let mut network = network.clone();
    for name in network.weight_names() {
        let range = match name.rsplit('.').next() {
            Some("variance") => 0.3..1.5,
            Some("scale") => 0.5..1.5,
            Some("bias" | "shift" | "mean") => -0.4..0.4,
            _ => continue,
        };
        let shape = network.tensor(&name).unwrap().dims().to_vec();
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|_| random.random_range(range.clone()))
            .collect();
        let weight = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
        let weight = weight.to_dtype(DType::F32).unwrap();
        network = network.with_tensor(&name, &weight).unwrap();
    }
    network
}

fn function(random: &mut impl Rng) -> Activation {
    let all = [
        Activation::Relu,
        Activation::Relu,
        Activation::LeakyRelu(0.1),
        Activation::Elu(1.0),
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Silu,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Exp,
        Activation::Threshold {
            threshold: 0.0,
            value: 1e-6,
        },
    ];
    *all.choose(random).unwrap()
}

fn same(random: &mut impl Rng, filters: usize) -> Convolution {
    let width = [1, 2, 3, 5].choose(random).unwrap();
    let dilation = random.random_range(1..=3);
    Convolution::new(filters, *width)
        .padding(Padding::Same)
        .dilation(dilation)
}

/// Draws layers.
fn block(random: &mut impl Rng, channels: &mut usize) -> Vec<Layer> {
    let mut convolved = |random: &mut _, layers: Vec<Layer>| {
        *channels = 6;
        let mut all: Vec<Layer> = vec![any_convolution(random).into()];
        all.extend(layers);
        all
    };
    let pooling = if random.random() {
        Pooling::Max
    } else {
        Pooling::Average
    };
    let activation = function(random);
    match random.random_range(0..13) {
        0 => convolved(random, vec![activation.into()]),
        1 => {
            let pool = Pool::local(pooling, 3).stride(2).padding(1);
            let pool = if random.random() { pool.ceil() } else { pool };
            let norm = genolens::network::BatchNorm::new();
            convolved(random, vec![norm.into(), activation.into(), pool.into()])
        }
        2 => {
            // Windows that overlap, one after the other.
            let pools = [
                Pool::local(pooling, 4).stride(1),
                Pool::local(pooling, 2).stride(1),
            ];
            let pools = pools.map(Layer::from).to_vec();
            convolved(random, pools)
        }
        3 => convolved(
            random,
            vec![Pool::adaptive(pooling, 5).into(), activation.into()],
        ),
        4 => {
            let body = Chain::new()
                .then(same(random, *channels))
                .activation(activation);
            vec![Residual::new(body).into()]
        }
        5 => {
            let body = Chain::new().then(same(random, 6)).activation(activation);
            let shortcut = Chain::new().convolution(6, 1);
            *channels = 6;
            vec![Residual::new(body).shortcut(shortcut).into()]
        }
        6 => {
            let join = if random.random() {
                Join::Multiply
            } else {
                Join::Add
            };
            let one = Chain::new().then(same(random, 3)).activation(activation);
            let other = Chain::new()
                .then(same(random, 3))
                .activation(Activation::Sigmoid);
            *channels = 3;
            vec![Branches::new(join).with(one).with(other).into()]
        }
        7 => {
            let one = Chain::new().then(same(random, 3)).activation(activation);
            let branches = Branches::concatenate().with(one).with(Chain::new());
            *channels += 3;
            vec![branches.into()]
        }
        8 => {
            let chain = Chain::new().then(same(random, 4)).activation(activation);
            *channels = 4;
            let both = if random.random() {
                BothStrands::max(chain)
            } else {
                BothStrands::mean(chain)
            };
            vec![both.into()]
        }
        9 => convolved(random, vec![LayerNorm::new().into(), activation.into()]),
        10 => convolved(
            random,
            vec![RmsNorm::new().epsilon(1e-3).into(), Softmax.into()],
        ),
        11 => convolved(
            random,
            vec![
                PositionalEncoding.into(),
                Attention::new(2).into(),
                Lstm::new(6).into(),
            ],
        ),
        _ => {
            *channels = 5;
            let drawn = TransposedConvolution::new(5, 3).stride(2).padding(1);
            vec![
                drawn.into(),
                activation.into(),
                genolens::network::Dropout::new(0.3).into(),
            ]
        }
    }
}

fn any_convolution(random: &mut impl Rng) -> Convolution {
    let padding = [
        Padding::Same,
        Padding::Full,
        Padding::Zeros(1),
        Padding::Zeros(3),
    ];
    let width = [2, 3, 5].choose(random).unwrap();
    Convolution::new(6, *width)
        .padding(*padding.choose(random).unwrap())
        .stride(random.random_range(1..=2))
        .dilation(random.random_range(1..=2))
}
