//! Which inputs each unit reads.

use crate::sparse::Sparse;
use crate::{Error, Result};
use candle_core::{Device, Tensor};
use std::sync::Arc;

/// Which inputs each unit reads, looked at from both sides.
#[derive(Clone, Debug)]
pub(crate) struct Wiring(Arc<Wires>);

#[derive(Debug)]
struct Wires {
    /// Row by row: where the wires of a unit begin, and the input of each.
    units: Sparse,
    /// Where the wires of an input begin; of each its number and its unit.
    offsets: Vec<usize>,
    of_inputs: Vec<(u32, u32)>,
}

impl Wiring {
    /// Reads where a matrix `(units, inputs)` stores entries, each of which must be finite.
    pub(crate) fn new(argument: &str, units: &Sparse) -> Result<Self> {
        let (count, inputs) = units.shape();
        if units.stored() == 0 {
            let expected = "(units, inputs) with at least one entry";
            return Err(Error::shape(argument, expected, &[count, inputs]));
        }
        if units.stored() > u32::MAX as usize {
            return Err(Error::value(
                argument,
                "fewer than 2^32 entries",
                units.stored(),
            ));
        }
        if let Some(value) = units.values().iter().find(|value| !value.is_finite()) {
            return Err(Error::value(argument, "finite", value));
        }
        let mut offsets = vec![0; inputs + 1];
        for &input in units.indices() {
            offsets[input as usize + 1] += 1;
        }
        for input in 0..inputs {
            offsets[input + 1] += offsets[input];
        }
        let mut next = offsets.clone();
        let mut of_inputs = vec![(0, 0); units.stored()];
        for unit in 0..count {
            for wire in units.offsets()[unit]..units.offsets()[unit + 1] {
                let place = &mut next[units.indices()[wire] as usize];
                of_inputs[*place] = (wire as u32, unit as u32);
                *place += 1;
            }
        }
        Ok(Self(Arc::new(Wires {
            units: units.clone(),
            offsets,
            of_inputs,
        })))
    }

    pub(crate) fn units(&self) -> usize {
        self.0.units.nrows()
    }

    pub(crate) fn inputs(&self) -> usize {
        self.0.units.ncols()
    }

    pub(crate) fn wires(&self) -> usize {
        self.0.units.stored()
    }

    /// The wires of a unit and their inputs.
    pub(super) fn of_unit(&self, unit: usize) -> impl Iterator<Item = (usize, usize)> {
        let wires = self.0.units.offsets()[unit]..self.0.units.offsets()[unit + 1];
        wires.map(|wire| (wire, self.0.units.indices()[wire] as usize))
    }

    /// The wires of an input and their units.
    pub(super) fn of_input(&self, input: usize) -> impl Iterator<Item = (usize, usize)> {
        let places = &self.0.of_inputs[self.0.offsets[input]..self.0.offsets[input + 1]];
        places
            .iter()
            .map(|&(wire, unit)| (wire as usize, unit as usize))
    }

    /// Where the wires of every unit begin.
    pub(super) fn offsets(&self) -> &[usize] {
        self.0.units.offsets()
    }

    /// The values that the matrix had.
    pub(super) fn values(&self, device: &Device) -> candle_core::Result<Tensor> {
        Tensor::from_slice(self.0.units.values(), self.wires(), device)
    }

    /// Input and unit of every wire as tensors.
    pub(super) fn ends(&self, device: &Device) -> candle_core::Result<(Tensor, Tensor)> {
        let units = (0..self.units()).flat_map(|unit| self.of_unit(unit).map(move |_| unit as u32));
        let units = Tensor::from_iter(units, device)?;
        Ok((
            Tensor::from_slice(self.0.units.indices(), self.wires(), device)?,
            units,
        ))
    }
}
