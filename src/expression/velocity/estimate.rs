//! Velocities that have been estimated.

use super::{Arrows, VelocityEvidence, VelocityModel, VelocityTest};
use crate::embedding::{Map, Neighbors};
use crate::expression::Cells;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use polars::prelude::{Column, DataFrame, df};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// In which direction every cell moves, gene by gene, and which neighbours lie there; cheap to clone.
#[derive(Clone)]
pub struct Velocity {
    data: Arc<Parts>,
}

pub(super) struct Parts {
    /// Cells with the layers `Ms` and `Mu`.
    pub(super) cells: Cells,
    pub(super) neighbors: Neighbors,
    pub(super) steady: Vec<f64>,
    pub(super) r2: Vec<f64>,
    pub(super) r2_all: Vec<f64>,
    pub(super) gamma: Vec<f64>,
    /// Genes that are used.
    pub(super) used: Vec<usize>,
    /// Means of spliced counts, shape `(cells, used genes)`.
    pub(super) x: Array2<f32>,
    /// Velocities in the same shape.
    pub(super) v: Array2<f32>,
    /// Cosines above and below zero.
    pub(super) graph: (Sparse, Sparse),
    pub(super) model: VelocityModel,
    pub(super) percentile: f64,
}

impl Velocity {
    pub(super) fn new(parts: Parts) -> Result<Self> {
        if parts.x.dim() != parts.v.dim() {
            let (cells, genes) = parts.x.dim();
            return Err(Error::shape(
                "velocity",
                format!("({cells}, {genes})"),
                parts.v.shape(),
            ));
        }
        Ok(Self {
            data: Arc::new(parts),
        })
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.data
    }

    /// Returns how many cells there are.
    pub fn len(&self) -> usize {
        self.data.x.nrows()
    }

    /// Tells whether there are no cells, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how the ratio at rest was found.
    pub fn model(&self) -> VelocityModel {
        self.data.model
    }

    /// Returns the names of the genes that are used, in the order of the cells' genes.
    pub fn genes(&self) -> Vec<String> {
        let names = self.data.cells.genes();
        self.data
            .used
            .iter()
            .map(|gene| names[*gene].clone())
            .collect()
    }

    /// Returns the velocity of the genes that are used, shape `(cells, used genes)`, in counts per time that a molecule needs to be
    /// spliced.
    pub fn values(&self) -> &Array2<f32> {
        &self.data.v
    }

    /// Returns a table with one row a gene: `gene`; `gamma`, the ratio at rest of the model; `gamma_steady`, that of the line through cells
    /// with the most molecules; `r2` of that line; `r2_all`, r2 of a line through all cells; `used`.
    ///
    /// # Errors
    ///
    /// Fails only when the table cannot be built.
    pub fn table(&self) -> Result<DataFrame> {
        let data = &self.data;
        let mut used = vec![false; data.gamma.len()];
        for gene in &data.used {
            used[*gene] = true;
        }
        Ok(df![
            "gene" => data.cells.genes(),
            "gamma" => &data.gamma,
            "gamma_steady" => &data.steady,
            "r2" => &data.r2,
            "r2_all" => &data.r2_all,
            "used" => used,
        ]?)
    }

    /// Returns the cells with the layers `Ms`, `Mu` and `velocity`, the columns `velocity_gamma`, `velocity_r2` and `velocity_genes` of
    /// `var`, and `velocity_length` and `velocity_confidence` of `obs`, as scVelo names them.
    ///
    /// # Errors
    ///
    /// Fails only when a table cannot be built.
    pub fn cells(&self) -> Result<Cells> {
        let data = &self.data;
        let spliced = data.cells.layer("Ms")?.dense();
        let mut velocity = data.cells.layer("Mu")?.dense().into_owned();
        for (mut row, spliced) in velocity.rows_mut().into_iter().zip(spliced.rows()) {
            for ((value, spliced), gamma) in row.iter_mut().zip(spliced).zip(&data.gamma) {
                *value = (f64::from(*value) - gamma * f64::from(*spliced)) as f32;
            }
        }
        let table = self.table()?;
        let column = |name: &str, new: &str| -> Result<Column> {
            Ok(table.column(name)?.clone().with_name(new.into()))
        };
        data.cells
            .with_layer("velocity", velocity)?
            .with_var(column("gamma", "velocity_gamma")?)?
            .with_var(column("r2", "velocity_r2")?)?
            .with_var(column("used", "velocity_genes")?)?
            .with_obs(Column::new(
                "velocity_length".into(),
                self.lengths().to_vec(),
            ))?
            .with_obs(Column::new(
                "velocity_confidence".into(),
                self.confidence().to_vec(),
            ))
    }

