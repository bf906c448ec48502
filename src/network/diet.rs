//! A dense layer whose weights another network makes.

use super::operation::mix;
use super::{Layer, Parameter, Shape, User, UserLayer};
use crate::{Error, Result};
use candle_core::{Device, Tensor};
use ndarray::Array2;

/// Mixes features as a dense layer does, but its many weights are not learned: a small auxiliary network makes those of every input from
/// what is known of that input.
///
/// `x E(F)^T + b`, shape `(n, inputs)` to `(n, units)`: `F`, shape `(inputs, features)`, describes every input, such as a gene by its mean in
/// each class; `E` maps a description to one weight for each unit, through hidden layers with tanh. Where there are more genes than
/// patients, far fewer numbers have to be learned; the layer table shows how many. With descriptions that come from labels, take
/// those of the training alone.
///
/// Parameters: `auxiliary_weight_i` and `auxiliary_bias_i` of layer i of the auxiliary network, the last without a bias, and `bias`.
///
/// Source: Romero et al. 2017, <https://arxiv.org/abs/1611.09340>. Checked against numpy.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Diet};
/// use genolens::ndarray::Array2;
/// # fn main() -> genolens::Result<()> {
/// // A thousand genes, each described by four numbers.
/// let features = Array2::from_shape_fn((1000, 4), |(gene, feature)| ((gene * 7 + feature * 3) % 10) as f32);
/// let diet = Diet::new(&features, 16)?.hidden(&[8]);
/// let network = Architecture::features(1000).then(diet).relu().dense(1).build()?;
/// assert_eq!(network.parameters(), (4 * 8 + 8 + 8 * 16 + 16) + 17);
/// println!("{network}");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Diet {
    features: Tensor,
    units: usize,
    hidden: Vec<usize>,
}

impl Diet {
    /// Takes what is known of every input, shape `(inputs, features)`, and the number of units; each feature is standardised over inputs.
    /// The auxiliary network has one hidden layer of 100 units if not told otherwise.
    ///
    /// # Errors
    ///
    /// Fails without units, inputs or features, and for features that are not finite.
    pub fn new(features: &Array2<f32>, units: usize) -> Result<Self> {
        if features.is_empty() {
            let expected = "(inputs, features), both at least 1";
            return Err(Error::shape("features", expected, features.shape()));
        }
        if units == 0 {
            return Err(Error::value("units", "at least 1", 0));
        }
        if let Some(value) = features.iter().find(|value| !value.is_finite()) {
            return Err(Error::value("features", "finite", value));
        }
        let mut standard = features.mapv(f64::from);
        for mut column in standard.columns_mut() {
            let count = column.len() as f64;
            let mean = column.sum() / count;
            let spread = (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
            let spread = if spread > 0.0 { spread } else { 1.0 };
            column.mapv_inplace(|x| (x - mean) / spread);
        }
        let values: Vec<f32> = standard.iter().map(|&x| x as f32).collect();
        Ok(Self {
            features: Tensor::from_vec(values, features.dim(), &Device::Cpu)?,
            units,
            hidden: vec![100],
        })
    }

    /// Sets the sizes of the hidden layers of the auxiliary network; none makes the weights linear in the features.
    pub fn hidden(mut self, sizes: &[usize]) -> Self {
        self.hidden = sizes.into();
        self
    }

    /// Inputs and features.
    fn known(&self) -> (usize, usize) {
        self.features.dims2().unwrap_or_default()
    }

    /// Counts what the layer learns.
    pub fn parameter_count(&self) -> usize {
        self.learned().iter().map(Parameter::count).sum()
    }

    /// Counts what a dense layer in its place would learn.
    pub fn dense_parameter_count(&self) -> usize {
        (self.known().0 + 1) * self.units
    }

    fn learned(&self) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        let mut inputs = self.known().1;
        for (layer, &size) in self.hidden.iter().enumerate() {
            parameters.push(Parameter::new(
                &format!("auxiliary_weight_{layer}"),
                &[size, inputs],
            ));
            parameters
                .push(Parameter::new(&format!("auxiliary_bias_{layer}"), &[size]).filled(0.0));
            inputs = size;
        }
        // The weights that are made have the size that a dense layer begins with.
        let bound = (18.0 / (inputs * (self.known().0 + self.units)) as f64).sqrt();
        let last = self.hidden.len();
        parameters.push(
            Parameter::new(&format!("auxiliary_weight_{last}"), &[self.units, inputs])
                .within(bound),
        );
        parameters.push(Parameter::new("bias", &[self.units]).filled(0.0));
        parameters
    }
}

impl UserLayer for Diet {
    fn name(&self) -> &'static str {
        "diet"
    }

    fn describe(&self) -> String {
        let (own, dense) = (self.parameter_count(), self.dense_parameter_count());
        format!(
            "diet {}, {own} parameters where a dense layer has {dense}",
            self.units
        )
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let inputs = self.known().0;
        match input {
            Shape::Features(features) if features == inputs && !self.hidden.contains(&0) => {
                Ok(Shape::Features(self.units))
            }
            Shape::Features(features) if features == inputs => {
                Err("hidden layers of at least one unit in its auxiliary network".into())
            }
            _ => Err(format!(
                "(n, {inputs}), one number for each input that is described"
            )),
        }
    }

    fn parameters(&self, _: Shape) -> Vec<Parameter> {
        self.learned()
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let mut made = self.features.to_device(x.device())?.to_dtype(x.dtype())?;
        for layer in 0..self.hidden.len() {
            made = mix(&made, &weights[2 * layer], &weights[2 * layer + 1])?.tanh()?;
        }
        let last = 2 * self.hidden.len();
        let fat = weights[last].matmul(&made.t()?)?;
        Ok(mix(x, &fat, &weights[last + 1])?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}

impl From<Diet> for Layer {
    fn from(layer: Diet) -> Self {
        User::new(layer).into()
    }
}
