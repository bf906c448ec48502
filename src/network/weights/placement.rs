//! How one tensor of a file becomes a weight.

use super::aligned::shape;
use super::convention::{Convention, has_letter_rows};
use super::role::{Flattened, Role, Slot};
use crate::{Error, Result};
use candle_core::{Device, Tensor};

/// A tensor in the shape of a weight, and what was done to it, in words.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) tensor: Tensor,
    pub(super) steps: Vec<String>,
    /// Whether its letters were put into another order.
    pub(super) relettered: bool,
    /// What the inputs that were left out add to every output.
    pub(super) constant: Option<Tensor>,
}

/// Brings a tensor into the shape of a weight; `None` if that is not possible.
///
/// Fails when there is more than one way.
pub(super) fn place(
    tensor: &Tensor,
    slot: &Slot,
    convention: &Convention,
) -> Result<Option<Placed>> {
    let mut placing = Placing {
        tensor: tensor.clone(),
        steps: Vec::new(),
        constant: None,
    };
    let mut relettered = false;
    let fits = match slot.role {
        Role::Kernel => {
            let fits = placing.kernel(slot, convention)?;
            if let (true, true, [_, 4, _], Some(letters)) =
                (fits, slot.first, slot.shape.as_slice(), &convention.letters)
            {
                placing.reletter(letters)?;
                relettered = true;
            }
            fits
        }
        Role::ImageKernel => {
            placing.image_kernel(convention)?;
            placing.tensor.dims() == slot.shape
        }
        Role::Dense(row) => {
            if convention.turned && tensor.rank() == 2 {
                placing.turn()?;
            }
            placing.drop_controls((slot, 1), convention)?;
            let fits = placing.squeeze(&slot.shape)?;
            if fits && convention.has_positions_first() {
                placing.reorder(row)?;
            }
            fits
        }
        Role::Gates => {
            if convention.turned && tensor.rank() == 2 {
                placing.turn()?;
            }
            placing.squeeze(&slot.shape)?
        }
        Role::Vector(row) => {
            let fits = placing.squeeze(&slot.shape)?;
            if fits && convention.has_positions_first() {
                placing.reorder(row)?;
            }
            fits
        }
        Role::Other => placing.squeeze(&slot.shape)?,
    };
    Ok(fits.then_some(Placed {
        tensor: placing.tensor,
        steps: placing.steps,
        relettered,
        constant: placing.constant,
    }))
}

struct Placing {
    tensor: Tensor,
    steps: Vec<String>,
    constant: Option<Tensor>,
}

impl Placing {
    /// Turns inputs and outputs.
    fn turn(&mut self) -> Result<()> {
        self.tensor = self.tensor.t()?;
        self.steps.push("transposed".into());
        Ok(())
    }

    /// Drops axes of one that the weight lacks.
    fn squeeze(&mut self, wanted: &[usize]) -> Result<bool> {
        if self.tensor.dims() == wanted {
            return Ok(true);
        }
        let long = |dims: &[usize]| -> Vec<usize> {
            dims.iter().copied().filter(|&size| size != 1).collect()
        };
        if long(self.tensor.dims()) != long(wanted) {
            return Ok(false);
        }
        let step = format!("{} to {}", shape(self.tensor.dims()), shape(wanted));
        self.tensor = self.tensor.contiguous()?.reshape(wanted)?;
        self.steps.push(step);
        Ok(true)
    }

