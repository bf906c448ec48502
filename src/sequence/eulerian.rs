//! Eulerian walks of the graph of letter pairs: what keeps the pairs when letters are shuffled.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The letters of a sequence as vertices of a graph, each step from a letter to the next as an edge.
pub(super) struct Graph {
    /// For each vertex, the vertices that follow it, in the order of the sequence.
    next: Vec<Vec<u8>>,
    first: usize,
    last: usize,
}

impl Graph {
    /// Builds the graph of a sequence of codes below `size`; `None` when it is too short to have an edge.
    pub(super) fn new(codes: &[u8], size: usize) -> Option<Self> {
        let (&first, &last) = (codes.first()?, codes.last()?);
        let mut next = vec![Vec::new(); size];
        for pair in codes.windows(2) {
            next[usize::from(pair[0])].push(pair[1]);
        }
        Some(Self {
            next,
            first: first.into(),
            last: last.into(),
        })
    }

    /// Draws one of all Eulerian walks from the first letter to the last, each distinct text with equal chance.
    ///
    /// A walk is fixed by the order in which each vertex uses up its edges. The orders that do not strand the walk are those
    /// whose last edges form a tree towards the last letter (BEST theorem), so the tree is drawn uniformly first. Every text
    /// belongs to equally many such orders, namely the permutations of its parallel edges.
    pub(super) fn uniform(&self, generator: &mut ChaCha8Rng) -> Vec<u8> {
        let tree = self.arborescence(generator);
        let mut orders = self.next.clone();
        for (vertex, order) in orders.iter_mut().enumerate() {
            if let Some(parent) = tree[vertex] {
                if let Some(place) = order.iter().position(|&to| to == parent) {
                    order.swap_remove(place);
                }
                order.shuffle(generator);
                order.push(parent);
            } else {
                order.shuffle(generator);
            }
        }
        self.walk(&orders)
    }

    /// Draws a walk by keeping the last edge of every letter as it is: simple, but not uniform.
    pub(super) fn legacy(&self, generator: &mut ChaCha8Rng) -> Vec<u8> {
        let mut orders = self.next.clone();
        for order in &mut orders {
            let movable = order.len().saturating_sub(1);
            order[..movable].shuffle(generator);
        }
        self.walk(&orders)
    }

    /// Draws a spanning tree towards the last letter uniformly, by loop-erased random walks (Wilson 1996).
    fn arborescence(&self, generator: &mut ChaCha8Rng) -> Vec<Option<u8>> {
        let mut parent = vec![None; self.next.len()];
        let mut reached = vec![false; self.next.len()];
        reached[self.last] = true;
        for start in 0..self.next.len() {
            if self.next[start].is_empty() {
                continue;
            }
            // Overwriting the parent at every visit is what erases the loops.
            let mut at = start;
            while !reached[at] {
                let to = self.next[at][generator.random_range(0..self.next[at].len())];
                parent[at] = Some(to);
                at = to.into();
            }
            let mut at = start;
            while !reached[at] {
                reached[at] = true;
                at = parent[at].map_or(self.last, usize::from);
            }
        }
        parent
    }

    fn walk(&self, orders: &[Vec<u8>]) -> Vec<u8> {
        let mut used = vec![0; orders.len()];
        let mut at = self.first;
        let mut codes = vec![at as u8];
        while let Some(&to) = orders[at].get(used[at]) {
            used[at] += 1;
            at = to.into();
            codes.push(to);
        }
        codes
    }
}
