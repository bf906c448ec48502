//! Records of FASTA files, however they are laid out and packed.

use super::folder::{Folder, bgzip, fasta_text, gzip, letters, text};
use crate::alone::is_alone;
use genolens::ndarray::{Array1, Array2, array};
use genolens::polars::df;
use genolens::sequence::{Alphabet, Sequences, Unknown};
use genolens::stream::{FastaFile, Genome, HeaderLabels, fasta};
use genolens::training::{Arrays, Source};
use proptest::prelude::*;

/// Records of 60 letters, and the same in memory.
fn records(n: usize, seed: u32) -> (Vec<(String, Vec<u8>)>, Arrays) {
    let pairs: Vec<(String, Vec<u8>)> = (0..n)
        .map(|i| (format!("r{i} chr{}", i % 3), letters(60, seed + i as u32)))
        .collect();
    let sequences = Sequences::new(Alphabet::Dna, pairs.clone()).unwrap();
    let labels = Array1::from_shape_fn(n, |i| (i % 2) as f32);
    (pairs, Arrays::new(&sequences, &labels).unwrap())
}

fn written(pairs: &[(String, Vec<u8>)], width: usize) -> Vec<u8> {
    let pairs: Vec<(&str, &[u8])> = pairs.iter().map(|(n, l)| (n.as_str(), &l[..])).collect();
    fasta_text(&pairs, width)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_stream_is_the_array_for_any_batch(
        rows in prop::collection::vec(0_usize..23, 1..60), width in 1_usize..80, packed in 0_usize..4,
    ) {
        let folder = Folder::new("stream_any_batch");
        let (pairs, arrays) = records(23, 5);
        let mut content = written(&pairs, width);
        if packed == 3 {
            // Windows line ends, and none after the last line.
            let text = String::from_utf8(content).unwrap().replace('\n', "\r\n");
            content = text.trim_end().as_bytes().to_vec();
        }
        let content = match packed {
            1 => gzip(&content),
            2 => bgzip(&content, 200),
            _ => content,
        };
        let path = folder.file(&format!("x{width}_{packed}.fa"), content);
        let labels = Array1::from_shape_fn(23, |i| (i % 2) as f32);
        let stream = fasta(path, &labels).unwrap();
        prop_assert_eq!(stream.read(&rows).unwrap(), arrays.read(&rows).unwrap());
        prop_assert_eq!(stream.labels(&rows).unwrap(), arrays.labels(&rows).unwrap());
        prop_assert_eq!(stream.shape(), [23, 4, 60]);
    }
}

// As many cases as `PROPTEST_CASES` says.
proptest! {
    /// Cutting, flipping and filling files must never panic, and what opens must be readable or say why not.
    #[test]
    fn any_bytes_give_an_answer(bytes in prop::collection::vec(prop::sample::select(&b">ACGTNacgu\n\r \tx1"[..]), 0..200)) {
        let folder = Folder::new("stream_any_bytes");
        let path = folder.file("x.fa", &bytes);
        let words = HeaderLabels::word("1", 1.0);
        if let Ok(stream) = FastaFile::new().resize(7).open_told(&path, &words) {
            let rows: Vec<usize> = (0..stream.len()).collect();
            let batch = stream.read(&rows).unwrap();
            prop_assert_eq!(batch.x().shape(), [rows.len(), 4, 7]);
        }
        if let Ok(genome) = Genome::open(&path) {
            for name in genome.names() {
                let length = genome.length(&name).unwrap();
                prop_assert!(genome.sequence(&name, 0..length).is_ok());
            }
        }
    }
}

#[test]
fn a_genome_is_read_piece_by_piece() {
    let folder = Folder::new("stream_pieces");
    let (long, short) = (letters(1003, 1), letters(57, 2));
    let content = fasta_text(&[("chrA x", &long), ("chrB", &short)], 50);
    let whole = String::from_utf8(long).unwrap();
    for (name, bytes) in [
        ("g.fa", content.clone()),
        ("g.fa.bgz", bgzip(&content, 97)),
        ("g.fa.gz", gzip(&content)),
    ] {
        let genome = Genome::open(folder.file(name, bytes)).unwrap();
        assert_eq!(genome.names(), ["chrA", "chrB"]);
        assert_eq!(genome.length("chrB").unwrap(), 57);
        for (from, to) in [
            (0, 1),
            (0, 1003),
            (49, 51),
            (50, 100),
            (99, 100),
            (1002, 1003),
        ] {
            let piece = genome.sequence("chrA", from..to).unwrap();
            assert_eq!(piece.text(0), &whole[from..to], "{name} {from}..{to}");
        }
        let error = genome.sequence("chrB", 50..58).unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"`positions` is 50..58, expected within 0..57, `chrB`");
        }
    }
}

