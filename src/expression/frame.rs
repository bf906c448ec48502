//! Names of cells or genes, and a table of what is known of each.

use crate::{Error, Result};
use polars::prelude::{BooleanChunked, Column, DataFrame, IdxCa, NewChunkedArray};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// Holds the names of cells (or genes) and a table with one row for each.
///
/// A column of labels may have an order of its categories, as files of anndata and legends of pictures do.
#[derive(Clone, PartialEq)]
pub struct Frame {
    names: Arc<Vec<String>>,
    table: DataFrame,
    categories: BTreeMap<String, Vec<String>>,
    /// Columns whose categories rise from the first to the last.
    ordered: BTreeSet<String>,
}

impl Frame {
    /// Creates a frame without columns. Names should differ, but need not.
    pub fn new<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        Self {
            table: DataFrame::empty_with_height(names.len()),
            names: Arc::new(names),
            categories: BTreeMap::new(),
            ordered: BTreeSet::new(),
        }
    }

    /// Returns the names in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns how many names there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Tells whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns what is known of each, one row a name, without the names.
    pub fn table(&self) -> &DataFrame {
        &self.table
    }

    fn columns(&self) -> impl Iterator<Item = &str> {
        self.table
            .columns()
            .iter()
            .map(|column| column.name().as_str())
    }

    /// Adds a column, or replaces the one of this name.
    ///
    /// # Errors
    ///
    /// Fails when the column does not have one row for each name.
    pub fn with(&self, column: impl Into<Column>) -> Result<Self> {
        let column = column.into();
        if column.len() != self.len() {
            let argument = format!("column {}", column.name());
            let expected = format!("{} rows", self.len());
            return Err(Error::value(&argument, expected, column.len()));
        }
        let mut new = self.clone();
        new.categories.remove(column.name().as_str());
        new.ordered.remove(column.name().as_str());
        new.table.with_column(column)?;
        Ok(new)
    }

    /// Adds a column of labels whose categories have an order.
    ///
    /// # Errors
    ///
    /// As [`with`](Self::with).
    pub fn with_categories(&self, column: impl Into<Column>, order: &[String]) -> Result<Self> {
        let column = column.into();
        let name = column.name().to_string();
        let mut new = self.with(column)?;
        new.categories.insert(name, order.to_vec());
        Ok(new)
    }

    /// Says that the categories of a column rise, such as stages of development; without categories this says nothing.
    pub fn with_ordered(&self, column: &str) -> Self {
        let mut new = self.clone();
        if new.categories.contains_key(column) {
            new.ordered.insert(column.to_owned());
        }
        new
    }

    /// Tells whether the categories of a column rise.
    pub fn is_ordered(&self, column: &str) -> bool {
        self.ordered.contains(column)
    }

    /// Drops a column.
    ///
    /// # Errors
    ///
    /// Fails when there is no such column, naming those that there are.
    pub fn without(&self, column: &str) -> Result<Self> {
        self.column(column)?;
        let mut new = self.clone();
        new.categories.remove(column);
        new.ordered.remove(column);
        new.table = if self.table.width() == 1 {
            DataFrame::empty_with_height(self.len())
        } else {
            self.table.drop(column)?
        };
        Ok(new)
    }

    /// Makes names differ as anndata does: a name that came before gets `-1`, `-2` and so on, whichever is free.
    pub fn names_made_unique(&self) -> Self {
        let taken: HashSet<&str> = self.names.iter().map(String::as_str).collect();
        let (mut seen, mut made) = (HashMap::<&str, usize>::new(), HashSet::new());
        let mut names = Vec::with_capacity(self.len());
        for name in self.names.iter() {
            let count = seen.entry(name).or_insert(0);
            *count += 1;
            if *count == 1 {
                names.push(name.clone());
                continue;
            }
            let mut number = *count - 1;
            let mut new = format!("{name}-{number}");
            while taken.contains(new.as_str()) || !made.insert(new.clone()) {
                number += 1;
                new = format!("{name}-{number}");
            }
            *count = number + 1;
            names.push(new);
        }
        Self {
            names: Arc::new(names),
            ..self.clone()
        }
    }

    /// Tells whether every name is there once.
    pub fn has_unique_names(&self) -> bool {
        let mut seen = HashSet::with_capacity(self.len());
        self.names.iter().all(|name| seen.insert(name))
    }

    /// Returns the order of the categories of a column, where it has one.
    pub fn categories(&self, column: &str) -> Option<&[String]> {
        self.categories.get(column).map(Vec::as_slice)
    }

    /// Returns a column.
    ///
    /// # Errors
    ///
    /// Fails when there is no such column, naming those that there are.
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.table.column(name).map_err(|_| {
            let known: Vec<&str> = self.columns().collect();
            let known = if known.is_empty() {
                "none".into()
            } else {
                known.join(", ")
            };
            Error::value("column", format!("one of: {known}"), format!("`{name}`"))
        })
    }

    /// Returns a column as text, empty where there is null.
    ///
    /// # Errors
    ///
    /// As [`column`](Self::column).
    pub fn labels(&self, name: &str) -> Result<Vec<String>> {
        let column = self
            .column(name)?
            .cast(&polars::prelude::DataType::String)?;
        let labels = column.str()?.iter();
        Ok(labels
            .map(|label| label.unwrap_or_default().to_owned())
            .collect())
    }

    /// Returns a column as numbers (truth values are 0 and 1), NaN where there is null.
    ///
    /// # Errors
    ///
    /// As [`column`](Self::column), and when it holds no numbers.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let column = self.column(name)?;
        let kind = column.dtype();
        if !kind.is_primitive_numeric() && !kind.is_bool() {
            let argument = format!("column {name}");
            return Err(Error::value(&argument, "numbers", format!("of {kind}")));
        }
        let column = column.cast(&polars::prelude::DataType::Float64)?;
        let numbers = column.f64()?.iter();
        Ok(numbers.map(|number| number.unwrap_or(f64::NAN)).collect())
    }

    /// Returns a column as truth values, false where there is null.
    ///
    /// # Errors
    ///
    /// As [`column`](Self::column), and when it holds no truth values.
    pub fn mask(&self, name: &str) -> Result<Vec<bool>> {
        let column = self.column(name)?;
        let Ok(mask) = column.bool() else {
            let argument = format!("column {name}");
            let got = format!("of {}", column.dtype());
            return Err(Error::value(&argument, "truth values", got));
        };
        let mask: &BooleanChunked = mask;
        Ok(mask.iter().map(|value| value.unwrap_or(false)).collect())
    }

    /// Returns the places of names, in the order asked for.
    ///
    /// # Errors
    ///
    /// Fails when a name is not there, or stands for several.
    pub fn places<T: AsRef<str>>(&self, names: &[T]) -> Result<Vec<usize>> {
        let mut known: HashMap<&str, (usize, usize)> = HashMap::new();
        for (place, name) in self.names.iter().enumerate() {
            known.entry(name).or_insert((place, 0)).1 += 1;
        }
        let place = |name: &T| match known.get(name.as_ref()) {
            Some((place, 1)) => Ok(*place),
            Some((_, count)) => {
                let got = format!("`{}`, which is there {count} times", name.as_ref());
                Err(Error::value("names", "names of one each", got))
            }
            None => {
                let expected = format!("among the {} names", self.len());
                Err(Error::value(
                    "names",
                    expected,
                    format!("`{}`", name.as_ref()),
                ))
            }
        };
        names.iter().map(place).collect()
    }

    /// Takes some rows in the order given.
    ///
    /// # Errors
    ///
    /// Fails when a row is named that is not there.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        super::values::below("rows", rows, self.len())?;
        let places: Vec<polars::prelude::IdxSize> = rows.iter().map(|row| *row as _).collect();
        let places = IdxCa::from_slice("".into(), &places);
        let table = if self.table.width() == 0 {
            DataFrame::empty_with_height(rows.len())
        } else {
            self.table.take(&places)?
        };
        Ok(Self {
            names: Arc::new(rows.iter().map(|row| self.names[*row].clone()).collect()),
            table,
            categories: self.categories.clone(),
            ordered: self.ordered.clone(),
        })
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.columns().collect();
        let columns = columns.join(", ");
        write!(f, "Frame(n = {}, columns: {columns})", self.len())
    }
}
