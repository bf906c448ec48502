//! Published networks: their layers, their sizes, and what `PyTorch` computes with the same weights.

use crate::device::{here, is_ours, on_every_device, placed};
use genolens::candle_core::{DType, Tensor, Var};
use genolens::ndarray::{Array1, Array2, Array3, s};
use genolens::network::{
    self, Architecture, Basset, Beluga, BpNet, CnnBenchmark, DanQ, DeepSea, FactorizedBasset,
    Model, Network, Perceptron, ResidualNetwork, predict,
};
use genolens::training::Fit;

const GOLDEN: &str = include_str!("../golden/network/architectures.tsv");

/// Numbers from -1 to 1 that look random, on a grid; the same as in the golden script.
fn wave(count: usize, phase: f64) -> Vec<f64> {
    (0..count)
        .map(|k| ((1.3 * k as f64 + phase).sin() * 32.0).round_ties_even() / 32.0)
        .collect()
}

/// The golden weights have been rounded, too.
fn tensor(values: Vec<f64>, shape: &[usize], dtype: DType) -> Tensor {
    let tensor = Tensor::from_vec(values, shape, &here()).unwrap();
    let tensor = tensor.to_dtype(DType::F32).unwrap();
    tensor.to_dtype(dtype).unwrap()
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ').map(|cell| cell.parse().unwrap()).collect()
}

fn flat(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.flatten_all().unwrap().to_dtype(DType::F64).unwrap();
    flat.to_vec1().unwrap()
}

fn size(shape: &str) -> Vec<usize> {
    shape.split('x').map(|axis| axis.parse().unwrap()).collect()
}

/// Checks that numbers are as near as this share of the largest one.
fn near(what: &str, found: &[f64], golden: &[f64], share: f64) {
    assert_eq!(found.len(), golden.len(), "{what}");
    let largest = golden.iter().fold(1e-6_f64, |a, b| a.max(b.abs()));
    for (found, golden) in found.iter().zip(golden) {
        let apart = (found - golden).abs();
        assert!(
            apart <= share * largest,
            "{what}: {found}, expected {golden}, largest {largest}"
        );
    }
}

/// The network with the weights of the golden script, each of which can be differentiated.
fn with_waves(network: &Network, dtype: DType) -> (Network, Vec<(String, Var)>) {
    let mut network = placed(&network.to_dtype(dtype).unwrap());
    let mut weights = Vec::new();
    for (index, name) in network.weight_names().into_iter().enumerate() {
        let own = network.tensor(&name).unwrap();
        let dims = own.dims().to_vec();
        let mut values = wave(own.elem_count(), index as f64 + 1.0);
        let inputs: usize = dims[1..].iter().product();
        for value in &mut values {
            *value = if dims.len() > 1 {
                1.5 / (inputs as f64).sqrt() * *value
            } else if name.ends_with("scale") {
                1.0 + 0.2 * *value
            } else if name.ends_with("variance") {
                0.5 + value.abs()
            } else {
                0.1 * *value
            };
        }
        let weight = Var::from_tensor(&tensor(values, &dims, dtype)).unwrap();
        network = network.with_tensor(&name, &weight).unwrap();
        weights.push((name, weight));
    }
    (network, weights)
}

fn compare(name: &str, network: &Network) {
    for dtype in [DType::F32, DType::F64] {
        compare_in(dtype, name, network);
    }
}

fn compare_in(dtype: DType, name: &str, network: &Network) {
    let mut lines = GOLDEN
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let head = lines.find(|cells| cells[0] == "network" && cells[1] == name);
    let shape = size(head.unwrap_or_else(|| panic!("no golden {name}"))[2]);
    let golden: Vec<Vec<&str>> = lines.take_while(|cells| cells[0] != "network").collect();

    let (network, weights) = with_waves(network, dtype);
    let x = Var::from_tensor(&tensor(wave(shape.iter().product(), 0.0), &shape, dtype)).unwrap();
    let out = network.forward(&x).unwrap();
    near(
        &format!("{name}, output"),
        &flat(&out),
        &numbers(golden[0][1]),
        1e-5,
    );
    // Two positions of these sequences excite a filter to one part in a billion alike: in single precision, which of them gets the gradient depends
    // on the order of a sum.
    if dtype == DType::F32 && !is_ours() {
        return;
    }
    let factors = tensor(wave(out.elem_count(), 0.5), out.dims(), dtype);
    let gradients = (out * factors)
        .unwrap()
        .sum_all()
        .unwrap()
        .backward()
        .unwrap();
    let found = flat(gradients.get(&x).unwrap());
    near(
        &format!("{name}, input"),
        &found,
        &numbers(golden[1][1]),
        1e-4,
    );
    assert_eq!(golden.len() - 2, weights.len(), "{name}");
    for ((weight, var), cells) in weights.iter().zip(&golden[2..]) {
        assert_eq!(var.dims(), size(cells[1]), "{name}: {weight}");
        let golden = numbers(cells[2]);
        let observed = ["mean", "variance"]
            .iter()
            .any(|kind| weight.ends_with(kind));
        if observed && golden == [0.0] {
            continue;
        }
        let found = flat(gradients.get(var).unwrap());
        let mut some = vec![found.iter().sum()];
        some.extend(&found[..found.len().min(8)]);
        near(&format!("{name}: {weight}"), &some, &golden, 1e-4);
    }
}

