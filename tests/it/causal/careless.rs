//! Careless calls of every estimator and option that the edges do not have: no panic, one line, the argument named.

use super::properties::{Row, estimators, instruments};
use genolens::Result;
use genolens::causal::{
    self, AssociationColumns, Associations, ConditionalF, ConstrainedLikelihood,
    ContaminationMixture, Estimates, Harmonise, Instruments, Ivw, KnappHartung, Loss, Median,
    MetaAnalysis, Mode, MrLasso, MrMix, MrPresso, Multivariable, PenalizedIvw, Raps,
};
use genolens::ndarray::Array2;
use genolens::polars::prelude::df;

const ROWS: [Row; 6] = [
    (0.1, 0.01, 0.21, 0.05),
    (-0.2, 0.01, -0.38, 0.05),
    (0.3, 0.02, 0.63, 0.05),
    (0.4, 0.02, 0.79, 0.05),
    (0.5, 0.02, 1.03, 0.05),
    (0.6, 0.02, 1.21, 0.05),
];

fn told<T>(result: Result<T>) -> String {
    result
        .err()
        .map_or_else(|| "no error".into(), |error| error.to_string())
}

fn lines(all: &[String]) -> String {
    all.join("\n")
}

/// Every door that takes instruments of one exposure, and what it says.
fn doors(x: &Instruments) -> Vec<String> {
    let mut all = vec![
        told(causal::conditional_f(x)),
        told(causal::constrained_likelihood(x, 1000.0)),
        told(causal::contamination_mixture(x)),
        told(causal::debiased_ivw(x)),
        told(causal::f_statistics(x)),
        told(causal::grip(x)),
        told(causal::heterogeneity(x)),
        told(causal::i_squared_gx(x)),
        told(causal::leave_one_out(x, &Ivw::new())),
        told(causal::mendelian_randomization(x)),
        told(causal::mr_lasso(x)),
        told(causal::mr_mix(x)),
        told(causal::multivariable_egger(x)),
        told(causal::multivariable_ivw(x)),
        told(causal::penalized_ivw(x)),
        told(causal::presso(x)),
        told(causal::raps(x)),
        told(causal::rucker(x)),
        told(causal::steiger_filter(x)),
    ];
    for (estimator, _) in estimators() {
        all.push(told(estimator.estimate(x)));
    }
    all.dedup();
    all
}