#[test]
fn an_index_beside_the_file_is_used_only_if_it_fits() {
    let folder = Folder::new("stream_fai");
    let (a, b) = (letters(103, 1), letters(103, 2));
    let path = folder.file("g.fa", fasta_text(&[("a", &a), ("b x", &b)], 50));
    let fai = "a\t103\t3\t50\t51\nb\t103\t114\t50\t51\n";
    // A wrong letter shows that the file was not read through when it was opened.
    let mut wrong = fasta_text(&[("a", &a), ("b x", &b)], 50);
    wrong[60] = b'!';
    let labels = array![0.0_f32, 1.0];
    let strange = folder.file("w.fa", &wrong);
    let error = fasta(&strange, &labels).unwrap_err();
    insta::assert_snapshot!(folder.told(&error), @"w.fa, line 3: expected a letter of DNA (ACGT or N), got `!` in column 7");
    folder.file("w.fa.fai", fai);
    let stream = fasta(&strange, &labels).unwrap();
    assert!(stream.notes().is_empty());
    assert_eq!(text(&stream, 1).as_bytes(), b);
    let error = stream.read(&[0]).unwrap_err();
    insta::assert_snapshot!(folder.told(&error), @"w.fa, line 3: expected a letter of DNA (ACGT or N) in `a`, got `!`");
    // Indexes of other files.
    for stale in [
        "a\t103\t3\t50\t51\n",
        "a\t103\t3\t50\t51\nb\t90\t114\t50\t51\n",
        "a\t103\t3\t50\t51\nc\t103\t114\t50\t51\n",
        "a\t103\t3\t50\t51\nb\t103\t113\t50\t51\n",
        "a\t103\t3\t60\t61\nb\t103\t114\t50\t51\n",
        "a\t103\t3\t50\t51\nb\t1030000000\t114\t50\t51\n",
        "",
    ] {
        folder.file("g.fa.fai", stale);
        let stream = fasta(&path, &labels).unwrap();
        assert_eq!(
            stream.notes(),
            ["its .fai belongs to another file and was not used"],
            "{stale}"
        );
        assert_eq!(text(&stream, 1).as_bytes(), b, "{stale}");
    }
    folder.file("g.fa.fai", "a\t103\t3\t50\n");
    let error = fasta(&path, &labels).unwrap_err();
    insta::assert_snapshot!(folder.told(&error), @"g.fa.fai, line 1: expected 5 tab-separated columns, got 4 columns");
    folder.file("g.fa.fai", "a\t103\t3\t0\t51\n");
    let error = fasta(&path, &labels).unwrap_err();
    insta::assert_snapshot!(folder.told(&error), @"g.fa.fai, line 1: expected letters, and lines of at least as many bytes as letters, got 103, 0 and 51");
}

#[test]
fn lengths_are_checked_or_made() {
    let folder = Folder::new("stream_lengths");
    let path = folder.file("x.fa", ">a\nACGTA\n>b\nAC\nGT\n>c\nACGTACG\n");
    let labels = array![0.0_f32, 1.0, 0.0];
    let error = fasta(&path, &labels).unwrap_err();
    insta::assert_snapshot!(folder.told(&error), @"`record b (number 2) of x.fa` is 4 long, expected 5 letters as in `a`, the first record, or the option `resize`");
    let error = FastaFile::new().length(4).open(&path, &labels).unwrap_err();
    insta::assert_snapshot!(folder.told(&error), @"`record a (number 1) of x.fa` is 5 long, expected 4 letters, or the option `resize`");
    let fitted = FastaFile::new().resize(5).open(&path, &labels).unwrap();
    assert_eq!(text(&fitted, 0), "ACGTA");
    assert_eq!(text(&fitted, 1), "ACGTN");
    assert_eq!(text(&fitted, 2), "CGTAC");
    let zeros = FastaFile::new().resize(5).unknown(Unknown::Zero);
    let batch = zeros.open(&path, &labels).unwrap().read(&[1]).unwrap();
    assert_eq!(batch.x().sum(), 4.0);
}

