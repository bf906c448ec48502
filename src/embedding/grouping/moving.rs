//! Moves single nodes to the community where they add most.

use super::graph::Graph;
use crate::{Result, progress};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::VecDeque;

/// Gains smaller than this are rounding noise.
pub(super) const NOISE: f64 = 1e-12;

/// Moves nodes until none gains by moving; only neighbours of a node that moved are looked at again.
///
/// `chance` is what one leaving and one arriving unit have in common by chance. A group may get a number up to that of the nodes.
pub(super) fn moved(
    graph: &Graph,
    groups: &mut [u32],
    (chance, random): (f64, &mut ChaCha8Rng),
) -> Result<bool> {
    let n = graph.len();
    let mut leaving = vec![0.0; n];
    let mut arriving = vec![0.0; n];
    let mut sizes = vec![0_u32; n];
    for (node, group) in groups.iter().enumerate() {
        let group = *group as usize;
        leaving[group] += graph.leaving[node];
        arriving[group] += graph.arriving[node];
        sizes[group] += 1;
    }
    let mut empty: Vec<u32> = (0..n as u32)
        .rev()
        .filter(|group| sizes[*group as usize] == 0)
        .collect();
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.shuffle(random);
    let mut queue = VecDeque::from(order);
    let mut waits = vec![true; n];
    let mut towards = vec![0.0; n];
    let mut touched: Vec<u32> = Vec::new();
    let mut any = false;
    let mut looked = 0_usize;
    while let Some(node) = queue.pop_front() {
        looked += 1;
        if looked.is_multiple_of(4096) {
            progress::check("leiden", looked, looked + queue.len())?;
        }
        let node = node as usize;
        waits[node] = false;
        let old = groups[node] as usize;
        let (out, into) = (graph.leaving[node], graph.arriving[node]);
        for &(other, weight) in graph.edges(node) {
            let group = groups[other as usize];
            let sum = &mut towards[group as usize];
            if *sum == 0.0 {
                touched.push(group);
            }
            *sum += weight;
        }
        leaving[old] -= out;
        arriving[old] -= into;
        sizes[old] -= 1;
        let gain = |group: usize, weight: f64| {
            weight - chance * (out * arriving[group] + into * leaving[group]) / 2.0
        };
        let mut best = old;
        let mut most = if sizes[old] == 0 {
            0.0
        } else {
            gain(old, towards[old])
        };
        for group in touched.drain(..) {
            let group = group as usize;
            let gain = gain(group, towards[group]);
            towards[group] = 0.0;
            if gain > most + NOISE {
                (best, most) = (group, gain);
            }
        }
        if most < -NOISE
            && sizes[old] > 0
            && let Some(group) = empty.pop()
        {
            best = group as usize;
        }
        leaving[best] += out;
        arriving[best] += into;
        sizes[best] += 1;
        if best != old {
            any = true;
            groups[node] = best as u32;
            if sizes[old] == 0 {
                (leaving[old], arriving[old]) = (0.0, 0.0);
                empty.push(old as u32);
            }
            for &(other, _) in graph.edges(node) {
                let other = other as usize;
                if !waits[other] && groups[other] as usize != best {
                    waits[other] = true;
                    queue.push_back(other as u32);
                }
            }
        }
    }
    Ok(any)
}

/// Numbers groups from 0 without gaps, in the order in which they come; returns how many there are.
pub(super) fn renumber(groups: &mut [u32]) -> usize {
    let most = groups.iter().max().map_or(0, |most| *most as usize + 1);
    let mut new = vec![u32::MAX; most];
    let mut count = 0;
    for group in groups {
        let place = &mut new[*group as usize];
        if *place == u32::MAX {
            *place = count;
            count += 1;
        }
        *group = *place;
    }
    count as usize
}
