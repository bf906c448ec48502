//! An architecture with its weights.

use super::survey::Part;
use super::tensor::to_dimension;
use super::{
    Architecture, Layer, Model, Parameter, Pass, Place, Shape, Summary, Watch, to_array, to_tensor,
};
use crate::random::Seed;
use crate::{Error, Input, Result};
use candle_core::{Device, Tensor};
use ndarray::{Array2, Array3, Array4, ArrayD};
use std::fmt;
use std::sync::Arc;

/// A network: an [`Architecture`] with its weights.
///
/// Cheap to clone and never changed in place: training returns a new one. Layers are counted from 0. `Display` prints the
/// layer table.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network};
/// # fn main() -> genolens::Result<()> {
/// let network = network::deepbind(16);
/// let x = Array3::<f32>::zeros((2, 4, 30));
/// assert_eq!(network.activations(&x, 0)?.shape(), [2, 16, 53]);
/// assert_eq!(network.penultimate(&x)?.dim(), (2, 32));
/// assert_eq!(network.filters()?.dim(), (16, 4, 24));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Network {
    architecture: Arc<Architecture>,
    /// All layers, those inside others too, in the order in which examples pass through them.
    parts: Arc<Vec<Part>>,
    weights: Arc<Vec<Tensor>>,
    device: Device,
}

impl Network {
    /// Draws first weights, on a device: the same on every one.
    pub(crate) fn draw(architecture: &Architecture, device: &Device) -> Result<Self> {
        let parts = architecture.parts()?;
        let seed = architecture.first_seed().named("weights");
        let weights = parts
            .iter()
            .flat_map(|part| &part.parameters)
            .enumerate()
            .map(|(index, parameter)| {
                parameter
                    .initial
                    .draw(&parameter.shape, seed.indexed(index))
            })
            .collect::<Result<_>>()?;
        let network = Self {
            architecture: Arc::new(architecture.clone()),
            parts: Arc::new(parts),
            weights: Arc::new(weights),
            device: Device::Cpu,
        };
        match device {
            Device::Cpu => Ok(network),
            _ => network.to_device(device),
        }
    }

    /// Returns the layers without the weights.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Returns an untrained network with the same layers and weights drawn from another seed.
    ///
    /// # Errors
    ///
    /// Fails when the device has no room.
    pub fn with_seed(&self, seed: impl Into<Seed>) -> Result<Self> {
        let architecture = (*self.architecture).clone().seed(seed);
        Self::draw(&architecture, &self.device)
    }

    /// Returns the same network on another device, such as one of [`open_device`](super::open_device).
    ///
    /// # Errors
    ///
    /// Fails when the device has no room.
    pub fn to_device(&self, device: &Device) -> Result<Self> {
        let weights = self
            .weights
            .iter()
            .map(|weight| Ok(weight.to_device(device)?))
            .collect::<Result<_>>()?;
        Ok(Self {
            weights: Arc::new(weights),
            device: device.clone(),
            ..self.clone()
        })
    }

    /// Returns the number of layers.
    pub fn len(&self) -> usize {
        self.architecture.layers().len()
    }

    /// Tells whether the network has no layer.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts the numbers that the network learns.
    pub fn parameters(&self) -> usize {
        self.summary().parameters()
    }

    /// Returns the layer table.
    pub fn summary(&self) -> Summary {
        Summary::of(self.architecture.input(), &self.parts)
    }

    /// Returns the filters of the first convolution of sequences, shape `(filters, channels, width)`.
    ///
    /// # Errors
    ///
    /// Fails when the network has none.
    pub fn filters(&self) -> Result<Array3<f32>> {
        to_dimension(self.first_kernel(3, "one with a convolution")?)
    }

    /// Returns the filters of the first convolution of images, shape `(filters, channels, height, width)`.
    ///
    /// # Errors
    ///
    /// Fails when the network has none.
    pub fn image_filters(&self) -> Result<Array4<f32>> {
        to_dimension(self.first_kernel(4, "one with a convolution of images")?)
    }

    /// Returns the first kernel with so many axes.
    fn first_kernel(&self, axes: usize, wanted: &str) -> Result<&Tensor> {
        let is_it =
            |parameter: &Parameter| parameter.name == "kernel" && parameter.shape.len() == axes;
        let found = self.all_parameters().position(|(_, own)| is_it(own));
        match found {
            Some(index) => Ok(&self.weights[index]),
            None => Err(Error::value("network", wanted, "one without")),
        }
    }

    /// Returns the names of all weights, in the order of the layers.
    ///
    /// `0.convolution.kernel`, and inside other layers `3.residual.0.convolution.kernel` and so on.
    pub fn weight_names(&self) -> Vec<String> {
        self.all_parameters()
            .map(|(part, parameter)| format!("{}.{}", part.name, parameter.name))
            .collect()
    }

    /// Returns a weight by its name.
    ///
    /// # Errors
    ///
    /// Fails when there is no weight of this name.
    pub fn weight(&self, name: &str) -> Result<ArrayD<f32>> {
        let names = self.weight_names();
        match names.iter().position(|known| known == name) {
            Some(index) => to_array(&self.weights[index]),
            None => Err(Error::value(
                "name",
                format!("one of {}", names.join(", ")),
                name,
            )),
        }
    }

