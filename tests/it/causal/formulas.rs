//! Estimates beside their formulas, written with matrices or solved by scipy, on made-up numbers with unequal errors.
//!
//! Made by `tests/golden/causal/formulas.py`. Numbers agree to 1e-9 of themselves, those that either side finds by iteration to 1e-7.

use super::properties::{Row, instruments};
use crate::golden::{rows, table};
use genolens::causal::{
    self, ContaminationMixture, DebiasedIvw, Dispersion, Egger, Estimate, Grip, Instruments, Ivw,
    KnappHartung, MaxLikelihood, Median, MedianKind, MetaAnalysis, Mode, Multivariable,
    PenalizedIvw, Preset, RuckerModel, TauSquared, Weights,
};

const GOLDEN: &str = include_str!("../../golden/causal/formulas.tsv");
const SETS: [&str; 5] = ["A", "B", "C", "D", "E"];
const FORMULA: f64 = 1e-9;
const ITERATION: f64 = 1e-7;

fn numbers(name: &str) -> Vec<f64> {
    let cells = rows(GOLDEN, name).remove(0);
    cells.iter().map(|cell| cell.parse().unwrap()).collect()
}

/// The only row of this name.
fn golden<const N: usize>(name: &str) -> [f64; N] {
    numbers(name).try_into().unwrap()
}

fn data(name: &str) -> Instruments {
    let rows: Vec<Row> = table(GOLDEN, &format!("data {name}"))
        .rows()
        .into_iter()
        .map(|r| (r[0], r[1], r[2], r[3]))
        .collect();
    instruments(&rows)
}

/// Checks numbers to this share of each.
#[track_caller]
fn agree(what: &str, found: &[f64], golden: &[f64], share: f64) {
    assert_eq!(found.len(), golden.len(), "{what}");
    for (found, golden) in found.iter().zip(golden) {
        assert!(
            found == golden || (found - golden).abs() <= share * golden.abs(),
            "{what}: {found}, expected {golden}"
        );
    }
}

/// The estimate, its standard error and the residual standard error.
fn three(found: &Estimate) -> [f64; 3] {
    let sigma = found.residual_error().unwrap();
    [found.value(), found.standard_error(), sigma]
}

#[test]
fn grip_is_a_line_of_products_on_squares() {
    for set in SETS {
        let x = data(set);
        let [slope, error, sigma, q, intercept, intercept_error, quantile] =
            golden(&format!("grip {set}"));
        let [p, narrow_p, intercept_p] = golden(&format!("grip p {set}"));
        let package = Grip::preset(Preset::TwoSampleMr).run(&x).unwrap();
        for (found, factor, p) in [
            (causal::grip(&x).unwrap(), sigma.max(1.0), p),
            (
                Grip::preset(Preset::MendelianRandomization)
                    .run(&x)
                    .unwrap(),
                sigma.max(1.0),
                p,
            ),
            (package, sigma, narrow_p),
        ] {
            agree(
                set,
                &three(&found),
                &[slope, error * factor, sigma],
                FORMULA,
            );
            let half = quantile * error * factor;
            let (lower, upper) = found.interval();
            agree(set, &[lower, upper], &[slope - half, slope + half], FORMULA);
            let spread = found.heterogeneity().unwrap();
            agree(set, &[found.p_value(), spread.q()], &[p, q], FORMULA);
            assert_eq!(spread.freedom(), 4.0);
            let line = found.intercept().unwrap();
            let wide = intercept_error * factor;
            agree(
                set,
                &[line.value(), line.standard_error(), line.interval().1],
                &[intercept, wide, intercept + quantile * wide],
                FORMULA,
            );
            if p > narrow_p || sigma > 1.0 {
                agree(set, &[line.p_value()], &[intercept_p], FORMULA);
            }
        }
    }
}

