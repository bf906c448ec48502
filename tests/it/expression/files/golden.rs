//! Files of cells against what anndata and scanpy read from them.

use crate::data;
use genolens::expression::{Cells, Frame, Uns, Values, open};
use genolens::ndarray::Array2;
use genolens::polars::prelude::DataType;
use genolens::sparse::Sparse;

/// Made by tests/golden/expression/files.py with anndata 0.12 and scanpy 1.11.5.
const GOLDEN: &str = include_str!("../../../golden/expression/files.tsv");

/// The 64-bit FNV-1a sum of texts, one a line.
fn fnv(texts: &[String]) -> String {
    let bytes = texts.join("\n").into_bytes();
    let sum = bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
    format!("{sum:016x}")
}

/// Sums of numbers agree to 1e-9 of the numbers; they are added up in another order.
fn near(found: f64, golden: &str, size: f64) -> bool {
    let golden: f64 = golden.parse().unwrap();
    (found - golden).abs() <= 1e-9 * size.max(1.0) || (found.is_nan() && golden.is_nan())
}

fn matrix(
    place: &str,
    kind: Option<&str>,
    shape: (usize, usize),
    entries: &[(usize, usize, f32)],
    golden: &[&str],
) {
    if let Some(kind) = kind {
        assert_eq!(kind, golden[0], "{place}");
    }
    assert_eq!(
        [shape.0.to_string(), shape.1.to_string()],
        golden[1..3],
        "{place}"
    );
    let (mut sum, mut weighted, mut size) = (0.0, 0.0, 0.0);
    for &(row, column, value) in entries {
        let weight = ((row * 31 + column * 17) % 101) as f64;
        sum += f64::from(value);
        weighted += f64::from(value) * weight;
        size += f64::from(value).abs() * 101.0;
    }
    assert!(
        near(sum, golden[3], size),
        "{place}: {sum}, expected {}",
        golden[3]
    );
    assert!(
        near(weighted, golden[4], size),
        "{place}: {weighted}, expected {}",
        golden[4]
    );
}

fn of_sparse(matrix: &Sparse) -> Vec<(usize, usize, f32)> {
    let row = |row: usize| {
        let (columns, values) = matrix.row(row);
        columns
            .iter()
            .zip(values)
            .map(move |(column, value)| (row, *column as usize, *value))
    };
    (0..matrix.nrows()).flat_map(row).collect()
}

fn of_dense(array: &Array2<f32>) -> Vec<(usize, usize, f32)> {
    array
        .indexed_iter()
        .map(|((row, column), value)| (row, column, *value))
        .collect()
}

fn frame<'a>(cells: &'a Cells, raw: Option<&'a Cells>, place: &str) -> &'a Frame {
    match place {
        "obs" => cells.obs(),
        "var" => cells.var(),
        _ => raw.unwrap().var(),
    }
}

fn thing(place: &str, found: &Uns, golden: &[&str]) {
    let shape = |shape: &[usize]| {
        shape
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("x")
    };
    let size = |golden: &str| golden.parse::<f64>().unwrap().abs();
    match (golden[0], found) {
        ("text", Uns::Text(text)) => assert_eq!(text, golden[1], "{place}"),
        ("truth", Uns::Truth(truth)) => assert_eq!(truth.to_string(), golden[1], "{place}"),
        ("whole", Uns::Whole(whole)) => assert_eq!(whole.to_string(), golden[1], "{place}"),
        ("number", Uns::Number(number)) => assert!(near(*number, golden[1], 1.0), "{place}"),
        ("numbers", Uns::Wholes(values)) => {
            assert_eq!(shape(values.shape()), golden[1], "{place}");
            assert!(
                near(values.sum() as f64, golden[2], size(golden[2])),
                "{place}"
            );
        }
        ("numbers", Uns::Numbers(values)) => {
            assert_eq!(shape(values.shape()), golden[1], "{place}");
            assert!(near(values.sum(), golden[2], size(golden[2])), "{place}");
        }
        ("truths", Uns::Truths(values)) => {
            assert_eq!(shape(values.shape()), golden[1], "{place}");
            assert_eq!(
                values.iter().filter(|truth| **truth).count().to_string(),
                golden[2],
                "{place}"
            );
        }
        ("texts", Uns::Texts(texts)) => {
            assert_eq!(shape(texts.shape()), golden[1], "{place}");
            assert_eq!(fnv(texts.as_slice().unwrap()), golden[2], "{place}");
        }
        ("records", Uns::Records(table)) => {
            assert_eq!(table.height().to_string(), golden[1], "{place}");
            let names: Vec<&str> = table
                .columns()
                .iter()
                .map(|column| column.name().as_str())
                .collect();
            assert_eq!(names.join("|"), golden[2], "{place}");
            let first = &table.columns()[0];
            if first.dtype() == &DataType::String {
                let texts: Vec<String> = first
                    .str()
                    .unwrap()
                    .iter()
                    .map(|text| text.unwrap().to_owned())
                    .collect();
                assert_eq!(fnv(&texts), golden[3], "{place}");
            } else {
                let sum: f64 = first
                    .cast(&DataType::Float64)
                    .unwrap()
                    .f64()
                    .unwrap()
                    .iter()
                    .map(Option::unwrap)
                    .sum();
                assert!(
                    near(sum, golden[3], size(golden[3])),
                    "{place}: {sum}, expected {}",
                    golden[3]
                );
            }
        }
        (kind, found) => panic!("{place}: {found:?}, expected {kind}"),
    }
}

