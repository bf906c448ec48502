//! Conformal sets and intervals keep what they promise (C5), by simulation and by the definition.

use genolens::calibration::{Conformal, ConformalIntervals, Forecast, Strangeness};
use genolens::ndarray::{Array1, Array2, array};
use genolens::random::Seed;
use rand::RngExt;
use rand_distr::StandardNormal;

/// Probabilities of four classes, somewhat wrong, and classes; class 3 is rare and hard.
fn classes(n: usize, seed: Seed) -> (Array2<f32>, Array1<f32>) {
    let mut generator = seed.generator();
    let mut chances = Array2::zeros((n, 4));
    let labels = (0..n).map(|row| {
        let class = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3][generator.random_range(0..10)];
        let scores: Vec<f64> = (0..4)
            .map(|other| {
                let noise: f64 = generator.sample(StandardNormal);
                noise
                    + if other == class && class != 3 {
                        2.0
                    } else {
                        0.0
                    }
            })
            .collect();
        let sum: f64 = scores.iter().map(|score| score.exp()).sum();
        scores
            .iter()
            .enumerate()
            .for_each(|(other, score)| chances[[row, other]] = (score.exp() / sum) as f32);
        class as f32
    });
    let labels = labels.collect();
    (chances, labels)
}

/// What theory promises of `n` held-out examples: the mean coverage over draws of them.
fn promised(n: usize, coverage: f64) -> f64 {
    let all = n as f64 + 1.0;
    ((all * coverage - 1e-9).ceil() / all).min(1.0)
}

/// C5: over draws coverage is what was promised, within three standard errors of the simulation, and so between the coverage asked for
/// and one example in `n + 1` more.
fn assert_kept(what: &str, found: &[f64], promised: &[f64], limits: (f64, f64)) {
    let draws = found.len() as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / draws;
    let off: Vec<f64> = found.iter().zip(promised).map(|(a, b)| a - b).collect();
    let middle = mean(&off);
    let squares = off.iter().map(|off| (off - middle).powi(2)).sum::<f64>();
    let error = (squares / (draws - 1.0) / draws).sqrt();
    assert!(middle.abs() < 3.0 * error, "{what}: {middle} off, {error}");
    let (low, high) = (limits.0 - 3.0 * error, limits.1 + 3.0 * error);
    assert!(
        (low..high).contains(&mean(found)),
        "{what}: {}, {limits:?}",
        mean(found)
    );
    // So many draws tell half an example in n + 1 from none.
    assert!(error < (limits.1 - limits.0) / 6.0, "{what}: {error}");
}

const DRAWS: usize = 2000;

#[test]
fn sets_hold_the_right_class_as_often_as_promised() {
    let (n, coverage) = (30, 0.85);
    for strangeness in [Strangeness::Threshold, Strangeness::Adaptive] {
        let found: Vec<f64> = (0..DRAWS)
            .map(|draw| {
                let seed = Seed::new(5).indexed(draw);
                let (held, held_labels) = classes(n, seed.named("held"));
                let (test, labels) = classes(100, seed.named("test"));
                let conformal = Conformal::new()
                    .coverage(coverage)
                    .strangeness(strangeness)
                    .seed(seed);
                let sets = conformal.run(&held, &held_labels).unwrap();
                sets.sets(&test).unwrap().coverage(&labels).unwrap()
            })
            .collect();
        let limits = (coverage, coverage + 1.0 / (n + 1) as f64);
        let kept = vec![promised(n, coverage); DRAWS];
        assert_kept(&format!("{strangeness:?}"), &found, &kept, limits);
    }
}

/// The same for every class, with as many held-out examples as it happened to have: of the rare one often too few to promise less than
/// everything.
#[test]
fn sets_hold_every_class_as_often_as_promised() {
    let (n, coverage) = (60, 0.85);
    for strangeness in [Strangeness::Threshold, Strangeness::Adaptive] {
        let mut found: [(Vec<f64>, Vec<f64>); 4] = Default::default();
        let mut most = [0.0_f64; 4];
        for draw in 0..DRAWS {
            let seed = Seed::new(6).indexed(draw);
            let (held, held_labels) = classes(n, seed.named("held"));
            let (test, labels) = classes(100, seed.named("test"));
            let conformal = Conformal::new()
                .coverage(coverage)
                .class_conditional(true)
                .strangeness(strangeness)
                .seed(seed);
            let sets = conformal.run(&held, &held_labels).unwrap();
            let covered = sets.sets(&test).unwrap().class_coverage(&labels).unwrap();
            for class in 0..4 {
                let own = held_labels.iter().filter(|&&label| label == class as f32);
                let own = own.count();
                if !covered[class].is_nan() {
                    found[class].0.push(covered[class]);
                    found[class].1.push(promised(own, coverage));
                    most[class] += 1.0 / (own + 1) as f64;
                }
            }
        }
        for (class, (found, kept)) in found.iter().enumerate() {
            assert!(found.len() > DRAWS * 99 / 100);
            let high = coverage + most[class] / found.len() as f64;
            let what = format!("{strangeness:?}, class {class}");
            assert_kept(&what, found, kept, (coverage, high));
        }
    }
}

#[test]
fn a_hard_class_is_covered_only_where_that_is_asked_for() {
    let ((held, held_labels), (test, labels)) =
        (classes(4000, Seed::new(1)), classes(4000, Seed::new(2)));
    let of = |conditional: bool| {
        let sets = Conformal::new()
            .class_conditional(conditional)
            .run(&held, &held_labels)
            .unwrap();
        sets.sets(&test).unwrap().class_coverage(&labels).unwrap()
    };
    let (marginal, conditional) = (of(false), of(true));
    assert!(marginal[3] < 0.75, "{marginal}");
    // 400 examples of class 3 to learn from and 400 to test on.
    assert!(
        conditional
            .iter()
            .all(|coverage| (coverage - 0.9).abs() < 0.06),
        "{conditional}"
    );
}

