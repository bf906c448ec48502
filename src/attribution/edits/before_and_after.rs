//! The output before and after an edit.

use super::rows::Rows;
use super::{Change, Edit};
use crate::network::Model;
use crate::progress;
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::Array2;

/// Computes all outputs before and after an edit.
///
/// # Errors
///
/// As [`BeforeAndAfter::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{self, Marginalisation}, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let x = Sequences::dna(["ACGTTGCATCAA", "TTTTTTTTTTTT"])?;
/// let change = attribution::before_and_after(&network::deepbind(4), &x, &Marginalisation::new("GATA"))?;
/// assert_eq!(change.difference().dim(), (2, 1));
/// # Ok(()) }
/// ```
pub fn before_and_after(
    model: &dyn Model,
    sequences: &Sequences,
    edit: &dyn Edit,
) -> Result<Change> {
    BeforeAndAfter::new().run(model, sequences, edit)
}

/// Computes outputs before and after any edit, with options.
///
/// An unknown letter is read as equal shares of all letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeforeAndAfter {
    batch: usize,
}

impl BeforeAndAfter {
    /// Takes the defaults: batches of 64.
    pub fn new() -> Self {
        Self { batch: 64 }
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the outputs.
    ///
    /// # Errors
    ///
    /// Fails when the sequences cannot be edited in this way, when they or what becomes of them have a length or an alphabet that the
    /// model cannot read, when there is no sequence, or the user interrupts.
    pub fn run(&self, model: &dyn Model, sequences: &Sequences, edit: &dyn Edit) -> Result<Change> {
        sequences.length()?;
        let edited = edit.apply(sequences);
        let edited = edited.inspect_err(|error| {
            if error.is_interrupted() {
                progress::clear_interrupt();
            }
        })?;
        self.compare(model, (&edit.name(), sequences), &edited)
    }

    /// Computes the outputs of sequences and of what became of them: one for each, or the same number for each, those of the first
    /// sequence first.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and when the numbers of sequences do not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{attribution::BeforeAndAfter, network, sequence::Sequences};
    /// # fn main() -> genolens::Result<()> {
    /// let (mine, yours) = (Sequences::dna(["ACGTTGCATC"])?, Sequences::dna(["ACGTAGCATC"])?);
    /// let change = BeforeAndAfter::new().run_pairs(&network::deepbind(4), &mine, &yours)?;
    /// assert_eq!(change.name(), "edit");
    /// # Ok(()) }
    /// ```
    pub fn run_pairs(
        &self,
        model: &dyn Model,
        sequences: &Sequences,
        edited: &Sequences,
    ) -> Result<Change> {
        self.compare(model, ("edit", sequences), edited)
    }

    pub(super) fn compare(
        &self,
        model: &dyn Model,
        (name, sequences): (&str, &Sequences),
        edited: &Sequences,
    ) -> Result<Change> {
        if sequences.alphabet() != edited.alphabet() {
            let expected = format!("{}, as before the edit", sequences.alphabet());
            let got = edited.alphabet();
            return Err(Error::value("edited", expected, got));
        }
        let before = self.outputs(model, (name, sequences))?;
        let after = self.outputs(model, (name, edited))?;
        Change::new(name, (sequences, before), (edited, after))
    }

    /// Computes all outputs, shape `(n, outputs)`; a batch at a time is turned into numbers.
    pub(super) fn outputs(
        &self,
        model: &dyn Model,
        (task, sequences): (&str, &Sequences),
    ) -> Result<Array2<f32>> {
        sequences.length()?;
        let rows = Rows {
            task,
            alphabet: sequences.alphabet(),
            count: sequences.len(),
            batch: self.batch,
        };
        rows.outputs(model, |row| sequences.letters(row).to_vec())
    }
}

impl Default for BeforeAndAfter {
    fn default() -> Self {
        Self::new()
    }
}
