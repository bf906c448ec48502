//! How files write kernels and dense weights down.

use super::WeightFormat;
use super::aligned::shape;
use super::mapping::Options;
use super::role::{Role, Slot};
use crate::{Error, Result};

/// Orders of axes: `o` filters, `i` channels, `w` width, `1` an axis of one.
const PYTORCH: [&str; 5] = ["oiw", "oi1w", "oiw1", "o1iw", "o1wi"];
const KERAS: [&str; 5] = ["wio", "1wio", "w1io", "iw1o", "wi1o"];

/// What a mapping says of all tensors of a file.
#[derive(Clone, Debug)]
pub(super) struct Convention {
    /// The orders of axes that a kernel may have.
    pub(super) kernels: Vec<String>,
    /// Dense weights as `(inputs, outputs)`.
    pub(super) turned: bool,
    /// Where in the file's first convolution A, C, G and T stand.
    pub(super) letters: Option<Vec<u32>>,
    pub(super) flipped: bool,
    /// What dense layers would read of controls that are left out.
    pub(super) controls: Option<f64>,
}

impl Convention {
    pub(super) fn new(format: WeightFormat, options: &Options) -> Result<Self> {
        let keras = format == WeightFormat::Hdf5;
        let kernels = match &options.kernels {
            Some(order) => vec![checked(order)?],
            None if keras => KERAS.map(String::from).to_vec(),
            None => PYTORCH.map(String::from).to_vec(),
        };
        Ok(Self {
            turned: keras,
            kernels,
            letters: options.letters.as_deref().map(places).transpose()?,
            flipped: options.flipped,
            controls: options.controls,
        })
    }

    /// Says which shape a tensor must have for a weight, its axes in the file's order where that was told.
    pub(super) fn asked(&self, slot: &Slot) -> String {
        let ([order], Role::Kernel, &[outputs, inputs, width]) =
            (&self.kernels[..], &slot.role, &slot.shape[..])
        else {
            return shape(&slot.shape);
        };
        let size = |axis| match axis {
            'o' => outputs,
            'i' => inputs,
            'w' => width,
            _ => 1,
        };
        let sizes: Vec<usize> = order.chars().map(size).collect();
        format!("{} for axes `{order}`", shape(&sizes))
    }

    /// Tells whether positions come before channels where both are laid out in one row; Theano has filters and channels before positions.
    pub(super) fn has_positions_first(&self) -> bool {
        self.turned && !self.kernels.iter().any(|order| order.starts_with('o'))
    }
}

/// Tells whether letters are the rows of a picture in this order of axes, not its channels.
pub(super) fn has_letter_rows(order: &str) -> bool {
    ["o1iw", "o1wi", "iw1o", "wi1o"].contains(&order)
}

fn checked(order: &str) -> Result<String> {
    let known = PYTORCH.iter().chain(&KERAS);
    if let Some(known) = known.into_iter().find(|known| **known == order) {
        return Ok((*known).into());
    }
    let all = PYTORCH.iter().chain(&KERAS).copied().collect::<Vec<_>>();
    let expected = format!(
        "one of {} (o filters, i channels, w width, 1 an axis of one)",
        all.join(", ")
    );
    Err(Error::value("kernels", expected, format!("`{order}`")))
}

/// Returns where A, C, G and T stand among letters.
fn places(letters: &str) -> Result<Vec<u32>> {
    let place = |letter: char| letters.find(letter).map(|place| place as u32);
    let places: Option<Vec<u32>> = "ACGT".chars().map(place).collect();
    places.filter(|_| letters.len() == 4).ok_or_else(|| {
        let expected = "A, C, G and T in the order of the file, such as `AGCT`";
        Error::value("letters", expected, format!("`{letters}`"))
    })
}
