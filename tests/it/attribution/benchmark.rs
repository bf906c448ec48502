//! Measures of explanations: against scores whose measure is known, and against captum.

use crate::alone::{Stop, is_alone};
use crate::golden::{assert_near, rows, table};
use genolens::attribution::{
    Attribution, Benchmark, GradientXInput, Infidelity, IntegratedGradients, Method, Saliency,
    SaturationMutagenesis, Sensitivity, WeightRandomisation, infidelity, sensitivity,
    weight_randomisation,
};
use genolens::ndarray::{Array1, Array2, Array4, Axis, s};
use genolens::network::{Model, PublishedDeepBind, deepbind};
use genolens::random::Seed;
use genolens::sequence::{Explainable, Sequences};
use genolens::simulate::Grammar;
use genolens::{Result, progress};
use proptest::prelude::*;
use rand::RngExt;

const GOLDEN: &str = include_str!("../../golden/attribution/metrics.tsv");

/// Scores that are known, whatever the model: those of a table, at the letters that are there.
#[derive(Clone)]
struct Known(Array2<f32>);

impl Method for Known {
    fn explain(&self, _: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let code = x.sequences()?.one_hot()?;
        let scores = code.values() * &self.0.clone().insert_axis(Axis(1));
        Attribution::new(x.sequences()?, scores)
    }
}

fn planted() -> (Sequences, Array2<f32>) {
    let data = Grammar::new().positives(1.0).seed(2).run(40).unwrap();
    (data.sequences(), data.mask())
}

/// Numbers from 0 to 1 without any order.
fn noise(mask: &Array2<f32>) -> Array2<f32> {
    let mut generator = Seed::new(1).generator();
    Array2::from_shape_simple_fn(mask.dim(), || generator.random())
}

#[test]
fn scores_of_known_worth_get_it() {
    let (x, mask) = planted();
    let model = deepbind(2);
    let result = Benchmark::new()
        .method("truth", Known(mask.clone()))
        .method("noise", Known(noise(&mask)))
        .method("nothing", Known(Array2::zeros(mask.dim())))
        .method("opposite", Known(1.0 - &mask))
        .model("any", &model)
        .run(&x, &mask)
        .unwrap();
    assert_eq!((result.len(), result.left_out()), (40, 0));
    let roc = |method: usize| result.auroc().slice(s![0, method, ..]).to_owned();
    assert!(roc(0).iter().all(|&area| area == 1.0));
    assert!(roc(2).iter().all(|&area| area == 0.5));
    assert!(roc(3).iter().all(|&area| area == 0.0));
    let mean = roc(1).mean().unwrap();
    assert!((mean - 0.5).abs() < 0.04, "{mean}");
    assert!(
        result
            .auprc()
            .slice(s![0, 0, ..])
            .iter()
            .all(|&area| area == 1.0)
    );
    // Scores that are all equal have the precision of chance.
    let flat = result.auprc().slice(s![0, 2, ..]).mean().unwrap();
    assert!((flat - result.chance()).abs() < 1e-6);
    assert_eq!(result.order()[0], "truth");
    assert_eq!(result.order()[3], "opposite");

    let table = result.table().unwrap();
    assert_eq!(table.shape(), (4, 8));
    let noise = roc(1);
    let variance = noise.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 39.0;
    let errors = table.column("auroc_se").unwrap().f64().unwrap();
    assert!((errors.get(1).unwrap() - (variance / 40.0).sqrt()).abs() < 1e-12);
    assert_eq!(errors.get(0), Some(0.0));
    insta::assert_snapshot!(result, @"40 sequences, 0 left out");
    let svg = result.plot().svg();
    assert!(svg.contains("opposite") && svg.contains("mean auPRC"));
}

