//! The cases at the edge, each of which has an answer or is refused.

use super::properties::{Row, estimators, instruments};
use genolens::causal::{
    self, Dispersion, Egger, Instruments, Ivw, Median, MedianKind, Mode, Preset, Weights,
};
use genolens::ndarray::{Array2, array};

const VALID: [Row; 4] = [
    (0.1, 0.01, 0.21, 0.05),
    (-0.2, 0.01, -0.38, 0.05),
    (0.3, 0.02, 0.63, 0.05),
    (0.4, 0.02, 0.79, 0.05),
];

fn with(row: Row) -> Instruments {
    instruments(&[&VALID[..], &[row]].concat())
}

#[test]
fn a_variant_without_effect_on_the_exposure_stays_where_it_says_something() {
    let (plain, more) = (instruments(&VALID), with((0.0, 0.01, 0.9, 0.05)));
    for (estimator, _) in estimators() {
        let (without, found) = (estimator.estimate(&plain), estimator.estimate(&more));
        let (without, found) = (without.unwrap(), found.unwrap());
        assert!(found.value().is_finite() && found.standard_error().is_finite());
        if found.method().contains("median") || found.method().contains("mode") {
            assert_eq!(found.value(), without.value(), "{found:?}");
            assert_eq!(found.variants(), 4);
        }
    }
    // Its effect on the outcome is not lost: it raises Q, and the intercept.
    let (ivw, other) = (causal::ivw(&plain).unwrap(), causal::ivw(&more).unwrap());
    assert!((ivw.value() - other.value()).abs() < 1e-14);
    let gain = other.heterogeneity().unwrap().q() - ivw.heterogeneity().unwrap().q();
    assert!((gain - (0.9_f64 / 0.05).powi(2)).abs() < 1e-9);
    let egger = causal::egger(&more).unwrap();
    assert!(egger.intercept().unwrap().value() > 0.2);
    let delta = Ivw::new().weights(Weights::Delta(0.0)).run(&more).unwrap();
    assert_eq!(delta.variants(), 4);
}

#[test]
fn equal_effects_have_no_line() {
    let same: Vec<Row> = VALID.iter().map(|row| (0.2, 0.01, row.2, 0.05)).collect();
    let x = instruments(&same);
    assert!(causal::ivw(&x).is_ok());
    let message = causal::egger(&x).unwrap_err().to_string();
    assert!(message.contains("differ in size"), "{message}");
    assert!(Egger::new().robust(true).run(&x).is_err());
    let opposite: Vec<Row> = (0..4)
        .map(|i| ([0.2, -0.2][i % 2], 0.01, 0.1, 0.05))
        .collect();
    assert!(causal::egger(&instruments(&opposite)).is_err());
}

#[test]
fn few_variants_are_answered_or_refused() {
    let none = instruments(&[]);
    let one = instruments(&VALID[..1]);
    let two = instruments(&VALID[..2]);
    for (estimator, _) in estimators() {
        assert!(estimator.estimate(&none).is_err());
        for few in [&one, &two] {
            if let Ok(found) = estimator.estimate(few) {
                assert!(
                    found.value().is_finite() && found.standard_error() >= 0.0,
                    "{found:?}"
                );
                assert!(!found.p_value().is_nan() && !found.method().contains("Egger"));
            }
        }
    }
    let ratio = causal::wald_ratio(&one).unwrap();
    for found in [
        causal::ivw(&one).unwrap(),
        causal::max_likelihood(&one).unwrap(),
    ] {
        assert!((found.value() - ratio.value()).abs() < 1e-12);
    }
    assert!((causal::ivw(&one).unwrap().standard_error() - ratio.standard_error()).abs() < 1e-15);
    // Below four variants the default has fixed effects, and TwoSampleMR has not.
    let apart = instruments(&[(0.1, 0.01, 0.1, 0.01), (0.1, 0.01, 0.5, 0.01)]);
    let fixed = Ivw::preset(Preset::MendelianRandomization)
        .run(&apart)
        .unwrap();
    let random = Ivw::preset(Preset::TwoSampleMr).run(&apart).unwrap();
    assert!(random.standard_error() > 10.0 * fixed.standard_error());
    let both = Ivw::new()
        .dispersion(Dispersion::Fixed)
        .run(&apart)
        .unwrap();
    assert_eq!(both.standard_error(), fixed.standard_error());
}

