//! Cells of a table of names and numbers.

use super::open::Open;
use crate::Result;
use crate::expression::{Cells, Values};
use crate::sparse::Sparse;

/// Takes names of rows and columns; one that is mostly numbers takes less room with all of them stored.
pub(super) fn cells_of(
    table: &Sparse,
    (rows, columns): (Vec<String>, Vec<String>),
    options: &Open,
) -> Result<Cells> {
    let (table, cells, genes) = if options.genes_in_rows {
        (table.transposed(), columns, rows)
    } else {
        (table.clone(), rows, columns)
    };
    let all = table.nrows().saturating_mul(table.ncols());
    if table.stored().saturating_mul(2) > all {
        return Cells::new(Values::from(table.dense()), cells, genes);
    }
    Cells::new(table, cells, genes)
}
