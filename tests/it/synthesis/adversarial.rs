//! Adversarial examples against captum, and what they keep to.

use super::formula::{Formula, Linear, Stripe, rows};
use crate::golden::{assert_near, table};
use genolens::ndarray::{Array1, Array2, Array4, array};
use genolens::network;
use genolens::synthesis::{Adversarial, AdversarialExamples};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/synthesis/synthesis.tsv");

fn classes() -> Array1<usize> {
    table(GOLDEN, "classes").row(0).mapv(|class| class as usize)
}

fn found(examples: &AdversarialExamples) -> Array2<f64> {
    examples
        .inputs()
        .mapv(f64::from)
        .into_dimensionality()
        .unwrap()
}

#[test]
fn one_step_is_captums_fgsm() {
    let examples = Adversarial::fgsm()
        .run(&Formula, &rows(), &classes())
        .unwrap();
    assert_near(&found(&examples), &table(GOLDEN, "fgsm"), 1e-6);
}

#[test]
fn several_steps_are_captums_pgd() {
    let x = rows().mapv(|x| x.clamp(-0.4, 0.4));
    let options = Adversarial::new()
        .epsilon(0.2)
        .step_size(0.05)
        .steps(7)
        .bounds(-0.4, 0.4);
    let examples = options.run(&Formula, &x, &classes()).unwrap();
    assert_near(&found(&examples), &table(GOLDEN, "pgd"), 1e-6);
    let aim = Array1::from_elem(4, 2);
    let examples = options.targeted().run(&Formula, &x, &aim).unwrap();
    assert_near(&found(&examples), &table(GOLDEN, "targeted"), 1e-6);
}

#[test]
fn calls_change_and_are_counted() {
    let x = rows();
    let options = Adversarial::new().epsilon(1.0);
    let examples = options.run(&Formula, &x, &classes()).unwrap();
    assert_eq!(examples.calls_before(), classes());
    assert_eq!(examples.before(), network::predict(&Formula, &x).unwrap());
    let after = network::predict(&Formula, examples.inputs()).unwrap();
    assert_eq!(examples.after(), after);
    assert_eq!(examples.success(), 1.0);
    assert!(examples.fooled().iter().all(|fooled| *fooled));
    assert_eq!(examples.table().unwrap().shape(), (4, 6));
    insta::assert_debug_snapshot!(examples, @"AdversarialExamples(n = 4, fooled = 4)");
    // Those that are called what is aimed at already do not count.
    let aimed = options
        .targeted()
        .run(&Formula, &x, &array![2, 2, 2, 2])
        .unwrap();
    assert_eq!(aimed.success(), 1.0);
    assert_eq!(aimed.fooled().to_vec(), [false, true, false, false]);
    // Nothing moved, nobody fooled.
    let still = Adversarial::new()
        .epsilon(0.0)
        .run(&Formula, &x, &classes())
        .unwrap();
    assert_eq!((still.success(), still.distances().sum()), (0.0, 0.0));
}

#[test]
fn one_output_is_a_class_above_zero() {
    // The gradient is the weights, so that every step of an attack is known.
    let model = Linear::drawn(3, 2);
    let x = genolens::ndarray::Array3::from_elem((2, 4, 3), 0.25);
    let examples = Adversarial::fgsm()
        .epsilon(0.01)
        .run(&model, &x, &array![1, 0])
        .unwrap();
    for (place, value) in examples.inputs().indexed_iter() {
        let slope = model.0[0][[place[1], place[2]]].signum() * 0.01;
        let by = if place[0] == 0 { -slope } else { slope };
        assert!((value - 0.25 - by).abs() < 1e-6);
    }
}

#[test]
fn images_stay_images() {
    let x = Array4::from_shape_fn((3, 1, 6, 5), |(i, _, r, c)| ((i + r * c) % 3) as f32 / 2.0);
    let options = Adversarial::new()
        .epsilon(0.3)
        .bounds(0.0, 1.0)
        .random_start(4);
    let examples = options.run(&Stripe, &x, &array![0, 1, 0]).unwrap();
    assert!(examples.inputs().iter().all(|x| (0.0..=1.0).contains(x)));
    let again = options.clone().run(&Stripe, &x, &array![0, 1, 0]).unwrap();
    assert_eq!(again.inputs(), examples.inputs());
    let batches = options.batch(2).run(&Stripe, &x, &array![0, 1, 0]).unwrap();
    assert_eq!(batches.inputs(), examples.inputs());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn nothing_leaves_the_box(epsilon in 0.0..2.0_f64, steps in 1..6_usize, seed in 0..99_u64) {
        let options = Adversarial::new().epsilon(epsilon).steps(steps).random_start(seed);
        let examples = options.run(&Formula, &rows(), &classes()).unwrap();
        prop_assert!(examples.distances().iter().all(|far| *far <= epsilon + 1e-6));
        let far = examples.euclidean();
        prop_assert!(far.iter().all(|far| *far <= epsilon * 6.0_f64.sqrt() + 1e-5));
    }
}
