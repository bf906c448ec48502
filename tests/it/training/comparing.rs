//! Folds, cross-validation, learning curves and the search for options.

use crate::alone::{Stop, is_alone};
use genolens::ndarray::{Array1, Array2, Axis};
use genolens::network::{Architecture, Network, predict};
use genolens::training::{
    Arrays, CrossValidation, Fit, KFold, LearningCurve, Search, Sgd, Trained, Trial, auroc, k_fold,
};
use genolens::{Result, progress};
use proptest::prelude::*;

/// Numbers that look random, -1 to 1.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

/// Labels follow one feature of ten, with noise.
fn data(n: usize) -> (Array2<f32>, Array1<f32>) {
    let x = Array2::from_shape_vec((n, 10), noise(n * 10, 5)).unwrap();
    let blur = noise(n, 6);
    let labels = x.rows().into_iter().zip(blur);
    let labels = labels.map(|(row, blur)| f32::from(u8::from(row[3] + 0.5 * blur > 0.0)));
    let labels = labels.collect();
    (x, labels)
}

fn network() -> Network {
    Architecture::features(10).dense(1).build().unwrap()
}

fn bits(trained: &Trained) -> Vec<u32> {
    let network = trained.network();
    let names = network.weight_names().into_iter();
    names
        .flat_map(|name| network.weight(&name).unwrap().into_iter().map(f32::to_bits))
        .collect()
}

proptest! {
    #[test]
    fn every_example_is_held_out_once(
        labels in proptest::collection::vec(0_u16..3, 10..120),
        folds in 2_usize..10,
        seed in any::<u64>(),
    ) {
        let classes: Vec<f32> = labels.iter().map(|&class| f32::from(class)).collect();
        let found = KFold::new(folds).seed(seed).run(&classes).unwrap();
        prop_assert_eq!(found.len(), folds);
        let mut held = vec![0; labels.len()];
        for fold in 0..folds {
            let split = found.get(fold).unwrap();
            prop_assert_eq!(split.train().len() + split.test().len(), labels.len());
            split.test().iter().for_each(|&row| held[row] += 1);
            for class in 0..3 {
                let all = labels.iter().filter(|&&label| label == class).count();
                let here = split.test().iter().filter(|&&row| labels[row] == class).count();
                // As even as whole numbers allow.
                prop_assert!(here == all / folds || here == all.div_ceil(folds));
            }
        }
        prop_assert!(held.iter().all(|&count| count == 1));
    }

    #[test]
    fn groups_are_never_on_both_sides(
        groups in proptest::collection::vec(0_u8..12, 30..120),
        folds in 2_usize..5,
        seed in any::<u64>(),
    ) {
        let names: Vec<String> = groups.iter().map(|group| format!("chr{group}")).collect();
        let distinct: std::collections::BTreeSet<u8> = groups.iter().copied().collect();
        prop_assume!(distinct.len() >= folds);
        let found = KFold::new(folds).seed(seed).run_groups(&names).unwrap();
        let mut held = 0;
        for fold in 0..folds {
            let split = found.get(fold).unwrap();
            held += split.test().len();
            prop_assert!(!split.test().is_empty());
            for &row in split.test() {
                prop_assert!(split.train().iter().all(|&other| groups[other] != groups[row]));
                prop_assert!(found.names()[fold].split(", ").any(|name| name == names[row]));
            }
        }
        prop_assert_eq!(held, groups.len());
    }
}

