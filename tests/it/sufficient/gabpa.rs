//! Real peaks of GABPA: what a network needs to see is what others have measured.

use crate::data;
use genolens::ndarray::Array1;
use genolens::random::Seed;
use genolens::sequence::{dinucleotide_shuffle, open_peaks};
use genolens::sufficient::{ClusterSubsets, SufficientSubsets, Threshold, align, perturbation};
use genolens::{motif, network, training};

#[test]
fn modes_of_the_clusters_carry_the_core_of_gabpa() {
    let files = [
        "encode/GABPA_AC.seq.gz",
        "encode/GABPA_B.seq.gz",
        "motifs/JASPAR2024.meme",
    ];
    let [Some(peaks), Some(unseen), Some(known)] = files.map(data::file) else {
        return;
    };
    let bound = open_peaks(peaks).unwrap().sequences();
    let unbound = dinucleotide_shuffle(&bound, Seed::new(1));
    let x = bound.concat(&unbound).unwrap();
    let is_bound = |i: usize| f32::from(u8::from(i < bound.len()));
    let labels: Array1<f32> = (0..x.len()).map(is_bound).collect();
    let fit = training::Fit::new().epochs(5);
    let model = fit.run(&network::deepbind(64), &x, &labels).unwrap();
    let test = open_peaks(unseen).unwrap().sequences();
    let scores = network::predict(&model, &test).unwrap();
    // With a threshold for which one site is enough. The highest tenth has two, and strings of two sites differ by the letters between them.
    let threshold = Threshold::quantile_of(&scores, 0.7).unwrap();
    let sure = |i: &usize| f64::from(scores[[*i, 0]]) >= threshold.value().unwrap();
    let sure: Vec<usize> = (0..test.len()).filter(sure).take(100).collect();
    let peaks = test.select(&sure).unwrap();
    let found = SufficientSubsets::new(threshold)
        .run(&model, &peaks)
        .unwrap();
    let options = ClusterSubsets::new().min_samples(7);
    let has_core = |mode: &str| mode.contains("CGGAA") || mode.contains("TTCCG");
    // Each strand by itself: the core and its opposite.
    let apart = options.clone().run(&found).unwrap();
    assert!(apart.len() >= 2, "{apart:?}");
    let modes = [apart.mode(0).unwrap(), apart.mode(1).unwrap()];
    assert!(modes.iter().all(|mode| has_core(mode)), "{modes:?}");
    assert_ne!(
        modes[0].contains("GGAA"),
        modes[1].contains("GGAA"),
        "{modes:?}"
    );
    let merged = options.both_strands(true).run(&found).unwrap();
    assert!(has_core(&merged.mode(0).unwrap()), "{merged:?}");
    assert!(2 * merged.sizes()[0] > found.len(), "{merged:?}");
    // The best match of all of JASPAR is a factor of the family.
    let known = motif::open(known).unwrap();
    let gabpa = known.find("MA0062.4").unwrap();
    let motif = merged.motif(0).unwrap();
    let best = known.best_match(&motif).unwrap();
    let family = [
        "GABPA", "ELK", "ETV", "ELF", "ERF", "ERG", "FLI1", "ETS", "FEV", "EHF", "SPI",
    ];
    assert!(
        family
            .iter()
            .any(|name| best.alternate.to_uppercase().contains(name)),
        "{best:?}"
    );
    // Laid on the known motif the subsets need its core.
    let aligned = align(&found, &gabpa).unwrap().motif().unwrap();
    assert!(aligned.consensus().contains("GGAA") || aligned.consensus().contains("TTCC"));
    let worth = perturbation(&model, &found).unwrap();
    let (inside, outside) = (
        worth.inside().mean().unwrap(),
        worth.outside().mean().unwrap(),
    );
    assert!(inside > 10.0 * outside.abs(), "{inside} {outside}");
}
