//! The robust adjusted profile score beside the same equations solved by scipy.

use super::properties::{Row, instruments};
use crate::golden::{rows, table};
use genolens::causal::{Loss, Raps, raps};

/// Made by `tests/golden/causal/raps.py`. Roots agree to 1e-8, standard errors to 1e-6 (the script differentiates by steps).
#[test]
fn both_equations_are_solved() {
    let golden = include_str!("../../golden/causal/raps.tsv");
    for case in 0..3 {
        let data = table(golden, &format!("data{case}"));
        let data: Vec<Row> = data
            .rows()
            .into_iter()
            .map(|r| (r[0], r[1], r[2], r[3]))
            .collect();
        let x = instruments(&data);
        for row in rows(golden, &format!("result{case}")) {
            let loss = match row[0] {
                "squared" => Loss::Squared,
                "huber" => Loss::Huber(1.345),
                _ => Loss::Tukey(4.685),
            };
            let found = Raps::new()
                .loss(loss)
                .overdispersion(row[1] == "1")
                .run(&x)
                .unwrap();
            let number = |at: usize| row[at].parse::<f64>().unwrap();
            assert!(
                (found.value() - number(2)).abs() < 1e-8,
                "{case} {row:?} {found:?}"
            );
            assert!(
                (found.spread().unwrap() - number(3)).abs() < 1e-7,
                "{case} {row:?} {found:?}"
            );
            let share = found.standard_error() / number(4);
            assert!(
                (share - 1.0).abs() < 1e-6,
                "{case} {row:?} {}",
                found.standard_error()
            );
        }
    }
}

/// Units and counted alleles do not matter; effects in proportion are found, with the errors of the model; without effects it is refused.
#[test]
fn scores_keep_what_must_be_kept() {
    let golden = include_str!("../../golden/causal/raps.tsv");
    let data = table(golden, "data1");
    let row = |change: fn(Row) -> Row| -> Vec<Row> {
        data.rows()
            .into_iter()
            .map(|r| change((r[0], r[1], r[2], r[3])))
            .collect()
    };
    let plain = raps(&instruments(&row(|r| r))).unwrap();
    for (other, factor) in [
        (row(|r| (4.0 * r.0, 4.0 * r.1, r.2, r.3)), 0.25),
        (row(|r| (r.0, r.1, 4.0 * r.2, 4.0 * r.3)), 4.0),
        (row(|r| (-r.0, r.1, -r.2, r.3)), 1.0),
        (row(|r| r).into_iter().rev().collect(), 1.0),
    ] {
        let found = raps(&instruments(&other)).unwrap();
        assert!((found.value() / plain.value() / factor - 1.0).abs() < 1e-8);
        assert!((found.standard_error() / plain.standard_error() / factor - 1.0).abs() < 1e-8);
    }
    let exact = raps(&instruments(&row(|r| (r.0, r.1, -0.7 * r.0, r.3)))).unwrap();
    assert!((exact.value() + 0.7).abs() < 1e-9 && exact.standard_error() > 0.0);
    assert_eq!(exact.spread(), Some(0.0));
    assert!(raps(&instruments(&row(|r| (0.0, r.1, r.2, r.3)))).is_err());
    assert!(raps(&instruments(&row(|r| r)[..2])).is_err());
    assert!(
        Raps::new()
            .loss(Loss::Huber(0.0))
            .run(&instruments(&row(|r| r)))
            .is_err()
    );
}
