//! Letters written over others, put in and taken out.

use genolens::sequence::{Alphabet, Sequences};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_goes_in_comes_out(text in "[ACGTN]{1,20}", new in "[ACGTN]{1,9}", at in 0_usize..21) {
        let x = Sequences::dna([&text]).unwrap();
        prop_assume!(at <= text.len());
        let longer = x.insert(at, &new).unwrap();
        prop_assert_eq!(longer.text(0), [&text[..at], &new, &text[at..]].concat());
        prop_assert_eq!(&longer.delete(at..at + new.len()).unwrap(), &x);
        let over = x.replace(at, &new);
        if at + new.len() > text.len() {
            prop_assert!(over.is_err());
        } else {
            let over = over.unwrap();
            for (place, letter) in over.letters(0).iter().enumerate() {
                let written = place.checked_sub(at).and_then(|i| new.as_bytes().get(i));
                let expected = written.filter(|&&letter| letter != b'N');
                prop_assert_eq!(letter, expected.unwrap_or(&text.as_bytes()[place]));
            }
        }
    }
}

#[test]
fn edits_keep_names_and_name_what_is_wrong() {
    let x = Sequences::new(Alphabet::Rna, [("a", "ACGU"), ("b", "GG")]).unwrap();
    assert_eq!(x.insert(2, "uu").unwrap().names(), ["a", "b"]);
    assert_eq!(x.insert(2, "uu").unwrap().text(1), "GGUU");
    insta::assert_snapshot!(x.replace(1, "AA").unwrap_err(), @"`position` is 1, expected at most 0 in `b`, which has 2 letters");
    insta::assert_snapshot!(x.replace(0, "AAA").unwrap_err(), @"`letters` is 3 long, expected at most 2, the length of `b`");
    insta::assert_snapshot!(x.replace(usize::MAX, "AA").unwrap_err(), @"`position` is 18446744073709551615, expected at most 2 in `a`, which has 4 letters");
    insta::assert_snapshot!(x.replace(0, "T").unwrap_err(), @"`letters` is `T` at position 1, expected a letter of RNA (ACGU or N)");
    insta::assert_snapshot!(x.insert(3, "A").unwrap_err(), @"`position` is 3, expected at most 2 in `b`, which has 2 letters");
    insta::assert_snapshot!(x.insert(0, "").unwrap_err(), @"`letters` is empty, expected one letter or more");
    insta::assert_snapshot!(x.insert(0, "Aß").unwrap_err(), @"`letters` is `ß` at position 2, expected a letter of RNA (ACGU or N)");
    insta::assert_snapshot!(x.delete(0..2).unwrap_err(), @"`positions` is 0..2, expected some but not all of 0..2, `b`");
    insta::assert_snapshot!(x.delete(1..3).unwrap_err(), @"`positions` is 1..3, expected some but not all of 0..2, `b`");
    insta::assert_snapshot!(x.delete(1..1).unwrap_err(), @"`positions` is 1..1, expected some but not all of 0..4, `a`");
}
