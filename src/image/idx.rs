//! Arrays of bytes as MNIST and its kin come.

use super::bytes;
use crate::{Error, Result};
use ndarray::{Array1, Array4, ArrayD, IxDyn};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The most numbers of a file: about 700 000 images of MNIST's size, ten times as many as it has.
const MOST: usize = 1 << 29;

/// An array of bytes from an IDX file; cheap to clone.
///
/// The format begins with two zeros, the kind of the numbers (8 for bytes, the only one read here) and the number of axes; the size of
/// every axis follows as four bytes, the highest first, then the numbers. Described with MNIST,
/// <https://yann.lecun.org/exdb/mnist/>.
///
/// # Examples
///
/// ```
/// use genolens::image::Idx;
/// # fn main() -> genolens::Result<()> {
/// let labels = Idx::parse(&[0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4])?;
/// assert_eq!(labels.labels()?.to_vec(), [5.0, 0.0, 4.0]);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Idx {
    shape: Arc<[usize]>,
    values: Arc<[u8]>,
}

/// Reads an IDX file of bytes, plain or gzipped.
///
/// # Errors
///
/// As [`Idx::parse`], the message naming the file; [`Error::Io`] when the file cannot be read.
///
/// # Examples
///
/// ```no_run
/// use genolens::image;
/// # fn main() -> genolens::Result<()> {
/// let images = image::open_idx("train-images-idx3-ubyte.gz")?;
/// assert_eq!(images.shape(), [60_000, 28, 28]);
/// # Ok(()) }
/// ```
pub fn open_idx(path: impl AsRef<Path>) -> Result<Idx> {
    open_at(path.as_ref())
}

fn open_at(path: &Path) -> Result<Idx> {
    // Four bytes and at most 255 sizes stand before the numbers.
    let bytes = bytes::read(path, MOST as u64 + 4 + 4 * 255)?;
    Idx::parse_from(&path.display().to_string(), &bytes)
}

impl Idx {
    /// Reads the bytes of an IDX file.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the bytes do not begin as an IDX file of bytes, or are not exactly as many as its sizes say.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::parse_from("bytes", bytes)
    }

    fn parse_from(origin: &str, bytes: &[u8]) -> Result<Self> {
        let wrong = |expected: &str, got: String| Err(Error::value(origin, expected, got));
        let [0, 0, kind, axes, rest @ ..] = bytes else {
            let start = &bytes[..bytes.len().min(4)];
            let got = format!("one that begins with the bytes {start:?}");
            return wrong("an IDX file, which begins with two zeros", got);
        };
        let (kind, axes) = (*kind, usize::from(*axes));
        if kind != 8 {
            let kind = match kind {
                9 => "signed bytes".into(),
                11 => "16-bit integers".into(),
                12 => "32-bit integers".into(),
                13 => "32-bit floats".into(),
                14 => "64-bit floats".into(),
                other => format!("kind {other}"),
            };
            return wrong("an IDX file of bytes, kind 8", format!("one of {kind}"));
        }
        if axes == 0 {
            return wrong("an IDX file with at least 1 axis", "one without".into());
        }
        let Some((sizes, values)) = rest.split_at_checked(4 * axes) else {
            return wrong(
                "an IDX file with the sizes of all axes",
                format!("one of {axes} axes that ends after {} bytes", bytes.len()),
            );
        };
        let (sizes, _) = sizes.as_chunks::<4>();
        let shape: Vec<usize> = sizes
            .iter()
            .map(|size| u32::from_be_bytes(*size) as usize)
            .collect();
        let named = shape.iter().map(ToString::to_string).collect::<Vec<_>>();
        let named = named.join(" x ");
        let count = shape
            .iter()
            .try_fold(1_usize, |n, &size| n.checked_mul(size));
        let Some(count) = count.filter(|&count| count <= MOST) else {
            let expected = format!("an IDX file of at most {MOST} numbers");
            return wrong(&expected, format!("one of {named}"));
        };
        if values.len() != count {
            let expected = format!("{count} numbers, as its sizes {named} say");
            return wrong(&expected, format!("{} numbers long", values.len()));
        }
        Ok(Self {
            shape: shape.into(),
            values: values.into(),
        })
    }

    /// Returns the size of every axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Returns the size of the first axis: how many images or labels there are.
    pub fn len(&self) -> usize {
        self.shape.first().copied().unwrap_or_default()
    }

    /// Tells whether the first axis has no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the numbers as they are, 0 to 255.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when there are more axes than an array may have.
    pub fn values(&self) -> Result<ArrayD<u8>> {
        ArrayD::from_shape_vec(IxDyn(&self.shape), self.values.to_vec())
            .map_err(|_| Error::shape("values", "one number for each place", &self.shape))
    }

    /// Returns the numbers as grey images, shape `(n, 1, height, width)`, from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when there are not three axes.
    pub fn images(&self) -> Result<Array4<f32>> {
        let fail = || Error::shape("images", "(n, height, width)", &self.shape);
        let [n, height, width] = self.shape[..] else {
            return Err(fail());
        };
        let values = self.values.iter().map(|&value| f32::from(value) / 255.0);
        Array4::from_shape_vec((n, 1, height, width), values.collect()).map_err(|_| fail())
    }

    /// Returns the numbers as class numbers, shape `(n,)`.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when there is more than one axis.
    pub fn labels(&self) -> Result<Array1<f32>> {
        match self.shape[..] {
            [_] => Ok(self.values.iter().map(|&value| f32::from(value)).collect()),
            _ => Err(Error::shape("labels", "(n,)", &self.shape)),
        }
    }
}

impl fmt::Debug for Idx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
        write!(f, "Idx({})", sizes.join(" x "))
    }
}
