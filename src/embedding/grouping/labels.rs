//! A label of every example.

use crate::{Error, Input, Result};
use polars::prelude::{AnyValue, Column};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

/// To which group every example belongs, such as its cell type or batch; cheap to clone.
///
/// Groups come in the order of their names; names that are whole numbers come in the order of the numbers.
///
/// # Examples
///
/// ```
/// use genolens::embedding::Labels;
/// # fn main() -> genolens::Result<()> {
/// let types = Labels::new(["T", "B", "T"])?;
/// assert_eq!(types.groups(), ["B", "T"]);
/// assert_eq!(types.codes(), [1, 0, 1]);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Labels {
    data: Arc<Data>,
}

#[derive(PartialEq, Eq)]
struct Data {
    groups: Vec<String>,
    codes: Vec<u32>,
}

impl Labels {
    /// Takes the name of the group of every example.
    ///
    /// # Errors
    ///
    /// Fails when there is no example.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            return Err(Error::value("labels", "one for each example", "empty"));
        }
        let known: BTreeSet<&String> = names.iter().collect();
        let mut groups: Vec<String> = known.into_iter().cloned().collect();
        let numbers: Option<Vec<i64>> = groups.iter().map(|name| name.parse().ok()).collect();
        if numbers.is_some() {
            groups.sort_by_cached_key(|name| name.parse::<i64>().unwrap_or_default());
        }
        let places: HashMap<&str, u32> = groups
            .iter()
            .enumerate()
            .map(|(place, name)| (name.as_str(), place as u32))
            .collect();
        let codes = names.iter().map(|name| places[name.as_str()]).collect();
        Ok(Self::trusted(groups, codes))
    }

    /// Takes the labels from a column of a table, such as a column of `obs`.
    ///
    /// # Errors
    ///
    /// Fails when the column is empty or a value is missing.
    pub fn from_column(column: &Column) -> Result<Self> {
        let mut names = Vec::with_capacity(column.len());
        for row in 0..column.len() {
            names.push(match column.get(row)? {
                AnyValue::Null => {
                    let got = format!("missing in row {row}");
                    return Err(Error::value(column.name(), "a label in every row", got));
                }
                AnyValue::String(name) => name.to_owned(),
                AnyValue::StringOwned(name) => name.to_string(),
                other => other.to_string(),
            });
        }
        Self::new(names)
    }

    /// Takes the labels from what an input knows of its examples, such as `cell_type`.
    ///
    /// # Errors
    ///
    /// Fails when the input knows nothing of this name, and as [`Labels::from_column`].
    pub fn of(x: &dyn Input, name: &str) -> Result<Self> {
        let Some(about) = x.about() else {
            let got = "nothing that is known of the examples";
            return Err(Error::value("x", format!("an input with `{name}`"), got));
        };
        let Ok(column) = about.column(name) else {
            let known: Vec<&str> = about
                .get_column_names()
                .iter()
                .map(|name| name.as_str())
                .collect();
            let expected = format!("one of: {}", known.join(", "));
            return Err(Error::value("name", expected, format!("`{name}`")));
        };
        Self::from_column(column)
    }

    /// Takes groups and codes that are known to fit.
    pub(super) fn trusted(groups: Vec<String>, codes: Vec<u32>) -> Self {
        Self {
            data: Arc::new(Data { groups, codes }),
        }
    }

    /// Names groups `0`, `1`, ... by falling size; of two that are equally large the one whose first example comes first is the first.
    ///
    /// Also returns which group has each name; empty ones get none.
    pub(super) fn by_size(membership: &[u32]) -> (Self, Vec<usize>) {
        let count = membership.iter().max().map_or(0, |most| *most as usize + 1);
        let mut sizes = vec![(0_usize, usize::MAX); count];
        for (index, group) in membership.iter().enumerate() {
            let (size, first) = &mut sizes[*group as usize];
            *size += 1;
            *first = (*first).min(index);
        }
        let mut order: Vec<usize> = (0..count).filter(|&group| sizes[group].0 > 0).collect();
        order.sort_by_key(|&group| (usize::MAX - sizes[group].0, sizes[group].1));
        let mut names = vec![0; count];
        for (place, &group) in order.iter().enumerate() {
            names[group] = place as u32;
        }
        let codes = membership.iter().map(|group| names[*group as usize]);
        let groups = (0..order.len()).map(|place| place.to_string()).collect();
        (Self::trusted(groups, codes.collect()), order)
    }

    /// Returns the names of the groups.
    pub fn groups(&self) -> &[String] {
        &self.data.groups
    }

    /// Returns the place of the group of every example among the groups.
    pub fn codes(&self) -> &[u32] {
        &self.data.codes
    }

    /// Returns the name of the group of every example, as a column for `obs`.
    pub fn column(&self, name: &str) -> Column {
        let names = self.data.codes.iter();
        let names: Vec<&str> = names
            .map(|code| self.data.groups[*code as usize].as_str())
            .collect();
        Column::new(name.into(), names)
    }

    /// Returns how many examples there are.
    pub fn len(&self) -> usize {
        self.data.codes.len()
    }

    /// Tells whether there is no example, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.data.codes.is_empty()
    }

    /// Returns how many examples each group has.
    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.data.groups.len()];
        for code in &self.data.codes {
            sizes[*code as usize] += 1;
        }
        sizes
    }

    /// Returns the examples of one group, by its name.
    ///
    /// # Errors
    ///
    /// Fails when there is no such group.
    pub fn members(&self, group: &str) -> Result<Vec<usize>> {
        let place = self.data.groups.iter().position(|name| name == group);
        let Some(place) = place else {
            let expected = format!("one of: {}", self.data.groups.join(", "));
            return Err(Error::value("group", expected, format!("`{group}`")));
        };
        let codes = self.data.codes.iter().enumerate();
        Ok(codes
            .filter(|(_, code)| **code as usize == place)
            .map(|(index, _)| index)
            .collect())
    }

    /// Fails when there is not one label for each of `n` examples.
    pub(in crate::embedding) fn check(&self, n: usize) -> Result<()> {
        if self.len() != n {
            let expected = format!("{n} labels, one for each example");
            return Err(Error::value("labels", expected, self.len()));
        }
        Ok(())
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Labels(n = {}, groups = {})",
            self.len(),
            self.data.groups.len()
        )
    }
}
