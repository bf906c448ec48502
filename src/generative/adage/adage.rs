//! A network of ADAGE: what its nodes say of samples.

use super::file;
use super::signature::Signatures;
use crate::expression::{Cells, Values};
use crate::generative::Latent;
use crate::generative::reader::same_genes;
use crate::network::{Activation, in_batches, mix, mix_back, to_dimension, to_tensor};
use crate::{Error, Input, Result};
use candle_core::{Device, Tensor};
use ndarray::{Array1, Array2};
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Samples that are looked at at once.
const AT_ONCE: usize = 64;

/// A network of ADAGE: a denoising autoencoder with one hidden layer whose weights lead both to the nodes and back; cheap to clone.
///
/// The activity of a node is `sigmoid(x W + b)` for values `x` of 0 to 1, as [`ZeroOne`](super::ZeroOne) makes them. The genes with the
/// largest weights of a node are its [`Signatures`]. [`Autoencoder::adage`](crate::generative::Autoencoder::adage) trains such a network.
///
/// # Examples
///
/// ```
/// use genolens::{expression::Cells, generative::Adage, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let genes = ["oprF", "exsA", "anr"].map(String::from);
/// let adage = Adage::new(&genes, array![[2.0_f32], [-1.0], [0.5]], (array![-1.0_f32], array![0.0_f32, 0.0, 0.0]))?;
/// let samples = Cells::new(array![[1.0_f32, 0.0, 0.0], [0.0, 1.0, 0.0]], ["a", "b"], &genes)?;
/// let activities = adage.activities(&samples)?;
/// assert!((activities.coordinates()[[0, 0]] - 1.0 / (1.0 + (-1.0_f32).exp())).abs() < 1e-6);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Tan et al. 2016, doi:10.1128/mSystems.00025-15; ensembles and signatures: Tan et al. 2017, doi:10.1016/j.cels.2017.06.003.
#[derive(Clone)]
pub struct Adage {
    genes: Arc<[String]>,
    weights: Arc<Array2<f32>>,
    node_bias: Arc<Array1<f32>>,
    gene_bias: Arc<Array1<f32>>,
}

impl Adage {
    /// Takes weights, shape `(genes, nodes)`, and the biases of nodes and of genes.
    ///
    /// # Errors
    ///
    /// Fails when sizes do not fit each other, a gene is named twice, or a number is not finite.
    pub fn new(
        genes: &[String],
        weights: Array2<f32>,
        (node_bias, gene_bias): (Array1<f32>, Array1<f32>),
    ) -> Result<Self> {
        let (rows, nodes) = weights.dim();
        if rows == 0 || nodes == 0 {
            return Err(Error::shape(
                "weights",
                "(genes, nodes), both at least 1",
                weights.shape(),
            ));
        }
        for (name, expected, got) in [
            ("genes", rows, genes.len()),
            ("biases of nodes", nodes, node_bias.len()),
            ("biases of genes", rows, gene_bias.len()),
        ] {
            if got != expected {
                let expected = format!("{expected} for weights of shape ({rows}, {nodes})");
                return Err(Error::value(name, expected, got));
            }
        }
        let mut sorted: Vec<&String> = genes.iter().collect();
        sorted.sort_unstable();
        let twice = sorted.windows(2).find_map(|pair| match pair {
            [a, b] if a == b => Some(a),
            _ => None,
        });
        if let Some(gene) = twice {
            return Err(Error::value(
                "genes",
                "each once",
                format!("`{gene}` twice"),
            ));
        }
        let numbers = weights.iter().chain(&node_bias).chain(&gene_bias);
        if let Some(number) = numbers.into_iter().find(|number| !number.is_finite()) {
            return Err(Error::value("weights and biases", "finite", number));
        }
        Ok(Self {
            genes: genes.into(),
            weights: Arc::new(weights),
            node_bias: Arc::new(node_bias),
            gene_bias: Arc::new(gene_bias),
        })
    }

    /// Reads a published network (`…_network_SdA.txt`), plain or gzipped. The file does not name its genes: they are those of the
    /// compendium, in its order.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or is no such network, and as [`new`](Self::new).
    pub fn open(path: impl AsRef<Path>, genes: &[String]) -> Result<Self> {
        let path = path.as_ref();
        let text = crate::text::read(path)?;
        let (weights, node_bias, gene_bias) = file::read(&text, &path.display().to_string())?;
        Self::new(genes, weights, (node_bias, gene_bias))
    }

    /// Returns the names of the genes.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// Returns how many nodes there are.
    pub fn nodes(&self) -> usize {
        self.node_bias.len()
    }

    /// Returns the weights, shape `(genes, nodes)`.
    pub fn weights(&self) -> &Array2<f32> {
        &self.weights
    }

    /// Returns the bias of every node.
    pub fn node_bias(&self) -> &Array1<f32> {
        &self.node_bias
    }

    /// Returns the bias of every gene, on the way back.
    pub fn gene_bias(&self) -> &Array1<f32> {
        &self.gene_bias
    }

    /// Computes how active every node is in samples of 0 to 1, shape `(samples, nodes)`.
    ///
    /// # Errors
    ///
    /// Fails when the samples have other genes or values outside 0 to 1, or the user interrupts.
    pub fn activities(&self, samples: &Cells) -> Result<Latent> {
        let tensors = self.tensors()?;
        let found = self.each((samples, self.nodes()), |x| tensors.encode(x))?;
        Ok(Latent::new(found, samples.about().cloned()))
    }

