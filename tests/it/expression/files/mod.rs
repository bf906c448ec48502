//! Files of cells.

mod blocks;
mod folder;
mod golden;
mod hostile;
mod small;
mod write;
