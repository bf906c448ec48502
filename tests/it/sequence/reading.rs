//! FASTA and peak tables, good and bad.

use genolens::sequence::{self, Alphabet, Fasta, Peaks, Sequences};
use proptest::prelude::*;
use std::path::PathBuf;

/// A file of this name in a folder of the test build.
fn scratch(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// An error with the folder taken out.
fn told(error: &genolens::Error) -> String {
    error
        .to_string()
        .replace(concat!(env!("CARGO_TARGET_TMPDIR"), "/"), "")
}

#[test]
fn records_may_span_lines() {
    let s = Fasta::new()
        .parse("\n>a first one\r\nACgt\r\n\r\n AC\r\n>b\nNN\n")
        .unwrap();
    assert_eq!(s.names(), ["a", "b"]);
    assert_eq!((s.text(0), s.text(1)), ("ACGTAC", "NN"));
    assert_eq!(s.alphabet(), Alphabet::Dna);
    assert_eq!(
        Fasta::new().parse(">Tu\nACGU\n").unwrap().alphabet(),
        Alphabet::Rna
    );
}

#[test]
fn ambiguity_codes_are_read_only_when_asked_for() {
    let text = ">a\nACRYT\n";
    insta::assert_snapshot!(Fasta::new().parse(text).unwrap_err(), @"FASTA text, line 2: expected a letter of DNA (ACGT or N), got `R` in column 3");
    assert_eq!(
        Fasta::new().ambiguous(true).parse(text).unwrap().text(0),
        "ACNNT"
    );
}

#[test]
fn bad_fasta_is_named_with_file_and_line() {
    let tell = |text: &str| {
        let path = scratch("bad.fa", text.as_bytes());
        told(&sequence::open(path).unwrap_err())
    };
    insta::assert_snapshot!(tell(">a\nACGT\nAC!T\n"), @"bad.fa, line 3: expected a letter of DNA (ACGT or N), got `!` in column 3");
    insta::assert_snapshot!(tell(">a\nACGTé\n"), @"bad.fa, line 2: expected a letter of DNA (ACGT or N), got `é` in column 5");
    insta::assert_snapshot!(tell(">a\nACGT\n>b\nACGU\n"), @"bad.fa, line 4: expected DNA or RNA, not T and U in one file, got `U` in column 4");
    insta::assert_snapshot!(tell(""), @"bad.fa, line 1: expected a header that begins with `>`, got an empty file");
    insta::assert_snapshot!(tell("\n\n"), @"bad.fa, line 1: expected a header that begins with `>`, got no record");
    insta::assert_snapshot!(tell("ACGT\n>a\nACGT\n"), @"bad.fa, line 1: expected a header that begins with `>`, got `ACGT`");
    insta::assert_snapshot!(tell(">a\nACGT\n>b\n\n>c\nACGT\n"), @"bad.fa, line 3: expected letters after the header of `b`, got none");
    insta::assert_snapshot!(tell(">a\nACGT\n>b\n"), @"bad.fa, line 3: expected letters after the header of `b`, got none");
    insta::assert_snapshot!(tell(">\nACGT\n"), @"bad.fa, line 1: expected a name after `>`, got nothing");
    let binary = scratch("bad.fa", b">a\nAC\xffGT\n");
    insta::assert_snapshot!(told(&sequence::open(binary).unwrap_err()), @"bad.fa, line 2: expected UTF-8 text, got byte 0xff");
}

#[test]
fn an_absent_file_is_named() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("absent.fa");
    insta::assert_snapshot!(told(&sequence::open(path).unwrap_err()), @"cannot read absent.fa: No such file or directory (os error 2)");
}

