//! Communities of a graph by the Leiden algorithm.

use super::Clusters;
use super::graph::Graph;
use super::moving::{NOISE, moved, renumber};
use super::refining::refined;
use crate::random::Seed;
use crate::sparse::Sparse;
use crate::{Error, Result, progress};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::fmt;

/// Rounds after which a search stops even if it could go on; five are usual.
const ROUNDS: usize = 1000;

/// What a community should have more of than chance gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quality {
    /// Weight within communities minus what is expected of nodes with their degrees, times the resolution: the sum over pairs of nodes
    /// (Reichardt and Bornholdt 2006, doi:10.1103/PhysRevE.74.016110), as `RBConfigurationVertexPartition`.
    #[default]
    RbConfiguration,
    /// The same as a share of the whole weight (Newman 2004, doi:10.1103/PhysRevE.69.026113).
    Modularity,
    /// Weight within communities minus the resolution for every pair (the constant Potts model, Traag 2011,
    /// doi:10.1103/PhysRevE.84.016114), as `CPMVertexPartition`.
    Cpm,
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RbConfiguration => "RBConfiguration",
            Self::Modularity => "modularity",
            Self::Cpm => "CPM",
        })
    }
}

/// Finds communities in a graph of neighbours, as `scanpy.tl.leiden` does.
///
/// `graph` has shape `(n, n)`: entry (i, j) is the weight of the edge from i to j, such as `neighbors.connectivities()`. Every community
/// is connected. Source: Traag, Waltman and van Eck 2019, doi:10.1038/s41598-019-41695-z; the quality is checked against `leidenalg`.
///
/// # Errors
///
/// Fails when the graph is empty or not square, and for weights that are negative or not finite.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, ndarray::array, sparse::Sparse};
/// # fn main() -> genolens::Result<()> {
/// let pairs = Sparse::from_dense(&array![[0.0_f32, 1.0, 0.0, 0.0], [1.0, 0.0, 0.1, 0.0], [0.0, 0.1, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]])?;
/// let found = embedding::leiden(&pairs)?;
/// assert_eq!(found.labels().codes(), [0, 0, 1, 1]);
/// # Ok(()) }
/// ```
pub fn leiden(graph: &Sparse) -> Result<Clusters> {
    Leiden::new().run(graph)
}

/// Finds communities, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Leiden {
    quality: Quality,
    resolution: f64,
    rounds: Option<usize>,
    directed: bool,
    starts: usize,
    seed: Seed,
}

impl Default for Leiden {
    fn default() -> Self {
        Self::new()
    }
}

impl Leiden {
    /// Begins with the defaults of scanpy: resolution 1, [`Quality::RbConfiguration`], rounds until nothing improves.
    pub fn new() -> Self {
        Self {
            quality: Quality::default(),
            resolution: 1.0,
            rounds: None,
            directed: true,
            starts: 1,
            seed: Seed::default(),
        }
    }

    /// Sets how many times more than by chance a community is connected: a larger resolution gives more and smaller communities.
    pub fn resolution(mut self, resolution: f64) -> Self {
        self.resolution = resolution;
        self
    }

    /// Sets what is made as large as possible.
    pub fn quality(mut self, quality: Quality) -> Self {
        self.quality = quality;
        self
    }

    /// Sets after how many rounds to stop; each begins with the communities of the last one.
    pub fn iterations(mut self, rounds: usize) -> Self {
        self.rounds = Some(rounds);
        self
    }

    /// Sets whether an edge and its way back count on their own; else both get their mean. The same for a symmetric graph.
    pub fn directed(mut self, directed: bool) -> Self {
        self.directed = directed;
        self
    }

    /// Sets how many searches are made, each with another order of the nodes, at the same time; the best one counts.
    pub fn starts(mut self, starts: usize) -> Self {
        self.starts = starts;
        self
    }

