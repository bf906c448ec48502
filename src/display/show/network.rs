//! Networks as layer tables.

use super::value::shown;
use crate::display::table::{Cell, Table};
use crate::network::{
    Architecture, Loaded, Network, Profiles, PublishedDeepBind, Summary, Tensors, Uncertain,
    WeightReport, WeightRow,
};

impl Summary {
    /// Returns the layer table for the notebook.
    pub fn table(&self) -> Table {
        let rows = self.rows().iter().map(|row| {
            // Leading spaces are lost in HTML, these are not.
            let layer = row.layer.trim_start();
            let depth = row.layer.len() - layer.len();
            let layer = "\u{a0}".repeat(2 * depth) + layer;
            let number = match row.number.parse::<usize>() {
                Ok(number) => Cell::from(number),
                Err(_) => row.number.as_str().into(),
            };
            vec![
                number,
                layer.as_str().into(),
                row.output.as_str().into(),
                row.parameters.into(),
            ]
        });
        let note = format!("{} parameters.", self.parameters());
        Table::filled(&["", "layer", "output", "parameters"], rows).note(&note)
    }
}

shown!(Summary, |summary| summary.table().bundle());

/// Rows of a table of scores; the arrays have them all.
const ROWS: usize = 20;

impl Uncertain {
    /// Returns mean and spread of every score for the notebook.
    pub fn table(&self) -> Table {
        let scores = self.mean().indexed_iter().zip(self.spread());
        let rows = scores
            .take(ROWS)
            .map(|(((example, output), &mean), &spread)| {
                let [mean, spread] = [mean, spread].map(|number| Cell::from(f64::from(number)));
                vec![example.into(), output.into(), mean, spread]
            });
        let mut note = format!("{} predictions with dropout of each.", self.samples());
        let count = self.mean().len();
        if count > ROWS {
            note += &format!(" The first {ROWS} of {count} scores.");
        }
        Table::filled(&["example", "output", "mean", "spread"], rows).note(&note)
    }
}

shown!(Uncertain, |scores| scores.table().bundle());

shown!(Network, |network| network.summary().table().bundle());

shown!(Architecture, |layers| match layers.summary() {
    Ok(summary) => summary.table().bundle(),
    Err(problem) => crate::display::Bundle::text(&problem.to_string()),
});

shown!(Profiles, |profiles| crate::display::Bundle::text(&format!(
    "{profiles:?}"
)));

shown!(PublishedDeepBind, |model| crate::display::Bundle::text(
    &format!("{model:?}")
));

/// Rows of a table of tensors; their names are all in `names()`.
const TENSORS: usize = 500;

impl Tensors {
    /// Returns names, shapes and kinds of numbers for the notebook.
    pub fn table(&self) -> Table {
        let names = self.names();
        let rows = names.iter().take(TENSORS).map(|name| {
            let shape = self.shape(name).unwrap_or_default();
            let shape: Vec<String> = shape.iter().map(ToString::to_string).collect();
            let kind = self.kind(name).unwrap_or_default();
            vec![
                (*name).into(),
                format!("({})", shape.join(", ")).into(),
                kind.into(),
            ]
        });
        let mut note = self.summary();
        if names.len() > TENSORS {
            note += &format!(" The first {TENSORS}.");
        }
        Table::filled(&["tensor", "shape", "numbers"], rows).note(&note)
    }
}

shown!(Tensors, |tensors| tensors.table().bundle());

impl WeightReport {
    /// Returns which tensor went where for the notebook.
    pub fn table(&self) -> Table {
        let rows = self.rows().iter();
        let rows = rows.map(|row| row.cells().map(Cell::from).to_vec());
        let notes: Vec<&str> = self.notes().iter().map(String::as_str).collect();
        let note = [vec![self.summary().as_str()], notes].concat().join(" ");
        Table::filled(&WeightRow::COLUMNS, rows).note(&note)
    }
}

shown!(WeightReport, |report| report.table().bundle());

shown!(Loaded, |loaded| loaded.report().table().bundle());
