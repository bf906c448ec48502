//! Radial regression against tests/golden/causal/radial.py, by numbers and as it is drawn.

use super::real::lipids;
use crate::golden::{rows, table};
use genolens::causal::{self, Dispersion, Instruments, Ivw, Weights};
use genolens::display::{self, Radial};
use genolens::ndarray;

const GOLDEN: &str = include_str!("../../golden/causal/radial.tsv");

/// The names of outliers in the golden numbers, as a picture tells them.
fn outliers(name: &str) -> String {
    let found = rows(GOLDEN, &format!("{name} outliers")).concat();
    if found.iter().all(|number| number.is_empty()) {
        return "no outlier".into();
    }
    let names: Vec<String> = found.iter().map(|number| format!("snp_{number}")).collect();
    format!("outliers {}", names.join(", "))
}

/// Parts add up to Q, and the same variants are outliers.
#[test]
fn parts_of_heterogeneity_of_lipids() {
    let Some(x) = lipids() else { return };
    let found = causal::ivw(&x).unwrap();
    let parts = causal::heterogeneity_parts(&x, &found).unwrap();
    let golden = table(GOLDEN, "first parts");
    for (part, golden) in parts.parts().iter().zip(golden.row(0)) {
        assert!((part / golden - 1.0).abs() < 1e-9, "{part} {golden}");
    }
    let total = found.heterogeneity().unwrap().q();
    assert!((parts.parts().sum() / total - 1.0).abs() < 1e-12);
    assert_eq!(parts.outliers(0.05).unwrap(), ["snp_12", "snp_14"]);
    let slanted = causal::egger(&x).unwrap();
    let around = causal::heterogeneity_parts(&x, &slanted).unwrap().parts();
    let total = slanted.heterogeneity().unwrap().q();
    assert!((around.sum() / total - 1.0).abs() < 1e-12);
    let rows = parts.table().unwrap();
    assert_eq!(rows.shape(), (28, 5));
    let shares = rows.column("share").unwrap().f64().unwrap();
    assert!((shares.iter().flatten().sum::<f64>() - 1.0).abs() < 1e-12);
    let chances = parts.p_values();
    assert!(chances[11] < 0.05 / 28.0 && chances[2] > 0.9, "{chances}");
}

#[test]
fn parts_ask_for_what_has_parts() {
    let (ones, errors) = ([0.1, -0.2, 0.3], [0.02; 3]);
    let x = Instruments::new((&ones, &errors), (&ones, &errors)).unwrap();
    let found = causal::ivw(&x).unwrap();
    let parts = causal::heterogeneity_parts(&x, &found).unwrap();
    assert_eq!(parts.outliers(0.5).unwrap().len(), 0);
    // All exactly on the line: no share is that of nothing.
    let rows = parts.table().unwrap();
    let mut shares = rows.column("share").unwrap().f64().unwrap().iter();
    assert!(shares.all(|share| share.is_some_and(|share| (0.0..=1.0).contains(&share))));
    let related = x.with_correlation(&ndarray::Array2::eye(3)).unwrap();
    let refused = [
        causal::heterogeneity_parts(&related, &found).unwrap_err(),
        parts.outliers(0.0).unwrap_err(),
        parts.outliers(f64::NAN).unwrap_err(),
    ];
    insta::assert_snapshot!(refused.map(|error| error.to_string()).join("\n"), @"
    `instruments` is correlated ones, expected uncorrelated variants, as from `without_correlation`; `ivw` and `egger` know correlations
    `share` is 0, expected above 0 to below 1
    `share` is NaN, expected above 0 to below 1
    ");
}

/// A picture tells four digits.
#[track_caller]
fn tells(plot: &Radial, name: &str) {
    let told = plot.description();
    let golden = table(GOLDEN, name);
    let words = told
        .split([';', ' '])
        .map(|word| word.replace('\u{2212}', "-"));
    let numbers: Vec<f64> = words
        .filter_map(|word| word.trim_end_matches('.').parse().ok())
        .collect();
    // The number of effects, then those of each line.
    for (found, golden) in numbers[1..].iter().zip(golden.row(0)) {
        assert!((found / golden - 1.0).abs() < 1e-3, "{name}: {told}");
    }
    assert!(told.contains(&outliers(name)), "{name}: {told}");
}

/// The ratios of variants with errors of one of the three kinds.
fn ratios(x: &Instruments, errors: &[f64]) -> Radial {
    let ratios = x.outcome_effects() / x.exposure_effects().column(0);
    display::radial(&ratios, errors).names(x.ids())
}

#[test]
fn radial_lines_and_outliers_of_lipids() {
    let Some(x) = lipids() else { return };
    let fixed = Ivw::new().dispersion(Dispersion::Fixed);
    let first = fixed.clone().run(&x).unwrap();
    let second = fixed.weights(Weights::Delta(0.0)).run(&x).unwrap();
    for (name, found) in [("first", &first), ("second", &second)] {
        let golden = table(GOLDEN, name);
        assert!((found.value() - golden[[0, 0]]).abs() < 1e-12);
        assert!((found.heterogeneity().unwrap().q() / golden[[0, 1]] - 1.0).abs() < 1e-12);
    }
    let simple = x.radial();
    tells(&simple.at("IVW", first.value()), "first");
    let delta = causal::wald_ratios(&x, Weights::Delta(0.0)).unwrap();
    let errors: Vec<f64> = (0..delta.len())
        .map(|at| delta.get(at).unwrap().standard_error())
        .collect();
    let delta = ratios(&x, &errors);
    tells(&delta.at("IVW", second.value()), "second");
    // Modified weights: the variance is that at the estimate.
    let slope = table(GOLDEN, "modified")[[0, 0]];
    let (bx, sx, sy) = (
        x.exposure_effects(),
        x.exposure_errors(),
        x.outcome_errors(),
    );
    let error =
        |at: usize| (sy[at].powi(2) + (slope * sx[[at, 0]]).powi(2)).sqrt() / bx[[at, 0]].abs();
    let errors: Vec<f64> = (0..x.len()).map(error).collect();
    let modified = ratios(&x, &errors);
    tells(&modified.at("IVW", slope), "modified");
    // The first line decides: outliers from that of MR-Egger.
    for (name, plot) in [("first", simple), ("second", delta), ("modified", modified)] {
        let golden = table(GOLDEN, &format!("{name} egger"));
        let told = plot.egger().description();
        let line = format!(
            "radial Egger at {} with intercept {}",
            plain(golden[[0, 1]]),
            plain(golden[[0, 0]])
        );
        assert!(told.contains(&line), "{name}: {told}, {line}");
        assert!(
            told.contains(&outliers(&format!("{name} egger"))),
            "{name}: {told}"
        );
    }
}

/// Four digits, as pictures write them.
fn plain(value: f64) -> String {
    let digits = if value.abs() < 1.0 { 4 } else { 3 };
    format!("{value:.digits$}").replace('-', "\u{2212}")
}
