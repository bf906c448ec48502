//! The collections that the published code is tested with.

use genolens::ndarray::{Array2, ArrayView1, ArrayView2};
use genolens::sufficient::{Subset, SufficientSubsets};

const CASES: &str = include_str!("../../golden/sufficient/published.tsv");

type Function = fn(ArrayView1<'_, f32>) -> f64;

fn function(name: &str) -> Function {
    match name {
        "l2" => |row| {
            row.iter()
                .map(|&x| f64::from(x).powi(2))
                .sum::<f64>()
                .sqrt()
        },
        "sum" => |row| row.iter().map(|&x| f64::from(x)).sum(),
        _ => |row| {
            let weights = [1.0, 2.0, 0.0, 1.0];
            row.iter()
                .zip(weights)
                .map(|(&x, w)| f64::from(x) * w)
                .sum()
        },
    }
}

fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    let cells = text.split(',').filter(|cell| !cell.is_empty());
    cells.map(|cell| cell.parse().unwrap()).collect()
}

/// The places of each feature, where values are masked together.
fn groups(shape: &[usize], axis: &str) -> Vec<Vec<usize>> {
    let (rows, columns) = match *shape {
        [rows, columns] => (rows, columns),
        _ => (1, shape[0]),
    };
    match axis {
        "columns" => (0..columns)
            .map(|column| (0..rows).map(|row| row * columns + column).collect())
            .collect(),
        "rows" => (0..rows)
            .map(|row| (0..columns).map(|column| row * columns + column).collect())
            .collect(),
        _ => (0..rows * columns).map(|place| vec![place]).collect(),
    }
}

#[test]
fn collections_are_the_published_ones() {
    let mut count = 0;
    for line in CASES.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, function_name, threshold, shape, axis, x, expected] = cells[..] else {
            panic!("{line}");
        };
        count += 1;
        let of = function(function_name);
        let black_box = |x: ArrayView2<f32>| -> Vec<f64> { x.rows().into_iter().map(of).collect() };
        let shape: Vec<usize> = shape.split('x').map(|size| size.parse().unwrap()).collect();
        let x: Vec<f32> = numbers(x);
        let x = Array2::from_shape_vec((1, x.len()), x).unwrap();
        let threshold: f64 = threshold.parse().unwrap();
        let options = SufficientSubsets::new(threshold).groups(&groups(&shape, axis));
        let found = options.rows(&black_box, &x);
        if expected.is_empty() {
            let problem = found.unwrap_err().to_string();
            assert!(problem.contains("the highest score"), "{name}: {problem}");
            continue;
        }
        let found = found.unwrap();
        assert_eq!(found.len(), expected.split(';').count(), "{name}");
        for (index, expected) in expected.split(';').enumerate() {
            let parts: Vec<&str> = expected.split('/').collect();
            let subset: Subset = found.get(index).unwrap();
            assert_eq!(subset.order(), numbers::<usize>(parts[0]), "{name}");
            let selection = subset.selection();
            assert_eq!(selection.order(), numbers::<usize>(parts[1]), "{name}");
            let values = numbers::<f64>(parts[2]);
            assert_eq!(values.len(), selection.len());
            for (own, told) in selection.values().iter().zip(values) {
                // Inputs such as 0.1 are those of single precision.
                assert!((own - told).abs() < 1e-6, "{name}: {own}, expected {told}");
            }
        }
    }
    assert_eq!(count, 13);
}

/// Where values are masked from the beginning they are masked in the first score, too.
#[test]
fn features_can_be_masked_from_the_beginning() {
    let of = function("l2");
    let norm = |x: ArrayView2<f32>| -> Vec<f64> { x.rows().into_iter().map(of).collect() };
    let x = genolens::ndarray::array![[0.1_f32, 10.0, 5.0]];
    let found = SufficientSubsets::new(1.0).masked(&[1]);
    let found = found.rows(&norm, &x).unwrap();
    assert_eq!(found.len(), 1);
    let subset = found.get(0).unwrap();
    assert_eq!(subset.features(), [2]);
    assert_eq!(subset.selection().order(), [0, 2]);
    assert_eq!(subset.selection().values(), [5.0, 0.0]);
    assert!((found.scores()[0] - 25.01_f64.sqrt()).abs() < 1e-6);
    let all = SufficientSubsets::new(0.0).masked(&[0, 1, 2]);
    let found = all.rows(&norm, &x).unwrap();
    assert!(found.is_empty());
    assert_eq!(found.examples(), 1);
}

/// Where nothing is needed, the empty subset is enough and the only one, as in the published code.
#[test]
fn an_example_without_features_can_be_enough() {
    let of = function("sum");
    let sum = |x: ArrayView2<f32>| -> Vec<f64> { x.rows().into_iter().map(of).collect() };
    let x = genolens::ndarray::array![[3.0_f32, 1.0], [-4.0, 1.0]];
    let found = SufficientSubsets::new(0.0).rows(&sum, &x).unwrap();
    assert_eq!(found.len(), 1);
    let subset = found.get(0).unwrap();
    assert!(subset.is_empty());
    assert_eq!((subset.example(), subset.score()), (0, 0.0));
    assert_eq!(subset.selection().order(), [1, 0]);
    assert_eq!(found.base(), 0.0);
}
