//! Data with a known truth.
//!
//! ```text
//! background + motifs -> Grammar   -> Simulated: sequences, labels (n,), truth (where each motif was put)
//! background + embeddings -> Recipe -> the same; truth + Rule -> labels of other tasks
//! strokes of a pen -> Digits -> Images: pixels and labels
//! cell types, or a path of transcription -> Cells: counts, and what is known of every cell and gene
//! covariate, prior and concept shift, selection bias -> Shifted: examples and labels of two places
//! motifs of two factors, one of which needs the other -> Cooperation -> Assays: counts of both, and the true effects
//! real peaks + motifs -> Realistic -> the same; motifs that peaks have more of: Enrichment
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

mod assays;
mod background;
mod chain;
mod cooperation;
mod count;
mod differentiation;
mod digits;
mod drawing;
mod embedding;
mod enrichment;
mod environments;
mod grammar;
mod hand;
mod ink;
mod kinetics;
mod known;
mod numeral;
mod occupancy;
mod plant;
mod points;
mod position;
mod quantity;
mod realistic;
mod recipe;
mod room;
mod rows;
mod rule;
mod shift;
mod shifted;
mod simdata;
mod simulated;
mod site;
mod tissue;

pub use assays::Assays;
pub use background::Background;
pub use cooperation::Cooperation;
pub use differentiation::{Differentiation, differentiation};
pub use digits::{Digits, digits};
pub use embedding::Embedding;
pub use enrichment::{Enriched, Enrichment};
pub use environments::{Environments, environments};
pub use grammar::{Grammar, motifs};
pub use known::known_motifs;
pub use plant::{Plant, Plants};
pub use points::normal;
pub use position::Position;
pub use quantity::Quantity;
pub use realistic::{Realistic, realistic};
pub use recipe::Recipe;
pub use rule::Rule;
pub use shift::{concept_shift, covariate_shift, prior_shift, selection_bias};
pub use shifted::Shifted;
pub use simdata::open_simdata;
pub use simulated::Simulated;
pub use site::Site;
pub use tissue::{Tissue, cells};
