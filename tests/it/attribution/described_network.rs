//! Networks that golden scripts describe in words, with weights that follow from their numbers.

use crate::layers::wave;
use genolens::candle_core::{DType, Device, Tensor};
use genolens::network::{
    Activation, Architecture, Chain, Convolution, Network, Padding, Pool, Pooling, Residual,
    Softmax,
};

/// Builds the network that `deep_lift.py` builds from the same words.
pub(super) fn described_network(description: &str, length: usize) -> Network {
    let mut architecture = Architecture::sequences(4).length(length);
    for layer in description.split(", ") {
        let words: Vec<&str> = layer.split(' ').collect();
        let number = |place: usize| words[place].parse::<usize>().unwrap();
        architecture = match words[0] {
            "conv" => {
                let padding = match words[3] {
                    "same" => Padding::Same,
                    "valid" => Padding::Valid,
                    _ => Padding::Full,
                };
                let mut layer = Convolution::new(number(1), number(2)).padding(padding);
                for place in (4..words.len()).step_by(2) {
                    layer = match words[place] {
                        "stride" => layer.stride(number(place + 1)),
                        _ => layer.dilation(number(place + 1)),
                    };
                }
                architecture.then(layer)
            }
            "bn" => architecture.batch_norm(),
            "max" => architecture.then(Pool::local(Pooling::Max, number(1)).stride(number(2))),
            "average" => {
                architecture.then(Pool::local(Pooling::Average, number(1)).stride(number(2)))
            }
            "globalmax" => architecture.global_max_pool(),
            "globalaverage" => architecture.global_average_pool(),
            "flatten" => architecture.flatten(),
            "dense" => architecture.dense(number(1)),
            "softmax" => architecture.then(Softmax),
            "residual" => {
                let inner = Convolution::new(number(1), number(2)).padding(Padding::Same);
                let body = Chain::new().then(inner).activation(function(words[3]));
                architecture.then(Residual::new(body))
            }
            other => architecture.activation(function(other)),
        };
    }
    let mut network = architecture.build().unwrap();
    for (index, name) in network.weight_names().into_iter().enumerate() {
        let shape = network.tensor(&name).unwrap().dims().to_vec();
        let mut values = wave(shape.iter().product(), index as f64 + 1.0, 1_048_576.0);
        for value in &mut values {
            *value /= 2.0;
            if name.ends_with("variance") {
                *value = value.abs() + 0.5;
            }
        }
        let weight = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
        let weight = weight.to_dtype(DType::F32).unwrap();
        network = network.with_tensor(&name, &weight).unwrap();
    }
    network
}

fn function(name: &str) -> Activation {
    match name {
        "relu" => Activation::Relu,
        "sigmoid" => Activation::Sigmoid,
        "tanh" => Activation::Tanh,
        "elu" => Activation::Elu(1.0),
        "softplus" => Activation::Softplus,
        "gelu" => Activation::Gelu,
        "silu" => Activation::Silu,
        "leaky" => Activation::LeakyRelu(0.1),
        other => panic!("no function {other}"),
    }
}
