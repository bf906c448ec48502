//! A convolution over a graph.

use super::masked_dense::check_graph;
use super::{Wiring, wired};
use crate::network::operation::mix;
use crate::network::{Layer, Parameter, Shape, User, UserLayer};
use crate::sparse::Sparse;
use crate::{Error, Result};
use candle_core::Tensor;

/// Mixes every node of a graph with its neighbours, and the channels of each: `D^-1/2 (A + I) D^-1/2 X W + b`, the same `W` at all nodes.
///
/// Reads `(n, nodes)`, which has one channel, or `(n, channels, nodes)`, and gives `(n, channels, nodes)`. A graph of genes is such a
/// graph: `GeneGraph::adjacency`. The more of these layers, the farther a node sees.
///
/// Parameters: `weight` of shape `(channels, channels of the input)` and `bias` of shape `(channels)`; with [`own`](Self::own) also
/// `own_weight`.
///
/// Source: Kipf and Welling 2017, <https://arxiv.org/abs/1609.02907>; on genes: Dutil et al. 2018, <https://arxiv.org/abs/1806.06975>.
/// Checked against numpy and `PyTorch`.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, GraphConvolution};
/// use genolens::{ndarray::array, sparse::Sparse};
/// # fn main() -> genolens::Result<()> {
/// let chain = Sparse::from_dense(&array![[0.0_f32, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])?;
/// let network = Architecture::features(3)
///     .then(GraphConvolution::new(&chain, 8)?)
///     .relu()
///     .flatten()
///     .dense(1)
///     .build()?;
/// assert_eq!(network.summary().rows()[1].output, "(n, 8, 3)");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct GraphConvolution {
    wiring: Wiring,
    edges: usize,
    channels: usize,
    own: bool,
}

impl GraphConvolution {
    /// Takes a symmetric matrix of weights of edges, shape `(nodes, nodes)`, and the number of channels of the output.
    ///
    /// # Errors
    ///
    /// Fails without channels or nodes, and for a matrix that is not square, not symmetric, or has negative weights.
    pub fn new(adjacency: &Sparse, channels: usize) -> Result<Self> {
        check_graph(adjacency)?;
        if channels == 0 {
            return Err(Error::value("channels", "at least 1", 0));
        }
        Ok(Self {
            wiring: Wiring::new("adjacency", &normalised(adjacency)?)?,
            edges: edges(adjacency),
            channels,
            own: false,
        })
    }

    /// Lets every node speak for itself by weights of its own, beside the mean with its neighbours.
    pub fn own(mut self, own: bool) -> Self {
        self.own = own;
        self
    }
}

/// Counts pairs of nodes that are joined, and loops.
fn edges(adjacency: &Sparse) -> usize {
    let of_node = |node: usize| {
        let others = adjacency.row(node).0.iter();
        others.filter(|&&other| node <= other as usize).count()
    };
    (0..adjacency.nrows()).map(of_node).sum()
}

/// Adds a loop of weight 1 to every node and divides every edge by the roots of the degrees of both its ends.
fn normalised(adjacency: &Sparse) -> Result<Sparse> {
    let rows = (0..adjacency.nrows()).map(|node| {
        let (others, weights) = adjacency.row(node);
        let mut row: Vec<(u32, f32)> = others
            .iter()
            .copied()
            .zip(weights.iter().copied())
            .collect();
        row.push((node as u32, 1.0));
        row
    });
    let looped = Sparse::from_rows(adjacency.nrows(), rows.collect())?;
    let roots: Vec<f64> = looped
        .row_sums()
        .iter()
        .map(|degree| degree.sqrt())
        .collect();
    let rows = (0..looped.nrows()).map(|node| {
        let (others, weights) = looped.row(node);
        let pairs = others.iter().zip(weights);
        let share = |(&other, &weight): (&u32, &f32)| {
            (
                other,
                (f64::from(weight) / (roots[node] * roots[other as usize])) as f32,
            )
        };
        pairs.map(share).collect()
    });
    Sparse::from_rows(looped.nrows(), rows.collect())
}

impl UserLayer for GraphConvolution {
    fn name(&self) -> &'static str {
        "graph_convolution"
    }

    fn describe(&self) -> String {
        let (nodes, edges) = (self.wiring.units(), self.edges);
        format!(
            "graph convolution {}, {nodes} nodes, {edges} edges",
            self.channels
        )
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let nodes = self.wiring.units();
        match input {
            Shape::Features(features) if features == nodes => {}
            Shape::Sequence {
                length: Some(length),
                ..
            } if length == nodes => {}
            _ => {
                return Err(format!(
                    "(n, {nodes}) or (n, channels, {nodes}), one place for each node of the graph"
                ));
            }
        }
        Ok(Shape::Sequence {
            channels: self.channels,
            length: Some(nodes),
        })
    }

    fn parameters(&self, input: Shape) -> Vec<Parameter> {
        let channels = match input {
            Shape::Sequence { channels, .. } => channels,
            _ => 1,
        };
        let mut parameters = vec![
            Parameter::new("weight", &[self.channels, channels]),
            Parameter::new("bias", &[self.channels]).filled(0.0),
        ];
        if self.own {
            parameters.push(Parameter::new("own_weight", &[self.channels, channels]));
        }
        parameters
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let nodes = self.wiring.units();
        let n = x.dim(0)?;
        let channels = if x.rank() == 3 { x.dim(1)? } else { 1 };
        let flat = x.reshape((n * channels, nodes))?;
        let values = self.wiring.values(x.device())?.to_dtype(x.dtype())?;
        let mixed = wired(&flat, &values, &self.wiring)?;
        // Nodes become rows, so that one product mixes the channels of all.
        let rows = |x: &Tensor| {
            x.reshape((n, channels, nodes))?
                .transpose(1, 2)?
                .reshape((n * nodes, channels))
        };
        let mut out = mix(&rows(&mixed)?, &weights[0], &weights[1])?;
        if let Some(own) = weights.get(2) {
            out = (out + mix(&rows(&flat)?, own, &weights[1].zeros_like()?)?)?;
        }
        let out = out.reshape((n, nodes, self.channels))?.transpose(1, 2)?;
        Ok(out.contiguous()?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}

impl From<GraphConvolution> for Layer {
    fn from(layer: GraphConvolution) -> Self {
        User::new(layer).into()
    }
}