#[test]
fn sets_are_as_the_definition_says() {
    let chances = array![
        [0.7_f32, 0.2, 0.1],
        [0.5, 0.3, 0.2],
        [0.25, 0.5, 0.25],
        [0.1, 0.2, 0.7]
    ];
    let labels = array![0.0_f32, 1.0, 1.0, 2.0];
    // Scores 0.3, 0.7, 0.5, 0.3; of five, the fourth: 0.7.
    let sets = Conformal::new()
        .coverage(0.8)
        .run(&chances, &labels)
        .unwrap();
    assert!((sets.thresholds()[0] - 0.7).abs() < 1e-6);
    let found = sets
        .sets(&array![[0.3_f32, 0.3, 0.4], [0.9, 0.08, 0.02]])
        .unwrap();
    assert_eq!(found.sizes().to_vec(), [3.0, 1.0]);
    // Five of five would be needed: nothing is promised, and every class is in.
    let all = Conformal::new()
        .coverage(0.81)
        .run(&chances, &labels)
        .unwrap();
    assert!(
        all.thresholds()[0].is_infinite()
            && all
                .sets(&chances)
                .unwrap()
                .sizes()
                .iter()
                .all(|size| *size == 3.0)
    );
    // Adaptive without chance: before the second class of the second example is 0.5, and its own 0.3 counts whole; the first class is
    // never left out.
    let plain = Conformal::new()
        .strangeness(Strangeness::Adaptive)
        .randomised(false)
        .coverage(0.8);
    let sets = plain.run(&chances, &labels).unwrap();
    assert!((sets.thresholds()[0] - 0.8).abs() < 1e-6);
    assert_eq!(
        sets.sets(&chances).unwrap().sizes().to_vec(),
        [1.0, 2.0, 2.0, 1.0]
    );
    assert!(
        Conformal::new()
            .strangeness(Strangeness::Adaptive)
            .run(&chances, &labels)
            .unwrap()
            .sets(&chances)
            .is_ok()
    );
}

#[test]
fn intervals_hold_what_is_true_as_often_as_promised() {
    let (n, coverage) = (25, 0.8);
    let mut found: [Vec<f64>; 3] = Default::default();
    for draw in 0..DRAWS {
        let mut generator = Seed::new(8).indexed(draw).generator();
        let mut data = |n: usize| -> (Array1<f32>, Array1<f32>, Array1<f32>) {
            let reach: Array1<f32> = (0..n)
                .map(|_| generator.random_range(0.2..3.0_f32))
                .collect();
            let truth = reach
                .iter()
                .map(|reach| reach * generator.sample::<f32, _>(StandardNormal))
                .collect();
            (Array1::zeros(n), reach, truth)
        };
        let ((mean, reach, truth), (other, other_reach, other_truth)) = (data(n), data(200));
        let forecast =
            |mean: &Array1<f32>, reach: &Array1<f32>| Forecast::new(mean, &(reach * 0.3)).unwrap();
        let ends = |mean: &Array1<f32>, reach: &Array1<f32>| (mean - reach, mean + reach);
        let residuals = ConformalIntervals::residuals(&mean, &truth, coverage)
            .unwrap()
            .around(&other)
            .unwrap();
        let scaled =
            ConformalIntervals::scaled(&forecast(&mean, &reach), &truth, coverage).unwrap();
        let scaled = scaled.of(&forecast(&other, &other_reach)).unwrap();
        let (low, high) = ends(&mean, &reach);
        let (other_low, other_high) = ends(&other, &other_reach);
        let quantiles = ConformalIntervals::quantiles((&low, &high), &truth, coverage).unwrap();
        let quantiles = quantiles.between((&other_low, &other_high)).unwrap();
        for (found, intervals) in found.iter_mut().zip([&residuals, &scaled, &quantiles]) {
            found.push(intervals.coverage(&other_truth).unwrap());
        }
    }
    let limits = (coverage, coverage + 1.0 / (n + 1) as f64);
    let kept = vec![promised(n, coverage); DRAWS];
    for (what, found) in ["residuals", "scaled", "quantiles"].into_iter().zip(&found) {
        assert_kept(what, found, &kept, limits);
    }
}

#[test]
fn intervals_are_as_the_definition_says() {
    let truth = array![1.0_f32, -2.0, 3.0, -4.0];
    let (low, high) = (
        array![-1.0_f32, -1.0, -1.0, -1.0],
        array![1.0_f32, 1.0, 1.0, 1.0],
    );
    // Scores 0, 1, 2, 3, of which the third of five promises 0.6.
    let quantiles = ConformalIntervals::quantiles((&low, &high), &truth, 0.6).unwrap();
    assert_eq!(quantiles.margins()[0], 2.0);
    let found = quantiles
        .between((&array![0.0_f32], &array![5.0_f32]))
        .unwrap();
    assert_eq!(
        (found.low()[[0, 0]], found.high()[[0, 0]], found.width()),
        (-2.0, 7.0, 9.0)
    );
    // Too wide by more than they are wide: a point in the middle.
    let wide =
        ConformalIntervals::quantiles((&(&truth - 9.0), &(&truth + 9.0)), &truth, 0.6).unwrap();
    let point = wide.between((&array![0.0_f32], &array![4.0_f32])).unwrap();
    assert_eq!((point.low()[[0, 0]], point.high()[[0, 0]]), (2.0, 2.0));
    let none = ConformalIntervals::residuals(&low, &truth, 0.9).unwrap();
    assert!(none.around(&low).unwrap().width().is_infinite());
}
