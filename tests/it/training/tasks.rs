//! Several tasks at once, examples that are read when needed, and weights of examples.

use genolens::ndarray::{Array1, Array2, ArrayD, Axis, array};
use genolens::network::{Architecture, Network, predict};
use genolens::training::{Arrays, Batch, Fit, Loss, Source, Trained, auroc};
use genolens::{Error, Result};

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

fn features(n: usize, seed: u32) -> Array2<f32> {
    Array2::from_shape_vec((n, 3), noise(n * 3, seed)).unwrap()
}

/// Each task reads another feature, the last one against its sign.
fn three_tasks(x: &Array2<f32>) -> Array2<f32> {
    Array2::from_shape_fn(x.dim(), |(i, task)| {
        let value = x[[i, task]] * if task == 2 { -1.0 } else { 1.0 };
        f32::from(u8::from(value > 0.3))
    })
}

fn bits(trained: &Trained) -> Vec<u32> {
    let network = trained.network();
    let names = network.weight_names().into_iter();
    names
        .flat_map(|name| network.weight(&name).unwrap().into_iter().map(f32::to_bits))
        .collect()
}

fn network(outputs: usize) -> Network {
    let network = Architecture::features(3).dense(8).relu().dense(outputs);
    network.build().unwrap()
}

#[test]
fn several_tasks_are_learned_together_and_measured_apart() {
    let x = features(600, 1);
    let labels = three_tasks(&x);
    let fitting = Fit::new().learning_rate(0.02).balance(true);
    let trained = fitting.run(&network(3), &x, &labels).unwrap();
    let new = features(400, 2);
    let (scores, truth) = (predict(&trained, &new).unwrap(), three_tasks(&new));
    for task in 0..3 {
        let (scores, truth) = (
            scores.column(task).to_owned(),
            truth.column(task).to_owned(),
        );
        let area = auroc(&scores, &truth).unwrap();
        assert!(area > 0.98, "task {task}: {area}");
    }
    let history = trained.history();
    let tasks = history.validation_tasks("auroc").unwrap();
    assert_eq!(tasks.dim(), (history.len(), 3));
    let means = tasks.mean_axis(Axis(1)).unwrap();
    let near = (&means - &history.validation_auroc()).mapv(f64::abs);
    assert!(near.iter().all(|&off| off < 1e-12));
    // What is said of the validation examples is what the kept network gives.
    assert!(history.to_string().contains("validation AUROC"));
    insta::assert_snapshot!(history.train_metric("pearson").unwrap_err(), @"`metric` is pearson, expected one of auroc, auprc");
}

#[test]
fn a_task_with_one_class_has_no_area_and_spoils_no_other() {
    let x = features(200, 3);
    let mut labels = three_tasks(&x);
    labels.column_mut(1).fill(0.0);
    let trained = Fit::new().epochs(2).run(&network(3), &x, &labels).unwrap();
    let areas = trained.history().train_tasks("auroc").unwrap();
    assert!(areas[[1, 0]].is_finite() && areas[[1, 1]].is_nan());
    let mean = f64::midpoint(areas[[1, 0]], areas[[1, 2]]);
    assert!((trained.history().train_auroc()[1] - mean).abs() < 1e-12);
}

#[test]
fn classes_that_exclude_each_other() {
    let x = features(600, 4);
    let largest = |row: usize| {
        (0..3).fold(0, |best, at| {
            if x[[row, at]] > x[[row, best]] {
                at
            } else {
                best
            }
        })
    };
    let numbers = Array1::from_shape_fn(600, |row| largest(row) as f32);
    let shares = Array2::from_shape_fn((600, 3), |(row, class)| {
        f32::from(u8::from(largest(row) == class))
    });
    let fitting = Fit::new()
        .loss(Loss::CrossEntropy)
        .validation(0.0)
        .learning_rate(0.02);
    let by_number = fitting.run(&network(3), &x, &numbers).unwrap();
    let by_share = fitting.run(&network(3), &x, &shares).unwrap();
    // The same in other words.
    assert_eq!(bits(&by_number), bits(&by_share));
    let accuracy = by_number.history().train_metric("accuracy").unwrap();
    assert!(accuracy[29] > 0.93, "{accuracy}");
    assert_eq!(
        by_number.history().train_tasks("auroc").unwrap().dim(),
        (30, 3)
    );
    let wrong = |labels: &Array1<f32>| fitting.run(&network(3), &x, labels).unwrap_err();
    insta::assert_snapshot!(wrong(&Array1::from_shape_fn(600, |i| (i % 4) as f32)), @"`labels` is 3 at position 3, expected class numbers 0 to 2");
    insta::assert_snapshot!(wrong(&Array1::ones(600)), @"`labels` is all 1, expected at least two classes");
    insta::assert_snapshot!(fitting.run(&network(3), &x, &(&shares * 2.0)).unwrap_err(), @"`labels` is [0.0, 2.0, 0.0] in row 0, expected shares of classes, which sum to 1");
}

