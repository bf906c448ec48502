//! Graphs by chance in which every node keeps its number of neighbours.

use crate::random::Seed;
use rand::RngExt;
use std::collections::BTreeSet;

/// How often every edge is tried on average.
const ROUNDS: usize = 20;

/// Swaps the ends of pairs of edges, many times: `a-b, c-d` become `a-d, c-b` where neither exists yet.
pub(super) fn rewired(edges: &[(u32, u32)], seed: Seed) -> Vec<(u32, u32)> {
    let mut edges = edges.to_vec();
    if edges.len() < 2 {
        return edges;
    }
    let sorted = |a: u32, b: u32| (a.min(b), a.max(b));
    let mut known: BTreeSet<(u32, u32)> = edges.iter().map(|&(a, b)| sorted(a, b)).collect();
    let mut generator = seed.generator();
    for _ in 0..ROUNDS * edges.len() {
        let (first, second) = (
            generator.random_range(0..edges.len()),
            generator.random_range(0..edges.len()),
        );
        let (a, b) = edges[first];
        let (c, d) = if generator.random::<bool>() {
            edges[second]
        } else {
            (edges[second].1, edges[second].0)
        };
        let (new, other) = (sorted(a, d), sorted(c, b));
        if a == d || c == b || new == other || known.contains(&new) || known.contains(&other) {
            continue;
        }
        known.remove(&sorted(a, b));
        known.remove(&sorted(c, d));
        known.insert(new);
        known.insert(other);
        edges[first] = (a, d);
        edges[second] = (c, b);
    }
    edges
}