#[test]
fn gzip_is_known_by_its_content() {
    let s = Sequences::dna(["ACGT".repeat(50), "N".into()]).unwrap();
    let packed = scratch("round.fa.gz", b"");
    s.save(&packed).unwrap();
    let bytes = std::fs::read(&packed).unwrap();
    assert_eq!(bytes[..2], [0x1f, 0x8b]);
    let misnamed = scratch("really_gzip.fa", &bytes);
    assert_eq!(sequence::open(misnamed).unwrap(), s);
    let twice = scratch("two_members.fa", &[bytes.clone(), bytes.clone()].concat());
    assert_eq!(sequence::open(twice).unwrap().len(), 4);
    let cut = scratch("cut.fa.gz", &bytes[..bytes.len() - 9]);
    insta::assert_snapshot!(told(&sequence::open(cut).unwrap_err()), @"cannot read cut.fa.gz: the gzip stream is truncated");
    let mut flipped = bytes;
    let last = flipped.len() - 6;
    flipped[last] ^= 0xff;
    let flipped = scratch("flipped.fa.gz", &flipped);
    insta::assert_snapshot!(told(&sequence::open(flipped).unwrap_err()), @"cannot read flipped.fa.gz: the gzip stream is broken (corrupt gzip stream does not have a matching checksum)");
}

#[test]
fn writing_into_nowhere_is_named() {
    let s = Sequences::dna(["ACGT"]).unwrap();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no_such_folder/a.fa");
    insta::assert_snapshot!(told(&s.save(path).unwrap_err()), @"cannot write no_such_folder/a.fa: No such file or directory (os error 2)");
}

#[test]
fn bad_peak_tables_are_named_with_line() {
    let tell =
        |rows: &str| Peaks::parse(&format!("FoldID\tEventID\tseq\tBound\n{rows}")).unwrap_err();
    insta::assert_snapshot!(Peaks::parse("").unwrap_err(), @"peak table, line 1: expected the tab-separated header FoldID EventID seq Bound, got an empty file");
    insta::assert_snapshot!(Peaks::parse("chr1\t100\t200\n").unwrap_err(), @"peak table, line 1: expected the tab-separated header FoldID EventID seq Bound, got `chr1	100	200`");
    insta::assert_snapshot!(tell(""), @"peak table, line 2: expected a peak, got nothing after the header");
    insta::assert_snapshot!(tell("A\te1\tACGT\t1\nA\te2\tACGT\n"), @"peak table, line 3: expected 4 tab-separated columns, got 3");
    insta::assert_snapshot!(tell("A\te1\tACXT\t1\n"), @"peak table, line 2: expected a letter of DNA (ACGT or N), got `X`");
    insta::assert_snapshot!(tell("A\te1\t\t1\n"), @"peak table, line 2: expected letters in column `seq`, got none");
    insta::assert_snapshot!(tell("A\te1\tACGT\tyes\n"), @"peak table, line 2: expected a number in column `Bound`, got `yes`");
    insta::assert_snapshot!(tell("A\te1\tACGT\tNaN\n"), @"peak table, line 2: expected a number in column `Bound`, got `NaN`");
}

#[test]
fn published_peaks_are_read_as_they_are() {
    let Some(path) = crate::data::file("encode/GABPA_B.seq.gz") else {
        return;
    };
    let peaks = sequence::open_peaks(&path).unwrap();
    assert_eq!(peaks.len(), 1000);
    assert_eq!(peaks.sequences().length().unwrap(), 101);
    assert_eq!(peaks.bound().sum(), 500.0);
    assert_eq!(peaks.events()[0], "seq_00002_peak");
    assert_eq!(peaks.folds()[0], "A");
    // Letters counted with cut, fold and uniq.
    let counts = peaks.sequences().composition() * 101_000.0;
    for (count, expected) in counts.iter().zip([17_085.0, 32_946.0, 33_440.0, 17_525.0]) {
        assert!((count - expected).abs() < 60.0, "{counts}");
    }
    assert_eq!(sequence::open(path).unwrap(), peaks.sequences());
}

proptest! {
    #[test]
    fn fasta_round_trips(texts in prop::collection::vec("[ACGTN]{1,300}", 1..6)) {
        let s = Sequences::dna(&texts).unwrap();
        prop_assert_eq!(Fasta::new().parse(&s.to_fasta()).unwrap(), s);
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "[>ACGTUN \t\r\nFoldIDEventIDseqBound01é]{0,80}") {
        let _ = Fasta::new().parse(&text);
        let _ = Peaks::parse(&text);
    }
}