#[test]
fn half_of_the_ratios_equal_leave_a_bandwidth() {
    let rows: Vec<Row> = [1.0, 1.0, 1.0, 1.0, 3.0, 4.0]
        .iter()
        .map(|ratio| (0.5, 0.01, 0.5 * ratio, 0.05))
        .collect();
    for options in [Mode::new(), Mode::preset(Preset::TwoSampleMr)] {
        let found = options
            .simple(true)
            .draws(100)
            .run(&instruments(&rows))
            .unwrap();
        assert!((found.value() - 1.0).abs() < 0.2, "{found:?}");
    }
    // Two tops of the same height: the one nearest no effect, whatever the order.
    let two = [
        (1.0, 0.01, -2.0, 0.05),
        (1.0, 0.01, -2.0, 0.05),
        (1.0, 0.01, 9.0, 0.05),
        (1.0, 0.01, 9.0, 0.05),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0]] {
        let x = instruments(&two).choose(&order).unwrap();
        let found = Mode::new()
            .simple(true)
            .bandwidth(0.2)
            .draws(10)
            .run(&x)
            .unwrap();
        assert!((found.value() + 2.0).abs() < 1e-6, "{found:?}");
    }
}

#[test]
fn chances_far_out_do_not_vanish() {
    let rows: Vec<Row> = (1..6)
        .map(|i| (f64::from(i), 0.01, f64::from(i), 0.2))
        .collect();
    let found = causal::ivw(&instruments(&rows)).unwrap();
    // z is 37.1: one minus a probability would be 0.
    assert!(found.p_value() > 0.0 && found.p_value() < 1e-290);
}

