//! What training learns, what curves say, and what makes no sense.

use crate::data;
use genolens::ndarray::{Array1, Array2, Array3, Axis, Ix2, array, concatenate, s};
use genolens::network::{Architecture, Network, deepbind, predict};
use genolens::random::Seed;
use genolens::training::{
    Adam, Fit, Loss, Optimizer, Sgd, Trained, auprc, auroc, fit, precision_recall, roc,
};
use genolens::{sequence, simulate};
use proptest::prelude::*;

/// Numbers that look random, 0 to 1.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0
        })
        .collect()
}

/// Random sequences; every second one carries a planted word.
fn planted(n: usize, length: usize, seed: u32) -> (Array3<f32>, Array1<f32>) {
    let letters = noise(n * length, seed);
    let mut x = Array3::zeros((n, 4, length));
    for i in 0..n {
        for position in 0..length {
            let mut letter = (letters[i * length + position] * 4.0) as usize;
            if i % 2 == 1 && (10..18).contains(&position) {
                letter = [1, 1, 2, 2, 0, 0, 2, 3][position - 10];
            }
            x[[i, letter, position]] = 1.0;
        }
    }
    (x, Array1::from_shape_fn(n, |i| (i % 2) as f32))
}

fn bits(network: &Network) -> Vec<u32> {
    let weights = network.weight_names().into_iter();
    weights
        .flat_map(|name| network.weight(&name).unwrap().into_iter().map(f32::to_bits))
        .collect()
}

#[test]
fn a_planted_word_is_learned_and_found_in_new_sequences() {
    let (x, labels) = planted(600, 40, 1);
    let fitting = Fit::new().epochs(15).learning_rate(0.01).seed(3);
    let trained = fitting.run(&deepbind(8), &x, &labels).unwrap();
    let (new, truth) = planted(400, 40, 77);
    let area = auroc(&predict(&trained, &new).unwrap(), &truth).unwrap();
    assert!(area > 0.97, "{area}");
    let history = trained.history();
    assert!(history.train_loss()[history.len() - 1] < history.train_loss()[0]);
    let losses = history.validation_loss();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(losses[history.best_epoch() - 1], best);
    assert_eq!(history.to_frame().unwrap().shape(), (history.len(), 8));
}

#[test]
fn simulated_motifs_are_learned_by_default() {
    // A seed on which no default was chosen.
    let data = simulate::motifs(3000, Seed::new(17)).unwrap();
    let (known, new): (Vec<usize>, Vec<usize>) = (0..3000).partition(|&row| row < 2400);
    let sequences = data.sequences();
    let (train, test) = (
        sequences.select(&known).unwrap(),
        sequences.select(&new).unwrap(),
    );
    let labels = |rows: &[usize]| data.labels().select(Axis(0), rows);
    let fitting = Fit::new().epochs(20);
    let trained = fitting.run(&deepbind(16), &train, &labels(&known)).unwrap();
    let area = auroc(&predict(&trained, &test).unwrap(), &labels(&new)).unwrap();
    assert!(area > 0.95, "{area}");
}

#[test]
fn the_same_seed_gives_the_same_bits_for_any_number_of_threads() {
    let (x, labels) = planted(150, 30, 5);
    let network = Architecture::sequences(4)
        .convolution(5, 7)
        .batch_norm()
        .relu()
        .global_max_pool()
        .dropout(0.3)
        .dense(6)
        .relu()
        .dense(1)
        .build()
        .unwrap();
    let run = |seed: u64| {
        Fit::new()
            .epochs(3)
            .seed(seed)
            .run(&network, &x, &labels)
            .unwrap()
    };
    let first = bits(run(1).network());
    assert_eq!(first, bits(run(1).network()));
    assert_ne!(first, bits(run(2).network()));
    // Enough weights for several threads to share the work of the optimiser.
    let wide = Architecture::features(600).dense(150).relu().dense(1);
    let wide = wide.build().unwrap();
    let features = x.clone().into_shape_with_order((75, 240)).unwrap();
    let features = concatenate(Axis(1), &[features.view(), features.view()]).unwrap();
    let features = concatenate(Axis(1), &[features.view(), features.slice(s![.., ..120])]);
    let features = features.unwrap();
    let some = labels.slice(s![..75]).to_owned();
    let capped = Fit::new().epochs(2).max_norm(1.0).clip_norm(0.5);
    let capped = || bits(capped.run(&wide, &features, &some).unwrap().network());
    let first_wide = capped();
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        assert_eq!(first, bits(pool.install(|| run(1)).network()));
        assert_eq!(first_wide, pool.install(capped));
    }
}

