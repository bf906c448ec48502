//! Splits communities into well connected parts, which the next level joins anew.

use super::graph::Graph;
use super::moving::NOISE;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Returns parts of the groups: single nodes merge with the part of their group where they add most.
///
/// Only nodes and parts that are well connected to the rest of their group take part, so that parts are connected, too.
pub(super) fn refined(
    graph: &Graph,
    groups: &[u32],
    (chance, random): (f64, &mut ChaCha8Rng),
) -> Vec<u32> {
    let n = graph.len();
    let mut whole = vec![(0.0, 0.0); n];
    for (node, group) in groups.iter().enumerate() {
        let whole = &mut whole[*group as usize];
        whole.0 += graph.leaving[node];
        whole.1 += graph.arriving[node];
    }
    let mut parts: Vec<u32> = (0..n as u32).collect();
    let mut leaving = graph.leaving.clone();
    let mut arriving = graph.arriving.clone();
    let mut single = vec![true; n];
    // How strongly a part is tied to the rest of its group.
    let mut ties: Vec<f64> = (0..n)
        .map(|node| {
            let edges = graph.edges(node).iter();
            let inside = edges.filter(|(other, _)| groups[*other as usize] == groups[node]);
            inside.map(|(_, weight)| weight).sum()
        })
        .collect();
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.shuffle(random);
    let mut towards = vec![0.0; n];
    let mut touched: Vec<u32> = Vec::new();
    for node in order {
        let node = node as usize;
        let group = groups[node];
        let whole = whole[group as usize];
        let well_tied = |ties: f64, (out, into): (f64, f64)| {
            let expected = chance * (out * (whole.1 - into) + into * (whole.0 - out)) / 2.0;
            ties >= expected - NOISE
        };
        let (out, into) = (graph.leaving[node], graph.arriving[node]);
        if !single[node] || !well_tied(ties[node], (out, into)) {
            continue;
        }
        for &(other, weight) in graph.edges(node) {
            if groups[other as usize] == group {
                let part = parts[other as usize];
                let sum = &mut towards[part as usize];
                if *sum == 0.0 {
                    touched.push(part);
                }
                *sum += weight;
            }
        }
        let mut best = None;
        let mut most = 0.0;
        for &part in &touched {
            let place = part as usize;
            let gain =
                towards[place] - chance * (out * arriving[place] + into * leaving[place]) / 2.0;
            let tied = well_tied(ties[place], (leaving[place], arriving[place]));
            if tied && gain > most + NOISE {
                (best, most) = (Some(place), gain);
            }
        }
        if let Some(best) = best {
            ties[best] += ties[node] - 2.0 * towards[best];
            leaving[best] += out;
            arriving[best] += into;
            single[best] = false;
            single[node] = false;
            parts[node] = best as u32;
        }
        for part in touched.drain(..) {
            towards[part as usize] = 0.0;
        }
    }
    parts
}
