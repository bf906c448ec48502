//! Genetic variants as instruments: what is known of them, how it is read, and how strong they are.

mod associations;
mod columns;
mod frame;
mod harmonise;
#[expect(
    clippy::module_inception,
    reason = "the file is named after what it holds"
)]
mod instruments;
mod steiger;
mod strength;

pub use associations::{AssociationColumns, Associations};
pub use columns::Columns;
pub use frame::read_table;
pub use harmonise::{Harmonise, Harmonised, Palindromes, harmonise};
pub use instruments::Instruments;
pub use steiger::{Steiger, steiger, steiger_filter};
pub use strength::{f_statistics, i_squared_gx};
