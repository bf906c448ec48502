//! The numbers of tangermeme 1.6.0 and captum 0.9.0 for networks of many kinds, made by `tests/golden/attribution/deep_lift.py`.

use super::described_network::described_network;
use crate::golden::{assert_named, rows, table};
use genolens::attribution::{DeepLift, References};
use genolens::sequence::Sequences;

const GOLDEN: &str = include_str!("../../golden/attribution/deep_lift.tsv");

/// Of the largest number: theirs are in double precision, with seven digits.
const TOLERANCE: f64 = 2e-6;

fn sequences(name: &str) -> Sequences {
    let texts: Vec<&str> = rows(GOLDEN, name).iter().map(|row| row[0]).collect();
    Sequences::dna(texts).unwrap()
}

#[test]
fn deep_lift_is_that_of_tangermeme_and_captum() {
    let (x, references) = (sequences("sequence"), sequences("reference"));
    let references = references.one_hot().unwrap().values().clone();
    let method = DeepLift::new()
        .target(1)
        .double(true)
        .references(References::given(references));
    let mut parts: Vec<&str> = GOLDEN.split("network\t").collect();
    parts.remove(0);
    assert_eq!(parts.len(), 26);
    for part in parts {
        let (description, rest) = part.split_once('\n').unwrap();
        let network = described_network(description, 20);
        for (name, is_hypothetical) in [("hypothetical", true), ("projected", false)] {
            let found = method.clone().hypothetical(is_hypothetical);
            let found = found.run(&network, &x).unwrap();
            let found = found.scores().mapv(f64::from);
            let found = found.into_shape_with_order((8, 20)).unwrap();
            let what = format!("{description}: {name}");
            assert_named(&what, &found, (&table(rest, name), TOLERANCE));
        }
        if rest.contains("captum\t") {
            // captum's contributions: multipliers times what sets the letters apart, and no letter's own.
            let found = method.multipliers(&network, &x).unwrap();
            let code = x.one_hot().unwrap();
            let apart = code
                .values()
                .clone()
                .insert_axis(genolens::ndarray::Axis(1));
            let found = (&apart - found.references()) * found.values();
            let found = found.mean_axis(genolens::ndarray::Axis(1)).unwrap();
            let found = found
                .mapv(f64::from)
                .into_shape_with_order((8, 20))
                .unwrap();
            assert_named(description, &found, (&table(rest, "captum"), TOLERANCE));
        }
    }
}
