//! What a model says of cells in which a gene is silenced.

use super::KnockedDown;
use super::scale::Scale;
use crate::expression::Cells;
use crate::generative::LatentModel;
use crate::{Error, Result};
use ndarray::Axis;

/// Silences genes in cells, and asks a model what else changes: the cells are read and told again with the genes as they are and with less of
/// them, and the difference is what the model links with these genes.
///
/// A model has seen which genes go together, not which cause which: a response here is a hypothesis.
///
/// # Examples
///
/// ```
/// use genolens::generative::{Autoencoder, KnockDown};
/// use genolens::{expression::Cells, ndarray::Array2, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// // The first two genes go together.
/// let values = Array2::from_shape_fn((60, 3), |(cell, gene)| if gene < 2 { (cell % 5) as f32 } else { (cell * 7 % 4) as f32 } / 2.0);
/// let cells = Cells::new(values, (0..60).map(|c| c.to_string()), ["STAT1", "ISG15", "ACTB"])?;
/// let model = Autoencoder::new(2).hidden(&[]).fit(Fit::new().epochs(300).batch(16).learning_rate(0.01)).run(&cells)?;
/// let found = KnockDown::new(&["STAT1"]).run(&model, &cells)?;
/// assert_eq!(found.strongest(1), ["ISG15"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct KnockDown {
    genes: Vec<String>,
    fold: f64,
}

impl KnockDown {
    /// Names the genes, which are silenced wholly.
    pub fn new(genes: &[&str]) -> Self {
        Self {
            genes: genes.iter().map(|gene| (*gene).to_owned()).collect(),
            fold: 0.0,
        }
    }

    /// Sets what is left of the genes, before a logarithm: 0 is nothing, 0.5 half; above 1 there is more of them. Counts are rounded.
    pub fn fold(mut self, fold: f64) -> Self {
        self.fold = fold;
        self
    }

    /// Asks the model.
    ///
    /// # Errors
    ///
    /// Fails when no gene is named, one is not there, the fold is negative or not finite, and as the model does.
    pub fn run(&self, model: &dyn LatentModel, cells: &Cells) -> Result<KnockedDown> {
        if self.genes.is_empty() {
            return Err(Error::value("genes", "at least 1", "none"));
        }
        if !(self.fold.is_finite() && self.fold >= 0.0) {
            return Err(Error::value("fold", "at least 0", self.fold));
        }
        // A gene that is named twice is silenced once.
        let mut places = cells.var().places(&self.genes)?;
        places.sort_unstable();
        places.dedup();
        let scale = Scale::of(cells);
        let mut values = cells.values().dense().into_owned();
        for &gene in &places {
            let mut column = values.column_mut(gene);
            match cells.log_base() {
                Some(base) => column.mapv_inplace(|value| {
                    let left = (f64::from(value) * base.ln()).exp_m1() * self.fold;
                    (left.ln_1p() / base.ln()) as f32
                }),
                None if scale.is_of_counts() => {
                    column.mapv_inplace(|value| (f64::from(value) * self.fold).round() as f32);
                }
                None => column.mapv_inplace(|value| (f64::from(value) * self.fold) as f32),
            }
        }
        let silenced = cells.with_values(values)?.with_log_base(cells.log_base());
        let told = |cells: &Cells| -> Result<_> {
            let told = model.decode(&model.encode(cells)?)?;
            let told = scale.apply(&told)?;
            Ok(told.sum_axis(Axis(0)) / told.nrows() as f64)
        };
        let means = (told(cells)?, told(&silenced)?);
        Ok(KnockedDown::new((cells.genes(), places), means))
    }
}
