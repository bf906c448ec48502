//! Tests of the room `catalogue`.

use crate::alone::is_alone;
use genolens::catalogue::{self, catalogue};
use genolens::image;
use std::path::Path;

#[test]
fn the_catalogue_is_complete() {
    let all = catalogue();
    assert_eq!(all.table().unwrap().shape(), (all.len(), 7));
    let mut names = all.names();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len());
    for set in all.as_slice() {
        let is_digit = |letter: char| letter.is_ascii_digit() || ('a'..='f').contains(&letter);
        assert!(
            set.sha256.len() == 64 && set.sha256.chars().all(is_digit),
            "{set:?}"
        );
        assert!(set.url.starts_with("http"), "{set:?}");
        let ends = Path::new(set.file).file_name().unwrap().to_str().unwrap();
        assert!(set.url.ends_with(ends), "{set:?}");
        for text in [set.licence, set.citation, set.content] {
            assert!(!text.is_empty(), "{set:?}");
        }
        assert_eq!(catalogue::data_set(set.name).unwrap(), *set);
    }
    let unknown = catalogue::find("mnist").unwrap_err().to_string();
    assert!(unknown.starts_with("`name` is `mnist`, expected one of mnist-train-images, "));
}

#[test]
fn a_file_is_looked_for_and_checked() {
    if !is_alone("catalogue::a_file_is_looked_for_and_checked") {
        return;
    }
    let process = std::process::id();
    let folder = std::env::temp_dir().join(format!("genolens_catalogue_{process}"));
    let path = folder.join("small-digits/digits.csv.gz");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    #[expect(unsafe_code, reason = "this process has one test")]
    // SAFETY: no other thread of this process looks at its environment.
    unsafe {
        std::env::set_var("GENOLENS_DATA", &folder);
        std::env::set_var("GENOLENS_CACHE", folder.join("cache"));
    }
    let problem = || {
        let error = catalogue::find("small-digits").unwrap_err().to_string();
        error.replace(&folder.display().to_string(), "FOLDER")
    };
    insta::assert_snapshot!(problem(), @"`small-digits` is not here, expected a file from https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.9.1/sklearn/datasets/data/digits.csv.gz at FOLDER/small-digits/digits.csv.gz");
    // Sums of no byte, of a short text and of one longer than a block and a buffer.
    for (bytes, sum) in [
        (
            Vec::new(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            b"abc".to_vec(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            vec![b'a'; 1_000_000],
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".to_vec(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ] {
        std::fs::write(&path, &bytes).unwrap();
        let problem = problem();
        assert!(
            problem.starts_with(&format!(
                "`SHA-256 sum of FOLDER/small-digits/digits.csv.gz` is {sum}, expected 09f66e6d"
            )),
            "{problem}"
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_small_digits_of_the_catalogue_are_whole() {
    if crate::data::file("small-digits/digits.csv.gz").is_none() {
        return;
    }
    let digits = image::open_small_digits(catalogue::find("small-digits").unwrap()).unwrap();
    assert_eq!(digits.values().dim(), (1797, 1, 8, 8));
    assert_eq!(digits.of_class(0).len(), 178);
}
