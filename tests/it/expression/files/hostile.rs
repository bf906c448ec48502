//! HDF5 files that are broken, or made to do harm.

use super::folder::Folder;
use crate::data;
use genolens::expression::{Cells, blocks, open};
use genolens::ndarray::array;
use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};
use proptest::prelude::*;

const FILES: [&str; 4] = ["legacy.h5ad", "encodings.h5ad", "genomes.h5", "small.loom"];

fn golden(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/expression");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn broken_files_give_an_answer(
        file in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        end in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let folder = Folder::new("broken");
        let mut bytes = golden(FILES[file]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        let path = folder.file(FILES[file], bytes);
        // Cells or a message in one line, never a panic.
        if let Err(error) = open(&path) {
            prop_assert!(!error.to_string().contains('\n'));
        }
        if let Ok(blocks) = blocks(&path) {
            for cells in blocks.with_size(2).iter().take(100) {
                prop_assert!(cells.is_err() || cells.is_ok_and(|cells| cells.len() <= 2));
            }
        }
    }
}

#[test]
fn a_real_file_that_breaks_off_is_refused() {
    let Some(path) = data::file("h5ad/anndata_v0.7.8_lzf.h5ad") else {
        return;
    };
    let folder = Folder::new("cut");
    let bytes = std::fs::read(path).unwrap();
    for part in 1..40 {
        let path = folder.file("x.h5ad", &bytes[..bytes.len() * part / 40]);
        assert!(open(path).is_err(), "{part}");
    }
}

