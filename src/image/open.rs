//! Images from files.

use super::{Images, open_idx};
use crate::{Error, Result};
use std::path::Path;

/// Reads images and their labels from two IDX files, plain or gzipped: MNIST, Fashion-MNIST and others in their format.
///
/// Pixels run from 0 to 1. MNIST: Lecun et al. 1998, <https://doi.org/10.1109/5.726791>; Fashion-MNIST: Xiao et al. 2017,
/// <https://doi.org/10.48550/arXiv.1708.07747>.
///
/// # Errors
///
/// As [`open_idx`]; [`Error::Shape`] when the first file does not hold images, the second no labels, or their numbers differ.
///
/// # Examples
///
/// ```no_run
/// use genolens::image;
/// # fn main() -> genolens::Result<()> {
/// let train = image::open_images("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")?;
/// assert_eq!(train.values().dim(), (60_000, 1, 28, 28));
/// # Ok(()) }
/// ```
pub fn open_images(images: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Images> {
    open_at(images.as_ref(), labels.as_ref())
}

fn open_at(images: &Path, labels: &Path) -> Result<Images> {
    let (pixels, classes) = (open_idx(images)?, open_idx(labels)?);
    if pixels.len() != classes.len() {
        let expected = format!("{} labels, one for each image", pixels.len());
        let origin = labels.display().to_string();
        return Err(Error::value(&origin, expected, classes.len()));
    }
    Images::new(pixels.images()?, classes.labels()?)
}
