//! Networks as layer tables.

use super::value::shown;
use crate::display::table::{Cell, Table};
use crate::network::{Network, PublishedDeepBind, Summary};

impl Summary {
    /// Returns the layer table for the notebook.
    pub fn table(&self) -> Table {
        let rows = self.rows().iter().enumerate().map(|(i, row)| {
            let number = i.checked_sub(1).map_or_else(|| Cell::from(""), Cell::from);
            vec![
                number,
                row.layer.as_str().into(),
                row.output.as_str().into(),
                row.parameters.into(),
            ]
        });
        let note = format!("{} parameters.", self.parameters());
        Table::filled(&["", "layer", "output", "parameters"], rows).note(&note)
    }
}

shown!(Summary, |summary| summary.table().bundle());

shown!(Network, |network| network.summary().table().bundle());

shown!(PublishedDeepBind, |model| crate::display::Bundle::text(
    &format!("{model:?}")
));
