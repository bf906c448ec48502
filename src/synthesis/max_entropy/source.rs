//! What a model says of the sequences that chains propose.

use super::chain::{Chain, Sampled};
use super::energy::Measure;
use crate::network::{Edits, Evaluator, Model, Origin, to_dimension};
use crate::progress::{self, Task};
use crate::{Error, Result};
use candle_core::Tensor;
use ndarray::{Array2, ArrayView2};

/// Proposals that are computed at once, at most.
const AHEAD: usize = 16;

/// Steps between two looks at whether the user interrupts.
const STEPS: usize = 64;

/// Who is asked about proposals.
pub(super) enum Source<'a> {
    /// Only what a proposal reaches is computed.
    Incremental(Evaluator),
    /// Whole sequences are computed.
    Whole(&'a dyn Model),
}

impl Source<'_> {
    /// Returns what is said of a sequence, shape `(letters, length)`.
    pub(super) fn says(&self, x: &ArrayView2<'_, f32>) -> Result<Vec<f32>> {
        match self {
            Self::Incremental(evaluator) => Ok(origin(evaluator, x)?.before().to_vec()),
            Self::Whole(model) => {
                let values = x.iter().copied().collect();
                let said = forward(*model, values, (1, x.nrows(), x.ncols()))?;
                Ok(said.into_raw_vec_and_offset().0)
            }
        }
    }
}

fn origin(evaluator: &Evaluator, x: &ArrayView2<'_, f32>) -> Result<Origin> {
    evaluator.origin(x.iter().copied().collect())
}

/// Passes whole sequences through a model, `(sequences, outputs)`.
fn forward(model: &dyn Model, x: Vec<f32>, shape: (usize, usize, usize)) -> Result<Array2<f32>> {
    let out = model.forward(&Tensor::from_vec(x, shape, model.device())?)?;
    match *out.dims() {
        [n, _] if n == shape.0 => to_dimension(&out),
        _ => Err(Error::shape(
            "output of the model",
            "(n, outputs)",
            out.dims(),
        )),
    }
}

/// Runs one chain from a sequence on, shape `(letters, length)`.
///
/// While nothing is accepted the state stays, so that several proposals can be computed at once: the more the longer none has been accepted.
/// What is computed in vain costs as much as a call saves when it is about the root of how many come until one is accepted.
pub(super) fn run_incremental(
    (task, evaluator): (&str, &Evaluator),
    (x, measure): (&ArrayView2<'_, f32>, &Measure),
    mut chain: Chain<'_>,
) -> Result<Sampled> {
    let mut origin = origin(evaluator, x)?;
    let total = chain.left();
    let most = AHEAD.min(origin.batch());
    // A running mean of how many proposals come until one is accepted.
    let mut wait = 1.0_f64;
    let mut waited = 0.0;
    let mut looked = 0;
    while chain.left() > 0 {
        if chain.done() >= looked {
            progress::check(task, chain.done(), total)?;
            looked = chain.done() + STEPS;
        }
        let mut edits = Edits::new(x.nrows(), 1);
        let count = (2.0 * wait.sqrt()) as usize - 1;
        for proposal in chain.proposals(count.clamp(1, most)) {
            let letters = 0..x.nrows();
            let new = letters.map(|letter| f32::from(u8::from(letter == proposal.letter)));
            edits.push(proposal.position, new);
        }
        let said = origin.outputs(&edits)?;
        for (edit, said) in said.outer_iter().enumerate() {
            waited += 1.0;
            let said = said.as_slice().unwrap_or_default();
            if chain.decide(measure.energy(said)?) {
                origin.advance(&edits, edit)?;
                wait += 0.1 * (waited - wait);
                waited = 0.0;
                break;
            }
        }
        if waited > wait {
            wait = waited;
        }
    }
    Ok(chain.sampled())
}

/// Runs some chains from a sequence on, step by step, with one batch a step.
pub(super) fn run_together(
    (task, model): (&mut Task, &dyn Model),
    (x, measure): (&ArrayView2<'_, f32>, &Measure),
    mut chains: Vec<Chain<'_>>,
) -> Result<Vec<Sampled>> {
    let (letters, length) = x.dim();
    let size = letters * length;
    let mut present: Vec<f32> = x.iter().copied().collect::<Vec<f32>>().repeat(chains.len());
    while chains.first().is_some_and(|chain| chain.left() > 0) {
        let mut proposed = present.clone();
        let mut proposals = Vec::with_capacity(chains.len());
        for (chain, row) in chains.iter_mut().zip(proposed.chunks_exact_mut(size)) {
            for proposal in chain.proposals(1) {
                put(row, (proposal.letter, proposal.position), length);
                proposals.push((proposal.letter, proposal.position));
            }
        }
        let said = forward(model, proposed, (chains.len(), letters, length))?;
        let rows = present.chunks_exact_mut(size).zip(said.outer_iter());
        for ((chain, place), (row, said)) in chains.iter_mut().zip(proposals).zip(rows) {
            let said = said.as_slice().unwrap_or_default();
            if chain.decide(measure.energy(said)?) {
                put(row, place, length);
            }
        }
        task.step("")?;
    }
    Ok(chains.into_iter().map(Chain::sampled).collect())
}

/// Writes a letter into a code `(letters, length)`.
fn put(code: &mut [f32], (letter, position): (usize, usize), length: usize) {
    for (other, row) in code.chunks_exact_mut(length).enumerate() {
        row[position] = f32::from(u8::from(other == letter));
    }
}