#[test]
fn the_size_of_scores_can_count_alone() {
    let (x, mask) = planted();
    let run = |absolute| {
        let benchmark = Benchmark::new().absolute(absolute);
        let result = benchmark
            .method("negative", Known(-&mask))
            .model("any", &deepbind(2))
            .run(&x, &mask);
        result.unwrap().auroc().mean().unwrap()
    };
    assert_eq!((run(false), run(true)), (0.0, 1.0));
}

#[test]
fn sequences_that_say_nothing_are_left_out_and_counted() {
    let (x, mut mask) = planted();
    mask.row_mut(3).fill(0.0);
    mask.row_mut(7).fill(1.0);
    let benchmark = Benchmark::new().method("truth", GradientXInput::new());
    let benchmark = benchmark.model("any", &deepbind(2));
    let result = benchmark.run(&x, &mask).unwrap();
    assert_eq!((result.len(), result.left_out()), (38, 2));
    assert!(!result.rows().contains(&3) && !result.rows().contains(&7));
    // The others are what they are alone.
    let alone = benchmark.run(&x.select(&[5, 8]).unwrap(), &mask.select(Axis(0), &[5, 8]));
    let place = |row| result.rows().iter().position(|&known| known == row);
    let found = result.auroc()[[0, 0, place(8).unwrap()]];
    assert_eq!(alone.unwrap().auroc()[[0, 0, 1]], found);
}

#[test]
fn differences_are_paired() {
    let (x, mask) = planted();
    let blurred = &mask + &(noise(&mask) * 2.0);
    let worse = &mask + &(noise(&mask) * 5.0);
    let (first, second) = (deepbind(2), deepbind(3));
    let result = Benchmark::new()
        .method("worse", Known(worse))
        .method("blurred", Known(blurred))
        .method("truth", Known(mask.clone()))
        .model("first", &first)
        .model("second", &second)
        .run(&x, &mask)
        .unwrap();
    assert_eq!(result.order(), ["truth", "blurred", "worse"]);
    let pair = result.difference("blurred", "worse").unwrap();
    // One row for each model and one for all.
    assert_eq!((pair.len(), pair.sequences()), (3, 40));
    let each = &result.auprc().slice(s![0, 1, ..]) - &result.auprc().slice(s![0, 0, ..]);
    let mean = each.mean().unwrap();
    assert!(mean > 0.0 && (pair.auprc()[0] - mean).abs() < 1e-12);
    let error = (each.mapv(|v| (v - mean).powi(2)).sum() / 39.0 / 40.0).sqrt();
    assert!((pair.auprc_error()[2] - error).abs() < 1e-12);
    let all = result.differences();
    assert_eq!(all.len(), 6);
    let table = all.table().unwrap();
    assert_eq!(
        table.column("first").unwrap().str().unwrap().get(5),
        Some("blurred")
    );
    assert_eq!(
        table.column("ahead").unwrap().i64().unwrap().get(5),
        Some(2)
    );
    insta::assert_snapshot!(result.difference("blurred", "best").unwrap_err(), @"`method` is `best`, expected one of worse, blurred, truth");
}

#[test]
fn careless_benchmarks_are_told() {
    let (x, mask) = planted();
    let model = deepbind(2);
    let one = || Benchmark::new().method("known", Known(mask.clone()));
    let tell = |benchmark: Benchmark, mask: &Array2<f32>| benchmark.run(&x, mask).unwrap_err();
    insta::assert_snapshot!(tell(Benchmark::new(), &mask), @"`methods` is none, expected at least one");
    insta::assert_snapshot!(tell(one(), &mask), @"`models` is none, expected at least one");
    let twice = one().method("known", Saliency::new()).model("a", &model);
    insta::assert_snapshot!(tell(twice, &mask), @"`methods` is `known` twice, expected each name once");
    let one = || one().model("a", &model);
    insta::assert_snapshot!(tell(one(), &mask.slice(s![.., 1..]).to_owned()), @"`mask` has shape (40, 100), expected (40, 101), one for every position of the sequences");
    insta::assert_snapshot!(tell(one(), &(&mask * 0.5)), @"`mask` is 0.5, expected only 0 and 1");
    insta::assert_snapshot!(tell(one(), &(&mask * f32::NAN)), @"`mask` is NaN, expected only 0 and 1");
    insta::assert_snapshot!(tell(one(), &(&mask * 0.0)), @"`mask` is 0 or 1 throughout in every sequence, expected both 0 and 1 in some sequence");
    let broken = Known(&mask * f32::NAN);
    let broken = Benchmark::new().method("broken", broken).model("a", &model);
    insta::assert_snapshot!(tell(broken, &mask), @"`scores of broken` is NaN at position 0 of `sim1`, expected all numbers");
    let empty = Sequences::dna([""; 0]).unwrap();
    insta::assert_snapshot!(one().run(&empty, &mask).unwrap_err(), @"`sequences` is empty, expected one sequence or more");
}

