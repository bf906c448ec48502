//! The small digits of the UCI repository.

use super::{Images, bytes};
use crate::{Error, Result};
use ndarray::{Array1, Array4};
use std::path::Path;

/// Height and width.
const SIZE: usize = 8;
/// The darkest pixel: all of 4 x 4 are ink.
const DARKEST: u8 = 16;
/// A hundred times the size of the data set.
const MOST: u64 = 1 << 26;

/// Reads handwritten digits of 8 x 8 pixels from a CSV file, plain or gzipped, as UCI and scikit-learn have them.
///
/// Every line has 64 pixels from 0 to 16, row by row, and the digit. Returned pixels run from 0 to 1.
///
/// # Errors
///
/// [`Error::Parse`] naming the line that does not read so, [`Error::Io`] when the file cannot be read.
///
/// # Examples
///
/// ```no_run
/// use genolens::image;
/// # fn main() -> genolens::Result<()> {
/// let digits = image::open_small_digits("digits.csv.gz")?;
/// assert_eq!(digits.values().dim(), (1797, 1, 8, 8));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
/// <https://doi.org/10.24432/C50P49>. Checked against `sklearn.datasets.load_digits` of scikit-learn 1.9.1.
pub fn open_small_digits(path: impl AsRef<Path>) -> Result<Images> {
    open_at(path.as_ref())
}

fn open_at(path: &Path) -> Result<Images> {
    let origin = path.display().to_string();
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    let bytes = bytes::read(path, MOST)?;
    let lines = bytes.split(|&byte| byte == b'\n').enumerate();
    for (index, line) in lines {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let fail = |expected: &str, got: String| Error::parse(&origin, index + 1, (expected, got));
        let cells: Vec<&[u8]> = line.split(|&byte| byte == b',').collect();
        let Some((digit, pixels)) = cells
            .split_last()
            .filter(|_| cells.len() == SIZE * SIZE + 1)
        else {
            let expected = "65 numbers, 64 pixels and the digit";
            return Err(fail(expected, format!("{} cells", cells.len())));
        };
        for cell in pixels {
            let pixel = number(cell).filter(|&pixel| pixel <= DARKEST);
            let pixel = pixel.ok_or_else(|| fail("pixels from 0 to 16", quoted(cell)))?;
            values.push(f32::from(pixel) / f32::from(DARKEST));
        }
        let digit_found = number(digit).filter(|&digit| digit <= 9);
        let label = digit_found.ok_or_else(|| fail("a digit from 0 to 9", quoted(digit)))?;
        labels.push(f32::from(label));
    }
    if labels.is_empty() {
        return Err(Error::value(&origin, "at least 1 digit", "empty"));
    }
    let shape = (labels.len(), 1, SIZE, SIZE);
    let values = Array4::from_shape_vec(shape, values)
        .map_err(|_| Error::shape("values", "64 pixels for each digit", &[labels.len()]))?;
    Images::new(values, Array1::from_vec(labels))
}

/// Reads a whole number; some tables write them with decimals.
fn number(cell: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(cell.trim_ascii()).ok()?;
    let number: f64 = text.parse().ok()?;
    let is_whole = number.fract() == 0.0 && (0.0..=255.0).contains(&number);
    is_whole.then_some(number as u8)
}

/// Shows the beginning of a cell.
fn quoted(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let start: String = text.chars().take(20).collect();
    format!("`{}`", start.escape_debug())
}
