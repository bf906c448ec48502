//! HDF5 files that are made to do harm.

use super::folder::{Folder, golden};
use crate::chunk_tree::{place, record, tree, with_branches_that_meet};
use genolens::stream::{Hdf5, hdf5};
use genolens::training::Source;

/// Bytes of the head of a node in a tree of chunks.
const HEAD: usize = 24;
/// Of the examples in `chunks.mat`.
const AXES: usize = 3;

/// `chunks.mat`, whose examples lie in 48 packed chunks, and where the tree of these begins.
fn chunks() -> (Vec<u8>, usize) {
    let bytes = std::fs::read(golden("chunks.mat")).unwrap();
    let tree = tree(&bytes);
    (bytes, tree)
}

/// Says why a file is not opened.
fn refused(test: &str, bytes: Vec<u8>) -> String {
    let folder = Folder::new(test);
    let path = folder.file("x.mat", bytes);
    folder.told(&hdf5(path, "train").unwrap_err())
}

#[test]
fn a_tree_whose_branches_all_meet_again_ends() {
    let bytes = with_branches_that_meet(chunks().0, AXES);
    insta::assert_snapshot!(refused("stream_tree", bytes), @"cannot read x.mat: HDF5 format error: byte source error: an index leads to the same places again and again");
}

#[test]
fn chunks_that_are_told_twice_or_lie_between_others_are_refused() {
    let (mut bytes, tree) = chunks();
    let (first, length) = (tree + HEAD, record(AXES));
    bytes.copy_within(first..first + length, first + length);
    insta::assert_snapshot!(refused("stream_twice", bytes), @"cannot read x.mat: the HDF5 file is truncated or broken");
    let (mut bytes, tree) = chunks();
    bytes[tree + HEAD + 8] += 1;
    insta::assert_snapshot!(refused("stream_twice", bytes), @"cannot read x.mat: the HDF5 file is truncated or broken");
}

#[test]
fn chunks_larger_than_the_file_are_refused() {
    let (mut bytes, tree) = chunks();
    bytes[tree + HEAD..tree + HEAD + 4].copy_from_slice(&(1_u32 << 30).to_le_bytes());
    insta::assert_snapshot!(refused("stream_larger", bytes), @"cannot read x.mat: the HDF5 file is truncated or broken");
    // 840 MB for each of 12 chunks.
    let (mut bytes, _) = chunks();
    let shape = place(&bytes, &[7, 0, 0, 0, 3, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0]);
    bytes[shape + 8..shape + 12].copy_from_slice(&40_000_000_u32.to_le_bytes());
    insta::assert_snapshot!(refused("stream_larger", bytes), @"cannot read x.mat: parts of a dataset were never written, or the HDF5 file is truncated");
}

#[test]
fn a_filter_for_numbers_of_four_thousand_million_bytes_does_nothing() {
    let (mut bytes, _) = chunks();
    let size = place(&bytes, b"shuffle\0") + 8;
    assert_eq!(bytes[size..size + 4], [1, 0, 0, 0]);
    bytes[size..size + 4].fill(255);
    let folder = Folder::new("stream_hostile_shuffle");
    let changed = hdf5(folder.file("x.mat", bytes), "train").unwrap();
    let whole = hdf5(golden("chunks.mat"), "train").unwrap();
    assert_eq!(
        changed.read(&[3, 30]).unwrap(),
        whole.read(&[3, 30]).unwrap()
    );
}

#[test]
fn a_single_number_is_no_example() {
    let folder = Folder::new("stream_hostile_scalar");
    let path = folder.path("x.h5");
    let mut file = hdf5_pure::FileBuilder::new();
    for name in ["x", "y"] {
        file.create_dataset(name)
            .with_f64_data(&[1.0])
            .with_shape(&[]);
    }
    file.write(&path).unwrap();
    let options = Hdf5::new().datasets("x", "y");
    let told = |options: Hdf5| folder.told(&options.open(&path).unwrap_err());
    insta::assert_snapshot!(told(options.clone()), @"`x` has shape (), expected a first or last axis as long as that of the labels in x.h5, whose labels are []");
    insta::assert_snapshot!(told(options.clone().last_axis(true)), @"`x` has shape (), expected a last axis as long as that of the labels in x.h5, whose labels are []");
    insta::assert_snapshot!(told(options.last_axis(false)), @"`x` has shape (), expected a first axis as long as that of the labels in x.h5, whose labels are []");
}
