//! What a binding site looks like.
//!
//! ```text
//! counts -> probability -> weight         (log-odds in bits)
//!                       -> information    (bits) -> logo
//! MEME, JASPAR, HOMER or ENCODE file -> Motifs -> matches(query) -> Matches
//!           Motifs + Sequences -> scan -> Hits
//! ```
//!
//! The readers are our own because an error must name the file and the line, which those of lightmotif-io do not.
//!
//! ```
//! use genolens::motif::{Motif, Motifs};
//! # fn main() -> genolens::Result<()> {
//! let gata = Motif::from_consensus("GATA", "WGATAR")?;
//! assert_eq!(gata.total_information(), 10.0);
//! let text = [gata].into_iter().collect::<Motifs>().to_meme()?;
//! assert_eq!(Motifs::from_meme(&text)?.get(0).consensus(), "WGATAR");
//! # Ok(()) }
//! ```
//!
//! For users of logomaker: `transform_matrix` is [`Motif::weight`], [`Motif::information_matrix`] and their kin,
//! `alignment_to_matrix` is [`Motif::from_sequences`]. For users of tangermeme: `read_meme` is [`open`].

mod by_position;
mod compare;
mod consensus;
mod hits;
mod jaspar;
mod matches;
mod matrix;
mod meme;
#[expect(
    clippy::module_inception,
    reason = "the file is named after the type it holds"
)]
mod motif;
mod motifs;
mod open;
mod records;
mod scale;
mod scan;

pub use compare::{Compare, compare};
pub use hits::{Hit, Hits};
pub use matches::{Match, Matches};
pub use motif::Motif;
pub use motifs::Motifs;
pub use open::open;
pub use scan::{Scan, scan};