fn networks_compute_what_they_do_in_pytorch() {
    let build = |architecture: Architecture| architecture.build().unwrap();
    compare("deepbind", &network::deepbind(6));
    for variant in CnnBenchmark::ALL {
        compare(variant.name(), &variant.build(41, 2).unwrap());
    }
    let basset = Basset::new().tasks(3).filters([12, 10, 9]).hidden(20);
    compare("basset", &build(basset.clone().length(200).architecture()));
    compare(
        "basset padded",
        &build(basset.length(101).padded().architecture()),
    );
    let factorized = FactorizedBasset::new().tasks(2).length(100).thinned(10);
    compare("factorized basset", &factorized.build().unwrap());
    let deepsea = DeepSea::new()
        .tasks(3)
        .length(170)
        .filters([8, 9, 10])
        .hidden(11);
    compare("deepsea", &deepsea.build().unwrap());
    let beluga = Beluga::new()
        .tasks(3)
        .length(320)
        .filters([8, 9, 10])
        .hidden(11);
    compare("beluga", &beluga.build().unwrap());
    let danq = DanQ::new().tasks(3).length(120).filters(8).memory(6);
    compare("danq", &danq.hidden(10).build().unwrap());
    let bpnet = BpNet::new().length(131, 40).filters(6).blocks(3);
    compare("bpnet", &bpnet.build().unwrap());
    compare(
        "logistic regression",
        &network::logistic_regression(20).unwrap(),
    );
    compare("perceptron", &network::perceptron(20).unwrap());
    let deep = Perceptron::features(15).hidden(&[12, 8, 4]).tasks(2);
    compare("deep perceptron", &deep.build().unwrap());
    let residual = ResidualNetwork::new().tasks(3).filters(6).blocks(2);
    compare("residual network", &residual.build().unwrap());
}