    /// Brings a kernel to filters, channels, width, and flips it if asked to.
    fn kernel(&mut self, slot: &Slot, convention: &Convention) -> Result<bool> {
        let mut ways = Vec::new();
        for order in &convention.kernels {
            if order.len() != self.tensor.rank() {
                continue;
            }
            let axes = order.chars().zip(self.tensor.dims());
            let fits = axes.clone().all(|(axis, &size)| {
                let wanted = match axis {
                    'o' => slot.shape[0],
                    'i' if convention.controls.is_some() && !slot.first => slot.shape[1].min(size),
                    'i' => slot.shape[1],
                    'w' => slot.shape[2],
                    _ => 1,
                };
                wanted == size || (axis == 'i' && convention.controls.is_some() && wanted < size)
            });
            // Axes of one may stand anywhere without changing what a kernel is.
            let meaning: String = axes
                .filter(|(_, size)| **size > 1)
                .map(|(axis, _)| axis)
                .collect();
            let rows = convention.flipped && has_letter_rows(order);
            if fits
                && !ways
                    .iter()
                    .any(|(known, also, _)| *known == meaning && *also == rows)
            {
                ways.push((meaning, rows, order.clone()));
            }
        }
        let (rows, order) = match ways.as_slice() {
            [] => return Ok(false),
            [(_, rows, order)] => (*rows, order),
            _ => return Err(ambiguous(slot, self.tensor.dims(), &ways)),
        };
        let place = |axis: char| order.find(axis).unwrap_or_default();
        let singles = order.char_indices().filter(|(_, axis)| *axis == '1');
        let singles = singles.map(|(place, _)| place);
        let mut axes = vec![place('o'), place('i'), place('w')];
        axes.extend(singles);
        let width = self.tensor.dims()[place('w')];
        let channels = self.tensor.dims()[place('i')];
        let moved = self.tensor.permute(axes.as_slice())?.contiguous()?;
        self.tensor = moved.reshape((slot.shape[0], channels, width))?;
        if order != "oiw" {
            self.steps.push(format!("axes {order} to oiw"));
        }
        if convention.flipped {
            self.tensor = self.tensor.flip(if rows { &[1, 2] } else { &[2] })?;
            let along = if rows { "channels and width" } else { "width" };
            self.steps.push(format!("flipped along {along}"));
        }
        self.drop_controls((slot, 1), convention)?;
        Ok(self.tensor.dims() == slot.shape)
    }

    /// Brings a kernel of Keras, height, width, channels, filters, to filters, channels, height, width, and flips it if asked to.
    fn image_kernel(&mut self, convention: &Convention) -> Result<()> {
        if convention.turned && self.tensor.rank() == 4 {
            self.tensor = self.tensor.permute((3, 2, 0, 1))?.contiguous()?;
            self.steps.push("axes hwio to oihw".into());
        }
        if convention.flipped && self.tensor.rank() == 4 {
            self.tensor = self.tensor.flip(&[2, 3])?;
            self.steps.push("flipped along height and width".into());
        }
        Ok(())
    }

    /// Leaves out the last inputs that the weight lacks.
    fn drop_controls(
        &mut self,
        (slot, axis): (&Slot, usize),
        convention: &Convention,
    ) -> Result<()> {
        let wanted = slot.shape[axis];
        let Some(&found) = self.tensor.dims().get(axis) else {
            return Ok(());
        };
        if convention.controls.is_some() && !slot.first && found > wanted {
            let left_out = found - wanted;
            let controls = self.tensor.narrow(axis, wanted, left_out)?;
            self.tensor = self.tensor.narrow(axis, 0, wanted)?;
            if let (Some(value), Role::Dense(_)) =
                (convention.controls.filter(|&value| value != 0.0), slot.role)
            {
                self.constant = Some(controls.sum(axis)?.affine(value, 0.0)?);
            }
            self.steps
                .push(format!("last {left_out} inputs, controls, left out"));
        }
        Ok(())
    }

    fn reletter(&mut self, letters: &[u32]) -> Result<()> {
        let order = Tensor::new(letters, &Device::Cpu)?;
        self.tensor = self.tensor.contiguous()?.index_select(&order, 1)?;
        self.steps.push("letters to A, C, G, T".into());
        Ok(())
    }

    /// Brings features that were positions of channels to channels of positions.
    fn reorder(&mut self, row: Flattened) -> Result<()> {
        let Some((channels, length)) = row else {
            return Ok(());
        };
        let shape = self.tensor.dims().to_vec();
        let others: usize = shape[..shape.len() - 1].iter().product();
        let apart = self
            .tensor
            .contiguous()?
            .reshape((others, length, channels))?;
        self.tensor = apart.transpose(1, 2)?.contiguous()?.reshape(shape)?;
        self.steps
            .push("features from positions x channels to channels x positions".into());
        Ok(())
    }
}

fn ambiguous(slot: &Slot, dims: &[usize], ways: &[(String, bool, String)]) -> Error {
    let orders: Vec<&str> = ways.iter().map(|(_, _, order)| order.as_str()).collect();
    let expected = format!(
        "a shape with one meaning (say which with `kernels(\"{}\")`)",
        orders.join("\")` or `kernels(\"")
    );
    let argument = format!("kernel for {}", slot.name);
    Error::shape(&argument, expected, dims)
}
