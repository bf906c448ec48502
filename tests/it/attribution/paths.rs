//! Methods that look at gradients elsewhere than at the sequence, against their definitions.

use super::methods::{smooth, some};
use crate::device::on_every_device;
use genolens::attribution::{
    ExpectedGradients, GradientXInput, IntegratedGradients, Quadrature, References, Saliency,
    SmoothGrad, Smoothing, integrated_gradients, smooth_grad,
};
use genolens::candle_core::{Device, Tensor};
use genolens::ndarray::{Array3, Axis};
use genolens::network::{Model, predict};
use genolens::random::Seed;
use genolens::sequence::{Sequences, Shuffle};
use proptest::prelude::*;

/// The sum of a power of all numbers.
struct Power(i32);

impl Model for Power {
    fn forward(&self, x: &Tensor) -> genolens::Result<Tensor> {
        Ok(x.powf(f64::from(self.0))?.sum((1, 2))?.unsqueeze(1)?)
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

fn references() -> [References; 5] {
    let mut given = Array3::from_elem((3, 4, 10), 0.1);
    given[[1, 2, 3]] = 0.7;
    [
        References::zeros(),
        References::uniform(),
        References::composition(),
        References::dinucleotide_shuffles(6),
        References::given(given),
    ]
}

fn scores_sum_to_what_the_references_lack() {
    let (model, x) = (smooth(), some());
    for references in references() {
        let options = IntegratedGradients::new().target(1).references(references);
        let found = options.run(&model, &x).unwrap();
        let unexplained = found.unexplained().unwrap();
        assert!(
            unexplained.iter().all(|rest| rest.abs() < 1e-5),
            "{unexplained}"
        );
        // With few steps something is left, and the scores are those of more steps without it.
        let coarse = options
            .steps(1)
            .quadrature(Quadrature::Left)
            .run(&model, &x)
            .unwrap();
        let sum = |scores: &Array3<f32>, i| scores.index_axis(Axis(0), i).sum();
        for i in 0..3 {
            let rest = coarse.unexplained().unwrap()[i] as f32;
            let both = [sum(coarse.scores(), i) + rest, sum(found.scores(), i)];
            assert!((both[0] - both[1]).abs() < 1e-4, "{both:?}");
        }
    }
    let before = predict(&model, &x).unwrap();
    let without = predict(&model, &Array3::<f32>::zeros((1, 4, 10))).unwrap();
    let found = integrated_gradients(&model, &x).unwrap();
    for i in 0..3 {
        let sum = found.scores().index_axis(Axis(0), i).sum();
        assert!((sum - (before[[i, 0]] - without[[0, 0]])).abs() < 1e-5);
    }
}

#[test]
fn rules_add_up_polynomials() {
    let x = Sequences::dna(["A"]).unwrap();
    let score = |power, rule, steps| {
        let options = IntegratedGradients::new().quadrature(rule).steps(steps);
        options.run(&Power(power), &x).unwrap().scores()[[0, 0, 0]]
    };
    // The mean of 3 a^2 over the places of each rule.
    for (rule, expected) in [
        (Quadrature::Left, 3.0 * (0.0 + 1.0 + 4.0 + 9.0) / 64.0),
        (Quadrature::Right, 3.0 * (1.0 + 4.0 + 9.0 + 16.0) / 64.0),
        (Quadrature::Middle, 3.0 * (1.0 + 9.0 + 25.0 + 49.0) / 256.0),
        (
            Quadrature::Trapezoid,
            3.0 * (1.0 / 9.0 + 4.0 / 9.0 + 0.5) / 3.0,
        ),
    ] {
        let found = score(3, rule, 4);
        assert!(
            (found - expected).abs() < 1e-6,
            "{rule:?}: {found} {expected}"
        );
    }
    for steps in 1..=40 {
        for power in 1..=(2 * steps as i32).min(12) {
            let found = score(power, Quadrature::GaussLegendre, steps);
            assert!(
                (found - 1.0).abs() < 1e-5,
                "{steps} steps, power {power}: {found}"
            );
        }
        let flat = score(1, Quadrature::Trapezoid, steps + 1);
        assert!((flat - 1.0).abs() < 1e-6, "{steps}: {flat}");
    }
}

#[test]
fn references_of_a_sequence_depend_on_its_letters_alone() {
    let (model, x) = (smooth(), some());
    let shuffle = Shuffle::dinucleotide().copies(4);
    let integrated = IntegratedGradients::new().references(References::shuffled(shuffle.seed(3)));
    let drawn = ExpectedGradients::new().samples(11).seed(5);
    let noisy = SmoothGrad::new().samples(7).seed(5);
    let turned = x.select(&[2, 0, 1]).unwrap();
    for (all, turned) in [
        (integrated.run(&model, &x), integrated.run(&model, &turned)),
        (drawn.run(&model, &x), drawn.run(&model, &turned)),
        (noisy.run(&model, &x), noisy.run(&model, &turned)),
    ] {
        let (all, turned) = (all.unwrap(), turned.unwrap());
        let again = all.select(&[2, 0, 1]).unwrap();
        assert_eq!(again.scores(), turned.scores(), "{all:?}");
        assert_eq!(again.unexplained(), turned.unexplained());
    }
    let other = References::dinucleotide_shuffles(4).seed(Seed::new(4));
    let other = IntegratedGradients::new().references(other).run(&model, &x);
    assert_ne!(
        other.unwrap().scores(),
        integrated.run(&model, &x).unwrap().scores()
    );
}

fn expected_gradients_come_near_integrated_ones() {
    let (model, x) = (smooth(), some());
    for references in references() {
        let integrated = IntegratedGradients::new().references(references.clone());
        let integrated = integrated.run(&model, &x).unwrap();
        let drawn = ExpectedGradients::new()
            .references(references)
            .samples(3_000);
        let drawn = drawn.run(&model, &x).unwrap();
        let largest = integrated
            .scores()
            .iter()
            .fold(0.0_f32, |a, b| a.max(b.abs()));
        let apart = (integrated.scores() - drawn.scores()).mapv(f32::abs);
        let furthest = apart.iter().copied().fold(0.0, f32::max);
        assert!(furthest < 0.02 * largest, "{furthest} of {largest}");
        assert!(
            drawn
                .unexplained()
                .unwrap()
                .iter()
                .all(|rest| rest.abs() < 0.05)
        );
    }
}

#[test]
fn noise_is_averaged() {
    let x = Sequences::dna(["ACGTTGCATC"]).unwrap();
    let code = x.one_hot().unwrap();
    let run = |smoothing| {
        let options = SmoothGrad::new().samples(4_000).spread(0.3);
        let found = options.smoothing(smoothing).run(&Power(2), &x).unwrap();
        found.scores().clone()
    };
    // The gradient is twice the number, that of the noise as well.
    let (mean, squares, variance) = (
        run(Smoothing::Mean),
        run(Smoothing::Squares),
        run(Smoothing::Variance),
    );
    assert!(
        (&mean - &(code.values() * 2.0))
            .iter()
            .all(|d| d.abs() < 0.05)
    );
    assert!(variance.iter().all(|v| (v - 0.36).abs() < 0.05));
    let sum = &mean * &mean + &variance;
    assert!((&squares - &sum).iter().all(|d| d.abs() < 1e-5));
    let still = SmoothGrad::new().spread(0.0).run(&smooth(), &x).unwrap();
    let slope = Saliency::new().absolute(false).run(&smooth(), &x).unwrap();
    assert!(
        (still.scores() - slope.scores())
            .iter()
            .all(|d| d.abs() < 1e-6)
    );
    assert_eq!(smooth_grad(&smooth(), &x).unwrap().method(), "SmoothGrad");
}

#[test]
fn what_is_wrong_is_named() {
    let (model, x) = (smooth(), some());
    let integrated = |change: fn(IntegratedGradients) -> IntegratedGradients| {
        change(IntegratedGradients::new())
            .run(&model, &x)
            .unwrap_err()
    };
    insta::assert_snapshot!(integrated(|options| options.steps(0)), @"`steps` is 0, expected at least 1 for GaussLegendre");
    insta::assert_snapshot!(integrated(|options| options.steps(1).quadrature(Quadrature::Trapezoid)), @"`steps` is 1, expected at least 2 for Trapezoid");
    insta::assert_snapshot!(integrated(|options| options.steps(usize::MAX)), @"`steps` is 18446744073709551615, expected at most 10000");
    insta::assert_snapshot!(integrated(|options| options.batch(0)), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(integrated(|options| options.target(2)), @"`target` is 2, expected below 2, the number of outputs");
    insta::assert_snapshot!(integrated(|options| options.references(References::given(Array3::zeros((2, 4, 9))))), @"`references` has shape (2, 4, 9), expected (references, 4, 10) with 1 to 1000 references");
    insta::assert_snapshot!(integrated(|options| options.references(References::given(Array3::zeros((0, 4, 10))))), @"`references` has shape (0, 4, 10), expected (references, 4, 10) with 1 to 1000 references");
    insta::assert_snapshot!(integrated(|options| options.references(References::dinucleotide_shuffles(0))), @"`copies` is 0, expected 1 or more");
    insta::assert_snapshot!(integrated(|options| options.references(References::dinucleotide_shuffles(usize::MAX))), @"`copies` is 18446744073709551615, expected at most 1000 references");
    let drawn = |samples| ExpectedGradients::new().samples(samples).run(&model, &x);
    insta::assert_snapshot!(drawn(0).unwrap_err(), @"`samples` is 0, expected 1 to 10000000");
    insta::assert_snapshot!(drawn(usize::MAX).unwrap_err(), @"`samples` is 18446744073709551615, expected 1 to 10000000");
    let noisy = |options: SmoothGrad| options.run(&model, &x).unwrap_err();
    insta::assert_snapshot!(noisy(SmoothGrad::new().samples(0)), @"`samples` is 0, expected at least 1");
    insta::assert_snapshot!(noisy(SmoothGrad::new().spread(f64::NAN)), @"`spread` is NaN, expected a number of 0 or more");
    insta::assert_snapshot!(noisy(SmoothGrad::new().batch(0)), @"`batch` is 0, expected at least 1");
    let nothing = Sequences::dna([""; 0]).unwrap();
    insta::assert_snapshot!(integrated_gradients(&model, &nothing).unwrap_err(), @"`sequences` is empty, expected one sequence or more");
    insta::assert_snapshot!(smooth_grad(&model, &nothing).unwrap_err(), @"`sequences` is empty, expected one sequence or more");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Where the output is a sum over letters, all methods agree.
    #[test]
    fn a_linear_model_leaves_no_choice(
        text in "[ACGTN]{1,12}",
        steps in 2_usize..9,
        batch in 1_usize..9,
        seed in 0_u64..100,
    ) {
        let x = Sequences::dna([text]).unwrap();
        let model = Power(1);
        let expected = GradientXInput::new().run(&model, &x).unwrap();
        let near = |found: &Array3<f32>| (found - expected.scores()).iter().all(|d| d.abs() < 1e-5);
        for rule in [Quadrature::GaussLegendre, Quadrature::Left, Quadrature::Right, Quadrature::Middle, Quadrature::Trapezoid] {
            let options = IntegratedGradients::new().quadrature(rule).steps(steps).batch(batch);
            prop_assert!(near(options.run(&model, &x).unwrap().scores()));
        }
        let drawn = ExpectedGradients::new().references(References::zeros()).samples(steps);
        prop_assert!(near(drawn.seed(seed).batch(batch).run(&model, &x).unwrap().scores()));
    }
}

on_every_device!(
    scores_sum_to_what_the_references_lack,
    expected_gradients_come_near_integrated_ones,
);