#[test]
fn one_step_of_gradient_descent_is_the_gradient() {
    // Through the convolution, against finite differences of the loss.
    let x = Array3::from_shape_vec((6, 2, 9), noise(108, 4)).unwrap();
    let labels = Array1::from(noise(6, 9));
    let network = Architecture::sequences(2)
        .convolution(3, 4)
        .activation(genolens::network::Activation::Tanh)
        .global_average_pool()
        .dense(1)
        .seed(5)
        .build()
        .unwrap();
    let step = |rate: f64| {
        Fit::new()
            .loss(Loss::SquaredError)
            .optimizer(Sgd::new())
            .validation(0.0)
            .epochs(1)
            .learning_rate(rate)
            .run(&network, &x, &labels)
            .unwrap()
    };
    let loss = |network: &Network| {
        let scores = predict(network, &x).unwrap().column(0).to_owned();
        (scores - &labels)
            .mapv(|d| f64::from(d).powi(2))
            .mean()
            .unwrap()
    };
    let before = loss(&network);
    assert!((step(0.1).history().train_loss()[0] - before).abs() < 1e-6);
    // To first order a step of length r lowers the loss by r times the squared gradient.
    let rate = 2e-3;
    let moved = step(rate);
    let squared: f64 = network
        .weight_names()
        .iter()
        .map(|name| moved.network().weight(name).unwrap() - network.weight(name).unwrap())
        .map(|change| change.mapv(|d| (f64::from(d) / rate).powi(2)).sum())
        .sum();
    let fall = before - loss(moved.network());
    assert!(
        (fall / (rate * squared) - 1.0).abs() < 0.05,
        "{fall} {squared}"
    );
}

#[test]
fn a_straight_line_is_found_by_both_optimisers() {
    let x = Array2::from_shape_vec((200, 2), noise(400, 3)).unwrap();
    let labels: Array1<f32> = x
        .rows()
        .into_iter()
        .map(|row| 2.0 * row[0] - row[1] + 0.5)
        .collect();
    let network = Architecture::features(2).dense(1).build().unwrap();
    for (optimizer, rate) in [
        (Optimizer::from(Adam::new()), 0.05),
        (Sgd::new().momentum(0.9).into(), 0.05),
    ] {
        let fitting = Fit::new()
            .loss(Loss::SquaredError)
            .optimizer(optimizer)
            .learning_rate(rate);
        let trained = fitting
            .epochs(200)
            .patience(50)
            .run(&network, &x, &labels)
            .unwrap();
        let weight = trained.network().weight("0.dense.weight").unwrap();
        let weight = weight.into_dimensionality::<Ix2>().unwrap();
        assert!(
            (weight - array![[2.0, -1.0]])
                .iter()
                .all(|d| d.abs() < 1e-2),
            "{optimizer:?}"
        );
        assert!(trained.history().train_auroc()[0].is_nan());
    }
}

#[test]
fn weights_of_classes_move_the_decision_of_a_blind_model() {
    // Features say nothing: the score must become the log odds of the weighted classes.
    let x = Array2::<f32>::zeros((100, 1));
    let labels = Array1::from_shape_fn(100, |i| if i < 10 { 1.0 } else { 0.0 });
    let network = Architecture::features(1).dense(1).build().unwrap();
    let bias = |balance: bool| {
        let fitting = Fit::new().balance(balance).validation(0.0).epochs(300);
        let trained = fitting
            .batch(100)
            .learning_rate(0.05)
            .run(&network, &x, &labels)
            .unwrap();
        predict(&trained, &x).unwrap()[[0, 0]]
    };
    assert!((bias(false) - (0.1_f32 / 0.9).ln()).abs() < 0.02);
    assert!(bias(true).abs() < 0.02);
}

