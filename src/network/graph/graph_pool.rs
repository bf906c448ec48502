//! Means and maxima over clusters of nodes.

use super::{Wiring, wired};
use crate::network::operation::{Window, pool};
use crate::network::{Layer, Pooling, Shape, User, UserLayer};
use crate::sparse::Sparse;
use crate::{Error, Result};
use candle_core::{Tensor, Var};

/// Reduces every cluster of nodes to the mean of its nodes, or their maximum: `(n, nodes)` to `(n, clusters)`, `(n, channels, nodes)` to
/// `(n, channels, clusters)`.
///
/// Clusters are given as one number for each node, such as `GeneGraph::clusters` finds by the Leiden algorithm, so that neighbours meet in
/// one place. Nothing is learned. A mean tells how active a cluster is as a whole, a [maximum](Self::maximum) whether any of its nodes is:
/// one gene of a large cluster is lost in the mean. Pooling by graph clusters: Bruna et al. 2014, <https://arxiv.org/abs/1312.6203>; on
/// genes Dutil et al. 2018, <https://arxiv.org/abs/1806.06975>. Both are checked against `PyTorch`, output and gradients.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, GraphPool};
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::features(4).then(GraphPool::new(&[0, 0, 1, 1])?).dense(1).build()?;
/// assert_eq!(network.summary().rows()[1].output, "(n, 2)");
/// let strongest = GraphPool::new(&[0, 0, 1, 1])?.maximum();
/// let network = Architecture::features(4).then(strongest).dense(1).build()?;
/// assert_eq!(network.summary().rows()[1].layer, "maxima of 2 clusters of 4 nodes");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct GraphPool {
    wiring: Wiring,
    maximum: bool,
}

impl GraphPool {
    /// Takes the number of the cluster of every node, from 0, none of which is empty.
    ///
    /// # Errors
    ///
    /// Fails without nodes, and when a number below the largest has no node.
    pub fn new(clusters: &[u32]) -> Result<Self> {
        let Some(&largest) = clusters.iter().max() else {
            return Err(Error::value("clusters", "at least one node", "empty"));
        };
        if largest as usize >= clusters.len() {
            let expected = format!("numbers below {}, from 0 without a gap", clusters.len());
            return Err(Error::value("clusters", expected, largest));
        }
        let mut members = vec![Vec::new(); largest as usize + 1];
        for (node, &cluster) in clusters.iter().enumerate() {
            members[cluster as usize].push(node as u32);
        }
        if let Some(empty) = members.iter().position(Vec::is_empty) {
            let got = format!("none of number {empty}, and some of {largest}");
            return Err(Error::value(
                "clusters",
                "numbers from 0 without a gap",
                got,
            ));
        }
        let share = |nodes: Vec<u32>| {
            let share = 1.0 / nodes.len() as f32;
            nodes.into_iter().map(|node| (node, share)).collect()
        };
        let rows = members.into_iter().map(share).collect();
        let means = Sparse::from_rows(clusters.len(), rows)?;
        Ok(Self {
            wiring: Wiring::new("clusters", &means)?,
            maximum: false,
        })
    }

    /// Takes the largest number of every cluster in place of the mean; the gradient goes to the first node that has it. NaN counts as
    /// larger than any number.
    pub fn maximum(mut self) -> Self {
        self.maximum = true;
        self
    }

    /// Reduces rows of nodes, shape `(rows, nodes)`.
    fn reduced(&self, x: &Tensor) -> Result<Tensor> {
        if !self.maximum {
            let values = self.wiring.values(x.device())?.to_dtype(x.dtype())?;
            return Ok(wired(x, &values, &self.wiring)?);
        }
        // Nodes of a cluster next to each other, so that each is a window.
        let (nodes, _) = self.wiring.ends(x.device())?;
        let ends = self.wiring.offsets().windows(2);
        let windows = ends.map(|ends| Window {
            start: ends[0],
            end: ends[1],
            divisor: 1,
        });
        let ordered = x.contiguous()?.index_select(&nodes, 1)?.unsqueeze(1)?;
        Ok(pool(&ordered, Pooling::Max, windows.collect())?.squeeze(1)?)
    }
}

impl UserLayer for GraphPool {
    fn name(&self) -> &'static str {
        "graph_pool"
    }

    fn describe(&self) -> String {
        format!(
            "{} of {} clusters of {} nodes",
            if self.maximum { "maxima" } else { "means" },
            self.wiring.units(),
            self.wiring.inputs()
        )
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let (nodes, clusters) = (self.wiring.inputs(), self.wiring.units());
        match input {
            Shape::Features(features) if features == nodes => Ok(Shape::Features(clusters)),
            Shape::Sequence {
                channels,
                length: Some(length),
            } if length == nodes => Ok(Shape::Sequence {
                channels,
                length: Some(clusters),
            }),
            _ => Err(format!(
                "(n, {nodes}) or (n, channels, {nodes}), one place for each node"
            )),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let mut shape = x.dims().to_vec();
        let rows = x.elem_count() / self.wiring.inputs();
        let out = self.reduced(&x.reshape((rows, self.wiring.inputs()))?)?;
        if let Some(last) = shape.last_mut() {
            *last = self.wiring.units();
        }
        Ok(out.reshape(shape)?)
    }

    fn is_linear(&self) -> bool {
        !self.maximum
    }

    /// What sets two maxima apart goes to the node where the larger of them stands, as in pools of sequences.
    fn multipliers(
        &self,
        _: &[Tensor],
        (examples, references): (&Tensor, &Tensor),
        multipliers: &Tensor,
    ) -> Result<Option<Tensor>> {
        let pooled = |x: &Tensor| self.forward(&[], x);
        let larger = Var::from_tensor(&examples.maximum(references)?)?;
        let standing = |there: &Tensor| -> Result<Tensor> {
            let gradients = (pooled(&larger)? * there)?.sum_all()?.backward()?;
            let none = || larger.zeros_like();
            Ok(gradients.get(&larger).cloned().map_or_else(none, Ok)?)
        };
        let difference = (pooled(examples)? - pooled(references)?)?;
        let apart = (examples - references)?;
        let shares = (standing(&(multipliers * difference)?)? / &apart)?;
        // Where nothing sets the two apart, the multiplier is the slope.
        let same = apart.eq(&apart.zeros_like()?)?;
        Ok(Some(same.where_cond(&standing(multipliers)?, &shares)?))
    }
}

impl From<GraphPool> for Layer {
    fn from(layer: GraphPool) -> Self {
        User::new(layer).into()
    }
}
