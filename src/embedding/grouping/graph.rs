//! A weighted graph as the search for communities sees it.

use crate::sparse::Sparse;
use crate::{Error, Result};

/// Nodes (examples, or groups of them) with their neighbours, and their share in what chance would join.
///
/// Weights are means of both directions of an edge, so that the sum over ordered pairs is the weight of all edges.
pub(super) struct Graph {
    offsets: Vec<usize>,
    edges: Vec<(u32, f64)>,
    /// What chance takes from a node, and what it brings to it; both are the number of examples for a constant null model.
    pub(super) leaving: Vec<f64>,
    pub(super) arriving: Vec<f64>,
    /// The weight of all edges that lead from a node to itself.
    pub(super) loops: f64,
}

impl Graph {
    /// Reads a graph whose entry (i, j) is the weight of the edge from i to j.
    pub(super) fn new(graph: &Sparse) -> Result<Self> {
        let (n, columns) = graph.shape();
        if n != columns || n == 0 {
            let expected = "(n, n) with at least one node";
            return Err(Error::shape("graph", expected, &[n, columns]));
        }
        if u32::try_from(n).is_err() {
            return Err(Error::value("graph", "fewer than 2^32 nodes", n));
        }
        let wrong = |weight: &&f32| !(weight.is_finite() && **weight >= 0.0);
        if let Some(weight) = graph.values().iter().find(wrong) {
            let expected = "weights that are finite and not negative";
            return Err(Error::value("graph", expected, weight));
        }
        let back = graph.transposed();
        let mut offsets = Vec::with_capacity(n + 1);
        let mut edges = Vec::with_capacity(graph.stored());
        offsets.push(0);
        for node in 0..n {
            let both = merged(graph.row(node), back.row(node));
            edges.extend(both.filter(|(other, weight)| *other as usize != node && *weight > 0.0));
            offsets.push(edges.len());
        }
        Ok(Self {
            offsets,
            edges,
            leaving: graph.row_sums().to_vec(),
            arriving: back.row_sums().to_vec(),
            loops: (0..n).map(|node| f64::from(graph.get(node, node))).sum(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.leaving.len()
    }

    /// Returns the other ends of the edges of a node, and their weights.
    pub(super) fn edges(&self, node: usize) -> &[(u32, f64)] {
        &self.edges[self.offsets[node]..self.offsets[node + 1]]
    }

    /// Makes one node of every group; `groups` counts from 0 without gaps.
    pub(super) fn joined(&self, groups: &[u32], count: usize) -> Self {
        let mut starts = vec![0_usize; count + 1];
        for group in groups {
            starts[*group as usize + 1] += 1;
        }
        for group in 0..count {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut members = vec![0_u32; groups.len()];
        for (node, group) in groups.iter().enumerate() {
            let place = &mut next[*group as usize];
            members[*place] = node as u32;
            *place += 1;
        }
        let mut out = Self {
            offsets: vec![0],
            edges: Vec::new(),
            leaving: vec![0.0; count],
            arriving: vec![0.0; count],
            loops: 0.0,
        };
        let mut sums = vec![0.0; count];
        let mut touched: Vec<u32> = Vec::new();
        for group in 0..count {
            for &node in &members[starts[group]..starts[group + 1]] {
                let node = node as usize;
                out.leaving[group] += self.leaving[node];
                out.arriving[group] += self.arriving[node];
                for &(other, weight) in self.edges(node) {
                    let to = groups[other as usize];
                    if to as usize == group {
                        continue;
                    }
                    if sums[to as usize] == 0.0 {
                        touched.push(to);
                    }
                    sums[to as usize] += weight;
                }
            }
            for to in touched.drain(..) {
                out.edges.push((to, sums[to as usize]));
                sums[to as usize] = 0.0;
            }
            out.offsets.push(out.edges.len());
        }
        out
    }

    /// Splits groups that hang together by no edge; returns how many groups there are then.
    pub(super) fn split(&self, groups: &mut [u32]) -> usize {
        let mut new = vec![u32::MAX; groups.len()];
        let mut count = 0;
        let mut stack = Vec::new();
        for start in 0..groups.len() {
            if new[start] != u32::MAX {
                continue;
            }
            new[start] = count;
            stack.push(start);
            while let Some(node) = stack.pop() {
                for &(other, _) in self.edges(node) {
                    let other = other as usize;
                    if new[other] == u32::MAX && groups[other] == groups[node] {
                        new[other] = count;
                        stack.push(other);
                    }
                }
            }
            count += 1;
        }
        groups.copy_from_slice(&new);
        count as usize
    }
}

/// Walks along both directions of the edges of one node, in order; the weight is the mean of both.
fn merged<'a>(
    (to, ahead): (&'a [u32], &'a [f32]),
    (from, back): (&'a [u32], &'a [f32]),
) -> impl Iterator<Item = (u32, f64)> + 'a {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        let (a, b) = (to.get(i), from.get(j));
        let node = *match (a, b) {
            (Some(a), Some(b)) => a.min(b),
            (a, b) => a.or(b)?,
        };
        let mut sum = 0.0;
        if a == Some(&node) {
            sum += f64::from(ahead[i]);
            i += 1;
        }
        if b == Some(&node) {
            sum += f64::from(back[j]);
            j += 1;
        }
        Some((node, sum / 2.0))
    })
}
