//! The genes that a node is made of.

use super::Adage;
use crate::{Error, Result};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// On which side of the mean weight of a node genes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// More of these genes makes the node more active.
    Positive,
    /// More of these genes makes it less active.
    Negative,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
        })
    }
}

/// The genes of high weight of one side of a node, the heaviest first; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Signature {
    node: usize,
    side: Side,
    genes: Arc<[String]>,
    weights: Arc<[f32]>,
}

impl Signature {
    /// Returns the node, counted from 0.
    pub fn node(&self) -> usize {
        self.node
    }

    /// Returns the side of the node.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Returns the genes, the heaviest first.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// Returns their weights.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Counts the genes.
    pub fn len(&self) -> usize {
        self.genes.len()
    }

    /// Tells whether no gene stands out.
    pub fn is_empty(&self) -> bool {
        self.genes.is_empty()
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Signature(node {}, {} side, {} genes)",
            self.node,
            self.side,
            self.len()
        )
    }
}

/// The genes of high weight of both sides of all nodes; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::generative::{Adage, Side};
/// use genolens::ndarray::{Array1, Array2};
/// # fn main() -> genolens::Result<()> {
/// let genes: Vec<String> = (0..100).map(|gene| format!("PA{gene:04}")).collect();
/// let weights = Array2::from_shape_fn((100, 1), |(gene, _)| if gene == 7 { 2.0 } else { 0.0 });
/// let adage = Adage::new(&genes, weights, (Array1::zeros(1), Array1::zeros(100)))?;
/// assert_eq!(adage.signatures().get(0, Side::Positive)?.genes(), ["PA0007"]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Signatures {
    all: Arc<[Signature]>,
    deviations: f64,
}

impl Signatures {
    pub(super) fn of(adage: &Adage, deviations: f64) -> Self {
        let mut all = Vec::with_capacity(2 * adage.nodes());
        for (node, weights) in adage.weights().columns().into_iter().enumerate() {
            let weights: Vec<f64> = weights.iter().map(|&weight| f64::from(weight)).collect();
            let count = weights.len() as f64;
            let mean = weights.iter().sum::<f64>() / count;
            let squares: f64 = weights.iter().map(|weight| (weight - mean).powi(2)).sum();
            let reach = deviations * (squares / (count - 1.0).max(1.0)).sqrt();
            for (side, sign) in [(Side::Positive, 1.0), (Side::Negative, -1.0)] {
                let stands_out = |gene: &usize| sign * (weights[*gene] - mean) > reach;
                let mut found: Vec<usize> = (0..weights.len()).filter(stands_out).collect();
                found.sort_by(|&a, &b| (sign * weights[b]).total_cmp(&(sign * weights[a])));
                all.push(Signature {
                    node,
                    side,
                    genes: found
                        .iter()
                        .map(|&gene| adage.genes()[gene].clone())
                        .collect(),
                    weights: found.iter().map(|&gene| weights[gene] as f32).collect(),
                });
            }
        }
        Self {
            all: all.into(),
            deviations,
        }
    }

    /// Returns the genes of one side of a node.
    ///
    /// # Errors
    ///
    /// Fails when there is no such node.
    pub fn get(&self, node: usize, side: Side) -> Result<Signature> {
        let own = self.all.chunks_exact(2).nth(node);
        let found = own.and_then(|both| both.iter().find(|one| one.side == side));
        found.cloned().ok_or_else(|| {
            let expected = format!("below {}, the number of nodes", self.all.len() / 2);
            Error::value("node", expected, node)
        })
    }

    /// Returns for every gene that stands out somewhere: `node`, `side`, `gene`, `weight`.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn table(&self) -> Result<DataFrame> {
        let rows = || {
            (self.all.iter()).flat_map(|one| {
                one.genes
                    .iter()
                    .zip(one.weights.iter())
                    .map(move |row| (one, row))
            })
        };
        Ok(df!(
            "node" => rows().map(|(one, _)| one.node as i64).collect::<Vec<_>>(),
            "side" => rows().map(|(one, _)| one.side.to_string()).collect::<Vec<_>>(),
            "gene" => rows().map(|(_, (gene, _))| gene.as_str()).collect::<Vec<_>>(),
            "weight" => rows().map(|(_, (_, weight))| *weight).collect::<Vec<_>>(),
        )?)
    }

    /// Returns the genes that stand out in any node, each once, in the order of their names.
    pub fn genes(&self) -> Vec<String> {
        let mut genes: Vec<String> = self.all.iter().flat_map(|one| one.genes.to_vec()).collect();
        genes.sort_unstable();
        genes.dedup();
        genes
    }
}

impl fmt::Debug for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signatures({self})")
    }
}

impl fmt::Display for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.all.iter().map(Signature::len);
        let (least, most) = (sizes.clone().min().unwrap_or(0), sizes.max().unwrap_or(0));
        let nodes = self.all.len() / 2;
        write!(
            f,
            "{nodes} nodes, {least} to {most} genes on a side, beyond {} standard deviations",
            self.deviations
        )
    }
}
