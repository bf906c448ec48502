//! The numbers of captum 0.9.0 for methods that look at layers, made by `tests/golden/attribution/layers.py`.

use super::described_network::described_network;
use crate::golden::{assert_named, rows, table};
use genolens::attribution::{GradCam, GuidedBackpropagation, LayerwiseRelevance, Method, Sharing};
use genolens::ndarray::Axis;
use genolens::sequence::Sequences;

const GOLDEN: &str = include_str!("../../golden/attribution/layers.tsv");

/// Of the largest number: theirs are in double precision, ours in single.
const TOLERANCE: f64 = 2e-5;

#[test]
fn what_looks_at_layers_is_that_of_captum() {
    let texts: Vec<&str> = rows(GOLDEN, "sequence").iter().map(|row| row[0]).collect();
    let x = Sequences::dna(texts).unwrap();
    let relevance = |sharing| Box::new(LayerwiseRelevance::new().target(1).sharing(sharing));
    let guided = GuidedBackpropagation::new().target(1);
    let cam = GradCam::new().target(1).layer(1);
    let methods: [(&str, Box<dyn Method>); 6] = [
        ("guided", Box::new(guided.clone())),
        ("deconvolution", Box::new(guided.deconvolution())),
        ("guided_cam", Box::new(cam.clone().guided(true))),
        ("epsilon", relevance(Sharing::Epsilon(0.01))),
        ("gamma", relevance(Sharing::Gamma(0.25))),
        ("positive", relevance(Sharing::Positive)),
    ];
    let mut parts: Vec<&str> = GOLDEN.split("network\t").collect();
    parts.remove(0);
    assert_eq!(parts.len(), 5);
    for part in parts {
        let (description, rest) = part.split_once('\n').unwrap();
        let network = described_network(description, 20);
        for (name, method) in &methods {
            let found = method.explain(&network, &x).unwrap();
            let found = found.scores().mapv(f64::from);
            let found = found.into_shape_with_order((8, 20)).unwrap();
            let what = format!("{description}: {name}");
            assert_named(&what, &found, (&table(rest, name), TOLERANCE));
        }
        for (name, rectified) in [("cam", false), ("rectified_cam", true)] {
            let map = cam.clone().rectified(rectified).map(&network, &x).unwrap();
            let what = format!("{description}: {name}");
            assert_named(&what, &map.mapv(f64::from), (&table(rest, name), TOLERANCE));
            // A position of the sequence has the sum of the position at the same share of the way.
            let scores = cam.clone().rectified(rectified).run(&network, &x).unwrap();
            let letters = scores.scores().sum_axis(Axis(1));
            for ((i, place), &score) in letters.indexed_iter() {
                assert_eq!(score, map[[i, place * map.ncols() / 20]]);
            }
        }
    }
}
