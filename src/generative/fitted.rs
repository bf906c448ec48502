//! An autoencoder that has learned.

use super::reader::{Reader, same_genes};
use super::{Adage, Latent, LatentModel};
use crate::embedding::Labels;
use crate::expression::{Cells, Values};
use crate::network::{Activation, Layer, Model, Network, Shape, to_array, to_dimension, to_tensor};
use crate::progress::Task;
use crate::training::{History, Likelihood, Source, Trained};
use crate::{Error, Input, Result};
use ndarray::{Array2, s};
use std::fmt;
use std::sync::Arc;

/// Cells that are looked at at once.
const AT_ONCE: usize = 512;

/// An autoencoder that has learned; cheap to clone.
#[derive(Clone)]
pub struct FittedAutoencoder {
    trained: Trained,
    /// How many layers make the code.
    coding: usize,
    likelihood: Likelihood,
    typical: f64,
    /// Values are shares of 0 to 1.
    shares: bool,
    genes: Arc<[String]>,
}

impl FittedAutoencoder {
    pub(super) fn new(
        (trained, coding): (Trained, usize),
        (likelihood, typical, shares): (Likelihood, f64, bool),
        cells: &Cells,
    ) -> Self {
        Self {
            trained,
            coding,
            likelihood,
            typical,
            shares,
            genes: cells.genes().into(),
        }
    }

    /// Returns the whole network.
    pub fn network(&self) -> &Network {
        self.trained.network()
    }

    /// Returns how training went, also where it diverged.
    pub fn history(&self) -> &History {
        self.trained.history()
    }

    /// Returns the layers that make the code as a network of their own, for example to ask which genes made it.
    pub fn encoder(&self) -> Network {
        self.network().first_layers(self.coding)
    }

    /// Returns cells with the values that the network reads of them, for methods that look into the network: of counts
    /// `log1p(count / size)`, of others the same. Sparse values stay sparse.
    ///
    /// # Errors
    ///
    /// As [`codes`](Self::codes).
    pub fn read(&self, cells: &Cells) -> Result<Cells> {
        let reader = self.reader(cells)?;
        if !self.likelihood.is_of_counts() {
            return Ok(cells.clone());
        }
        let seen = |cell: usize, count: f32| (count / reader.size(cell)).ln_1p();
        cells.with_values(match cells.values() {
            Values::Sparse(values) => {
                Values::Sparse(values.map_entries(|cell, _, count| seen(cell, count)))
            }
            Values::Dense(values) => {
                let seen = Array2::from_shape_fn(values.dim(), |(cell, gene)| {
                    seen(cell, values[[cell, gene]])
                });
                seen.into()
            }
        })
    }

    /// Returns the network as one of ADAGE, with its signatures.
    ///
    /// # Errors
    ///
    /// Fails when it was not trained as [`Autoencoder::adage`](super::Autoencoder::adage) does.
    pub fn adage(&self) -> Result<Adage> {
        let layers = self.network().architecture().layers();
        let is_sigmoid = |layer: &Layer| *layer == Layer::Activation(Activation::Sigmoid);
        let [weight, node_bias, back, gene_bias] = self.network().tensors() else {
            return Err(self.no_adage());
        };
        let weight: Array2<f32> = to_dimension(&weight.t()?)?;
        if !self.shares || !layers.iter().any(is_sigmoid) || weight != to_dimension(back)? {
            return Err(self.no_adage());
        }
        let biases = (to_dimension(node_bias)?, to_dimension(gene_bias)?);
        Adage::new(&self.genes, weight, biases)
    }

    fn no_adage(&self) -> Error {
        let expected =
            "one that learned with `Autoencoder::adage`: tied weights, sigmoids, shares of 0 to 1";
        Error::value("autoencoder", expected, format!("{:?}", self.network()))
    }

    /// Returns the codes of cells, shape `(cells, code)`.
    ///
    /// # Errors
    ///
    /// Fails when the cells have other genes, or values that the model cannot read.
    pub fn codes(&self, cells: &Cells) -> Result<Latent> {
        let codes = self.through(&self.encoder(), ("codes", cells), |x, _| x)?;
        Ok(Latent::new(codes, cells.about().cloned()))
    }

