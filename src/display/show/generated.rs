//! How GANs learned, what they left out, and what a model tells of treated cells, as curves and tables.

use super::value::shown;
use crate::display::curve::{Curve, curve};
use crate::display::table::{Cell, Table};
use crate::generative::{Collapse, FittedGan, GanHistory, KnockedDown, Response, Trajectory};

/// Genes that are shown of many.
const MOST: usize = 20;

impl GanHistory {
    /// Draws how far generated cells were from real ones over the steps of the generator.
    pub fn curve(&self) -> Curve {
        let steps: Vec<usize> = (1..=self.len()).collect();
        let plot = curve(&steps, &self.distance()).x_label("step of the generator");
        let plot = plot.y_label(self.distance_name());
        match self.divergence() {
            Some(detail) => plot.title(&format!("Diverged: {detail}")),
            None => plot.title("Generated cells, as the critic sees them"),
        }
    }
}

shown!(GanHistory, |history| history.curve().figure().bundle());

shown!(FittedGan, |gan| gan.history().curve().figure().bundle());

impl Collapse {
    /// Returns a row for each kind, for the notebook, the least covered kinds told below.
    pub fn table(&self) -> Table {
        let columns = [
            "kind",
            "real",
            "generated",
            "recognised",
            "precision",
            "recall",
            "density",
            "coverage",
            "MMD",
            "AUC",
        ];
        let numbers = [
            self.recognised(),
            self.precision(),
            self.recall(),
            self.density(),
            self.coverage(),
            self.mmd(),
            self.auc(),
        ];
        let (real, generated) = (self.real(), self.generated());
        let rows = self.kinds().into_iter().enumerate().map(|(place, kind)| {
            let mut row: Vec<Cell> = vec![
                kind.as_str().into(),
                real[place].into(),
                generated[place].into(),
            ];
            row.extend(numbers.iter().map(|values| short(values[place])));
            row
        });
        let table = Table::filled(&columns, rows);
        match &self.dropped()[..] {
            [] => table.note("Every kind is generated."),
            kinds => table.note(&format!("Not generated: {}.", kinds.join(", "))),
        }
    }
}

shown!(Collapse, |found| found.table().bundle());

impl Response {
    /// Returns a row for each way to tell the response, for the notebook.
    pub fn table(&self) -> Table {
        let top = self.top_genes().len();
        let top_columns = (
            format!("R², top {top}"),
            format!("change explained, top {top}"),
        );
        let columns = [
            "way",
            "R²",
            &top_columns.0,
            "change explained",
            &top_columns.1,
            "E-distance",
        ];
        let numbers = [
            self.r_squared(),
            self.top_r_squared(),
            self.change_explained(),
            self.top_change_explained(),
            self.e_distance(),
        ];
        let rows = self.ways().into_iter().enumerate().map(|(place, way)| {
            let mut row: Vec<Cell> = vec![way.as_str().into()];
            row.extend(numbers.iter().map(|values| short(values[place])));
            row
        });
        let note = "A model that does not beat the mean step has not earned its keep.";
        Table::filled(&columns, rows).note(&format!("{}: {note}", self.kind()))
    }
}

shown!(Response, |found| found.table().bundle());

impl KnockedDown {
    /// Returns the 20 other genes that change most, for the notebook.
    pub fn table(&self) -> Table {
        let change = self.change();
        let rows = self.strongest(MOST).into_iter().filter_map(|gene| {
            let place = self.genes().iter().position(|known| *known == gene)?;
            Some(vec![gene.as_str().into(), short(change[place])])
        });
        Table::filled(&["gene", "change"], rows).note(&format!("{self:?}."))
    }
}

shown!(KnockedDown, |found| found.table().bundle());

impl Trajectory {
    /// Draws how far the nearest cell is along the way.
    pub fn curve(&self) -> Curve {
        let gap = self.gap();
        let last = gap.len().saturating_sub(1).max(1) as f64;
        let shares: Vec<f64> = (0..gap.len()).map(|point| point as f64 / last).collect();
        curve(&shares, gap)
            .x_label("share of the way")
            .y_label("distance to the nearest cell")
    }
}

shown!(Trajectory, |way| way.curve().figure().bundle());

/// Writes a number with three digits behind the point, and nothing for one that is not known.
fn short(value: f64) -> Cell {
    if value.is_nan() {
        return "".into();
    }
    format!("{value:.3}").into()
}
