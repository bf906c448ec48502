//! Public data sets as tables.

use super::value::shown;
use crate::catalogue::{Catalogue, DataSet};
use crate::display::table::{Cell, Table};

const COLUMNS: [&str; 4] = ["name", "content", "licence", "citation"];

fn row(set: &DataSet) -> Vec<Cell> {
    [set.name, set.content, set.licence, set.citation]
        .map(Cell::from)
        .to_vec()
}

shown!(Catalogue, |catalogue| {
    let rows = catalogue.as_slice().iter().map(row);
    Table::filled(&COLUMNS, rows)
        .note("`catalogue::find(name)` tells where a file lies, or where to get it.")
        .bundle()
});

shown!(DataSet, |set| {
    let note = format!("{} with the SHA-256 sum {}", set.url, set.sha256);
    Table::filled(&COLUMNS, std::iter::once(row(set)))
        .note(&note)
        .bundle()
});