#[test]
fn a_fold_is_a_training_on_the_other_folds() {
    let (x, labels) = data(120);
    let fit = Fit::new().epochs(6).learning_rate(0.1);
    let validated = CrossValidation::new().folds(4).fit(fit.clone());
    let validated = validated.run(&network(), &x, &labels).unwrap();
    let areas = validated.metric("auroc").unwrap();
    let folds = k_fold(&labels, 4).unwrap();
    assert_eq!(validated.folds(), folds);
    for fold in 0..4 {
        let split = folds.get(fold).unwrap();
        let alone = fit
            .clone()
            .rows(split.train())
            .run(&network(), &x, &labels)
            .unwrap();
        assert_eq!(bits(&validated.get(fold).unwrap()), bits(&alone));
        let scores = predict(&alone, &x.select(Axis(0), split.test())).unwrap();
        let truth = labels.select(Axis(0), split.test());
        assert!((auroc(&scores, &truth).unwrap() - areas[fold]).abs() < 1e-12);
        let kept = validated.scores().select(Axis(0), split.test());
        assert!((kept - scores).iter().all(|off| off.abs() < 1e-6));
    }
    let text = validated.table().text();
    assert!(text.contains("auprc") && text.contains('±'), "{text}");
    insta::assert_snapshot!(validated.metric("pearson").unwrap_err(), @"`metric` is pearson, expected one of auroc, auprc");
    insta::assert_snapshot!(CrossValidation::new().folds(1).run(&network(), &x, &labels).unwrap_err(), @"`folds` is 1, expected 2 to 120, the number of examples");
    let within = CrossValidation::new().fit(Fit::new().rows(&[1, 2]));
    insta::assert_snapshot!(within.run(&network(), &x, &labels).unwrap_err(), @"`rows` is given, expected none for cross-validation");
}

#[test]
fn cross_validation_by_chromosome() {
    let (x, labels) = data(120);
    let names: Vec<String> = (0..120).map(|i| format!("chr{}", i % 7)).collect();
    let arrays = Arrays::new(&x, &labels).unwrap();
    let grouped = CrossValidation::new()
        .folds(3)
        .grouped(true)
        .fit(Fit::new().epochs(2));
    insta::assert_snapshot!(grouped.run_from(&network(), &arrays).unwrap_err(), @"`source` is one without, expected one with groups, as `Arrays::groups` gives them");
    let arrays = arrays.groups(&names).unwrap();
    let validated = grouped.run_from(&network(), &arrays).unwrap();
    assert!(validated.folds().table().text().contains("chr"));
    assert!(validated.scores().iter().all(|score| score.is_finite()));
}

#[test]
fn more_examples_teach_more() {
    let (x, labels) = data(500);
    let fit = Fit::new().epochs(15).learning_rate(0.05);
    let curve = LearningCurve::new().sizes(&[15, 60, 400]).fit(fit);
    let learned = curve.run(&network(), &x, &labels).unwrap();
    let mean = learned.mean();
    assert!(mean[0] + 0.05 < mean[2] && mean[2] > 0.9, "{learned}");
    assert!(learned.spread()[0] > learned.spread()[2], "{learned}");
    assert_eq!(learned, curve.run(&network(), &x, &labels).unwrap());
    assert_ne!(
        learned,
        curve.clone().seed(7).run(&network(), &x, &labels).unwrap()
    );
    let text = learned.table().text();
    assert!(text.contains("400") && text.contains("variance"), "{text}");
    for size in 0..3 {
        // Student's t of three repeats.
        let found = learned.get(size).unwrap();
        let reach = 4.302_652_729_749 * (learned.variance()[size] / 3.0).sqrt();
        assert_eq!(found.estimate(), mean[size]);
        assert!((found.high() - mean[size] - reach).abs() < 1e-9, "{found}");
        assert!((mean[size] - found.low() - reach).abs() < 1e-9, "{found}");
    }
    insta::assert_snapshot!(learned.get(3).unwrap_err(), @"`size` is 3, expected below 3");
    let frame = learned.to_frame().unwrap();
    assert_eq!(frame.shape(), (3, 7));
    let picture = learned.curve().figure().description();
    assert!(
        picture.contains("9 dots") && picture.contains("shaded"),
        "{picture}"
    );
    let single = curve
        .clone()
        .repeats(1)
        .level(0.9)
        .run(&network(), &x, &labels)
        .unwrap();
    assert!(!single.get(0).unwrap().is_known() && single.level() == 0.9);
    insta::assert_snapshot!(curve.clone().level(95.0).run(&network(), &x, &labels).unwrap_err(), @"`level` is 95, expected above 0 to below 1, such as 0.95");
    insta::assert_snapshot!(curve.sizes(&[401]).run(&network(), &x, &labels).unwrap_err(), @"`sizes` is 401, expected 2 to 400, the examples that are not held out");
}

