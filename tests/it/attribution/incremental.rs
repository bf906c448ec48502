//! What is computed only where a mutation reaches equals what is computed from whole sequences.

use super::drawn::Draw;
use genolens::attribution::{Effect, SaturationMutagenesis};
use genolens::candle_core::{DType, Device, Tensor};
use genolens::ndarray::{Array3, Axis};
use genolens::network::{self, Activation, Network};
use genolens::sequence::Sequences;
use std::collections::BTreeMap;

/// Of the largest score or a tenth of the output, whichever is larger.
const TOLERANCE: f32 = 1e-5;

fn largest(values: &Array3<f32>) -> f32 {
    values
        .iter()
        .fold(0.0, |largest, value| value.abs().max(largest))
}

/// Compares both ways, the slow one in double precision.
fn compare(network: &Network, x: &Sequences, target: usize) -> Result<(), String> {
    let options = SaturationMutagenesis::new()
        .target(target)
        .effect(Effect::Difference);
    let found = options.run(network, x).unwrap();
    let precise = network.to_dtype(DType::F64).unwrap();
    let expected = options.clone().incremental(false).run(&precise, x).unwrap();
    let outputs = network::predict(&precise, x).unwrap();
    let output = outputs
        .column(target)
        .iter()
        .fold(0.0_f32, |a, b| a.max(b.abs()));
    let scale = largest(expected.scores()).max(0.1 * output).max(1e-6);
    let apart = largest(&(found.scores() - expected.scores())) / scale;
    if apart <= TOLERANCE {
        return Ok(());
    }
    // Some networks are rough in single precision, whichever way they are computed.
    let slow = options.incremental(false).run(network, x).unwrap();
    let usual = largest(&(slow.scores() - expected.scores())) / scale;
    if apart <= 2.0 * usual {
        return Ok(());
    }
    Err(format!(
        "{apart:e} of {scale}, slowly {usual:e}\n{network}\n{}",
        x.text(0)
    ))
}

#[test]
fn drawn_networks_say_the_same() {
    let mut seen = BTreeMap::<String, usize>::new();
    let (mut count, mut wrong) = (0, Vec::new());
    for seed in 0..1500 {
        let mut draw = Draw::new(seed);
        let length = 1 + draw.below(if seed % 3 == 0 { 12 } else { 60 });
        let Some(network) = draw.network(length) else {
            continue;
        };
        count += 1;
        for name in network.weight_names() {
            let kinds = name
                .split('.')
                .filter(|part| part.parse::<usize>().is_err());
            for kind in kinds {
                *seen.entry(kind.to_owned()).or_default() += 1;
            }
        }
        let x = Sequences::dna([draw.text(length), draw.text(length)]).unwrap();
        let outputs = network::predict(&network, &x).unwrap().ncols();
        if let Err(problem) = compare(&network, &x, draw.below(outputs)) {
            wrong.push(format!("seed {seed}: {problem}"));
        }
    }
    assert!(count > 600, "only {count} networks");
    for kind in [
        "convolution",
        "batch_norm",
        "layer_norm",
        "rms_norm",
        "residual",
        "branches",
        "both_strands",
        "lstm",
        "attention",
        "transposed_convolution",
        "dense",
    ] {
        let times = seen.get(kind).copied().unwrap_or_default();
        assert!(times > 5, "{kind} only {times} times: {seen:?}");
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} networks\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn known_networks_say_the_same() {
    let mut draw = Draw::new(7);
    let networks = [
        (network::deepbind(20), 101),
        (network::deepbind(3), 2),
        (
            network::Basset::new()
                .tasks(3)
                .length(200)
                .filters([30, 20, 20])
                .hidden(50)
                .build()
                .unwrap(),
            200,
        ),
        (
            network::Basset::new()
                .tasks(2)
                .length(160)
                .filters([20, 18, 17])
                .hidden(20)
                .padded()
                .build()
                .unwrap(),
            160,
        ),
        (
            network::BpNet::new()
                .length(300, 100)
                .filters(18)
                .blocks(4)
                .tracks(2)
                .build()
                .unwrap(),
            300,
        ),
        (
            network::BpNet::new()
                .length(120, 60)
                .filters(5)
                .blocks(6)
                .basepairmodels()
                .build()
                .unwrap(),
            120,
        ),
        (
            network::ResidualNetwork::new()
                .filters(17)
                .blocks(3)
                .build()
                .unwrap(),
            70,
        ),
        (network::logistic_regression(30).unwrap(), 30),
    ];
    for (network, length) in networks {
        let x = Sequences::dna([draw.text(length)]).unwrap();
        let outputs = network::predict(&network, &x).unwrap().ncols();
        for target in [0, outputs - 1] {
            compare(&network, &x, target).unwrap();
        }
    }
}

#[test]
fn scores_do_not_depend_on_threads_or_neighbours() {
    let mut draw = Draw::new(3);
    let network = network::BpNet::new()
        .length(90, 40)
        .filters(20)
        .blocks(3)
        .build()
        .unwrap();
    let x = Sequences::dna([draw.text(90), draw.text(90), draw.text(90)]).unwrap();
    let run = |x: &Sequences| {
        let found = SaturationMutagenesis::new().run(&network, x).unwrap();
        found.scores().clone()
    };
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    let one = pool(1).install(|| run(&x));
    for threads in [2, 3] {
        assert_eq!(pool(threads).install(|| run(&x)), one, "{threads} threads");
    }
    let last = run(&x.select(&[2]).unwrap());
    assert_eq!(last.index_axis(Axis(0), 0), one.index_axis(Axis(0), 2));
}

/// Where numbers of the sequence itself are infinite, there is no difference to them: whole sequences are computed.
#[test]
fn what_is_infinite_is_what_it_was() {
    let network = network::Architecture::sequences(4)
        .convolution(2, 1)
        .activation(Activation::Exp)
        .activation(Activation::Exp)
        .activation(Activation::Tanh)
        .global_average_pool()
        .build()
        .unwrap();
    let name = network.weight_names()[0].clone();
    let kernel = [9.0_f32, 0.1, 0.2, 0.3, 0.3, 0.2, 0.1, 9.0];
    let kernel = Tensor::from_slice(&kernel, (2, 4, 1), &Device::Cpu).unwrap();
    let network = network.with_tensor(&name, &kernel).unwrap();
    for text in ["ACGTA", "CCGGC"] {
        let x = Sequences::dna([text]).unwrap();
        let options = SaturationMutagenesis::new()
            .target(1)
            .effect(Effect::Difference);
        let found = options.clone().run(&network, &x).unwrap();
        let expected = options.incremental(false).run(&network, &x).unwrap();
        assert!(
            largest(&(found.scores() - expected.scores())) < 1e-6,
            "{text}"
        );
        assert!(largest(found.scores()) > 1e-4);
    }
}
