//! A sequence on the way to a design, and what may be replaced in it.

use super::constraints::{Ready, is_strong};
use crate::Result;
use crate::network::{Evaluator, Model, Mutants, Replacement, replacements};
use crate::sequence::Alphabet;
use ndarray::ArrayView2;

pub(super) const TASK: &str = "design";

/// A sequence on the way, ready for replacements.
pub(super) struct Candidate<'a> {
    mutants: Mutants<'a>,
    pub(super) letters: Vec<u8>,
}

/// A replacement that is allowed, and the outputs after it.
pub(super) struct Change {
    pub(super) place: Replacement,
    pub(super) letter: u8,
    pub(super) outputs: Vec<f32>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(
        model: (&'a dyn Model, Option<&Evaluator>),
        (x, letters): (&ArrayView2<'_, f32>, &[u8]),
        batch: usize,
    ) -> Result<Self> {
        Ok(Self {
            mutants: Mutants::new(model, x, (TASK, 0, batch))?,
            letters: letters.to_vec(),
        })
    }

    pub(super) fn outputs(&self) -> &[f32] {
        self.mutants.all_before()
    }

    /// Scores every replacement that is allowed, position by position.
    pub(super) fn changes(&self, ready: &Ready, alphabet: Alphabet) -> Result<Vec<Change>> {
        let mut letters = self.letters.clone();
        let strong = letters.iter().filter(|letter| is_strong(**letter)).count();
        let code = alphabet.letters();
        let places: Vec<Replacement> = replacements(&self.mutants.x(), 0..letters.len())
            .into_iter()
            .filter(|&(letter, position)| {
                ready.may_write(letter, position)
                    && ready.allows(&mut letters, (code[letter], position), strong)
            })
            .collect();
        let outputs = self.mutants.all_outputs(&places)?;
        let all = places.iter().zip(outputs.rows());
        Ok(all
            .map(|(&place, outputs)| Change {
                place,
                letter: code[place.0],
                outputs: outputs.to_vec(),
            })
            .collect())
    }

    /// Returns the sequence after a replacement.
    pub(super) fn after(&self, change: &Change) -> Result<Self> {
        let (_, position) = change.place;
        let mut letters = self.letters.clone();
        letters[position] = change.letter;
        Ok(Self {
            mutants: self.mutants.after(change.place)?,
            letters,
        })
    }
}
