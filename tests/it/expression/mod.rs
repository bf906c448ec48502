//! Cells, files of cells, and what is done with counts.

mod bulk;
mod cells;
mod files;
mod made;
mod markers;
mod pbmc;
mod scores;
mod steps;
mod variable;
mod velocity;
