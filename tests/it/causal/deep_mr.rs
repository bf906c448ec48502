//! Deep Mendelian randomisation on effects that are made up, with a known truth.

use genolens::calibration::{Draws, Ensemble, QuantileCalibration};
use genolens::causal::{
    self, DeepMr, DeepMrResult, EnsembleMutagenesis, MutationEffects, Selection, SequenceEstimator,
};
use genolens::ndarray::{Array1, Array2, Array5, Axis, s};
use genolens::network::{Architecture, Model, Network};
use genolens::random::Seed;
use genolens::sequence::Sequences;
use rand::RngExt;
use rand_distr::StandardNormal;

const LETTERS: [char; 4] = ['A', 'C', 'G', 'T'];
const ALL: [SequenceEstimator; 7] = [
    SequenceEstimator::RobustEgger,
    SequenceEstimator::Egger,
    SequenceEstimator::Ivw,
    SequenceEstimator::Median,
    SequenceEstimator::Mode,
    SequenceEstimator::CorrelatedEgger,
    SequenceEstimator::CorrelatedIvw,
];

/// How effects are made: the slope of every member is `theta` and something of its own, the same in all sequences.
#[derive(Clone, Copy)]
struct Made {
    theta: f64,
    /// The spread of the slopes of members.
    members: f64,
    /// The spread of the true slopes of sequences.
    between: f64,
    /// The noise of single effects of single members.
    noise: f64,
    sequences: usize,
    seed: u64,
}

impl Made {
    fn new(theta: f64, seed: u64) -> Self {
        Self {
            theta,
            members: 0.0,
            between: 0.0,
            noise: 0.02,
            sequences: 12,
            seed,
        }
    }

    /// Twelve letters in the middle of thirty change the exposure; the outcome follows.
    fn effects(self) -> MutationEffects {
        let mut generator = Seed::new(self.seed).named("made").generator();
        let mut normal = || generator.sample::<f64, _>(StandardNormal);
        let slopes: Vec<f64> = (0..5)
            .map(|_| self.theta + self.members * normal())
            .collect();
        let mut texts = Vec::new();
        let mut values = Array5::<f32>::zeros((self.sequences, 2, 5, 4, 30));
        for row in 0..self.sequences {
            let own: Vec<usize> = (0..30)
                .map(|_| (normal().abs() * 1000.0) as usize % 4)
                .collect();
            texts.push(
                own.iter()
                    .map(|letter| LETTERS[*letter])
                    .collect::<String>(),
            );
            let more = self.between * normal();
            for (position, own) in own.into_iter().enumerate() {
                for letter in (0..4).filter(|letter| *letter != own) {
                    let size = if (9..21).contains(&position) {
                        1.0
                    } else {
                        0.02
                    };
                    let exposure = size * normal();
                    for (member, slope) in slopes.iter().enumerate() {
                        let x = exposure + self.noise * normal();
                        let y = (slope + more) * exposure + self.noise * normal();
                        values[[row, 0, member, letter, position]] = x as f32;
                        values[[row, 1, member, letter, position]] = y as f32;
                    }
                }
            }
        }
        MutationEffects::new(&Sequences::dna(texts).unwrap(), &values).unwrap()
    }
}

fn holds(interval: (f64, f64), truth: f64) -> bool {
    interval.0 <= truth && truth <= interval.1
}

/// D1: a known link in both outputs.
#[test]
fn a_link_is_found_and_its_inverse_when_outputs_are_swapped() {
    for (seed, theta) in [(1, 2.0), (2, 0.5), (3, -3.0)] {
        let effects = Made {
            sequences: 6,
            ..Made::new(theta, seed)
        }
        .effects();
        for estimator in ALL {
            let method = DeepMr::new().estimator(estimator);
            let found = method.run(&effects, 0, 1).unwrap();
            let swapped = method.run(&effects, 1, 0).unwrap();
            assert!(
                (found.value() / theta - 1.0).abs() < 0.02,
                "{estimator:?} {found}"
            );
            assert!(
                (swapped.value() * theta - 1.0).abs() < 0.02,
                "{estimator:?} {swapped}"
            );
            assert_eq!(found.skipped(), 0);
        }
    }
}

