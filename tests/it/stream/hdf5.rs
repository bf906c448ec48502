//! The layouts of DeepSEA, Selene, Basset and Keras files, written by tests/golden/stream/make.py.

use super::folder::{Folder, golden};
use genolens::ndarray::{Array2, Array3, ArrayD};
use genolens::random::Seed;
use genolens::stream::{Hdf5, Stream, hdf5};
use genolens::training::{Arrays, Source};
use proptest::prelude::*;

const N: usize = 37;

/// What every file holds.
fn arrays() -> Arrays {
    let x = Array3::from_shape_fn((N, 4, 40), |(i, letter, p)| {
        f32::from(u8::from((i * 31 + p * 17 + i * p * 7) % 11 % 4 == letter))
    });
    Arrays::new(&x, &labels()).unwrap()
}

fn labels() -> Array2<f32> {
    Array2::from_shape_fn((N, 5), |(i, task)| {
        f32::from(u8::from((i * (task + 3)).is_multiple_of(4)))
    })
}

fn files() -> Vec<(&'static str, Stream)> {
    let small = Hdf5::new().memory(1 << 16);
    let agct = Hdf5::new().channels("AGCT");
    vec![
        ("deepsea", hdf5(golden("deepsea.mat"), "train").unwrap()),
        ("chunks", hdf5(golden("chunks.mat"), "train").unwrap()),
        ("small", small.open(golden("chunks.mat")).unwrap()),
        ("run", hdf5(golden("run.mat"), "valid").unwrap()),
        ("selene", hdf5(golden("selene.h5"), "train").unwrap()),
        (
            "named",
            agct.datasets("trainxdata", "traindata")
                .open(golden("selene.h5"))
                .unwrap(),
        ),
        ("basset", hdf5(golden("basset.h5"), "test").unwrap()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_layout_is_the_same_examples(rows in prop::collection::vec(0_usize..N, 1..80)) {
        let arrays = arrays();
        for (name, stream) in files() {
            prop_assert_eq!(stream.read(&rows).unwrap(), arrays.read(&rows).unwrap(), "{}", name);
            prop_assert_eq!(stream.labels(&rows).unwrap(), arrays.labels(&rows).unwrap(), "{}", name);
        }
    }

    #[test]
    fn an_order_holds_every_row_once(mut rows in prop::collection::btree_set(0_usize..N, 1..N), seed in 0_u64..9) {
        let small = Hdf5::new().memory(1 << 16).open(golden("chunks.mat")).unwrap();
        let list: Vec<usize> = rows.iter().copied().collect();
        let order = small.order(&list, Seed::new(seed));
        prop_assert_eq!(&order, &small.order(&list, Seed::new(seed)));
        for row in order {
            prop_assert!(rows.remove(&row));
        }
        prop_assert!(rows.is_empty());
    }
}

// As many cases as `PROPTEST_CASES` says.
proptest! {
    /// A file of which bytes were changed, or the end cut off, gives numbers or an error, and no panic.
    #[test]
    fn broken_files_give_an_answer(
        changes in prop::collection::vec((0_usize..26_000, any::<u8>()), 1..8), cut in prop::option::of(0_usize..26_000), which in 0_usize..5,
    ) {
        let name = ["deepsea.mat", "chunks.mat", "run.mat", "selene.h5", "basset.h5"][which];
        let part = ["train", "train", "valid", "train", "test"][which];
        let mut bytes = std::fs::read(golden(name)).unwrap();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        bytes.truncate(cut.unwrap_or(bytes.len()));
        let folder = Folder::new("stream_broken_h5");
        let path = folder.file(name, bytes);
        if let Ok(stream) = hdf5(path, part) {
            let rows: Vec<usize> = (0..stream.len().min(50)).collect();
            if let Err(error) = stream.read(&rows) {
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }
}

#[test]
fn channels_last_and_big_endian_numbers_are_read() {
    let stream = Hdf5::new()
        .datasets("x", "y")
        .open(golden("keras.h5"))
        .unwrap();
    assert_eq!(stream.shape(), [N, 4, 40]);
    assert_eq!(stream.labels_shape(), [N]);
    let rows: Vec<usize> = (0..N).rev().collect();
    let (found, truth) = (stream.read(&rows).unwrap(), arrays().read(&rows).unwrap());
    assert_eq!(found.x(), truth.x());
    let first: ArrayD<f32> = labels()
        .column(0)
        .iter()
        .rev()
        .copied()
        .collect::<genolens::ndarray::Array1<f32>>()
        .into_dyn();
    assert_eq!(found.labels(), &first);
}

#[test]
fn what_is_done_to_channels_is_said() {
    let stream = hdf5(golden("run.mat"), "valid").unwrap();
    insta::assert_snapshot!(stream, @"validxdata and validdata of tests/golden/stream/run.mat: 37 examples [4, 40], 5 labels each; channels AGCT put in the order ACGT");
    // Left as they are, C and G are exchanged.
    let raw = Hdf5::new()
        .part("valid")
        .channels("ACGT")
        .open(golden("run.mat"))
        .unwrap();
    let (found, truth) = (raw.read(&[5]).unwrap(), arrays().read(&[5]).unwrap());
    for position in 0..40 {
        for (channel, letter) in [(0, 0), (1, 2), (2, 1), (3, 3)] {
            assert_eq!(
                found.x()[[0, channel, position]],
                truth.x()[[0, letter, position]]
            );
        }
    }
}

#[test]
fn wrong_files_and_options_are_named() {
    let folder = Folder::new("stream_wrong_h5");
    let told = |hdf5: Hdf5, path: &std::path::Path| folder.told(&hdf5.open(path).unwrap_err());
    let old = folder.file(
        "valid.mat",
        b"MATLAB 5.0 MAT-file, Platform: GLNXA64".repeat(9),
    );
    insta::assert_snapshot!(told(Hdf5::new(), &old), @"cannot read valid.mat: it is a MATLAB file of version 5, no HDF5; write it as HDF5 with h5py, or in MATLAB with `save -v7.3`");
    let text = folder.file("x.h5", "not at all");
    assert!(told(Hdf5::new(), &text).starts_with("cannot read x.h5: "));
    let run = golden("run.mat");
    insta::assert_snapshot!(told(Hdf5::new(), &run), @"`tests/golden/stream/run.mat` is one with validdata, validxdata, expected the datasets trainxdata and traindata, or train_in and train_out");
    insta::assert_snapshot!(told(Hdf5::new().part("valid").channels("ACGG"), &run), @"`channels` is ACGG, expected the letters A, C, G and T in some order");
    insta::assert_snapshot!(told(Hdf5::new().part("valid").last_axis(false), &run), @"`validxdata` has shape (40, 4, 37), expected a first axis as long as that of the labels in tests/golden/stream/run.mat, whose labels are [5, 37]");
    insta::assert_snapshot!(told(Hdf5::new().datasets("validxdata", "validxdata"), &run), @"`validxdata` has shape (40, 4, 37), expected one axis that counts examples (say which with `last_axis`) in tests/golden/stream/run.mat, whose labels are [40, 4, 37]");
    insta::assert_snapshot!(told(Hdf5::new().memory(5), &run), @"`memory` is 5, expected at least 65536 bytes");
    let basset = golden("basset.h5");
    insta::assert_snapshot!(told(Hdf5::new().datasets("test_in", "target_labels"), &basset), @"`test_in` has shape (37, 4, 1, 40), expected a first or last axis as long as that of the labels in tests/golden/stream/basset.h5, whose labels are [5]");
}
