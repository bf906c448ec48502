//! The quick ways to compute a convolution against one that is written down term by term.

use crate::device::{here, on_every_device, placed};
use genolens::candle_core::{DType, Tensor, Var};
use genolens::network::{
    Activation, Architecture, Chain, Convolution, LayerNorm, Model, Network, Padding, Pool,
    Pooling, plainly,
};
use proptest::prelude::*;

/// What the examples hold.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Input {
    Noise,
    /// Letters, columns of zeros and of equal shares.
    Letters,
    /// Letters but for one number that is a little off.
    Nearly,
}

/// How filters are applied: alone, or with the maximum over the sequence, before which there may be a rectifier.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Alone,
    Strongest { rectified: bool },
}

#[derive(Clone, Debug)]
struct Case {
    n: usize,
    channels: usize,
    length: usize,
    filters: usize,
    width: usize,
    stride: usize,
    dilation: usize,
    padding: Padding,
    input: Input,
    form: Form,
    seed: u32,
}

fn cases() -> impl Strategy<Value = Case> {
    let padding = prop_oneof![
        Just(Padding::Valid),
        Just(Padding::Same),
        Just(Padding::Full),
        (0_usize..5).prop_map(Padding::Zeros),
    ];
    let form = prop_oneof![
        Just(Form::Alone),
        any::<bool>().prop_map(|rectified| Form::Strongest { rectified }),
    ];
    let input = prop_oneof![
        Just(Input::Noise),
        Just(Input::Letters),
        Just(Input::Nearly)
    ];
    let sizes = (
        1_usize..5,
        1_usize..6,
        1_usize..45,
        1_usize..50,
        1_usize..10,
    );
    (
        sizes,
        1_usize..4,
        1_usize..4,
        padding,
        input,
        form,
        any::<u32>(),
    )
        .prop_map(|(sizes, stride, dilation, padding, input, form, seed)| {
            let (n, channels, length, filters, width) = sizes;
            let channels = if input == Input::Noise { channels } else { 4 };
            Case {
                n,
                channels,
                length,
                filters,
                width,
                stride,
                dilation,
                padding,
                input,
                form,
                seed,
            }
        })
        .prop_filter("a filter fits", |case| {
            let (left, right) = case.zeros();
            case.length + left + right > case.dilation * (case.width - 1)
        })
}

/// Numbers that look random, -1 to 1.
fn noise(count: usize, seed: u32) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Few enough digits that single precision has them all.
            f64::from(state >> 20) / 2048.0 - 1.0
        })
        .collect()
}

impl Case {
    fn zeros(&self) -> (usize, usize) {
        let overhang = self.dilation * (self.width - 1);
        match self.padding {
            Padding::Valid => (0, 0),
            Padding::Same => (overhang / 2, overhang - overhang / 2),
            Padding::Full => (overhang, overhang),
            Padding::Zeros(zeros) => (zeros, zeros),
        }
    }

    fn positions(&self) -> usize {
        let (left, right) = self.zeros();
        (self.length + left + right - self.dilation * (self.width - 1) - 1) / self.stride + 1
    }

    fn x(&self) -> Vec<f64> {
        let count = self.n * self.channels * self.length;
        let random = noise(count, self.seed);
        if self.input == Input::Noise {
            return random;
        }
        let mut x = vec![0.0; count];
        for example in 0..self.n {
            for position in 0..self.length {
                let at = |letter: usize| (example * 4 + letter) * self.length + position;
                match (random[at(0)].abs() * 2048.0) as usize % 11 {
                    kind @ 0..8 => x[at(kind % 4)] = 1.0,
                    8 => (0..4).for_each(|letter| x[at(letter)] = 0.25),
                    _ => {}
                }
            }
        }
        if self.input == Input::Nearly {
            x[self.seed as usize % count] += 1.0 / 1024.0;
        }
        x
    }

