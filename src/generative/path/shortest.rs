//! The shortest way from neighbour to neighbour.

use crate::embedding::Neighbors;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Finds the shortest way between two examples, both included, or none where nothing joins them (Dijkstra 1959, doi:10.1007/BF01386390).
///
/// Two examples are joined where either is a neighbour of the other.
pub(super) fn shortest(neighbors: &Neighbors, from: usize, to: usize) -> Option<Vec<usize>> {
    let n = neighbors.len();
    let mut joined: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
    let pairs = neighbors.indices().indexed_iter();
    for (((row, _), &other), &distance) in pairs.zip(neighbors.nearest()) {
        let (other, distance) = (other as usize, f64::from(distance));
        joined[row].push((other, distance));
        joined[other].push((row, distance));
    }
    let mut best = vec![f64::INFINITY; n];
    let mut before = vec![n; n];
    best[from] = 0.0;
    // Numbers from 0 are in the order of their bits.
    let mut waiting = BinaryHeap::from([Reverse((0_u64, from))]);
    while let Some(Reverse((bits, at))) = waiting.pop() {
        if at == to {
            break;
        }
        if f64::from_bits(bits) > best[at] {
            continue;
        }
        for &(other, distance) in &joined[at] {
            let length = best[at] + distance;
            if length < best[other] {
                best[other] = length;
                before[other] = at;
                waiting.push(Reverse((length.to_bits(), other)));
            }
        }
    }
    let mut way = vec![to];
    while let Some(&at) = way.last().filter(|at| **at != from) {
        if before[at] == n {
            return None;
        }
        way.push(before[at]);
    }
    way.reverse();
    Some(way)
}
