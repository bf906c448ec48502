//! Where in a sequence one layer saw what speaks for the output.

use super::Attribution;
use super::gradient::{network_behind, output_of, ruled_gradient};
use crate::network::{
    Captured, Gated, Model, Network, Pass, Place, Shape, in_batches, to_array, to_tensor,
};
use crate::sequence::{Explainable, code};
use crate::{Error, Result};
use candle_core::Var;
use ndarray::{Array2, Array3, ArrayView2, Axis, Ix3, Slice, Zip, concatenate};
use std::sync::Arc;

/// Computes Grad-CAM of the first output at the last layer that has positions.
///
/// # Errors
///
/// Fails when the model is no network of the library, has no layer with positions, or cannot read `x`.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::grad_cam(&network::deepbind(4), &peaks)?;
/// assert!(scores.scores().iter().all(|&score| score >= 0.0));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Selvaraju et al. 2017, doi:10.1109/ICCV.2017.74; checked against captum's `LayerGradCam`.
pub fn grad_cam(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    GradCam::new().run(model, x)
}

/// Computes guided Grad-CAM of the first output: guided backpropagation, weighed by where Grad-CAM points.
///
/// # Errors
///
/// As [`grad_cam`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::guided_grad_cam(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.method(), "guided Grad-CAM");
/// # Ok(()) }
/// ```
///
/// # References
///
/// Selvaraju et al. 2017, doi:10.1109/ICCV.2017.74; checked against captum's `GuidedGradCam`.
pub fn guided_grad_cam(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    GradCam::new().guided(true).run(model, x)
}

/// What a channel's weight is made of: its gradients at all positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChannelWeights {
    /// Their mean, as published.
    #[default]
    Mean,
    /// The largest.
    Max,
}

/// Sums up the channels of a layer, each weighed by its gradient, with options.
///
/// [`map`](Self::map) gives the sums at the positions of the layer. [`run`](Self::run) spreads them over the positions of the sequence, each of these
/// taking the sum at the position of the layer that lies at the same share of the way, and puts them on the letters that are there.
#[derive(Clone, Debug)]
pub struct GradCam {
    target: usize,
    layer: Option<Place>,
    weights: ChannelWeights,
    rectified: bool,
    guided: bool,
    batch: usize,
}

impl GradCam {
    /// Takes the defaults: the first output, the last layer with positions, mean weights, negative sums left out, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            layer: None,
            weights: ChannelWeights::Mean,
            rectified: true,
            guided: false,
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets which layer is looked at: a number, or the place of one inside others as the layer table shows it.
    pub fn layer(mut self, layer: impl Into<Place>) -> Self {
        self.layer = Some(layer.into());
        self
    }

    /// Sets what the weight of a channel is made of.
    pub fn weights(mut self, weights: ChannelWeights) -> Self {
        self.weights = weights;
        self
    }

    /// Sets whether negative sums count as 0.
    pub fn rectified(mut self, rectified: bool) -> Self {
        self.rectified = rectified;
        self
    }

    /// Sets whether scores are those of guided backpropagation times the sums, instead of the sums.
    pub fn guided(mut self, guided: bool) -> Self {
        self.guided = guided;
        self
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when the model is no network of the library, `x` has a shape that it cannot read, there is no such output or layer, the layer
    /// has no positions, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let code = code(x)?;
        let map = self.map_of(model, &code)?;
        let spread = spread(&map.view(), code.dim().2).insert_axis(Axis(1));
        let (scores, name) = if self.guided {
            let options = (self.target, self.batch);
            let gradient = ruled_gradient(model, &code, (Gated::Guided, options))?;
            (gradient * &spread, "guided Grad-CAM")
        } else {
            (&code * &spread, "Grad-CAM")
        };
        Ok(Attribution::new(x.sequences()?, scores)?
            .named(name)
            .targeted(self.target))
    }

    /// Computes the weighed sums at the positions of the layer, shape `(n, positions)`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn map(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Array2<f32>> {
        self.map_of(model, &code(x)?)
    }

    fn map_of(&self, model: &dyn Model, x: &Array3<f32>) -> Result<Array2<f32>> {
        let network = network_behind(model)?;
        let layer = match &self.layer {
            Some(place) => network.find(place)?,
            None => last_with_positions(network)?,
        };
        let n = x.dim().0;
        let maps = in_batches("Grad-CAM", (n, self.batch, network.device()), |rows| {
            let x = x.slice_axis(Axis(0), Slice::from(rows)).to_owned();
            self.map_of_batch((network, layer), &x)
        })?;
        let views: Vec<_> = maps.iter().map(|map| map.view()).collect();
        concatenate(Axis(0), &views).map_err(|_| Error::shape("map", "(n, positions)", x.shape()))
    }

    fn map_of_batch(
        &self,
        (network, layer): (&Network, usize),
        x: &Array3<f32>,
    ) -> Result<Array2<f32>> {
        let rules = Captured::new(layer);
        let x = Var::from_tensor(&to_tensor(x, network.device())?)?;
        let mut pass = Pass::ruled(Arc::new(rules.clone()));
        let out = output_of(&network.score(&x, &mut pass)?, self.target)?;
        out.sum_all()?.backward()?;
        let part = &network.parts()[layer];
        let name = format!("layer {} ({})", part.number, part.layer);
        let Some((seen, gradient)) = rules.into_seen() else {
            let expected = "one that the output depends on in a way that candle can differentiate";
            return Err(Error::value("layer", expected, name));
        };
        // Inside `BothStrands` the other strand stands behind the one that was given.
        let rows = x.dim(0)?;
        let positions = |of: &candle_core::Tensor| {
            let own = to_array(&of.narrow(0, 0, rows)?)?;
            let got = own.shape().to_vec();
            let own = own.into_dimensionality::<Ix3>();
            own.map_err(|_| {
                let expected =
                    format!("one with positions, (n, channels, length), in place of {name}");
                Error::shape("layer", expected, &got)
            })
        };
        let (seen, gradient) = (positions(&seen)?, positions(&gradient)?);
        let weights: Array2<f32> = match self.weights {
            ChannelWeights::Mean => gradient
                .mapv(f64::from)
                .mean_axis(Axis(2))
                .map(|mean| mean.mapv(|mean| mean as f32)),
            ChannelWeights::Max => {
                Some(gradient.fold_axis(Axis(2), f32::NEG_INFINITY, |&most, &one| most.max(one)))
            }
        }
        .unwrap_or_default();
        let mut map = (&seen * &weights.insert_axis(Axis(2))).sum_axis(Axis(1));
        if self.rectified {
            // What is no number stays visible.
            map.mapv_inplace(|sum| if sum < 0.0 { 0.0 } else { sum });
        }
        Ok(map)
    }
}

/// Returns the last layer that gives positions.
fn last_with_positions(network: &Network) -> Result<usize> {
    let has_positions = |part: &crate::network::Part| matches!(part.output, Shape::Sequence { .. });
    let found = network.parts().iter().rposition(has_positions);
    found.ok_or_else(|| {
        Error::value(
            "model",
            "one with a layer that has positions",
            "one without",
        )
    })
}

/// Spreads sums over the positions of a sequence.
pub(super) fn spread(map: &ArrayView2<'_, f32>, length: usize) -> Array2<f32> {
    let (n, positions) = map.dim();
    let mut spread = Array2::zeros((n, length));
    for (mut row, map) in spread.outer_iter_mut().zip(map.outer_iter()) {
        Zip::indexed(&mut row).for_each(|place, score| *score = map[place * positions / length]);
    }
    spread
}

impl Default for GradCam {
    fn default() -> Self {
        Self::new()
    }
}