#[test]
fn a_benchmark_stops_when_asked() {
    if !is_alone("attribution::benchmark::a_benchmark_stops_when_asked") {
        return;
    }
    let (x, mask) = planted();
    progress::watch(Stop {
        task: "benchmark of explanations",
        after: 1,
    });
    let benchmark = Benchmark::new()
        .method("a", Known(mask.clone()))
        .method("b", Known(mask.clone()));
    let error = benchmark.model("any", &deepbind(2)).run(&x, &mask);
    assert!(error.unwrap_err().is_interrupted());
}

fn changes() -> Array4<f32> {
    let numbers = table(GOLDEN, "change").mapv(|value| value as f32);
    numbers.into_shape_with_order((3, 3, 4, 24)).unwrap()
}

fn assert_golden(found: Array1<f64>, name: &str) {
    assert_eq!(rows(GOLDEN, name).len(), 1);
    assert_near(&found.insert_axis(Axis(0)), &table(GOLDEN, name), 2e-5);
}

#[test]
fn infidelity_is_that_of_captum() {
    let (model, x) = (super::golden::network(), super::golden::sequences());
    let metric = Infidelity::new().changes(&changes()).batch(2);
    let by_input = GradientXInput::new().target(1).run(&model, &x).unwrap();
    let run = |metric: &Infidelity, scores| metric.run(&model, scores).unwrap();
    assert_golden(run(&metric, &by_input), "infidelity");
    assert_golden(run(&metric.clone().scaled(true), &by_input), "scaled");
    let slope = Saliency::new().target(1).absolute(false);
    let slope = slope.run(&model, &x).unwrap();
    let metric = metric.times_input(false);
    assert_golden(run(&metric, &slope), "local");
    assert_golden(run(&metric.scaled(true), &slope), "local_scaled");
}

#[test]
fn sensitivity_is_that_of_captum() {
    let (model, x) = (super::golden::network(), super::golden::sequences());
    let metric = Sensitivity::new().changes(&changes());
    let method = GradientXInput::new().target(1);
    assert_golden(metric.run(&model, &x, &method).unwrap(), "sensitivity");
}

