//! MR-PRESSO, constrained likelihood and the lasso on variants of which some are known to be bad.

use super::properties::{Row, instruments};
use super::real::lipids;
use genolens::causal::{self, ConstrainedLikelihood, Instruments, MrLasso, MrPresso, Steiger};
use genolens::random::Seed;
use rand::RngExt;

/// Thirty variants with an effect of 0.5; the first few act on the outcome directly, too.
fn variants(seed: usize, bad: usize) -> Instruments {
    let mut generator = Seed::new(3).indexed(seed).generator();
    let mut normal = || -> f64 { generator.sample(rand_distr::StandardNormal) };
    let rows: Vec<Row> = (0..30)
        .map(|at| {
            let gamma = 0.3 + 0.1 * normal();
            let direct = if at < bad { 0.5 } else { 0.0 };
            (
                gamma + 0.01 * normal(),
                0.01,
                0.5 * gamma + direct + 0.05 * normal(),
                0.05,
            )
        })
        .collect();
    instruments(&rows)
}

#[test]
fn residuals_tell_bad_variants() {
    let found = causal::presso(&variants(0, 3)).unwrap();
    assert_eq!(found.outliers(), ["1", "2", "3"]);
    assert!(found.p_value() < 0.01);
    let corrected = found.corrected().unwrap();
    assert!((corrected.value() - 0.5).abs() < 0.08, "{corrected:?}");
    assert!(found.raw().value() > corrected.value());
    let (share, p) = found.distortion().unwrap();
    assert!((share - (found.raw().value() / corrected.value() - 1.0)).abs() < 1e-12);
    assert!(p < 0.05, "{p}");
    assert_eq!(found.table().unwrap().shape(), (30, 4));
    assert_eq!(found.estimates().table().unwrap().height(), 2);
    // The same for any number of threads.
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| causal::presso(&variants(0, 3)).unwrap())
    };
    assert!(on(1) == found && on(4) == found);
}

/// Without bad variants the test finds something about as often as its level says, within three standard errors.
#[test]
fn a_test_of_valid_variants_keeps_its_level() {
    let runs = 200;
    let found = (0..runs).filter(|seed| {
        let presso = MrPresso::new().simulations(600).seed(*seed as u64);
        presso.run(&variants(100 + seed, 0)).unwrap().p_value() < 0.05
    });
    let share = found.count() as f64 / runs as f64;
    assert!(
        share <= 0.05 + 3.0 * (0.05 * 0.95 / runs as f64).sqrt(),
        "{share}"
    );
}

#[test]
fn lasso_and_constrained_likelihood_tell_bad_variants() {
    for seed in 0..5 {
        let x = variants(seed, 4);
        let lasso = causal::mr_lasso(&x).unwrap();
        let likelihood = ConstrainedLikelihood::new(10_000.0)
            .perturbations(0)
            .average(false);
        let likelihood = likelihood.run(&x).unwrap();
        let bad = |found: &causal::Estimate| -> Vec<usize> {
            (0..30).filter(|at| !found.valid().unwrap()[*at]).collect()
        };
        assert!(
            bad(&likelihood).starts_with(&[0, 1, 2, 3]),
            "{seed}: {:?}",
            bad(&likelihood)
        );
        assert!((likelihood.value() - 0.5).abs() < 0.08, "{likelihood:?}");
        // The stopping rule of the lasso may let the least bad one pass.
        let told = bad(&lasso).iter().filter(|at| **at < 4).count();
        assert!(told >= 3, "{seed}: {:?}", bad(&lasso));
        assert!((lasso.value() - 0.5).abs() < 0.12, "{lasso:?}");
    }
}

/// A price so high that all are valid gives the plain estimate; paths agree with a direct solution of Huber's problem.
#[test]
fn prices_have_one_answer() {
    let x = variants(7, 4);
    let (bx, by) = (x.exposure_effects(), x.outcome_effects());
    let all = MrLasso::new().price(1e6).run(&x).unwrap();
    let plain = causal::ivw(&x).unwrap();
    assert!((all.value() - plain.value()).abs() < 1e-12 && all.variants() == 30);
    for price in [0.7, 1.5, 2.5, 4.0] {
        let force = |theta: f64| -> f64 {
            let one = |at: usize| {
                let z = (by[at] - theta * bx[[at, 0]]) / 0.05;
                z.clamp(-price, price) * bx[[at, 0]] / 0.05
            };
            (0..30).map(one).sum()
        };
        let (mut low, mut high) = (-10.0, 10.0);
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if force(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        let valid: Vec<bool> = (0..30)
            .map(|at| ((by[at] - low * bx[[at, 0]]) / 0.05).abs() <= price)
            .collect();
        let found = MrLasso::new().price(price).run(&x).unwrap();
        assert_eq!(found.valid().unwrap(), valid, "{price}");
    }
}

/// The least height over all choices of invalid variants is what the alternating search finds.
#[test]
fn constrained_likelihood_finds_the_best_choice() {
    use genolens::causal::MaxLikelihood;
    for seed in 0..6 {
        let x = variants(20 + seed, 9)
            .choose(&(4..15).collect::<Vec<_>>())
            .unwrap();
        let n = x.len();
        let options = ConstrainedLikelihood::new(50.0)
            .perturbations(0)
            .average(false);
        let found = options.run(&x).unwrap();
        let criterion = |kept: &[usize]| {
            let fit = MaxLikelihood::new().run(&x.choose(kept).unwrap()).unwrap();
            fit.heterogeneity().unwrap().q() + 50.0_f64.ln() * (n - kept.len()) as f64
        };
        let mut best = f64::INFINITY;
        for set in 0_u32..1 << n {
            let kept: Vec<usize> = (0..n).filter(|at| set >> at & 1 == 1).collect();
            if kept.len() >= 2 {
                best = best.min(criterion(&kept));
            }
        }
        let kept: Vec<usize> = (0..n).filter(|at| found.valid().unwrap()[*at]).collect();
        assert!(
            criterion(&kept) <= best + 1e-9,
            "{seed}: {} {best}",
            criterion(&kept)
        );
    }
}

#[test]
fn outliers_of_lipids_and_their_direction() {
    let Some(lipids) = lipids() else { return };
    let found = causal::presso(&lipids).unwrap();
    assert!(found.p_value() < 0.01, "{found:?}");
    let sizes = [17_723.0; 28];
    let sized = lipids.with_sample_sizes(&sizes, &sizes).unwrap();
    let direction: Steiger = causal::steiger(&sized).unwrap();
    assert!(direction.is_forward() && direction.p_value() < 1e-10);
    let kept = causal::steiger_filter(&sized).unwrap();
    assert!(kept.len() < 28 && kept.ids().iter().all(|id| id != "snp_24"));
}
