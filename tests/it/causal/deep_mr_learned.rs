//! Deep Mendelian randomisation from sequences to a cause, learned on the way.

use genolens::calibration::{Ensemble, FitEnsemble, Forecast, QuantileCalibration};
use genolens::causal::{self, CountNoise, DeepMr, DeepMrResult, EnsembleMutagenesis};
use genolens::network::Architecture;
use genolens::sequence::Sequences;
use genolens::simulate::{Assays, Cooperation, known_motifs};
use genolens::training::{Fit, Loss, Schedule};

/// A factor without which the other does not bind.
fn world() -> Cooperation {
    let known = known_motifs();
    let [gata, ets] = ["GATA", "ETS"].map(|name| known.find(name).unwrap());
    Cooperation::new(&gata, &ets).strengths(100.0, 400.0)
}

fn learned(assays: &Assays, (members, epochs): (usize, usize)) -> Ensemble {
    let network = Architecture::sequences(4).convolution(24, 12).relu();
    let network = network.global_max_pool().dense(32).relu().dense(2);
    let fit = Fit::new().loss(Loss::SquaredError).epochs(epochs);
    let fit = FitEnsemble::new()
        .members(members)
        .fit(fit.schedule(Schedule::cosine()));
    let network = network.build().unwrap();
    fit.run(&network, &assays.sequences(), &assays.labels())
        .unwrap()
}

/// The sequences with both motifs, and the effects that the simulation has near each.
fn carriers(assays: &Assays) -> (Sequences, Vec<f64>) {
    let truth = assays.truth();
    let both = assays.exposed().into_iter().filter(|index| {
        let own = truth.of(*index);
        (0..own.len()).any(|at| own.get(at).name == "ETS")
    });
    let carriers: Vec<(usize, f64)> = both
        .filter_map(|index| Some((index, assays.effect(index)?)))
        .collect();
    let (rows, effects): (Vec<usize>, Vec<f64>) = carriers.into_iter().unzip();
    (assays.sequences().select(&rows).unwrap(), effects)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A small ensemble that has seen 3,000 sequences: the effect is found to a third.
#[test]
fn a_small_ensemble_finds_the_simulated_cause() {
    let learn = world().variants(0.25).run(3000).unwrap();
    let (carriers, truths) = carriers(&world().seed(1).run(150).unwrap());
    let effects = causal::ensemble_mutagenesis(&learned(&learn, (3, 15)), &carriers).unwrap();
    let found = causal::deep_mr(&effects.with_names(["GATA", "ETS"]).unwrap(), 0, 1).unwrap();
    let wanted = mean(&truths);
    assert!(
        (found.value() / wanted - 1.0).abs() < 0.33,
        "{found}, {wanted} expected"
    );
    assert!(
        found.p_value() < 0.05 && found.skipped() < carriers.len() / 2,
        "{found}"
    );
}

/// All of it: learned, recalibrated, mutated, estimated near every sequence and pooled, where something that no sequence shows adds to both
/// assays. The limit of .18 is that of the publication for effects as large.
#[test]
fn what_no_sequence_shows_does_not_bend_the_effect() {
    let assays = world().hidden(0.5);
    let learn = assays.clone().variants(0.25).run(8000).unwrap();
    let kept = assays.clone().variants(0.25).seed(2).run(1000).unwrap();
    let (carriers, truths) = carriers(&assays.seed(1).run(300).unwrap());
    let ensemble = learned(&learn, (5, 30));
    let predicted: Forecast = ensemble
        .predict(&kept.sequences())
        .unwrap()
        .forecast()
        .unwrap();
    let noise = CountNoise::fit(&predicted, &kept.labels()).unwrap();
    // 25 counts in half of the regions.
    assert!((noise.added()[0] - 12.5).abs() < 4.0, "{noise:?}");
    let plain = causal::ensemble_mutagenesis(&ensemble, &carriers).unwrap();
    let counted = |effects: &causal::MutationEffects| -> DeepMrResult {
        let effects = effects.with_noise(&noise).unwrap();
        let method = DeepMr::new().without_confounding(1.0);
        method.run(&effects, 0, 1).unwrap()
    };
    let found = counted(&plain);
    let wanted = mean(&truths);
    let (low, high) = found.interval();
    assert!(low < wanted && wanted < high, "{found}, {wanted} expected");
    assert!(
        (found.value() - wanted).abs() < 0.18,
        "{found}, {wanted} expected"
    );
    let roots = causal::deep_mr(&plain, 0, 1).unwrap();
    assert!(
        (roots.value() - wanted).abs() > (found.value() - wanted).abs(),
        "{roots}, {found}, {wanted} expected"
    );
    let held = found
        .indices()
        .into_iter()
        .enumerate()
        .filter(|(place, index)| {
            let (low, high) = found.estimates().get(*place).unwrap().interval();
            low <= truths[*index] && truths[*index] <= high
        });
    let held = held.count() as f64 / found.estimates().len() as f64;
    // One draw of what the simulation of fifty rounds finds.
    assert!(held > 0.85, "{held}");
    let calibration = QuantileCalibration::fit(&predicted, &kept.labels()).unwrap();
    let method = EnsembleMutagenesis::new().recalibrated(&calibration);
    let wide = counted(&method.run(&ensemble, &carriers).unwrap());
    // Members that cover what is measured are further apart than what they know of an effect.
    assert!(
        wide.standard_error() > found.standard_error(),
        "{wide}, {found}"
    );
    let (low, high) = wide.interval();
    assert!(low < wanted && wanted < high, "{wide}, {wanted} expected");
}
