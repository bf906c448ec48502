//! MEME, JASPAR, HOMER and ENCODE text, good and bad.

use super::matrices::any_counts;
use genolens::motif::{self, Motif, Motifs};
use genolens::ndarray::array;
use proptest::prelude::*;
use std::path::PathBuf;

const GOOD: &str = "MEME version 5

ALPHABET= ACGT

strands: + -

Background letter frequencies
A 0.3 C 0.2
G 0.2 T 0.3

MOTIF MA1.1 first
letter-probability matrix: alength= 4 w= 2 nsites= 17 E= 0
 0.5 0.5 0 0
 0 0 1 0
URL http://example.org

MOTIF second
letter-probability matrix:
 0.25 0.25 0.25 0.25
";

#[test]
fn meme_is_read() {
    let motifs = Motifs::from_meme(GOOD).unwrap();
    assert_eq!(motifs.len(), 2);
    let first = motifs.get(0);
    assert_eq!((first.name(), first.alternate()), ("MA1.1", "first"));
    assert_eq!(
        first.probability(),
        array![[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    );
    assert_eq!(first.background().to_vec(), [0.3, 0.2, 0.2, 0.3]);
    assert_eq!((first.sites(), motifs.get(1).sites()), (17.0, 20.0));
    assert_eq!(motifs.find("FIRST").unwrap(), first);
    insta::assert_snapshot!(motifs.find("third").unwrap_err(), @"`name` is `third`, expected the name of one of 2 motifs");
    insta::assert_snapshot!(motifs.to_meme().unwrap(), @r"
        MEME version 5

        ALPHABET= ACGT

        strands: + -

        Background letter frequencies
        A 0.3 C 0.2 G 0.2 T 0.3

        MOTIF MA1.1 first
        letter-probability matrix: alength= 4 w= 2 nsites= 17 E= 0
         0.500000  0.500000  0.000000  0.000000
         0.000000  0.000000  1.000000  0.000000

        MOTIF second
        letter-probability matrix: alength= 4 w= 1 nsites= 20 E= 0
         0.250000  0.250000  0.250000  0.250000
    ");
}

#[test]
fn broken_meme_is_named_with_line() {
    let tell = |from: &str, to: &str| {
        assert!(GOOD.contains(from));
        Motifs::from_meme(&GOOD.replacen(from, to, 1)).unwrap_err()
    };
    insta::assert_snapshot!(tell("MEME version 5", "MOTIFS"), @"MEME text, line 1: expected `MEME version`, got `MOTIFS`");
    insta::assert_snapshot!(tell("ALPHABET= ACGT", ""), @"MEME text, line 12: expected a line `ALPHABET=` before the first matrix, got none");
    insta::assert_snapshot!(tell("ALPHABET= ACGT", "ALPHABET= ACGQ"), @"MEME text, line 3: expected `ALPHABET= ACGT`, `ACGU` or the 20 amino acids, got `ALPHABET= ACGQ`");
    insta::assert_snapshot!(tell("A 0.3 C", "A x C"), @"MEME text, line 8: expected letters and positive frequencies, got `A x C 0.2`");
    insta::assert_snapshot!(tell("A 0.3 C", "A 0.9 C"), @"MEME text, line 9: expected frequencies that sum to 1, got 1.6000");
    insta::assert_snapshot!(tell("G 0.2 T 0.3", ""), @"MEME text, line 9: expected frequencies of 4 letters, got 2");
    insta::assert_snapshot!(tell("0.5 0.5 0 0", "0.5 0.5 0"), @"MEME text, line 13: expected 4 columns, one for each letter, got 3");
    insta::assert_snapshot!(tell("0.5 0.5 0 0", "0.5 0.6 0 0"), @"MEME text, line 13: expected a row that sums to 1, got 1.1000");
    insta::assert_snapshot!(tell("0.5 0.5 0 0", "0.5 -0.5 1 0"), @"MEME text, line 13: expected a probability from 0 to 1, got `-0.5`");
    insta::assert_snapshot!(tell("0.5 0.5 0 0", "0.5 o.5 0 0"), @"MEME text, line 13: expected a probability from 0 to 1, got `o.5`");
    insta::assert_snapshot!(tell("0.5 0.5 0 0", "nan nan nan nan"), @"MEME text, line 13: expected a probability from 0 to 1, got `nan`");
    insta::assert_snapshot!(tell("w= 2", "w= 3"), @"MEME text, line 15: expected a matrix of 3 rows for MA1.1, got 2, then `URL http://example.org`");
    insta::assert_snapshot!(tell("w= 2", "w= 1"), @"MEME text, line 15: expected a matrix of 1 rows for MA1.1, got 2, then `URL http://example.org`");
    insta::assert_snapshot!(tell("w= 2", "w= two"), @"MEME text, line 12: expected a number after `w=`, got `two`");
    insta::assert_snapshot!(tell("alength= 4", "alength= 20"), @"MEME text, line 12: expected alength= 4 as the alphabet has, got 20");
    insta::assert_snapshot!(tell(" 0.5 0.5 0 0\n 0 0 1 0\n", ""), @"MEME text, line 13: expected a matrix of 2 rows for MA1.1, got 0, then `URL http://example.org`");
    insta::assert_snapshot!(tell(" w= 2 nsites= 17 E= 0\n 0.5 0.5 0 0\n 0 0 1 0\n", "\n"), @"MEME text, line 13: expected a matrix of 1 or more rows for MA1.1, got 0, then `URL http://example.org`");
    insta::assert_snapshot!(tell("MOTIF MA1.1 first", ""), @"MEME text, line 12: expected `MOTIF` before its matrix, got a matrix without a name");
    insta::assert_snapshot!(tell(" 0.25 0.25 0.25 0.25", "MOTIF third"), @"MEME text, line 19: expected a matrix of 1 or more rows for second, got 0, then `MOTIF third`");
    insta::assert_snapshot!(Motifs::from_meme(GOOD.split("MOTIF").next().unwrap()).unwrap_err(), @"MEME text, line 10: expected a line `MOTIF`, got none in the file");
    insta::assert_snapshot!(Motifs::from_meme("").unwrap_err(), @"MEME text, line 1: expected `MEME version`, got the end of the file");
}

#[test]
fn both_forms_of_jaspar_are_read() {
    let bare = Motifs::from_jaspar(">MA1.1\tETS\n 4 19 0\n16 0 20\n0 1 0\n0 0 0\n").unwrap();
    let framed = Motifs::from_jaspar(
        ">MA1.1\tETS\nA  [ 4 19  0 ]\nC  [16  0 20 ]\nG  [ 0  1  0 ]\nT  [ 0  0  0 ]\n",
    )
    .unwrap();
    assert_eq!(bare, framed);
    assert_eq!(
        bare.get(0).counts(),
        array![
            [4.0, 16.0, 0.0, 0.0],
            [19.0, 0.0, 1.0, 0.0],
            [0.0, 20.0, 0.0, 0.0]
        ]
    );
    assert_eq!(
        Motifs::from_jaspar(&framed.to_jaspar().unwrap()).unwrap(),
        framed
    );
    insta::assert_snapshot!(framed.to_jaspar().unwrap(), @r"
        >MA1.1 ETS
        A [ 4 19 0 ]
        C [ 16 0 20 ]
        G [ 0 1 0 ]
        T [ 0 0 0 ]
    ");
    let rna = Motifs::from_jaspar(">r\nA [1]\nC [0]\nG [0]\nU [3]\n").unwrap();
    assert_eq!(rna.get(0).consensus(), "U");
}

#[test]
fn broken_jaspar_is_named_with_line() {
    let tell = |text: &str| Motifs::from_jaspar(text).unwrap_err();
    insta::assert_snapshot!(tell(""), @"JASPAR text, line 1: expected a header that begins with `>`, got an empty file");
    insta::assert_snapshot!(tell("A [ 1 2 ]\n"), @"JASPAR text, line 1: expected a header that begins with `>`, got `A [ 1 2 ]`");
    insta::assert_snapshot!(tell(">m\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 ]\n>n\n"), @"JASPAR text, line 4: expected 4 rows for m, got 3");
    insta::assert_snapshot!(tell(">m\n1 2\n1 2\n1 2\n1\n"), @"JASPAR text, line 5: expected 2 counts as in the row of `A`, got 1");
    insta::assert_snapshot!(tell(">m\n1 2\n1 2\n1 2\n1 2\n1 2\n"), @"JASPAR text, line 6: expected 4 rows for m, got a fifth");
    insta::assert_snapshot!(tell(">m\nA [ 1 2 ]\nG [ 1 2 ]\n"), @"JASPAR text, line 3: expected the row of `C`, got the row of `G`");
    insta::assert_snapshot!(tell(">m\nA [ 1 -2 ]\n"), @"JASPAR text, line 2: expected counts, got `-2`");
    insta::assert_snapshot!(tell(">m\nA [ 1 0 ]\nC [ 1 0 ]\nG [ 1 0 ]\nT [ 1 0 ]\n"), @"JASPAR text, line 5: expected counts at every position of m, got zeros only at position 2");
}

#[test]
fn content_decides_the_format() {
    let scratch = |name: &str| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let motifs: Motifs = [Motif::from_consensus("a", "ACGW").unwrap()]
        .into_iter()
        .collect();
    for name in [
        "motifs.meme",
        "motifs.jaspar",
        "motifs.meme.gz",
        "motifs.jaspar.gz",
    ] {
        motifs.save(scratch(name)).unwrap();
        assert_eq!(
            motif::open(scratch(name)).unwrap().get(0).consensus(),
            "ACGW"
        );
    }
    let told = |bytes: &[u8]| {
        std::fs::write(scratch("motifs.bad"), bytes).unwrap();
        let error = motif::open(scratch("motifs.bad")).unwrap_err().to_string();
        error.replace(concat!(env!("CARGO_TARGET_TMPDIR"), "/"), "")
    };
    insta::assert_snapshot!(told(b"\n\nchr1\t100\n"), @"motifs.bad, line 3: expected `MEME version` or a JASPAR header `>`, got `chr1	100`");
    insta::assert_snapshot!(told(b""), @"motifs.bad, line 1: expected `MEME version` or a JASPAR header `>`, got an empty file");
    insta::assert_snapshot!(told(GOOD.replace("0 0 1 0", "0 0 1").as_bytes()), @"motifs.bad, line 14: expected 4 columns, one for each letter, got 3");
    let packed = std::fs::read(scratch("motifs.meme.gz")).unwrap();
    insta::assert_snapshot!(told(&packed[..packed.len() / 2]), @"cannot read motifs.bad: the gzip stream is truncated");
}

#[test]
fn all_of_jaspar_is_read_and_comes_back() {
    let Some(path) = crate::data::file("motifs/JASPAR2024.meme") else {
        return;
    };
    let motifs = motif::open(path).unwrap();
    assert_eq!(motifs.len(), 2346);
    assert_eq!(
        (motifs.get(0).name(), motifs.get(0).alternate()),
        ("MA0004.1", "Arnt")
    );
    assert_eq!(motifs.find("MA0004.1").unwrap().consensus(), "CACGTG");
    let again = Motifs::from_meme(&motifs.to_meme().unwrap()).unwrap();
    for (a, b) in (0..motifs.len()).map(|i| (motifs.get(i), again.get(i))) {
        assert_eq!(
            (a.name(), a.alternate(), a.sites()),
            (b.name(), b.alternate(), b.sites())
        );
        assert!(
            a.probability()
                .iter()
                .zip(b.probability())
                .all(|(a, b)| (a - b).abs() < 2e-6)
        );
    }
}

proptest! {
    #[test]
    fn meme_and_jaspar_round_trip(counts in any_counts()) {
        let motif = Motif::from_counts("m", &counts).unwrap().with_alternate("n");
        let motifs: Motifs = [motif.clone()].into_iter().collect();
        let back = Motifs::from_jaspar(&motifs.to_jaspar().unwrap()).unwrap().get(0);
        prop_assert_eq!((back.name(), back.alternate()), ("m", "n"));
        prop_assert!(back.counts().iter().zip(&counts).all(|(a, b)| (a - b).abs() < 1e-9));
        let back = Motifs::from_meme(&motifs.to_meme().unwrap()).unwrap().get(0);
        prop_assert_eq!((back.name(), back.alternate()), ("m", "n"));
        prop_assert!(back.probability().iter().zip(motif.probability()).all(|(a, b)| (a - b).abs() < 2e-6));
    }

    #[test]
    fn no_text_makes_the_readers_panic(change in 0..GOOD.len(), with in "[>A-Z0-9. =\n\u{e9}]{0,4}") {
        let mut text = GOOD.to_string();
        text.replace_range(change..=change, &with);
        let _ = Motifs::from_meme(&text);
        let _ = Motifs::from_jaspar(&text);
        let _ = Motifs::from_jaspar(&format!(">m\n{with}\n"));
    }
}

fn opened(name: &str, text: &str) -> genolens::Result<Motifs> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    motif::open(path)
}

#[test]
fn rows_by_position_are_read() {
    let encode = ">GATA_1 GATA1_K562\nG 0.1 0.2 0.6 0.1\nA 1 0 0 0\n\n>TAL1_1\tTal-1beta\nN .25 .25 .25 .25\nC 0 1 0 0\nR .5 0 .5 0\nT 0 0 0 1\n";
    let motifs = opened("encode.txt", encode).unwrap();
    assert_eq!(motifs.len(), 2);
    let first = motifs.get(0);
    assert_eq!((first.name(), first.alternate()), ("GATA_1", "GATA1_K562"));
    assert_eq!(
        first.probability(),
        array![[0.1, 0.2, 0.6, 0.1], [1.0, 0.0, 0.0, 0.0]]
    );
    assert_eq!(
        (motifs.get(1).len(), motifs.get(1).alternate()),
        (4, "Tal-1beta")
    );
    let homer =
        ">CA\tGATA4(Zf)/Heart\t7.2\t-3.1\t0\n0.001 0.997 0.001 0.001\n0.997 0.001 0.001 0.001\n";
    let found = opened("homer.motif", homer).unwrap().get(0);
    assert_eq!(
        (found.name(), found.alternate(), found.consensus().as_str()),
        ("GATA4(Zf)/Heart", "CA", "CA")
    );
    // Four rows of four numbers are those of JASPAR.
    let square = opened(
        "square.txt",
        ">x\nA 1 0 0 0\nC 0 1 0 0\nG 0 0 1 0\nT 0 0 0 1\n",
    )
    .unwrap();
    assert_eq!(square.get(0).consensus(), "ACGT");
    let broken = [
        ">a\nA 1 0 0 0\n>b\nC 0 1 0\n",
        ">a\nA 1 0 0 0\n>b\nC 0 1 0 1\n",
        ">a\nA 1 0 0 0\n>b\n",
        ">a\nA 1 0 0 0\n>b\nC -1 1 1 0\n",
        ">a\nA 1 0 0 0\n>b\nC 0 1 0 NaN\n",
    ];
    let messages: Vec<String> = broken
        .iter()
        .map(|text| {
            opened("broken.txt", text)
                .unwrap_err()
                .to_string()
                .replace(concat!(env!("CARGO_TARGET_TMPDIR"), "/"), "")
        })
        .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    broken.txt, line 4: expected 4 probabilities of b, got `C 0 1 0`
    broken.txt, line 3: expected probabilities of b, got `sum of position 1 of b` is 2, expected 1
    broken.txt, line 3: expected probabilities of b, got `counts` has shape (0, 4), expected (1 or more, letters)
    broken.txt, line 3: expected probabilities of b, got `A at position 1 of b` is -1, expected 0 or more
    broken.txt, line 3: expected probabilities of b, got `T at position 1 of b` is NaN, expected 0 or more
    ");
}

#[test]
fn all_motifs_of_encode_are_read() {
    let Some(path) = crate::data::file("motifs/encode_motifs.txt.gz") else {
        return;
    };
    let motifs = motif::open(path).unwrap();
    assert_eq!(motifs.len(), 2067);
    assert_eq!(motifs.find("GATA_disc1").unwrap().consensus(), "NSAGATAAGG");
    assert_eq!(motifs.find("TAL1_known1").unwrap().len(), 16);
}
