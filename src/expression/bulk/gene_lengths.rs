//! How long genes are.

use super::gtf;
use crate::{Error, Result};
use ndarray::Array1;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Reads gene lengths from an annotation in GTF, plain or gzipped: the bases that lie in some exon of the gene (exon union).
///
/// Genes are named by their `gene_id`. Where one has exons on several chromosomes or both strands, the unions of each are added, as
/// `RNAnorm` does. The file is read line by line.
///
/// # Errors
///
/// [`Error::Io`] for what the disk says, [`Error::Parse`] naming the line that does not follow the format, [`Error::Value`] for a file
/// without exons; when interrupted.
///
/// # Examples
///
/// ```no_run
/// use genolens::expression;
/// # fn main() -> genolens::Result<()> {
/// let lengths = expression::gene_lengths("gencode.v26.annotation.gtf.gz")?;
/// println!("{:?}", lengths.get("ENSG00000141956.13"));
/// # Ok(()) }
/// ```
pub fn gene_lengths(path: impl AsRef<Path>) -> Result<GeneLengths> {
    GeneLengths::new(gtf::lengths(path.as_ref())?)
}

/// Holds the length of every gene in bases, by name; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::expression::GeneLengths;
/// # fn main() -> genolens::Result<()> {
/// let lengths = GeneLengths::new([("ENSG00000141956.13", 5000.0), ("ENSG00000141959.16", 2500.0)])?;
/// assert_eq!(lengths.without_versions()?.get("ENSG00000141959"), Some(2500.0));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct GeneLengths {
    by_name: Arc<BTreeMap<String, f64>>,
}

impl GeneLengths {
    /// Holds these lengths.
    ///
    /// # Errors
    ///
    /// Fails when there is none, a length is not a number above 0, or a name comes twice.
    pub fn new<T: Into<String>>(lengths: impl IntoIterator<Item = (T, f64)>) -> Result<Self> {
        let mut by_name = BTreeMap::new();
        for (name, length) in lengths {
            let name = name.into();
            if !(length.is_finite() && length > 0.0) {
                let argument = format!("length of {name}");
                return Err(Error::value(&argument, "a number above 0", length));
            }
            if let Some(known) = by_name.insert(name.clone(), length) {
                let got = format!("`{name}` twice, {known} and {length}");
                return Err(Error::value("lengths", "each gene once", got));
            }
        }
        if by_name.is_empty() {
            return Err(Error::value("lengths", "one gene or more", "none"));
        }
        Ok(Self {
            by_name: Arc::new(by_name),
        })
    }

    /// Returns how many genes have a length.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Tells whether no gene has a length; there is always one.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Returns the length of a gene in bases, where it is known.
    pub fn get(&self, gene: &str) -> Option<f64> {
        self.by_name.get(gene).copied()
    }

    /// Returns the lengths of these genes in order.
    ///
    /// # Errors
    ///
    /// Fails when a gene has none, naming the first.
    pub fn of<T: AsRef<str>>(&self, genes: &[T]) -> Result<Array1<f64>> {
        let lengths: Vec<Option<f64>> = genes.iter().map(|gene| self.get(gene.as_ref())).collect();
        if let Some(first) = lengths.iter().position(Option::is_none) {
            let missing = lengths.iter().filter(|length| length.is_none()).count();
            let expected = format!("a length for each of {} genes", genes.len());
            let got = format!(
                "without {missing} of them, first `{}`",
                genes[first].as_ref()
            );
            return Err(Error::value("lengths", expected, got));
        }
        Ok(lengths.into_iter().flatten().collect())
    }

    /// Cuts the version from names such as `ENSG00000141956.13`.
    ///
    /// # Errors
    ///
    /// Fails when two genes differ by their version alone.
    pub fn without_versions(&self) -> Result<Self> {
        Self::new(self.by_name.iter().map(|(name, length)| {
            let name = match name.rsplit_once('.') {
                Some((stem, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => stem,
                _ => name,
            };
            (name, *length)
        }))
    }
}

impl fmt::Debug for GeneLengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GeneLengths(n = {})", self.len())
    }
}