    /// Tells cells apart by which units of their code are active, which means above 0: one label for each set of units, such as `1+4`,
    /// units counted from 0, or `none`. With a code that [gathers its activity](super::Autoencoder::information_dimension) these are
    /// clusters.
    ///
    /// # Errors
    ///
    /// As [`codes`](Self::codes), and when the code has no rectifier, so that every unit is active in every cell.
    pub fn active_units(&self, cells: &Cells) -> Result<Labels> {
        let layers = self.network().architecture().layers();
        let mut coding = layers.iter().take(self.coding);
        if coding.next_back() != Some(&Layer::Activation(Activation::Relu)) {
            let expected = "one with `code_activation(Activation::Relu)`";
            return Err(Error::value("autoencoder", expected, "one without"));
        }
        let codes = self.codes(cells)?;
        let name = |code: ndarray::ArrayView1<'_, f32>| {
            let active = code.iter().enumerate().filter(|(_, value)| **value > 0.0);
            let units: Vec<String> = active.map(|(unit, _)| unit.to_string()).collect();
            if units.is_empty() {
                "none".to_owned()
            } else {
                units.join("+")
            }
        };
        Labels::new(codes.coordinates().rows().into_iter().map(name))
    }

    /// Returns the cells with what the network says of them in place of their values: for counts the mean of each, given the total of
    /// the cell. The result is dense.
    ///
    /// # Errors
    ///
    /// As [`codes`](Self::codes).
    pub fn reconstructed(&self, cells: &Cells) -> Result<Cells> {
        let genes = self.genes.len();
        let counts = self.likelihood.is_of_counts();
        let said = |x: Array2<f32>, sizes: &[f32]| {
            let mut x = x.slice(s![.., ..genes]).to_owned();
            if counts {
                for (mut x, size) in x.rows_mut().into_iter().zip(sizes) {
                    x.mapv_inplace(|score| (score + size.ln()).clamp(-80.0, 80.0).exp());
                }
            } else if self.shares {
                x.mapv_inplace(|score| 1.0 / (1.0 + (-score).exp()));
            }
            x
        };
        let values = self.through(self.network(), ("reconstruction", cells), said)?;
        cells.with_values(values)
    }

    /// Returns the cells with [`reconstructed`](Self::reconstructed) values as a layer of this name.
    ///
    /// # Errors
    ///
    /// As [`codes`](Self::codes).
    pub fn with_layer(&self, cells: &Cells, name: &str) -> Result<Cells> {
        cells.with_layer(name, self.reconstructed(cells)?.values().clone())
    }

    /// Returns the part of the network behind the code.
    fn decoder(&self) -> Result<Network> {
        self.network()
            .last_layers(self.network().len() - self.coding)
    }

    /// Reads cells that have the genes of the training.
    fn reader(&self, cells: &Cells) -> Result<Reader> {
        same_genes(("cells", cells), &self.genes, "the training")?;
        Reader::new(cells, self.likelihood, self.typical)
    }

    /// Sends cells through a network, some at a time, and makes something of what comes out and of their sizes.
    fn through(
        &self,
        network: &Network,
        (task, cells): (&str, &Cells),
        make: impl Fn(Array2<f32>, &[f32]) -> Array2<f32>,
    ) -> Result<Array2<f32>> {
        let reader = self.reader(cells)?;
        let rows: Vec<usize> = (0..reader.len()).collect();
        let mut task = Task::new(task, rows.len().div_ceil(AT_ONCE));
        let mut out = Vec::new();
        let mut width = 0;
        for rows in rows.chunks(AT_ONCE) {
            let x = to_tensor(&reader.x(rows), network.device())?;
            let found = to_array(&network.forward(&x)?)?;
            let shape = (rows.len(), found.len() / rows.len());
            let found = found.into_shape_with_order(shape);
            let found = found.map_err(|_| Error::shape("output", "(n, numbers)", &[]))?;
            let sizes: Vec<f32> = rows.iter().map(|&row| reader.size(row)).collect();
            let made = make(found, &sizes);
            width = made.ncols();
            out.extend(made);
            task.step("")?;
        }
        let shape = (rows.len(), width);
        Array2::from_shape_vec(shape, out).map_err(|_| Error::shape("output", "(n, numbers)", &[]))
    }
}

impl LatentModel for FittedAutoencoder {
    fn encode(&self, cells: &Cells) -> Result<Latent> {
        self.codes(cells)
    }

    fn decode(&self, latent: &Latent) -> Result<Cells> {
        let network = self.decoder()?;
        let Shape::Features(dimensions) = network.architecture().input() else {
            return Err(Error::value("model", "one with a code", "another"));
        };
        let x = to_tensor(latent.checked(dimensions)?, network.device())?;
        let said = to_array(&network.forward(&x)?)?;
        let genes = self.genes.len();
        let counts = self.likelihood.is_of_counts();
        let values = Array2::from_shape_fn((latent.len(), genes), |(cell, gene)| {
            let score = said[[cell, gene]];
            if counts {
                score.clamp(-80.0, 80.0).exp()
            } else if self.shares {
                1.0 / (1.0 + (-score).exp())
            } else {
                score
            }
        });
        latent.to_cells(values, &self.genes)
    }
}

impl fmt::Debug for FittedAutoencoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (genes, likelihood) = (self.genes.len(), self.likelihood);
        write!(
            f,
            "FittedAutoencoder({genes} genes, {likelihood}, {:?})",
            self.history()
        )
    }
}

impl fmt::Display for FittedAutoencoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trained.fmt(f)
    }
}
