//! Which genes are joined.

use super::{edges, rewiring};
use crate::embedding::{Clusters, Leiden};
use crate::random::Seed;
use crate::sparse::Sparse;
use crate::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Names that are told.
const TOLD: usize = 5;

/// Which genes are joined, such as by an interaction or regulation; cheap to clone. Edges have no direction and no weight.
///
/// # Examples
///
/// ```
/// use genolens::expression::GeneGraph;
/// # fn main() -> genolens::Result<()> {
/// let genes = ["CD3D", "CD3E", "MS4A1"].map(String::from);
/// let graph = GeneGraph::new(&genes, [("CD3D", "CD3E"), ("CD3E", "CD3D"), ("CD3E", "CD79A")])?;
/// assert_eq!(graph.len(), 1);
/// assert_eq!(graph.neighbors("CD3D")?, ["CD3E"]);
/// println!("{graph}");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct GeneGraph {
    genes: Arc<[String]>,
    edges: Arc<[(u32, u32)]>,
    left_out: LeftOut,
}

/// What was left out of a list of edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    duplicates: usize,
    loops: usize,
    edges: usize,
    unknown: Arc<[String]>,
}

impl LeftOut {
    /// Counts edges that were there before, in either direction.
    pub fn duplicates(&self) -> usize {
        self.duplicates
    }

    /// Counts edges from a gene to itself.
    pub fn self_loops(&self) -> usize {
        self.loops
    }

    /// Counts edges of which an end is no gene of the data.
    pub fn unknown_edges(&self) -> usize {
        self.edges
    }

    /// Returns the names that no gene of the data has, each once.
    pub fn unknown_names(&self) -> &[String] {
        &self.unknown
    }
}

impl GeneGraph {
    /// Joins genes by pairs of their names. Duplicates, loops and unknown names are left out and [counted](Self::left_out).
    ///
    /// # Errors
    ///
    /// Fails when a gene is named twice, and when no edge remains.
    pub fn new<N: AsRef<str>>(
        genes: &[String],
        edges: impl IntoIterator<Item = (N, N)>,
    ) -> Result<Self> {
        let places = places(genes)?;
        let mut known = BTreeSet::new();
        let (mut left_out, mut unknown, mut given) = (LeftOut::default(), BTreeSet::new(), 0);
        for (a, b) in edges {
            given += 1;
            let (a, b) = (a.as_ref(), b.as_ref());
            match (places.get(a), places.get(b)) {
                (Some(a), Some(b)) if a == b => left_out.loops += 1,
                (Some(&a), Some(&b)) => {
                    if !known.insert((a.min(b), a.max(b))) {
                        left_out.duplicates += 1;
                    }
                }
                _ => {
                    left_out.edges += 1;
                    unknown.extend(
                        [a, b]
                            .into_iter()
                            .filter(|name| !places.contains_key(name))
                            .map(str::to_owned),
                    );
                }
            }
        }
        if known.is_empty() {
            let names: Vec<String> = unknown
                .iter()
                .take(TOLD)
                .map(|name| format!("`{name}`"))
                .collect();
            let got = match (given, names.len()) {
                (0, _) => "none".to_owned(),
                (_, 0) => format!("{given}, all of them from a gene to itself"),
                _ => {
                    let (edges, names) = (left_out.edges, names.join(", "));
                    format!("{given}, {edges} of them with unknown names such as {names}")
                }
            };
            return Err(Error::value(
                "edges",
                "at least one between two genes of the data",
                got,
            ));
        }
        left_out.unknown = unknown.into_iter().collect();
        Ok(Self {
            genes: genes.into(),
            edges: known.into_iter().collect(),
            left_out,
        })
    }

    /// Reads a list of edges, plain or gzipped: two names a line, parted by tabs, commas or blanks; what follows them is left alone.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or a line does not have two names, and as [`new`](Self::new).
    pub fn open(path: impl AsRef<Path>, genes: &[String]) -> Result<Self> {
        let path = path.as_ref();
        let text = crate::text::read(path)?;
        Self::new(genes, edges::read(&text, &path.display().to_string())?)
    }

    /// Returns all genes, also those without an edge.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// Counts the edges.
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Tells whether there is no edge; there always is one.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// Returns what was left out of the list of edges.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Returns how many neighbours every gene has.
    pub fn degrees(&self) -> Vec<usize> {
        let mut degrees = vec![0; self.genes.len()];
        for &(a, b) in self.edges.iter() {
            degrees[a as usize] += 1;
            degrees[b as usize] += 1;
        }
        degrees
    }

