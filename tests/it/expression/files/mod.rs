//! Files of cells.

mod golden;