#[test]
fn scores_that_are_exact_foretell_exactly() {
    // Of a linear model the gradient times the input says what every letter adds.
    let linear = genolens::network::Architecture::sequences(4);
    let linear = linear.length(12).flatten().dense(1).build().unwrap();
    let x = Sequences::dna(["ACGTTGCATCAA", "GGGATTTTACAA"]).unwrap();
    let exact = GradientXInput::new().run(&linear, &x).unwrap();
    let slope = Saliency::new().absolute(false).run(&linear, &x).unwrap();
    let noise = Infidelity::new().noise(0.3).times_input(false);
    for (metric, exact) in [(Infidelity::new(), &exact), (noise, &slope)] {
        let wrong = Attribution::new(x.clone(), -exact.scores()).unwrap();
        let exact = metric.run(&linear, exact).unwrap();
        let wrong = metric.run(&linear, &wrong).unwrap();
        assert!(exact.iter().all(|&value| value < 1e-10), "{exact}");
        assert!(wrong.iter().all(|&value| value > 1e-3), "{wrong}");
    }
    let twice = Attribution::new(x.clone(), exact.scores() * 2.0).unwrap();
    let plain = infidelity(&linear, &twice).unwrap();
    let scaled = Infidelity::new().scaled(true).run(&linear, &twice).unwrap();
    assert!(plain[0] > 1e-3 && scaled[0] < 1e-10);
    // What the gradient says changes with the input only through the input: by no more than the radius, as a share.
    let moved = Sensitivity::new().radius(0.01);
    let share = moved.run(&linear, &x, &Saliency::new()).unwrap();
    assert!(share.iter().all(|&share| share == 0.0));
    let share = sensitivity(&linear, &x, &GradientXInput::new()).unwrap();
    assert!(share.iter().all(|&share| share > 0.0 && share < 0.05));
}

#[test]
fn the_seed_and_the_letters_decide() {
    let model = deepbind(4);
    let x = Sequences::dna(["ACGTTGCATCAAGGTTACGATCA", "GGGATTTTACAACCGTTGGAACC"]).unwrap();
    let (last, method) = (x.select(&[1]).unwrap(), GradientXInput::new());
    let scores = |x: &Sequences| method.run(&model, x).unwrap();
    let metric = Infidelity::new().samples(5);
    let (both, one) = (
        metric.run(&model, &scores(&x)).unwrap(),
        metric.run(&model, &scores(&last)).unwrap(),
    );
    assert_eq!(both[1], one[0]);
    let other = metric.seed(1).run(&model, &scores(&x)).unwrap();
    assert_ne!(both, other);
    let metric = Sensitivity::new().samples(3).radius(0.3);
    let (both, one) = (
        metric.run(&model, &x, &method).unwrap(),
        metric.run(&model, &last, &method).unwrap(),
    );
    assert_eq!(both[1], one[0]);
    assert_ne!(both, metric.seed(1).run(&model, &x, &method).unwrap());
}

#[test]
fn explanations_forget_a_network_layer_by_layer() {
    let model = deepbind(8);
    let (x, mask) = planted();
    let found = weight_randomisation(&model, &x, &GradientXInput::new()).unwrap();
    assert_eq!(found.correlations().dim(), (3, 40));
    assert!(found.layers()[0].contains("dense") && found.layers()[2].contains("convolution"));
    // After all layers nothing is left.
    assert!(found.mean()[2].abs() < 0.15, "{found:?}");
    // A method that does not look at the network never notices.
    let blind = weight_randomisation(&model, &x, &Known(noise(&mask))).unwrap();
    assert!(blind.mean().iter().all(|mean| (mean - 1.0).abs() < 1e-9));
    // Independently, the last step changes only the first layer; cascading, everything.
    let alone = WeightRandomisation::new().cascading(false);
    let alone = alone.run(&model, &x, &GradientXInput::new()).unwrap();
    assert_eq!(
        alone.correlations().row(0),
        found.correlations().row(0),
        "the first step is the same"
    );
    assert_ne!(alone.correlations().row(2), found.correlations().row(2));
    assert_eq!(found.table().unwrap().shape(), (3, 4));
    // Scores that are all zero have no ranks.
    let none = Known(Array2::zeros(mask.dim()));
    let none = weight_randomisation(&model, &x, &none).unwrap();
    assert!(none.mean()[0].is_nan());
}

#[derive(Clone)]
struct Flat;

impl Model for Flat {
    fn forward(&self, x: &genolens::candle_core::Tensor) -> Result<genolens::candle_core::Tensor> {
        Ok(x.sum((1, 2))?.unsqueeze(1)?)
    }
    fn device(&self) -> &genolens::candle_core::Device {
        &genolens::candle_core::Device::Cpu
    }
}