    /// Returns the neighbours of a gene.
    ///
    /// # Errors
    ///
    /// Fails when there is no such gene.
    pub fn neighbors(&self, gene: &str) -> Result<Vec<String>> {
        let Some(place) = self.genes.iter().position(|name| name == gene) else {
            return Err(Error::value(
                "gene",
                "one of the graph",
                format!("`{gene}`"),
            ));
        };
        let place = place as u32;
        let other = |&(a, b): &(u32, u32)| match (a == place, b == place) {
            (true, _) => Some(b),
            (_, true) => Some(a),
            _ => None,
        };
        let others = self.edges.iter().filter_map(other);
        Ok(others
            .map(|other| self.genes[other as usize].clone())
            .collect())
    }

    /// Returns ones where genes are joined, shape `(genes, genes)`, for `network::GraphConvolution`.
    ///
    /// # Errors
    ///
    /// Fails for more than 2^32 genes.
    pub fn adjacency(&self) -> Result<Sparse> {
        self.matrix(false)
    }

    /// Returns the same with ones on the diagonal, for `network::MaskedDense`: a unit for each gene, which reads it and its neighbours.
    ///
    /// # Errors
    ///
    /// Fails for more than 2^32 genes.
    pub fn reach(&self) -> Result<Sparse> {
        self.matrix(true)
    }

    fn matrix(&self, diagonal: bool) -> Result<Sparse> {
        let genes = self.genes.len();
        let own = |gene: usize| {
            if diagonal {
                vec![(gene as u32, 1.0)]
            } else {
                Vec::new()
            }
        };
        let mut rows: Vec<Vec<(u32, f32)>> = (0..genes).map(own).collect();
        for &(a, b) in self.edges.iter() {
            rows[a as usize].push((b, 1.0));
            rows[b as usize].push((a, 1.0));
        }
        Sparse::from_rows(genes, rows)
    }

    /// Finds clusters of genes by the Leiden algorithm; `clusters.labels().codes()` are those of `network::GraphPool`. A gene without
    /// neighbours is a cluster of its own.
    ///
    /// # Errors
    ///
    /// As [`Leiden::run`], or when the user interrupts.
    pub fn clusters(&self) -> Result<Clusters> {
        Leiden::new().run(&self.adjacency()?)
    }

    /// Returns a graph by chance in which every gene has as many neighbours as here: ends of random pairs of edges are swapped, on
    /// average 20 times for each edge (Maslov and Sneppen 2002, doi:10.1126/science.1065103).
    pub fn randomised(&self, seed: impl Into<Seed>) -> Self {
        let edges = rewiring::rewired(&self.edges, seed.into().named("graph"));
        let sorted: BTreeSet<(u32, u32)> = edges
            .into_iter()
            .map(|(a, b)| (a.min(b), a.max(b)))
            .collect();
        Self {
            genes: Arc::clone(&self.genes),
            edges: sorted.into_iter().collect(),
            left_out: LeftOut::default(),
        }
    }

    /// Returns the share of edges that another graph of the same genes has, too.
    pub fn shared(&self, other: &Self) -> f64 {
        let others: BTreeSet<&(u32, u32)> = other.edges.iter().collect();
        let both = self
            .edges
            .iter()
            .filter(|edge| others.contains(edge))
            .count();
        both as f64 / self.edges.len().max(1) as f64
    }
}

/// Returns where every gene stands.
pub(super) fn places(genes: &[String]) -> Result<BTreeMap<&str, u32>> {
    let mut places = BTreeMap::new();
    for (place, gene) in genes.iter().enumerate() {
        if places.insert(gene.as_str(), place as u32).is_some() {
            return Err(Error::value(
                "genes",
                "each once",
                format!("`{gene}` twice"),
            ));
        }
    }
    Ok(places)
}

impl fmt::Debug for GeneGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "GeneGraph({} genes, {} edges)",
            self.genes.len(),
            self.len()
        )
    }
}

impl fmt::Display for GeneGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alone = self.degrees().iter().filter(|&&degree| degree == 0).count();
        write!(
            f,
            "{} edges between {} genes, {alone} genes without one",
            self.len(),
            self.genes.len()
        )?;
        let LeftOut {
            duplicates,
            loops,
            edges,
            unknown,
        } = &self.left_out;
        if duplicates + loops + edges == 0 {
            return Ok(());
        }
        write!(
            f,
            "; left out: {duplicates} duplicates, {loops} self loops, {edges} edges with {} unknown names",
            unknown.len()
        )?;
        let names: Vec<&str> = unknown.iter().take(TOLD).map(String::as_str).collect();
        if !names.is_empty() {
            let more = if unknown.len() > TOLD { ", ..." } else { "" };
            write!(f, " ({}{more})", names.join(", "))?;
        }
        Ok(())
    }
}
