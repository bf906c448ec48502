//! What must hold of every estimator, whatever the data.

use genolens::causal::{
    self, ConstrainedLikelihood, ContaminationMixture, DebiasedIvw, Dispersion, Egger, Estimate,
    Estimator, Grip, Instruments, Ivw, MaxLikelihood, Median, MedianKind, MetaAnalysis, Mode,
    MrLasso, PenalizedIvw, TauSquared, Weights,
};
use genolens::ndarray::Array2;
use genolens::random::Seed;
use proptest::prelude::*;

pub(crate) type Row = (f64, f64, f64, f64);

pub(crate) fn instruments(rows: &[Row]) -> Instruments {
    let column = |of: fn(&Row) -> f64| -> Vec<f64> { rows.iter().map(of).collect() };
    let (bx, sx) = (column(|row| row.0), column(|row| row.1));
    let (by, sy) = (column(|row| row.2), column(|row| row.3));
    Instruments::new((&bx, &sx), (&by, &sy)).unwrap()
}

/// Variants with effects of either sign, between 3 and 20.
pub(crate) fn rows() -> impl Strategy<Value = Vec<Row>> {
    let effect = prop_oneof![0.05..1.0_f64, -1.0..-0.05_f64];
    prop::collection::vec((effect, 0.01..0.1_f64, -1.0..1.0_f64, 0.02..0.3_f64), 3..20)
}

/// All estimators of one exposure, with few draws; the second says whether the standard error is one of formulas.
pub(crate) fn estimators() -> Vec<(Box<dyn Estimator>, bool)> {
    let few = || Median::new().draws(50);
    vec![
        (Box::new(Ivw::new()), true),
        (Box::new(Ivw::new().dispersion(Dispersion::Free)), true),
        (Box::new(Ivw::new().weights(Weights::Delta(0.0))), true),
        (Box::new(Ivw::new().penalised(true)), true),
        (Box::new(Ivw::new().robust(true)), true),
        (Box::new(Egger::new()), true),
        (Box::new(Egger::new().student(true)), true),
        (Box::new(Egger::new().robust(true)), true),
        (Box::new(Egger::new().penalised(true)), true),
        (Box::new(few().kind(MedianKind::Simple)), false),
        (Box::new(few()), false),
        (Box::new(few().kind(MedianKind::Penalised)), false),
        (Box::new(Mode::new().draws(50)), false),
        (Box::new(Mode::new().draws(50).simple(true)), false),
        (Box::new(MaxLikelihood::new()), true),
        (Box::new(DebiasedIvw::new()), true),
        (Box::new(PenalizedIvw::new()), true),
        (Box::new(Grip::new()), true),
        (Box::new(ContaminationMixture::new()), true),
        (Box::new(MrLasso::new()), true),
        (
            Box::new(ConstrainedLikelihood::new(1000.0).perturbations(0)),
            true,
        ),
    ]
}

/// Estimators whose estimate is a formula of sums, and those among them that are lines with the weights of the data.
fn is_closed(found: &Estimate) -> bool {
    !["robust", "likelihood", "mode", "Lasso"]
        .iter()
        .any(|name| found.method().contains(name))
}

fn is_line(found: &Estimate) -> bool {
    ["inverse-variance weighted", "MR-Egger", "MR-GRIP"].contains(&found.method())
}

/// The size of what is summed for a line, which can cancel: the root of the mean square of ratios, by weight; and by how much rounding
/// grows where squared effects on the exposure hardly differ in size.
fn rounding(rows: &[Row], found: &Estimate) -> (f64, f64) {
    let grip = found.method() == "MR-GRIP";
    let of = |r: &Row| {
        if grip {
            (r.0 * r.0, r.0 * r.2, (r.0 * r.3).powi(-2))
        } else {
            (r.0.abs(), r.2, r.3.powi(-2))
        }
    };
    let sum = |f: fn((f64, f64, f64)) -> f64| rows.iter().map(|r| f(of(r))).sum::<f64>();
    let (xx, yy) = (sum(|(x, _, w)| w * x * x), sum(|(_, y, w)| w * y * y));
    let mean = sum(|(x, _, w)| w * x) / sum(|(.., w)| w);
    let around: f64 = rows
        .iter()
        .map(of)
        .map(|(x, _, w)| w * (x - mean).powi(2))
        .sum();
    let grows = match found.intercept() {
        Some(_) => xx / around,
        None => 1.0,
    };
    ((yy / xx).sqrt() * grows, grows)
}