#[test]
fn weight_decay_shrinks_and_batch_norm_watches() {
    let (x, labels) = planted(60, 20, 2);
    let network = Architecture::sequences(4)
        .convolution(2, 5)
        .batch_norm()
        .global_average_pool()
        .dense(1)
        .build()
        .unwrap();
    let run = |decay: f64| {
        let fitting = Fit::new().epochs(60).validation(0.0).weight_decay(decay);
        fitting
            .learning_rate(0.01)
            .run(&network, &x, &labels)
            .unwrap()
    };
    let size = |trained: &Trained| {
        trained
            .network()
            .weight("3.dense.weight")
            .unwrap()
            .mapv(|w| w * w)
            .sum()
    };
    assert!(size(&run(1.0)) < size(&run(0.0)));
    // After many steps with nearly still weights the running mean is the mean of what enters the norm.
    let still = Fit::new().epochs(100).validation(0.0).learning_rate(1e-9);
    let still = still.run(&network, &x, &labels).unwrap();
    let entered = still.network().activations(&x, 0).unwrap();
    let mean = entered
        .mean_axis(Axis(2))
        .unwrap()
        .mean_axis(Axis(0))
        .unwrap();
    let running = still.network().weight("1.batch_norm.mean").unwrap();
    assert!((mean - running).iter().all(|d| d.abs() < 1e-3));
}

#[test]
fn early_stopping_stops() {
    // Labels are noise: validation does not get better for long.
    let x = Array2::from_shape_vec((120, 30), noise(3600, 8)).unwrap();
    let labels: Array1<f32> = noise(120, 21).into_iter().map(f32::round).collect();
    let network = Architecture::features(30)
        .dense(32)
        .relu()
        .dense(1)
        .build()
        .unwrap();
    let fitting = Fit::new()
        .epochs(200)
        .validation(0.3)
        .patience(3)
        .learning_rate(0.02);
    let trained = fitting.run(&network, &x, &labels).unwrap();
    let history = trained.history();
    assert_eq!(history.len(), history.best_epoch() + 3);
    assert!(history.len() < 100);
    let endless = fitting.clone().epochs(usize::MAX);
    let endless = endless.run(&network, &x, &labels).unwrap();
    assert_eq!(endless.history().len(), history.len());
    let patient = fitting.epochs(9).patience(usize::MAX);
    let patient = patient.run(&network, &x, &labels).unwrap();
    assert_eq!(patient.history().len(), 9);
}

