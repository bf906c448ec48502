//! Methods that look at layers, against what they must be where that is known.

use super::drawn_network::drawn_network;
use super::methods::{smooth, some};
use genolens::attribution::{
    ChannelWeights, ClassActivation, GradCam, GuidedBackpropagation, LayerwiseRelevance, Saliency,
    Sharing, gradient_x_input, guided_backpropagation, guided_grad_cam, layerwise_relevance,
    saliency,
};
use genolens::candle_core::{Device, Tensor};
use genolens::ndarray::{Array3, Axis, Ix3};
use genolens::network::{Architecture, Chain, Lstm, Network, Residual, predict};
use genolens::sequence::Sequences;

fn sequences() -> Sequences {
    Sequences::dna(["ACGTTGCATCGGATTACAGA", "TTTTTCCCCCAAAAAGGGGG"]).unwrap()
}

/// A rectified network without biases; with `positive`, all weights are.
fn rectified(positive: bool) -> Network {
    let network = Architecture::sequences(4)
        .length(20)
        .convolution(5, 4)
        .relu()
        .then(Residual::new(Chain::new().convolution(5, 1).relu()))
        .max_pool(3)
        .flatten()
        .dense(4)
        .relu()
        .dense(2)
        .seed(3);
    let mut network = network.build().unwrap();
    if positive {
        for name in network.weight_names() {
            let weight = network.tensor(&name).unwrap().abs().unwrap();
            network = network.with_tensor(&name, &weight).unwrap();
        }
    }
    network
}

fn near(found: &Array3<f32>, expected: &Array3<f32>, share: f32) {
    let size = expected.iter().fold(1e-3_f32, |a, b| a.max(b.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= share * size,
            "{found} {expected}"
        );
    }
}

#[test]
fn nothing_is_gated_where_all_speaks_for_the_output() {
    let (network, x) = (rectified(true), sequences());
    let expected = saliency(&network, &x).unwrap();
    for method in [
        GuidedBackpropagation::new(),
        GuidedBackpropagation::new().batch(1),
    ] {
        near(
            method.run(&network, &x).unwrap().scores(),
            expected.scores(),
            1e-6,
        );
    }
    // With weights of both signs the three differ, and deconvolution does not ask what the rectifiers saw.
    let network = rectified(false);
    let guided = guided_backpropagation(&network, &x).unwrap();
    let deconvolved = GuidedBackpropagation::new()
        .deconvolution()
        .run(&network, &x)
        .unwrap();
    let gradient = Saliency::new().absolute(false).run(&network, &x).unwrap();
    assert_ne!(guided.scores(), gradient.scores());
    assert_ne!(guided.scores(), deconvolved.scores());
    assert_eq!(
        (guided.method(), deconvolved.method()),
        ("guided backpropagation", "deconvolution")
    );
}

#[test]
fn relevance_without_biases_is_gradient_times_input() {
    let (network, x) = (rectified(false), sequences());
    let found = layerwise_relevance(&network, &x).unwrap();
    let expected = gradient_x_input(&network, &x).unwrap();
    near(found.scores(), expected.scores(), 1e-4);
    // Nothing is kept, so that the scores add up to the output.
    assert!(
        found
            .unexplained()
            .unwrap()
            .iter()
            .all(|rest| rest.abs() < 1e-5)
    );
    let outputs = predict(&network, &x).unwrap();
    for i in 0..2 {
        let sum = found.scores().index_axis(Axis(0), i).sum();
        assert!((sum - outputs[[i, 0]]).abs() < 1e-4);
    }
    // Only what speaks for the output has relevance, of all weights that are positive.
    for sharing in [Sharing::Positive, Sharing::Gamma(0.5)] {
        let method = LayerwiseRelevance::new().sharing(sharing);
        let found = method.run(&rectified(true), &x).unwrap();
        assert!(found.scores().iter().all(|&score| score >= 0.0));
        assert!(
            found
                .unexplained()
                .unwrap()
                .iter()
                .all(|rest| rest.abs() < 1e-4)
        );
    }
}

