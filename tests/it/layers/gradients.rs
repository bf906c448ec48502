//! Gradients of every layer against finite differences, in double precision.

use super::case::{Case, flat, tensor, wave};
use crate::device::{is_ours, on_every_device};
use genolens::candle_core::DType;
use genolens::network::{
    Activation, Attention, BatchNorm, Convolution, ImageConvolution, Layer, LayerNorm, Lstm, Model,
    Padding, Pool, Pooling, RmsNorm, Softmax, TransposedConvolution,
};
use proptest::prelude::*;

/// Numbers from -1 to 1 of which no two are close, nor one to where an activation has a kink.
fn distinct(count: usize, seed: u32) -> Vec<f64> {
    let mut values: Vec<f64> = (0..count)
        .map(|place| (place as f64 + 0.37) * 2.0 / count as f64 - 1.0)
        .collect();
    let mut state = seed;
    for place in (1..count).rev() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        values.swap(place, (state >> 8) as usize % (place + 1));
    }
    values
}

fn pooling() -> impl Strategy<Value = Pooling> {
    prop_oneof![Just(Pooling::Max), Just(Pooling::Average)]
}

fn pool() -> impl Strategy<Value = Layer> {
    let local = (
        pooling(),
        1_usize..6,
        1_usize..5,
        0_usize..3,
        any::<[bool; 2]>(),
    )
        .prop_map(|(pooling, width, stride, padding, [ceil, counted])| {
            let pool = Pool::local(pooling, width).stride(stride);
            let pool = pool.padding(padding.min(width / 2)).count_padding(counted);
            Layer::from(if ceil { pool.ceil() } else { pool })
        });
    let adaptive = (pooling(), 1_usize..9);
    prop_oneof![
        4 => local,
        1 => adaptive.prop_map(|(pooling, windows)| Pool::adaptive(pooling, windows).into()),
        1 => pooling().prop_map(|pooling| Pool::global(pooling).into()),
    ]
}

fn activation() -> impl Strategy<Value = Layer> {
    let threshold = Activation::Threshold {
        threshold: 0.25,
        value: 0.0625,
    };
    prop::sample::select(vec![
        Activation::Relu,
        Activation::LeakyRelu(0.125),
        Activation::Elu(1.5),
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Silu,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Exp,
        threshold,
    ])
    .prop_map(Layer::from)
}

fn convolution() -> impl Strategy<Value = Layer> {
    // Four channels, so that one, two and four groups fit.
    let shapes = (1_usize..5, 1_usize..4, 0_usize..4, 1_usize..3, 0_u32..3);
    (shapes, any::<bool>()).prop_map(|((width, stride, padding, dilation, groups), transposed)| {
        let groups = 2_usize.pow(groups);
        if transposed {
            let layer = TransposedConvolution::new(4, width)
                .stride(stride)
                .dilation(dilation);
            return layer.padding(padding.min(2)).groups(groups).into();
        }
        let layer = Convolution::new(4, width).stride(stride).dilation(dilation);
        layer.padding(Padding::Zeros(padding)).groups(groups).into()
    })
}

fn norm() -> impl Strategy<Value = Layer> {
    prop::sample::select(vec![
        Layer::from(BatchNorm::new()),
        LayerNorm::new().into(),
        RmsNorm::new().into(),
        Softmax.into(),
    ])
}

fn mixing() -> impl Strategy<Value = Layer> {
    let lstm = (1_usize..4, any::<(bool, bool)>()).prop_map(|(hidden, (both, last))| {
        let layer = Lstm::new(hidden);
        let layer = if both { layer.bidirectional() } else { layer };
        Layer::from(if last { layer.last() } else { layer })
    });
    let heads = prop::sample::select(vec![1, 2, 4]);
    prop_oneof![lstm, heads.prop_map(|heads| Attention::new(heads).into())]
}