#[test]
fn labels_come_from_arrays_columns_and_headers() {
    let folder = Folder::new("stream_labels");
    let path = folder.file(
        "x.fa",
        ">chr1:1-5|a 1 0.5\nACGTA\n>chr2:1-5|shuf 0 .\nACGTT\n",
    );
    let table = df!("bound" => [Some(1), None], "high" => [true, false]).unwrap();
    let one = fasta(&path, table.column("bound").unwrap()).unwrap();
    assert!(one.labels(&[1]).unwrap()[[0]].is_nan());
    let two = fasta(&path, &table).unwrap();
    assert_eq!(two.labels_shape(), [2, 2]);
    let batch = two.read(&[1, 0]).unwrap();
    assert_eq!(batch.labels().as_slice().unwrap(), [0.0, 0.0, 1.0, 1.0]);
    assert_eq!(
        batch.weights().unwrap().as_slice().unwrap(),
        [0.0, 1.0, 1.0, 1.0]
    );
    let told = |rule: HeaderLabels| FastaFile::new().open_told(&path, &rule);
    let fields = told(HeaderLabels::fields(&[3, 2]))
        .unwrap()
        .labels(&[0, 1])
        .unwrap();
    assert_eq!((fields[[0, 0]], fields[[0, 1]]), (0.5, 1.0));
    assert!(fields[[1, 0]].is_nan());
    let words = told(HeaderLabels::word("shuf", 0.0).otherwise(1.0)).unwrap();
    assert_eq!(
        words.labels(&[0, 1]).unwrap().as_slice().unwrap(),
        [1.0, 0.0]
    );
    insta::assert_snapshot!(folder.told(&told(HeaderLabels::fields(&[4])).unwrap_err()), @"x.fa, line 1: expected a number in field 4 of the header, got 3 fields");
    let behind = HeaderLabels::fields(&[2]).separator('|');
    insta::assert_snapshot!(folder.told(&told(behind).unwrap_err()), @"x.fa, line 1: expected a number in field 2 of the header, got `a 1 0.5`");
    insta::assert_snapshot!(folder.told(&told(HeaderLabels::fields(&[0])).unwrap_err()), @"`fields` is [0], expected at least one, counted from 1");
    let grouped = FastaFile::new().chromosomes(true);
    let grouped = grouped.open(&path, &table).unwrap();
    assert_eq!(grouped.groups().unwrap(), ["chr1", "chr2"]);
    let error = fasta(&path, &Array2::<f32>::zeros((3, 2))).unwrap_err();
    insta::assert_snapshot!(error, @"`labels` has shape (3, 2), expected (2) or (2, tasks), one row per example");
    let names = df!("name" => ["a", "b"]).unwrap();
    insta::assert_snapshot!(fasta(&path, &names).unwrap_err(), @"`column name` is of str, expected numbers or truth values");
}

#[test]
fn what_a_packed_file_costs_is_said() {
    let folder = Folder::new("stream_cost");
    let labels = array![1.0_f32];
    let packed = folder.file("x.fa.gz", gzip(b">a\nACGT\n"));
    let stream = fasta(packed, &labels).unwrap();
    insta::assert_snapshot!(stream.to_string().replace(&folder.path("").display().to_string(), ""), @"FASTA file x.fa.gz: 1 examples [4, 4], 1 label each; gzipped: unpacked once into a temporary file");
    let packed = folder.file("y.fa.gz", bgzip(b">a\nACGT\n", 99));
    insta::assert_snapshot!(fasta(packed, &labels).unwrap().notes()[0], @"block-gzipped: every piece unpacks blocks of 64 KiB");
}

/// A process that is killed cannot clean up, so there must be nothing to clean.
#[test]
#[cfg(unix)]
fn the_copy_of_a_gzipped_file_has_no_name() {
    if !is_alone("stream::fasta::the_copy_of_a_gzipped_file_has_no_name") {
        return;
    }
    let folder = Folder::new("stream_copy");
    let content = fasta_text(&[("a", &letters(5000, 1)), ("b", &letters(5000, 2))], 60);
    let genome = Genome::open(folder.file("g.fa.gz", gzip(&content))).unwrap();
    let mark = format!("genolens-{}-", std::process::id());
    for entry in std::fs::read_dir(std::env::temp_dir()).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(!name.to_string_lossy().starts_with(&mark), "{name:?}");
    }
    let whole = Genome::open(folder.file("g.fa", &content)).unwrap();
    let piece = |genome: &Genome| genome.sequence("b", 17..4321).unwrap().text(0).to_owned();
    assert_eq!(piece(&genome), piece(&whole));
}
