//! Activation maximisation: known optima, what never falls, and the path of `PyTorch`.

use super::formula::{Formula, Linear, Stripe, counts, looks_for, rows};
use crate::golden::{assert_named, table};
use genolens::motif::{Compare, Motif};
use genolens::ndarray::{Array2, Array3, Array4, Axis, Ix4};
use genolens::network::{self, Activation, Architecture, Model, plainly};
use genolens::sequence::Sequences;
use genolens::synthesis::{self, ActivationMaximisation, ClassMotif, Dreams, Objective, Space};
use genolens::training::{RmsProp, Sgd};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/synthesis/synthesis.tsv");

/// Free numbers that never stop early.
fn plain(steps: usize) -> ActivationMaximisation {
    ActivationMaximisation::new()
        .steps(steps)
        .without_patience()
}

fn last(dreams: &Dreams) -> Array2<f64> {
    dreams.history().index_axis(Axis(1), 0).to_owned()
}

#[test]
fn the_path_is_that_of_pytorch() {
    let dreams = plain(25)
        .objective(1)
        .l2(0.1)
        .run(&Formula, &rows())
        .unwrap();
    assert_named(
        "adam",
        &last(&dreams),
        (&table(GOLDEN, "adam values"), 1e-5),
    );
    // As on a GPU.
    let again = plainly(|| {
        let options = plain(25).objective(1).l2(0.1);
        options.run(&Formula, &rows()).unwrap()
    });
    assert_named("adam", &last(&again), (&table(GOLDEN, "adam values"), 1e-5));
    // The last step is the best one here, so that its rows are kept.
    let golden = table(GOLDEN, "adam");
    let found = dreams
        .inputs()
        .mapv(f64::from)
        .into_dimensionality()
        .unwrap();
    let is_last = |row: usize| {
        let values = dreams.history().index_axis(Axis(0), row);
        values[[0, 25]] >= values.iter().copied().fold(f64::MIN, f64::max)
    };
    assert!((0..4).any(is_last));
    for row in (0..4).filter(|&row| is_last(row)) {
        let one = |of: &Array2<f64>| of.select(Axis(0), &[row]);
        assert_named("adam rows", &one(&found), (&one(&golden), 1e-4));
    }
    let dreams = plain(25)
        .objective(Objective::log_probability(0))
        .l2(0.009)
        .optimizer(RmsProp::new())
        .run(&Formula, &rows())
        .unwrap();
    let golden = table(GOLDEN, "rmsprop values");
    assert_named("rmsprop", &last(&dreams), (&golden, 1e-5));
}

#[test]
fn the_best_sequence_of_a_linear_model_is_the_best_letter_of_every_position() {
    let model = Linear::drawn(12, 0);
    let options = ActivationMaximisation::sequences().restarts(3);
    for space in [Space::letters(), Space::one_hot()] {
        let dreams = options
            .clone()
            .space(space)
            .random(&model, &[4, 12])
            .unwrap();
        assert_eq!(
            dreams.sequences().unwrap().text(0),
            model.best(),
            "{space:?}"
        );
        let most: f32 = (model.0[0].columns().into_iter())
            .map(|column| column.iter().copied().fold(f32::MIN, f32::max))
            .sum();
        let (reached, most) = (dreams.scores()[0], f64::from(most));
        assert!(
            reached > 0.99 * most && reached <= most + 1e-4,
            "{reached} of {most}"
        );
    }
    // Also from a sequence that is there.
    let x = Sequences::dna(["A".repeat(12), "GATTACAGATTA".into()]).unwrap();
    let dreams = ActivationMaximisation::sequences().run(&model, &x).unwrap();
    assert_eq!(dreams.sequences().unwrap().text(1), model.best());
    assert_eq!(dreams.starts().shape(), [2, 4, 12]);
}

#[test]
fn the_word_that_a_filter_likes_appears() {
    let model = counts("TGACTCA");
    let dreams = synthesis::dream_sequence(&model, 30, 0).unwrap();
    let found = dreams.sequences().unwrap();
    assert!(found.text(0).contains("TGACTCA"), "{}", found.text(0));
    assert!((dreams.scores()[0] - 1.5).abs() < 0.05);
    // Straight through, the score is that of letters.
    let options = ActivationMaximisation::sequences().space(Space::one_hot());
    let dreams = options.restarts(4).random(&model, &[4, 30]).unwrap();
    let scores = network::predict(&model, &dreams.sequences().unwrap()).unwrap();
    assert_eq!(scores[[0, 0]], 1.5);
    assert!((dreams.scores()[0] - 1.5).abs() < 1e-5);
}