fn layer() -> impl Strategy<Value = Layer> {
    prop_oneof![3 => pool(), 1 => activation(), 3 => convolution(), 2 => norm(), 3 => mixing()]
}

fn image_layer() -> impl Strategy<Value = Layer> {
    let sizes = (1_usize..4, 1_usize..4, 1_usize..4);
    let convolution =
        (sizes, 0_usize..4, 1_usize..3).prop_map(|((tall, wide, stride), padding, dilation)| {
            let layer = ImageConvolution::new(3, 1).size(tall, wide);
            let layer = layer.stride(stride).dilation(dilation);
            Layer::from(layer.padding(Padding::Zeros(padding)))
        });
    // Windows of up to four pixels, which every image has.
    let local = (
        pooling(),
        1_usize..5,
        1_usize..4,
        0_usize..3,
        any::<[bool; 2]>(),
    )
        .prop_map(|(pooling, width, stride, padding, [ceil, counted])| {
            let pool = Pool::local(pooling, width).stride(stride);
            let pool = pool.padding(padding.min(width / 2)).count_padding(counted);
            Layer::from(if ceil { pool.ceil() } else { pool })
        });
    prop_oneof![
        4 => convolution,
        2 => local,
        1 => (pooling(), 1_usize..6).prop_map(|(pooling, windows)| Pool::adaptive(pooling, windows).into()),
        1 => pooling().prop_map(|pooling| Pool::global(pooling).into()),
        1 => Just(BatchNorm::new().into()),
    ]
}

/// Compares the gradients of a layer with finite differences.
fn check(layer: &Layer, shape: &[usize], seed: u32) -> Result<(), TestCaseError> {
    let x = distinct(shape.iter().product(), seed);
    let case = Case::new(layer.clone(), (x, shape), DType::F64);
    let out = case.network.forward(&case.x).unwrap();
    let factors = tensor(wave(out.elem_count(), 0.5, 32.0), out.dims(), DType::F64);
    let sum = |case: &Case| -> f64 {
        flat(&case.out(factors.dims()))
            .iter()
            .zip(flat(&factors))
            .map(|(a, b)| a * b)
            .sum()
    };
    let vars = std::iter::once(&case.x).chain(case.weights.iter().map(|(_, var)| var));
    for (var, (name, gradient)) in vars.zip(case.gradients(&factors)) {
        if ["mean", "variance"].contains(&name.as_str()) {
            // Observed, not trained: constants for a gradient.
            prop_assert!(gradient.iter().all(|&slope| slope == 0.0));
            continue;
        }
        let values = flat(var);
        for place in 0..values.len() {
            let step = 1e-5;
            let around = [step, -step].map(|step| {
                let mut moved = values.clone();
                moved[place] += step;
                var.set(&tensor(moved, var.dims(), DType::F64)).unwrap();
                sum(&case)
            });
            var.set(&tensor(values.clone(), var.dims(), DType::F64))
                .unwrap();
            let slope = (around[0] - around[1]) / (2.0 * step);
            let apart = (slope - gradient[place]).abs();
            prop_assert!(
                apart < 1e-6,
                "{layer}, {name} {place}: {}, expected {slope}",
                gradient[place]
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if is_ours() { 384 } else { 96 }))]

    fn gradients_are_what_small_steps_show(
        layer in layer(), (n, channels, length) in (1_usize..4, Just(4_usize), 7_usize..14), seed in any::<u32>(),
    ) {
        check(&layer, &[n, channels, length], seed)?;
    }

    fn gradients_of_image_layers_are_what_small_steps_show(
        layer in image_layer(), (n, channels) in (1_usize..3, 1_usize..3), size in (5_usize..9, 5_usize..9), seed in any::<u32>(),
    ) {
        check(&layer, &[n, channels, size.0, size.1], seed)?;
    }
}

on_every_device!(
    gradients_are_what_small_steps_show,
    gradients_of_image_layers_are_what_small_steps_show,
);