#[test]
fn two_rules_of_p_values() {
    let rows = [
        (0.1, 0.01, 0.20, 0.05),
        (0.2, 0.01, 0.41, 0.05),
        (0.3, 0.01, 0.60, 0.05),
        (0.4, 0.01, 0.79, 0.05),
    ];
    let x = instruments(&rows);
    let normal = causal::egger(&x).unwrap();
    let sigma = normal.residual_error().unwrap();
    assert!(sigma < 1.0);
    // t of the narrow errors or normal of the fixed ones, whichever is wider.
    let wider = Egger::new().student(true).run(&x).unwrap();
    let width = |found: &causal::Estimate| found.interval().1 - found.interval().0;
    let narrow = 2.0 * 4.302_652_729_749 * normal.standard_error() * sigma;
    assert!((width(&wider) - narrow.max(width(&normal))).abs() < 1e-9);
    let student = Egger::preset(Preset::TwoSampleMr).run(&x).unwrap();
    assert!((width(&student) / normal.standard_error() - 2.0 * 4.302_652_729_749).abs() < 1e-9);
    assert!(student.p_value() > normal.p_value());
    // The interval and the p-value agree.
    let (lower, upper) = student.interval();
    assert_eq!(student.p_value() < 0.05, lower > 0.0 || upper < 0.0);
    assert_eq!(student.interval_at(0.95).unwrap(), (lower, upper));
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let x = instruments(&VALID);
    let rho = Array2::from_shape_fn((4, 4), |(i, j)| if i == j { 1.0 } else { 0.3 });
    let correlated = x.with_correlation(&rho).unwrap();
    let far: Vec<Row> = (0..4)
        .map(|i| (1.0, 0.01, f64::from(i) * 1e3, 1e-3))
        .collect();
    let two = x.with_exposure("HDL", &[0.1; 4], &[0.1; 4]).unwrap();
    let refusals = [
        Instruments::new((&[0.1, 0.2], &[0.1]), (&[0.1], &[0.1])).map(|_| ()),
        Instruments::new((&[0.1, 0.2], &[0.1; 2]), (&[0.1], &[0.1])).map(|_| ()),
        Instruments::new((&[f64::NAN], &[0.1]), (&[0.1], &[0.1])).map(|_| ()),
        Instruments::new((&[0.1], &[0.1]), (&[f64::INFINITY], &[0.1])).map(|_| ()),
        Instruments::new((&[0.1], &[0.0]), (&[0.1], &[0.1])).map(|_| ()),
        Instruments::new((&[0.1], &[0.1]), (&[0.1], &[-1.0])).map(|_| ()),
        x.with_ids(["a", "b"]).map(|_| ()),
        x.with_ids(["a", "b", "a", "c"]).map(|_| ()),
        x.with_frequencies(&[0.1, 0.2, 1.3, 0.4]).map(|_| ()),
        x.with_sample_sizes(&[100.0; 4], &[2.0; 4]).map(|_| ()),
        x.with_correlation(&Array2::eye(3)).map(|_| ()),
        x.with_correlation(&Array2::ones((4, 4))).map(|_| ()),
        instruments(&VALID[..2])
            .with_correlation(&array![[1.0, 0.5], [0.4, 1.0]])
            .map(|_| ()),
        x.choose(&[0, 0]).map(|_| ()),
        x.choose(&[9]).map(|_| ()),
        two.with_exposure("HDL", &[0.1; 4], &[0.1; 4]).map(|_| ()),
        causal::ivw(&two).map(|_| ()),
        causal::wald_ratio(&x).map(|_| ()),
        causal::egger(&instruments(&VALID[..2])).map(|_| ()),
        causal::weighted_median(&instruments(&[(0.0, 0.1, 0.1, 0.1)])).map(|_| ()),
        causal::ivw(&instruments(&[(0.0, 0.1, 0.1, 0.1)])).map(|_| ()),
        causal::max_likelihood(&instruments(&[(0.0, 0.1, 0.1, 0.1)])).map(|_| ()),
        Ivw::new().robust(true).run(&correlated).map(|_| ()),
        Egger::new().penalised(true).run(&correlated).map(|_| ()),
        Ivw::new().weights(Weights::Delta(2.0)).run(&x).map(|_| ()),
        Ivw::new()
            .penalised(true)
            .run(&instruments(&far))
            .map(|_| ()),
        Median::new()
            .kind(MedianKind::Penalised)
            .run(&instruments(&far))
            .map(|_| ()),
        Median::new().draws(1).run(&x).map(|_| ()),
        Mode::new().bandwidth(0.0).run(&x).map(|_| ()),
        causal::steiger(&x).map(|_| ()),
        causal::ivw(&x)
            .and_then(|found| found.interval_at(1.0))
            .map(|_| ()),
        causal::wald_ratios(&x, Weights::Simple)
            .and_then(|all| all.named("rs1"))
            .map(|_| ()),
        causal::meta_analysis(&[], &[]).map(|_| ()),
        causal::meta_analysis(&[0.1, 0.2], &[0.1]).map(|_| ()),
        causal::meta_analysis(&[0.1, f64::NAN], &[0.1; 2]).map(|_| ()),
        causal::meta_analysis(&[0.1, 0.2], &[0.1, 0.0]).map(|_| ()),
    ];
    let messages: Vec<String> = refusals
        .into_iter()
        .map(|r| r.unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `exposure standard errors` has shape (1), expected (2), one for each effect
    `exposure effects` has shape (2), expected (1), as many as of outcome
    `exposure effects` is NaN, expected finite numbers
    `outcome effects` is inf, expected finite numbers
    `exposure standard errors` is 0, expected finite numbers above 0
    `outcome standard errors` is -1, expected finite numbers above 0
    `ids` has shape (2), expected (4), one for each variant
    `ids` is `a` twice, expected different names
    `frequencies` is 1.3, expected numbers from 0 to 1
    `outcome sample sizes` is 2, expected numbers above 3
    `correlation` has shape (3, 3), expected (4, 4)
    `correlation` is singular or indefinite, expected positive definite
    `correlation` is 0.5 in row 1, column 2, expected symmetric, with ones on the diagonal and nothing beyond 1
    `places` is 0 twice, expected different places
    `places` is 9, expected below 4
    `name` is `HDL`, expected a new name
    `instruments` is 2 exposures, expected one exposure
    `instruments` is 4 variants, expected one variant for a ratio
    `instruments` is 2, expected 3 variants or more with an effect on the exposure for MR-Egger
    `instruments` is 0, expected one variant or more with an effect on the exposure for a median of ratios
    `instruments` is none with a weight, expected effects on the exposure, not all of them 0
    `instruments` is none, expected an effect on the exposure for maximum likelihood
    `ivw` is penalised, robust or delta weights, expected plain weights for correlated variants
    `egger` is penalised or robust, expected plain for correlated variants
    `psi` is 2, expected from -1 to 1
    `instruments` is none with a weight left, expected variants that agree a little, for penalised weights
    `instruments` is none with a weight left, expected variants that agree a little, for penalised weights
    `draws` is 1, expected 2 or more
    `bandwidth` is 0, expected a number above 0
    `instruments` is none, expected sample sizes (with_sample_sizes)
    `level` is 1, expected between 0 and 1
    `name` is `rs1`, expected one of: 1, 2, 3, 4
    `effects` is none, expected one effect or more
    `errors` has shape (1), expected (2), one for each effect
    `effects` is NaN, expected finite numbers
    `errors` is 0, expected finite numbers above 0
    ");
}
