//! Which tensor goes where, and what is refused.

use super::golden::tensors;
use genolens::candle_core::{DType, Device, Tensor, safetensors};
use genolens::ndarray::{Array3, Axis};
use genolens::network::{Architecture, Basset, BpNet, Loaded, Mapping, Network, Tensors, predict};
use genolens::{Error, Result};
use std::collections::HashMap;

fn waves(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let values = (0..count).map(|k| (1.7 * k as f32).sin());
    Tensor::from_iter(values, &Device::Cpu)
        .unwrap()
        .reshape(shape)
        .unwrap()
}

/// A safetensors file of tensors with these names and shapes.
fn written(list: &[(&str, &[usize])]) -> Tensors {
    let list = list
        .iter()
        .map(|(name, shape)| (name.to_string(), waves(shape)));
    packed(&list.collect())
}

fn packed(tensors: &HashMap<String, Tensor>) -> Tensors {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!(
        "genolens_{}_mapping_{count}.safetensors",
        std::process::id()
    );
    let path = std::env::temp_dir().join(name);
    safetensors::save(tensors, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    Tensors::from_bytes("FILE", bytes).unwrap()
}

fn small() -> Network {
    let layers = Architecture::sequences(4).convolution(3, 5).relu();
    layers.global_max_pool().dense(2).build().unwrap()
}

const NAMES: [(&str, &str); 4] = [
    ("conv.weight", "0.convolution.kernel"),
    ("conv.bias", "0.convolution.bias"),
    ("head.weight", "3.dense.weight"),
    ("head.bias", "3.dense.bias"),
];

const SHAPES: [(&str, &[usize]); 4] = [
    ("conv.weight", &[3, 4, 5]),
    ("conv.bias", &[3]),
    ("head.weight", &[2, 3]),
    ("head.bias", &[2]),
];

fn problem(loaded: Result<Loaded>) -> Error {
    loaded
        .map(|loaded| loaded.report().to_string())
        .unwrap_err()
}

#[test]
fn pairs_of_names() {
    let mapping = Mapping::pairs(&NAMES);
    let loaded = small()
        .load_tensors(&written(&SHAPES), &mapping.clone().strict())
        .unwrap();
    insta::assert_snapshot!(loaded, @"
    in the file  shape                in the network        shape
    conv.weight  (3, 4, 5)  as it is  0.convolution.kernel  (3, 4, 5)
    conv.bias    (3)        as it is  0.convolution.bias    (3)
    head.weight  (2, 3)     as it is  3.dense.weight        (2, 3)
    head.bias    (2)        as it is  3.dense.bias          (2)
    FILE: 4 tensors placed.
    ");
    let kernel = loaded.network().tensor("0.convolution.kernel").unwrap();
    let expected = waves(&[3, 4, 5])
        .flatten_all()
        .unwrap()
        .to_vec1::<f32>()
        .unwrap();
    assert_eq!(
        kernel.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
        expected
    );

    // What stands before all names may be left out.
    let before = SHAPES.map(|(name, shape)| (format!("net.model.{name}"), shape));
    let before: Vec<_> = before
        .iter()
        .map(|(name, shape)| (name.as_str(), *shape))
        .collect();
    let same = small().load_tensors(&written(&before), &mapping).unwrap();
    assert_eq!(
        same.network().filters().unwrap(),
        loaded.network().filters().unwrap()
    );
}

#[test]
fn bad_pairs() {
    let file = written(&SHAPES);
    let load =
        |pairs: &[(&str, &str)]| problem(small().load_tensors(&file, &Mapping::pairs(pairs)));
    insta::assert_snapshot!(load(&NAMES[..3]), @"`pairs` is none, expected one for 3.dense.bias");
    insta::assert_snapshot!(load(&[NAMES[0], ("conv.bias", "0.convolution.bais")]), @"`weight of a pair` is 0.convolution.bais, expected one of 0.convolution.kernel, 0.convolution.bias, 3.dense.weight, 3.dense.bias");
    insta::assert_snapshot!(load(&[NAMES[0], NAMES[0]]), @"`pairs` is 0.convolution.kernel twice, expected every weight once");
}

#[test]
fn missing_extra_and_misshapen_tensors() {
    let mapping = Mapping::pairs(&NAMES);
    let load = |list: &[(&str, &[usize])]| small().load_tensors(&written(list), &mapping);
    insta::assert_snapshot!(problem(load(&SHAPES[..3])), @"`FILE: tensor head.bias` is missing, expected there, shape (2) for 3.dense.bias");
    let mut wide = SHAPES;
    wide[2].1 = &[2, 4];
    insta::assert_snapshot!(problem(load(&wide)), @"`FILE: tensor head.weight` has shape (2, 4), expected (2, 3) for 3.dense.weight");
    let mut turned = SHAPES;
    turned[0].1 = &[5, 4, 3];
    insta::assert_snapshot!(problem(load(&turned)), @"`FILE: tensor conv.weight` has shape (5, 4, 3), expected (3, 4, 5) for 0.convolution.kernel");

    let extra = [
        &SHAPES[..],
        &[("other.weight", &[7]), ("norm.num_batches_tracked", &[1])],
    ]
    .concat();
    let loaded = load(&extra).unwrap();
    assert_eq!(loaded.report().left_over(), ["other.weight"]);
    assert!(loaded.report().is_complete());
    let strict = small().load_tensors(&written(&extra), &mapping.clone().strict());
    insta::assert_snapshot!(problem(strict), @"`FILE: tensor other.weight` is unknown, expected one for 0.convolution.kernel, 0.convolution.bias, 3.dense.weight, 3.dense.bias");

    // The check tells all at once, and refuses nothing.
    let bad = [
        ("conv.weight", &[3, 4, 6][..]),
        ("conv.bias", &[3]),
        ("tail.weight", &[2, 3]),
    ];
    let report = mapping.check(&small(), &written(&bad)).unwrap();
    assert!(!report.is_complete());
    assert_eq!(report.misfits(), ["0.convolution.kernel"]);
    assert_eq!(report.missing(), ["3.dense.weight", "3.dense.bias"]);
    assert_eq!(report.left_over(), ["tail.weight"]);
    insta::assert_snapshot!(report, @"
    in the file  shape                    in the network        shape
    conv.weight  (3, 4, 6)  does not fit  0.convolution.kernel  (3, 4, 5)
    conv.bias    (3)        as it is      0.convolution.bias    (3)
                            missing       3.dense.weight        (2, 3)
                            missing       3.dense.bias          (2)
    tail.weight  (2, 3)     left over
    FILE: 1 tensors placed, 1 do not fit, 2 missing, 1 left over.
    ");
    assert!(report.table().html().contains("does not fit"));
}

#[test]
fn numbers_that_are_not_finite() {
    let mut tensors: HashMap<String, Tensor> = SHAPES
        .iter()
        .map(|(name, shape)| (name.to_string(), waves(shape)))
        .collect();
    let bad = Tensor::new(&[0.5_f32, f32::NAN], &Device::Cpu).unwrap();
    tensors.insert("head.bias".into(), bad);
    let loaded = small().load_tensors(&packed(&tensors), &Mapping::pairs(&NAMES));
    insta::assert_snapshot!(problem(loaded), @"`FILE: tensor head.bias` is NaN, expected finite");
}

#[test]
fn in_the_order_of_numbered_names() {
    // By their letters, 10 comes before 2 and bias before weight.
    let file = written(&[
        ("10.bias", &[2]),
        ("10.weight", &[2, 3]),
        ("2.bias", &[3]),
        ("2.weight", &[3, 4, 1, 5]),
    ]);
    let loaded = small().load_tensors(&file, &Mapping::in_order()).unwrap();
    let row = loaded.report().row("0.convolution.kernel").unwrap();
    assert_eq!(
        (row.tensor.as_str(), row.what.as_str()),
        ("2.weight", "axes oi1w to oiw")
    );
    assert_eq!(
        loaded.report().row("3.dense.bias").unwrap().tensor,
        "10.bias"
    );
    let deep = Architecture::sequences(4)
        .convolution(3, 5)
        .relu()
        .convolution(3, 2);
    let deep = deep.global_max_pool().dense(2).build().unwrap();
    insta::assert_snapshot!(problem(deep.load_tensors(&file, &Mapping::in_order())), @"`FILE: tensor 10.weight` has shape (2, 3), expected (3, 3, 2) for 2.convolution.kernel, as none behind it has either");
    let more = Architecture::sequences(4)
        .convolution(3, 5)
        .relu()
        .global_max_pool();
    let more = more.dense(2).relu().dense(2).build().unwrap();
    insta::assert_snapshot!(problem(more.load_tensors(&file, &Mapping::in_order())), @"`FILE` is at its end, expected a tensor of shape (2, 2) for 5.dense.weight");
}

/// For every order of the letters, the network reads what the file's would read in that order.
#[test]
fn letters_in_any_order() {
    let network = small().with_seed(3).unwrap();
    let tensors: HashMap<String, Tensor> = (network.weight_names().into_iter())
        .map(|name| (name.clone(), network.tensor(&name).unwrap()))
        .collect();
    let file = packed(&tensors);
    let count = 2 * 4 * 20;
    let x = (0..count).map(|k| (0.7 * k as f32).cos()).collect();
    let x = Array3::from_shape_vec((2, 4, 20), x).unwrap();
    let mut orders = Vec::new();
    for order in 0..256_usize {
        let order = [order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6];
        if (0..4).all(|letter| order.contains(&letter)) {
            orders.push(order);
        }
    }
    assert_eq!(orders.len(), 24);
    for order in orders {
        let letters: String = order.map(|letter| ["A", "C", "G", "T"][letter]).concat();
        let mapping = Mapping::by_name().letters(&letters);
        let loaded = network.load_tensors(&file, &mapping).unwrap();
        let read = predict(loaded.network(), &x).unwrap();
        let theirs = x.select(Axis(1), &order);
        let apart = read - predict(&network, &theirs).unwrap();
        assert!(apart.iter().all(|apart| apart.abs() < 1e-6), "{letters}");
    }
    let load = |mapping: Mapping| problem(network.load_tensors(&file, &mapping));
    insta::assert_snapshot!(load(Mapping::by_name().letters("ACG")), @"`letters` is `ACG`, expected A, C, G and T in the order of the file, such as `AGCT`");
    insta::assert_snapshot!(load(Mapping::by_name().letters("AACG")), @"`letters` is `AACG`, expected A, C, G and T in the order of the file, such as `AGCT`");
    let flat = Architecture::features(2).dense(1).build().unwrap();
    let file = written(&[("0.dense.weight", &[1, 2]), ("0.dense.bias", &[1])]);
    insta::assert_snapshot!(problem(flat.load_tensors(&file, &Mapping::by_name().letters("AGCT"))), @"`letters` is set for another one, expected a network whose first layer is a convolution over 4 letters");
}

#[test]
fn kernels_that_may_be_meant_in_two_ways() {
    let network = Architecture::sequences(4)
        .convolution(2, 4)
        .global_max_pool()
        .build()
        .unwrap();
    let file = written(&[("a.weight", &[2, 1, 4, 4]), ("a.bias", &[2])]);
    let load = |mapping: Mapping| network.load_tensors(&file, &mapping);
    insta::assert_snapshot!(problem(load(Mapping::in_order())), @r#"`kernel for 0.convolution.kernel` has shape (2, 1, 4, 4), expected a shape with one meaning (say which with `kernels("o1iw")` or `kernels("o1wi")`)"#);
    let rows = load(Mapping::in_order().kernels("o1iw"))
        .unwrap()
        .network()
        .filters()
        .unwrap();
    let columns = load(Mapping::in_order().kernels("o1wi"))
        .unwrap()
        .network()
        .filters()
        .unwrap();
    assert_eq!(rows, columns.permuted_axes([0, 2, 1]));
    insta::assert_snapshot!(problem(load(Mapping::in_order().kernels("iow"))), @"`kernels` is `iow`, expected one of oiw, oi1w, oiw1, o1iw, o1wi, wio, 1wio, w1io, iw1o, wi1o (o filters, i channels, w width, 1 an axis of one)");
}

#[test]
fn the_precision_of_the_network_stays() {
    let double = small().to_dtype(DType::F64).unwrap();
    let loaded = double
        .load_tensors(&written(&SHAPES), &Mapping::pairs(&NAMES))
        .unwrap();
    let kernel = loaded.network().tensor("0.convolution.kernel").unwrap();
    assert_eq!(kernel.dtype(), DType::F64);
}

#[test]
fn published_weights_of_other_sizes() {
    let wrong = Basset::new()
        .tasks(3)
        .length(200)
        .filters([4, 3, 3])
        .hidden(5);
    let network = wrong.build().unwrap();
    let loaded = network.load_tensors(&tensors("basset.pth"), &wrong.mapping().unwrap());
    insta::assert_snapshot!(problem(loaded), @"`basset.pth: tensor 21.1.weight` has shape (2, 5), expected (3, 5) for 21.dense.weight");
    let short = BpNet::new().length(130, 40).filters(3).blocks(4);
    let network = short.build().unwrap();
    let loaded = network.load_tensors(&tensors("bpnet.pth"), &short.mapping().unwrap());
    insta::assert_snapshot!(problem(loaded), @"`bpnet.pth: tensor rconvs.3.weight` is missing, expected there, shape (3, 3, 3) for 5.residual.0.convolution.kernel");
    let loaded = network.load_tensors(&tensors("basset.pth"), &short.mapping().unwrap());
    insta::assert_snapshot!(problem(loaded), @"`basset.pth: tensor iconv.weight` is missing, expected there, shape (3, 4, 21) for 0.convolution.kernel");
}
