//! Layers of a user's own.

use super::layer::Step;
use super::operation::Returned;
use super::{Misfit, Parameter, Pass, Shape};
use crate::random::Seed;
use crate::{Error, Result};
use candle_core::Tensor;
use std::fmt;
use std::sync::Arc;

/// A layer that is not in the library: implement this, and put it into a network with [`User`].
///
/// Such a network predicts, trains, is saved and loaded, and is explained by every method that needs gradients or scores only.
///
/// # Examples
///
/// A layer that scales every channel by a number that it learns:
///
/// ```
/// use genolens::candle_core::Tensor;
/// use genolens::network::{Architecture, Parameter, Shape, User, UserLayer};
///
/// #[derive(Debug)]
/// struct Scale;
///
/// impl UserLayer for Scale {
///     fn name(&self) -> &'static str {
///         "scale"
///     }
///     fn output(&self, input: Shape) -> Result<Shape, String> {
///         Ok(input)
///     }
///     fn parameters(&self, input: Shape) -> Vec<Parameter> {
///         let Shape::Sequence { channels, .. } = input else { return Vec::new() };
///         vec![Parameter::new("factor", &[1, channels, 1]).filled(1.0)]
///     }
///     fn forward(&self, weights: &[Tensor], x: &Tensor) -> genolens::Result<Tensor> {
///         Ok(x.broadcast_mul(&weights[0])?)
///     }
/// }
///
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::sequences(4)
///     .convolution(8, 5)
///     .then(User::new(Scale))
///     .relu()
///     .global_max_pool()
///     .dense(1)
///     .build()?;
/// assert_eq!(network.weight("1.scale.factor")?.shape(), [1, 8, 1]);
/// # Ok(()) }
/// ```
pub trait UserLayer: fmt::Debug + Send + Sync {
    /// Names the layer; the names of its weights and the layer table show it.
    fn name(&self) -> &'static str;

    /// Describes the layer in a few words, as the layer table shows it; its name, if not told otherwise.
    fn describe(&self) -> String {
        self.name().to_owned()
    }

    /// Returns the shape of the output; otherwise says in words which input is expected, such as `(n, features)`.
    ///
    /// # Errors
    ///
    /// Fails when the layer cannot read this shape.
    fn output(&self, input: Shape) -> Result<Shape, String>;

    /// Returns what the layer learns, for an input of this shape; nothing, if not told otherwise.
    fn parameters(&self, _input: Shape) -> Vec<Parameter> {
        Vec::new()
    }

    /// Computes the output from the tensors that [`parameters`](Self::parameters) asked for, in its order.
    ///
    /// Built from operations that candle can differentiate, so that gradients reach `x` and the weights.
    ///
    /// # Errors
    ///
    /// Fails when a tensor operation does.
    fn forward(&self, weights: &[Tensor], x: &Tensor) -> Result<Tensor>;

    /// Computes the output while training, where the seed belongs to this step; the same as otherwise, if not told differently.
    ///
    /// # Errors
    ///
    /// Fails when a tensor operation does.
    fn train(&self, weights: &[Tensor], x: &Tensor, _seed: Seed) -> Result<Tensor> {
        self.forward(weights, x)
    }

    /// Computes the output where draws are asked for outside of training, as for the validation of a variational model: of an example of
    /// its own, by the seed and its place, which is `first` for the first row; the same as otherwise, if not told differently.
    ///
    /// # Errors
    ///
    /// Fails when a tensor operation does.
    fn draw(
        &self,
        weights: &[Tensor],
        x: &Tensor,
        (_seed, _first): (Seed, usize),
    ) -> Result<Tensor> {
        self.forward(weights, x)
    }

    /// Tells whether differences of outputs are a linear function of differences of inputs, so that the gradient is the same everywhere;
    /// it is not, if not told otherwise.
    fn is_linear(&self) -> bool {
        false
    }

