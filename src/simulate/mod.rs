//! Data with a known truth.
//!
//! ```text
//! background + motifs -> Grammar -> Simulated: sequences, labels (n,), truth (where each motif was put)
//! ```
//!
//! ```
//! use genolens::random::Seed;
//! use genolens::simulate;
//! # fn main() -> genolens::Result<()> {
//! let data = simulate::motifs(100, Seed::new(0))?;
//! let plant = data.truth().get(0);
//! let site = data.sequences().slice(plant.start..plant.end)?;
//! assert_eq!(site.letters(plant.sequence).len(), plant.end - plant.start);
//! # Ok(()) }
//! ```

mod background;
mod grammar;
mod known;
mod plant;
mod simulated;

pub use grammar::{Grammar, motifs};
pub use known::known_motifs;
pub use plant::{Plant, Plants};
pub use simulated::Simulated;
