//! What every position adds to an output that is a weighed mean over positions.

use super::Attribution;
use super::grad_cam::spread;
use super::gradient::network_behind;
use crate::network::{Layer, Model, Network, Watch, in_batches, to_array, to_dimension};
use crate::sequence::{Explainable, code};
use crate::{Error, Result};
use ndarray::{Array2, Array3, Axis, Ix3, Slice, concatenate};

/// Computes the class activation map of the first output.
///
/// # Errors
///
/// Fails when the model is not a network that ends with a global average pool and a dense layer, or cannot read `x`.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network::Architecture, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::sequences(4).convolution(8, 5).relu().global_average_pool().dense(1);
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::class_activation(&network.build()?, &peaks)?;
/// assert_eq!(scores.scores().dim(), (1, 4, 10));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Zhou et al. 2016, doi:10.1109/CVPR.2016.319.
pub fn class_activation(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    ClassActivation::new().run(model, x)
}

/// Sums up what the channels before a global average pool add to an output, with options.
///
/// At each position, the sum over channels of what is there times the channel's weight in the dense layer behind the pool; the mean over
/// positions, and the bias, are the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassActivation {
    target: usize,
    batch: usize,
}

impl ClassActivation {
    /// Takes the defaults: the first output, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores: the map spread over the positions of the sequence, on the letters that are there.
    ///
    /// # Errors
    ///
    /// Fails when the model is not a network that ends with a global average pool and a dense layer, `x` has a shape that it cannot read,
    /// there is no such output, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let code = code(x)?;
        let map = self.map_of(model, &code)?;
        let scores = &code * &spread(&map.view(), code.dim().2).insert_axis(Axis(1));
        Ok(Attribution::new(x.sequences()?, scores)?
            .named("class activation")
            .targeted(self.target))
    }

    /// Computes the map at the positions before the pool, shape `(n, positions)`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn map(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Array2<f32>> {
        self.map_of(model, &code(x)?)
    }

    fn map_of(&self, model: &dyn Model, x: &Array3<f32>) -> Result<Array2<f32>> {
        let network = network_behind(model)?;
        let (pool, dense) = ends(network)?;
        let weight = network.tensors()[network.parts()[dense].first].clone();
        let weight: Array2<f32> = to_dimension(&weight)?;
        if self.target >= weight.nrows() {
            let expected = format!("below {}, the number of outputs", weight.nrows());
            return Err(Error::value("target", expected, self.target));
        }
        let own = weight
            .row(self.target)
            .insert_axis(Axis(0))
            .insert_axis(Axis(2));
        let device = network.device();
        let maps = in_batches(
            "class activation",
            (x.dim().0, self.batch, device),
            |rows| {
                let x = x.slice_axis(Axis(0), Slice::from(rows)).to_owned();
                let seen = to_array(&network.watch(&x, Watch::Input(pool))?)?;
                let got = seen.shape().to_vec();
                let seen = seen.into_dimensionality::<Ix3>();
                let seen =
                    seen.map_err(|_| Error::shape("layer", "(n, channels, length)", &got))?;
                Ok((&seen * &own).sum_axis(Axis(1)))
            },
        )?;
        let views: Vec<_> = maps.iter().map(|map| map.view()).collect();
        concatenate(Axis(0), &views).map_err(|_| Error::shape("map", "(n, positions)", x.shape()))
    }
}

/// Returns the places of the global average pool and of the dense layer that a network ends with.
fn ends(network: &Network) -> Result<(usize, usize)> {
    let parts = network.parts();
    let outer = || (0..parts.len()).rev().filter(|&at| parts[at].depth == 0);
    let mut last =
        outer().filter(|&at| !matches!(parts[at].layer, Layer::Dropout(_) | Layer::Flatten(_)));
    if let (Some(dense), Some(pool)) = (last.next(), last.next())
        && let (Layer::Dense(_), Layer::Pool(kind)) = (&parts[dense].layer, &parts[pool].layer)
        && kind.is_global_average()
    {
        return Ok((pool, dense));
    }
    let expected =
        "one that ends with a global average pool and a dense layer (Grad-CAM takes any)";
    Err(Error::value("model", expected, "another"))
}

impl Default for ClassActivation {
    fn default() -> Self {
        Self::new()
    }
}
