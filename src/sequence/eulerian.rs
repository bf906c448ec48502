//! Eulerian walks of the graph of letter pairs: what keeps the pairs when letters are shuffled.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// The letters of a sequence as vertices of a graph, each step from a letter to the next as an edge.
pub(super) struct Graph {
    /// The vertices that follow, those of one vertex beside each other in the order of the sequence.
    next: Vec<u8>,
    /// Where those of each vertex begin, and where the last ones end.
    starts: Vec<usize>,
    /// What the vertices stand for.
    letters: Vec<u8>,
    first: usize,
    last: usize,
}

impl Graph {
    /// Builds the graph of a sequence of codes below the number of `letters`, which the codes stand for; `None` when it is too short to
    /// have an edge.
    pub(super) fn new(codes: &[u8], letters: Vec<u8>) -> Option<Self> {
        let (&first, &last) = (codes.first()?, codes.last()?);
        let mut starts = vec![0; letters.len() + 1];
        for &from in &codes[..codes.len() - 1] {
            starts[usize::from(from) + 1] += 1;
        }
        for vertex in 0..letters.len() {
            starts[vertex + 1] += starts[vertex];
        }
        let mut next = vec![0; codes.len() - 1];
        let mut ends = starts.clone();
        for pair in codes.windows(2) {
            let end = &mut ends[usize::from(pair[0])];
            next[*end] = pair[1];
            *end += 1;
        }
        Some(Self {
            next,
            starts,
            letters,
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
        for (vertex, parent) in tree.into_iter().enumerate() {
            let order = &mut orders[self.edges(vertex)];
            if let (Some(parent), Some((last, _))) = (parent, order.split_last()) {
                let last = *last;
                let end = order.len() - 1;
                if let Some(place) = order.iter().position(|&to| to == parent) {
                    order[place] = last;
                }
                order[..end].shuffle(generator);
                order[end] = parent;
            } else {
                order.shuffle(generator);
            }
        }
        self.walk(&orders)
    }

    /// Draws a walk by keeping the last edge of every letter as it is: simple, but not uniform.
    pub(super) fn legacy(&self, generator: &mut ChaCha8Rng) -> Vec<u8> {
        let mut orders = self.next.clone();
        for vertex in 0..self.letters.len() {
            let order = &mut orders[self.edges(vertex)];
            let movable = order.len().saturating_sub(1);
            order[..movable].shuffle(generator);
        }
        self.walk(&orders)
    }

    fn edges(&self, vertex: usize) -> Range<usize> {
        self.starts[vertex]..self.starts[vertex + 1]
    }

    /// Draws a spanning tree towards the last letter uniformly, by loop-erased random walks (Wilson 1996).
    fn arborescence(&self, generator: &mut ChaCha8Rng) -> Vec<Option<u8>> {
        let vertices = self.letters.len();
        let mut parent = vec![None; vertices];
        let mut reached = vec![false; vertices];
        reached[self.last] = true;
        for start in 0..vertices {
            if self.edges(start).is_empty() {
                continue;
            }
            // Overwriting the parent at every visit is what erases the loops.
            let mut at = start;
            while !reached[at] {
                let edges = &self.next[self.edges(at)];
                let to = edges[generator.random_range(0..edges.len())];
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

    /// Returns the letters of the walk that uses up the edges of every vertex in these orders.
    fn walk(&self, orders: &[u8]) -> Vec<u8> {
        let mut used = self.starts.clone();
        let mut at = self.first;
        let mut letters = Vec::with_capacity(orders.len() + 1);
        letters.push(self.letters[at]);
        while used[at] < self.starts[at + 1] {
            let to = usize::from(orders[used[at]]);
            used[at] += 1;
            at = to;
            letters.push(self.letters[at]);
        }
        letters
    }
}