/// A file of two cells and three genes whose compressed values are what is said.
fn made(
    folder: &Folder,
    shape: [i64; 2],
    (indptr, indices, data): (&[i64], &[i64], &[f64]),
) -> String {
    let mut file = FileBuilder::new();
    let text = |text: &str| AttrValue::VarLenString(text.to_owned());
    for (part, names) in [("obs", &["a", "b"][..]), ("var", &["x", "y", "z"])] {
        let mut group = file.create_group(part);
        group.set_attr("encoding-type", text("dataframe"));
        group.set_attr("_index", text("_index"));
        group.create_dataset("_index").with_vlen_strings(names);
        file.add_group(group.finish());
    }
    let fill = |group: &mut GroupBuilder| {
        group.set_attr("encoding-type", text("csr_matrix"));
        group.set_attr("shape", AttrValue::I64Array(shape.to_vec()));
        group.create_dataset("indptr").with_i64_data(indptr);
        group.create_dataset("indices").with_i64_data(indices);
        group.create_dataset("data").with_f64_data(data);
    };
    let mut group = file.create_group("X");
    fill(&mut group);
    file.add_group(group.finish());
    let path = folder.path("x.h5ad");
    file.write(&path).unwrap();
    match (
        open(&path),
        blocks(&path).and_then(|blocks| blocks.block(0)),
    ) {
        (Err(open), Err(block)) => {
            assert!(!block.to_string().is_empty());
            folder.told(&open)
        }
        (Ok(cells), Ok(block)) => {
            let shown = |cells: &Cells| format!("{:?}", cells.values().dense());
            assert_eq!(shown(&cells), shown(&block));
            format!("{:?}", cells.values().dense().iter().collect::<Vec<_>>())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn parts_that_lie_about_each_other_are_named() {
    let folder = Folder::new("lies");
    let messages = [
        made(&folder, [2, 3], (&[0, 1, 2], &[2, 0], &[1.0, 2.0])),
        made(
            &folder,
            [2, 3],
            (&[0, 2, 3], &[2, 0, 1], &[1.0, f64::NAN, -0.5]),
        ),
        made(&folder, [1_000_000, 3], (&[0, 1, 2], &[2, 0], &[1.0, 2.0])),
        made(&folder, [2, i64::MAX], (&[0, 1, 2], &[2, 0], &[1.0, 2.0])),
        made(&folder, [-1, 3], (&[0, 1, 2], &[2, 0], &[1.0, 2.0])),
        made(&folder, [2, 3], (&[0, 1], &[2, 0], &[1.0, 2.0])),
        made(&folder, [2, 3], (&[0, 3, 2], &[2, 0], &[1.0, 2.0])),
        made(&folder, [2, 3], (&[0, 1, 9], &[2, 0], &[1.0, 2.0])),
        made(&folder, [2, 3], (&[0, -1, 2], &[2, 0], &[1.0, 2.0])),
        made(&folder, [2, 3], (&[0, 1, 2], &[3, 0], &[1.0, 2.0])),
        made(&folder, [2, 3], (&[0, 1, 2], &[1 << 40, 0], &[1.0, 2.0])),
        made(&folder, [2, 3], (&[0, 1, 2], &[2], &[1.0, 2.0])),
        made(&folder, [2, 3], (&[0, 1, 2], &[2, 0], &[1.0, 1e300])),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    [0.0, 0.0, 1.0, 2.0, 0.0, 0.0]
    [NaN, 0.0, 1.0, 0.0, -0.5, 0.0]
    `X/indptr of x.h5ad` is of shape [3], expected 1000001 numbers in a row, one more than 1000000
    `X of x.h5ad` is of shape (2, 9223372036854775807), expected shape (2, 3)
    `shape of X of x.h5ad` is [3], expected two sizes
    `X/indptr of x.h5ad` is of shape [2], expected 3 numbers in a row, one more than 2
    `X/indptr of x.h5ad` is falling, expected numbers that do not fall
    `X/indptr of x.h5ad` is ending at 9, expected numbers that end at the 2 values
    `entry 1 of X/indptr of x.h5ad` is -1, expected a number that usize holds exactly
    `X of x.h5ad` is broken (`indices` is 3, expected below the 3 columns), expected a matrix whose parts fit
    `entry 0 of X/indices of x.h5ad` is 1099511627776, expected a number that u32 holds exactly
    `X/indices of x.h5ad` is 1, expected 2 numbers, one for each value
    `entry 1 of X/data of x.h5ad` is 1e300, expected a number that f32 holds
    ");
}

#[test]
fn a_header_of_a_million_million_cells_is_refused_at_once() {
    let folder = Folder::new("header");
    let bytes = golden("legacy.h5ad");
    // Wherever a size of seven cells stands, it says something else.
    let seven = 7_u64.to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 8)
        .filter(|&at| bytes[at..at + 8] == seven)
        .collect();
    assert!(places.len() > 8);
    let mut refused = 0;
    for &at in &places {
        for size in [1_u64 << 20, 1 << 40, u64::MAX, 0] {
            let mut bytes = bytes.clone();
            bytes[at..at + 8].copy_from_slice(&size.to_le_bytes());
            match open(folder.file("y.h5ad", bytes)) {
                Ok(cells) => assert_eq!(cells.shape(), (7, 5), "{size} at {at}"),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(
        refused > 2 * places.len(),
        "{refused} of {}",
        4 * places.len()
    );
}

#[test]
fn whole_numbers_that_single_precision_cannot_hold_are_named() {
    let folder = Folder::new("exact");
    let path = folder.path("x.h5ad");
    let values = array![[1.0_f32, 2.0]];
    Cells::new(values, ["a"], ["x", "y"])
        .unwrap()
        .write(&path)
        .unwrap();
    let told = |value: i64| {
        let mut file = FileBuilder::new();
        for (part, names) in [("obs", &["a"][..]), ("var", &["x", "y"])] {
            let mut group = file.create_group(part);
            group.create_dataset("_index").with_vlen_strings(names);
            file.add_group(group.finish());
        }
        file.create_dataset("X")
            .with_i64_data(&[7, value])
            .with_shape(&[1, 2]);
        file.write(&path).unwrap();
        match open(&path) {
            Ok(cells) => format!("{:?}", cells.gene("y").unwrap().to_vec()),
            Err(error) => folder.told(&error),
        }
    };
    let messages = [told(1 << 40), told((1 << 24) + 1), told(-i64::MAX)];
    insta::assert_snapshot!(messages.join("\n"), @r"
    [1099511600000.0]
    `row 0, entry 1 of X of x.h5ad` is 16777217, expected a number that f32 holds exactly
    `row 0, entry 1 of X of x.h5ad` is -9223372036854775807, expected a number that f32 holds exactly
    ");
}
