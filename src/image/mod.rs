//! Images and their classes, and where they come from.
//!
//! ```text
//! MNIST, Fashion-MNIST (IDX files), the 8 x 8 digits (CSV) -> Images: values (n, channels, height, width), labels (n,)
//! digits drawn by code: simulate::digits(n, seed)          -> the same
//! ```
//!
//! ```
//! use genolens::image::Images;
//! use genolens::ndarray::{Array4, array};
//! # fn main() -> genolens::Result<()> {
//! let images = Images::new(Array4::zeros((3, 1, 8, 8)), array![4.0, 1.0, 4.0])?;
//! assert_eq!(images.of_class(4).len(), 2);
//! # Ok(()) }
//! ```

mod bytes;
mod idx;
mod images;
mod open;
mod small_digits;

pub use idx::{Idx, open_idx};
pub use images::Images;
pub use open::open_images;
pub use small_digits::open_small_digits;
