//! One-hot in both directions.

use genolens::Input;
use genolens::ndarray::{Array3, Axis};
use genolens::sequence::{Alphabet, OneHot, Sequences, Unknown};
use proptest::prelude::*;

#[test]
fn unknown_letters_are_equal_shares_or_zeros() {
    let s = Sequences::dna(["AN"]).unwrap();
    let code = s.one_hot().unwrap();
    assert_eq!(
        code.index_axis(Axis(2), 1)
            .iter()
            .copied()
            .collect::<Vec<_>>(),
        [0.25; 4]
    );
    let code = OneHot::encode(&s, Unknown::Zero).unwrap();
    assert_eq!(code.index_axis(Axis(2), 1).sum(), 0.0);
    assert_eq!(code.decode().unwrap(), s);
}

#[test]
fn sequences_and_their_code_are_the_same_input() {
    let s = Sequences::dna(["ACGTN", "TTTTT"]).unwrap();
    let code = s.one_hot().unwrap();
    assert_eq!(s.array().unwrap(), code.array().unwrap());
    assert_eq!(code.array().unwrap().shape(), [2, 4, 5]);
}

#[test]
fn soft_codes_are_read_by_their_largest_number() {
    let mut soft = Array3::<f32>::zeros((1, 4, 4));
    soft[[0, 2, 0]] = 0.6;
    soft[[0, 1, 0]] = 0.4;
    soft[[0, 0, 1]] = 0.5;
    soft[[0, 3, 1]] = 0.5;
    soft[[0, 0, 2]] = f32::NAN;
    soft[[0, 3, 3]] = 3.0;
    let code = OneHot::new(Alphabet::Dna, soft).unwrap();
    assert_eq!(code.decode_soft().unwrap().text(0), "GNNT");
    insta::assert_snapshot!(code.decode().unwrap_err(), @"`position 1 of seq1` is [0, 0.4, 0.6, 0], expected one 1 among zeros, equal shares or zeros");
}

#[test]
fn wrong_shapes_are_named() {
    let ragged =
        Sequences::new(Alphabet::Dna, [("a", "ACGT"), ("b", "ACGT"), ("c", "ACG")]).unwrap();
    insta::assert_snapshot!(ragged.one_hot().unwrap_err(), @"`sequence c (number 3)` is 3 long, expected 4 letters as in `a`, the first one");
    insta::assert_snapshot!(OneHot::new(Alphabet::Dna, Array3::zeros((2, 5, 3))).unwrap_err(), @"`values` has shape (2, 5, 3), expected (n, 4, length)");
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(texts in (1..30_usize).prop_flat_map(|n| prop::collection::vec(prop::collection::vec(0..21_usize, n), 1..5)), which in 0..3_usize) {
        let alphabet = [Alphabet::Dna, Alphabet::Rna, Alphabet::Protein][which];
        let letter = |i: usize| alphabet.letters().get(i % (alphabet.size() + 1)).copied().unwrap_or(alphabet.unknown());
        let pairs = texts.iter().enumerate().map(|(i, t)| (format!("s{i}"), t.iter().map(|&i| letter(i)).collect::<Vec<u8>>()));
        let s = Sequences::new(alphabet, pairs).unwrap();
        let code = s.one_hot().unwrap();
        prop_assert_eq!(code.decode().unwrap(), s.clone());
        prop_assert_eq!(code.decode_soft().unwrap(), s.clone());
        prop_assert_eq!(OneHot::encode(&s, Unknown::Zero).unwrap().decode().unwrap(), s);
        for share in &code.sum_axis(Axis(1)) {
            prop_assert!((share - 1.0).abs() < 1e-6);
        }
    }
}