    /// Visits every product of the convolution: numbers of the output, of the input and of the kernel.
    fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let (left, _) = self.zeros();
        for (i, filter) in (0..self.n).flat_map(|i| (0..self.filters).map(move |f| (i, f))) {
            for position in 0..self.positions() {
                for (channel, tap) in
                    (0..self.channels).flat_map(|c| (0..self.width).map(move |tap| (c, tap)))
                {
                    let at = position * self.stride + tap * self.dilation;
                    if at < left || at >= left + self.length {
                        continue;
                    }
                    visit(
                        (i * self.filters + filter) * self.positions() + position,
                        (i * self.channels + channel) * self.length + at - left,
                        (filter * self.channels + channel) * self.width + tap,
                    );
                }
            }
        }
    }

    fn network(&self) -> Network {
        let layer = Convolution::new(self.filters, self.width)
            .padding(self.padding)
            .stride(self.stride)
            .dilation(self.dilation);
        let architecture = Architecture::sequences(self.channels).then(layer);
        match self.form {
            Form::Alone => architecture,
            Form::Strongest { rectified: false } => architecture.global_max_pool(),
            Form::Strongest { rectified: true } => architecture.relu().global_max_pool(),
        }
        .build()
        .unwrap()
    }
}

fn near(found: &Tensor, expected: &[f64], tolerance: f64) {
    let found = found.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
    let found = found.to_vec1::<f64>().unwrap();
    assert_eq!(found.len(), expected.len());
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let scale = 1.0 + expected.abs();
        assert!(
            (found - expected).abs() <= tolerance * scale,
            "{found} not {expected} at {at}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    fn every_way_to_slide_filters_gives_the_sums_of_the_definition(case in cases()) {
        let x = case.x();
        let kernel = noise(case.filters * case.channels * case.width, case.seed ^ 1);
        let bias = noise(case.filters, case.seed ^ 2);
        let positions = case.positions();
        let mut out: Vec<f64> = (0..case.n * case.filters * positions)
            .map(|at| bias[at / positions % case.filters])
            .collect();
        case.products(|to, from, tap| out[to] += x[from] * kernel[tap]);
        // What is asked of every position, and what comes out.
        let (asked, result) = match case.form {
            Form::Alone => (noise(out.len(), case.seed ^ 3), out.clone()),
            Form::Strongest { rectified } => {
                let wanted = noise(case.n * case.filters, case.seed ^ 3);
                let mut asked = vec![0.0; out.len()];
                let mut result = Vec::new();
                for (row, (out, wanted)) in out.chunks(positions).zip(&wanted).enumerate() {
                    let best = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    // Where two are as strong but for rounding, either may be taken.
                    let close = out.iter().filter(|&&value| value > best - 1e-4).count();
                    prop_assume!(close == 1 && (!rectified || best.abs() > 1e-4));
                    let place = out.iter().position(|&value| value == best).unwrap();
                    let closed = rectified && best < 0.0;
                    asked[row * positions + place] = if closed { 0.0 } else { *wanted };
                    result.push(if closed { 0.0 } else { best });
                }
                (asked, result)
            }
        };
        let mut for_x = vec![0.0; x.len()];
        let mut for_kernel = vec![0.0; kernel.len()];
        case.products(|to, from, tap| {
            for_x[from] += asked[to] * kernel[tap];
            for_kernel[tap] += asked[to] * x[from];
        });
        let mut for_bias = vec![0.0; bias.len()];
        for (at, asked) in asked.iter().enumerate() {
            for_bias[at / positions % case.filters] += asked;
        }

        for (dtype, tolerance) in [(DType::F32, 2e-5), (DType::F64, 1e-12)] {
            let device = &here();
            let variable = |values: &[f64], shape: &[usize]| {
                let values = Tensor::from_slice(values, shape, device).unwrap();
                Var::from_tensor(&values.to_dtype(dtype).unwrap()).unwrap()
            };
            let own_x = variable(&x, &[case.n, case.channels, case.length]);
            let own_kernel = variable(&kernel, &[case.filters, case.channels, case.width]);
            let own_bias = variable(&bias, &[case.filters]);
            let network = placed(&case.network().to_dtype(dtype).unwrap());
            let network = network.with_tensor("0.convolution.kernel", &own_kernel).unwrap();
            let network = network.with_tensor("0.convolution.bias", &own_bias).unwrap();
            let found = network.forward(&own_x).unwrap();
            near(&found, &result, tolerance);
            let wanted = noise(result.len(), case.seed ^ 3);
            let wanted = Tensor::from_slice(&wanted, found.shape(), device).unwrap();
            let sum = (found * wanted.to_dtype(dtype).unwrap()).unwrap().sum_all().unwrap();
            let gradients = sum.backward().unwrap();
            near(gradients.get(&own_x).unwrap(), &for_x, tolerance);
            near(gradients.get(&own_kernel).unwrap(), &for_kernel, tolerance);
            near(gradients.get(&own_bias).unwrap(), &for_bias, tolerance);
        }
    }
}

