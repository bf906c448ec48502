//! A dense layer of which only some weights exist.

use super::{Wiring, wired};
use crate::network::{Layer, Parameter, Shape, User, UserLayer};
use crate::sparse::Sparse;
use crate::{Error, Result};
use candle_core::Tensor;

/// Mixes features as a dense layer does, each unit reading only those that a mask allows: `x (W * mask)^T + b`, shape `(n, inputs)` to
/// `(n, units)`.
///
/// With gene sets as the mask (`GeneSets::mask`) units are pathways; with the neighbours in a graph of genes (`GeneGraph::reach`) each
/// unit is a gene that looks at its surroundings. Behind a code, `MaskedDense::backwards` makes every gene from its pathways only.
///
/// Parameters: `weight` of shape `(entries of the mask, 1)`, row by row, each decaying and kept short on its own, and `bias` of shape
/// `(units)`. Weights that the mask forbids do not exist: they take no memory, no time and no part in the count. A unit without inputs
/// has its bias alone.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, MaskedDense};
/// use genolens::{ndarray::array, sparse::Sparse};
/// # fn main() -> genolens::Result<()> {
/// // Two pathways over three genes.
/// let mask = Sparse::from_dense(&array![[1.0_f32, 1.0, 0.0], [0.0, 1.0, 1.0]])?;
/// let network = Architecture::features(3).then(MaskedDense::new(&mask)?).relu().dense(1).build()?;
/// assert_eq!(network.parameters(), 4 + 2 + 3);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct MaskedDense {
    wiring: Wiring,
}

impl MaskedDense {
    /// Takes a mask, shape `(units, inputs)`: a unit reads the inputs of which an entry is stored, whatever its value.
    ///
    /// # Errors
    ///
    /// Fails for a mask without entries, or with one that is not finite.
    pub fn new(mask: &Sparse) -> Result<Self> {
        let wiring = Wiring::new("mask", mask)?;
        Ok(Self { wiring })
    }

    /// Takes the same mask the other way round, from its units back to its inputs, as the last layer of a decoder.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn backwards(mask: &Sparse) -> Result<Self> {
        Self::new(&mask.transposed())
    }

    /// Counts the weights that exist.
    pub fn connections(&self) -> usize {
        self.wiring.wires()
    }
}

impl UserLayer for MaskedDense {
    fn name(&self) -> &'static str {
        "masked_dense"
    }

    fn describe(&self) -> String {
        let (units, wires) = (self.wiring.units(), self.wiring.wires());
        let share = 100.0 * wires as f64 / (units as f64 * self.wiring.inputs() as f64);
        format!("masked dense {units}, {wires} weights ({share:.2} % of a dense layer)")
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Features(inputs) if inputs == self.wiring.inputs() => {
                Ok(Shape::Features(self.wiring.units()))
            }
            _ => Err(format!(
                "(n, {}), one feature for each column of the mask",
                self.wiring.inputs()
            )),
        }
    }

    fn parameters(&self, _: Shape) -> Vec<Parameter> {
        // A unit reads few inputs, and an input reaches few units: as Glorot and Bengio do with what there is.
        let (units, wires) = (self.wiring.units() as f64, self.wiring.wires() as f64);
        let both = wires / units + wires / self.wiring.inputs() as f64;
        vec![
            Parameter::new("weight", &[self.wiring.wires(), 1]).within((6.0 / both).sqrt()),
            Parameter::new("bias", &[self.wiring.units()]).filled(0.0),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(wired(x, &weights[0].flatten_all()?, &self.wiring)?.broadcast_add(&weights[1])?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}

impl From<MaskedDense> for Layer {
    fn from(layer: MaskedDense) -> Self {
        User::new(layer).into()
    }
}

/// Checks that a graph of nodes is one.
pub(super) fn check_graph(adjacency: &Sparse) -> Result<()> {
    let (rows, columns) = adjacency.shape();
    if rows != columns || rows == 0 {
        return Err(Error::shape(
            "adjacency",
            "(nodes, nodes) with nodes at least 1",
            &[rows, columns],
        ));
    }
    if let Some(value) = adjacency
        .values()
        .iter()
        .find(|value| !value.is_finite() || **value < 0.0)
    {
        return Err(Error::value("adjacency", "weights of at least 0", value));
    }
    if *adjacency != adjacency.transposed() {
        let got = "one with an edge that has another weight, or none, on its way back";
        return Err(Error::value("adjacency", "a symmetric matrix", got));
    }
    Ok(())
}