/// Examples that are made anew whenever they are asked for.
struct Made;

impl Source for Made {
    fn len(&self) -> usize {
        300
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let x = features(300, 5);
        let labels = three_tasks(&x);
        let (x, labels) = (x.select(Axis(0), rows), labels.select(Axis(0), rows));
        Batch::new(x.into_dyn(), labels.into_dyn())
    }
}

#[test]
fn a_source_teaches_what_its_arrays_teach() {
    let x = features(300, 5);
    let labels = three_tasks(&x);
    let fitting = Fit::new().epochs(4);
    let from_arrays = fitting.run(&network(3), &x, &labels).unwrap();
    let from_source = fitting.run_from(&network(3), &Made).unwrap();
    assert_eq!(bits(&from_arrays), bits(&from_source));
    let arrays = Arrays::new(&x, &labels).unwrap();
    let from_owned = fitting.run_from(&network(3), &arrays).unwrap();
    assert_eq!(bits(&from_arrays), bits(&from_owned));
    assert_eq!(
        Made.labels(&[299, 3, 3]).unwrap(),
        labels.select(Axis(0), &[299, 3, 3]).into_dyn()
    );
}

/// A source that is wrong in some way.
struct Wrong(fn(&[usize]) -> Result<Batch>);

impl Source for Wrong {
    fn len(&self) -> usize {
        100
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        (self.0)(rows)
    }
}

fn batch(n: usize, label: impl Fn(usize) -> f32) -> Result<Batch> {
    let labels = Array1::from_shape_fn(n, label);
    Batch::new(Array2::ones((n, 3)).into_dyn(), labels.into_dyn())
}

