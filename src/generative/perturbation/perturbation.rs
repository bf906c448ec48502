//! A response, carried to cells that were not treated.

use super::EnergyDistance;
use super::arithmetic::Parts;
use super::response::{Response, Row};
use super::scale::Scale;
use super::scores::{change_explained, r_squared, welch};
use crate::distribution::order::falling;
use crate::embedding::Pca;
use crate::expression::Cells;
use crate::generative::{Latent, LatentModel};
use crate::progress::Task;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::Column;

/// Carries a response to a treatment from kinds of cells that were treated to one that was not (or to another species), as scGen does: the
/// mean step from untreated to treated cells in the space of a model is added to untreated cells of the kind, and decoded.
///
/// Beside it are always the simpler ways: no change, the mean step in the space of genes, and the step along principal components. Of each
/// is told how near its means of genes are to the measured ones, and how near its cells are to the measured cells. **A model that does not
/// beat the mean step has not earned its keep**, and a high R² of means says little: no change has one, too.
///
/// The step is the mean of the steps of the kinds, so that every kind counts the same; scGen reaches this by resampling cells, without a
/// seed. Logarithms of normalised values are compared as they are, counts after they were normalised and their logarithm was taken.
///
/// **Train the model without what it is asked for**: on [`training_cells`](Self::training_cells).
///
/// Source: Lotfollahi et al. 2019, doi:10.1038/s41592-019-0494-8, from the paper.
///
/// # Examples
///
/// ```
/// use genolens::generative::{Autoencoder, Perturbation};
/// use genolens::{expression::Cells, ndarray::Array2, polars::prelude::Column, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// // Two kinds; the treatment raises the last gene in both.
/// let values = Array2::from_shape_fn((80, 4), |(cell, gene)| {
///     let kind = if cell % 2 == gene { 3.0 } else { 0.0 };
///     let treated = if gene == 3 && cell % 4 > 1 { 2.0 } else { 0.0 };
///     kind + treated + ((cell * 7 + gene * 5) % 11) as f32 / 20.0
/// });
/// let cells = Cells::new(values, (0..80).map(|c| c.to_string()), ["CD3D", "MS4A1", "ACTB", "ISG15"])?;
/// let pick = |names: [&'static str; 2], by: usize| (0..80).map(|c| names[c / by % 2]).collect::<Vec<_>>();
/// let cells = cells.with_obs(Column::new("type".into(), pick(["T", "B"], 1)))?;
/// let cells = cells.with_obs(Column::new("condition".into(), pick(["control", "IFN"], 2)))?;
///
/// let response = Perturbation::new("condition", "control", "IFN").across("type");
/// let known = response.training_cells(&cells, "B")?;
/// let model = Autoencoder::new(2).hidden(&[]).fit(Fit::new().epochs(60).batch(16).learning_rate(0.01)).run(&known)?;
/// let found = response.run(&model, &cells, "B")?;
/// assert!(found.change_explained()[1] > 0.9);
/// println!("{found}");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Perturbation {
    condition: String,
    control: String,
    perturbed: String,
    kinds: String,
    components: usize,
    top: usize,
}

impl Perturbation {
    /// Names the column of `obs` with the treatment, and its values for untreated and treated cells.
    pub fn new(condition: &str, control: &str, perturbed: &str) -> Self {
        Self {
            condition: condition.to_owned(),
            control: control.to_owned(),
            perturbed: perturbed.to_owned(),
            kinds: "cell_type".to_owned(),
            components: 50,
            top: 100,
        }
    }

    /// Names the column with the kinds (or species) that the response is carried across; it is `cell_type`, if not told otherwise.
    pub fn across(mut self, column: &str) -> Self {
        column.clone_into(&mut self.kinds);
        self
    }

    /// Sets how many principal components there are, of the simpler way and for the energy distance; 50, or as many as there can be.
    pub fn components(mut self, components: usize) -> Self {
        self.components = components;
        self
    }

    /// Sets how many genes are top genes, those that differ most by Welch's t between measured cells; 100, or half of the genes where that
    /// is fewer.
    pub fn top(mut self, genes: usize) -> Self {
        self.top = genes;
        self
    }

    /// Returns the cells without the treated ones of a kind: what a model may see.
    ///
    /// # Errors
    ///
    /// Fails when a column or a value is not there.
    pub fn training_cells(&self, cells: &Cells, kind: &str) -> Result<Cells> {
        let parts = self.parts(cells, kind)?;
        cells.select_cells(&without(cells.len(), &parts.treated))
    }

