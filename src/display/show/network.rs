//! Networks as layer tables.

use super::value::shown;
use crate::display::table::{Cell, Table};
use crate::network::{Architecture, Network, Profiles, PublishedDeepBind, Summary, Uncertain};

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
