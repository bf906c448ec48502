//! Sequences in which one letter is replaced: one position at which another channel is 1.

use super::{Edits, Evaluator, Model, Origin, is_ours, to_dimension};
use crate::{Error, Result, progress};
use candle_core::Tensor;
use ndarray::{Array2, ArrayView2, Axis, Ix2, concatenate};
use rayon::prelude::*;

/// A replacement: the new letter, and where.
pub(crate) type Replacement = (usize, usize);

/// Returns every replacement by another letter at some positions, position by position.
pub(crate) fn replacements(
    x: &ArrayView2<'_, f32>,
    positions: impl IntoIterator<Item = usize>,
) -> Vec<Replacement> {
    let letters = 0..x.nrows();
    let others = |position: usize| {
        let letters = letters.clone().map(move |letter| (letter, position));
        letters.filter(|&place| x[place] != 1.0)
    };
    positions.into_iter().flat_map(others).collect()
}

/// Prepares the network behind a model for edits of sequences of this shape; nothing where there is none, or that would not be quicker.
pub(crate) fn evaluator_of(
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
    /// Every output.
    before: Vec<f32>,
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
            before: Vec::new(),
            method,
            target,
            batch,
        };
        match evaluator {
            Some(evaluator) => {
                let origin = evaluator.origin(x.iter().copied().collect())?;
                mutants.take(origin)?;
            }
            None => mutants.look()?,
        }
        Ok(mutants)
    }

    fn take(&mut self, origin: Origin) -> Result<()> {
        self.before = origin.before().to_vec();
        self.origin = Some(origin);
        self.check()
    }

    fn look(&mut self) -> Result<()> {
        self.before = self.whole(&[(0, None)])?.into_raw_vec_and_offset().0;
        self.check()
    }

    fn check(&self) -> Result<()> {
        if self.target < self.before.len() {
            return Ok(());
        }
        let expected = format!("below {}, the number of outputs", self.before.len());
        Err(Error::value("target", expected, self.target))
    }

    /// Returns the sequence itself, `(channels, length)`.
    pub(crate) fn x(&self) -> ArrayView2<'_, f32> {
        self.x.view()
    }

    /// Returns the output for the sequence itself.
    pub(crate) fn before(&self) -> f32 {
        self.before[self.target]
    }

    /// Returns every output for the sequence itself.
    pub(crate) fn all_before(&self) -> &[f32] {
        &self.before
    }

    /// Computes the output after each of some replacements.
    pub(crate) fn outputs(&self, places: &[Replacement]) -> Result<Vec<f32>> {
        let batches = self.batches(places)?;
        let own = batches
            .iter()
            .flat_map(|batch| batch.column(self.target).to_vec());
        Ok(own.collect())
    }

    /// Computes every output after each of some replacements, shape `(replacements, outputs)`.
    pub(crate) fn all_outputs(&self, places: &[Replacement]) -> Result<Array2<f32>> {
        let batches = self.batches(places)?;
        if batches.is_empty() {
            return Ok(Array2::zeros((0, self.before.len())));
        }
        let views: Vec<_> = batches.iter().map(|one| one.view()).collect();
        let got = batches[0].shape();
        concatenate(Axis(0), &views).map_err(|_| Error::shape("output", "(n, outputs)", got))
    }

    fn batches(&self, places: &[Replacement]) -> Result<Vec<Array2<f32>>> {
        let Some(origin) = &self.origin else {
            let places: Vec<_> = places.iter().map(|&(a, b)| (a, Some(b))).collect();
            let batches = |places: &[_]| self.whole(places);
            return if is_ours(self.model.device()) {
                places.par_chunks(self.batch).map(batches).collect()
            } else {
                places.chunks(self.batch).map(batches).collect()
            };
        };
        let (batches, letters) = (places.par_chunks(origin.batch()), self.x.nrows());
        let count = batches.len();
        let found = batches.enumerate().map(|(index, places)| {
            // One sequence can take long: an interrupt must not wait for its end.
            progress::check(self.method, index, count)?;
            origin.outputs(&edits(places, letters))
        });
        found.collect()
    }

    /// Returns the sequence after a replacement.
    pub(crate) fn after(&self, place: Replacement) -> Result<Self> {
        let mut x = self.x.clone();
        for (letter, value) in x.column_mut(place.1).iter_mut().enumerate() {
            *value = f32::from(u8::from(letter == place.0));
        }
        let mut mutants = Self {
            x,
            origin: None,
            before: Vec::new(),
            ..*self
        };
        match &self.origin {
            Some(origin) => mutants.take(origin.after(&edits(&[place], self.x.nrows()), 0)?)?,
            None => mutants.look()?,
        }
        Ok(mutants)
    }

    /// Computes whole sequences; no position stands for no replacement.
    fn whole(&self, places: &[(usize, Option<usize>)]) -> Result<Array2<f32>> {
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
        let outputs = self.model.forward(&x)?;
        let dims = outputs.dims().to_vec();
        let wrong = || Error::shape("output of the model", "(n, outputs)", &dims);
        to_dimension::<Ix2>(&outputs).map_err(|_| wrong())
    }
}

fn edits(places: &[Replacement], letters: usize) -> Edits {
    let mut edits = Edits::new(letters, 1);
    for &(new, position) in places {
        let share = |letter| f32::from(u8::from(letter == new));
        edits.push(position, (0..letters).map(share));
    }
    edits
}
