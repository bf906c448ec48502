//! What a linear layer says of genes, without any cell.

use super::GeneScores;
use crate::network::{Head, Model};
use crate::{Error, Result};
use ndarray::s;

/// Returns the weights by which a linear decoder makes genes of a code: one group for each dimension, shape `(dimensions, genes)`.
///
/// The last layer of the network is dense and gives the genes first, as the decoders of `generative` do; activations and dropout may follow.
/// What the layer reads are the dimensions, so that they are those of the code only where no hidden layer stands between.
///
/// Source: Svensson et al. 2020, doi:10.1093/bioinformatics/btaa169.
///
/// # Errors
///
/// Fails when the model is no network of the library, its last layer is another, or it gives fewer numbers than there are genes.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network::Architecture};
/// # fn main() -> genolens::Result<()> {
/// let genes = ["CD3D", "MS4A1", "CD79A"].map(String::from);
/// let network = Architecture::features(3).dense(2).dense(3).build()?;
/// let found = attribution::loadings(&network, &genes)?;
/// assert_eq!(found.by_group().dim(), (2, 3));
/// # Ok(()) }
/// ```
pub fn loadings(model: &dyn Model, genes: &[String]) -> Result<GeneScores> {
    let network = crate::attribution::gradient::network_behind(model)?;
    let weight = Head::of(network)?.weight;
    if genes.is_empty() || weight.nrows() < genes.len() {
        let expected = format!("1 to {}, the outputs of the last layer", weight.nrows());
        return Err(Error::value("genes", expected, genes.len()));
    }
    let rows = weight.slice(s![..genes.len(), ..]).t().mapv(f64::from);
    let groups = (0..rows.nrows()).map(|dimension| format!("dimension {dimension}"));
    GeneScores::of_rows(genes, (groups.collect(), rows), "loadings")
}
