//! The engines for sequences, given cells: a cell is one row of letters, as long as there are genes.

use super::GeneMethod;
use crate::attribution::gradient::gradient;
use crate::attribution::path::{Path, Point};
use crate::attribution::{DeepLift, IntegratedGradients, References};
use crate::network::{Model, Network, in_batches};
use crate::{Error, Result};
use candle_core::{Device, Tensor};
use ndarray::{Array1, Array2, Array3, Axis, s};

/// Scores of some cells, shape `(cells, genes)`, and what they leave unexplained of each output.
pub(super) type Explained = (Array2<f64>, Vec<f64>);

/// A model of cells that reads `(n, 1, genes)`.
struct Flat<'a>(&'a dyn Model);

impl Model for Flat<'_> {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.0.forward(&x.flatten_from(1)?)
    }

    fn device(&self) -> &Device {
        self.0.device()
    }
}

/// What explains the cells of one block after the other.
pub(super) struct Engine<'a> {
    model: &'a dyn Model,
    method: GeneMethod,
    target: usize,
    /// Shape `(baselines, 1, genes)`.
    baselines: Array3<f32>,
    /// Points on the way from a baseline, of integrated gradients.
    points: Vec<Point>,
    /// The network as `DeepLIFT` computes it.
    network: Option<Network>,
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        model: &'a dyn Model,
        (method, target): (GeneMethod, usize),
        baselines: Array2<f32>,
    ) -> Result<Self> {
        let count = baselines.nrows();
        let (mut points, mut network) = (Vec::new(), None);
        match method {
            GeneMethod::IntegratedGradients { steps } => {
                let places = IntegratedGradients::new().steps(steps).places()?;
                points = IntegratedGradients::ways(&places, count);
            }
            GeneMethod::DeepLift => network = Some(DeepLift::new().network(model)?),
            GeneMethod::Gradient | GeneMethod::GradientXInput => {}
        }
        Ok(Self {
            model,
            method,
            target,
            baselines: baselines.insert_axis(Axis(1)),
            points,
            network,
        })
    }

    /// Explains a block of cells, shape `(cells, genes)`.
    pub(super) fn explain(&self, cells: &Array2<f32>) -> Result<Explained> {
        let x = cells.view().insert_axis(Axis(1)).to_owned();
        if matches!(
            self.method,
            GeneMethod::Gradient | GeneMethod::GradientXInput
        ) {
            let found = gradient(&Flat(self.model), &x, (self.target, 64))?;
            let mut found = found.index_axis_move(Axis(1), 0).mapv(f64::from);
            if self.method == GeneMethod::GradientXInput {
                found *= &cells.mapv(f64::from);
            }
            return Ok((found, Vec::new()));
        }
        let device = self.model.device();
        let parts = in_batches(
            &self.method.to_string(),
            (cells.nrows(), 1, device),
            |rows| self.one(&x.slice(s![rows.start, .., ..])),
        )?;
        let mut scores = Array2::zeros(cells.dim());
        let mut unexplained = Vec::with_capacity(parts.len());
        for (mut row, (own, rest)) in scores.rows_mut().into_iter().zip(parts) {
            row.assign(&own);
            unexplained.push(rest);
        }
        Ok((scores, unexplained))
    }

    /// Explains one cell, shape `(1, genes)`.
    fn one(&self, x: &ndarray::ArrayView2<'_, f32>) -> Result<(Array1<f64>, f64)> {
        let Some(network) = &self.network else {
            let path = Path {
                method: "integrated gradients",
                target: self.target,
                batch: 64,
                references: &References::zeros(),
            };
            let pair = (x, &self.baselines);
            let (scores, unexplained) = path.one(&Flat(self.model), pair, &self.points)?;
            return Ok((row(scores)?, unexplained));
        };
        let (scores, unexplained) = DeepLift::new()
            .target(self.target)
            .one(network, (x, &self.baselines))?;
        Ok((row(scores)?, unexplained))
    }
}

fn row(scores: Array2<f64>) -> Result<Array1<f64>> {
    let shape = scores.dim();
    let scores = scores.into_shape_with_order(shape.0 * shape.1);
    scores.map_err(|_| Error::shape("scores", "(1, genes)", &[shape.0, shape.1]))
}
