//! Public data sets by name: where they are from, whose they are, and where they lie here.
//!
//! ```text
//! name -> DataSet (URL, sha256, licence, citation) -> find: the file, checked
//! ```
//!
//! A file is looked for in the folder that `GENOLENS_DATA` names, then in `data` of the cache (`GENOLENS_CACHE`, else `genolens` in the
//! user's cache). Nothing is downloaded behind anyone's back: where a file is missing, the error says where to get it and where to put
//! it.
//!
//! ```
//! use genolens::catalogue;
//! # fn main() -> genolens::Result<()> {
//! let digits = catalogue::data_set("small-digits")?;
//! assert_eq!(digits.licence, "CC BY 4.0");
//! # Ok(()) }
//! ```

#[expect(
    clippy::module_inception,
    reason = "the type `Catalogue` lives in a file named after it"
)]
mod catalogue;
mod data_set;
mod find;
mod images;
mod sha256;

pub use catalogue::{Catalogue, catalogue, data_set};
pub use data_set::DataSet;
pub use find::find;