    /// Carries the response to a kind with [`predict`](Self::predict), and compares it, and what is simpler, with its treated cells.
    ///
    /// # Errors
    ///
    /// Fails when a column or a value is not there, when there are fewer than 2 untreated or treated cells of the kind or no other kind
    /// with both, when a number is not finite, and as the model does.
    pub fn run(&self, model: &dyn LatentModel, cells: &Cells, kind: &str) -> Result<Response> {
        let parts = self.parts(cells, kind)?;
        self.check(&parts, kind)?;
        let mut task = Task::new("perturbation", 4);
        let scale = Scale::of(cells);
        let x = scale.apply(cells)?;
        if let Some(value) = x.iter().find(|value| !value.is_finite()) {
            return Err(Error::value("values of cells", "finite", value));
        }
        let (control, treated) = (pick(&x, &parts.control), pick(&x, &parts.treated));
        // What is measured of the kind is not learned from.
        let learned = pick(&x, &without(cells.len(), &parts.treated));
        let (n, genes) = learned.dim();
        let components = self.components.min(n).min(genes);
        let places = Pca::new(components).run(&single(&learned))?;
        let along = |x: &Array2<f64>| -> Result<Array2<f64>> {
            Ok(places.transform(&single(x))?.coordinates().clone())
        };
        task.step("components")?;
        let by_components = {
            let centre = learned.sum_axis(Axis(0)) / n as f64;
            parts.moved(&along(&x)?).dot(places.loadings()) + &centre
        };
        let predicted = self.carried(model, cells, &parts)?;
        task.step("model")?;
        let ways = [
            ("no change", control.clone()),
            ("mean step of genes", parts.moved(&x)),
            ("step along components", by_components),
            ("step in the model", scale.apply(&predicted)?),
        ];
        let t = welch(&control, &treated);
        let order = falling(t.mapv(f64::abs));
        let top = order[..self.top.min(genes.div_ceil(2))].to_vec();
        let means = (column_means(&control), column_means(&treated));
        let measured = single(&along(&treated)?);
        let mut rows = Vec::new();
        for (name, values) in ways {
            let mean = column_means(&values);
            let pair = (&means.0, &means.1);
            rows.push(Row {
                name,
                r_squared: r_squared(&mean, &means.1, &order),
                top_r_squared: r_squared(&mean, &means.1, &top),
                explained: change_explained(pair, &mean, &order),
                top_explained: change_explained(pair, &mean, &top),
                energy: EnergyDistance::new().run(&single(&along(&values)?), &measured)?,
                mean,
            });
        }
        task.step("distances")?;
        let found = Response::new(rows, (cells.genes(), means, t), (kind, predicted, top));
        task.finish("compared");
        Ok(found)
    }

    /// Checks that there is something to compare.
    fn check(&self, parts: &Parts, kind: &str) -> Result<()> {
        let count = parts.treated.len();
        if count < 2 {
            let (perturbed, but) = (&self.perturbed, "to compare with; else see `predict`");
            let expected = format!("at least 2 `{perturbed}` cells of `{kind}`, {but}");
            return Err(Error::value("cells", expected, count));
        }
        for (name, value) in [("top", self.top), ("components", self.components)] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        Ok(())
    }

    /// Tells what cells of a kind would be, were they treated: its untreated cells, moved in the space of the model and decoded.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), but that no treated cells of the kind are needed.
    pub fn predict(&self, model: &dyn LatentModel, cells: &Cells, kind: &str) -> Result<Cells> {
        self.carried(model, cells, &self.parts(cells, kind)?)
    }

    fn parts(&self, cells: &Cells, kind: &str) -> Result<Parts> {
        let conditions = (&*self.condition, &*self.control, &*self.perturbed);
        if self.control == self.perturbed {
            let expected = "another value than that of untreated cells";
            return Err(Error::value("perturbed", expected, &self.perturbed));
        }
        Parts::new(cells, conditions, (&self.kinds, kind))
    }

    fn carried(&self, model: &dyn LatentModel, cells: &Cells, parts: &Parts) -> Result<Cells> {
        let places = model.encode(cells)?.coordinates().mapv(f64::from);
        let moved = Latent::from_coordinates(single(&parts.moved(&places)))?;
        let decoded = model.decode(&moved)?;
        let control = cells.select_cells(&parts.control)?;
        // Names and kinds stay, the treatment does not.
        let names = vec![self.perturbed.as_str(); parts.control.len()];
        let column = Column::new(self.condition.as_str().into(), names);
        control
            .with_values(decoded.values().clone())?
            .with_log_base(cells.log_base())
            .with_obs(column)
    }
}

fn single(x: &Array2<f64>) -> Array2<f32> {
    x.mapv(|value| value as f32)
}

fn pick(x: &Array2<f64>, rows: &[usize]) -> Array2<f64> {
    x.select(Axis(0), rows)
}

fn column_means(x: &Array2<f64>) -> Array1<f64> {
    x.sum_axis(Axis(0)) / x.nrows() as f64
}

/// Returns all rows but some, which are in order.
fn without(count: usize, rows: &[usize]) -> Vec<usize> {
    let kept = 0..count;
    kept.filter(|row| rows.binary_search(row).is_err())
        .collect()
}
