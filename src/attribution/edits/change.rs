//! What an edit does to the outputs.

use super::ExplainedChange;
use crate::attribution::{MeanEffect, MeanEffects, Method};
use crate::network::Model;
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::{Array2, Array3, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// The outputs before and after an edit, with the sequences; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{self, Saliency}, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let model = network::deepbind(4);
/// let backgrounds = Sequences::dna(["ACGTTGCATCAA", "TTTTTTTTTTTT"])?;
/// let change = attribution::marginalisation(&model, &backgrounds, "TGACTCA")?;
/// assert_eq!(change.after().dim(), (2, 1, 1));
/// // The same edit through the eyes of any method.
/// let explained = change.explain(&model, &Saliency::new())?;
/// assert_eq!(explained.after().sequences().text(1), "TTTTGACTCATT");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Change {
    name: Arc<str>,
    sequences: Sequences,
    edited: Sequences,
    before: Arc<Array2<f32>>,
    after: Arc<Array3<f32>>,
}

impl Change {
    pub(super) fn new(
        name: &str,
        (sequences, before): (&Sequences, Array2<f32>),
        (edited, after): (&Sequences, Array2<f32>),
    ) -> Result<Self> {
        let (n, outputs) = before.dim();
        let copies = after.nrows() / n.max(1);
        let shape = after.shape().to_vec();
        let after = (copies > 0)
            .then(|| after.into_shape_with_order((n, copies, outputs)).ok())
            .flatten();
        let Some(after) = after else {
            let expected =
                format!("(rows, {outputs}) with the same number of rows for each of {n}");
            return Err(Error::shape("outputs after the edit", expected, &shape));
        };
        Ok(Self {
            name: name.into(),
            sequences: sequences.clone(),
            edited: edited.clone(),
            before: Arc::new(before),
            after: Arc::new(after),
        })
    }

    /// Returns the mean of these outputs and of those of another change with the same numbers of sequences and outputs.
    pub(super) fn averaged(&self, other: &Self) -> Self {
        Self {
            before: Arc::new((&*self.before + &*other.before) / 2.0),
            after: Arc::new((&*self.after + &*other.after) / 2.0),
            ..self.clone()
        }
    }

    /// Returns what was done, in a few words.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number of sequences.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Tells whether there is no sequence, which no run gives.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Returns the sequences as they were.
    pub fn sequences(&self) -> &Sequences {
        &self.sequences
    }

    /// Returns the edited sequences: all variants of the first sequence, then of the second, and so on.
    pub fn edited(&self) -> &Sequences {
        &self.edited
    }

    /// Returns the outputs before the edit, shape `(n, outputs)`.
    pub fn before(&self) -> &Array2<f32> {
        &self.before
    }

    /// Returns the outputs after it, shape `(n, variants, outputs)`; there is one variant unless the edit draws several.
    pub fn after(&self) -> &Array3<f32> {
        &self.after
    }

    /// Returns the outputs after the edit, averaged over its variants, less those before, shape `(n, outputs)`.
    pub fn difference(&self) -> Array2<f64> {
        self.mean_after() - self.before.mapv(f64::from)
    }

    /// Returns the outputs after the edit divided by those before, shape `(n, outputs)`: for outputs that are positive, such as
    /// counts.
    pub fn ratio(&self) -> Array2<f64> {
        self.mean_after() / self.before.mapv(f64::from)
    }

    fn mean_after(&self) -> Array2<f64> {
        let copies = self.after.dim().1.max(1) as f64;
        self.after.mapv(f64::from).sum_axis(Axis(1)) / copies
    }

    /// Returns the mean difference over the sequences for every output, with its interval and test.
    pub fn mean(&self) -> MeanEffects {
        let difference = self.difference();
        let effects = difference.columns().into_iter().enumerate();
        let effects =
            effects.map(|(output, values)| MeanEffect::of(&values).at(&self.name, output));
        effects.collect()
    }

    /// Explains the sequences before and after the edit by any method.
    ///
    /// # Errors
    ///
    /// Fails as the method does.
    pub fn explain(&self, model: &dyn Model, method: &dyn Method) -> Result<ExplainedChange> {
        ExplainedChange::new(
            method.explain(model, &self.sequences)?,
            method.explain(model, &self.edited)?,
        )
    }

    /// Returns a table with a row for every sequence and output: sequence, output, before, after and difference.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let (n, outputs) = self.before.dim();
        let rows = || (0..n).flat_map(|i| (0..outputs).map(move |j| (i, j)));
        let (after, difference) = (self.mean_after(), self.difference());
        Ok(df!(
            "sequence" => rows().map(|(i, _)| self.sequences.name(i)).collect::<Vec<_>>(),
            "output" => rows().map(|(_, j)| j as i64).collect::<Vec<_>>(),
            "before" => rows().map(|at| f64::from(self.before[at])).collect::<Vec<_>>(),
            "after" => rows().map(|at| after[at]).collect::<Vec<_>>(),
            "difference" => rows().map(|at| difference[at]).collect::<Vec<_>>(),
        )?)
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, variants, outputs) = self.after.dim();
        let name = self.name();
        write!(
            f,
            "Change({name}, n = {n}, variants = {variants}, outputs = {outputs})"
        )
    }
}
