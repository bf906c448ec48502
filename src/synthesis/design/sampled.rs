//! Letters drawn from logits, and the best of all that were drawn.

use super::constraints::Ready;
use super::designs::Design;
use super::goal::Goal;
use crate::Result;
use crate::network::{Model, to_dimension};
use crate::random::Seed;
use crate::sequence::Alphabet;
use crate::synthesis::activation::largest;
use candle_core::{DType, Device, Tensor};
use candle_nn::ops;
use ndarray::{Array2, ArrayView2, Ix2, Ix3};
use rand::RngExt;

/// The logit of what must not be written.
const NEVER: f32 = -1e9;

/// Letters drawn from logits.
pub(super) struct Drawn {
    /// What the model reads: letters, with the gradient of a softmax.
    pub(super) x: Tensor,
    /// The letters themselves, detached.
    letters: Tensor,
}

/// Draws letters, `(count, letters, length)`, from logits `(1, letters, length)`, so often as their softmax says.
///
/// The gradient is that of the softmax with the noise (Gumbel-softmax), or of the one without.
pub(super) fn draw(
    logits: &Tensor,
    (count, seed): (usize, Seed),
    (noisy, temperature): (bool, f64),
) -> Result<Drawn> {
    let (_, letters, length) = logits.dims3()?;
    let mut random = seed.generator();
    let noise = (0..count * letters * length).map(|_| {
        // Never 0, of which there is no logarithm.
        let uniform: f32 = 1.0 - random.random::<f32>();
        -(-uniform.ln()).max(f32::MIN_POSITIVE).ln()
    });
    let shape = (count, letters, length);
    let noise = Tensor::from_vec(noise.collect::<Vec<f32>>(), shape, &Device::Cpu)?;
    let noise = noise.to_device(logits.device())?;
    let all = logits.broadcast_add(&noise)?;
    let soft = if noisy {
        ops::softmax(&all.affine(1.0 / temperature, 0.0)?, 1)?
    } else {
        ops::softmax(&logits.affine(1.0 / temperature, 0.0)?, 1)?
    };
    let letters = largest(&all.detach())?;
    let straight = letters
        .broadcast_sub(&soft.detach())?
        .broadcast_add(&soft)?;
    Ok(Drawn {
        x: straight,
        letters,
    })
}

/// Returns what is added to logits so that only what may be written is drawn, shape `(1, letters, length)`.
pub(super) fn mask(ready: &Ready, x: &ArrayView2<'_, f32>, device: &Device) -> Result<Tensor> {
    let (letters, length) = x.dim();
    let mask = Array2::from_shape_fn((letters, length), |(letter, position)| {
        let stays = x[[letter, position]] == 1.0;
        let unknown = !x.column(position).iter().any(|&share| share == 1.0);
        let fine =
            stays || ready.may_write(letter, position) || (unknown && !ready.is_free(position));
        if fine { 0.0 } else { NEVER }
    });
    let values = mask.into_raw_vec_and_offset().0;
    Ok(Tensor::from_vec(values, (1, letters, length), device)?)
}

/// The best sequence that was drawn so far.
pub(super) struct Best<'a> {
    /// As seen from the start.
    pub(super) goal: Goal,
    pub(super) ready: &'a Ready,
    pub(super) alphabet: Alphabet,
    /// What an edit costs.
    pub(super) price: f64,
    pub(super) loss: f64,
    pub(super) design: Design,
}

impl<'a> Best<'a> {
    /// Begins with the sequence as it is.
    pub(super) fn new(
        (model, x, letters): (&dyn Model, &Tensor, &[u8]),
        (goal, ready, alphabet): (&Goal, &'a Ready, Alphabet),
        price: f64,
    ) -> Result<Self> {
        let outputs = model.forward(x)?.to_dtype(DType::F32)?;
        let outputs = to_dimension::<Ix2>(&outputs)?;
        goal.check(outputs.ncols())?;
        let outputs = outputs.row(0).to_vec();
        let goal = goal.seen_from(&outputs);
        let loss = goal.cost(&outputs)?;
        let mut design = Design::new(letters.to_vec(), outputs, 0.0);
        design.curve = vec![-loss];
        Ok(Self {
            goal,
            ready,
            alphabet,
            price,
            loss,
            design,
        })
    }

    /// Looks at letters that were drawn, and what the model says of them.
    pub(super) fn look(&mut self, drawn: &Drawn, outputs: &Tensor, start: &[u8]) -> Result<()> {
        let outputs = to_dimension::<Ix2>(&outputs.detach())?;
        let letters = to_dimension::<Ix3>(&drawn.letters)?;
        let code = self.alphabet.letters();
        for (one, outputs) in letters.outer_iter().zip(outputs.rows()) {
            let outputs = outputs.to_vec();
            let mut loss = self.goal.cost(&outputs)?;
            if loss >= self.loss {
                continue;
            }
            let text: Vec<u8> = (one.columns().into_iter())
                .map(|column| {
                    let own = column.iter().position(|&share| share == 1.0);
                    own.map_or(self.alphabet.unknown(), |own| code[own])
                })
                .collect();
            // A letter that was unknown costs nothing.
            let pairs = text.iter().zip(start);
            let edits =
                pairs.filter(|(new, old)| new != old && self.alphabet.index(**old).is_some());
            loss += self.price * edits.count() as f64;
            if loss < self.loss && self.ready.objection(&text).is_none() {
                self.loss = loss;
                self.design.letters = text;
                self.design.outputs = outputs;
            }
        }
        self.design.curve.push(-self.loss);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Design {
        self.design.worth = self.goal.worth(&self.design.outputs);
        self.design.reached = self.goal.is_reached(&self.design.outputs);
        self.design
    }
}
