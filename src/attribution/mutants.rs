//! Sequences in which one letter is replaced.

use super::gradient::output;
use crate::network::{Edits, Evaluator, Model, Origin, is_ours};
use crate::{Error, Result, progress};
use candle_core::{DType, Tensor};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// A replacement: the new letter, and where.
pub(crate) type Place = (usize, usize);

/// Returns every replacement by another letter at some positions, position by position.
pub(crate) fn replacements(
    x: &ArrayView2<'_, f32>,
    positions: impl IntoIterator<Item = usize>,
) -> Vec<Place> {
    let letters = 0..x.nrows();
    let others = |position: usize| {
        let letters = letters.clone().map(move |letter| (letter, position));
        letters.filter(|&place| x[place] != 1.0)
    };
    positions.into_iter().flat_map(others).collect()
}

/// Prepares the network behind a model for edits of sequences of this shape; nothing where there is none, or that would not be quicker.
pub(crate) fn evaluator(
    model: &dyn Model,
    shape: (usize, usize, usize),
    incremental: bool,
) -> Result<Option<Evaluator>> {
    match model.network() {
        Some(network) if incremental => Evaluator::new(network, shape),
        _ => Ok(None),
    }
}

/// One sequence, ready for replacements.
pub(crate) struct Mutants<'a> {
    model: &'a dyn Model,
    x: Array2<f32>,
    origin: Option<Origin>,
    before: f32,
    method: &'a str,
    target: usize,
    batch: usize,
}

impl<'a> Mutants<'a> {
    /// Takes a sequence `(letters, length)`; the options are the name of the method, the output, and how many whole sequences are computed at once.
    pub(crate) fn new(
        (model, evaluator): (&'a dyn Model, Option<&Evaluator>),
        x: &ArrayView2<'_, f32>,
        (method, target, batch): (&'a str, usize, usize),
    ) -> Result<Self> {
        let mut mutants = Self {
            model,
            x: x.to_owned(),
            origin: None,
            before: 0.0,
            method,
            target,
            batch,
        };
        match evaluator {
            Some(evaluator) => {
                let origin = evaluator.origin(x.iter().copied().collect())?;
                mutants.take(origin)?;
            }
            None => mutants.before = mutants.whole(&[(0, None)])?[0],
        }
        Ok(mutants)
    }

    fn take(&mut self, origin: Origin) -> Result<()> {
        let outputs = origin.before();
        let Some(&before) = outputs.get(self.target) else {
            let expected = format!("below {}, the number of outputs", outputs.len());
            return Err(Error::value("target", expected, self.target));
        };
        self.before = before;
        self.origin = Some(origin);
        Ok(())
    }

    /// Returns the output for the sequence itself.
    pub(crate) fn before(&self) -> f32 {
        self.before
    }

    /// Computes the output after each of some replacements.
    pub(crate) fn outputs(&self, places: &[Place]) -> Result<Vec<f32>> {
        let Some(origin) = &self.origin else {
            let places: Vec<_> = places.iter().map(|&(a, b)| (a, Some(b))).collect();
            let batches = |places: &[_]| self.whole(places);
            let found: Vec<Vec<f32>> = if is_ours(self.model.device()) {
                let found = places.par_chunks(self.batch).map(batches);
                found.collect::<Result<_>>()?
            } else {
                let found = places.chunks(self.batch).map(batches);
                found.collect::<Result<_>>()?
            };
            return Ok(found.concat());
        };
        let (batches, letters) = (places.par_chunks(origin.batch()), self.x.nrows());
        let count = batches.len();
        let found = batches.enumerate().map(|(index, places)| {
            // One sequence can take long: an interrupt must not wait for its end.
            progress::check(self.method, index, count)?;
            let outputs = origin.outputs(&edits(places, letters))?;
            Ok(outputs.column(self.target).to_vec())
        });
        Ok(found.collect::<Result<Vec<_>>>()?.concat())
    }

    /// Returns the sequence after a replacement.
    pub(crate) fn after(&self, place: Place) -> Result<Self> {
        let mut x = self.x.clone();
        for (letter, value) in x.column_mut(place.1).iter_mut().enumerate() {
            *value = f32::from(u8::from(letter == place.0));
        }
        let mut mutants = Self {
            x,
            origin: None,
            ..*self
        };
        match &self.origin {
            Some(origin) => mutants.take(origin.after(&edits(&[place], self.x.nrows()), 0)?)?,
            None => mutants.before = mutants.whole(&[(0, None)])?[0],
        }
        Ok(mutants)
    }

    /// Computes whole sequences; no position stands for no replacement.
    fn whole(&self, places: &[(usize, Option<usize>)]) -> Result<Vec<f32>> {
        progress::check(self.method, 0, 1)?;
        let (letters, length) = self.x.dim();
        let before: Vec<f32> = self.x.iter().copied().collect();
        let mut values = before.repeat(places.len());
        for (copy, &(letter, position)) in values.chunks_mut(before.len()).zip(places) {
            for other in 0..letters {
                if let Some(position) = position {
                    copy[other * length + position] = f32::from(u8::from(other == letter));
                }
            }
        }
        let shape = (places.len(), letters, length);
        let x = Tensor::from_vec(values, shape, self.model.device())?;
        let outputs = output(self.model, &x, self.target)?;
        Ok(outputs.to_dtype(DType::F32)?.to_vec1()?)
    }
}

fn edits(places: &[Place], letters: usize) -> Edits {
    let mut edits = Edits::new(letters, 1);
    for &(new, position) in places {
        let share = |letter| f32::from(u8::from(letter == new));
        edits.push(position, (0..letters).map(share));
    }
    edits
}