/// Checks one row and returns which part it told of.
fn check(cells: &Cells, raw: Option<&Cells>, golden: &[&str]) {
    let (what, place) = (golden[0], golden[1]);
    let (part, name) = place.rsplit_once('/').unwrap_or((place, ""));
    match what {
        "shape" => assert_eq!(
            format!("{:?}", cells.shape()),
            format!("({}, {})", golden[1], golden[2])
        ),
        "matrix" => {
            let of = |values: &Values| match values {
                Values::Sparse(found) => matrix(
                    place,
                    Some("sparse"),
                    found.shape(),
                    &of_sparse(found),
                    &golden[2..],
                ),
                Values::Dense(found) => matrix(
                    place,
                    Some("dense"),
                    found.dim(),
                    &of_dense(found),
                    &golden[2..],
                ),
            };
            let graph = |found: &Sparse| {
                matrix(place, None, found.shape(), &of_sparse(found), &golden[2..]);
            };
            let array = |found: &Array2<f32>| {
                matrix(place, None, found.dim(), &of_dense(found), &golden[2..]);
            };
            match (part, name) {
                ("X", _) => of(cells.values()),
                ("raw", _) => of(raw.unwrap().values()),
                ("layers", name) => of(cells.layer(name).unwrap()),
                ("obsm", name) => array(cells.obsm(name).unwrap()),
                ("varm", name) => array(cells.varm(name).unwrap()),
                ("raw/varm", name) => array(raw.unwrap().varm(name).unwrap()),
                ("obsp", name) => graph(cells.obsp(name).unwrap()),
                ("varp", name) => graph(cells.varp(name).unwrap()),
                _ => panic!("no part {part}"),
            }
        }
        "names" => {
            let names = frame(cells, raw, place).names();
            let found = [
                names.len().to_string(),
                names[0].clone(),
                names[names.len() - 1].clone(),
                fnv(names),
            ];
            assert_eq!(found, golden[2..], "{place}");
        }
        "labels" => {
            let frame = frame(cells, raw, part);
            let categories = frame.categories(name).unwrap_or_default();
            let found = [
                frame.column(name).unwrap().null_count().to_string(),
                fnv(&frame.labels(name).unwrap()),
                u8::from(frame.is_ordered(name)).to_string(),
                categories.len().to_string(),
                fnv(categories),
            ];
            assert_eq!(found, golden[2..], "{place}");
        }
        "column" => {
            let frame = frame(cells, raw, part);
            let kind = match frame.column(name).unwrap().dtype() {
                DataType::Boolean => "truth",
                DataType::Int64 => "whole",
                _ => "number",
            };
            assert_eq!(kind, golden[2], "{place}");
            let numbers = frame.numbers(name).unwrap();
            let missing = numbers.iter().filter(|number| number.is_nan()).count();
            assert_eq!(missing.to_string(), golden[3], "{place}");
            let there = || numbers.iter().filter(|number| !number.is_nan());
            let (sum, size): (f64, f64) = (there().sum(), there().map(|number| number.abs()).sum());
            assert!(
                near(sum, golden[4], size),
                "{place}: {sum}, expected {}",
                golden[4]
            );
        }
        _ => thing(
            place,
            cells.uns(place.strip_prefix("uns/").unwrap()).unwrap(),
            &golden[2..],
        ),
    }
}

