//! All public data sets.

use super::DataSet;
use super::images::IMAGES;
use crate::{Error, Result};
use polars::prelude::{DataFrame, df};
use std::fmt;

/// The public data sets that have a name here.
#[derive(Clone, Copy)]
pub struct Catalogue(&'static [DataSet]);

/// Returns all public data sets.
///
/// # Examples
///
/// ```
/// use genolens::catalogue::catalogue;
/// assert!(catalogue().names().contains(&"mnist-train-images"));
/// ```
pub fn catalogue() -> Catalogue {
    Catalogue(&IMAGES)
}

/// Returns a data set by its name.
///
/// # Errors
///
/// [`Error::Value`] for an unknown name.
pub fn data_set(name: &str) -> Result<DataSet> {
    let all = catalogue();
    let found = all.0.iter().find(|set| set.name == name);
    found.copied().ok_or_else(|| {
        let expected = format!("one of {}", all.names().join(", "));
        Error::value("name", expected, format!("`{name}`"))
    })
}

impl Catalogue {
    /// Returns the number of data sets.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all names.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|set| set.name).collect()
    }

    /// Returns the data sets.
    pub fn as_slice(&self) -> &[DataSet] {
        self.0
    }

    /// Returns all that is known of them as a table.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars fails.
    pub fn table(&self) -> Result<DataFrame> {
        let column = |get: fn(&DataSet) -> &'static str| self.0.iter().map(get).collect::<Vec<_>>();
        Ok(df!(
            "name" => column(|set| set.name),
            "content" => column(|set| set.content),
            "licence" => column(|set| set.licence),
            "citation" => column(|set| set.citation),
            "file" => column(|set| set.file),
            "url" => column(|set| set.url),
            "sha256" => column(|set| set.sha256),
        )?)
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Catalogue({} data sets)", self.len())
    }
}