fn a_number_that_is_none_reaches_the_scores() {
    for rectified in [false, true] {
        let architecture = Architecture::sequences(4).convolution(3, 5);
        let architecture = if rectified {
            architecture.relu()
        } else {
            architecture
        };
        let network = placed(&architecture.global_max_pool().build().unwrap());
        let mut x = vec![0.0_f32; 4 * 20];
        (0..20).for_each(|position| x[position] = 1.0);
        x[7] = f32::NAN;
        let x = Tensor::from_vec(x, (1, 4, 20), &here()).unwrap();
        let scores = network.forward(&x).unwrap().to_vec2::<f32>().unwrap();
        assert!(scores[0].iter().all(|score| score.is_nan()), "{scores:?}");
        // Letters, and a filter that is none.
        let kernel = Tensor::full(f32::NAN, (3, 4, 5), &here()).unwrap();
        let network = network
            .with_tensor("0.convolution.kernel", &kernel)
            .unwrap();
        let x = Tensor::ones((1, 1, 20), DType::F32, &here()).unwrap();
        let x = x.pad_with_zeros(1, 0, 3).unwrap();
        let scores = network.forward(&x).unwrap().to_vec2::<f32>().unwrap();
        assert!(scores[0].iter().all(|score| score.is_nan()), "{scores:?}");
    }
}

#[test]
fn layers_that_are_computed_at_once_still_show_their_insides() {
    let network = Architecture::sequences(4)
        .convolution(3, 5)
        .relu()
        .global_max_pool();
    let network = network.build().unwrap();
    let x = genolens::ndarray::Array3::from_shape_fn((2, 4, 30), |(i, letter, position)| {
        f32::from(u8::from((i + position * position) % 4 == letter))
    });
    let inside = network.activations(&x, 1).unwrap();
    assert_eq!(inside.shape(), [2, 3, 26]);
    let strongest = network.activations(&x, 2).unwrap();
    for (row, &strongest) in inside.rows().into_iter().zip(strongest.iter()) {
        let best = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert!((best - strongest).abs() < 1e-6);
    }
    let together = genolens::network::predict(&network, &x).unwrap();
    for (one, other) in together.iter().zip(&strongest) {
        assert!((one - other).abs() < 1e-6);
    }
}

#[test]
fn layers_in_one_operation_have_the_gradients_that_candle_finds() {
    let same = |width| Convolution::new(6, width).padding(Padding::Same);
    let network = Architecture::sequences(4)
        .length(24)
        .then(same(5))
        .relu()
        .residual(Chain::new().then(same(3).dilation(2)).relu())
        .then(LayerNorm::new())
        .then(same(3).groups(6))
        .convolution(5, 3)
        .batch_norm()
        .relu()
        .max_pool(2)
        .flatten()
        .dense(2);
    let network = network.build().unwrap().to_dtype(DType::F64).unwrap();
    let x = Tensor::from_vec(noise(3 * 4 * 24, 1), (3, 4, 24), &here()).unwrap();
    let x = Var::from_tensor(&x).unwrap();
    let learned: Vec<(String, Var)> = network
        .weight_names()
        .into_iter()
        .filter(|name| !name.ends_with("mean") && !name.ends_with("variance"))
        .map(|name| {
            let weight = network.tensor(&name).unwrap();
            (name, Var::from_tensor(&weight).unwrap())
        })
        .collect();
    for (is_explained, kept, training) in [
        (true, 0, false),
        (true, learned.len(), false),
        (false, learned.len(), true),
        // Only the last layers are learned, or all but the first.
        (false, 2, false),
        (true, learned.len() - 3, true),
    ] {
        let run = || {
            let mut network = network.clone();
            for (name, weight) in &learned[learned.len() - kept..] {
                network = network.with_tensor(name, weight).unwrap();
            }
            let x = if is_explained {
                x.as_tensor().clone()
            } else {
                x.as_detached_tensor()
            };
            let scores = if training {
                network.forward_training(&x, 1).unwrap().0
            } else {
                network.forward(&x).unwrap()
            };
            let asked = Tensor::from_vec(noise(6, 2), (3, 2), &here()).unwrap();
            let sum = (&scores * asked).unwrap().sum_all().unwrap();
            let gradients = sum.backward().unwrap();
            let of = learned[learned.len() - kept..].iter();
            let of = of.map(|(_, weight)| weight.as_tensor());
            let of = of.chain(is_explained.then_some(&x));
            let found = of.map(|of| gradients.get(of).unwrap().clone());
            [scores].into_iter().chain(found).collect::<Vec<_>>()
        };
        for (found, expected) in run().iter().zip(plainly(run)) {
            let expected = expected.flatten_all().unwrap().to_vec1::<f64>().unwrap();
            near(found, &expected, 1e-10);
        }
    }
}

