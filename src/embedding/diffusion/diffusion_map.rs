//! Where examples lie on a diffusion map.

use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, CowArray, IxDyn};
use polars::prelude::DataFrame;
use std::fmt;
use std::sync::Arc;

/// Components whose eigenvalue is at least this are taken to be at rest, as scanpy does.
const REST: f64 = 0.9994;

/// Where examples lie on a diffusion map; cheap to clone.
///
/// It is an input itself, shape `(n, components)`, and carries along what its input knew of the examples.
#[derive(Clone)]
pub struct DiffusionMap {
    data: Arc<Data>,
    about: Option<DataFrame>,
}

struct Data {
    values: Array1<f64>,
    components: Array2<f64>,
    pieces: Vec<u32>,
}

impl DiffusionMap {
    pub(super) fn new(values: Array1<f64>, components: Array2<f64>, pieces: Vec<u32>) -> Self {
        Self {
            data: Arc::new(Data {
                values,
                components,
                pieces,
            }),
            about: None,
        }
    }

    pub(super) fn with_about(mut self, about: Option<DataFrame>) -> Self {
        self.about = about;
        self
    }

    /// Returns how much of each component a step of the walk keeps, falling from 1: scanpy's `uns["diffmap_evals"]`.
    pub fn eigenvalues(&self) -> &Array1<f64> {
        &self.data.values
    }

    /// Returns where the examples are, shape `(n, components)`: scanpy's `obsm["X_diffmap"]` up to signs.
    ///
    /// The first component says only how many neighbours an example has: plot the second and third.
    pub fn coordinates(&self) -> &Array2<f64> {
        &self.data.components
    }

    /// Returns how many pieces the graph falls into.
    pub fn pieces(&self) -> usize {
        self.data
            .pieces
            .iter()
            .max()
            .map_or(0, |piece| *piece as usize + 1)
    }

    /// Returns how far the walk is from one example to every other, 0 to 1: scanpy's `dpt_pseudotime`.
    ///
    /// Uses the first 10 components. An example that the walk never reaches from the root is infinitely far.
    ///
    /// # Errors
    ///
    /// Fails when there is no such example.
    pub fn pseudotime(&self, root: usize) -> Result<Array1<f64>> {
        let data = &self.data;
        let n = data.components.nrows();
        if root >= n {
            let expected = format!("one of the {n} examples, counted from 0");
            return Err(Error::value("root", expected, root));
        }
        // How often the walk passes, over all numbers of steps; what rests counts once.
        let weights: Vec<f64> = data
            .values
            .iter()
            .take(10)
            .map(|value| {
                if *value < REST {
                    value / (1.0 - value)
                } else {
                    1.0
                }
            })
            .collect();
        let from = data.components.row(root);
        let squares = data.components.rows().into_iter().map(|row| {
            let apart = weights.iter().zip(row.iter().zip(from));
            apart.map(|(w, (a, b))| (w * (a - b)).powi(2)).sum::<f64>()
        });
        let mut times: Array1<f64> = squares.map(f64::sqrt).collect();
        for (time, piece) in times.iter_mut().zip(&data.pieces) {
            if *piece != data.pieces[root] {
                *time = f64::INFINITY;
            }
        }
        let reached = times.iter().filter(|time| time.is_finite());
        let longest = reached.fold(0.0_f64, |a, b| a.max(*b));
        if longest > 0.0 {
            times /= longest;
        }
        Ok(times)
    }
}

impl PartialEq for DiffusionMap {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.data, &other.data);
        a.values == b.values && a.components == b.components
    }
}

impl Input for DiffusionMap {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        let array = self.data.components.mapv(|value| value as f32);
        Ok(array.into_dyn().into())
    }

    fn about(&self) -> Option<&DataFrame> {
        self.about.as_ref()
    }
}

impl fmt::Debug for DiffusionMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, components) = self.data.components.dim();
        write!(f, "DiffusionMap(n = {n}, components = {components})")
    }
}