#[test]
fn published_sizes_give_published_counts() {
    let count = |architecture: Architecture| architecture.summary().unwrap().parameters();
    // Those of DeepSEA and DanQ are published (but for the second bias of the memory); the others follow from the sizes.
    assert_eq!(count(DanQ::new().architecture()), 46_926_479 + 2 * 4 * 320);
    assert_eq!(count(DeepSea::new().architecture()), 52_843_119);
    assert_eq!(count(Basset::new().architecture()), 4_135_064);
    assert_eq!(count(Beluga::new().architecture()), 149_536_251);
    let bpnet = 64 * 4 * 21 + 64 + 8 * (64 * 64 * 3 + 64) + 2 * 64 * 75 + 2 + 64 + 1;
    assert_eq!(count(BpNet::new().architecture()), bpnet);
    assert_eq!(
        count(CnnBenchmark::OneLayer.architecture(101, 1)),
        16 * 96 + 16 + 17 * 32 + 33
    );

    let outputs = |architecture: Architecture, kind: &str| {
        let summary = architecture.summary().unwrap();
        let rows = summary.rows().iter().filter(|row| row.layer.contains(kind));
        rows.map(|row| row.output.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    insta::assert_snapshot!(outputs(Basset::new().architecture(), "pool"), @"(n, 300, 194) (n, 200, 46) (n, 200, 10)");
    insta::assert_snapshot!(outputs(Basset::new().padded().architecture(), "pool"), @"(n, 300, 200) (n, 200, 50) (n, 200, 13)");
    insta::assert_snapshot!(outputs(FactorizedBasset::new().architecture(), "pool"), @"(n, 300, 334) (n, 200, 84) (n, 200, 21)");
    insta::assert_snapshot!(outputs(DeepSea::new().architecture(), "flatten"), @"(n, 50880)");
    insta::assert_snapshot!(outputs(Beluga::new().architecture(), "flatten"), @"(n, 67840)");
    insta::assert_snapshot!(outputs(BpNet::new().architecture(), "crop"), @"(n, 2, 1000) (n, 64, 1074)");
    insta::assert_snapshot!(outputs(CnnBenchmark::LocalWindow9.architecture(101, 1), "flatten"), @"(n, 192)");
}

#[test]
fn impossible_sizes_are_named() {
    let problem = |built: genolens::Result<Network>| built.unwrap_err().to_string();
    insta::assert_snapshot!(problem(network::basset(0)), @"`tasks` is 0, expected at least 1");
    insta::assert_snapshot!(problem(Basset::new().filters([3, 0, 3]).build()), @"`filters` is 0, expected at least 1");
    insta::assert_snapshot!(problem(Basset::new().filters([3, 3, 3]).length(60).build()), @"`input of layer 8 (convolution 3 x 7)` has shape (n, 3, 1), expected (n, 3, length) with length at least 7; the network reads sequences from length 121");
    insta::assert_snapshot!(problem(DeepSea::new().filters([3, 3, 3]).length(100).build()), @"`input of layer 8 (convolution 3 x 8)` has shape (n, 3, 4), expected (n, 3, length) with length at least 8; the network reads sequences from length 163");
    insta::assert_snapshot!(problem(CnnBenchmark::ThreeLayers.build(2, 1)), @"`input of layer 2 (convolution 32 x 5)` has shape (n, 16, 3), expected (n, 16, length) with length at least 5; the network reads sequences from length 8");
    insta::assert_snapshot!(problem(BpNet::new().length(100, 101).build()), @"`output` is 101, expected from 1 to 100, the length of the input");
    insta::assert_snapshot!(problem(BpNet::new().counts(0).build()), @"`counts` is 0, expected at least 1");
    insta::assert_snapshot!(problem(network::logistic_regression(0)), @"`length` is 0, expected at least 1");
    insta::assert_snapshot!(CnnBenchmark::named("4layer").unwrap_err(), @"`name` is 4layer, expected one of 1layer, 1layer_1motif, 1layer_64motif, 1layer_128motif, 1layer_local_win9, 1layer_local_win3, 2layer, 3layer, 2layer_local_win3, 3layer_local_win3");
    assert_eq!(
        CnnBenchmark::named("2layer").unwrap(),
        CnnBenchmark::TwoLayers
    );
    let network = ResidualNetwork::new().filters(4).blocks(1).build().unwrap();
    insta::assert_snapshot!(predict(&network, &Array3::<f32>::zeros((2, 20, 50))).unwrap_err(), @"`x` has shape (2, 20, 50), expected (n, 4, any)");
    // The shortest sequences that the message promises are read.
    let short = Basset::new().filters([3, 3, 3]).tasks(1).hidden(4);
    let message = problem(short.clone().length(60).build());
    let shortest: usize = message.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(short.clone().length(shortest).build().is_ok());
    assert!(short.length(shortest - 1).build().is_err());
}

#[test]
fn heads_of_a_profile_network_come_apart() {
    let sizes = BpNet::new()
        .length(131, 40)
        .filters(6)
        .blocks(3)
        .tracks(3)
        .counts(2);
    let network = sizes.build().unwrap();
    let x = Array3::from_shape_fn((2, 4, 131), |(i, c, p)| {
        f32::from(u8::from((i + 3 * c + p * p) % 4 == 0))
    });
    let scores = predict(&network, &x).unwrap();
    let out = sizes.split(&scores).unwrap();
    let at = |kind: &str| {
        let summary = network.summary();
        let row = summary
            .rows()
            .iter()
            .rposition(|row| row.layer.trim() == kind)
            .unwrap();
        network
            .activations(&x, summary.rows()[row].number.as_str())
            .unwrap()
    };
    assert_eq!(out.profiles().clone().into_dyn(), at("crop 45 and 46"));
    assert_eq!(out.counts().clone().into_dyn(), at("dense 2"));
    let odds = out.probabilities();
    assert!(
        odds.rows()
            .into_iter()
            .all(|track| (track.sum() - 1.0).abs() < 1e-5)
    );
    let ratio = (odds[[0, 1, 5]] / odds[[0, 1, 6]]).ln();
    let logits = out.profiles();
    assert!((ratio - (logits[[0, 1, 5]] - logits[[0, 1, 6]])).abs() < 1e-4);
    insta::assert_snapshot!(format!("{out:?}"), @"Profiles(2 x 3 tracks x 40 positions, 2 counts)");
    let cut = scores.slice(s![.., 1..]).to_owned();
    insta::assert_snapshot!(sizes.split(&cut).unwrap_err(), @"`scores` has shape (2, 121), expected (n, 122)");
}

fn several_tasks_are_learned_together() {
    let x = Array3::from_shape_fn((80, 4, 41), |(i, c, p)| {
        let letter = (i * 31 + p * p * 7 + i * p * 13) % 97 % 4;
        // One example in two carries a word, one in four another.
        let letter = match p {
            10..18 if i % 2 == 0 => [0, 0, 1, 1, 2, 2, 3, 3][p - 10],
            25..33 if i % 4 < 2 => [3, 1, 3, 1, 2, 0, 2, 0][p - 25],
            _ => letter,
        };
        f32::from(u8::from(letter == c))
    });
    let labels = Array2::from_shape_fn((80, 2), |(i, task)| {
        f32::from(u8::from(if task == 0 { i % 2 == 0 } else { i % 4 < 2 }))
    });
    let network = placed(&CnnBenchmark::OneLayer64.build(41, 2).unwrap());
    let fitting = Fit::new()
        .epochs(15)
        .batch(20)
        .validation(0.0)
        .learning_rate(0.01)
        .seed(2);
    let trained = fitting.run(&network, &x, &labels).unwrap();
    let scores = predict(&trained, &x).unwrap();
    for task in 0..2 {
        let truth: Array1<f32> = labels.column(task).to_owned();
        let score = scores.slice(s![.., task..=task]).to_owned();
        let area = genolens::training::auroc(&score, &truth).unwrap();
        assert!(area > 0.95, "{task}: {area}");
    }
}

on_every_device!(
    networks_compute_what_they_do_in_pytorch,
    several_tasks_are_learned_together,
);
