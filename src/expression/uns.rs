//! What belongs to cells as a whole.

use super::Frame;
use crate::sparse::Sparse;
use ndarray::ArrayD;
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A thing that belongs neither to single cells nor to single genes (`uns` of anndata): parameters, colours, tables; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{Cells, Uns}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[0.0_f32, 2.0]], ["a"], ["CD3D", "MS4A1"])?
///     .with_uns("neighbors/params/n_neighbors", 15)
///     .with_uns("neighbors/params/metric", "cosine");
/// assert_eq!(cells.uns("neighbors/params/n_neighbors")?.whole(), Some(15));
/// assert_eq!(format!("{:?}", cells.uns("neighbors")?), "{params: {metric: \"cosine\", n_neighbors: 15}}");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub enum Uns {
    /// Nothing, `None` of Python.
    Missing,
    /// A truth value.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Truth values, of any shape.
    Truths(Arc<ArrayD<bool>>),
    /// Whole numbers, of any shape.
    Wholes(Arc<ArrayD<i64>>),
    /// Numbers, of any shape.
    Numbers(Arc<ArrayD<f64>>),
    /// Texts, of any shape.
    Texts(Arc<ArrayD<String>>),
    /// A sparse matrix.
    Sparse(Sparse),
    /// A table whose rows have names.
    Frame(Frame),
    /// A table without names, such as the records that scanpy writes of ranked genes.
    Records(DataFrame),
    /// Things by name.
    Group(Arc<BTreeMap<String, Uns>>),
}

impl Uns {
    /// Returns what a path names, such as `params/metric`.
    pub fn get(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |found, name| match found {
            Self::Group(parts) => parts.get(name),
            _ => None,
        })
    }

    /// Returns a whole number, also from an array that holds one.
    pub fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(value) => Some(*value),
            Self::Wholes(values) if values.len() == 1 => values.first().copied(),
            _ => None,
        }
    }

    /// Returns a number, whole or not, also from an array that holds one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            Self::Numbers(values) if values.len() == 1 => values.first().copied(),
            _ => self.whole().map(|value| value as f64),
        }
    }

    /// Returns a text, also from an array that holds one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Texts(texts) if texts.len() == 1 => texts.first().map(String::as_str),
            _ => None,
        }
    }

    /// Returns texts in a row, such as colours of categories.
    pub fn texts(&self) -> Option<&[String]> {
        match self {
            Self::Texts(texts) => texts.as_slice(),
            _ => None,
        }
    }

    /// Puts a thing at a path, and makes the groups on the way; what stood there is replaced.
    pub(super) fn put(parts: &mut BTreeMap<String, Self>, path: &str, value: Self) {
        let Some((name, rest)) = path.split_once('/') else {
            parts.insert(path.to_owned(), value);
            return;
        };
        let mut inner = match parts.remove(name) {
            Some(Self::Group(inner)) => Arc::unwrap_or_clone(inner),
            _ => BTreeMap::new(),
        };
        Self::put(&mut inner, rest, value);
        parts.insert(name.to_owned(), Self::Group(Arc::new(inner)));
    }
}

impl From<bool> for Uns {
    fn from(value: bool) -> Self {
        Self::Truth(value)
    }
}

impl From<i64> for Uns {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Uns {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Uns {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Uns {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<f64>> for Uns {
    fn from(values: Vec<f64>) -> Self {
        Self::Numbers(Arc::new(ndarray::Array1::from(values).into_dyn()))
    }
}

impl From<Vec<String>> for Uns {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(Arc::new(ndarray::Array1::from(texts).into_dyn()))
    }
}

impl From<DataFrame> for Uns {
    fn from(table: DataFrame) -> Self {
        Self::Records(table)
    }
}

impl fmt::Debug for Uns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = |f: &mut fmt::Formatter<'_>, what: &str, shape: &[usize]| {
            let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
            write!(f, "{what}({})", sizes.join(" x "))
        };
        match self {
            Self::Missing => write!(f, "none"),
            Self::Truth(value) => write!(f, "{value}"),
            Self::Whole(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Truths(values) => shape(f, "truths", values.shape()),
            Self::Wholes(values) => shape(f, "wholes", values.shape()),
            Self::Numbers(values) => shape(f, "numbers", values.shape()),
            Self::Texts(values) => shape(f, "texts", values.shape()),
            Self::Sparse(matrix) => matrix.fmt(f),
            Self::Frame(frame) => frame.fmt(f),
            Self::Records(table) => shape(f, "records", &[table.height(), table.width()]),
            Self::Group(parts) => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|(name, part)| format!("{name}: {part:?}"))
                    .collect();
                write!(f, "{{{}}}", parts.join(", "))
            }
        }
    }
}
