//! Published networks with weights from files.

use super::golden::{assert_same, file, tensors};
use genolens::candle_core::{DType, Device, Tensor, Var};
use genolens::network::{
    Architecture, Basset, BatchNorm, Beluga, BpNet, Branches, Chain, ChromBpNet, DeepSea, Join,
    Mapping, Model, Network,
};

fn basset() -> Basset {
    Basset::new()
        .tasks(2)
        .length(200)
        .filters([4, 3, 3])
        .hidden(5)
}

fn bpnet() -> BpNet {
    BpNet::new().length(130, 40).filters(3).blocks(3)
}

fn chrombpnet() -> ChromBpNet {
    ChromBpNet::new()
        .length(160, 30)
        .accessibility(4, 3)
        .bias(3, 2)
}

#[test]
fn basset_of_pytorch() {
    let path = file("basset.pth");
    let loaded = basset().load(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_same("basset", loaded.network());
    let report = loaded.report();
    assert!(report.is_complete() && report.left_over().is_empty());
    let row = report.row("0.convolution.kernel").unwrap();
    assert_eq!(
        (row.tensor.as_str(), row.what.as_str()),
        ("0.weight", "axes oiw1 to oiw")
    );
    assert_eq!(
        report.row("18.batch_norm.variance").unwrap().tensor,
        "18.running_var"
    );
    // The same in the order of the file, but counters of batches.
    let network = basset().build().unwrap();
    let loaded = network.load_tensors(&tensors("basset.pth"), &Mapping::in_order().strict());
    assert_same("basset", loaded.unwrap().network());
}

#[test]
fn deepsea_of_pytorch() {
    let small = DeepSea::new()
        .tasks(3)
        .length(200)
        .filters([4, 5, 6])
        .hidden(5);
    let path = file("deepsea.pth");
    let loaded = small.load(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_same("deepsea", loaded.network());
    let row = loaded.report().row("0.convolution.kernel").unwrap();
    assert_eq!(row.tensor, "1.0.weight");
    assert_eq!(row.what, "axes oi1w to oiw, letters to A, C, G, T");
    // Later filters read no letters.
    assert_eq!(
        loaded.report().row("4.convolution.kernel").unwrap().what,
        "axes oi1w to oiw"
    );
}

#[test]
fn beluga_of_pytorch() {
    let small = Beluga::new()
        .tasks(3)
        .length(320)
        .filters([4, 5, 6])
        .hidden(7);
    let path = file("beluga.pth");
    let loaded = small.load(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_same("beluga", loaded.network());
}

#[test]
fn bpnet_of_bpnet_lite() {
    let path = file("bpnet.pth");
    assert_same("bpnet", bpnet().load(&path).unwrap().network());
    std::fs::remove_file(path).unwrap();

    let controls = tensors("bpnet_controls.pth");
    let network = bpnet().build().unwrap();
    let mapping = bpnet().mapping().unwrap();
    let problem = network.load_tensors(&controls, &mapping).unwrap_err();
    insta::assert_snapshot!(problem, @"`bpnet_controls.pth: tensor fconv.weight` has shape (2, 5, 75), expected (2, 3, 75) for 5.branches.0.0.convolution.kernel");
    let loaded = network
        .load_tensors(&controls, &mapping.zero_controls())
        .unwrap();
    assert_same("bpnet_controls", loaded.network());
    let report = loaded.report();
    let head = &report
        .row("5.branches.0.0.convolution.kernel")
        .unwrap()
        .what;
    assert_eq!(head, "last 2 inputs, controls, left out");
}

#[test]
fn bpnet_of_basepairmodels() {
    let small = BpNet::new()
        .length(160, 38)
        .filters(3)
        .blocks(3)
        .basepairmodels();
    let path = file("basepairmodels.h5");
    let loaded = small.load(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_same("basepairmodels", loaded.network());
    let report = loaded.report();
    assert!(report.left_over().is_empty());
    let what = |tensor: &str| {
        let row = report.rows().iter().find(|row| row.tensor == tensor);
        row.unwrap().what.clone()
    };
    assert_eq!(
        what("profile_predictions/kernel"),
        "axes wio to oiw, last 2 inputs, controls, left out"
    );
    assert_eq!(
        what("logcounts_predictions/kernel"),
        "transposed, last 1 inputs, controls, left out"
    );
    assert_eq!(what("logcounts_predictions/bias"), "what the controls add");
    assert_eq!(what("main_counts_head/bias"), "as it is");
}

#[test]
fn chrombpnet_of_keras() {
    let path = file("chrombpnet.h5");
    let loaded = chrombpnet().load(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_same("chrombpnet", loaded.network());
    assert!(loaded.report().left_over().is_empty());

    let (accessibility, bias) = (file("chrombpnet_nobias.h5"), file("bias.h5"));
    let both = chrombpnet().load_both(&accessibility, &bias).unwrap();
    assert_same("chrombpnet", both.network());
    let alone = chrombpnet().without_bias();
    assert_same(
        "chrombpnet_nobias",
        alone.load(&accessibility).unwrap().network(),
    );
    let alone = chrombpnet().accessibility(3, 2).without_bias();
    assert_same("bias", alone.load(&bias).unwrap().network());
    for path in [accessibility, bias] {
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn gradients_reach_both_models_of_chrombpnet() {
    let network = chrombpnet().build().unwrap();
    let loaded = network.load_tensors(&tensors("chrombpnet.h5"), &chrombpnet().mapping().unwrap());
    let network = loaded.unwrap().network().to_dtype(DType::F64).unwrap();
    let score = |network: &Network| {
        let x = (0..4 * 160).map(|k| (0.9 * f64::from(k)).sin());
        let x = Tensor::from_iter(x, &Device::Cpu).unwrap();
        let y = network.forward(&x.reshape((1, 4, 160)).unwrap()).unwrap();
        let factors = (0..31).map(|k| (0.3 + 1.1 * f64::from(k)).sin());
        let factors = Tensor::from_iter(factors, &Device::Cpu).unwrap();
        (y.squeeze(0).unwrap() * factors)
            .unwrap()
            .sum_all()
            .unwrap()
    };
    for model in [0, 1] {
        let weights = network.weight_names().into_iter();
        let weights = weights.filter(|name| name.starts_with(&format!("0.branches.{model}")));
        for name in weights {
            let own = network.tensor(&name).unwrap();
            let var = Var::from_tensor(&own).unwrap();
            let gradients = score(&network.with_tensor(&name, &var).unwrap())
                .backward()
                .unwrap();
            let found = gradients.get(&var).unwrap().sum_all().unwrap();
            let found = found.to_scalar::<f64>().unwrap();
            let moved = |step: f64| {
                let weight = own.affine(1.0, step).unwrap();
                let network = network.with_tensor(&name, &weight).unwrap();
                score(&network).to_scalar::<f64>().unwrap()
            };
            let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!(
                (found - slope).abs() < 1e-5 * (1.0 + slope.abs()),
                "{name}: {found}, {slope}"
            );
        }
    }
}

#[test]
fn bad_sizes_of_chrombpnet() {
    let short = chrombpnet().length(140, 40).build().unwrap_err();
    insta::assert_snapshot!(short, @"`input` is 140, expected at least 162 to predict 40 positions");
    let empty = chrombpnet().length(140, 0).build().unwrap_err();
    insta::assert_snapshot!(empty, @"`output` is 0, expected at least 1");
    let reads = |outputs: [usize; 2]| {
        let both = Branches::new(Join::Reads { logits: 3 });
        let both = outputs
            .into_iter()
            .fold(both, |both, count| both.with(Chain::new().dense(count)));
        Architecture::features(2).then(both).build()
    };
    assert!(reads([4, 4]).is_ok());
    insta::assert_snapshot!(reads([2, 2]).unwrap_err(), @"`output inside layer 0 (branches, reads summed)` has shape (n, 2), expected (n, features), at least 3, from every branch");
    insta::assert_snapshot!(reads([4, 5]).unwrap_err(), @"`output inside layer 0 (branches, reads summed)` has shape (n, 5), expected (n, 4) from branch 1, as from those before");
}

/// Kernels, norms and a dense layer behind a sequence in one row, written by Keras 2 and by Keras 3.
#[test]
fn any_network_of_keras_in_its_order() {
    let network = Architecture::sequences(4)
        .length(30)
        .convolution(5, 7)
        .relu()
        .then(BatchNorm::new().epsilon(0.001))
        .max_pool(4)
        .flatten()
        .then(BatchNorm::new().epsilon(0.001))
        .dense(6)
        .relu()
        .dense(2)
        .build()
        .unwrap();
    for name in ["small_2.h5", "small_3.h5"] {
        let loaded = network
            .load_tensors(&tensors(name), &Mapping::in_order().strict())
            .unwrap();
        assert_same("small", loaded.network());
        let what = |weight: &str| loaded.report().row(weight).unwrap().what.clone();
        assert_eq!(what("0.convolution.kernel"), "axes wio to oiw");
        let reordered = "features from positions x channels to channels x positions";
        assert_eq!(what("5.batch_norm.scale"), reordered);
        assert_eq!(what("6.dense.weight"), format!("transposed, {reordered}"));
        assert_eq!(what("8.dense.weight"), "transposed");
        assert!(loaded.report().notes()[0].contains("0.001"));
    }
}

/// Keras 1 on Theano: letters are rows of a picture, filters slide flipped.
#[test]
fn flipped_filters_of_theano() {
    let layers = Architecture::sequences(4)
        .length(12)
        .convolution(3, 5)
        .relu()
        .max_pool(2);
    let network = layers.flatten().dense(2).build().unwrap();
    let file = tensors("theano_1.h5");
    let mapping = Mapping::in_order().kernels("o1iw");
    let loaded = network
        .load_tensors(&file, &mapping.clone().flipped())
        .unwrap();
    assert_same("theano", loaded.network());
    let what = &loaded.report().row("0.convolution.kernel").unwrap().what;
    assert_eq!(what, "axes o1iw to oiw, flipped along channels and width");
    let unflipped = network.load_tensors(&file, &mapping).unwrap();
    assert!(unflipped.report().notes()[0].contains("`flipped()`"));
    let [a, b] = [loaded, unflipped].map(|loaded| loaded.network().filters().unwrap());
    assert_eq!(a[[0, 0, 0]], b[[0, 3, 4]]);
}
