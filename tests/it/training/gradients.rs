//! One step of gradient descent, against the gradient written down term by term.

use crate::device::{on_every_device, placed};
use genolens::ndarray::{Array1, Array3, Ix2, Ix3};
use genolens::network::{Architecture, Convolution, Padding, predict};
use genolens::training::{Fit, Loss, Sgd};
use proptest::prelude::*;

/// Numbers that look random, -1 to 1.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

fn padding() -> impl Strategy<Value = Padding> {
    prop_oneof![
        Just(Padding::Valid),
        Just(Padding::Same),
        Just(Padding::Full),
        (0_usize..6).prop_map(Padding::Zeros),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    fn kernels_move_along_their_gradient(
        // More examples than blocks of the sum, and numbers that do not divide into them.
        (n, channels, length) in (1_usize..40, 1_usize..4, 1_usize..20),
        (filters, width) in (1_usize..4, 1_usize..7),
        (stride, dilation) in (1_usize..4, 1_usize..4),
        padding in padding(),
        seed in any::<u32>(),
    ) {
        let reach = dilation * (width - 1);
        let (left, right) = match padding {
            Padding::Valid => (0, 0),
            Padding::Same => (reach / 2, reach - reach / 2),
            Padding::Full => (reach, reach),
            Padding::Zeros(zeros) => (zeros, zeros),
        };
        prop_assume!(length + left + right > reach);
        let layer = Convolution::new(filters, width).padding(padding).stride(stride).dilation(dilation);
        let network = Architecture::sequences(channels).length(length).then(layer).flatten().dense(1);
        let network = placed(&network.build().unwrap());
        let x = Array3::from_shape_vec((n, channels, length), noise(n * channels * length, seed)).unwrap();
        let labels = Array1::from(noise(n, seed ^ 1));

        // With the squared error every output pulls with twice its residual, and a dense layer passes that on by its weights.
        let rate = 1.0;
        let fitting = Fit::new().loss(Loss::SquaredError).optimizer(Sgd::new());
        let fitting = fitting.validation(0.0).epochs(1).batch(n).learning_rate(rate);
        let trained = fitting.run(&network, &x, &labels).unwrap();
        let residuals = (predict(&network, &x).unwrap().column(0).to_owned() - &labels).mapv(f64::from);
        let dense = network.weight("2.dense.weight").unwrap().into_dimensionality::<Ix2>().unwrap();
        let positions = dense.ncols() / filters;
        prop_assert_eq!(positions, (length + left + right - reach - 1) / stride + 1);
        let mut kernel = Array3::<f64>::zeros((filters, channels, width));
        let mut bias = Array1::<f64>::zeros(filters);
        for (i, residual) in residuals.iter().enumerate() {
            for filter in 0..filters {
                for position in 0..positions {
                    let pull = 2.0 * residual / n as f64 * f64::from(dense[[0, filter * positions + position]]);
                    bias[filter] += pull;
                    for channel in 0..channels {
                        for tap in 0..width {
                            let at = (position * stride + tap * dilation) as isize - left as isize;
                            if (0..length as isize).contains(&at) {
                                kernel[[filter, channel, tap]] += pull * f64::from(x[[i, channel, at as usize]]);
                            }
                        }
                    }
                }
            }
        }
        let moved = |name: &str| {
            let step = network.weight(name).unwrap() - trained.network().weight(name).unwrap();
            step.mapv(|by| f64::from(by) / rate)
        };
        let found = moved("0.convolution.kernel").into_dimensionality::<Ix3>().unwrap();
        // Single precision, of weights and of sums of at most a few hundred terms around 1.
        prop_assert!((&found - &kernel).iter().all(|d| d.abs() < 1e-5), "{found} {kernel}");
        prop_assert!((moved("0.convolution.bias") - bias).iter().all(|d| d.abs() < 1e-5));
    }
}

on_every_device!(kernels_move_along_their_gradient,);
