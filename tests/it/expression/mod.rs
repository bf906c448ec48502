//! Cells, files of cells, and what is done with counts.

mod cells;