#[test]
fn a_class_activation_map_is_what_the_output_is_the_mean_of() {
    let network = Architecture::sequences(4)
        .length(20)
        .convolution(6, 5)
        .relu()
        .global_average_pool()
        .dropout(0.1)
        .dense(3)
        .seed(2)
        .build()
        .unwrap();
    let bias = Tensor::new(&[0.5_f32, -0.25, 1.0], &Device::Cpu).unwrap();
    let network = network.with_tensor("4.dense.bias", &bias).unwrap();
    let x = sequences();
    let outputs = predict(&network, &x).unwrap();
    let map = ClassActivation::new().target(1).map(&network, &x).unwrap();
    let grad = GradCam::new().target(1).rectified(false).layer(1);
    let grad = grad.map(&network, &x).unwrap();
    for i in 0..2 {
        let mean = map.row(i).mean().unwrap();
        assert!((mean - 0.25 - outputs[[i, 1]]).abs() < 1e-5);
        // Grad-CAM weighs with the gradient at one position, which has one of that many shares.
        for (cam, grad) in map.row(i).iter().zip(grad.row(i)) {
            assert!((cam - grad * map.ncols() as f32).abs() < 1e-4);
        }
    }
    let scores = ClassActivation::new().target(1).run(&network, &x).unwrap();
    assert_eq!(scores.observed().unwrap()[[0, 0]], map[[0, 0]]);
}

#[test]
fn channels_are_weighed_by_their_gradients() {
    let (network, x) = (drawn_network(0, 20), sequences());
    let last = network.summary().rows().len() - 2;
    let place = (0..=last).rev().find(|&layer| {
        let seen = network.activations(&x, layer).ok();
        seen.is_some_and(|seen| seen.ndim() == 3)
    });
    let place = place.unwrap();
    let seen = network.activations(&x, place).unwrap();
    let seen = seen.into_dimensionality::<Ix3>().unwrap();
    for weights in [ChannelWeights::Mean, ChannelWeights::Max] {
        let options = GradCam::new()
            .layer(place)
            .weights(weights)
            .rectified(false);
        let map = options.map(&network, &x).unwrap();
        assert_eq!(map.dim(), (2, seen.dim().2));
        let positive = options.clone().rectified(true).map(&network, &x).unwrap();
        assert_eq!(positive, map.mapv(|sum| sum.max(0.0)));
        assert_eq!(options.batch(1).map(&network, &x).unwrap(), map);
    }
    let guided = guided_grad_cam(&network, &x).unwrap();
    assert_eq!(guided.scores().dim(), (2, 4, 20));
}

#[test]
fn careless_calls_are_refused_by_name() {
    let (network, x) = (rectified(false), sequences());
    let recurrent = Architecture::sequences(4)
        .length(20)
        .convolution(4, 3)
        .then(Lstm::new(3).last())
        .dense(1)
        .build()
        .unwrap();
    let published = super::deep_lift::Other;
    let refused = [
        GradCam::new().layer(9).run(&network, &x),
        GradCam::new().layer(5).run(&network, &x),
        GradCam::new().target(2).run(&network, &x),
        GradCam::new().run(&published, &x),
        GuidedBackpropagation::new().target(7).run(&network, &x),
        GuidedBackpropagation::new().batch(0).run(&network, &x),
        GuidedBackpropagation::new().run(&network, &some()),
        ClassActivation::new().run(&smooth(), &some()),
        LayerwiseRelevance::new().run(&recurrent, &x),
        LayerwiseRelevance::new()
            .sharing(Sharing::Epsilon(f64::NAN))
            .run(&network, &x),
        LayerwiseRelevance::new()
            .sharing(Sharing::Gamma(-1.0))
            .run(&network, &x),
        LayerwiseRelevance::new().run(&published, &x),
    ];
    let said: Vec<String> = refused
        .into_iter()
        .map(|it| it.unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    `layer` is 9, expected below 8, the number of layers
    `layer` has shape (2, 4), expected one with positions, (n, channels, length), in place of layer 5 (dense 4)
    `target` is 2, expected below 2, the number of outputs
    `model` is another model, expected a network of the library, since layers are looked at
    `target` is 7, expected below 2, the number of outputs
    `batch` is 0, expected at least 1
    `x` has shape (3, 4, 10), expected (n, 4, 20)
    `model` is another, expected one that ends with a global average pool and a dense layer (Grad-CAM takes any)
    `layer 1 (LSTM 3, last state)` is one without, expected one that relevance propagation has a rule for: convolutions, dense layers, batch norms, pools, activations, and what joins them by sums
    `epsilon` is NaN, expected a number of 0 or more
    `gamma` is -1, expected a number of 0 or more
    `model` is another model, expected a network of the library, since layers are looked at
    ");
}
