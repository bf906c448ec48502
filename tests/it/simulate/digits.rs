//! Digits drawn by code.

use genolens::image::Images;
use genolens::network::{self, Architecture, Network};
use genolens::simulate::{self, Digits};
use genolens::training::{Fit, Loss};

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

#[test]
fn the_same_seed_draws_the_same_bytes() {
    let draw = || simulate::digits(60, 5).unwrap();
    let first = pool(1).install(draw);
    assert_eq!(pool(3).install(draw), first);
    assert_ne!(simulate::digits(60, 6).unwrap(), first);
    // The first ones do not depend on how many are drawn.
    assert_eq!(simulate::digits(7, 5).unwrap(), first.head(7));
}

#[test]
fn pixels_are_ink_on_paper() {
    let digits = simulate::digits(500, 1).unwrap();
    assert_eq!(digits.values().dim(), (500, 1, 28, 28));
    assert!(
        digits
            .values()
            .iter()
            .all(|pixel| (0.0..=1.0).contains(pixel))
    );
    assert_eq!(digits.classes().len(), 10);
    let clean = Digits::new().noise(0.0).seed(1).run(500).unwrap();
    assert_eq!(clean.labels(), digits.labels());
    for image in clean.values().outer_iter() {
        let ink = image.sum();
        // A thin one at least, and far from a blot; the frame stays white.
        assert!((15.0..280.0).contains(&ink), "{ink}");
        let dark = image.iter().filter(|pixel| **pixel > 0.7).count();
        assert!(dark >= 10, "{dark}");
    }
    let border = clean.values().iter().enumerate();
    let border = border.filter(|(place, _)| {
        let (y, x) = (place / 28 % 28, place % 28);
        y == 0 || y == 27 || x == 0 || x == 27
    });
    let (sum, count) = border.fold((0.0, 0), |(sum, n), (_, pixel)| (sum + pixel, n + 1));
    assert!(sum / (count as f32) < 0.01, "{}", sum / count as f32);
}

#[test]
fn options_do_what_they_say() {
    let shares = [0.0, 3.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let some = Digits::new().classes(&shares).run(400).unwrap();
    assert_eq!(some.classes().to_vec(), [1, 4]);
    let ones = some.of_class(1).len();
    assert!((260..340).contains(&ones), "{ones}");
    let small = Digits::new().size(12).run(3).unwrap();
    assert_eq!(small.values().dim(), (3, 1, 12, 12));
    let ink = |digits: Digits| digits.noise(0.0).run(200).unwrap().values().sum();
    assert!(ink(Digits::new().stroke(4.0)) > 1.3 * ink(Digits::new()));
    // Without jitter every way to write a digit is always the same.
    let still = Digits::new().jitter(0.0).noise(0.0).run(300).unwrap();
    let fours = still.of_class(4);
    let mut kinds: Vec<Images> = Vec::new();
    for index in 0..fours.len() {
        let one = fours.get(index).unwrap();
        if !kinds.contains(&one) {
            kinds.push(one);
        }
    }
    assert_eq!(kinds.len(), 3);
}

#[test]
fn options_that_make_no_sense_are_named() {
    let problem = |digits: Digits| digits.run(3).unwrap_err().to_string();
    insta::assert_snapshot!(simulate::digits(0, 1).unwrap_err(), @"`n` is 0, expected 1 or more");
    insta::assert_snapshot!(simulate::digits(usize::MAX, 1).unwrap_err(), @"`n` is 18446744073709551615, expected at most 2739137 for images of 28 pixels");
    insta::assert_snapshot!(problem(Digits::new().size(7)), @"`size` is 7, expected 8 to 512");
    insta::assert_snapshot!(problem(Digits::new().stroke(f64::NAN)), @"`stroke` is NaN, expected 0.1 to 14");
    insta::assert_snapshot!(problem(Digits::new().stroke(15.0)), @"`stroke` is 15, expected 0.1 to 14");
    insta::assert_snapshot!(problem(Digits::new().jitter(-1.0)), @"`jitter` is -1, expected 0 to 3");
    insta::assert_snapshot!(problem(Digits::new().noise(2.0)), @"`noise` is 2, expected 0 to 1");
    insta::assert_snapshot!(problem(Digits::new().classes(&[1.0; 3])), @"`classes` is 3, expected 10 shares, one for each digit");
    insta::assert_snapshot!(problem(Digits::new().classes(&[0.0; 10])), @"`classes` is [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], expected shares, at least 0, and above 0 somewhere");
    insta::assert_snapshot!(problem(Digits::new().classes(&[f64::NAN; 10])), @"`classes` is [NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN], expected shares, at least 0, and above 0 somewhere");
}

/// Trains on digits and returns the share of others that are recognised.
fn accuracy(network: &Network, (train, test): (&Images, &Images), epochs: usize) -> f64 {
    let fit = Fit::new().loss(Loss::CrossEntropy).epochs(epochs);
    let trained = fit.validation(0.0).run(network, train, train.labels());
    let scores = network::predict(trained.unwrap().network(), test).unwrap();
    let best = |row: genolens::ndarray::ArrayView1<'_, f32>| {
        let mut places: Vec<usize> = (0..row.len()).collect();
        places.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
        places[0] as f32
    };
    let right = scores.outer_iter().zip(test.labels());
    let right = right.filter(|(row, label)| best(*row) == **label).count();
    right as f64 / test.len() as f64
}

#[test]
fn digits_are_neither_trivial_nor_hopeless() {
    let (train, test) = (
        simulate::digits(3000, 1).unwrap(),
        simulate::digits(1000, 2).unwrap(),
    );
    let linear = Architecture::images(1, 28, 28).flatten().dense(10);
    let linear = accuracy(&linear.build().unwrap(), (&train, &test), 6);
    assert!((0.75..0.96).contains(&linear), "linear {linear}");
    let convolutional = Architecture::images(1, 28, 28)
        .image_convolution(8, 5)
        .relu()
        .max_pool(2)
        .image_convolution(16, 5)
        .relu()
        .max_pool(2)
        .flatten()
        .dense(10);
    let convolutional = accuracy(&convolutional.build().unwrap(), (&train, &test), 4);
    assert!(
        (0.94..1.0).contains(&convolutional),
        "convolutional {convolutional}"
    );
}