#[test]
fn a_class_motif_is_like_the_motif_of_the_filter() {
    let model = looks_for("TGACTCA");
    let motif = ClassMotif::new().restarts(4).run(&model, 21).unwrap();
    assert_eq!((motif.len(), motif.name()), (21, "class 0"));
    for row in motif.probability().rows() {
        assert!((row.sum() - 1.0).abs() < 1e-9 && row.iter().all(|share| *share > 0.0));
    }
    let known = [Motif::from_consensus("AP1", "TGACTCA").unwrap()]
        .into_iter()
        .collect();
    let found = Compare::new().run(&motif.trim(0.5), &known).unwrap().best();
    let (name, score) = (found.name, found.score);
    assert!(name == "AP1" && score > 0.5, "{score}, {motif:?}");
    assert_eq!(synthesis::class_motif(&model, 9, 0).unwrap().len(), 9);
}

#[test]
fn images_light_up_where_the_model_looks() {
    let x = Array4::from_elem((2, 1, 5, 7), 0.5);
    let options = ActivationMaximisation::images().steps(60);
    let dreams = options.run(&Stripe, &x).unwrap();
    for ((_, _, _, column), value) in dreams
        .inputs()
        .clone()
        .into_dimensionality::<Ix4>()
        .unwrap()
        .indexed_iter()
    {
        assert_eq!(*value, if column == 3 { 1.0 } else { 0.0 });
    }
    // Rough pictures cost.
    let smooth = options.total_variation(100.0).run(&Stripe, &x).unwrap();
    assert!(
        smooth
            .inputs()
            .iter()
            .all(|value| (value - 0.5).abs() < 0.05)
    );
    // Changes cost, so that nothing changes much.
    let near = ActivationMaximisation::images()
        .near_start(1e4)
        .run(&Stripe, &x)
        .unwrap();
    let far = near.inputs().iter().map(|value| (value - 0.5).abs());
    assert!(far.fold(0.0, f32::max) < 0.03);
}

#[test]
fn counts_stay_counts() {
    let weights = Array2::from_shape_fn((6, 1), |(i, _)| i as f32 - 2.5);
    let model = Architecture::features(6).dense(1).build().unwrap();
    let weights = network::to_tensor(&weights.t().to_owned(), model.device()).unwrap();
    let name = model.weight_names()[0].clone();
    let weights = weights
        .reshape(model.tensor(&name).unwrap().shape())
        .unwrap();
    let model = model.with_tensor(&name, &weights).unwrap();

    let dreams = ActivationMaximisation::counts()
        .random(&model, &[6])
        .unwrap();
    assert!(dreams.inputs().iter().all(|count| *count >= 0.0));
    assert!(dreams.inputs()[[0, 5]] > 5.0 && dreams.inputs()[[0, 0]] < 0.05);

    let options = ActivationMaximisation::counts().learning_rate(0.2);
    let shares = options
        .clone()
        .space(Space::composition(100.0))
        .random(&model, &[6])
        .unwrap();
    assert!((shares.inputs().sum() - 100.0).abs() < 1e-3);
    assert!(shares.inputs()[[0, 5]] > 99.0, "{}", shares.inputs());

    let log = options
        .space(Space::log_composition(100.0))
        .random(&model, &[6])
        .unwrap();
    let total: f32 = log.inputs().iter().map(|x| x.exp_m1()).sum();
    assert!((total - 100.0).abs() < 0.1, "{total}");
    // With the logarithm it pays to raise several genes.
    assert!(log.inputs()[[0, 4]] > 3.0);
}