    /// Returns the samples with what the network makes of them in place of their values, of 0 to 1.
    ///
    /// # Errors
    ///
    /// As [`activities`](Self::activities).
    pub fn reconstructed(&self, samples: &Cells) -> Result<Cells> {
        let tensors = self.tensors()?;
        let back = |x: &Tensor| tensors.decode(&tensors.encode(x)?);
        samples.with_values(self.each((samples, self.genes.len()), back)?)
    }

    /// Computes the values of genes, 0 to 1, that activities `(samples, nodes)` stand for.
    ///
    /// # Errors
    ///
    /// Fails for another number of nodes, or activities outside 0 to 1.
    pub fn decoded(&self, activities: &Array2<f32>) -> Result<Array2<f32>> {
        if activities.ncols() != self.nodes() {
            let expected = format!("(samples, {})", self.nodes());
            return Err(Error::shape("activities", expected, activities.shape()));
        }
        if let Some(value) = activities
            .iter()
            .find(|value| !(0.0..=1.0).contains(*value))
        {
            return Err(Error::value("activities", "0 to 1", value));
        }
        to_dimension(
            &self
                .tensors()?
                .decode(&to_tensor(activities, &Device::Cpu)?)?,
        )
    }

    /// Finds the genes of every node whose weights are more than 2.5 standard deviations above or below the mean of the node.
    pub fn signatures(&self) -> Signatures {
        Signatures::of(self, 2.5)
    }

    /// Finds them with another number of standard deviations; the paper of ADAGE takes 2.
    ///
    /// # Errors
    ///
    /// Fails for a number that is negative or not finite.
    pub fn signatures_beyond(&self, deviations: f64) -> Result<Signatures> {
        if !deviations.is_finite() || deviations < 0.0 {
            return Err(Error::value("deviations", "at least 0", deviations));
        }
        Ok(Signatures::of(self, deviations))
    }

    fn tensors(&self) -> Result<Tensors> {
        let to = |x: &dyn Input| to_tensor(x, &Device::Cpu);
        Ok(Tensors {
            weights: to(&*self.weights)?,
            node_bias: to(&*self.node_bias)?,
            gene_bias: to(&*self.gene_bias)?,
        })
    }

    /// Computes something of samples, some at a time.
    fn each(
        &self,
        (samples, width): (&Cells, usize),
        of: impl Fn(&Tensor) -> Result<Tensor> + Sync,
    ) -> Result<Array2<f32>> {
        same_genes(("samples", samples), &self.genes, "the network")?;
        let (values, device) = (samples.values(), Device::Cpu);
        let parts = in_batches("activities", (samples.len(), AT_ONCE, &device), |rows| {
            let made = of(&block(values, rows)?)?;
            Ok(made.flatten_all()?.to_vec1::<f32>()?)
        })?;
        let shape = (samples.len(), width);
        Array2::from_shape_vec(shape, parts.concat())
            .map_err(|_| Error::shape("activities", "(samples, nodes)", &[shape.0, shape.1]))
    }
}

/// The network as tensors.
struct Tensors {
    /// Shape `(genes, nodes)`.
    weights: Tensor,
    node_bias: Tensor,
    gene_bias: Tensor,
}

impl Tensors {
    fn encode(&self, x: &Tensor) -> Result<Tensor> {
        let scores = mix_back(x, &self.weights, &self.node_bias)?;
        Ok(Activation::Sigmoid.apply(&scores)?)
    }

    fn decode(&self, activities: &Tensor) -> Result<Tensor> {
        let scores = mix(activities, &self.weights, &self.gene_bias)?;
        Ok(Activation::Sigmoid.apply(&scores)?)
    }
}

/// Copies some rows, which are of 0 to 1.
fn block(values: &Values, rows: Range<usize>) -> Result<Tensor> {
    let genes = values.shape().1;
    let shape = (rows.len(), genes);
    if let Values::Dense(values) = values
        && let Some(stored) = values.as_slice()
    {
        let stored = &stored[rows.start * genes..rows.end * genes];
        within(stored)?;
        return Ok(Tensor::from_slice(stored, shape, &Device::Cpu)?);
    }
    let some = values.select_rows(&rows.collect::<Vec<_>>())?;
    check_shares(&some)?;
    to_tensor(&some.dense().into_owned(), &Device::Cpu)
}

/// Checks that values are of 0 to 1.
pub(in crate::generative) fn check_shares(values: &Values) -> Result<()> {
    within(&values.stored())
}

fn within(values: &[f32]) -> Result<()> {
    let fits = |value: &f32| (0.0..=1.0).contains(value);
    for some in values.chunks(1024) {
        // Without a branch a processor takes several at a time.
        if !some.iter().fold(true, |all, value| all & fits(value)) {
            let wrong = some.iter().find(|value| !fits(value));
            let wrong = wrong.copied().unwrap_or(f32::NAN);
            let expected = "0 to 1, as `ZeroOne` makes them";
            return Err(Error::value("values of samples", expected, wrong));
        }
    }
    Ok(())
}

impl fmt::Debug for Adage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Adage({} genes, {} nodes)",
            self.genes.len(),
            self.nodes()
        )
    }
}
