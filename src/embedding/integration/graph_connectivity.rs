//! Whether the examples of a group hang together.

use crate::Result;
use crate::embedding::{Labels, Neighbors};

/// Measures how much of each group hangs together in the graph of neighbours: the share of its largest piece, mean over the groups.
///
/// 1 is best: integration tore no cell type apart. Source: Luecken 2022, doi:10.1038/s41592-021-01336-8.
///
/// # Errors
///
/// Fails when there is not one label for each example.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{self, Labels, Neighbors}, ndarray::{Array2, array}};
/// # fn main() -> genolens::Result<()> {
/// let pairs = Neighbors::new(&array![[1], [0], [3], [2]], &Array2::ones((4, 1)))?;
/// assert_eq!(embedding::graph_connectivity(&pairs, &Labels::new(["a", "a", "b", "b"])?)?, 1.0);
/// assert_eq!(embedding::graph_connectivity(&pairs, &Labels::new(["a", "b", "a", "b"])?)?, 0.5);
/// # Ok(()) }
/// ```
pub fn graph_connectivity(neighbors: &Neighbors, labels: &Labels) -> Result<f64> {
    labels.check(neighbors.len())?;
    let graph = neighbors.connectivities();
    let codes = labels.codes();
    let mut largest = vec![0_usize; labels.groups().len()];
    let mut seen = vec![false; codes.len()];
    let mut stack = Vec::new();
    for start in 0..codes.len() {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        stack.push(start);
        let mut size = 0;
        while let Some(node) = stack.pop() {
            size += 1;
            for &other in graph.row(node).0 {
                let other = other as usize;
                if !seen[other] && codes[other] == codes[start] {
                    seen[other] = true;
                    stack.push(other);
                }
            }
        }
        let largest = &mut largest[codes[start] as usize];
        *largest = size.max(*largest);
    }
    let shares = largest.iter().zip(labels.sizes());
    let sum: f64 = shares.map(|(most, size)| *most as f64 / size as f64).sum();
    Ok(sum / largest.len() as f64)
}