#[test]
fn a_layer_and_a_channel_can_be_raised() {
    let network = network::deepbind(6).with_seed(5).unwrap();
    let x = Array3::from_elem((2, 4, 30), 0.25);
    let norm = |x: &genolens::ndarray::ArrayD<f32>| -> f64 {
        let given = network.activations(x, 1).unwrap();
        let first = given.index_axis(Axis(0), 0).to_owned();
        first
            .iter()
            .map(|a| f64::from(*a).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    let dreams = synthesis::deep_dream(&network, &x, 1).unwrap();
    assert!((norm(dreams.inputs()) - dreams.scores()[0]).abs() < 1e-3 * dreams.scores()[0]);
    assert!(dreams.scores()[0] > 2.0 * dreams.start_scores()[0]);
    assert!(dreams.outputs().is_none());
    let channel = Objective::channel("1", 4);
    let dreams = plain(30).objective(channel).run(&network, &x).unwrap();
    let given = network.activations(dreams.inputs(), 1).unwrap();
    let mean = given
        .index_axis(Axis(0), 0)
        .index_axis(Axis(0), 4)
        .mean()
        .unwrap();
    assert!((f64::from(mean) - dreams.scores()[0]).abs() < 1e-4);
}

#[test]
fn penalties_are_what_they_say() {
    // Nothing is raised, so that the penalty is all there is.
    let model = Linear(vec![Array2::zeros((4, 10))]);
    let options = ActivationMaximisation::sequences().learning_rate(0.2);
    let bits = |dreams: &Dreams| -> f64 {
        let shares = dreams.inputs().mapv(f64::from);
        2.0 + shares.iter().map(|p| p * (p + 1e-12).log2()).sum::<f64>() / 10.0
    };
    let sure = options
        .clone()
        .entropy(1.0)
        .random(&model, &[4, 10])
        .unwrap();
    assert!(bits(&sure) > 1.9, "{}", bits(&sure));
    assert!((sure.values()[0] - (bits(&sure) - 2.0)).abs() < 1e-4);
    let half = options
        .information(1.2, 1.0)
        .random(&model, &[4, 10])
        .unwrap();
    assert!((bits(&half) - 1.2).abs() < 0.01, "{}", bits(&half));
}

#[test]
fn restarts_are_all_there_and_the_best_is_kept() {
    let model = counts("GATTACA");
    let options = ActivationMaximisation::sequences().steps(40).restarts(5);
    let dreams = options.clone().random(&model, &[4, 25]).unwrap();
    assert_eq!(dreams.restarts().shape(), [1, 5, 4, 25]);
    assert_eq!(dreams.history().dim(), (1, 5, 41));
    let values = dreams.restart_values().row(0).to_vec();
    assert_eq!(
        dreams.values()[0],
        values.iter().copied().fold(f64::MIN, f64::max)
    );
    assert!(values.iter().any(|value| *value != values[0]));
    assert_eq!(dreams.table().unwrap().shape(), (5, 7));
    // The same for any batch, and byte by byte for the same one.
    let again = options.clone().random(&model, &[4, 25]).unwrap();
    assert_eq!(again.restarts(), dreams.restarts());
    let other = options.seed(1).random(&model, &[4, 25]).unwrap();
    assert_ne!(other.restarts(), dreams.restarts());
}

#[test]
fn all_outputs_are_followed() {
    let x = rows();
    let dreams = plain(250)
        .objective(Objective::difference(2, 0))
        .run(&Formula, &x)
        .unwrap();
    let outputs = dreams.outputs().unwrap();
    let steps = dreams.output_steps();
    assert_eq!((steps[0], steps[1], steps.len()), (0, 3, 84));
    assert_eq!(outputs.dim(), (4, 84, 3));
    let first = network::predict(&Formula, &x).unwrap();
    assert_eq!(outputs.index_axis(Axis(1), 0), first);
    let gap = outputs[[1, 83, 2]] - outputs[[1, 83, 0]];
    assert!((f64::from(gap) - dreams.history()[[1, 0, 249]]).abs() < 1e-5);
    assert_eq!(dreams.get(1).unwrap().outputs().unwrap().dim(), (1, 84, 3));
}

#[test]
fn patience_ends_what_brings_nothing() {
    let still = Linear(vec![Array2::zeros((4, 8))]);
    let options = ActivationMaximisation::sequences().steps(500).patience(7);
    let dreams = options.random(&still, &[4, 8]).unwrap();
    assert_eq!(dreams.history().dim(), (1, 1, 8));
    insta::assert_debug_snapshot!(dreams, @"Dreams(n = 1, 4 x 8 each, output 0, restarts = 1, steps = 7)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn no_dream_is_worth_less_than_its_start(
        seed in 0..1000_u64,
        rate in 0.001..3.0_f64,
        share in 0.0..2.0_f64,
    ) {
        let model = network::deepbind(3).with_seed(seed).unwrap();
        let x = Sequences::dna(["ACGTTGCAACGTNCAT", "GGGTTTCCCAAATTTN"]).unwrap();
        for space in [Space::letters(), Space::one_hot(), Space::free()] {
            let options = ActivationMaximisation::sequences().space(space).steps(8);
            let options = options.learning_rate(rate).l2(share).restarts(2).seed(seed);
            let dreams = options.run(&model, &x).unwrap();
            for i in 0..2 {
                prop_assert!(dreams.values()[i] >= dreams.start_values()[i]);
            }
            let best = dreams.best_so_far();
            for line in best.lanes(Axis(2)) {
                let line = line.to_vec();
                prop_assert!(line.windows(2).all(|pair| pair[1] >= pair[0]));
                prop_assert!(line.len() == 9);
            }
            prop_assert_eq!(best[[0, 1, 8]], dreams.restart_values()[[0, 1]]);
        }
    }

    #[test]
    fn a_heavy_price_drives_the_input_to_zero(seed in 0..1000_u64) {
        let layers = Architecture::features(6).dense(4).activation(Activation::Tanh).dense(2);
        let model = layers.seed(seed).build().unwrap();
        // Half of the inverse share: one step of plain descent lands on 0.
        let options = plain(3).l2(1e6).optimizer(Sgd::new()).learning_rate(0.5e-6);
        let dreams = options.run(&model, &rows()).unwrap();
        prop_assert!(dreams.inputs().iter().all(|x| x.abs() < 1e-4));
    }
}