/// D1: effects on the outcome that were shuffled among mutations hold no cause, in 95 of 100 cases by their interval.
#[test]
fn a_shuffled_outcome_has_no_cause() {
    let mut held = 0;
    let repeats = 200;
    for seed in 0..repeats {
        let effects = Made::new(1.0, 1000 + seed).effects();
        let mut generator = Seed::new(seed).named("shuffled").generator();
        let mut values = effects.values().clone();
        for mut of in values.outer_iter_mut() {
            // The same order for all members, who are right about what they see.
            let own: Vec<(usize, usize)> = (0..30)
                .flat_map(|position| (0..4).map(move |letter| (letter, position)))
                .filter(|place| (0..5).any(|member| of[[0, member, place.0, place.1]] != 0.0))
                .collect();
            let before = of.index_axis(Axis(0), 1).to_owned();
            let mut rest = own.clone();
            for to in own {
                let from = rest.swap_remove(generator.random_range(0..rest.len()));
                for member in 0..5 {
                    of[[1, member, to.0, to.1]] = before[[member, from.0, from.1]];
                }
            }
        }
        let shuffled = MutationEffects::new(effects.sequences(), &values).unwrap();
        let found = causal::deep_mr(&shuffled, 0, 1).unwrap();
        held += usize::from(holds(found.interval(), 0.0));
    }
    // Four standard deviations of 200 draws around 95 %, and above, since the error of the members counts besides that of the sequences.
    assert!(held >= 177, "{held} of {repeats}");
}

/// The fault of the original: what a model gets wrong it gets wrong everywhere.
#[test]
fn the_interval_holds_one_more_member_as_often_as_said() {
    let (mut held, mut naive) = (0, 0);
    let repeats = 400;
    for seed in 0..repeats {
        let made = Made {
            members: 0.15,
            ..Made::new(2.0, 9000 + seed)
        };
        let mut generator = Seed::new(seed).named("truth").generator();
        let truth = 2.0 + 0.15 * generator.sample::<f64, _>(StandardNormal);
        let found = DeepMr::new().run(&made.effects(), 0, 1).unwrap();
        held += usize::from(holds(found.interval(), truth));
        naive += usize::from(holds(found.pooled().interval(), truth));
    }
    // 95 % of 400, four standard deviations.
    assert!((363..=397).contains(&held), "{held} of {repeats}");
    assert!(naive < 240, "{naive} of {repeats}");
}

/// D2, and means and errors as one would write them down.
#[test]
fn errors_are_paired_and_those_of_a_sample() {
    let effects = Made::new(1.5, 7).effects();
    let (mean, error) = (effects.mean(1).unwrap(), effects.error(1).unwrap());
    for at in [(0, 1, 10), (3, 2, 15), (11, 0, 29)] {
        let values: Vec<f64> = (0..5)
            .map(|member| f64::from(effects.values()[[at.0, 1, member, at.1, at.2]]))
            .collect();
        let center = values.iter().sum::<f64>() / 5.0;
        let squares: f64 = values.iter().map(|value| (value - center).powi(2)).sum();
        assert!((mean[at] - center).abs() < 1e-12);
        assert!((error[at] - (squares / 4.0).sqrt()).abs() < 1e-12);
    }
    let scores = effects.attribution(1).unwrap();
    let code = effects.sequences().one_hot().unwrap();
    for ((row, letter, position), score) in scores.scores().indexed_iter() {
        let others = mean.slice(s![row, .., position]).sum() / 4.0;
        let wanted = -others * f64::from(code.values()[[row, letter, position]]);
        assert!((f64::from(*score) - wanted).abs() < 1e-6);
    }
}

