//! One door to the tensors of every format.

use super::golden::{file, tensors};
use crate::data;
use genolens::ndarray::{ArrayD, IxDyn, array};
use genolens::network::{self, Tensors, WeightFormat};

#[test]
fn kinds_of_numbers_and_views_of_pytorch() {
    for (name, format) in [
        ("kinds.pth", WeightFormat::PyTorch),
        ("kinds_legacy.pth", WeightFormat::LegacyPyTorch),
    ] {
        let tensors = tensors(name);
        assert_eq!(tensors.format(), format);
        // A plain number is no tensor.
        assert_eq!(tensors.len(), 18);
        assert_eq!(tensors.names()[..3], ["float64", "float32", "float16"]);
        for (name, expected) in [
            ("float64", [0.1, -2.5]),
            ("float32", [0.1, -2.5]),
            ("float16", [0.099_975_586, -2.5]),
            ("bfloat16", [0.100_097_656, -2.5]),
            ("int64", [-1_099_511_627_776.0, 7.0]),
            ("int32", [-70_000.0, 7.0]),
            ("int16", [-300.0, 7.0]),
            ("int8", [-3.0, 7.0]),
            ("uint8", [200.0, 7.0]),
            ("bool", [1.0, 0.0]),
            ("parameter", [1.0, 2.0]),
        ] {
            assert_eq!(
                tensors.array(name).unwrap(),
                array(&[2], &expected),
                "{name}"
            );
            if name != "parameter" {
                assert_eq!(tensors.kind(name).unwrap(), name);
            }
        }
        assert_eq!(tensors.array("scalar").unwrap(), array(&[], &[2.5]));
        assert_eq!(tensors.shape("empty").unwrap(), [0, 3]);
        let whole: Vec<f32> = (0..24_u8).map(f32::from).collect();
        let whole = array(&[2, 3, 4], &whole);
        assert_eq!(tensors.array("whole").unwrap(), whole);
        let turned = whole.clone().permuted_axes(IxDyn(&[2, 0, 1]));
        assert_eq!(tensors.array("turned").unwrap(), turned);
        let second = array(
            &[2, 3, 2],
            &[1., 3., 5., 7., 9., 11., 13., 15., 17., 19., 21., 23.],
        );
        assert_eq!(tensors.array("every second").unwrap(), second);
        assert_eq!(
            tensors.array("row").unwrap(),
            array(&[4], &[20., 21., 22., 23.])
        );
        let expanded = array(&[2, 3], &[1., 1., 1., 2., 2., 2.]);
        assert_eq!(tensors.array("expanded").unwrap(), expanded);
    }
}

fn array(shape: &[usize], values: &[f32]) -> ArrayD<f32> {
    ArrayD::from_shape_vec(IxDyn(shape), values.to_vec()).unwrap()
}

#[test]
fn layers_of_keras_in_their_order() {
    let expected = [
        "conv/kernel",
        "conv/bias",
        "norm/gamma",
        "norm/beta",
        "norm/moving_mean",
        "norm/moving_variance",
        "late_norm/gamma",
        "late_norm/beta",
        "late_norm/moving_mean",
        "late_norm/moving_variance",
        "hidden/kernel",
        "hidden/bias",
        "out/kernel",
        "out/bias",
    ];
    for name in ["small_2.h5", "small_3.h5"] {
        let tensors = tensors(name);
        assert_eq!(tensors.names(), expected, "{name}");
        assert_eq!(tensors.shape("conv/kernel").unwrap(), [7, 4, 5]);
    }
    let old = tensors("small_2.h5");
    assert!(
        old.notes()
            .contains(&("keras_version".into(), "2.2.4".into()))
    );
    // The format of Keras 3 has no order: names of layers, numbers of weights.
    let newest = tensors("small_3.weights.h5");
    assert_eq!(newest.len(), 14);
    let kernel = newest.array("layers/conv1d/vars/0").unwrap();
    assert_eq!(kernel, old.array("conv/kernel").unwrap());
    let nested = tensors("chrombpnet.h5");
    let nested = nested.names();
    assert!(
        nested.contains(&"wo_bias_model/wo_bias_bpnet_1st_conv/kernel"),
        "{nested:?}"
    );
}

#[test]
fn any_array_of_numbers_in_hdf5() {
    let tensors = tensors("chunks.h5");
    let mut names = tensors.names();
    names.sort_unstable();
    assert_eq!(names, ["counts", "deep/er/kernel", "halves"]);
    assert_eq!(tensors.shape("deep/er/kernel").unwrap(), [256, 3]);
    let kernel = tensors.array("deep/er/kernel").unwrap();
    assert_eq!(kernel[[0, 0]], 0.84375);
    assert_eq!(kernel[[63, 0]], kernel[[0, 0]]);
    assert_ne!(kernel[[64, 0]], kernel[[0, 0]]);
    assert_eq!(
        tensors.array("halves").unwrap(),
        array![0.5, -2.25].into_dyn()
    );
    assert_eq!(tensors.kind("halves").unwrap(), "float16");
    assert_eq!(
        tensors.array("counts").unwrap(),
        array![-5.0, 7.0].into_dyn()
    );
}

#[test]
fn parameters_of_deepbind() {
    let Some(path) = data::file("deepbind/D00328.003.txt") else {
        return;
    };
    let tensors = Tensors::read(&path).unwrap();
    assert_eq!(tensors.format(), WeightFormat::DeepBind);
    let model = network::PublishedDeepBind::open(path).unwrap();
    let detectors = tensors.array("detectors").unwrap();
    assert_eq!(detectors, model.filters().unwrap().into_dyn());
    let thresholds = tensors.shape("thresholds").unwrap();
    assert_eq!(thresholds, [model.detectors()]);
}

#[test]
fn the_content_tells_the_format() {
    let path = file("bpnet.pth");
    let misnamed = path.with_extension("h5");
    std::fs::rename(&path, &misnamed).unwrap();
    let tensors = Tensors::read(&misnamed).unwrap();
    assert_eq!(tensors.format(), WeightFormat::PyTorch);
    std::fs::remove_file(misnamed).unwrap();
    // HDF5 may begin behind a block of the user's own.
    let shifted = super::golden::tensors("user_block.h5");
    assert_eq!(
        shifted.array("kernel").unwrap(),
        array![1.0, 2.0].into_dyn()
    );
}

#[test]
fn tables_of_tensors() {
    let path =
        std::env::temp_dir().join(format!("genolens_{}_table.safetensors", std::process::id()));
    network::Architecture::features(2)
        .dense(1)
        .build()
        .unwrap()
        .save(&path)
        .unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    let tensors = Tensors::from_bytes("mine.safetensors", bytes).unwrap();
    insta::assert_snapshot!(tensors, @"
    tensor          shape   numbers
    0.dense.bias    (1)     float32
    0.dense.weight  (1, 2)  float32
    2 tensors of mine.safetensors, safetensors.
    ");
    insta::assert_snapshot!(tensors.array("weight").unwrap_err(), @"`name` is weight, expected one of 0.dense.bias, 0.dense.weight");
    assert_eq!(tensors.table().text().lines().count(), 4);
    assert_eq!(
        format!("{tensors:?}"),
        "Tensors(2 of mine.safetensors, safetensors)"
    );
}