#[test]
fn careless_sanity_checks_are_told() {
    let (model, method) = (deepbind(2), GradientXInput::new());
    let x = Sequences::dna(["ACGTTGCATC"]).unwrap();
    let scores = method.run(&model, &x).unwrap();
    let tell = |metric: Infidelity| metric.run(&model, &scores).unwrap_err();
    insta::assert_snapshot!(tell(Infidelity::new().samples(0)), @"`samples` is 0, expected 1 to 1000000");
    insta::assert_snapshot!(tell(Infidelity::new().samples(usize::MAX)), @"`samples` is 18446744073709551615, expected 1 to 1000000");
    insta::assert_snapshot!(tell(Infidelity::new().batch(0)), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(tell(Infidelity::new().hidden(0.0)), @"`hidden` is 0, expected above 0, to 1");
    insta::assert_snapshot!(tell(Infidelity::new().noise(f64::NAN)), @"`noise` is NaN, expected a number above 0");
    let small = Array4::zeros((1, 1, 4, 9));
    insta::assert_snapshot!(tell(Infidelity::new().changes(&small)), @"`changes` has shape (1, 1, 4, 9), expected (samples, 1, 4, 10), samples at least 1");
    let tell = |metric: Sensitivity| metric.run(&model, &x, &method).unwrap_err();
    insta::assert_snapshot!(tell(Sensitivity::new().samples(0)), @"`samples` is 0, expected 1 to 1000000");
    insta::assert_snapshot!(tell(Sensitivity::new().radius(-1.0)), @"`radius` is -1, expected a number of 0 or more");
    let endless = Array4::from_elem((1, 1, 4, 10), f32::INFINITY);
    insta::assert_snapshot!(tell(Sensitivity::new().changes(&endless)), @"`changes` is inf, expected finite numbers");
    let none = weight_randomisation(&Flat, &x, &method).unwrap_err();
    insta::assert_snapshot!(none, @"`model` is one without a network behind it, expected a network or a trained one");
}

#[test]
fn a_published_model_finds_its_own_motif() {
    let Some(path) = crate::data::file("deepbind/D00409.004.GABPA.txt") else {
        return;
    };
    let model = PublishedDeepBind::open(path).unwrap();
    let motif = genolens::motif::Motif::from_consensus("GABPA", "ACCGGAAGTG").unwrap();
    let data = Grammar::new()
        .motifs(&[motif].into_iter().collect())
        .planted(1..=1)
        .positives(1.0)
        .run(30)
        .unwrap();
    let result = Benchmark::new()
        .method("gradient x input", GradientXInput::new())
        .method("integrated gradients", IntegratedGradients::new())
        .method("mutagenesis", SaturationMutagenesis::new())
        .model("GABPA", &model)
        .run(&data.sequences(), &data.mask())
        .unwrap();
    let mean = |method: usize| result.auprc().slice(s![0, method, ..]).mean().unwrap();
    assert!(result.chance() < 0.1);
    assert!((0..3).all(|method| mean(method) > 0.5), "{result:?}");
    assert!(mean(2) > mean(0), "{result:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn a_better_score_is_never_worse(seed in any::<u64>(), lift in 0.0_f32..3.0) {
        let data = Grammar::new().positives(1.0).seed(seed).run(4).unwrap();
        let mask = data.mask();
        let plain = noise(&mask);
        let result = Benchmark::new()
            .method("plain", Known(plain.clone()))
            .method("lifted", Known(&plain + &(&mask * lift)))
            .model("any", &deepbind(1))
            .run(&data.sequences(), &mask)
            .unwrap();
        for row in 0..4 {
            prop_assert!(result.auroc()[[0, 1, row]] >= result.auroc()[[0, 0, row]]);
            prop_assert!(result.auprc()[[0, 1, row]] >= result.auprc()[[0, 0, row]] - 1e-12);
        }
    }
}
