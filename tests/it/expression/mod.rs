//! Cells, files of cells, and what is done with counts.

mod bulk;
mod cells;