#[test]
fn dispersion_widens_as_it_says() {
    let mut narrower = 0;
    for set in SETS {
        let x = data(set);
        let [value, error, sigma] = golden(&format!("ivw {set}"));
        let [by_likelihood, likelihood_error, q] = golden(&format!("likelihood {set} 0.0"));
        let residual = (q / 5.0).sqrt();
        for (dispersion, factor) in [
            (Dispersion::Fixed, (|_| 1.0) as fn(f64) -> f64),
            (Dispersion::AtLeastOne, |sigma| sigma.max(1.0)),
            (Dispersion::Automatic, |sigma| sigma.max(1.0)),
            (Dispersion::Free, |sigma| sigma),
        ] {
            let found = Ivw::new().dispersion(dispersion).run(&x).unwrap();
            let expected = [value, error * factor(sigma), sigma];
            agree(set, &three(&found), &expected, FORMULA);
            let found = MaxLikelihood::new().dispersion(dispersion).run(&x).unwrap();
            let expected = [by_likelihood, likelihood_error * factor(residual), residual];
            agree(set, &three(&found), &expected, ITERATION);
        }
        narrower += usize::from(sigma < 1.0);
    }
    assert!(narrower > 0 && narrower < SETS.len());
}

#[test]
fn lines_with_an_intercept_have_three_kinds_of_p_values() {
    for set in SETS {
        let x = data(set);
        let [slope, error, sigma, intercept, intercept_error] = golden(&format!("egger {set}"));
        let [normal, student, wider, intercept_normal, intercept_student] =
            golden(&format!("egger p {set}"));
        let wide = sigma.max(1.0);
        let found = causal::egger(&x).unwrap();
        agree(set, &three(&found), &[slope, error * wide, sigma], FORMULA);
        let line = found.intercept().unwrap();
        let expected = [intercept, intercept_error * wide];
        agree(
            set,
            &[line.value(), line.standard_error()],
            &expected,
            FORMULA,
        );
        let expected = [normal, intercept_normal];
        agree(set, &[found.p_value(), line.p_value()], &expected, FORMULA);
        let found = Egger::preset(Preset::TwoSampleMr).run(&x).unwrap();
        let line = found.intercept().unwrap();
        let expected = [student, intercept_student];
        agree(set, &[found.p_value(), line.p_value()], &expected, FORMULA);
        assert_eq!(
            found.standard_error(),
            causal::egger(&x).unwrap().standard_error()
        );
        let found = Egger::new().student(true).run(&x).unwrap();
        agree(set, &[found.p_value()], &[wider], FORMULA);
    }
}

/// Each set takes another branch; E has no more heterogeneity than chance allows, and still an intercept.
#[test]
fn the_framework_chooses_each_of_its_models() {
    for (set, model) in [
        ("A", RuckerModel::FixedIvw),
        ("B", RuckerModel::RandomIvw),
        ("C", RuckerModel::FixedEgger),
        ("D", RuckerModel::RandomEgger),
        ("E", RuckerModel::FixedEgger),
    ] {
        let row = rows(GOLDEN, &format!("rucker {set}")).remove(0);
        assert!(format!("{model:?}").starts_with(match row[0] {
            "A" => "FixedIvw",
            "B" => "RandomIvw",
            "C" => "FixedEgger",
            _ => "RandomEgger",
        }));
        let row: Vec<f64> = row[1..].iter().map(|cell| cell.parse().unwrap()).collect();
        let found = causal::rucker(&data(set)).unwrap();
        assert_eq!(found.model(), model);
        let (ivw, egger) = (found.ivw(), found.egger());
        assert_eq!((ivw.freedom(), egger.freedom()), (5.0, 4.0));
        let chosen = found.chosen();
        agree(
            set,
            &[
                ivw.q(),
                egger.q(),
                found.difference_p_value(),
                chosen.value(),
                chosen.standard_error(),
                chosen.p_value(),
            ],
            &row[..6],
            FORMULA,
        );
        if let Some(line) = chosen.intercept() {
            agree(
                set,
                &[line.value(), line.standard_error()],
                &row[6..],
                FORMULA,
            );
        }
        assert_eq!(chosen.intercept().is_some(), "CDE".contains(set));
    }
}

#[test]
fn directions_compare_correlations() {
    for set in SETS {
        let x = data(set);
        let sizes = |first: f64, step: f64| -> Vec<f64> {
            (0..x.len()).map(|at| first + step * at as f64).collect()
        };
        let sized = x
            .with_sample_sizes(&sizes(5000.0, 100.0), &sizes(8000.0, -150.0))
            .unwrap();
        let found = causal::steiger(&sized).unwrap();
        let shares = [found.exposure(), found.outcome(), found.p_value()];
        agree(set, &shares, &numbers(&format!("steiger {set}")), FORMULA);
        assert!(found.is_forward());
    }
}

