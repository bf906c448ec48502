//! An architecture with its weights.

use super::parameters::Parameter;
use super::tensor::to_dimension;
use super::{Architecture, Layer, Model, Pass, Shape, Summary, SummaryRow, to_array, to_tensor};
use crate::random::Seed;
use crate::{Error, Input, Result};
use candle_core::{Device, Tensor};
use ndarray::{Array2, Array3, ArrayD};
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
    parameters: Arc<Vec<(usize, Parameter)>>,
    weights: Arc<Vec<Tensor>>,
    device: Device,
}

impl Network {
    pub(crate) fn draw(architecture: &Architecture) -> Result<Self> {
        let mut parameters = Vec::new();
        for layer in architecture.layers() {
            layer.step().check()?;
        }
        let shapes = architecture.shapes(architecture.input())?;
        for (index, (layer, shape)) in architecture.layers().iter().zip(shapes).enumerate() {
            let rectified = architecture.is_rectified(index);
            let own = layer.step().parameters(shape, rectified);
            parameters.extend(own.into_iter().map(|parameter| (index, parameter)));
        }
        let seed = architecture.first_seed().named("weights");
        let weights = parameters
            .iter()
            .enumerate()
            .map(|(index, (_, parameter))| {
                parameter
                    .initial
                    .draw(&parameter.shape, seed.indexed(index))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            architecture: Arc::new(architecture.clone()),
            parameters: Arc::new(parameters),
            weights: Arc::new(weights),
            device: Device::Cpu,
        })
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
        Self::draw(&architecture)?.to_device(&self.device)
    }

    /// Returns the same network on another device.
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
        let mut rows = vec![SummaryRow {
            layer: "input".into(),
            output: self.architecture.input().to_string(),
            parameters: 0,
        }];
        let shapes = self.architecture.shapes(self.architecture.input());
        // The shapes were checked when the network was built.
        let outputs = shapes.unwrap_or_default().into_iter().skip(1);
        for (index, (layer, output)) in self.architecture.layers().iter().zip(outputs).enumerate() {
            let own = self.parameters.iter().filter(|(of, _)| *of == index);
            rows.push(SummaryRow {
                layer: layer.to_string(),
                output: output.to_string(),
                parameters: own
                    .filter(|(_, parameter)| parameter.trained)
                    .map(|(_, parameter)| parameter.count())
                    .sum(),
            });
        }
        Summary::new(rows)
    }

    /// Returns the filters of the first convolution, shape `(filters, channels, width)`.
    ///
    /// # Errors
    ///
    /// Fails when the network has no convolution.
    pub fn filters(&self) -> Result<Array3<f32>> {
        let found = self
            .parameters
            .iter()
            .position(|(_, parameter)| parameter.name == "kernel");
        match found {
            Some(index) => to_dimension(&self.weights[index]),
            None => Err(Error::value(
                "network",
                "one with a convolution",
                "one without",
            )),
        }
    }

    /// Returns the names of all weights, in the order of the layers: `0.convolution.kernel` and so on.
    pub fn weight_names(&self) -> Vec<String> {
        self.parameters
            .iter()
            .map(|(layer, parameter)| {
                let kind = self.architecture.layers()[*layer].step().name();
                format!("{layer}.{kind}.{}", parameter.name)
            })
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
    /// # Errors
    ///
    /// Fails when there is no such layer or `x` has the wrong shape.
    pub fn activations(&self, x: &dyn Input, layer: usize) -> Result<ArrayD<f32>> {
        if layer >= self.len() {
            let expected = format!("below {}, the number of layers", self.len());
            return Err(Error::value("layer", expected, layer));
        }
        let x = to_tensor(x, &self.device)?;
        to_array(&self.run(&x, layer + 1, &mut Pass::evaluation())?)
    }

    /// Computes what the last dense layer reads, shape `(n, features)`: where the network places each example.
    ///
    /// # Errors
    ///
    /// Fails when the network has no dense layer or `x` has the wrong shape.
    pub fn penultimate(&self, x: &dyn Input) -> Result<Array2<f32>> {
        let mut layers = self.architecture.layers().iter();
        let last = layers.rposition(|layer| matches!(layer, Layer::Dense(_)));
        let Some(last) = last else {
            return Err(Error::value(
                "network",
                "one with a dense layer",
                "one without",
            ));
        };
        let x = to_tensor(x, &self.device)?;
        to_dimension(&self.run(&x, last, &mut Pass::evaluation())?)
    }

    /// Passes examples through the first layers.
    pub(crate) fn run(&self, x: &Tensor, layers: usize, pass: &mut Pass) -> Result<Tensor> {
        let expected = self.architecture.input();
        let shape = Shape::of(x.dims()).filter(|&shape| expected.accepts(shape));
        let shape = shape.ok_or_else(|| Error::shape("x", expected.to_string(), x.dims()))?;
        self.architecture.shapes(shape)?;
        let mut x = match self.weights.first() {
            Some(weight) => x.to_dtype(weight.dtype())?,
            None => x.clone(),
        };
        let mut weights = self.parameters.iter().zip(self.weights.iter()).peekable();
        for (index, layer) in self.architecture.layers()[..layers].iter().enumerate() {
            let mut own = Vec::new();
            while let Some((_, weight)) = weights.next_if(|((of, _), _)| *of == index) {
                own.push(weight.clone());
            }
            pass.enter(index);
            x = layer.step().forward(&own, &x, pass)?;
        }
        Ok(x)
    }

    pub(crate) fn tensors(&self) -> &[Tensor] {
        &self.weights
    }

    /// Returns for every weight whether gradients train it.
    pub(crate) fn trained(&self) -> Vec<bool> {
        self.parameters.iter().map(|(_, p)| p.trained).collect()
    }

    /// Returns the place of a weight among all of them.
    pub(crate) fn place(&self, layer: usize, name: &str) -> Option<usize> {
        self.parameters
            .iter()
            .position(|(of, parameter)| *of == layer && parameter.name == name)
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
        let out = self.run(x, self.len(), &mut Pass::evaluation())?;
        match out.rank() {
            2 => Ok(out),
            _ => Ok(out.flatten_from(1)?),
        }
    }

    fn device(&self) -> &Device {
        &self.device
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
