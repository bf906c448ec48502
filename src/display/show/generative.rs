//! Models that make cells, and what they say of cells, as pictures and tables.

use super::value::shown;
use crate::Input;
use crate::display::curve::{Curve, curve};
use crate::display::figure::{Figure, grid};
use crate::display::map_plot::{MapPlot, map_plot};
use crate::display::mime::Bundle;
use crate::display::scatter::{Scatter, scatter};
use crate::display::table::{Cell, Table};
use crate::generative::{
    CheckedGenes, Collapse, Evidence, FittedAutoencoder, FittedGan, FittedVae, GanHistory,
    KnockedDown, Latent, Response, Trajectory,
};
use ndarray::Array2;

/// Genes that are shown of many.
const MOST: usize = 20;

impl Latent {
    /// Draws the cells on the first two dimensions with the look of a map; those of one dimension on a line.
    ///
    /// What is known of each cell can be named: `latent.scatter().color("cell_type")`. More dimensions need a map of their own:
    /// `embedding::umap(&latent)?`.
    pub fn scatter(&self) -> MapPlot {
        let (cells, dimensions) = self.coordinates().dim();
        let places = Array2::from_shape_fn((cells, 2), |(cell, axis)| {
            let row = self.coordinates().row(cell);
            row.get(axis).copied().unwrap_or_default()
        });
        let plot = map_plot(&places)
            .x_label("latent 1")
            .y_label(if dimensions > 1 { "latent 2" } else { "" })
            .caption(&format!("{cells} cells, {dimensions} latent dimensions"));
        match self.about() {
            Some(table) => plot.about(table),
            None => plot,
        }
    }
}

shown!(Latent, |latent| latent.scatter().figure().bundle());

shown!(FittedAutoencoder, |model| model
    .history()
    .curve()
    .figure()
    .bundle());

shown!(FittedVae, |model| model.history().curve().figure().bundle());

shown!(Evidence, |evidence| Bundle::text(&evidence.to_string()));

impl CheckedGenes {
    /// Draws mean, variance and share of zeros of every gene as the model draws them, over those of the cells.
    pub fn plot(&self) -> Figure {
        let panels: Vec<Scatter> = ["mean", "variance", "share of zeros"]
            .iter()
            .enumerate()
            .map(|(what, name)| {
                let (seen, drawn) = self.moments(what);
                let scaled = |value: f64| {
                    if what < 2 {
                        value.max(1e-6).log10()
                    } else {
                        value
                    }
                };
                let points = Array2::from_shape_fn((seen.len(), 2), |(gene, side)| {
                    scaled([seen, drawn][side][gene])
                });
                let log = if what < 2 { "log10 of the " } else { "" };
                scatter(&points)
                    .title(name)
                    .x_label(&format!("{log}{name} of cells"))
                    .y_label(&format!("{log}{name} of draws"))
            })
            .collect();
        grid(&panels, 3)
    }
}

shown!(CheckedGenes, |genes| genes.plot().bundle());

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

    /// Draws what the model tells of some genes along the way; a gene that is not there is left out.
    pub fn genes(&self, genes: &[&str]) -> Curve {
        let last = self.positions().len().saturating_sub(1).max(1) as f64;
        let shares: Vec<f64> = (0..self.positions().len())
            .map(|point| point as f64 / last)
            .collect();
        let mut told = genes
            .iter()
            .filter_map(|gene| Some((gene, self.decoded().gene(gene).ok()?)));
        let plot = match told.next() {
            Some((gene, values)) => curve(&shares, &values).name(gene),
            None => curve(&shares, &[0.0; 0]),
        };
        told.fold(plot, |plot, (gene, values)| {
            plot.add(gene, &shares, &values)
        })
        .x_label("share of the way")
        .y_label("expression")
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
