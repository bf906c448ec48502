//! A collection of motifs.

use super::{Match, Matches, Motif, compare, jaspar, meme};
use crate::text;
use crate::{Error, Result};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Holds motifs in order; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::motif::{Motif, Motifs};
/// # fn main() -> genolens::Result<()> {
/// let known: Motifs = [Motif::from_consensus("ETS", "ACCGGAAGT")?, Motif::from_consensus("GATA", "WGATAR")?].into_iter().collect();
/// let seen = Motif::from_consensus("filter 3", "TTATCWN")?;
/// assert_eq!(known.matches(&seen)?.best().name, "GATA");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Motifs {
    motifs: Arc<Vec<Motif>>,
}

impl Motifs {
    /// Returns how many motifs there are.
    pub fn len(&self) -> usize {
        self.motifs.len()
    }

    /// Tells whether there is no motif.
    pub fn is_empty(&self) -> bool {
        self.motifs.is_empty()
    }

    /// Returns one motif.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Motifs::len`].
    pub fn get(&self, index: usize) -> Motif {
        self.motifs[index].clone()
    }

    /// Returns the first motif with this name or second name, in any case of letters.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is none.
    pub fn find(&self, name: &str) -> Result<Motif> {
        let same = |motif: &&Motif| {
            motif.name().eq_ignore_ascii_case(name) || motif.alternate().eq_ignore_ascii_case(name)
        };
        let found = self.motifs.iter().find(same).cloned();
        let expected = || format!("the name of one of {} motifs", self.len());
        found.ok_or_else(|| Error::value("name", expected(), format!("`{name}`")))
    }

    /// Returns the motifs with these indices, in this order.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        if let Some(index) = indices.iter().find(|&&index| index >= self.len()) {
            return Err(Error::value(
                "indices",
                format!("indices below {}", self.len()),
                index,
            ));
        }
        Ok(indices.iter().map(|&index| self.get(index)).collect())
    }

    /// Compares a motif with each of these, best first, as [`compare`] with default options does.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no motif to compare with or the alphabets differ.
    pub fn matches(&self, query: &Motif) -> Result<Matches> {
        compare(query, self)
    }

    /// Returns the best match of a motif among these.
    ///
    /// # Errors
    ///
    /// As [`Motifs::matches`].
    pub fn best_match(&self, query: &Motif) -> Result<Match> {
        Ok(self.matches(query)?.best())
    }

    /// Reads text in the MEME format.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] with the line of what is broken.
    pub fn from_meme(text: &str) -> Result<Self> {
        meme::parse("MEME text", text)
    }

    /// Reads text in the JASPAR format, with or without letters and brackets.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] with the line of what is broken.
    pub fn from_jaspar(text: &str) -> Result<Self> {
        jaspar::parse("JASPAR text", text)
    }

    /// Returns text in the minimal MEME format, six decimals, with the background of the first motif.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no motif, or alphabets or backgrounds differ.
    pub fn to_meme(&self) -> Result<String> {
        meme::write(self)
    }

    /// Returns counts in the JASPAR format with letters and brackets.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for protein.
    pub fn to_jaspar(&self) -> Result<String> {
        jaspar::write(self)
    }

    /// Writes a file: JASPAR when its name ends in `.jaspar` or `.pfm`, else MEME; gzipped when `.gz` follows.
    ///
    /// # Errors
    ///
    /// As [`Motifs::to_meme`] and [`Motifs::to_jaspar`]; [`Error::Io`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_at(path.as_ref())
    }

    fn save_at(&self, path: &Path) -> Result<()> {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let ends = |suffix: &str| {
            Path::new(name)
                .extension()
                .is_some_and(|ending| ending == suffix)
        };
        let content = if ends("jaspar") || ends("pfm") {
            self.to_jaspar()?
        } else {
            self.to_meme()?
        };
        text::write(path, &content)
    }
}

impl FromIterator<Motif> for Motifs {
    fn from_iter<I: IntoIterator<Item = Motif>>(motifs: I) -> Self {
        Self {
            motifs: Arc::new(motifs.into_iter().collect()),
        }
    }
}

impl fmt::Debug for Motifs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Motifs(n = {})", self.len())
    }
}
