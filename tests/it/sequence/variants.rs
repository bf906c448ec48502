//! VCF in, windows of a genome out.

use genolens::sequence::{AlleleWindows, Alphabet, Sequences, Side, Variant, Variants};
use genolens::stream::Genome;
use proptest::prelude::*;
use std::io::Write;
use std::path::PathBuf;

const HEADER: &str = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("genolens_variants_{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn told(text: &str) -> String {
    match Variants::parse(text) {
        Ok(variants) => format!("{variants:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn lines_become_variants() {
    let text = format!(
        "{HEADER}chr1\t7\trs1\ta\tG,AT\t.\tPASS\tDP=3\tGT\t0/1\r\n\n2\t9\t.\tGAT\tG\nX\t1\t\tN\tACGTN,<DEL>,*\n"
    );
    let plain = Variants::parse(&text).unwrap();
    let names: Vec<String> = plain.as_slice().iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        ["chr1:7:A>G", "chr1:7:A>AT", "2:9:GAT>G", "X:1:N>ACGTN"]
    );
    assert_eq!(
        (plain.left_out(), plain.get(0).id(), plain.get(3).id()),
        (2, "rs1", ".")
    );
    assert_eq!(plain.table().unwrap().shape(), (4, 5));
    // One gzip stream, and two in a row, as bgzip writes them.
    let (head, tail) = text.split_at(text.find("2\t9").unwrap());
    let whole = written("one.vcf.gz", &packed(&text));
    let blocks = written("blocks.vcf.gz", &[packed(head), packed(tail)].concat());
    for path in [whole, blocks, written("plain.vcf", text.as_bytes())] {
        assert_eq!(Variants::open(path).unwrap(), plain);
    }
    assert_eq!(plain.select(&[2, 0]).unwrap().get(0), plain.get(2));
    insta::assert_snapshot!(plain.select(&[4]).unwrap_err(), @"`indices` is 4, expected below 4, the number of variants");
}

#[test]
fn hostile_texts_are_told_with_their_line() {
    insta::assert_snapshot!(told(""), @"VCF text, line 1: expected a variant, got none");
    insta::assert_snapshot!(told(HEADER), @"VCF text, line 2: expected a variant, got none");
    insta::assert_snapshot!(told("chr1 7 . A G\n"), @"VCF text, line 1: expected 5 tab-separated columns or more, got 1");
    insta::assert_snapshot!(told("chr1\t7\t.\tA\n"), @"VCF text, line 1: expected 5 tab-separated columns or more, got 4");
    insta::assert_snapshot!(told("\t7\t.\tA\tG\n"), @"VCF text, line 1: expected a chromosome in column CHROM, got nothing");
    insta::assert_snapshot!(told("chr1\t0\t.\tA\tG\n"), @"VCF text, line 1: expected a whole number of 1 or more in column POS, got `0`");
    insta::assert_snapshot!(told("chr1\t-3\t.\tA\tG\n"), @"VCF text, line 1: expected a whole number of 1 or more in column POS, got `-3`");
    insta::assert_snapshot!(told("chr1\t1e6\t.\tA\tG\n"), @"VCF text, line 1: expected a whole number of 1 or more in column POS, got `1e6`");
    insta::assert_snapshot!(told("chr1\t99999999999999999999\t.\tA\tG\n"), @"VCF text, line 1: expected a whole number of 1 or more in column POS, got `99999999999999999999`");
    insta::assert_snapshot!(told("#\n\nchr1\t7\t.\tA\tG\nchr1\t8\t.\tR\tG\n"), @"VCF text, line 4: expected letters of DNA (ACGT or N) in column REF, got `R`");
    insta::assert_snapshot!(told("chr1\t7\t.\t.\tG\n"), @"VCF text, line 1: expected letters of DNA (ACGT or N) in column REF, got `.`");
    insta::assert_snapshot!(told("chr1\t7\t.\tA\tG,\n"), @"VCF text, line 1: expected letters of DNA (ACGT or N), `*`, `.`, `<...>` or a breakend in column ALT, got ``");
    insta::assert_snapshot!(told("chr1\t7\t.\tA\tG;T\n"), @"VCF text, line 1: expected letters of DNA (ACGT or N), `*`, `.`, `<...>` or a breakend in column ALT, got `G;T`");
    insta::assert_snapshot!(told("chr1\t7\t.\tA\tß\n"), @"VCF text, line 1: expected letters of DNA (ACGT or N), `*`, `.`, `<...>` or a breakend in column ALT, got `ß`");
    insta::assert_snapshot!(told("chr1\t7\t.\tA\t<DEL>,*,.,G]17:198982],]13:123456]T,.TGCA,G.,<*>,<INS:ME>\n"), @"VCF text, line 1: expected a variant, got 9 alternatives without letters");
    let path = written("latin1.vcf", b"chr1\t7\t\xff\tA\tG\n");
    assert!(
        Variants::open(path)
            .unwrap_err()
            .to_string()
            .ends_with("latin1.vcf, line 1: expected UTF-8 text, got other bytes")
    );
    // What is after the fifth column is not looked at.
    let path = written("latin2.vcf", b"chr1\t7\t.\tA\tG\t\xff\xfe\n");
    assert_eq!(Variants::open(path).unwrap().len(), 1);
    let full = packed(&format!("{HEADER}chr1\t7\t.\tA\tG\n"));
    let cut = written("cut.vcf.gz", &full[..full.len() - 12]);
    let error = Variants::open(cut).unwrap_err().to_string();
    assert!(
        error.ends_with("cut.vcf.gz: the gzip stream is truncated"),
        "{error}"
    );
    let error = Variants::open("/no/such.vcf").unwrap_err().to_string();
    assert!(error.starts_with("cannot read /no/such.vcf: "), "{error}");
    insta::assert_snapshot!(Variant::new(("chr1", 0), "A", "G").unwrap_err(), @"`position` is 0, expected at least 1");
    insta::assert_snapshot!(Variant::new(("chr1", 1), "", "G").unwrap_err(), @"`reference` is empty, expected one letter or more");
    insta::assert_snapshot!(Variant::new(("chr1", 1), "A", "<DEL>").unwrap_err(), @"`alternative` is `<` at position 1, expected a letter of DNA (ACGT or N)");
}

#[test]
fn windows_keep_their_length_at_every_edge() {
    let genome = Sequences::new(Alphabet::Dna, [("chr1", "AACCGGTT"), ("2", "ACGT")]).unwrap();
    let cut = |text: &str, length, side| {
        let variants = Variants::parse(text).unwrap();
        let options = AlleleWindows::new(length).side(side);
        let alleles = options.run(&genome, &variants).unwrap();
        let texts = [alleles.reference(), alleles.alternative()];
        texts.map(|windows| windows.text(0).to_owned())
    };
    let (right, left) = (Side::Right, Side::Left);
    assert_eq!(cut("chr1\t5\t.\tG\tT\n", 4, right), ["CCGG", "CCTG"]);
    assert_eq!(cut("chr1\t5\t.\tG\tT\n", 5, right), ["CCGGT", "CCTGT"]);
    assert_eq!(cut("1\t1\t.\tA\tTTT\n", 6, right), ["NNNAAC", "NNNTTT"]);
    assert_eq!(cut("1\t1\t.\tA\tTTT\n", 6, left), ["NNNAAC", "NTTTAC"]);
    assert_eq!(cut("chr1\t8\t.\tT\tC\n", 6, right), ["GGTTNN", "GGTCNN"]);
    assert_eq!(cut("chr1\t3\t.\tCCG\tC\n", 6, right), ["NAACCG", "NAACGT"]);
    assert_eq!(cut("chr1\t3\t.\tCCG\tC\n", 6, left), ["NAACCG", "NNNAAC"]);
    assert_eq!(cut("chr1\t1\t.\tAACCGGTT\tA\n", 4, right), ["NNAA", "NNAN"]);
    assert_eq!(cut("chr2\t2\t.\tC\tGGGGGGGGG\n", 3, right), ["ACG", "AGG"]);
    assert_eq!(cut("chr2\t2\t.\tC\tG\n", 1, right), ["C", "G"]);
    assert_eq!(cut("chr2\t2\t.\tN\tG\n", 3, right), ["ACG", "AGG"]);
}

#[test]
fn misfits_are_told_or_left_out() {
    let genome = Sequences::new(Alphabet::Dna, [("chr1", "AACCGGTT")]).unwrap();
    let misfit = |line: &str| {
        let variants = Variants::parse(line).unwrap();
        variants.windows(&genome, 4).map(|_| ()).unwrap_err()
    };
    insta::assert_snapshot!(misfit("chr3\t1\t.\tA\tG\n"), @"`chromosome of chr3:1:A>G` is chr3, expected one of chr1");
    insta::assert_snapshot!(misfit("chr1\t1\t.\tC\tG\n"), @"`reference of chr1:1:C>G` is C, expected A, as the genome has");
    insta::assert_snapshot!(misfit("chr1\t9\t.\tC\tG\n"), @"`position of chr1:9:C>G` is 9, expected inside `chr1`, which has 8 letters");
    insta::assert_snapshot!(misfit("chr1\t8\t.\tTT\tG\n"), @"`position of chr1:8:TT>G` is 8, expected inside `chr1`, which has 8 letters");
    insta::assert_snapshot!(misfit("chr1\t18446744073709551615\t.\tTT\tG\n"), @"`position of chr1:18446744073709551615:TT>G` is 18446744073709551615, expected inside `chr1`, which has 8 letters");
    let text =
        "chr1\t9\t.\tC\tG\n1\t1\ta\tA\tG\nchrM\t1\t.\tA\tG\nchr1\t2\tb\tC\tG\n1\t2\tc\tA\tG\n";
    let variants = Variants::parse(text).unwrap();
    let options = AlleleWindows::new(4).leave_out(true);
    let alleles = options.run(&genome, &variants).unwrap();
    assert_eq!((alleles.len(), alleles.left_out()), (2, 3));
    assert_eq!(alleles.variants().get(1).id(), "c");
    assert_eq!(alleles.alternative().text(1), "NAGC");
    let none = variants.select(&[0, 2]).unwrap();
    insta::assert_snapshot!(options.run(&genome, &none).unwrap_err(), @"`variants` is 2 that do not, expected some that fit the genome");
    let empty = variants.select(&[]).unwrap();
    insta::assert_snapshot!(options.run(&genome, &empty).unwrap_err(), @"`variants` is empty, expected one or more");
    insta::assert_snapshot!(variants.windows(&genome, 0).unwrap_err(), @"`length` is 0, expected 1 to 268435456");
    insta::assert_snapshot!(variants.windows(&genome, usize::MAX).unwrap_err(), @"`length` is 18446744073709551615, expected 1 to 268435456");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// A genome in a file gives the windows of one in memory, and both those of the edited chromosome.
    #[test]
    fn windows_are_pieces_of_the_edited_chromosome(
        text in "[ACGT]{30}",
        at in 0_usize..30,
        own in 1_usize..5,
        alternative in "[ACGT]{1,5}",
        length in 1_usize..20,
        name in "[a-z]{8}",
    ) {
        let own = own.min(30 - at);
        let line = format!("c\t{}\t.\t{}\t{alternative}\n", at + 1, &text[at..at + own]);
        let variants = Variants::parse(&line).unwrap();
        let genome = Sequences::new(Alphabet::Dna, [("c", &text)]).unwrap();
        let path = written(&format!("{name}.fa"), format!(">c\n{}\n{}\n", &text[..17], &text[17..]).as_bytes());
        let file = Genome::open(&path).unwrap();
        std::fs::remove_file(path).ok();
        let edited = [&text[..at], &alternative, &text[at + own..]].concat();
        let piece = |text: &str, first: usize| -> String {
            let padded = ["N".repeat(40), text.to_owned(), "N".repeat(40)].concat();
            padded[40 + first - length / 2..][..length].to_owned()
        };
        for alleles in [variants.windows(&genome, length), variants.windows(&file, length)] {
            let alleles = alleles.unwrap();
            prop_assert_eq!(alleles.reference().text(0), piece(&text, at));
            prop_assert_eq!(alleles.alternative().text(0), piece(&edited, at));
        }
    }

    #[test]
    fn no_text_ends_the_process(text in "[acgtN0-9.,*<>\\[\\]\t\n#]{0,60}") {
        let _ = Variants::parse(&text);
    }
}