/// Compares a file with all rows that tell of it.
fn agrees(file: &str) -> Option<Cells> {
    let path = data::file(file)?;
    let cells = open(path).unwrap();
    let raw = cells.raw().ok();
    let rows = crate::golden::rows(GOLDEN, file);
    for row in &rows {
        check(&cells, raw.as_ref(), row);
    }
    let told = |part: &str| {
        rows.iter()
            .filter(|row| row[0] == "matrix" && row[1].starts_with(&format!("{part}/")))
            .count()
    };
    for part in ["layers", "obsm", "varm", "obsp", "varp"] {
        assert_eq!(cells.names_of(part).len(), told(part), "{part}");
    }
    Some(cells)
}

#[test]
fn a_file_of_every_generation_is_what_anndata_reads() {
    for file in [
        "h5ad/brainlarge_dataset_test.h5ad",
        "h5ad/pbmc68k_reduced.h5ad",
        "h5ad/pbmc_10k_protein_v3.h5ad",
        "velocity/pancreas_50obs_preprocessed.h5ad",
        "tenx/v3_filtered_feature_bc_matrix.h5",
        "tenx/v3_filtered_feature_bc_matrix",
    ] {
        if let Some(cells) = agrees(file) {
            assert!(
                cells.left_out().is_empty(),
                "{file}: {:?}",
                cells.left_out()
            );
        }
    }
}

#[test]
fn what_is_left_out_is_said() {
    if let Some(cells) = agrees("h5ad/anndata_v0.7.8_lzf.h5ad") {
        insta::assert_snapshot!(cells.left_out().join("\n"), @r"
        obsm/df/cat: it holds no numbers, as the array made of the table does
        obsm/df/cat_ordered: it holds no numbers, as the array made of the table does
        varm/df/cat: it holds no numbers, as the array made of the table does
        varm/df/cat_ordered: it holds no numbers, as the array made of the table does
        raw/varm/df/cat: it holds no numbers, as the array made of the table does
        raw/varm/df/cat_ordered: it holds no numbers, as the array made of the table does
        ");
        // Tables of numbers, and coordinates of the genes of raw.
        let raw = cells.raw().unwrap();
        assert_eq!(raw.names_of("varm"), ["array", "df", "sparse"]);
        for (cells, path) in [(&cells, "obsm/df"), (&cells, "varm/df"), (&raw, "varm/df")] {
            assert_eq!(cells.axes(path).unwrap(), ["int64", "float64", "uint8"]);
        }
    }
    if let Some(cells) = agrees("h5ad/anndata_v0.11.4.h5ad") {
        assert_eq!(cells.values().dense().sum(), 0.0);
        insta::assert_snapshot!(cells.left_out().join("\n"), @"X: the file has none, and every value is zero");
    }
}

/// Written by tests/golden/expression/legacy.py, which checks with anndata 0.12 that it reads the same.
const LEGACY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/golden/expression/legacy.h5ad"
);

#[test]
fn tables_and_coordinates_that_are_records_are_read() {
    let cells = open(LEGACY).unwrap();
    let x = Array2::from_shape_fn((7, 5), |(i, j)| ((i * 3 + j) % 4 * (j % 2)) as f32);
    assert_eq!(*cells.values().dense(), x);
    assert_eq!(*cells.raw().unwrap().values().dense(), x);
    assert_eq!(
        (cells.cells()[6].as_str(), cells.genes()[4].as_str()),
        ("cell6", "gene4")
    );
    let obs = cells.obs();
    assert_eq!(
        obs.labels("kind").unwrap(),
        ["B", "T", "NK", "B", "T", "NK", "B"]
    );
    assert_eq!(obs.categories("kind").unwrap(), ["B", "T", "NK"]);
    assert_eq!(obs.numbers("depth").unwrap()[3], 0.75);
    assert_eq!(
        cells.var().mask("seen").unwrap(),
        [false, false, true, true, true]
    );
    let pca = Array2::from_shape_fn((7, 2), |(i, j)| i as f32 - j as f32);
    assert_eq!(cells.obsm("X_pca").unwrap(), pca);
    // Graphs and categories lay in `uns` then, and are taken out of it.
    assert_eq!(cells.obsp("connectivities").unwrap().get(6, 0), 1.0);
    assert_eq!(
        format!("{:?}", cells.uns("neighbors").unwrap()),
        "{params: {n_neighbors: wholes(1)}}"
    );
    assert_eq!(cells.names_of("uns"), ["neighbors"]);
    assert!(cells.left_out().is_empty(), "{:?}", cells.left_out());
}
