//! Sequences in polars frames.

use super::folder::text;
use genolens::ndarray::array;
use genolens::network::Architecture;
use genolens::polars::df;
use genolens::polars::prelude::{DataFrame, IntoLazy, col, lit};
use genolens::stream::{FrameColumns, frame};
use genolens::training::{Fit, Source};

fn table() -> DataFrame {
    df!(
        "seq" => ["ACGTN", "TTTTT", "acgta"],
        "a" => [Some(1.0), None, Some(0.0)],
        "b" => [true, false, true],
        "chrom" => ["chr1", "chr2", "chr1"],
        "n" => ["x", "y", "z"],
    )
    .unwrap()
}

#[test]
fn columns_become_examples_and_labels() {
    let stream = frame(&table(), "seq", &["a", "b"]).unwrap();
    assert_eq!(
        (stream.shape(), stream.labels_shape()),
        (vec![3, 4, 5], vec![3, 2])
    );
    let batch = stream.read(&[2, 1]).unwrap();
    assert_eq!(text(&stream, 2), "ACGTA");
    assert_eq!(batch.labels(), &array![[0.0, 1.0], [0.0, 0.0]].into_dyn());
    assert_eq!(
        batch.weights().unwrap(),
        &array![[1.0, 1.0], [0.0, 1.0]].into_dyn()
    );
    let options = FrameColumns::new("seq", &["b"]).groups("chrom").resize(3);
    let lazy = table().lazy().filter(col("chrom").eq(lit("chr1")));
    let few = options.open_lazy(&lazy).unwrap();
    assert_eq!((few.len(), text(&few, 0)), (2, "CGT".to_owned()));
    assert_eq!(few.groups().unwrap(), ["chr1", "chr1"]);
    // A frame is labels for arrays, too.
    let x = array![[0.0_f32, 1.0], [1.0, 0.0], [0.5, 0.5]];
    let network = Architecture::features(2).dense(1).build().unwrap();
    let fit = Fit::new().epochs(1).validation(0.0);
    assert!(fit.run(&network, &x, table().column("b").unwrap()).is_ok());
    let missing = fit.run(&network, &x, table().column("a").unwrap());
    insta::assert_snapshot!(missing.unwrap_err(), @"`labels` is NaN at position 1, expected finite");
}

#[test]
fn wrong_columns_are_named() {
    let told = |sequences: &str, labels: &[&str]| frame(&table(), sequences, labels).unwrap_err();
    insta::assert_snapshot!(told("sequence", &["a"]), @"`column` is `sequence`, expected one of seq, a, b, chrom, n");
    insta::assert_snapshot!(told("a", &["b"]), @"`column a` is of f64, expected text");
    insta::assert_snapshot!(told("seq", &["n"]), @"`column n` is of str, expected numbers or truth values");
    insta::assert_snapshot!(told("seq", &[]), @"`labels` is none, expected at least one column");
    insta::assert_snapshot!(told("chrom", &["a"]), @"`row 0 of column chrom` is `h` at position 2, expected a letter of DNA (ACGT or N)");
    let short = df!("seq" => ["ACG", "AC"], "a" => [1, 0]).unwrap();
    insta::assert_snapshot!(frame(&short, "seq", &["a"]).unwrap_err(), @"`row 1 of column seq` is 2 long, expected 3 letters as in row 0, or the option `resize`");
    let null = df!("seq" => [Some("ACG"), None], "a" => [1, 0]).unwrap();
    insta::assert_snapshot!(frame(&null, "seq", &["a"]).unwrap_err(), @"`row 1 of column seq` is null or empty, expected a sequence");
    assert!(frame(&short.head(Some(0)), "seq", &["a"]).is_err());
}