#[test]
fn what_makes_no_sense_is_named() {
    let network = Architecture::features(2).dense(1).build().unwrap();
    let x = Array2::from_shape_vec((4, 2), noise(8, 1)).unwrap();
    let labels = array![0.0_f32, 1.0, 0.0, 1.0];
    let problem = |fitting: Fit, x: &Array2<f32>, labels: &Array1<f32>| {
        fitting.run(&network, x, labels).unwrap_err().to_string()
    };
    let usual = Fit::new;
    insta::assert_snapshot!(problem(usual(), &x, &array![0.0, 1.0]), @"`labels` has shape (2), expected (4) or (4, tasks), one row per example of `x`");
    insta::assert_snapshot!(problem(usual(), &x, &array![0.0, 1.0, 2.0, 1.0]), @"`labels` is 2 at position 2, expected 0 to 1 for binary cross-entropy");
    insta::assert_snapshot!(problem(usual(), &x, &array![1.0, 1.0, 1.0, 1.0]), @"`labels` is 4 ones, 0 zeros, expected both 0 and 1");
    insta::assert_snapshot!(problem(usual(), &x, &array![1.0, f32::NAN, 1.0, 1.0]), @"`labels` is NaN at position 1, expected finite");
    insta::assert_snapshot!(problem(usual(), &Array2::zeros((4, 3)), &labels), @"`x` has shape (4, 3), expected (n, 2)");
    insta::assert_snapshot!(problem(usual(), &Array2::zeros((0, 2)), &array![]), @"`x` has shape (0, 2), expected (n, ...) with n at least 1");
    insta::assert_snapshot!(problem(usual(), &Array2::from_elem((4, 2), f32::INFINITY), &labels), @"`x` is not finite in places, expected finite");
    insta::assert_snapshot!(problem(usual().batch(0), &x, &labels), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(problem(usual().learning_rate(-1.0), &x, &labels), @"`learning_rate` is -1, expected above 0");
    insta::assert_snapshot!(problem(usual().validation(0.99), &x, &labels), @"`validation` is 0.99, expected a share that leaves examples to train on");
    insta::assert_snapshot!(problem(usual().loss(Loss::SquaredError).optimizer(Sgd::new()).learning_rate(1e30), &(&x * 1e9), &labels), @"training diverged: the weights are no longer numbers after epoch 1, step 1, learning rate 1e30");
    let two = Architecture::features(2).dense(2).build().unwrap();
    insta::assert_snapshot!(fit(&two, &x, &labels).unwrap_err(), @"`output of the network` has shape (4, 2), expected (n, 1) as the labels");
}

#[test]
fn curves_and_areas_with_ties() {
    // Worked out by hand; the numbers of scikit-learn itself are in the golden test.
    let scores = array![0.9_f32, 0.8, 0.8, 0.7, 0.5, 0.5, 0.5, 0.2];
    let labels = array![1.0_f32, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
    assert!((auroc(&scores, &labels).unwrap() - 0.78125).abs() < 1e-12);
    let expected = 0.25 * (1.0 + 2.0 / 3.0 + 0.75 + 4.0 / 7.0);
    assert!((auprc(&scores, &labels).unwrap() - expected).abs() < 1e-12);
    let curve = roc(&scores, &labels).unwrap();
    assert_eq!(curve.x(), array![0.0, 0.0, 0.25, 0.25, 0.75, 1.0]);
    assert_eq!(curve.y(), array![0.0, 0.25, 0.5, 0.75, 1.0, 1.0]);
    assert!(curve.thresholds()[0].is_infinite());
    let curve = precision_recall(&scores, &labels).unwrap();
    assert_eq!(curve.x(), array![0.0, 0.25, 0.5, 0.75, 1.0, 1.0]);
    assert_eq!(curve.y(), array![1.0, 1.0, 2.0 / 3.0, 0.75, 4.0 / 7.0, 0.5]);
    insta::assert_snapshot!(auroc(&array![0.5_f32, f32::NAN], &array![0.0, 1.0]).unwrap_err(), @"`scores` is NaN at position 1, expected all numbers");
    insta::assert_snapshot!(auroc(&array![0.5_f32, 0.1], &array![1.0, 1.0]).unwrap_err(), @"`labels` is 2 ones, 0 zeros, expected both 0 and 1");
    insta::assert_snapshot!(auroc(&array![[0.5_f32, 0.1]], &array![1.0]).unwrap_err(), @"`scores` has shape (1, 2), expected 1 numbers, one per label");
}

proptest! {
    #[test]
    fn auroc_counts_pairs_in_order(rows in proptest::collection::vec((0_u8..6, any::<bool>()), 2..40)) {
        let positives = rows.iter().filter(|row| row.1).count();
        prop_assume!(positives > 0 && positives < rows.len());
        let mut sum = 0.0;
        for (positive, _) in rows.iter().filter(|row| row.1) {
            for (negative, _) in rows.iter().filter(|row| !row.1) {
                sum += f64::from(u8::from(positive > negative)) + 0.5 * f64::from(u8::from(positive == negative));
            }
        }
        let expected = sum / (positives * (rows.len() - positives)) as f64;
        let scores: Array1<f32> = rows.iter().map(|row| f32::from(row.0)).collect();
        let labels: Array1<f32> = rows.iter().map(|row| f32::from(u8::from(row.1))).collect();
        prop_assert!((auroc(&scores, &labels).unwrap() - expected).abs() < 1e-12);
        let curve = roc(&scores, &labels).unwrap();
        let steps = 1..curve.len();
        let trapezes: f64 = steps.map(|i| (curve.x()[i] - curve.x()[i - 1]) * (curve.y()[i] + curve.y()[i - 1]) / 2.0).sum();
        prop_assert!((trapezes - expected).abs() < 1e-12);
    }
}

#[test]
fn real_peaks_are_told_from_shuffles() {
    let Some(path) = data::file("encode/GABPA_AC.seq.gz") else {
        return;
    };
    let Some(held_out) = data::file("encode/GABPA_B.seq.gz") else {
        return;
    };
    let peaks = sequence::open_peaks(path).unwrap();
    let bound = peaks.sequences();
    let shuffled = sequence::dinucleotide_shuffle(&bound, Seed::new(1));
    let (bound, shuffled) = (bound.one_hot().unwrap(), shuffled.one_hot().unwrap());
    let x = concatenate(Axis(0), &[bound.view(), shuffled.view()]).unwrap();
    let n = bound.shape()[0];
    let labels = Array1::from_shape_fn(2 * n, |i| if i < n { 1.0 } else { 0.0 });
    let fitting = Fit::new().epochs(8).learning_rate(3e-3);
    let trained = fitting.run(&deepbind(16), &x, &labels).unwrap();
    let test = sequence::open_peaks(held_out).unwrap();
    let scores = predict(&trained, &test.sequences()).unwrap();
    let area = auroc(&scores, test.bound()).unwrap();
    assert!(area >= 0.95, "{area}");
}