/// The estimate of a sequence by the slow way, for the estimator that has the shortest formula.
#[test]
fn sequences_members_and_the_pooled_effect_follow_from_the_formulas() {
    let made = Made {
        members: 0.2,
        between: 0.3,
        ..Made::new(2.0, 11)
    };
    let effects = made.effects();
    let method = DeepMr::new().moderation(0.0);
    let found = method.run(&effects, 0, 1).unwrap();
    let (x, sy) = (effects.mean(0).unwrap(), effects.error(1).unwrap());
    let code = effects.sequences().one_hot().unwrap();
    let all: Vec<f64> = x
        .iter()
        .zip(code.values())
        .filter(|(_, own)| **own == 0.0)
        .map(|(x, _)| *x)
        .collect();
    let center = all.iter().sum::<f64>() / all.len() as f64;
    let spread =
        (all.iter().map(|x| (x - center).powi(2)).sum::<f64>() / (all.len() as f64 - 1.0)).sqrt();
    let slope = |row: usize, member: Option<usize>| {
        let (mut xy, mut xx, mut count) = (0.0, 0.0, 0);
        for letter in 0..4 {
            for position in 0..30 {
                let own = code.values()[[row, letter, position]] == 1.0;
                if own || ((x[[row, letter, position]] - center) / spread).abs() < 1.0 {
                    continue;
                }
                let value = |output: usize| match member {
                    Some(member) => {
                        f64::from(effects.values()[[row, output, member, letter, position]])
                    }
                    None => effects.mean(output).unwrap()[[row, letter, position]],
                };
                let w = sy[[row, letter, position]].powi(-2);
                xy += w * value(0) * value(1);
                xx += w * value(0) * value(0);
                count += 1;
            }
        }
        (xy / xx, count)
    };
    let weights = found.pooled().weights();
    let mut pooled = Array1::<f64>::zeros(5);
    for row in 0..12 {
        let (value, count) = slope(row, None);
        let estimate = found.estimates().get(row).unwrap();
        assert!(
            (estimate.value() - value).abs() < 1e-9,
            "{estimate:?} {value}"
        );
        assert_eq!(
            (estimate.variants(), found.instruments(row).unwrap().len()),
            (count, count)
        );
        for member in 0..5 {
            pooled[member] += weights[row] * slope(row, Some(member)).0;
        }
    }
    assert!(
        (&found.members() - &pooled)
            .iter()
            .all(|off| off.abs() < 1e-9),
        "{:?} {pooled}",
        found.members()
    );
    let s2 = pooled.var(1.0) * 1.2;
    let alone = found.pooled().standard_error().powi(2);
    assert!((found.standard_error() - (s2 + alone).sqrt()).abs() < 1e-9);
    let strict = method
        .selection(Selection::OverError(30.0))
        .run(&effects, 0, 1)
        .unwrap();
    let sx = effects.error(0).unwrap();
    let strong = x
        .iter()
        .zip(&sx)
        .filter(|(x, s)| **s > 0.0 && x.abs() >= 30.0 * **s)
        .count();
    let used: usize = (0..12)
        .map(|row| strict.instruments(row).unwrap().len())
        .sum();
    assert_eq!(used, strong);
}

fn ensemble() -> (Vec<Network>, Ensemble) {
    let network = Architecture::sequences(4)
        .convolution(6, 3)
        .relu()
        .global_max_pool()
        .dense(3);
    let network = network.build().unwrap();
    let members: Vec<Network> = (1..4)
        .map(|seed| network.with_seed(seed).unwrap())
        .collect();
    let ensemble = Ensemble::new(&members).unwrap();
    (members, ensemble)
}

