//! The files that `PyTorch` and Keras wrote, and what their models compute.

use flate2::read::GzDecoder;
use genolens::ndarray::Array3;
use genolens::network::{Model, Tensors, predict};
use std::io::Read;

const OUTPUTS: &str = concat!(
    include_str!("../../golden/weights/outputs.tsv"),
    include_str!("../../golden/weights/keras.tsv")
);

/// The bytes of a file.
pub(super) fn bytes(name: &str) -> Vec<u8> {
    let packed = std::fs::read(format!("tests/golden/weights/{name}.gz")).unwrap();
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice())
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

pub(super) fn tensors(name: &str) -> Tensors {
    Tensors::from_bytes(name, bytes(name)).unwrap()
}

/// A file of this name in the folder of temporary files, for those who read from a path.
pub(super) fn file(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("genolens_{}_{name}", std::process::id()));
    std::fs::write(&path, bytes(name)).unwrap();
    path
}

/// Numbers from -1 to 1 that look random, on a grid; the same as in the golden scripts.
fn wave(shape: (usize, usize, usize)) -> Array3<f32> {
    let count = shape.0 * shape.1 * shape.2;
    let values = (0..count).map(|k| ((1.3 * k as f64).sin() * 32.0).round_ties_even() / 32.0);
    let values = values.map(|value| value as f32).collect();
    Array3::from_shape_vec(shape, values).unwrap()
}

/// Checks that a model computes what the golden one did, to 1e-5 of the largest number.
pub(super) fn assert_same(name: &str, model: &dyn Model) {
    let mut lines = OUTPUTS
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let line = lines.find(|cells| cells[0] == name);
    let line = line.unwrap_or_else(|| panic!("no golden {name}"));
    let shape: Vec<usize> = line[1]
        .split('x')
        .map(|size| size.parse().unwrap())
        .collect();
    let golden: Vec<f32> = line[2]
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    let found = predict(model, &wave((shape[0], shape[1], shape[2]))).unwrap();
    assert_eq!(found.len(), golden.len(), "{name}");
    let largest = golden.iter().fold(1e-6_f32, |a, b| a.max(b.abs()));
    for (found, golden) in found.iter().zip(&golden) {
        let apart = (found - golden).abs();
        assert!(
            apart <= 1e-5 * largest,
            "{name}: {found}, expected {golden}"
        );
    }
}