fn near(a: f64, b: f64, share: f64) -> bool {
    a.is_nan() && b.is_nan() || (a - b).abs() <= share * a.abs().max(b.abs()).max(1e-3)
}

fn errors(estimate: &Estimate) -> (f64, f64) {
    (estimate.value(), estimate.standard_error())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// P1: a fixed-effect meta-analysis of the ratios.
    #[test]
    fn weighting_is_pooling_of_ratios(rows in rows()) {
        let x = instruments(&rows);
        let ivw = Ivw::new().dispersion(Dispersion::Fixed).run(&x).unwrap();
        let ratios = causal::wald_ratios(&x, Weights::Simple).unwrap();
        let pooled = MetaAnalysis::new().tau_squared(TauSquared::Fixed);
        let pooled = pooled.run_estimates(&ratios).unwrap();
        prop_assert!(near(ivw.value(), pooled.value(), 1e-12));
        prop_assert!(near(ivw.standard_error(), pooled.standard_error(), 1e-12));
        prop_assert!(near(ivw.heterogeneity().unwrap().q(), pooled.heterogeneity().q(), 1e-9));
    }

    /// P2: units of exposure and outcome, and which allele is counted, do not matter. Draws are not compared where they change.
    #[test]
    fn units_and_alleles_do_not_matter(rows in rows(), flip in prop::collection::vec(any::<bool>(), 20)) {
        let plain = instruments(&rows);
        let scaled: Vec<Row> = rows.iter().map(|r| (r.0 * 4.0, r.1 * 4.0, r.2, r.3)).collect();
        let raised: Vec<Row> = rows.iter().map(|r| (r.0, r.1, r.2 * 4.0, r.3 * 4.0)).collect();
        let turn = |(r, flip): (&Row, &bool)| if *flip { (-r.0, r.1, -r.2, r.3) } else { *r };
        let turned: Vec<Row> = rows.iter().zip(&flip).map(turn).collect();
        let (scaled, raised) = (instruments(&scaled), instruments(&raised));
        let turned = instruments(&turned);
        let odd: Vec<Row> = rows.iter().map(|r| (r.0 * 3.7, r.1 * 3.7, r.2 * 0.3, r.3 * 0.3)).collect();
        let odd = instruments(&odd);
        for (estimator, formula) in estimators() {
            let Ok(found) = estimator.estimate(&plain) else { continue };
            let (value, error) = errors(&found);
            for (other, factor) in [(&scaled, 0.25), (&raised, 4.0), (&turned, 1.0)] {
                let other = estimator.estimate(other).unwrap();
                let share = if is_closed(&found) { 1e-12 } else { 1e-9 };
                prop_assert!(near(other.value(), factor * value, share), "{found:?} {other:?}");
                if formula {
                    let share = if is_closed(&found) { 1e-12 } else { 1e-7 };
                    prop_assert!(near(other.standard_error(), factor * error, share), "{found:?} {other:?}");
                }
            }
            // No power of two, so that everything is rounded otherwise. Sums can cancel: a line is compared with what it sums, and the
            // others, whose weights are chances, differences or hardly more than 0, by a looser share.
            let factor = 0.3 / 3.7;
            let other = estimator.estimate(&odd).unwrap();
            let (size, _) = rounding(&rows, &found);
            let off = (other.value() / factor - value).abs();
            let same = off <= 1e-12 * size || !is_line(&found) && near(other.value(), factor * value, 1e-9);
            prop_assert!(same, "{found:?} {other:?} {off} {size}");
            prop_assert!(!formula || near(other.standard_error(), factor * error, 1e-7), "{found:?} {other:?}");
        }
    }

    /// P3: with effects in proportion, every method finds the proportion; errors are those of known variances.
    #[test]
    fn effects_in_proportion_are_found(rows in rows(), theta in prop_oneof![Just(0.0), -3.0..3.0_f64]) {
        let exact: Vec<Row> = rows.iter().map(|r| (r.0, r.1, theta * r.0, r.3)).collect();
        let x = instruments(&exact);
        let fixed = Ivw::new().dispersion(Dispersion::Fixed).run(&x).unwrap().standard_error();
        // Smaller examples of a failure can have effects of one size.
        let Ok(lines) = Egger::new().run(&x) else { return Ok(()) };
        let (_, grows) = rounding(&rows, &lines);
        let lines = lines.standard_error();
        for dispersion in [Dispersion::Automatic, Dispersion::AtLeastOne, Dispersion::Free] {
            let found = Ivw::new().dispersion(dispersion).run(&x).unwrap();
            prop_assert_eq!(found.standard_error(), fixed);
            prop_assert_eq!(found.residual_error(), Some(0.0));
        }
        // What the debiased estimator divides by, and what the penalised one takes for its variance; they refuse where these are below 0.
        let sum = |term: fn(f64, f64) -> f64, power| -> f64 {
            rows.iter().map(|r| term(r.0 * r.0, r.1 * r.1) / r.3.powi(power)).sum()
        };
        let divisor = sum(|x, error| x - error, 2);
        let variance = sum(|x, error| 4.0 * x * error - 2.0 * error * error, 4);
        for (estimator, _) in estimators() {
            let found = match estimator.estimate(&x) {
                Ok(found) => found,
                Err(refused) => {
                    let told = refused.to_string();
                    let weak = divisor <= 0.0 && told.contains("only weaker ones");
                    let none = variance <= 0.0 && told.contains("no variance above 0");
                    prop_assert!(weak || none, "{told} {divisor} {variance}");
                    continue;
                }
            };
            if ["debiased", "penalised inverse"].iter().any(|name| found.method().starts_with(name)) {
                // They take part of these effects for errors.
                continue;
            }
            // Robust lines are solved by normal equations, whose rounding grows with the square of how alike the effects are; then what it
            // leaves looks like residuals, too.
            let is_robust = found.method() == "MR-Egger, robust";
            let off = if is_robust { 1e-15 * grows } else { 0.0 };
            prop_assert!((found.value() - theta).abs() < off.max(1e-10), "{found:?} {theta}");
            let error = found.standard_error();
            // The mixture has none where it cannot even tell that a variant is valid.
            let none = error.is_nan() && found.interval().0 == f64::NEG_INFINITY;
            let none = none && found.method() == "contamination mixture";
            prop_assert!(none || error.is_finite() && error > 0.0, "{found:?}");
            let p = found.p_value();
            prop_assert!((0.0..=1.0).contains(&p), "{found:?}");
            if let Some(q) = found.heterogeneity() {
                prop_assert!(q.q() < 1e-10, "{found:?}");
            }
            if found.method() == "inverse-variance weighted, robust" {
                prop_assert!(near(found.standard_error(), fixed, 1e-10));
            }
            if found.method().starts_with("MR-Egger") && !(is_robust && grows > 100.0) {
                prop_assert!(near(found.standard_error(), lines, 1e-10), "{found:?}");
            }
        }
    }

    /// P4: random effects never shrink a standard error, and leave it as it is exactly when Q is at most its degrees of freedom.
    #[test]
    fn random_effects_only_widen(rows in rows()) {
        let x = instruments(&rows);
        let fixed = Ivw::new().dispersion(Dispersion::Fixed).run(&x).unwrap();
        let random = Ivw::new().dispersion(Dispersion::AtLeastOne).run(&x).unwrap();
        let q = fixed.heterogeneity().unwrap();
        prop_assert!(random.standard_error() >= fixed.standard_error());
        prop_assert_eq!(random.standard_error() == fixed.standard_error(), q.q() <= q.freedom());
    }

    /// P5 and P6: a line is found, and the intercept takes from Q what its test says.
    #[test]
    fn lines_are_found(rows in rows(), theta in -3.0..3.0_f64, intercept in 0.1..1.0_f64) {
        let exact: Vec<Row> = rows
            .iter()
            .map(|r| (r.0, r.1, theta * r.0 + intercept * r.0.signum(), r.3))
            .collect();
        let found = causal::egger(&instruments(&exact)).unwrap();
        prop_assert!((found.value() - theta).abs() < 1e-10);
        prop_assert!((found.intercept().unwrap().value() - intercept).abs() < 1e-10);
        let x = instruments(&rows);
        let (ivw, egger) = causal::heterogeneity(&x).unwrap();
        let found = causal::egger(&x).unwrap();
        let fixed = found.intercept().unwrap().standard_error() / found.residual_error().unwrap().max(1.0);
        let gain = (found.intercept().unwrap().value() / fixed).powi(2);
        prop_assert!(egger.q() <= ivw.q() * (1.0 + 1e-12));
        prop_assert!((ivw.q() - egger.q() - gain).abs() < 1e-9 * ivw.q().max(1.0));
    }

    /// P8: correlations of 0 are none, and the order of variants does not matter, whether correlated or not.
    #[test]
    fn no_correlation_and_any_order_are_the_same(rows in rows()) {
        let x = instruments(&rows);
        let n = rows.len();
        let alone = x.with_correlation(&Array2::eye(n)).unwrap();
        let decaying = Array2::from_shape_fn((n, n), |(i, j)| 0.6_f64.powi(i.abs_diff(j) as i32));
        let correlated = x.with_correlation(&decaying).unwrap();
        let backwards: Vec<usize> = (0..n).rev().collect();
        for estimator in [&Ivw::new() as &dyn Estimator, &Egger::new()] {
            let found = estimator.estimate(&x).unwrap();
            let (size, grows) = rounding(&rows, &found);
            // The condition number of these correlations is below 16.
            let same = |a: (f64, f64), b: (f64, f64), share: f64| {
                (a.0 - b.0).abs() <= share * size && (a.1 - b.1).abs() <= share * grows * a.1
            };
            let other = errors(&estimator.estimate(&alone).unwrap());
            prop_assert!(same(errors(&found), other, 1e-12), "{found:?} {other:?}");
            let found = estimator.estimate(&correlated).unwrap();
            let other = errors(&estimator.estimate(&correlated.choose(&backwards).unwrap()).unwrap());
            prop_assert!(same(errors(&found), other, 1.6e-11), "{found:?} {other:?}");
        }
        for (estimator, formula) in estimators() {
            let Ok(found) = estimator.estimate(&x) else { continue };
            let other = estimator.estimate(&x.choose(&backwards).unwrap()).unwrap();
            let off = (found.value() - other.value()).abs();
            let (size, _) = rounding(&rows, &found);
            let same = off <= 1e-12 * size || !is_line(&found) && near(found.value(), other.value(), 1e-9);
            prop_assert!(same, "{found:?} {other:?}");
            let same = near(found.standard_error(), other.standard_error(), 1e-7);
            prop_assert!(!formula || same, "{found:?} {other:?}");
        }
    }

    /// P10: no place is denser than the mode.
    #[test]
    fn a_mode_is_the_densest_place(rows in rows()) {
        let x = instruments(&rows);
        let ratios: Vec<f64> = rows.iter().map(|r| r.2 / r.0).collect();
        let n = ratios.len() as f64;
        let mean = ratios.iter().sum::<f64>() / n;
        let sd = (ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let middle = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
        };
        let centre = middle(ratios.clone());
        let mad = 1.4826 * middle(ratios.iter().map(|r| (r - centre).abs()).collect());
        let h = 0.9 * sd.min(mad) / n.powf(0.2);
        let variance = |r: &Row| (r.3 / r.0).powi(2) + (r.2 * r.1 / (r.0 * r.0)).powi(2);
        let equal = vec![1.0; rows.len()];
        for (simple, weights) in [(true, equal), (false, rows.iter().map(|r| 1.0 / variance(r)).collect())] {
            let found = Mode::new().simple(simple).draws(2).run(&x).unwrap().value();
            let bell = |at: f64, (r, w): (&f64, &f64)| w * (-((at - r) / h).powi(2) / 2.0).exp();
            let density = |at: f64| -> f64 { ratios.iter().zip(&weights).map(|one| bell(at, one)).sum() };
            let top = density(found);
            for ratio in &ratios {
                for step in -40..=40 {
                    prop_assert!(density(ratio + f64::from(step) * h / 20.0) <= top * (1.0 + 1e-10));
                }
            }
        }
    }
}