    /// Computes the output of one layer in evaluation mode.
    ///
    /// The layer is a number, or the place of one inside others as the layer table shows it: `"3.0"`. Inside
    /// [`BothStrands`](super::BothStrands) it is the output for the strand that was given.
    ///
    /// # Errors
    ///
    /// Fails when there is no such layer or `x` has the wrong shape.
    pub fn activations(&self, x: &dyn Input, layer: impl Into<Place>) -> Result<ArrayD<f32>> {
        let at = self.find(&layer.into())?;
        to_array(&self.watch(x, Watch::Output(at))?)
    }

    /// Computes what the last dense layer reads, shape `(n, features)`: where the network places each example.
    ///
    /// # Errors
    ///
    /// Fails when the network has no dense layer or `x` has the wrong shape.
    pub fn penultimate(&self, x: &dyn Input) -> Result<Array2<f32>> {
        let mut parts = self.parts.iter();
        let last = parts.rposition(|part| matches!(part.layer, Layer::Dense(_)));
        let Some(last) = last else {
            return Err(Error::value(
                "network",
                "one with a dense layer",
                "one without",
            ));
        };
        to_dimension(&self.watch(x, Watch::Input(last))?)
    }

    /// Returns the layer that is meant, counted with those inside others.
    pub(crate) fn find(&self, place: &Place) -> Result<usize> {
        let text = place.text();
        let known = |part: &Part| part.number == text || part.name == text;
        self.parts.iter().position(known).ok_or_else(|| {
            let expected = if text.parse::<usize>().is_ok() {
                format!("below {}, the number of layers", self.len())
            } else {
                let numbers = self.parts.iter().map(|part| part.number.as_str());
                format!("one of {}", numbers.collect::<Vec<_>>().join(", "))
            };
            Error::value("layer", expected, text)
        })
    }

    /// Passes examples through the network as far as needed to see what is asked for.
    pub(crate) fn watch(&self, x: &dyn Input, watched: Watch) -> Result<Tensor> {
        let (Watch::Input(at) | Watch::Output(at)) = watched;
        let x = to_tensor(x, &self.device)?;
        let mut pass = Pass::evaluation().watching(watched);
        let out = self.run(&x, self.parts[at].index + 1, &mut pass)?;
        // A layer that is passed is seen.
        Ok(pass.into_seen().unwrap_or(out))
    }

    /// Passes examples through the first layers.
    pub(crate) fn run(&self, x: &Tensor, layers: usize, pass: &mut Pass) -> Result<Tensor> {
        let expected = self.architecture.input();
        let shape = Shape::of(x.dims()).filter(|&shape| expected.accepts(shape));
        let shape = shape.ok_or_else(|| Error::shape("x", expected.to_string(), x.dims()))?;
        self.architecture.accept(shape)?;
        pass.begin(&self.parts, &self.weights);
        let x = match self.weights.first() {
            Some(weight) => x.to_dtype(weight.dtype())?,
            None => x.clone(),
        };
        self.architecture.chain().forward(layers, &x, pass)
    }

    fn all_parameters(&self) -> impl Iterator<Item = (&Part, &Parameter)> {
        (self.parts.iter()).flat_map(|part| part.parameters.iter().map(move |own| (part, own)))
    }

    /// Returns all layers at their places.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Computes the scores of a pass.
    pub(crate) fn score(&self, x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let out = self.run(x, self.len(), pass)?;
        match out.rank() {
            2 => Ok(out),
            _ => Ok(out.flatten_from(1)?),
        }
    }

    /// Tells whether a layer silences, also inside others.
    pub(crate) fn has_dropout(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part.layer, Layer::Dropout(_)))
    }

    pub(crate) fn tensors(&self) -> &[Tensor] {
        &self.weights
    }

    /// Returns for every weight whether gradients train it.
    pub(crate) fn trained(&self) -> Vec<bool> {
        self.all_parameters().map(|(_, p)| p.trained).collect()
    }

    /// Returns the first layers as a network of their own.
    pub(crate) fn first_layers(&self, layers: usize) -> Self {
        let end = self.parts.partition_point(|part| part.index < layers);
        let weights = match self.parts.get(end) {
            Some(part) => part.first,
            None => self.weights.len(),
        };
        Self {
            architecture: Arc::new(self.architecture.first_layers(layers)),
            parts: Arc::new(self.parts[..end].to_vec()),
            weights: Arc::new(self.weights[..weights].to_vec()),
            device: self.device.clone(),
        }
    }

    /// Returns the last layers as a network of their own, which reads what the layers before them give.
    pub(crate) fn last_layers(&self, layers: usize) -> Result<Self> {
        let before = self.first_layers(self.len().saturating_sub(layers));
        let architecture = self.architecture.last_layers(layers)?;
        Ok(Self {
            parts: Arc::new(architecture.parts()?),
            architecture: Arc::new(architecture),
            weights: Arc::new(self.weights[before.weights.len()..].to_vec()),
            device: self.device.clone(),
        })
    }

    /// Returns the network with other weights of the same shapes.
    pub(crate) fn with_tensors(&self, weights: Vec<Tensor>) -> Self {
        Self {
            weights: Arc::new(weights),
            ..self.clone()
        }
    }
}

impl Model for Network {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.score(x, &mut Pass::evaluation())
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn network(&self) -> Option<&Network> {
        Some(self)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary().fmt(f)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (layers, parameters) = (self.len(), self.parameters());
        write!(f, "Network({layers} layers, {parameters} parameters)")
    }
}
