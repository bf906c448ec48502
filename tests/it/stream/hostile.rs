//! FASTA files that are none.

use super::folder::{Folder, gzip, letters};
use genolens::ndarray::{Array1, array};
use genolens::stream::{Genome, fasta};
use genolens::training::Source;

#[test]
fn files_that_are_no_fasta_are_named_with_the_line() {
    let folder = Folder::new("stream_hostile");
    let told = |content: &[u8]| {
        let path = folder.file("x.fa", content);
        folder.told(&fasta(path, &array![1.0_f32]).unwrap_err())
    };
    insta::assert_snapshot!(told(b""), @"x.fa, line 1: expected a header that begins with `>`, got an empty file");
    insta::assert_snapshot!(told(b"\n\n"), @"x.fa, line 1: expected a header that begins with `>`, got no record");
    insta::assert_snapshot!(told(b"ACGT\n"), @"x.fa, line 1: expected a header that begins with `>`, got `ACGT`");
    insta::assert_snapshot!(told(b">a\nACGT\n>\nACGT\n"), @"x.fa, line 3: expected a name after `>`, got nothing");
    insta::assert_snapshot!(told(b">a\n>b\nACGT\n"), @"x.fa, line 1: expected letters after the header of `a`, got none");
    insta::assert_snapshot!(told(b">a\nACGT\n>b\n"), @"x.fa, line 3: expected letters after the header of `b`, got none");
    insta::assert_snapshot!(told(b">a\nACGT\nACXT\n"), @"x.fa, line 3: expected a letter of DNA (ACGT or N), got `X` in column 3");
    insta::assert_snapshot!(told(b">a\nACGT\nACR\n"), @"x.fa, line 3: expected a letter of DNA (ACGT or N), got `R` in column 3");
    insta::assert_snapshot!(told(b">a\n\xff\n"), @r#"x.fa, line 2: expected a letter of DNA (ACGT or N), got `\xff` in column 1"#);
    insta::assert_snapshot!(told(&[b">", &b"x".repeat(70_000)[..], b"\nA\n"].concat()), @"x.fa, line 1: expected a header of at most 65536 bytes, got a longer one");
    insta::assert_snapshot!(told(&gzip(b">a\nACGT\nACXT\n")), @"x.fa, line 3: expected a letter of DNA (ACGT or N), got `X` in column 3");
    let error = fasta(folder.path(""), &array![1.0_f32]).unwrap_err();
    assert!(error.to_string().starts_with("cannot read "), "{error}");
}

#[test]
fn a_file_that_changes_is_noticed() {
    let folder = Folder::new("stream_changes");
    let text = |count: usize| [b">a\n", &letters(count, 1)[..], b"\n"].concat();
    let path = folder.file("x.fa", text(50));
    let stream = fasta(&path, &array![1.0_f32]).unwrap();
    folder.file("x.fa", text(49));
    insta::assert_snapshot!(folder.told(&stream.read(&[0]).unwrap_err()), @"cannot read x.fa: the file has changed since it was opened");
    insta::assert_snapshot!(stream.read(&[1]).unwrap_err(), @"`rows` is 1, expected below 1");
    insta::assert_snapshot!(stream.labels(&[]).unwrap_err(), @"`rows` is none, expected at least 1");
}

#[test]
fn an_index_that_points_past_the_file_is_not_used() {
    let folder = Folder::new("stream_far_index");
    let path = folder.file("x.fa", b">a\nACGT\nAC\n");
    // The product of these is more than 64 bits can say, the next less.
    for index in [
        "a\t140737488355327\t3\t1\t140737488355327\n",
        "a\t140737488355327\t3\t4\t5\n",
    ] {
        folder.file("x.fa.fai", index);
        let genome = Genome::open(&path).unwrap();
        assert_eq!(genome.length("a").unwrap(), 6);
        assert_eq!(genome.sequence("a", 3..5).unwrap().text(0), "TA");
    }
    // Of many records only some are compared with the file, but no place may lie behind its end.
    let text: String = (0..600).map(|i| format!(">r{i}\nACGT\n")).collect();
    let path = folder.file("many.fa", &text);
    let line = |i: usize| {
        let start = text.find(&format!(">r{i}\n")).unwrap() + format!(">r{i}\n").len();
        let letters = if i == 301 { 1_u64 << 46 } else { 4 };
        format!("r{i}\t{letters}\t{start}\t4\t5\n")
    };
    folder.file("many.fa.fai", (0..600).map(line).collect::<String>());
    let stream = fasta(&path, &Array1::<f32>::ones(600)).unwrap();
    assert_eq!(stream.shape(), [600, 4, 4]);
    assert_eq!(
        stream.notes(),
        ["its .fai belongs to another file and was not used"]
    );
}

#[test]
fn a_carriage_return_within_a_line_moves_no_letter() {
    let folder = Folder::new("stream_return");
    let path = folder.file("x.fa", b">a\nAC\rGTAC\nACGTAC\n");
    insta::assert_snapshot!(folder.told(&Genome::open(&path).unwrap_err()), @"x.fa, line 2: expected lines of one length in `a`, all but the last, as `samtools faidx` asks for, got another length");
    let whole = fasta(&path, &array![1.0_f32]).unwrap();
    assert_eq!(whole.shape(), [1, 4, 12]);
    assert_eq!(super::folder::text(&whole, 0), "ACGTACACGTAC");
}