#[test]
fn errors_of_both_effects_can_be_correlated() {
    for set in SETS {
        let x = data(set);
        for psi in ["0.0", "0.3", "-0.6"] {
            let weights = Weights::Delta(psi.parse().unwrap());
            let name = |what: &str| format!("{what} {set} {psi}");
            let ratios = causal::wald_ratios(&x, weights).unwrap();
            let errors: Vec<f64> = (0..ratios.len())
                .map(|at| ratios.get(at).unwrap().standard_error())
                .collect();
            agree(set, &errors, &numbers(&name("ratios")), FORMULA);
            let ivw = Ivw::new().weights(weights).dispersion(Dispersion::Fixed);
            let found = ivw.run(&x).unwrap();
            agree(set, &three(&found), &numbers(&name("delta")), FORMULA);
            let found = ivw.penalised(true).run(&x).unwrap();
            let expected = numbers(&name("penalised delta"));
            agree(set, &three(&found), &expected, FORMULA);
            let likelihood = MaxLikelihood::new().psi(psi.parse().unwrap());
            let found = likelihood.dispersion(Dispersion::Fixed).run(&x).unwrap();
            let q = found.heterogeneity().unwrap().q();
            let found = [found.value(), found.standard_error(), q];
            agree(set, &found, &numbers(&name("likelihood")), ITERATION);
        }
    }
}

#[test]
fn penalties_lower_weights_by_a_hundred_chances() {
    for set in SETS {
        let x = data(set);
        let ivw = Ivw::new().penalised(true).dispersion(Dispersion::Fixed);
        let expected = numbers(&format!("penalised ivw {set}"));
        agree(set, &three(&ivw.run(&x).unwrap()), &expected, FORMULA);
        let [slope, error, sigma, intercept, intercept_error] =
            golden(&format!("penalised egger {set}"));
        let wide = sigma.max(1.0);
        let found = Egger::new().penalised(true).run(&x).unwrap();
        agree(set, &three(&found), &[slope, error * wide, sigma], FORMULA);
        let line = found.intercept().unwrap();
        let expected = [intercept, intercept_error * wide];
        agree(
            set,
            &[line.value(), line.standard_error()],
            &expected,
            FORMULA,
        );
    }
}

/// With three variants, a line through two of them leaves what rounding leaves there.
#[test]
fn robust_lines_have_the_least_scale() {
    for set in ["A", "B", "C", "D", "E", "three"] {
        let x = data(set);
        let found = Ivw::new().robust(true).run(&x).unwrap();
        let numbers = [found.residual_error().unwrap(), found.value()];
        let expected: [f64; 2] = golden(&format!("robust ivw {set}"));
        agree(set, &numbers, &expected, ITERATION);
        let found = Egger::new().robust(true).run(&x).unwrap();
        let intercept = found.intercept().unwrap().value();
        let numbers = [found.residual_error().unwrap(), intercept, found.value()];
        let expected: [f64; 3] = golden(&format!("robust egger {set}"));
        agree(set, &numbers, &expected, ITERATION);
    }
}

#[test]
fn medians_and_modes_of_ratios_weigh_them_either_way() {
    for set in SETS {
        let x = data(set);
        let median = |kind: MedianKind, delta: bool| {
            let median = Median::new().kind(kind).delta_weights(delta).draws(2);
            median.run(&x).unwrap().value()
        };
        let found = [
            median(MedianKind::Simple, false),
            median(MedianKind::Weighted, false),
            median(MedianKind::Penalised, false),
            median(MedianKind::Weighted, true),
            median(MedianKind::Penalised, true),
        ];
        agree(set, &found, &numbers(&format!("median {set}")), FORMULA);
        let value = |mode: &Mode| mode.clone().draws(2).run(&x).unwrap().value();
        let mode = Mode::new();
        let first = mode.clone().delta_weights(false);
        let found = [
            value(&mode.clone().simple(true)),
            value(&first),
            value(&mode),
            value(&mode.clone().bandwidth(0.5)),
        ];
        agree(set, &found, &numbers(&format!("mode {set}")), FORMULA);
        let grid = mode.grid(true);
        let found = [
            value(&grid.clone().simple(true)),
            value(&first.grid(true)),
            value(&grid),
        ];
        agree(set, &found, &numbers(&format!("grid {set}")), FORMULA);
        assert_eq!(value(&Mode::preset(Preset::TwoSampleMr)), found[2]);
    }
}

