//! Names of files and columns, and lengths to cut to.

use genolens::Result;
use genolens::ndarray::{Array1, array};
use genolens::network::{Architecture, Mapping, Tensors};
use genolens::polars::prelude::{DataFrame, IntoLazy, df};
use genolens::stream::{FastaFile, FrameColumns, Shuffled, fasta, frame, hdf5};
use genolens::training::Source;
use std::path::PathBuf;

fn told<T>(result: Result<T>) -> String {
    result
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

fn written(name: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("genolens_careless_{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn table() -> DataFrame {
    df!("seq" => ["ACGT", "ACGA"], "y" => [0.0_f32, 1.0]).unwrap()
}

#[test]
fn a_file_needs_a_name() {
    let error = told(fasta("", &array![1.0_f32]));
    assert!(
        error.starts_with("cannot read a file without a name: "),
        "{error}"
    );
    let network = Architecture::features(2).dense(1).build().unwrap();
    let error = told(network.save(""));
    assert!(
        error.starts_with("cannot write a file without a name: "),
        "{error}"
    );
    insta::assert_snapshot!(told(network.weight("")), @"`name` is empty, expected one of 0.dense.weight, 0.dense.bias");
}

#[test]
fn a_length_to_fill_up_to_is_bounded() {
    let path = written("two.fa", ">a\nACGT\n>b\nACGTA\n");
    let labels = Array1::<f32>::zeros(2);
    let open = |length| told(FastaFile::new().resize(length).open(&path, &labels));
    insta::assert_snapshot!(open(0), @"`resize` is 0, expected at least 1");
    insta::assert_snapshot!(open(1 << 40), @"`resize` is 1099511627776, expected at most 268435456 positions");
    let columns = FrameColumns::new("seq", &["y"]).resize(usize::MAX);
    insta::assert_snapshot!(told(columns.open(&table())), @"`resize` is 18446744073709551615, expected at most 268435456 positions");
    assert_eq!(open(5), "");
}

#[test]
fn columns_of_a_frame_are_named_in_one_line() {
    insta::assert_snapshot!(told(frame(&table(), "seq", &["y", "y"])), @"`labels` is `y` twice, expected each column once");
    let lazy = told(FrameColumns::new("nope", &["y"]).open_lazy(&table().lazy()));
    assert!(lazy.contains("nope") && lazy.contains("\"seq\""), "{lazy}");
    assert!(!lazy.contains('\n'), "{lazy}");
}

#[test]
fn text_is_no_hdf5() {
    let path = written("text.h5", "hello");
    let error = told(hdf5(&path, "train"));
    assert!(error.ends_with("text.h5: it is no HDF5 file"), "{error}");
}

#[test]
fn copies_without_end_are_cut() {
    let path = written("one.fa", ">a\nACGTACGT\n");
    let stream = fasta(path, &array![1.0_f32]).unwrap();
    let shuffled = Shuffled::new(stream).unwrap().copies(usize::MAX);
    assert_eq!(shuffled.len(), 10_000);
}

#[test]
fn a_kernel_is_asked_for_in_the_order_of_the_file() {
    let layers = Architecture::sequences(4).convolution(6, 5);
    let network = layers.global_max_pool().build().unwrap();
    let path = written("kernel.safetensors", "");
    network.save(&path).unwrap();
    let tensors = Tensors::read(&path).unwrap();
    let error = told(network.load_tensors(&tensors, &Mapping::by_name().kernels("wio")));
    assert!(
        error.ends_with("has shape (6, 4, 5), expected (5, 4, 6) for axes `wio`"),
        "{error}"
    );
}
