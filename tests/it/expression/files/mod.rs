//! Files of cells.

mod folder;
mod golden;
mod hostile;
mod small;
mod write;
