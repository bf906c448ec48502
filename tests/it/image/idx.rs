//! IDX files, sound and broken.

use flate2::Compression;
use flate2::write::GzEncoder;
use genolens::image::{self, Idx};
use proptest::prelude::*;
use std::io::Write;
use std::path::PathBuf;

fn idx(sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, sizes.len() as u8];
    for size in sizes {
        bytes.extend(size.to_be_bytes());
    }
    bytes.extend(values);
    bytes
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let process = std::process::id();
    let path = std::env::temp_dir().join(format!("genolens_{process}_{name}"));
    std::fs::write(&path, bytes).unwrap();
    path
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn images_and_labels_are_read_plain_or_gzipped() {
    let pixels: Vec<u8> = (0..12).map(|k| k * 20).collect();
    let images = idx(&[2, 2, 3], &pixels);
    let labels = idx(&[2], &[9, 3]);
    let paths = [
        file("images", &images),
        file("images_packed", &gzipped(&images)),
        file("labels", &labels),
    ];
    for images in &paths[..2] {
        let read = image::open_images(images, &paths[2]).unwrap();
        assert_eq!(read.values().dim(), (2, 1, 2, 3));
        assert_eq!(read.values()[[1, 0, 1, 2]], 220.0 / 255.0);
        assert_eq!(read.labels().to_vec(), [9.0, 3.0]);
    }
    let raw = image::open_idx(&paths[1]).unwrap();
    assert_eq!(
        (raw.shape(), raw.len(), raw.is_empty()),
        (&[2, 2, 3][..], 2, false)
    );
    assert_eq!(raw.values().unwrap()[[0, 1, 0]], 60);
    insta::assert_snapshot!(format!("{raw:?}"), @"Idx(2 x 2 x 3)");
    let error = image::open_images(&paths[0], file("one_label", &idx(&[1], &[9]))).unwrap_err();
    let error = error.to_string();
    assert!(
        error.ends_with("one_label` is 1, expected 2 labels, one for each image"),
        "{error}"
    );
    insta::assert_snapshot!(raw.labels().unwrap_err(), @"`labels` has shape (2, 2, 3), expected (n,)");
    insta::assert_snapshot!(Idx::parse(&labels).unwrap().images().unwrap_err(), @"`images` has shape (2), expected (n, height, width)");
}

#[test]
fn what_is_no_idx_file_is_named() {
    let problem = |bytes: &[u8]| Idx::parse(bytes).unwrap_err().to_string();
    insta::assert_snapshot!(problem(b""), @"`bytes` is one that begins with the bytes [], expected an IDX file, which begins with two zeros");
    insta::assert_snapshot!(problem(b"PK\x03\x04more"), @"`bytes` is one that begins with the bytes [80, 75, 3, 4], expected an IDX file, which begins with two zeros");
    insta::assert_snapshot!(problem(&[0, 0, 13, 1, 0, 0, 0, 0]), @"`bytes` is one of 32-bit floats, expected an IDX file of bytes, kind 8");
    insta::assert_snapshot!(problem(&[0, 0, 77, 1, 0, 0, 0, 0]), @"`bytes` is one of kind 77, expected an IDX file of bytes, kind 8");
    insta::assert_snapshot!(problem(&[0, 0, 8, 0]), @"`bytes` is one without, expected an IDX file with at least 1 axis");
    insta::assert_snapshot!(problem(&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0]), @"`bytes` is one of 3 axes that ends after 10 bytes, expected an IDX file with the sizes of all axes");
    insta::assert_snapshot!(problem(&idx(&[u32::MAX, u32::MAX, u32::MAX], &[])), @"`bytes` is one of 4294967295 x 4294967295 x 4294967295, expected an IDX file of at most 536870912 numbers");
    insta::assert_snapshot!(problem(&idx(&[2, 2], &[1, 2, 3])), @"`bytes` is 3 numbers long, expected 4 numbers, as its sizes 2 x 2 say");
    insta::assert_snapshot!(problem(&idx(&[2], &[1, 2, 3])), @"`bytes` is 3 numbers long, expected 2 numbers, as its sizes 2 say");
}

#[test]
fn files_that_are_not_what_they_seem_are_named() {
    let whole = gzipped(&idx(&[40], &[7; 40]));
    let cut = file("cut", &whole[..whole.len() - 6]);
    let error = image::open_idx(&cut).unwrap_err().to_string();
    assert!(error.ends_with("the gzip stream is truncated"), "{error}");
    let mut broken = whole;
    broken[12] ^= 0xff;
    let error = image::open_idx(file("broken", &broken)).unwrap_err();
    assert!(error.to_string().contains("gzip"), "{error}");
    let error = image::open_idx("nowhere/at.all").unwrap_err().to_string();
    assert!(error.starts_with("cannot read nowhere/at.all: "), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_or_refused_in_a_line(
        head in prop::collection::vec(prop::sample::select(vec![0_u8, 1, 2, 3, 8, 255]), 0..20), rest in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        for bytes in [[head.clone(), rest.clone()].concat(), [vec![0, 0, 8], head, rest].concat()] {
            match Idx::parse(&bytes) {
                Ok(idx) => {
                    prop_assert_eq!(idx.shape().iter().product::<usize>(), bytes.len() - 4 - 4 * idx.shape().len());
                    // None of these may end the process.
                    let _ = (idx.values().is_ok(), idx.images().is_ok(), idx.labels().is_ok());
                }
                Err(error) => prop_assert!(!error.to_string().contains('\n')),
            }
        }
    }

    #[test]
    fn what_was_written_is_read(sizes in prop::collection::vec(1_u32..5, 1..4), seed in any::<u8>()) {
        let count: u32 = sizes.iter().product();
        let values: Vec<u8> = (0..count).map(|k| (k as u8).wrapping_mul(37) ^ seed).collect();
        let read = Idx::parse(&idx(&sizes, &values)).unwrap();
        let found = read.values().unwrap();
        prop_assert_eq!(found.iter().copied().collect::<Vec<_>>(), values);
        prop_assert_eq!(read.shape().to_vec(), sizes.iter().map(|&size| size as usize).collect::<Vec<_>>());
    }
}