    /// Computes what `DeepLIFT` hands back to the input, for a layer that is not linear; nothing, if not told otherwise: networks with the
    /// layer then have no `DeepLIFT`.
    ///
    /// `examples` and `references` have the shape of the input, row by row; `multipliers` that of the output, and say how much every number
    /// there counts. The products of what is returned with `examples - references` have to add up, in every row, to those of `multipliers`
    /// with the difference of the outputs.
    ///
    /// # Errors
    ///
    /// Fails when a tensor operation does.
    fn multipliers(
        &self,
        _weights: &[Tensor],
        (_examples, _references): (&Tensor, &Tensor),
        _multipliers: &Tensor,
    ) -> Result<Option<Tensor>> {
        Ok(None)
    }
}

/// A layer of a kind that only the library has, which knows where gradients of weights go.
pub(crate) trait OwnLayer: UserLayer {
    /// Computes the output while training, as [`UserLayer::train`] does.
    fn teach(&self, weights: &[Tensor], x: &Tensor, returned: Returned) -> Result<Tensor>;
}

#[derive(Clone, Debug)]
enum Held {
    User(Arc<dyn UserLayer>),
    Own(Arc<dyn OwnLayer>),
}

/// Holds a layer of a user's own; two are equal when they hold the same one.
#[derive(Clone, Debug)]
pub struct User(Held);

impl User {
    /// Wraps a layer.
    pub fn new(layer: impl UserLayer + 'static) -> Self {
        Self(Held::User(Arc::new(layer)))
    }

    pub(crate) fn own(layer: impl OwnLayer + 'static) -> Self {
        Self(Held::Own(Arc::new(layer)))
    }

    fn layer(&self) -> &dyn UserLayer {
        match &self.0 {
            Held::User(layer) => &**layer,
            Held::Own(layer) => &**layer,
        }
    }

    pub(crate) fn is_linear(&self) -> bool {
        self.layer().is_linear()
    }

    pub(crate) fn compute(&self, weights: &[Tensor], x: &Tensor) -> Result<Tensor> {
        self.layer().forward(weights, x)
    }

    pub(crate) fn multipliers(
        &self,
        weights: &[Tensor],
        pair: (&Tensor, &Tensor),
        multipliers: &Tensor,
    ) -> Result<Option<Tensor>> {
        self.layer().multipliers(weights, pair, multipliers)
    }
}

impl PartialEq for User {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Held::User(one), Held::User(other)) => Arc::ptr_eq(one, other),
            (Held::Own(one), Held::Own(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.layer().describe())
    }
}

impl Step for User {
    fn name(&self) -> &'static str {
        self.layer().name()
    }

    fn check(&self) -> Result<()> {
        let name = self.layer().name();
        let plain = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        if name.is_empty() || !name.chars().all(plain) {
            let expected = "letters, digits, `_` and `-`";
            return Err(Error::value(
                "name of a user layer",
                expected,
                format!("`{name}`"),
            ));
        }
        Ok(())
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        Ok(self.layer().output(input)?)
    }

    fn parameters(&self, input: Shape, _: bool) -> Vec<Parameter> {
        self.layer().parameters(input)
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let out = match (pass.seed(), pass.draws()) {
            (Some(_), _) if let (Held::Own(layer), Some(returned)) = (&self.0, pass.returned()) => {
                layer.teach(weights, x, returned)?
            }
            (Some(seed), _) => self.layer().train(weights, x, seed)?,
            (None, Some(places)) => self.layer().draw(weights, x, places)?,
            (None, None) => self.layer().forward(weights, x)?,
        };
        // The layers behind rely on what the layer said of itself.
        let promised = Shape::of(x.dims()).and_then(|input| self.layer().output(input).ok());
        let kept = promised.is_none_or(|promised| {
            Shape::of(out.dims()).is_some_and(|shape| promised.accepts(shape))
                && out.dims().first() == x.dims().first()
        });
        if kept {
            return Ok(out);
        }
        let number = pass.part().map_or("?", |part| part.number.as_str());
        let argument = format!("output of layer {number} ({self})");
        let promised = promised.map(|shape| shape.to_string()).unwrap_or_default();
        let expected = format!("{promised}, as the layer said, with n {}", x.dim(0)?);
        Err(Error::shape(&argument, expected, out.dims()))
    }
}