#[test]
fn nothing_and_one_variant() {
    insta::assert_snapshot!(lines(&doors(&instruments(&[]))), @r"
    `instruments` is 1, expected two exposures or more for a conditional F statistic
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for constrained maximum likelihood
    `instruments` is 0, expected 2 variants or more with an effect on the exposure for the contamination mixture
    `instruments` is 0, expected 2 variants or more with an effect on the exposure for debiased inverse-variance weighting
    `instruments` is 0, expected one variant or more with an effect on the exposure for an F statistic
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for MR-GRIP
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for the heterogeneity around two lines
    `instruments` is 0, expected 2 variants or more with an effect on the exposure for I² of the exposure
    `instruments` is 0, expected two variants or more to leave one out
    `instruments` is 0, expected one variant or more with an effect on the exposure for inverse-variance weighting
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for MR-Lasso
    `instruments` is 0, expected 4 variants or more with an effect on the exposure for MR-Mix
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for multivariable MR-Egger
    `instruments` is 0, expected 2 variants or more with an effect on the exposure for multivariable inverse-variance weighted
    `instruments` is 0, expected 2 variants or more with an effect on the exposure for penalised inverse-variance weighting
    `instruments` is 0, expected 4 variants or more with an effect on the exposure for MR-PRESSO
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for the robust adjusted profile score
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for the heterogeneity around two lines
    `instruments` is none, expected sample sizes (with_sample_sizes)
    `instruments` is 0, expected one variant or more with an effect on the exposure for inverse-variance weighting
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for MR-Egger
    `instruments` is 0, expected one variant or more with an effect on the exposure for a median of ratios
    `instruments` is 0, expected one variant or more with an effect on the exposure for a mode of ratios
    `instruments` is 0, expected one variant or more with an effect on the exposure for maximum likelihood
    `instruments` is 0, expected 2 variants or more with an effect on the exposure for debiased inverse-variance weighting
    `instruments` is 0, expected 2 variants or more with an effect on the exposure for penalised inverse-variance weighting
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for MR-GRIP
    `instruments` is 0, expected 2 variants or more with an effect on the exposure for the contamination mixture
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for MR-Lasso
    `instruments` is 0, expected 3 variants or more with an effect on the exposure for constrained maximum likelihood
    ");
    insta::assert_snapshot!(lines(&doors(&instruments(&ROWS[..1]))), @r"
    `instruments` is 1, expected two exposures or more for a conditional F statistic
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for constrained maximum likelihood
    `instruments` is 1, expected 2 variants or more with an effect on the exposure for the contamination mixture
    `instruments` is 1, expected 2 variants or more with an effect on the exposure for debiased inverse-variance weighting
    no error
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for MR-GRIP
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for the heterogeneity around two lines
    `instruments` is 1, expected 2 variants or more with an effect on the exposure for I² of the exposure
    `instruments` is 1, expected two variants or more to leave one out
    no error
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for MR-Lasso
    `instruments` is 1, expected 4 variants or more with an effect on the exposure for MR-Mix
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for multivariable MR-Egger
    `instruments` is 1, expected 2 variants or more with an effect on the exposure for multivariable inverse-variance weighted
    `instruments` is 1, expected 2 variants or more with an effect on the exposure for penalised inverse-variance weighting
    `instruments` is 1, expected 4 variants or more with an effect on the exposure for MR-PRESSO
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for the robust adjusted profile score
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for the heterogeneity around two lines
    `instruments` is none, expected sample sizes (with_sample_sizes)
    no error
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for robust inverse-variance weighting
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for MR-Egger
    no error
    `instruments` is 1, expected 2 variants or more with an effect on the exposure for debiased inverse-variance weighting
    `instruments` is 1, expected 2 variants or more with an effect on the exposure for penalised inverse-variance weighting
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for MR-GRIP
    `instruments` is 1, expected 2 variants or more with an effect on the exposure for the contamination mixture
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for MR-Lasso
    `instruments` is 1, expected 3 variants or more with an effect on the exposure for constrained maximum likelihood
    ");
}

/// What takes variants as independent refuses those that are known not to be; what is left over takes the correlation, or is by variant.
#[test]
fn correlated_variants_are_not_independent() {
    let x = instruments(&ROWS);
    let near = Array2::from_shape_fn((6, 6), |(i, j)| 0.5_f64.powi(i.abs_diff(j) as i32));
    let correlated = x.with_correlation(&near).unwrap();
    let refused = "`instruments` is correlated ones, expected uncorrelated variants";
    for (estimator, _) in estimators() {
        match estimator.estimate(&correlated) {
            Ok(found) => {
                let free = estimator.estimate(&x).unwrap();
                assert_ne!(found.value(), free.value(), "{found:?}");
            }
            Err(error) => assert!(error.to_string().contains("correlated"), "{error}"),
        }
    }
    let all = [
        told(causal::constrained_likelihood(&correlated, 1000.0)),
        told(causal::contamination_mixture(&correlated)),
        told(causal::debiased_ivw(&correlated)),
        told(causal::grip(&correlated)),
        told(causal::heterogeneity(&correlated)),
        told(causal::max_likelihood(&correlated)),
        told(causal::mode_based(&correlated)),
        told(causal::mr_lasso(&correlated)),
        told(causal::mr_mix(&correlated)),
        told(causal::penalized_ivw(&correlated)),
        told(causal::presso(&correlated)),
        told(causal::raps(&correlated)),
        told(causal::rucker(&correlated)),
        told(causal::weighted_median(&correlated)),
    ];
    assert!(all.iter().all(|line| line.starts_with(refused)), "{all:?}");
    let both = causal::mendelian_randomization(&correlated).unwrap();
    assert_eq!(
        both.get(0).unwrap().value(),
        causal::ivw(&correlated).unwrap().value()
    );
    assert_eq!(both.len(), 2);
    let free = correlated.without_correlation();
    assert_eq!(
        causal::weighted_median(&free).unwrap(),
        causal::weighted_median(&x).unwrap()
    );
}

#[test]
fn one_exposure_has_one_name() {
    let table = df!("b" => [0.1, 0.2], "s" => [0.1, 0.1]).unwrap();
    let columns = causal::Columns::new()
        .exposure("b", "s")
        .exposure("b", "s")
        .outcome("b", "s");
    assert_eq!(
        told(Instruments::from_frame(&table, &columns)),
        "`exposure` is `b` twice, expected columns of different names"
    );
}

#[test]
fn a_divisor_without_variance_has_no_penalty() {
    // The first variant is far weaker than its error, where the outcome is known best.
    let rows = [
        (-0.05, 0.1, 0.0, 0.02),
        (0.05, 0.01, 0.0, 0.02),
        (0.7, 0.01, 0.0, 0.12),
    ];
    let x = instruments(&rows);
    assert!(causal::debiased_ivw(&x).is_ok());
    insta::assert_snapshot!(told(causal::penalized_ivw(&x)), @"`instruments` is so much weaker where errors of the outcome are small that the divisor has no variance above 0, expected effects on the exposure that are larger than their errors");
}

#[test]
fn people_in_whom_exposures_were_measured() {
    let two = instruments(&ROWS);
    let two = two.with_exposure("HDL", &[0.1, 0.3, -0.2, 0.0, 0.2, 0.1], &[0.1; 6]);
    let two = two.unwrap();
    let asked = |f: ConditionalF| told(f.run(&two));
    let people = || ConditionalF::new().sample_size(1000);
    let correlated = two.with_correlation(&Array2::eye(6)).unwrap();
    let penalty = |penalty: f64| {
        told(
            PenalizedIvw::new()
                .penalty(penalty)
                .run(&instruments(&ROWS)),
        )
    };
    let all = [
        asked(ConditionalF::new().correlation(&Array2::eye(2))),
        asked(ConditionalF::new().sample_size(6)),
        asked(people().correlation(&Array2::eye(3))),
        asked(people().correlation(&Array2::ones((2, 2)))),
        asked(people().correlation(&Array2::from_elem((2, 2), f64::NAN))),
        told(people().run(&correlated)),
        asked(people().smallest(true)),
        penalty(-1.0),
        penalty(f64::NAN),
    ];
    insta::assert_snapshot!(lines(&all), @r"
    `correlation` is no such people, expected of people in whom all exposures were measured (sample_size)
    `sample_size` is 6, expected more people than variants, of which there are 6
    `correlation` has shape (3, 3), expected (2, 2)
    `correlation` is another matrix, expected symmetric with ones on the diagonal, and positive definite
    `correlation` is another matrix, expected symmetric with ones on the diagonal, and positive definite
    `instruments` is correlated ones, expected uncorrelated variants, as from `without_correlation`
    `sample_size` is 1000, in whom they explain 1.70 times the variance, expected people in whom variants explain less than all of every exposure
    `penalty` is -1, expected at least 0
    `penalty` is NaN, expected at least 0
    ");
}

#[test]
fn two_exposures_where_one_is_wanted() {
    let two = instruments(&ROWS);
    let two = two.with_exposure("HDL", &[0.1; 6], &[0.1; 6]).unwrap();
    insta::assert_snapshot!(lines(&doors(&two)), @r"
    no error
    `instruments` is 2 exposures, expected one exposure
    no error
    `instruments` is 2 exposures, expected one exposure
    ");
    let egger = Multivariable::new().egger("nope").run(&two);
    insta::assert_snapshot!(told(egger), @"`exposure` is `nope`, expected one of: exposure, HDL");
}

#[test]
fn effects_that_overflow_are_refused_or_finite() {
    let far = |size: f64| Instruments::new((&[size], &[0.1]), (&[0.1], &[0.1]));
    let wide = |size: f64| Instruments::new((&[0.1], &[0.1]), (&[0.1], &[size]));
    insta::assert_snapshot!(lines(&[
        told(far(1e300)),
        told(far(-1e-300)),
        told(wide(1e200)),
        told(wide(f64::MIN_POSITIVE)),
        told(causal::meta_analysis(&[0.1, 0.2], &[0.1, 1e-200])),
    ]), @r"
    `exposure effects` is 1e300, expected numbers from 1e-30 to 1e30 in size
    `exposure effects` is -1e-300, expected numbers from 1e-30 to 1e30 in size
    `outcome standard errors` is 1e200, expected numbers from 1e-30 to 1e30 in size
    `outcome standard errors` is 2.2250738585072014e-308, expected numbers from 1e-30 to 1e30 in size
    `errors` is 1e-200, expected numbers from 1e-30 to 1e30 in size
    ");
    for size in [1e-25, 1e25] {
        let rows: Vec<Row> = ROWS
            .iter()
            .map(|(bx, sx, by, sy)| (size * bx, size * sx, *by, *sy))
            .collect();
        for (estimator, _) in estimators() {
            if let Ok(found) = estimator.estimate(&instruments(&rows)) {
                let both = [found.value(), found.standard_error()];
                assert!(both.iter().all(|it| it.is_finite()), "{size}: {found:?}");
            }
        }
    }
}

#[test]
fn options_that_make_no_sense() {
    let x = instruments(&ROWS);
    let huge = usize::MAX;
    let likelihood = ConstrainedLikelihood::new;
    insta::assert_snapshot!(lines(&[
        told(likelihood(2.0).run(&x)),
        told(likelihood(f64::NAN).run(&x)),
        told(likelihood(1000.0).perturbations(1).run(&x)),
        told(likelihood(1000.0).perturbations(huge).run(&x)),
        told(ContaminationMixture::new().spread(0.0).run(&x)),
        told(ContaminationMixture::new().spread(f64::NAN).run(&x)),
        told(Median::new().draws(huge).run(&x)),
        told(Mode::new().draws(huge).run(&x)),
        told(Mode::new().bandwidth(f64::NAN).run(&x)),
        told(Mode::new().bandwidth(f64::INFINITY).run(&x)),
        told(MrLasso::new().price(-1.0).run(&x)),
        told(MrLasso::new().price(f64::NAN).run(&x)),
        told(MrMix::new().range(1.0, -1.0).run(&x)),
        told(MrMix::new().range(f64::NAN, 1.0).run(&x)),
        told(MrMix::new().range(-f64::MAX, f64::MAX).run(&x)),
        told(MrMix::new().steps(0).run(&x)),
        told(MrMix::new().steps(huge).run(&x)),
        told(MrPresso::new().simulations(0).run(&x)),
        told(MrPresso::new().simulations(huge).run(&x)),
        told(MrPresso::new().level(0.0).run(&x)),
        told(MrPresso::new().level(f64::NAN).run(&x)),
        told(MrPresso::new().level(1e-300).run(&x)),
        told(Raps::new().loss(Loss::Huber(0.0)).run(&x)),
        told(Raps::new().loss(Loss::Tukey(f64::NAN)).run(&x)),
    ]), @r"
    `sample_size` is 2, expected a number above 2
    `sample_size` is NaN, expected a number above 2
    `perturbations` is 1, expected 2 or more
    `perturbations` is 18446744073709551615, expected at most 10000000
    `spread` is 0, expected a number above 0
    `spread` is NaN, expected a number above 0
    `draws` is 18446744073709551615, expected at most 10000000
    `draws` is 18446744073709551615, expected at most 10000000
    `bandwidth` is NaN, expected a number above 0
    `bandwidth` is inf, expected a number above 0
    `price` is -1, expected a number above 0
    `price` is NaN, expected a number above 0
    `range` is 1.0 to -1.0, expected two numbers that rise
    `range` is NaN to 1.0, expected two numbers that rise
    `range` is -1.7976931348623157e308 to 1.7976931348623157e308, expected two numbers that rise
    `steps` is 0, expected 4 or more
    `steps` is 18446744073709551615, expected at most 10000000
    `simulations` is 0, expected 120 or more, to find one outlier among 6
    `simulations` is 18446744073709551615, expected at most 10000000
    `level` is 0, expected between 0 and 1
    `level` is NaN, expected between 0 and 1
    `level` is 1e-300, expected one that at most 10000000 simulations can tell
    `loss` is 0, expected a bound above 0
    `loss` is NaN, expected a bound above 0
    ");
}

#[test]
fn results_are_asked_for_what_they_have() {
    let x = instruments(&ROWS);
    let none: Estimates = std::iter::empty().collect();
    let one = causal::meta_analysis(&[0.1], &[0.1]).unwrap();
    let knapp = MetaAnalysis::new().knapp_hartung(KnappHartung::On);
    let found = causal::ivw(&x).unwrap();
    let table =
        df!("id" => ["a"], "beta" => [0.1], "error" => [0.01], "effect" => ["A"], "other" => ["C"]);
    let columns = AssociationColumns::new()
        .id("id")
        .effects("beta", "error")
        .alleles("effect", "other");
    let open = |columns: &AssociationColumns| {
        Associations::from_frame("LDL", table.as_ref().unwrap(), columns)
    };
    let ldl = open(&columns).unwrap();
    let margin = |margin: f64| told(Harmonise::new().margin(margin).run(&ldl, &ldl));
    insta::assert_snapshot!(lines(&[
        told(none.get(0)),
        told(none.named("IVW")),
        told(MetaAnalysis::new().run_estimates(&none)),
        told(one.leave_one_out()),
        told(knapp.run(&[0.1], &[0.1])),
        told(MetaAnalysis::new().names(["a"]).run(&[0.1, 0.2], &[0.1, 0.1])),
        told(found.interval_at(0.0)),
        told(found.interval_at(f64::NAN)),
        told(causal::read_table("")).chars().take(37).collect(),
        told(open(&columns.clone().frequency("nope"))),
        margin(f64::NAN),
        margin(0.5),
        margin(-0.1),
        margin(0.0),
    ]), @r"
    `place` is 0, expected below 0
    `name` is `IVW`, expected an estimate, of which there is none
    `effects` is none, expected one effect or more
    `studies` is 1, expected two or more
    `effects` is 1, expected two effects or more for Knapp-Hartung errors
    `names` has shape (1), expected (2), one for each effect
    `level` is 0, expected between 0 and 1
    `level` is NaN, expected between 0 and 1
    cannot read a file without a name: No
    `column` is `nope`, expected one of: id, beta, error, effect, other
    `margin` is NaN, expected 0 to below 0.5
    `margin` is 0.5, expected 0 to below 0.5
    `margin` is -0.1, expected 0 to below 0.5
    no error
    ");
}
