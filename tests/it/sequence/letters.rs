//! Alphabets and what can be done with sequences.

use genolens::sequence::{Alphabet, Sequences};
use proptest::prelude::*;

#[test]
fn every_letter_has_its_place_in_either_case() {
    for alphabet in [Alphabet::Dna, Alphabet::Rna, Alphabet::Protein] {
        for (place, &letter) in alphabet.letters().iter().enumerate() {
            assert_eq!(alphabet.index(letter), Some(place));
            assert_eq!(alphabet.index(letter.to_ascii_lowercase()), Some(place));
        }
        assert_eq!(alphabet.index(alphabet.unknown()), None);
        assert!(alphabet.accepts(alphabet.unknown()));
    }
    assert_eq!(Alphabet::Protein.size(), 20);
    assert!(!Alphabet::Dna.accepts(b'U') && !Alphabet::Rna.accepts(b'T'));
}

#[test]
fn an_illegal_letter_is_named_with_its_place() {
    let error = Sequences::new(Alphabet::Dna, [("good", "ACGT"), ("bad", "ACQT")]).unwrap_err();
    insta::assert_snapshot!(error, @"`sequence bad` is `Q` at position 3, expected a letter of DNA (ACGT or N)");
    let error = Sequences::dna(["ACG", ""]).unwrap_err();
    insta::assert_snapshot!(error, @"`sequence seq2` is empty, expected one letter or more");
}

#[test]
fn parts_and_sums() {
    let s = Sequences::dna(["acgtn", "GGGGG"]).unwrap();
    assert_eq!(s.text(0), "ACGTN");
    assert_eq!(s.slice(1..3).unwrap().text(0), "CG");
    assert_eq!(
        s.select(&[1, 1, 0]).unwrap().names(),
        ["seq2", "seq2", "seq1"]
    );
    assert_eq!(s.concat(&s).unwrap().len(), 4);
    assert_eq!(
        s.composition().to_vec(),
        [1.0 / 9.0, 1.0 / 9.0, 6.0 / 9.0, 1.0 / 9.0]
    );
    assert_eq!(s.lengths().to_vec(), [5, 5]);
    insta::assert_snapshot!(format!("{s:?}"), @"Sequences(DNA, n = 2, length = 5)");
}

#[test]
fn what_does_not_exist_is_an_error() {
    let s = Sequences::dna(["ACGT", "ACG"]).unwrap();
    insta::assert_snapshot!(s.select(&[0, 2]).unwrap_err(), @"`indices` is 2, expected indices below 2");
    insta::assert_snapshot!(s.slice(1..4).unwrap_err(), @"`positions` is 1..4, expected inside `seq2`, which has 3 letters");
    insta::assert_snapshot!(s.slice(2..2).unwrap_err(), @"`positions` is 2..2, expected one position or more");
    insta::assert_snapshot!(s.length().unwrap_err(), @"`sequence seq2 (number 2)` is 3 long, expected 4 letters as in `seq1`, the first one");
    insta::assert_snapshot!(s.select(&[]).unwrap().length().unwrap_err(), @"`sequences` is empty, expected one sequence or more");
    let protein = Sequences::new(Alphabet::Protein, [("p", "MKX")]).unwrap();
    insta::assert_snapshot!(protein.reverse_complement().unwrap_err(), @"`sequences` is protein, expected DNA or RNA");
    insta::assert_snapshot!(s.concat(&protein).unwrap_err(), @"`other` is protein, expected DNA sequences");
}

proptest! {
    #[test]
    fn reverse_complement_is_an_involution(texts in prop::collection::vec("[ACGTNacgtn]{1,40}", 0..5)) {
        let s = Sequences::dna(&texts).unwrap();
        let there = s.reverse_complement().unwrap();
        prop_assert_eq!(there.reverse_complement().unwrap(), s);
        for (i, text) in texts.iter().enumerate() {
            let pairs = text.bytes().rev().zip(there.letters(i).iter());
            for (a, &b) in pairs {
                prop_assert!(matches!((a.to_ascii_uppercase(), b),
                    (b'A', b'T') | (b'T', b'A') | (b'C', b'G') | (b'G', b'C') | (b'N', b'N')));
            }
        }
    }
}
