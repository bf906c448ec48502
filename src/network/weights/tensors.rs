//! The named tensors of a file.

use super::aligned::{aligned, shape, short};
use super::allowance::Allowance;
use super::{WeightFormat, deepbind_text, keras_file, safetensors_file, torch_file};
use crate::network::to_array;
use crate::{Error, Result};
use candle_core::Tensor;
use ndarray::ArrayD;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// One tensor of a file.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) name: String,
    /// What its numbers are in the file.
    pub(super) kind: &'static str,
    pub(super) tensor: Tensor,
}

/// The named tensors of a file, whatever its format.
///
/// Read are safetensors; state dicts of `PyTorch`, of today and of before version 1.6, also inside of `{"state_dict": ...}` and with `module.`
/// before all names; HDF5 of Keras 1, 2 and 3 (`save_weights` and `save`), where a name is layer and weight, such as `conv1d/kernel`; and
/// parameter files of DeepBind. The content tells the format. Nothing in a file is executed: a pickled model is refused, with what to do.
///
/// Tensors stand in the order of the file, and show themselves as a table. Floats keep their kind, whole numbers become 64-bit ones.
///
/// # Examples
///
/// ```
/// use genolens::network::{self, Tensors};
/// # fn main() -> genolens::Result<()> {
/// let path = std::env::temp_dir().join("genolens_doc_tensors.safetensors");
/// network::deepbind(4).save(&path)?;
/// let tensors = Tensors::read(&path)?;
/// assert_eq!(tensors.len(), 6);
/// assert_eq!(tensors.shape("0.convolution.kernel")?, [4, 4, 24]);
/// println!("{tensors}");
/// # std::fs::remove_file(path).ok();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Tensors {
    origin: String,
    format: WeightFormat,
    stored: Arc<Vec<Stored>>,
    notes: Arc<Vec<(String, String)>>,
}

impl Tensors {
    /// Reads all tensors of a file.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read, has none of the formats, is damaged, or says to hold much more than its size allows; the message
    /// names the file and says what would be read.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_from(path.as_ref())
    }

    fn read_from(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        Self::from_bytes(&path.display().to_string(), bytes)
    }

    /// Reads all tensors of a file that is in memory; errors call it by this name.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self> {
        let format = WeightFormat::of(name, &bytes)?;
        let mut allowance = Allowance::new(name, bytes.len());
        let mut notes = Vec::new();
        let stored = match format {
            WeightFormat::SafeTensors => safetensors_file::read(&bytes, &mut allowance)?,
            WeightFormat::PyTorch => torch_file::read(&bytes, &mut allowance)?,
            WeightFormat::LegacyPyTorch => torch_file::read_legacy(&bytes, &mut allowance)?,
            WeightFormat::Hdf5 => {
                let (stored, found) = keras_file::read(bytes, &mut allowance)?;
                notes = found;
                stored
            }
            WeightFormat::DeepBind => deepbind_text::read(&bytes, &mut allowance)?,
        };
        let tensors = Self {
            origin: name.into(),
            format,
            stored: Arc::new(stored),
            notes: Arc::new(notes),
        };
        tensors.check_names()?;
        Ok(tensors)
    }

    fn check_names(&self) -> Result<()> {
        let mut seen = BTreeSet::new();
        match self.names().into_iter().find(|name| !seen.insert(*name)) {
            Some(name) => Err(Error::value(
                &self.origin,
                "names that differ",
                format!("{} twice", short(name)),
            )),
            None => Ok(()),
        }
    }

    /// Adds the tensors of another file, such as those of the second of two models that belong together.
    ///
    /// # Errors
    ///
    /// Fails when both have a tensor of the same name, or have different formats.
    pub fn and(&self, other: &Self) -> Result<Self> {
        if self.format != other.format {
            return Err(Error::value(
                "other",
                format!("a file of {}", self.format),
                other.format,
            ));
        }
        let both = Self {
            origin: format!("{} and {}", self.origin, other.origin),
            format: self.format,
            stored: Arc::new(
                self.stored
                    .iter()
                    .chain(other.stored.iter())
                    .cloned()
                    .collect(),
            ),
            notes: Arc::clone(&self.notes),
        };
        both.check_names()?;
        Ok(both)
    }

    /// Returns the format of the file.
    pub fn format(&self) -> WeightFormat {
        self.format
    }

    /// Returns the name of the file.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns what an HDF5 file says of the Keras that wrote it: `keras_version`, `backend`.
    pub fn notes(&self) -> &[(String, String)] {
        &self.notes
    }

    /// Returns the number of tensors.
    pub fn len(&self) -> usize {
        self.stored.len()
    }

    /// Tells whether there is no tensor.
    pub fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }

    /// Returns the names in the order of the file.
    pub fn names(&self) -> Vec<&str> {
        self.stored
            .iter()
            .map(|stored| stored.name.as_str())
            .collect()
    }

    /// Returns the shape of a tensor.
    ///
    /// # Errors
    ///
    /// Fails when there is no tensor of this name.
    pub fn shape(&self, name: &str) -> Result<Vec<usize>> {
        Ok(self.find(name)?.tensor.dims().to_vec())
    }

    /// Returns what the numbers of a tensor are in the file, such as `float32`.
    ///
    /// # Errors
    ///
    /// Fails when there is no tensor of this name.
    pub fn kind(&self, name: &str) -> Result<&'static str> {
        Ok(self.find(name)?.kind)
    }

    /// Returns a tensor as an array of 32-bit floats.
    ///
    /// # Errors
    ///
    /// Fails when there is no tensor of this name.
    pub fn array(&self, name: &str) -> Result<ArrayD<f32>> {
        to_array(&self.find(name)?.tensor)
    }

    /// Returns a tensor.
    ///
    /// # Errors
    ///
    /// Fails when there is no tensor of this name.
    pub fn tensor(&self, name: &str) -> Result<Tensor> {
        Ok(self.find(name)?.tensor.clone())
    }

    /// Returns how many tensors of which file these are, in a sentence.
    pub fn summary(&self) -> String {
        let mut text = format!("{} tensors of {}, {}", self.len(), self.origin, self.format);
        for (name, value) in self.notes.iter() {
            text += &format!(", {name} {value}");
        }
        text + "."
    }

    pub(super) fn stored(&self) -> &[Stored] {
        &self.stored
    }

    fn find(&self, name: &str) -> Result<&Stored> {
        let found = self.stored.iter().find(|stored| stored.name == name);
        found.ok_or_else(|| {
            let names = self.names();
            let some = names
                .iter()
                .take(12)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let rest = names.len().saturating_sub(12);
            let more = match rest {
                0 => String::new(),
                _ => format!(" or {rest} more"),
            };
            Error::value("name", format!("one of {some}{more}"), name)
        })
    }
}

impl fmt::Display for Tensors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["tensor", "shape", "numbers"].map(String::from).to_vec();
        let lines = self.stored.iter().map(|stored| {
            let dims = shape(stored.tensor.dims());
            vec![stored.name.clone(), dims, stored.kind.into()]
        });
        let lines: Vec<_> = std::iter::once(head).chain(lines).collect();
        write!(f, "{}\n{}", aligned(&lines), self.summary())
    }
}

impl fmt::Debug for Tensors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Tensors({} of {}, {})",
            self.len(),
            self.origin,
            self.format
        )
    }
}
