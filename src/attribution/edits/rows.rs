//! The outputs of many texts, each made when its batch is computed.

use crate::network::{Model, in_batches, to_array, to_tensor};
use crate::progress;
use crate::sequence::{Alphabet, Sequences};
use crate::{Error, Result};
use ndarray::{Array2, Axis, Ix2, concatenate};

/// Texts of one alphabet, of which nobody needs all at once.
pub(super) struct Rows<'a> {
    pub(super) task: &'a str,
    pub(super) alphabet: Alphabet,
    pub(super) count: usize,
    pub(super) batch: usize,
}

impl Rows<'_> {
    /// Computes all outputs of a model, shape `(count, outputs)`; `letters` makes the text of a row.
    pub(super) fn outputs(
        &self,
        model: &dyn Model,
        letters: impl Fn(usize) -> Vec<u8> + Sync,
    ) -> Result<Array2<f32>> {
        let device = model.device();
        let parts = in_batches(self.task, (self.count, self.batch, device), |rows| {
            let texts = rows.map(|row| (String::new(), letters(row)));
            let texts = Sequences::from_legal(self.alphabet, texts);
            let out = model.forward(&to_tensor(&texts, device)?)?;
            let shape = out.dims().to_vec();
            let out = to_array(&out)?.into_dimensionality::<Ix2>();
            out.map_err(|_| Error::shape("output of the model", "(n, outputs)", &shape))
        });
        let parts = parts.inspect_err(|error| {
            // A batch that sees the wish to stop leaves it standing.
            if error.is_interrupted() {
                progress::clear_interrupt();
            }
        })?;
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        concatenate(Axis(0), &views).map_err(|_| {
            let shape = views.first().map_or(&[][..], |view| view.shape());
            let expected = "(n, outputs) with the same number of outputs for every batch";
            Error::shape("output of the model", expected, shape)
        })
    }
}

/// Multiplies counts of rows.
pub(super) fn product(counts: &[usize]) -> Result<usize> {
    let product = counts
        .iter()
        .try_fold(1_usize, |all, &count| all.checked_mul(count));
    product.ok_or_else(|| Error::value("edits", "fewer than memory holds", format!("{counts:?}")))
}
