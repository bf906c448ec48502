//! One public data set.

use std::fmt;

/// A public file: what it is, where it is from, and whose it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DataSet {
    /// What it is called here.
    pub name: &'static str,
    /// Where it lies in a folder of data.
    pub file: &'static str,
    /// Where it can be downloaded.
    pub url: &'static str,
    /// The SHA-256 sum of the file, in hexadecimal digits.
    pub sha256: &'static str,
    /// Under which licence it is published.
    pub licence: &'static str,
    /// What to cite.
    pub citation: &'static str,
    /// What it holds.
    pub content: &'static str,
}

impl fmt::Debug for DataSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataSet({}: {})", self.name, self.content)
    }
}