/// The oracle mutates texts and predicts whole sequences.
#[test]
fn mutagenesis_is_that_of_whole_sequences() {
    let (_, ensemble) = ensemble();
    let texts = ["ACGTACGGTA", "TTNGCATGCA"];
    let x = Sequences::dna(texts).unwrap();
    let taught = Sequences::dna(["ACGATCGATC", "GGCATCGATT", "TTTACGCAAA", "CCCATACGAT"]).unwrap();
    let truth = Array2::from_shape_fn((4, 3), |(i, j)| (i as f32 - 1.5) * (j as f32 + 0.5));
    let forecast = ensemble.predict(&taught).unwrap().forecast().unwrap();
    let calibration = QuantileCalibration::fit(&forecast, &truth).unwrap();
    let plain = EnsembleMutagenesis::new();
    for recalibrated in [false, true] {
        let method = if recalibrated {
            plain.clone().recalibrated(&calibration)
        } else {
            plain.clone()
        };
        let found = method.run(&ensemble, &x).unwrap();
        let whole = method
            .clone()
            .incremental(false)
            .batch(5)
            .run(&ensemble, &x)
            .unwrap();
        let some = method.outputs(&[2, 0]).run(&ensemble, &x).unwrap();
        let predict = |text: &str| -> Draws {
            let draws = ensemble.predict(&Sequences::dna([text]).unwrap()).unwrap();
            if recalibrated {
                draws.recalibrated(&calibration).unwrap()
            } else {
                draws
            }
        };
        for (row, text) in texts.iter().enumerate() {
            let before = predict(text);
            for position in 0..10 {
                for (letter, name) in LETTERS.into_iter().enumerate() {
                    let mut mutant = text.to_string();
                    mutant.replace_range(position..=position, &name.to_string());
                    let after = predict(&mutant);
                    for (member, output) in [(0, 0), (1, 2), (2, 1)] {
                        let wanted = if mutant == *text {
                            0.0
                        } else {
                            after.values()[[member, 0, output]]
                                - before.values()[[member, 0, output]]
                        };
                        let at = [row, output, member, letter, position];
                        assert!((found.values()[at] - wanted).abs() < 1e-5, "{at:?}");
                        assert!((whole.values()[at] - wanted).abs() < 1e-5, "{at:?}");
                        if output != 1 {
                            let at = [row, usize::from(output == 0), member, letter, position];
                            assert_eq!(
                                some.values()[at],
                                found.values()[[row, output, member, letter, position]]
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn sequences_without_enough_instruments_are_told() {
    let effects = Made::new(2.0, 21).effects();
    let mut values = effects.values().clone();
    values.index_axis_mut(Axis(0), 4).fill(0.0);
    // Members agree entirely on the outcome of one sequence.
    let mut of = values.index_axis_mut(Axis(0), 6);
    let same = of.index_axis(Axis(0), 1).index_axis(Axis(0), 0).to_owned();
    for member in 0..5 {
        of.index_axis_mut(Axis(0), 1)
            .index_axis_mut(Axis(0), member)
            .assign(&same);
    }
    let effects = MutationEffects::new(effects.sequences(), &values).unwrap();
    let found = causal::deep_mr(&effects, 0, 1).unwrap();
    assert_eq!(found.skipped(), 2);
    assert_eq!(found.indices(), [0, 1, 2, 3, 5, 7, 8, 9, 10, 11]);
    let table = found.table().unwrap();
    assert_eq!(table.height(), 12);
    let reasons = table.column("skipped").unwrap().str().unwrap().clone();
    insta::assert_snapshot!(format!("{:?}\n{:?}", reasons.get(4), reasons.get(6)), @r#"
    Some("fewer than 3 instruments")
    Some("`effects` is the same of all members, expected effects on the outcome on which members differ")
    "#);
    assert_eq!(reasons.null_count(), 10);
    assert!(found.instruments(4).is_err() && found.instruments(12).is_err());
    assert_eq!(table.column("estimate").unwrap().null_count(), 2);
    let weights = table.column("weight").unwrap().f64().unwrap();
    let weights: f64 = weights.iter().flatten().sum();
    assert!((weights - 1.0).abs() < 1e-12);
    let names = found.instruments(0).unwrap();
    let own = effects.sequences().text(0).to_owned();
    for id in names.ids() {
        let position: usize = id[1..id.len() - 1].parse().unwrap();
        assert!(
            own[position - 1..].starts_with(&id[..1]) && !id.ends_with(&id[..1]),
            "{id}"
        );
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let (_, ensemble) = ensemble();
    let x = Sequences::dna((0..9).map(|i| "ACGTTGCAAC".repeat(3)[i..i + 20].to_owned())).unwrap();
    let run = |threads: usize| -> (MutationEffects, DeepMrResult) {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let effects = causal::ensemble_mutagenesis(&ensemble, &x).unwrap();
            (
                effects,
                causal::deep_mr(&Made::new(2.0, 3).effects(), 0, 1).unwrap(),
            )
        })
    };
    let (one, four) = (run(1), run(4));
    assert!(one.0 == four.0 && one.1 == four.1);
}

#[test]
fn careless_calls_are_told() {
    let effects = Made::new(2.0, 31).effects();
    let values = effects.values();
    let (members, ensemble) = ensemble();
    let x = Sequences::dna(["ACGTACGGTA"]).unwrap();
    let fewer = Architecture::sequences(4)
        .convolution(6, 3)
        .relu()
        .global_max_pool()
        .dense(2)
        .build()
        .unwrap();
    let changed = |at: [usize; 5], value: f32| {
        let mut values = values.clone();
        values[at] = value;
        MutationEffects::new(effects.sequences(), &values)
            .unwrap_err()
            .to_string()
    };
    let own = LETTERS
        .iter()
        .position(|letter| effects.sequences().text(0).starts_with(*letter))
        .unwrap();
    let run = |method: DeepMr| method.run(&effects, 0, 1).unwrap_err().to_string();
    let mutate = |models: &[&dyn Model], method: EnsembleMutagenesis| {
        method.run_models(models, &x).unwrap_err().to_string()
    };
    let both: [&dyn Model; 2] = [&members[0], &fewer];
    let forecast = ensemble
        .predict(&x)
        .unwrap()
        .rows(&[0, 0])
        .unwrap()
        .forecast()
        .unwrap();
    let calibration = QuantileCalibration::fit(&forecast, &Array2::zeros((2, 3))).unwrap();
    let messages = [
        causal::deep_mr(&effects, 2, 1).unwrap_err().to_string(),
        causal::deep_mr(&effects, 0, 7).unwrap_err().to_string(),
        causal::deep_mr(&effects, 1, 1).unwrap_err().to_string(),
        run(DeepMr::new().selection(Selection::Standardised(-1.0))),
        run(DeepMr::new().selection(Selection::OverError(f64::NAN))),
        run(DeepMr::new().fewest(2)),
        run(DeepMr::new().moderation(1.5)),
        run(DeepMr::new().selection(Selection::Standardised(50.0))),
        effects.mean(2).unwrap_err().to_string(),
        effects.select(&[]).unwrap_err().to_string(),
        effects.with_names(["one"]).unwrap_err().to_string(),
        MutationEffects::new(&x, values).unwrap_err().to_string(),
        changed([0, 1, 2, (own + 1) % 4, 0], f32::INFINITY),
        changed([0, 1, 2, own, 0], 0.5),
        mutate(&both[..1], EnsembleMutagenesis::new()),
        mutate(&both, EnsembleMutagenesis::new()),
        mutate(
            &both[..1].repeat(2),
            EnsembleMutagenesis::new().outputs(&[3]),
        ),
        mutate(
            &both[..1].repeat(2),
            EnsembleMutagenesis::new().outputs(&[]),
        ),
        mutate(&both[..1].repeat(2), EnsembleMutagenesis::new().batch(0)),
        mutate(
            &both[1..].repeat(2),
            EnsembleMutagenesis::new().recalibrated(&calibration),
        ),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `exposure` is 2, expected below 2, the number of outputs
    `outcome` is 7, expected below 2, the number of outputs
    `outcome` is 1, expected another output than 1, the exposure
    `selection` is -1, expected 0 or above
    `selection` is NaN, expected 0 or above
    `fewest` is 2, expected 3 or more
    `moderation` is 1.5, expected from 0 to 1
    `effects` is none of 12 (fewer than 3 instruments), expected at least one sequence with enough instruments
    `output` is 2, expected below 2, the number of outputs
    `indices` is none, expected at least one
    `names` has shape (1), expected (2), one for each output
    `values` has shape (12, 2, 5, 4, 30), expected (1, outputs, members, 4, 10), members at least 2
    `values` is inf in sequence 0, output 1, member 2, letter 2, position 0, expected finite
    `values` is 0.5 in sequence 0, output 1, member 2, letter 1, position 0, expected 0 for the letter that is there
    `models` is 1, expected at least 2
    `models` is others, expected 3 outputs of every one
    `outputs` is 3, expected below 3, the number of outputs
    `outputs` is none, expected at least one
    `batch` is 0, expected at least 1
    `spread` is 0 in row 0, expected finite and above 0
    ");
}
