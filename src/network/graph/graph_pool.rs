//! Means over clusters of nodes.

use super::{Wiring, wired};
use crate::network::{Layer, Shape, User, UserLayer};
use crate::sparse::Sparse;
use crate::{Error, Result};
use candle_core::Tensor;

/// Reduces every cluster of nodes to the mean of its nodes: `(n, nodes)` to `(n, clusters)`, `(n, channels, nodes)` to
/// `(n, channels, clusters)`.
///
/// Clusters are given as one number for each node, such as `GeneGraph::clusters` finds by the Leiden algorithm, so that neighbours meet in
/// one place. Nothing is learned.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, GraphPool};
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::features(4).then(GraphPool::new(&[0, 0, 1, 1])?).dense(1).build()?;
/// assert_eq!(network.summary().rows()[1].output, "(n, 2)");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct GraphPool {
    wiring: Wiring,
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
        })
    }
}

impl UserLayer for GraphPool {
    fn name(&self) -> &'static str {
        "graph_pool"
    }

    fn describe(&self) -> String {
        format!(
            "means of {} clusters of {} nodes",
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
        let values = self.wiring.values(x.device())?.to_dtype(x.dtype())?;
        let out = wired(
            &x.reshape((rows, self.wiring.inputs()))?,
            &values,
            &self.wiring,
        )?;
        if let Some(last) = shape.last_mut() {
            *last = self.wiring.units();
        }
        Ok(out.reshape(shape)?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}

impl From<GraphPool> for Layer {
    fn from(layer: GraphPool) -> Self {
        User::new(layer).into()
    }
}
