//! Examples that are changed while they are learned from.

use super::{Batch, Loss};
use crate::network::unit;
use crate::random::Seed;
use crate::{Error, Result};
use rand_chacha::rand_core::Rng;

/// Changes sequences while they are learned from, never those for validation: reverse complements and shifts.
///
/// What is done to an example follows from the seed of the training, the step and its place in the batch.
///
/// # Examples
///
/// ```
/// use genolens::training::{Augment, Fit};
/// // Half of the sequences are turned around, and each is moved by up to 5 positions.
/// let fitting = Fit::new().augment(Augment::new().reverse_complement(0.5).shift(5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Augment {
    turned: f64,
    shift: usize,
    fill: f32,
}

impl Augment {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the probability with which a sequence is replaced by its reverse complement: channels and positions in reverse order,
    /// which is right for channels A, C, G, T (and for A, G, C, T).
    ///
    /// The labels of a profile, `(n, strands, positions)`, or `(n, positions)` with a multinomial loss, turn with it.
    pub fn reverse_complement(mut self, probability: f64) -> Self {
        self.turned = probability;
        self
    }

    /// Sets by how many positions a sequence is moved at most, to the left or the right.
    pub fn shift(mut self, positions: usize) -> Self {
        self.shift = positions;
        self
    }

    /// Sets the number in positions that a shift leaves empty, 0 at first; 0.25 says that any base may stand there.
    pub fn fill(mut self, value: f32) -> Self {
        self.fill = value;
        self
    }

    fn is_idle(&self) -> bool {
        self.turned == 0.0 && self.shift == 0
    }

    /// Checks the options, for examples of this shape.
    pub(crate) fn check(&self, x: &[usize], (labels, loss): (usize, Loss)) -> Result<()> {
        if !(0.0..=1.0).contains(&self.turned) {
            let got = self.turned;
            return Err(Error::value("reverse_complement", "0 to 1", got));
        }
        if !self.fill.is_finite() {
            return Err(Error::value("fill", "finite", self.fill));
        }
        if self.is_idle() {
            return Ok(());
        }
        let &[_, _, length] = x else {
            let expected = "(n, channels, length) to be turned or shifted";
            return Err(Error::shape("x", expected, x));
        };
        if self.shift >= length {
            let expected = format!("below {length}, the length of the sequences");
            return Err(Error::value("shift", expected, self.shift));
        }
        if self.shift > 0 && are_profiles(labels, loss) {
            let expected = "0 for profiles, whose positions it would leave behind";
            return Err(Error::value("shift", expected, self.shift));
        }
        Ok(())
    }

    pub(crate) fn apply(&self, batch: &mut Batch, loss: Loss, seed: Seed) -> Result<()> {
        if self.is_idle() {
            return Ok(());
        }
        let n = batch.len();
        let (x, labels, weights) = batch.parts_mut();
        let profiles = are_profiles(labels.ndim(), loss);
        let length = x.shape().last().copied().unwrap_or_default();
        let together = labels.len();
        standard(x);
        standard(labels);
        let mut profiles: Vec<&mut [f32]> = match (profiles, labels.as_slice_mut()) {
            (true, Some(labels)) => vec![labels],
            _ => Vec::new(),
        };
        if let Some(weights) = weights
            && weights.len() == together
            && !profiles.is_empty()
        {
            profiles.extend(weights.as_slice_mut());
        }
        let Some(x) = x.as_slice_mut() else {
            return Err(Error::value("x", "in standard layout", "a strided view"));
        };
        let size = x.len() / n;
        for (row, example) in x.chunks_mut(size).enumerate() {
            let mut generator = seed.named("augmentation").indexed(row).generator();
            let (turn, shift) = (generator.next_u32(), generator.next_u32());
            let reach = 2 * self.shift + 1;
            let by = ((unit(shift) * reach as f64) as usize).min(reach - 1);
            if by != self.shift {
                for channel in example.chunks_mut(length) {
                    if by > self.shift {
                        let by = by - self.shift;
                        channel.copy_within(..length - by, by);
                        channel[..by].fill(self.fill);
                    } else {
                        let by = self.shift - by;
                        channel.copy_within(by.., 0);
                        channel[length - by..].fill(self.fill);
                    }
                }
            }
            if unit(turn) < self.turned {
                // Channels and positions in reverse order are all numbers in reverse order.
                example.reverse();
                for labels in &mut profiles {
                    let width = labels.len() / n;
                    labels[row * width..(row + 1) * width].reverse();
                }
            }
        }
        Ok(())
    }
}

/// Lays numbers out in a row, whichever way a source gave them.
fn standard(array: &mut ndarray::ArrayD<f32>) {
    if !array.is_standard_layout() {
        *array = array.as_standard_layout().into_owned();
    }
}

/// Tells whether labels with so many axes have positions.
fn are_profiles(axes: usize, loss: Loss) -> bool {
    axes > 2 || matches!(loss, Loss::Multinomial { .. })
}
