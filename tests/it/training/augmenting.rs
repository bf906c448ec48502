//! Reverse complements and shifts.

use genolens::ndarray::{Array1, Array3, ArrayD, Axis, array, s};
use genolens::network::Architecture;
use genolens::training::{Augment, Fit, Loss, Sgd};

/// A model that only sums up the first position: after one step of gradient descent its weights tell which letters stood there.
fn first_letters(x: &Array3<f32>, augment: Augment, seed: u64) -> Vec<f32> {
    let (n, _, length) = x.dim();
    let network = Architecture::sequences(4).length(length).flatten().dense(1);
    let network = network.build().unwrap();
    let before = network.weight("1.dense.weight").unwrap();
    // The slope of every weight is the mean of what it read, where each example pulls alike.
    let labels = Array1::<f32>::from_elem(n, 1e4);
    let fitting = Fit::new()
        .loss(Loss::SquaredError)
        .optimizer(Sgd::new())
        .learning_rate(1e-4);
    let fitting = fitting
        .validation(0.0)
        .epochs(1)
        .batch(n)
        .augment(augment)
        .seed(seed);
    let trained = fitting.run(&network, x, &labels).unwrap();
    let after = trained.network().weight("1.dense.weight").unwrap();
    (after - before).iter().map(|step| step / 2.0).collect()
}

fn near(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < tolerance, "{found} {expected}");
    }
}

/// One sequence, over and over.
fn copies(n: usize) -> (Array3<f32>, Vec<f32>) {
    let one = Array3::from_shape_fn((1, 4, 6), |(_, c, p)| (c * 6 + p) as f32 / 24.0);
    let x = one.broadcast((n, 4, 6)).unwrap().to_owned();
    (x, one.iter().copied().collect())
}

#[test]
fn a_turned_sequence_has_channels_and_positions_in_reverse() {
    let (x, mut row) = copies(8);
    near(&first_letters(&x, Augment::new(), 0), &row, 2e-3);
    row.reverse();
    let always = Augment::new().reverse_complement(1.0);
    near(&first_letters(&x, always, 0), &row, 2e-3);
}

#[test]
fn half_of_the_sequences_are_turned_and_each_shift_is_as_frequent() {
    let (x, row) = copies(6000);
    let mut turned = row.clone();
    turned.reverse();
    let mean: Vec<f32> = row
        .iter()
        .zip(&turned)
        .map(|(a, b)| (a + b) / 2.0)
        .collect();
    let half = Augment::new().reverse_complement(0.5);
    near(&first_letters(&x, half, 1), &mean, 0.03);
    assert_ne!(first_letters(&x, half, 1), first_letters(&x, half, 2));
    assert_eq!(first_letters(&x, half, 2), first_letters(&x, half, 2));
    let shifted: Vec<f32> = (0..24)
        .map(|at| {
            let (channel, position) = (at / 6 * 6, at as isize % 6);
            let from = |by: isize| match position - by {
                inside @ 0..6 => row[channel + inside as usize],
                _ => 0.5,
            };
            (-2..=2).map(from).sum::<f32>() / 5.0
        })
        .collect();
    let shift = Augment::new().shift(2).fill(0.5);
    near(&first_letters(&x, shift, 3), &shifted, 0.03);
}

#[test]
fn profiles_turn_with_their_sequences() {
    let x = Array3::from_shape_fn((6, 2, 2), |(i, c, p)| (i + c + p) as f32);
    let labels = ArrayD::from_shape_fn(vec![6, 2, 2], |at| (at[0] + 3 * at[1] + 7 * at[2]) as f32);
    let network = Architecture::sequences(2)
        .length(2)
        .flatten()
        .dense(5)
        .build()
        .unwrap();
    let loss = Loss::Multinomial {
        profile: 1.0,
        counts: 1.0,
    };
    let fitting = Fit::new()
        .loss(loss)
        .validation(0.0)
        .epochs(2)
        .optimizer(Sgd::new());
    let always = fitting
        .clone()
        .augment(Augment::new().reverse_complement(1.0));
    let always = always.run(&network, &x, &labels).unwrap();
    let by_hand = (
        x.slice(s![.., ..;-1, ..;-1]).to_owned(),
        labels.slice(s![.., ..;-1, ..;-1]).to_owned(),
    );
    let by_hand = fitting.run(&network, &by_hand.0, &by_hand.1).unwrap();
    let weight =
        |trained: &genolens::training::Trained| trained.network().weight("1.dense.weight").unwrap();
    assert_eq!(weight(&always), weight(&by_hand));
}

#[test]
fn validation_examples_stay_as_they_are() {
    let (x, _) = copies(20);
    let labels = Array1::from_shape_fn(20, |i| (i % 2) as f32);
    let network = Architecture::sequences(4)
        .length(6)
        .flatten()
        .dense(1)
        .build()
        .unwrap();
    let fitting = Fit::new().epochs(1).learning_rate(1e-12).validation(0.5);
    let plain = fitting.clone().run(&network, &x, &labels).unwrap();
    let turned = fitting.augment(Augment::new().reverse_complement(1.0));
    let turned = turned.run(&network, &x, &labels).unwrap();
    let losses = |trained: &genolens::training::Trained| {
        (
            trained.history().train_loss()[0],
            trained.history().validation_loss()[0],
        )
    };
    assert_ne!(losses(&plain).0, losses(&turned).0);
    assert!((losses(&plain).1 - losses(&turned).1).abs() < 1e-6);
}

#[test]
fn what_makes_no_sense_is_named() {
    let (x, _) = copies(4);
    let labels = array![0.0_f32, 1.0, 0.0, 1.0];
    let network = Architecture::sequences(4)
        .length(6)
        .flatten()
        .dense(1)
        .build()
        .unwrap();
    let problem = |augment: Augment| {
        let error = Fit::new().augment(augment).run(&network, &x, &labels);
        error.unwrap_err().to_string()
    };
    insta::assert_snapshot!(problem(Augment::new().reverse_complement(1.5)), @"`reverse_complement` is 1.5, expected 0 to 1");
    insta::assert_snapshot!(problem(Augment::new().shift(6)), @"`shift` is 6, expected below 6, the length of the sequences");
    insta::assert_snapshot!(problem(Augment::new().shift(1).fill(f32::NAN)), @"`fill` is NaN, expected finite");
    let flat = x.index_axis(Axis(1), 0).to_owned();
    let network = Architecture::features(6).dense(1).build().unwrap();
    let error = Fit::new()
        .augment(Augment::new().shift(1))
        .run(&network, &flat, &labels);
    insta::assert_snapshot!(error.unwrap_err(), @"`x` has shape (4, 6), expected (n, channels, length) to be turned or shifted");
}