#[test]
fn presets_draw_as_often_as_the_package() {
    let delta = Median::new().delta_weights(true).draws(1000);
    assert_eq!(Median::preset(Preset::TwoSampleMr), delta);
    let package = Median::preset(Preset::MendelianRandomization);
    assert_eq!(package, Median::new().draws(10_000));
    let grid = Mode::new().grid(true);
    let package = Mode::preset(Preset::MendelianRandomization);
    assert_eq!(package, grid.clone().draws(10_000));
    for set in SETS {
        let x = data(set);
        let found = Mode::preset(Preset::TwoSampleMr).run(&x).unwrap();
        let normal = grid.clone().draws(1000).run(&x).unwrap();
        let error = found.standard_error();
        assert_eq!(error, normal.standard_error());
        // Student's distribution of five degrees of freedom, in closed form.
        let angle = (found.value() / error / 5.0_f64.sqrt()).abs().atan();
        let (sin, cos) = angle.sin_cos();
        let inside = (angle + sin * (cos + 2.0 / 3.0 * cos.powi(3))) * std::f64::consts::FRAC_2_PI;
        assert!(
            (found.p_value() - (1.0 - inside)).abs() < 1e-12,
            "{found:?}"
        );
        let half = found.interval().1 - found.value();
        agree(set, &[half], &[2.570_581_836_614_74 * error], 1e-9);
    }
}

#[test]
fn weak_variants_are_allowed_for() {
    for set in SETS {
        let x = data(set);
        let [value, error, spread, alone] = golden(&format!("debiased {set}"));
        let debiased = DebiasedIvw::new();
        let found = debiased.run(&x).unwrap();
        let numbers = [
            found.value(),
            found.standard_error(),
            found.spread().unwrap(),
        ];
        agree(set, &numbers, &[value, error, spread], FORMULA);
        let found = debiased.balanced_pleiotropy(false).run(&x).unwrap();
        agree(
            set,
            &[found.value(), found.standard_error()],
            &[value, alone],
            FORMULA,
        );
        assert_eq!(found.spread(), Some(0.0));
        for penalty in ["1", "3"] {
            let [value, error, spread, alone] = golden(&format!("penalized {set} {penalty}"));
            let penalized = PenalizedIvw::new().penalty(penalty.parse().unwrap());
            let found = penalized.run(&x).unwrap();
            let numbers = [
                found.value(),
                found.standard_error(),
                found.spread().unwrap(),
            ];
            agree(set, &numbers, &[value, error, spread], FORMULA);
            let found = penalized.balanced_pleiotropy(false).run(&x).unwrap();
            agree(
                set,
                &[found.value(), found.standard_error()],
                &[value, alone],
                FORMULA,
            );
        }
    }
}

#[test]
fn several_exposures_are_turned_by_the_one_that_is_named() {
    for set in SETS {
        let other = [0.12, -0.31, 0.05, 0.22, -0.18, 0.27];
        let x = data(set)
            .with_exposure("other", &other, &[0.01; 6])
            .unwrap();
        let first = x.exposures()[0].clone();
        let both = |options: &Multivariable| -> (Estimate, Estimate) {
            let found = options.run(&x).unwrap();
            (found.get(0).unwrap(), found.named("other").unwrap())
        };
        let [a, b, a_error, b_error, sigma] = golden(&format!("several {set}"));
        for (dispersion, factor) in [
            (Dispersion::Automatic, sigma.max(1.0)),
            (Dispersion::Free, sigma),
            (Dispersion::Fixed, 1.0),
        ] {
            let (one, two) = both(&Multivariable::new().dispersion(dispersion));
            agree(set, &three(&one), &[a, a_error * factor, sigma], FORMULA);
            agree(set, &three(&two), &[b, b_error * factor, sigma], FORMULA);
            assert!(one.intercept().is_none());
        }
        for (name, turned) in [
            ("", "exposure"),
            (first.as_str(), "exposure"),
            ("other", "other"),
        ] {
            let [a, b, intercept, a_error, b_error, intercept_error, sigma] =
                golden(&format!("several {set} {turned}"));
            let wide = sigma.max(1.0);
            let (one, two) = both(&Multivariable::new().egger(name));
            agree(set, &three(&one), &[a, a_error * wide, sigma], FORMULA);
            agree(set, &three(&two), &[b, b_error * wide, sigma], FORMULA);
            for found in [one, two] {
                let line = found.intercept().unwrap();
                let expected = [intercept, intercept_error * wide];
                agree(
                    set,
                    &[line.value(), line.standard_error()],
                    &expected,
                    FORMULA,
                );
            }
        }
    }
}

