//! Deep Mendelian randomisation from sequences to a cause, learned on the way.

use genolens::calibration::FitEnsemble;
use genolens::causal;
use genolens::network::Architecture;
use genolens::simulate::{Cooperation, known_motifs};
use genolens::training::{Fit, Loss, Schedule};

/// A factor without which the other does not bind, and a small ensemble that has seen 3,000 sequences: the effect is found to a third.
#[test]
fn a_small_ensemble_finds_the_simulated_cause() {
    let known = known_motifs();
    let [gata, ets] = ["GATA", "ETS"].map(|name| known.find(name).unwrap());
    let assays = Cooperation::new(&gata, &ets).strengths(100.0, 400.0);
    let learn = assays.clone().variants(0.25).run(3000).unwrap();
    let held_out = assays.seed(1).run(150).unwrap();
    let network = Architecture::sequences(4).convolution(24, 12).relu();
    let network = network.global_max_pool().dense(32).relu().dense(2);
    let fit = Fit::new().loss(Loss::SquaredError).epochs(15);
    let fit = FitEnsemble::new()
        .members(3)
        .fit(fit.schedule(Schedule::cosine()));
    let ensemble = fit
        .run(
            &network.build().unwrap(),
            &learn.sequences(),
            &learn.labels(),
        )
        .unwrap();
    let truth = held_out.truth();
    let both = held_out.exposed().into_iter().filter(|index| {
        let own = truth.of(*index);
        (0..own.len()).any(|at| own.get(at).name == "ETS")
    });
    let carriers: Vec<(usize, f64)> = both
        .filter_map(|index| Some((index, held_out.effect(index)?)))
        .collect();
    let (rows, effects): (Vec<usize>, Vec<f64>) = carriers.into_iter().unzip();
    let wanted = effects.iter().sum::<f64>() / effects.len() as f64;
    let carriers = held_out.sequences().select(&rows).unwrap();
    let effects = causal::ensemble_mutagenesis(&ensemble, &carriers).unwrap();
    let found = causal::deep_mr(&effects.with_names(["GATA", "ETS"]).unwrap(), 0, 1).unwrap();
    assert!(
        (found.value() / wanted - 1.0).abs() < 0.33,
        "{found}, {wanted} expected"
    );
    assert!(
        found.p_value() < 0.05 && found.skipped() < rows.len() / 2,
        "{found}"
    );
}