    /// Returns the cosines above zero between the velocity of a cell (row) and the ways to others, shape `(n, n)`; others are its
    /// neighbours and theirs.
    pub fn graph(&self) -> &Sparse {
        &self.data.graph.0
    }

    /// Returns the cosines below zero, as [`graph`](Self::graph) those above.
    pub fn graph_against(&self) -> &Sparse {
        &self.data.graph.1
    }

    /// Returns how long the velocity of each cell is, after its mean over genes is subtracted.
    pub fn lengths(&self) -> Array1<f64> {
        let rows: Vec<f64> = (0..self.len())
            .into_par_iter()
            .map(|cell| self.centred(cell).iter().map(|v| v * v).sum::<f64>().sqrt())
            .collect();
        rows.into()
    }

    /// Returns how much the velocity of each cell is like those of its neighbours: the mean correlation, at least 0.
    ///
    /// It is high wherever velocities are smooth, and means over neighbours always are: it does not say that the direction is right. As
    /// scVelo's `velocity_confidence`; a cell that does not move has 0.
    pub fn confidence(&self) -> Array1<f64> {
        let lengths = self.lengths();
        let near = self.data.neighbors.indices();
        let rows: Vec<f64> = (0..self.len())
            .into_par_iter()
            .map(|cell| {
                let own = self.centred(cell);
                let correlation = |other: &u32| {
                    let other = *other as usize;
                    let product: f64 = own
                        .iter()
                        .zip(self.centred(other))
                        .map(|(a, b)| a * b)
                        .sum();
                    let scale = lengths[cell] * lengths[other];
                    if scale > 0.0 { product / scale } else { 0.0 }
                };
                let row = near.row(cell);
                let mean = row.iter().map(correlation).sum::<f64>() / row.len() as f64;
                mean.max(0.0)
            })
            .collect();
        rows.into()
    }

    /// Asks whether genes agree on the direction, and how sure it is, with the defaults of [`VelocityTest`].
    ///
    /// # Errors
    ///
    /// As [`VelocityTest::run`].
    pub fn test(&self) -> Result<VelocityEvidence> {
        VelocityTest::new().run(self)
    }

    fn centred(&self, cell: usize) -> Vec<f64> {
        let row = self.data.v.row(cell);
        let mean = row.iter().map(|v| f64::from(*v)).sum::<f64>() / row.len() as f64;
        row.iter().map(|v| f64::from(*v) - mean).collect()
    }

    /// Projects velocities onto a map, as one arrow for each cell.
    ///
    /// # Errors
    ///
    /// Fails when the map is one of another number of cells.
    pub fn arrows(&self, map: &Map) -> Result<Arrows> {
        Arrows::new(self, map)
    }

    /// Returns the spliced and unspliced counts of a gene with its ratio at rest, a phase portrait: spliced (`Ms`) and unspliced (`Mu`),
    /// shape `(cells, 2)`, and the slope `gamma`.
    ///
    /// # Errors
    ///
    /// Fails when no gene, or more than one, has this name.
    pub fn portrait(&self, gene: &str) -> Result<(Array2<f32>, f64)> {
        let place = self.data.cells.var().places(&[gene])?[0];
        let [spliced, unspliced] = ["Ms", "Mu"].map(|name| self.data.cells.layer(name));
        let (spliced, unspliced) = (spliced?.column(place), unspliced?.column(place));
        let points = Array2::from_shape_fn((self.len(), 2), |(cell, axis)| {
            if axis == 0 {
                spliced[cell]
            } else {
                unspliced[cell]
            }
        });
        Ok((points, self.data.gamma[place]))
    }
}

impl fmt::Debug for Velocity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cells, genes) = self.data.v.dim();
        let model = self.data.model;
        write!(
            f,
            "Velocity({cells} cells, {genes} of {} genes used, {model:?})",
            self.data.gamma.len()
        )
    }
}