/// Effects that are not rejected are in one stretch, in two, or everywhere.
#[test]
fn a_contaminated_likelihood_has_the_stretches_that_a_search_finds() {
    for (name, stretches) in [("two", 2), ("noisy", 1), ("weak", 1)] {
        let expected = numbers(&format!("contaminated {name}"));
        let found = ContaminationMixture::new().run(&data(name)).unwrap();
        agree(
            name,
            &[
                found.value(),
                found.residual_error().unwrap(),
                found.p_value(),
            ],
            &expected[..3],
            ITERATION,
        );
        let ranges = found.ranges().unwrap();
        assert_eq!(ranges.len(), stretches, "{ranges:?}");
        let ends: Vec<f64> = ranges.iter().flat_map(|range| [range.0, range.1]).collect();
        agree(name, &ends, &expected[3..], ITERATION);
        assert_eq!(found.interval(), (ends[0], ends[ends.len() - 1]));
        let half = (ends[1] - ends[0]) / 2.0;
        if name == "noisy" {
            agree(
                name,
                &[found.standard_error()],
                &[half / 1.959_963_984_540_054],
                FORMULA,
            );
        } else {
            assert!(found.standard_error().is_nan());
        }
    }
}

#[test]
fn pooled_effects_and_variances_between_studies() {
    const METHODS: [(&str, TauSquared, f64); 9] = [
        ("FE", TauSquared::Fixed, FORMULA),
        ("DL", TauSquared::DerSimonianLaird, FORMULA),
        ("HE", TauSquared::Hedges, FORMULA),
        ("HS", TauSquared::HunterSchmidt, FORMULA),
        ("SJ", TauSquared::SidikJonkman, FORMULA),
        ("PM", TauSquared::PauleMandel, ITERATION),
        ("EB", TauSquared::EmpiricalBayes, ITERATION),
        ("ML", TauSquared::MaximumLikelihood, ITERATION),
        ("REML", TauSquared::Restricted, ITERATION),
    ];
    for name in ["apart", "alike", "three", "between"] {
        let (y, se) = (
            numbers(&format!("effects {name}")),
            numbers(&format!("errors {name}")),
        );
        for (method, estimator, share) in METHODS {
            let what = format!("{name} {method}");
            let pool = MetaAnalysis::new().tau_squared(estimator);
            let with = |rule| pool.clone().knapp_hartung(rule).run(&y, &se).unwrap();
            let (plain, spread) = (with(KnappHartung::Off), with(KnappHartung::On));
            let careful = with(KnappHartung::AdHoc);
            let mut row = rows(GOLDEN, &format!("pooled {what}")).remove(0);
            let tau2_error = row.remove(0).parse().ok();
            let row: Vec<f64> = row.iter().map(|cell| cell.parse().unwrap()).collect();
            let found = [
                plain.tau_squared(),
                plain.value(),
                plain.standard_error(),
                spread.standard_error(),
                careful.standard_error(),
            ];
            agree(&what, &found, &row, share);
            assert_eq!(plain.tau_squared_error().is_some(), tau2_error.is_some());
            if let (Some(found), Some(golden)) = (plain.tau_squared_error(), tau2_error) {
                agree(&what, &[found], &[golden], share);
            }
            let [normal, student, half, i_squared, h_squared, lower, upper] =
                golden(&format!("inferred {what}"));
            let found = [
                plain.p_value(),
                spread.p_value(),
                plain.i_squared(),
                plain.h_squared(),
            ];
            agree(
                &what,
                &found,
                &[normal, student, i_squared, h_squared],
                share,
            );
            agree(
                &what,
                &[spread.interval().1 - spread.value()],
                &[half],
                share,
            );
            let (low, high) = plain.prediction_interval().unwrap();
            agree(&what, &[low, high], &[lower, upper], share);
        }
        let found = causal::meta_analysis(&y, &se).unwrap();
        let (lower, upper) = found.tau_squared_interval().unwrap();
        let found = [found.heterogeneity().q(), lower, upper];
        agree(
            name,
            &found,
            &numbers(&format!("profile {name}")),
            ITERATION,
        );
    }
}
