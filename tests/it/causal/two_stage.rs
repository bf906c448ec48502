//! Two-stage least squares against linearmodels (`tests/golden/causal/two_stage.py`), and against what must hold.

use crate::golden;
use genolens::causal::{self, Individuals};
use genolens::ndarray::{Array2, s};

const GOLDEN: &str = include_str!("../../golden/causal/two_stage.tsv");

/// Of numbers that were written with all digits.
const TOLERANCE: f64 = 1e-9;

fn individuals() -> Individuals {
    let rows = golden::table(GOLDEN, "individual");
    let (x, y) = (rows.column(0).to_vec(), rows.column(1).to_vec());
    let people = Individuals::new(&x, &y, &rows.slice(s![.., 2..4]).to_owned()).unwrap();
    people
        .with_covariates(&rows.slice(s![.., 4..]).to_owned())
        .unwrap()
}

#[test]
fn two_stages_are_those_of_linearmodels() {
    let found = causal::two_stage_least_squares(&individuals()).unwrap();
    let of = |name: &str| golden::table(GOLDEN, name).row(0).to_vec();
    let (estimate, ordinary, first) = (found.estimate(), found.ordinary(), found.first_stage());
    let (low, high) = estimate.interval();
    let ours = [
        (
            "estimate",
            vec![
                estimate.value(),
                estimate.standard_error(),
                low,
                high,
                estimate.p_value(),
            ],
        ),
        (
            "ordinary",
            vec![ordinary.value(), ordinary.standard_error()],
        ),
        ("first", vec![first.f(), first.r_squared()]),
        ("endogeneity", vec![found.endogeneity_p()]),
    ];
    for (name, ours) in ours {
        for (ours, golden) in ours.into_iter().zip(of(name)) {
            assert!(
                (ours - golden).abs() <= TOLERANCE * golden.abs(),
                "{name}: {ours}, expected {golden}"
            );
        }
    }
    assert!(!first.is_weak() && first.information().is_none());
}

/// Columns that say nothing new, and units, change nothing but units.
#[test]
fn estimates_keep_to_what_columns_span() {
    let people = individuals();
    let plain = causal::two_stage_least_squares(&people).unwrap();
    let z = people.instruments();
    let n = people.len();
    let more = Array2::from_shape_fn((n, 3), |(row, column)| match column {
        0 => 1e4 * z[[row, 0]] + 7.0,
        1 => z[[row, 0]] - z[[row, 1]],
        _ => z[[row, 0]] + z[[row, 1]] + people.covariates()[[row, 0]],
    });
    let twice = Array2::from_shape_fn((n, 2), |(row, column)| {
        (1.0 + column as f64) * people.covariates()[[row, 0]] - 5.0
    });
    let scaled: Vec<f64> = people.exposure().iter().map(|x| 100.0 * x + 3.0).collect();
    let other = Individuals::new(&scaled, &people.outcome().to_vec(), &more).unwrap();
    let other = other.with_covariates(&twice).unwrap();
    let found = causal::two_stage_least_squares(&other).unwrap();
    for (ours, wanted) in [
        (100.0 * found.estimate().value(), plain.estimate().value()),
        (
            100.0 * found.estimate().standard_error(),
            plain.estimate().standard_error(),
        ),
        (found.first_stage().f(), plain.first_stage().f()),
    ] {
        assert!((ours / wanted - 1.0).abs() < 1e-9, "{ours}, {wanted}");
    }
}

#[test]
fn careless_individuals_are_refused() {
    let column = |of: fn(usize) -> f64| Array2::from_shape_fn((12, 1), |(row, _)| of(row));
    let x: Vec<f64> = (0..12).map(|row| f64::from(row % 5)).collect();
    let z = column(|row| (row % 3) as f64);
    let mut holes = x.clone();
    holes[3] = f64::NAN;
    let good = Individuals::new(&x, &x, &z).unwrap();
    let same = good.with_covariates(&z).unwrap();
    let exposed = column(|row| (row % 5) as f64);
    let told = good.with_covariates(&exposed).unwrap();
    let wide = Array2::from_shape_fn((12, 11), |(row, column)| f64::from(u8::from(row == column)));
    let wide = Individuals::new(&x, &x, &wide).unwrap();
    let refused = [
        Individuals::new(&x[..9], &x[..9], &z).unwrap_err(),
        Individuals::new(&x, &x[..11], &z).unwrap_err(),
        Individuals::new(&x, &x, &Array2::zeros((12, 0))).unwrap_err(),
        Individuals::new(&x, &x, &Array2::zeros((11, 1))).unwrap_err(),
        Individuals::new(&x, &x, &column(|_| 2.0)).unwrap_err(),
        Individuals::new(&holes, &x, &z).unwrap_err(),
        Individuals::new(&x, &[0.0; 12], &z).unwrap_err(),
        good.with_covariates(&Array2::zeros((3, 1))).unwrap_err(),
        good.with_groups(&[0; 12]).unwrap_err(),
        good.with_groups(&[0; 3]).unwrap_err(),
        causal::two_stage_least_squares(&same).unwrap_err(),
        causal::two_stage_least_squares(&told).unwrap_err(),
        causal::two_stage_least_squares(&wide).unwrap_err(),
        causal::deep_iv(&good).unwrap_err(),
    ];
    insta::assert_snapshot!(refused.map(|error| error.to_string()).join("\n"), @r"
    `exposure` has shape (9), expected (10) or more
    `outcome` has shape (11), expected (12) as the exposure
    `instruments` has shape (12, 0), expected (12, instruments), at least 1 instrument
    `instruments` has shape (11, 1), expected (12, instruments), at least 1 instrument
    `instruments, column 0` is 2 everywhere, expected numbers that differ
    `exposure` is NaN in row 3, expected finite
    `outcome` is 0 everywhere, expected numbers that differ
    `covariates` has shape (3, 1), expected (12, covariates)
    `groups` is of 1, expected of 10 kinds or more
    `groups` has shape (3), expected (12), one for each row
    `instruments` is none, expected at least one that covariates do not determine
    `covariates` is some that do, expected some that do not determine the exposure
    `individuals` is 12, expected more than 13 rows for 12 columns
    `individuals` is 12, expected 50 or more rows or, where there are such, groups
    ");
}
