//! Files of cells.

mod folder;
mod golden;
mod small;
mod write;