fn a_norm_and_a_pool_at_once_give_what_they_give_one_after_the_other() {
    let device = &here();
    let pools = [
        Pool::local(Pooling::Max, 3),
        Pool::local(Pooling::Max, 4).stride(2).padding(1).ceil(),
        Pool::adaptive(Pooling::Max, 5),
    ];
    for (pool, dtype, training) in pools.into_iter().flat_map(|pool| {
        let kinds = [
            (DType::F32, false),
            (DType::F64, false),
            (DType::F32, true),
            (DType::F64, true),
        ];
        kinds
            .into_iter()
            .map(move |(dtype, training)| (pool, dtype, training))
    }) {
        let variable = |values: Vec<f64>, shape: &[usize]| {
            let values = Tensor::from_vec(values, shape, device).unwrap();
            Var::from_tensor(&values.to_dtype(dtype).unwrap()).unwrap()
        };
        let x = variable(noise(3 * 4 * 23, 1), &[3, 4, 23]);
        // Falling, flat and rising lines.
        let scale = variable(vec![1.0, -0.5, 0.0, 2.0, -1.5], &[5]);
        let shift = variable(vec![0.1, 0.2, -0.3, 0.0, 0.4], &[5]);
        // The same function, and only the first is known to be a rectifier.
        let run = |activation: Activation| {
            let network = Architecture::sequences(4)
                .length(23)
                .convolution(5, 3)
                .batch_norm();
            let network = network.activation(activation).then(pool).build().unwrap();
            let network = placed(&network.to_dtype(dtype).unwrap());
            let network = network.with_tensor("1.batch_norm.scale", &scale).unwrap();
            let network = network.with_tensor("1.batch_norm.shift", &shift).unwrap();
            let (scores, after) = if training {
                network.forward_training(&x, 1).unwrap()
            } else {
                (network.forward(&x).unwrap(), network)
            };
            let count = scores.elem_count();
            let asked = Tensor::from_vec(noise(count, 2), scores.shape(), device).unwrap();
            let sum = (&scores * asked.to_dtype(dtype).unwrap())
                .unwrap()
                .sum_all()
                .unwrap();
            let gradients = sum.backward().unwrap();
            let mut all = vec![scores, after.tensor("1.batch_norm.variance").unwrap()];
            for of in [&x, &scale, &shift] {
                all.push(gradients.get(of).unwrap().clone());
            }
            all
        };
        let pairs = run(Activation::Relu)
            .into_iter()
            .zip(run(Activation::LeakyRelu(0.0)));
        let tolerance = if dtype == DType::F32 { 1e-4 } else { 1e-11 };
        for (found, expected) in pairs {
            let expected = expected
                .to_dtype(DType::F64)
                .unwrap()
                .flatten_all()
                .unwrap();
            near(&found, &expected.to_vec1::<f64>().unwrap(), tolerance);
        }
    }
}

on_every_device!(
    a_norm_and_a_pool_at_once_give_what_they_give_one_after_the_other,
    every_way_to_slide_filters_gives_the_sums_of_the_definition,
    a_number_that_is_none_reaches_the_scores,
);