/// P9: weights are no copies.
#[test]
fn weights_of_a_median_are_no_copies() {
    let median = |rows: &[Row]| {
        Median::new()
            .draws(2)
            .run(&instruments(rows))
            .unwrap()
            .value()
    };
    let heavy = [
        (1.0, 0.1, 0.0, 1.0),
        (1.0, 0.1, 1.0, (1.0 / 3.0_f64).sqrt()),
    ];
    assert!((median(&heavy) - 0.75).abs() < 1e-12);
    let copies = [
        (1.0, 0.1, 0.0, 1.0),
        (1.0, 0.1, 1.0, 1.0),
        (1.0, 0.1, 1.0, 1.0),
        (1.0, 0.1, 1.0, 1.0),
    ];
    assert!((median(&copies) - 1.0).abs() < 1e-12);
    let equal = [
        (1.0, 0.1, 3.0, 1.0),
        (1.0, 0.1, 1.0, 1.0),
        (1.0, 0.1, 1.5, 1.0),
        (1.0, 0.1, 7.0, 1.0),
    ];
    assert!((median(&equal) - 2.25).abs() < 1e-12);
}

/// P14: with 50 valid variants, intervals of 95 % hold the truth as often as they say.
#[test]
fn intervals_hold_the_truth() {
    use rand::RngExt;
    let runs = 2000;
    let seed = Seed::new(11);
    let mut held = [0; 7];
    for run in 0..runs {
        let mut generator = seed.indexed(run).generator();
        let mut normal = || -> f64 { generator.sample(rand_distr::StandardNormal) };
        let rows: Vec<Row> = (0..50)
            .map(|_| {
                let gamma = 0.3 + 0.1 * normal();
                (
                    gamma + 0.02 * normal(),
                    0.02,
                    0.5 * gamma + 0.05 * normal(),
                    0.05,
                )
            })
            .collect();
        let x = instruments(&rows);
        let found = [
            causal::raps(&x),
            causal::debiased_ivw(&x),
            causal::penalized_ivw(&x),
            Ivw::new().dispersion(Dispersion::Fixed).run(&x),
            causal::ivw(&x),
            causal::egger(&x),
            causal::max_likelihood(&x),
        ];
        for (held, found) in held.iter_mut().zip(found) {
            let (lower, upper) = found.unwrap().interval();
            *held += usize::from(lower <= 0.5 && 0.5 <= upper);
        }
    }
    let shares = held.map(|held| held as f64 / runs as f64);
    assert!(
        shares.iter().all(|share| (0.93..=0.97).contains(share)),
        "{shares:?}"
    );
}