#[test]
fn what_is_wrong_with_a_source_is_named() {
    let problem = |read: fn(&[usize]) -> Result<Batch>| {
        let fitting = Fit::new().epochs(1);
        fitting
            .run_from(&network(1), &Wrong(read))
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(problem(|rows| batch(rows.len().min(7), |i| (i % 2) as f32)), @"`labels of the source` has shape (7), expected (100, ...) with 1 in a row");
    insta::assert_snapshot!(problem(|rows| batch(rows.len(), |i| (i % 3) as f32)), @"`labels` is 2 at position 2, expected 0 to 1 for binary cross-entropy");
    insta::assert_snapshot!(problem(|rows| batch(rows.len(), |_| f32::NAN)), @"`labels` is NaN at position 0, expected finite");
    let unreadable = |_: &[usize]| Err(Error::value("genome.fa", "a chromosome 7", "none"));
    insta::assert_snapshot!(problem(unreadable), @"`genome.fa` is none, expected a chromosome 7");
}

#[test]
fn an_example_of_no_weight_teaches_nothing() {
    let x = features(200, 6);
    let labels = three_tasks(&x);
    let mut spoiled = labels.clone();
    spoiled
        .slice_mut(genolens::ndarray::s![..50, ..])
        .mapv_inplace(|label| 1.0 - label);
    let weights = Array1::from_shape_fn(200, |i| if i < 50 { 0.0 } else { 1.5 });
    // The same weights, said for every label.
    let each = Array2::from_shape_fn((200, 3), |(i, _)| weights[i]);
    let fitting = Fit::new().epochs(3).validation(0.0);
    let run = |labels: &Array2<f32>, weights: &dyn genolens::training::Labels| {
        let arrays = Arrays::new(&x, labels).unwrap().weights(weights).unwrap();
        bits(&fitting.run_from(&network(3), &arrays).unwrap())
    };
    let first = run(&labels, &weights);
    assert_eq!(first, run(&spoiled, &weights));
    assert_eq!(first, run(&spoiled, &each));
    assert_ne!(first, run(&spoiled, &Array1::ones(200)));
    let arrays = Arrays::new(&x, &labels).unwrap();
    insta::assert_snapshot!(arrays.weights(&array![1.0_f32]).unwrap_err(), @"`weights` has shape (1), expected (200), one per example, or that of the labels");
    insta::assert_snapshot!(arrays.weights(&(weights - 1.0)).unwrap_err(), @"`weights` is -1 at position 0, expected at least 0");
    insta::assert_snapshot!(arrays.weights(&Array1::zeros(200)).unwrap_err(), @"`weights` is 0 everywhere, expected above 0 somewhere");
}

/// Profiles and their totals: one example is all in the first position, the next all in the last.
#[test]
fn profiles_and_their_totals_are_learned() {
    let x = Array2::from_shape_fn((40, 3), |(i, j)| f32::from(u8::from(i % 2 == j)));
    let labels = ArrayD::from_shape_fn(vec![40, 2, 4], |at| {
        let peak = if at[0] % 2 == 0 { 0 } else { 3 };
        f32::from(u8::from(at[2] == peak)) * (at[0] % 2 + 1) as f32 * 5.0
    });
    let loss = Loss::Multinomial {
        profile: 1.0,
        counts: 1.0,
    };
    // One total for both strands, and one for each.
    for totals in [1, 2] {
        let network = Architecture::features(3).dense(8 + totals).build().unwrap();
        let fitting = Fit::new()
            .loss(loss)
            .epochs(400)
            .learning_rate(0.05)
            .validation(0.0);
        let trained = fitting.run(&network, &x, &labels).unwrap();
        let scores = predict(&trained, &x).unwrap();
        for row in 0..2 {
            let count = (row + 1) as f32 * 10.0 / totals as f32;
            for total in 0..totals {
                let off = scores[[row, 8 + total]] - count.ln_1p();
                assert!(off.abs() < 0.01, "{off}");
            }
            let peak = [0, 3][row];
            for strand in 0..2 {
                let profile = scores.slice(genolens::ndarray::s![row, strand * 4..strand * 4 + 4]);
                let rest = profile.iter().enumerate().filter(|(at, _)| *at != peak);
                assert!(rest.fold(f32::MIN, |a, b| a.max(*b.1)) + 3.0 < profile[peak]);
            }
        }
        let correlation = trained.history().train_metric("counts_pearson").unwrap();
        assert!(correlation[399] > 0.999);
    }
    let network = Architecture::features(3).dense(8).build().unwrap();
    insta::assert_snapshot!(Fit::new().loss(loss).run(&network, &x, &labels).unwrap_err(), @"`output of the network` has shape (40, 8), expected (n, 8 + totals) for labels of 8 positions, the totals dividing the positions");
}

#[test]
fn a_training_that_diverges_keeps_its_last_good_weights() {
    // Squared errors grow at every step, from a first one that is small.
    let x = features(100, 7);
    let labels: Array1<f32> = x.column(0).to_owned();
    let fitting = Fit::new()
        .loss(Loss::SquaredError)
        .learning_rate(20.0)
        .epochs(1000)
        .patience(1000);
    let sgd = fitting.optimizer(genolens::training::Sgd::new());
    for share in [0.0, 0.2] {
        let trained = sgd
            .clone()
            .validation(share)
            .run(&network(1), &x, &labels)
            .unwrap();
        let history = trained.history();
        let told = history.divergence().unwrap();
        assert!(
            told.contains("step") && told.contains("learning rate 20.0"),
            "{told}"
        );
        assert!(history.to_string().ends_with(&told));
        assert!(history.len() < 1000);
        assert!(
            predict(&trained, &x)
                .unwrap()
                .iter()
                .all(|score| score.is_finite())
        );
    }
}

/// Balance is a pair of weights for every task, from the task's own classes.
#[test]
fn every_task_is_balanced_on_its_own() {
    let x = features(120, 8);
    let mut labels = three_tasks(&x);
    labels.column_mut(1).mapv_inplace(|label| 1.0 - label);
    let fitting = Fit::new().epochs(3).validation(0.0);
    let balanced = fitting.clone().balance(true);
    let weights: Vec<f64> = labels
        .columns()
        .into_iter()
        .flat_map(|column| {
            let ones = column.iter().map(|&label| f64::from(label)).sum::<f64>();
            [120.0 / (2.0 * (120.0 - ones)), 120.0 / (2.0 * ones)]
        })
        .collect();
    assert!(weights[0] < 0.8 && weights[2] > 1.1, "{weights:?}");
    let given = fitting.clone().class_weights(&weights);
    let run = |fitting: Fit| bits(&fitting.run(&network(3), &x, &labels).unwrap());
    let even = run(balanced);
    assert_eq!(even, run(given));
    assert_ne!(even, run(fitting.clone()));
    let odd = fitting.class_weights(&weights[..4]);
    let error = odd.run(&network(3), &x, &labels).unwrap_err().to_string();
    assert!(error.ends_with("expected the weights of 0 and 1, or as many pairs as tasks"));
}
