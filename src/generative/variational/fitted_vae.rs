//! A variational autoencoder that has learned.

use super::clusters::assignments;
use super::parameters::{Totals, shares};
use super::plan::Plan;
use super::posterior::{by_rows, table};
use crate::expression::Cells;
use crate::generative::{Latent, LatentModel};
use crate::network::{Network, to_array, to_tensor};
use crate::training::{History, Likelihood, Trained};
use crate::{Error, Input, Result};
use candle_core::Device;
use ndarray::{Array2, ArrayView1, Axis, s};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A dimension is active where the means of positions vary by more than this (Burda et al. 2016, <https://arxiv.org/abs/1509.00519>).
const ACTIVE: f64 = 0.01;

/// A variational autoencoder that has learned; cheap to clone.
#[derive(Clone)]
pub struct FittedVae {
    trained: Trained,
    encoder: Network,
    decoder: Network,
    plan: Arc<Plan>,
}

impl FittedVae {
    pub(super) fn new(trained: Trained, plan: Plan) -> Result<Self> {
        Ok(Self {
            encoder: trained.network().first_layers(plan.encoding()),
            decoder: trained.network().last_layers(1)?,
            trained,
            plan: Arc::new(plan),
        })
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn encoder(&self) -> &Network {
        &self.encoder
    }

    pub(super) fn decoder(&self) -> &Network {
        &self.decoder
    }

    /// Returns the whole network.
    pub fn network(&self) -> &Network {
        self.trained.network()
    }

    /// Returns how training went, also where it diverged; nothing of weights that were loaded.
    pub fn history(&self) -> &History {
        self.trained.history()
    }

    /// Returns the names of the genes, in their order.
    pub fn genes(&self) -> &[String] {
        &self.plan.genes
    }

    /// Returns the positions of cells: the means, shape `(cells, dimensions)`.
    ///
    /// # Errors
    ///
    /// Fails when the cells have other genes, values that the model cannot read, or batches that it does not know.
    pub fn latent(&self, cells: &Cells) -> Result<Latent> {
        let source = self.plan.read(cells)?;
        let places = s![.., ..self.plan.dimensions];
        let make =
            |rows: &[usize]| Ok(self.posterior(&source, rows)?.mean.slice(places).to_owned());
        let means = by_rows(("positions", &source), self.plan.dimensions, make)?;
        Ok(Latent::new(means, cells.about().cloned()))
    }

    /// Returns the variances of the positions of cells, shape `(cells, dimensions)`: how sure the model is.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent).
    pub fn latent_variance(&self, cells: &Cells) -> Result<Array2<f32>> {
        let source = self.plan.read(cells)?;
        let places = s![.., ..self.plan.dimensions];
        let make = |rows: &[usize]| {
            Ok(self
                .posterior(&source, rows)?
                .variance
                .slice(places)
                .to_owned())
        };
        by_rows(("variances", &source), self.plan.dimensions, make)
    }

    /// Returns the cells with the mean of every gene in place of their values: for counts given the total of the cell (or the one that is
    /// [learned](super::Vae::learned_library)), before dropout, which denoises them and fills gaps. The result is dense.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent).
    pub fn reconstructed(&self, cells: &Cells) -> Result<Cells> {
        self.decoded_cells("reconstruction", cells, (None, true))
    }

    /// Returns the cells with [`reconstructed`](Self::reconstructed) values as a layer of this name.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent).
    pub fn with_layer(&self, cells: &Cells, name: &str) -> Result<Cells> {
        cells.with_layer(name, self.reconstructed(cells)?.values().clone())
    }

    /// Returns the cells with the mean of every gene for the median total of the training cells, so that cells compare whatever their
    /// depth. The result is dense.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent).
    pub fn normalised(&self, cells: &Cells) -> Result<Cells> {
        self.decoded_cells("normalisation", cells, (Some(self.plan.typical), true))
    }

    /// Returns the same as [`normalised`](Self::normalised), decoded in every batch and averaged, so that batches compare.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent).
    pub fn batch_free(&self, cells: &Cells) -> Result<Cells> {
        self.decoded_cells(
            "batch-free expression",
            cells,
            (Some(self.plan.typical), false),
        )
    }

    fn decoded_cells(
        &self,
        task: &str,
        cells: &Cells,
        (total, own_batch): (Option<f64>, bool),
    ) -> Result<Cells> {
        let source = self.plan.read(cells)?;
        let make = |rows: &[usize]| {
            let z = self.posterior(&source, rows)?.mean;
            let covariates = source.covariates().select(Axis(0), rows);
            let counted: Vec<f64> = rows.iter().map(|&row| source.totals()[row]).collect();
            let totals = total.map_or(Totals::Own(&counted), Totals::Same);
            self.means(&z, (covariates.view(), totals), own_batch)
        };
        cells.with_values(by_rows((task, &source), self.plan.genes.len(), make)?)
    }

    /// Returns how probable a dropout is, cell by cell and gene by gene, shape `(cells, genes)`: a zero whatever the mean says.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent), and when counts are not [`Likelihood::Zinb`].
    pub fn dropout_chances(&self, cells: &Cells) -> Result<Array2<f32>> {
        if self.plan.likelihood != Likelihood::Zinb {
            let expected = "one of zero-inflated counts";
            return Err(Error::value("model", expected, self.plan.likelihood));
        }
        let source = self.plan.read(cells)?;
        let genes = self.plan.genes.len();
        let make = |rows: &[usize]| {
            let z = self.posterior(&source, rows)?.mean;
            let covariates = source.covariates().select(Axis(0), rows);
            let scores = self.scores(&z, &covariates.view())?;
            Ok(Array2::from_shape_fn(
                (rows.len(), genes),
                |(cell, gene)| self.plan.shape(&scores.row(cell), gene).1 as f32,
            ))
        };
        by_rows(("dropout", &source), genes, make)
    }

    /// Returns how far each dimension is used, by cells: a table with the dimension, the variance of the means of positions, the
    /// divergence from the standard normal (nats, the mean over cells) and whether it is active: a variance above 0.01.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent).
    pub fn units(&self, cells: &Cells) -> Result<DataFrame> {
        let source = self.plan.read(cells)?;
        let dimensions = self.plan.dimensions;
        let make = |rows: &[usize]| {
            let posterior = self.posterior(&source, rows)?;
            let divergence = posterior.divergence().mapv(|value| value as f32);
            let places = s![.., ..dimensions];
            let both = [posterior.mean.slice(places), divergence.slice(places)];
            ndarray::concatenate(Axis(1), &both)
                .map_err(|_| Error::shape("positions", "(n, dimensions)", posterior.mean.shape()))
        };
        let both = by_rows(("units", &source), 2 * dimensions, make)?;
        let both = both.mapv(f64::from);
        let variance = both.slice(s![.., ..dimensions]).var_axis(Axis(0), 0.0);
        let divergence = both.slice(s![.., dimensions..]).mean_axis(Axis(0));
        let numbers: Vec<u32> = (0..dimensions as u32).collect();
        let active: Vec<bool> = variance.iter().map(|&v| v > ACTIVE).collect();
        let divergence = divergence.unwrap_or_default().to_vec();
        let columns = vec![
            Column::new("dimension".into(), numbers),
            Column::new("variance".into(), variance.to_vec()),
            Column::new("divergence".into(), divergence),
            Column::new("active".into(), active),
        ];
        Ok(DataFrame::new(dimensions, columns)?)
    }

    /// Returns the loadings of genes on dimensions, shape `(genes, dimensions)`: by how much one step along a dimension raises the score
    /// of a gene, which is the logarithm of its share up to what all genes have in common.
    ///
    /// # Errors
    ///
    /// Fails when the decoder is not [`linear`](super::Vae::linear).
    pub fn loadings(&self) -> Result<Array2<f32>> {
        if !self.plan.linear {
            let got = "one with hidden layers";
            return Err(Error::value("decoder", "a linear one", got));
        }
        // The scores of genes come first; behind the position stands the batch.
        let names = self.decoder.weight_names();
        let first = names.iter().find(|name| name.ends_with("dense.weight"));
        let weight = table(self.decoder.weight(first.map_or("", String::as_str))?)?;
        Ok(weight.slice(s![.., ..self.plan.dimensions]).to_owned())
    }

    /// Returns the chances of the labels that the classifier gives cells, a column for each label, the rows summing to 1.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent), and when the model was not trained with [`labels`](super::Vae::labels).
    pub fn label_chances(&self, cells: &Cells) -> Result<DataFrame> {
        let Some(labels) = &self.plan.labels else {
            let expected = "a model that was trained with `labels`";
            return Err(Error::value("model", expected, "one without"));
        };
        let weight = table(self.own("classifier.weight")?)?;
        let bias = self.own("classifier.bias")?;
        let scores = self.latent(cells)?.coordinates().dot(&weight.t()) + &bias;
        let scores = table(scores.into_dyn())?;
        let rows: Vec<Vec<f32>> = scores
            .rows()
            .into_iter()
            .map(|row: ArrayView1<'_, f32>| shares(&row).collect())
            .collect();
        let columns = labels.names.iter().enumerate().map(|(at, name)| {
            let chances: Vec<f32> = rows.iter().map(|row| row[at]).collect();
            Column::new(name.as_str().into(), chances)
        });
        Ok(DataFrame::new(rows.len(), columns.collect())?)
    }

    /// Returns the soft assignments of cells to clusters, shape `(cells, clusters)`, the rows summing to 1.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent), and when the model was not trained with [`clusters`](super::Vae::clusters).
    pub fn cluster_chances(&self, cells: &Cells) -> Result<Array2<f32>> {
        let centres = self.own("clusters.centres").map_err(|_| {
            let expected = "a model that was trained with `clusters`";
            Error::value("model", expected, "one without")
        })?;
        let z = to_tensor(&self.latent(cells)?, &Device::Cpu)?;
        table(to_array(&assignments(
            &z,
            &to_tensor(&centres, &Device::Cpu)?,
        )?)?)
    }

    /// Finds a weight by the end of its name.
    fn own(&self, end: &str) -> Result<ndarray::ArrayD<f32>> {
        let names = self.network().weight_names();
        let name = names.iter().find(|name| name.ends_with(end));
        self.network().weight(name.map_or(end, String::as_str))
    }

    /// Returns cells on the straight line between the positions of two cells, both ends among them, as
    /// [`batch_free`](Self::batch_free) expression; they are named by how far along the line they are, 0 to 1.
    ///
    /// # Errors
    ///
    /// As [`latent`](Self::latent), and when there is no such cell, or fewer than 2 steps.
    pub fn interpolated(
        &self,
        cells: &Cells,
        (from, to): (usize, usize),
        steps: usize,
    ) -> Result<Cells> {
        if steps < 2 {
            return Err(Error::value("steps", "at least 2", steps));
        }
        let ends = self.latent(&cells.select_cells(&[from, to])?)?;
        let ends = ends.coordinates();
        let share = |step: usize| step as f32 / (steps - 1) as f32;
        let line = Array2::from_shape_fn((steps, ends.ncols()), |(step, at)| {
            ends[[0, at]] + share(step) * (ends[[1, at]] - ends[[0, at]])
        });
        let names = (0..steps).map(|step| format!("{:.3}", share(step)));
        let decoded = self.decode(&Latent::new(line, None))?;
        Cells::new(decoded.values().clone(), names, self.genes().to_vec())
    }

    /// Writes the weights to a safetensors file, which [`Vae::load`](super::Vae::load) reads.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.network().save(path)
    }
}

impl LatentModel for FittedVae {
    fn encode(&self, cells: &Cells) -> Result<Latent> {
        self.latent(cells)
    }

    fn decode(&self, latent: &Latent) -> Result<Cells> {
        let z = latent.checked(self.plan.dimensions)?;
        let (batches, labels) = self.plan.levels();
        let covariates = Array2::zeros((z.nrows(), batches + labels));
        let totals = Totals::Same(self.plan.typical);
        let means = self.means(z, (covariates.view(), totals), false)?;
        latent.to_cells(means, self.genes())
    }
}

impl fmt::Debug for FittedVae {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (genes, likelihood) = (self.plan.genes.len(), self.plan.likelihood);
        let dimensions = self.plan.dimensions;
        let history = self.history();
        write!(
            f,
            "FittedVae({genes} genes, {dimensions} dimensions, {likelihood}, {history:?})"
        )
    }
}

impl fmt::Display for FittedVae {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trained.fmt(f)
    }
}