/// With three tasks of which one is rare, every size still has all of them.
#[test]
fn several_tasks_are_drawn_in_the_same_share() {
    let (x, first) = data(300);
    let labels = Array2::from_shape_fn((300, 3), |(i, task)| match task {
        0 => first[i],
        1 => f32::from(u8::from(x[[i, 5]] > 0.0)),
        _ => f32::from(u8::from(i % 25 == 3)),
    });
    let network = Architecture::features(10).dense(3).build().unwrap();
    let fit = Fit::new().epochs(1).validation(0.0);
    let curve = LearningCurve::new().sizes(&[40, 240]).repeats(2).fit(fit);
    let learned = curve.run(&network, &x, &labels).unwrap();
    assert!(learned.values().iter().all(|value| value.is_finite()));
}

#[test]
fn more_real_peaks_teach_more() {
    let Some(path) = crate::data::file("encode/GABPA_AC.seq.gz") else {
        return;
    };
    let some: Vec<usize> = (0..900).collect();
    let bound = genolens::sequence::open_peaks(path).unwrap().sequences();
    let bound = bound.select(&some).unwrap();
    let shuffled = genolens::sequence::dinucleotide_shuffle(&bound, 1.into());
    let x = bound.concat(&shuffled).unwrap();
    let labels = Array1::from_shape_fn(1800, |i| if i < 900 { 1.0_f32 } else { 0.0 });
    let curve = LearningCurve::new()
        .sizes(&[90, 360, 1440])
        .fit(Fit::new().epochs(25));
    let network = genolens::network::deepbind(16);
    let learned = curve.run(&network, &x, &labels).unwrap();
    let mean = learned.mean();
    assert!(mean[0] < mean[2] && mean[2] > 0.8, "{learned}");
    assert!((0..3).all(|size| learned.get(size).unwrap().is_known()));
}

fn build(trial: &Trial) -> Result<(Network, Fit)> {
    let fit = Fit::new()
        .learning_rate(trial.get("rate")?)
        .optimizer(Sgd::new().momentum(0.9));
    Ok((network(), fit.epochs(8)))
}

#[test]
fn a_search_finds_the_rates_that_learn() {
    let (x, labels) = data(200);
    let search = Search::new()
        .log_uniform("rate", 1e-5, 1.0)
        .choice("idle", &[2.0, 3.0]);
    let search = search.trials(60).epochs(2).finals(2);
    let found = search.run(&build, &x, &labels).unwrap();
    assert_eq!(found.names(), ["rate", "idle"]);
    let (trials, values) = (found.trials(), found.values());
    assert_eq!(trials.dim(), (60, 2));
    // Logarithms are even: about as many in every fifth of the range.
    for fifth in 0..5 {
        let inside = |rate: &&f64| (rate.log10() + 5.0).floor() as i32 == fifth;
        let count = trials.column(0).iter().filter(inside).count();
        assert!((4..=22).contains(&count), "{fifth}: {count}");
    }
    let twos = trials
        .column(1)
        .iter()
        .filter(|&&value| value == 2.0)
        .count();
    assert!((18..=42).contains(&twos), "{twos}");
    let best = (0..60).fold(
        0,
        |best, at| if values[at] > values[best] { at } else { best },
    );
    assert_eq!(found.best().get("rate").unwrap(), trials[[best, 0]]);
    assert!(trials[[best, 0]] > 1e-3, "{found}");
    assert_eq!(found.finals().len(), 2);
    let history = found.network().history();
    let kept = history.validation_auroc()[history.best_epoch() - 1];
    assert_eq!(found.finals().iter().copied().fold(0.0, f64::max), kept);
    // The last trainings have their own number of epochs.
    assert!(history.len() > 2);
    let again = search.run(&build, &x, &labels).unwrap();
    assert_eq!((again.trials(), again.values()), (trials, values));
    assert_eq!(bits(again.network()), bits(found.network()));
    assert!(found.table().text().contains("Trained with the best"));
    insta::assert_snapshot!(found.best().get("ratio").unwrap_err(), @"`name` is ratio, expected one of rate, idle");
}