/// P15: the bytes do not depend on the number of threads, and 10,000 draws come within 5 % of very many.
#[test]
fn draws_do_not_depend_on_threads() {
    let rows: Vec<Row> = (0..28)
        .map(|i| {
            let x = 0.1 + 0.02 * f64::from(i);
            (x, 0.02, 0.5 * x + 0.05 * f64::from(i % 5 - 2), 0.05)
        })
        .collect();
    let x = instruments(&rows);
    let estimators: [Box<dyn Estimator>; 2] = [Box::new(Median::new()), Box::new(Mode::new())];
    for estimator in estimators {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| estimator.estimate(&x).unwrap())
        };
        let one = on(1);
        for threads in [2, 4, 8] {
            let found = on(threads).standard_error().to_bits();
            assert_eq!(found, one.standard_error().to_bits());
        }
    }
    let many = Median::new()
        .draws(100_000)
        .seed(9)
        .run(&x)
        .unwrap()
        .standard_error();
    let usual = Median::new().run(&x).unwrap().standard_error();
    assert!((usual / many - 1.0).abs() < 0.05, "{usual} {many}");
    let many = Mode::new()
        .draws(100_000)
        .seed(9)
        .run(&x)
        .unwrap()
        .standard_error();
    let usual = Mode::new().run(&x).unwrap().standard_error();
    assert!((usual / many - 1.0).abs() < 0.05, "{usual} {many}");
}

/// Three of four variants lie nearly on a line: the scale of a robust fit hardly changes what it is solved for. 1e-7, as any order has to agree.
#[test]
fn nearly_exact_robust_fits_do_not_depend_on_the_order() {
    let rows = [
        (0.478_296_226_021_5, 0.01, -0.461_399_182_412_3, 0.02),
        (-0.552_344_727_277_9, 0.01, -0.041_866_580_929_2, 0.02),
        (
            0.517_415_115_595_7,
            0.01,
            -0.193_163_712_024_5,
            0.222_337_050_768_2,
        ),
        (0.05, 0.01, 0.0, 0.02),
    ];
    let x = instruments(&rows);
    let robust = Egger::new().robust(true);
    let found = errors(&robust.run(&x).unwrap());
    let other = errors(&robust.run(&x.choose(&[3, 2, 1, 0]).unwrap()).unwrap());
    assert!(near(found.0, other.0, 1e-9), "{found:?} {other:?}");
    assert!(
        (found.1 - other.1).abs() <= 1e-7 * found.1,
        "{found:?} {other:?}"
    );
}
