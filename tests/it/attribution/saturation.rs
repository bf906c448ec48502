//! What saturation does to methods: instances of a motif stand in for each other.

use genolens::attribution::{Benchmark, DeepLift, SaturationMutagenesis};
use genolens::candle_core::{Device, Tensor};
use genolens::motif::Motif;
use genolens::ndarray::s;
use genolens::network::{Architecture, Network};
use genolens::simulate::Grammar;

/// A network that knows one motif, and is as sure as it can be of one instance or of more when it saturates. Random filters beside add a
/// little to its score, as in networks that learned from data.
fn knower(saturates: bool) -> Network {
    let layers = Architecture::sequences(4).length(200).convolution(4, 9);
    let layers = layers.relu().max_pool(8).flatten().dense(2).relu();
    let network = layers.dense(1).seed(5).build().unwrap();
    let filled = |name: &str, change: &dyn Fn(usize, f32) -> f32| {
        let old = network.weight(name).unwrap();
        let new = old
            .iter()
            .enumerate()
            .map(|(at, &weight)| change(at, weight));
        Tensor::from_vec(new.collect::<Vec<f32>>(), old.shape(), &Device::Cpu).unwrap()
    };
    // Filters come first, then letters, then positions: the first filter gives 9 for the motif, and 2 less for every other letter.
    let motif = *b"ACCGGAAGT";
    let kernel = filled(
        "0.convolution.kernel",
        &|at, weight| match (at / 36, at % 36) {
            (0, place) if b"ACGT"[place / 9] == motif[place % 9] => 1.0,
            (0, _) => -1.0,
            _ => weight,
        },
    );
    // Only one wrong letter is borne.
    let bias = filled("0.convolution.bias", &|at, _| {
        if at == 0 { -6.0 } else { 0.0 }
    });
    // Of 24 windows and 4 filters, the first unit sums what the first filter found. It falls from 3 to 0 with one instance when it
    // saturates, and else from so far that it stays above 0.
    let hidden = filled(
        "4.dense.weight",
        &|at, weight| match (at / 96, at % 96 / 24) {
            (0, 0) => -1.0,
            (0, _) => 0.0,
            _ => 0.1 * weight,
        },
    );
    let most = if saturates { 3.0 } else { 100.0 };
    let start = filled("4.dense.bias", &|at, _| if at == 0 { most } else { 1.0 });
    let out = filled("6.dense.weight", &|at, _| if at == 0 { -1.0 } else { 1.0 });
    let changed = [
        ("0.convolution.kernel", kernel),
        ("0.convolution.bias", bias),
        ("4.dense.weight", hidden),
        ("4.dense.bias", start),
        ("6.dense.weight", out),
    ];
    changed.iter().fold(network, |network, (name, tensor)| {
        network.with_tensor(name, tensor).unwrap()
    })
}

#[test]
fn instances_hide_each_other_from_mutagenesis_where_a_network_saturates() {
    let ets = Motif::from_consensus("ETS", "ACCGGAAGT").unwrap();
    let run = |saturates: bool, instances: usize| {
        let grammar = Grammar::new().motifs(&[ets.clone()].into_iter().collect());
        let grammar = grammar.length(200).planted(instances..=instances);
        let data = grammar.both_strands(false).positives(1.0).run(24).unwrap();
        let result = Benchmark::new()
            .method("mutagenesis", SaturationMutagenesis::new())
            .method("DeepLIFT", DeepLift::new())
            .model("knower", &knower(saturates))
            .run(&data.sequences(), &data.mask())
            .unwrap();
        let mean = |method: usize| result.auprc().slice(s![0, method, ..]).mean().unwrap();
        (mean(0), mean(1))
    };
    for instances in [1, 2, 4, 8] {
        let ((mutagenesis, lift), plain) = (run(true, instances), run(false, instances));
        // Measured: 1.00, 0.35, 0.43 and 0.55 (chance is 0.05 for each instance).
        assert_eq!(mutagenesis > 0.6, instances == 1, "{mutagenesis}");
        assert!(lift > 0.99, "{instances}: {lift}");
        assert!(plain.0 > 0.99 && plain.1 > 0.99, "{instances}: {plain:?}");
    }
}