#[test]
fn trials_that_diverge_do_not_end_a_search() {
    let (x, labels) = data(100);
    let large = &x * 1e12;
    let search = Search::new()
        .choice("rate", &[1e30, 1e-26])
        .trials(8)
        .folds(2)
        .finals(1);
    let squared = |trial: &Trial| {
        let (network, fit) = build(trial)?;
        Ok((network, fit.loss(genolens::training::Loss::SquaredError)))
    };
    let found = search.run(&squared, &large, &labels).unwrap();
    let (trials, values) = (found.trials(), found.values());
    for trial in 0..8 {
        assert_eq!(values[trial].is_nan(), trials[[trial, 0]] > 1.0);
    }
    assert!(values.iter().any(|value| value.is_nan()));
    let hopeless = Search::new().choice("rate", &[1e30]).trials(2);
    insta::assert_snapshot!(hopeless.run(&squared, &large, &labels).unwrap_err(), @"search diverged: no trial gave a number to compare; try lower learning rates");
}

#[test]
fn what_makes_no_sense_is_named() {
    let (x, labels) = data(50);
    let problem = |search: Search| search.run(&build, &x, &labels).unwrap_err().to_string();
    insta::assert_snapshot!(problem(Search::new()), @"`options to search` is none, expected at least one, as `log_uniform` gives it");
    insta::assert_snapshot!(problem(Search::new().log_uniform("rate", 0.0, 1.0)), @"`rate` is LogUniform(0.0, 1.0), expected two numbers above 0, the smaller first");
    insta::assert_snapshot!(problem(Search::new().uniform("rate", 1.0, 0.5)), @"`rate` is Uniform(1.0, 0.5), expected two numbers, the smaller first");
    insta::assert_snapshot!(problem(Search::new().uniform("ratio", 0.0, 0.5)), @"`name` is rate, expected one of ratio");
    insta::assert_snapshot!(problem(Search::new().uniform("rate", 0.1, 0.5).trials(0)), @"`trials` is 0, expected at least 1");
}

#[test]
fn an_interrupted_search_goes_on_with_the_best_so_far() {
    if !is_alone("training::comparing::an_interrupted_search_goes_on_with_the_best_so_far") {
        return;
    }
    let (x, labels) = data(100);
    let search = || {
        Search::new()
            .log_uniform("rate", 1e-3, 1e-1)
            .trials(100_000)
            .finals(1)
    };
    let stop = || {
        progress::watch(Stop {
            task: "search",
            after: 2,
        });
    };
    stop();
    let error = search().run(&build, &x, &labels).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
    progress::clear_interrupt();
    progress::watch(Once(std::sync::atomic::AtomicBool::new(false)));
    let found = search()
        .keep_interrupted(true)
        .run(&build, &x, &labels)
        .unwrap();
    assert!((1..100_000).contains(&found.values().len()));
}

/// Interrupts a search once.
struct Once(std::sync::atomic::AtomicBool);

impl progress::Watcher for Once {
    fn report(&self, report: &progress::Report) {
        let ordering = std::sync::atomic::Ordering::SeqCst;
        if report.task == "search" && report.done >= 2 && !self.0.swap(true, ordering) {
            progress::interrupt();
        }
    }
}