    /// Sets from which numbers the order of the nodes follows.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Finds the communities of `graph`, shape `(n, n)`.
    ///
    /// # Errors
    ///
    /// As [`leiden`], and when the resolution is negative or not finite or there are no rounds.
    pub fn run(&self, graph: &Sparse) -> Result<Clusters> {
        if !(self.resolution.is_finite() && self.resolution >= 0.0) {
            let expected = "finite and not negative";
            return Err(Error::value("resolution", expected, self.resolution));
        }
        if self.rounds == Some(0) {
            return Err(Error::value("iterations", "at least 1", 0));
        }
        let mut graph = Graph::new(graph)?;
        let n = graph.len();
        let total: f64 = graph.leaving.iter().sum();
        let chance = if self.quality == Quality::Cpm {
            graph.leaving.fill(1.0);
            graph.arriving.fill(1.0);
            self.resolution
        } else if total > 0.0 {
            self.resolution / total
        } else {
            0.0
        };
        if !self.directed {
            for (out, into) in graph.leaving.iter_mut().zip(&mut graph.arriving) {
                *out = f64::midpoint(*out, *into);
                *into = *out;
            }
        }
        let searches = (0..self.starts).into_par_iter();
        let searches: Vec<_> = searches
            .map(|start| self.search(&graph, chance, self.seed.named("leiden").indexed(start)))
            .collect();
        let mut best: Option<(Vec<u32>, f64)> = None;
        for search in searches {
            let search = search?;
            if best.as_ref().is_none_or(|best| search.1 > best.1) {
                best = Some(search);
            }
        }
        let Some((groups, value)) = best else {
            return Err(Error::value("starts", "at least 1", 0));
        };
        let value = value + graph.loops;
        let value = match self.quality {
            Quality::Modularity if total > 0.0 => value / total,
            // A node and itself are no pair.
            Quality::Cpm => value + chance * n as f64,
            _ => value,
        };
        Ok(Clusters::new(&groups, value))
    }

    /// Searches once; returns communities and their quality without edges of a node to itself.
    fn search(&self, graph: &Graph, chance: f64, seed: Seed) -> Result<(Vec<u32>, f64)> {
        let mut groups: Vec<u32> = (0..graph.len() as u32).collect();
        let mut best = value(graph, &groups, chance);
        let rounds = self.rounds.unwrap_or(ROUNDS);
        let mut random = seed.generator();
        for round in 0..rounds {
            progress::check("leiden", round, rounds)?;
            let mut next = groups.clone();
            improve(graph, &mut next, (chance, &mut random))?;
            let value = value(graph, &next, chance);
            let better = value > best + NOISE * best.abs().max(1.0);
            if value >= best {
                (groups, best) = (next, value);
            }
            if !better && self.rounds.is_none() {
                break;
            }
        }
        graph.split(&mut groups);
        let value = value(graph, &groups, chance);
        Ok((groups, value))
    }
}

/// One round: moves nodes, then groups of them, until no group gains by moving.
fn improve(
    graph: &Graph,
    groups: &mut [u32],
    (chance, random): (f64, &mut ChaCha8Rng),
) -> Result<()> {
    let mut joined: Option<Graph> = None;
    let mut nodes: Vec<u32> = (0..groups.len() as u32).collect();
    let mut current = groups.to_vec();
    loop {
        let level = joined.as_ref().unwrap_or(graph);
        moved(level, &mut current, (chance, random))?;
        let count = renumber(&mut current);
        for (group, node) in groups.iter_mut().zip(&nodes) {
            *group = current[*node as usize];
        }
        if count == level.len() {
            return Ok(());
        }
        let mut parts = refined(level, &current, (chance, random));
        let count = renumber(&mut parts);
        if count == level.len() {
            return Ok(());
        }
        let mut next = vec![0; count];
        for (part, group) in parts.iter().zip(&current) {
            next[*part as usize] = *group;
        }
        for node in &mut nodes {
            *node = parts[*node as usize];
        }
        joined = Some(level.joined(&parts, count));
        current = next;
    }
}

/// What is within groups beyond chance, without edges of a node to itself.
fn value(graph: &Graph, groups: &[u32], chance: f64) -> f64 {
    let mut masses = vec![(0.0, 0.0); graph.len()];
    let mut inside = 0.0;
    for (node, group) in groups.iter().enumerate() {
        let mass = &mut masses[*group as usize];
        mass.0 += graph.leaving[node];
        mass.1 += graph.arriving[node];
        let edges = graph.edges(node).iter();
        inside += edges
            .filter(|(other, _)| groups[*other as usize] == *group)
            .map(|(_, weight)| weight)
            .sum::<f64>();
    }
    let expected: f64 = masses.iter().map(|(out, into)| out * into).sum();
    inside - chance * expected
}
