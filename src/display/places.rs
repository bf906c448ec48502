//! Named stretches of sequences: motif hits, planted motifs, whatever has a place.

use crate::motif;
use crate::simulate::Plants;
use crate::{Error, Result};
use polars::prelude::{Column, DataFrame, DataType};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Tells where something lies in a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the sequence.
    pub sequence: usize,
    /// First position, from 0.
    pub start: usize,
    /// Position after the last.
    pub end: usize,
    /// What is written beside it.
    pub name: String,
    /// Whether it stands on the opposite strand; `None` when it has no strand.
    pub reverse: Option<bool>,
}

/// Named stretches of one or many sequences, to be drawn with them; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::display::Places;
/// let places = Places::new().add(0, 3..9, "GATA1").backward(1, 0..6, "TAL1");
/// assert_eq!((places.len(), places.of(1).len()), (2, 1));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Places {
    places: Arc<Vec<Place>>,
}

impl Places {
    /// Starts without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one that has no strand.
    pub fn add(&self, sequence: usize, positions: Range<usize>, name: &str) -> Self {
        self.with(sequence, positions, (name, None))
    }

    /// Adds one on the strand that is written.
    pub fn forward(&self, sequence: usize, positions: Range<usize>, name: &str) -> Self {
        self.with(sequence, positions, (name, Some(false)))
    }

    /// Adds one on the opposite strand.
    pub fn backward(&self, sequence: usize, positions: Range<usize>, name: &str) -> Self {
        self.with(sequence, positions, (name, Some(true)))
    }

    fn with(
        &self,
        sequence: usize,
        positions: Range<usize>,
        (name, reverse): (&str, Option<bool>),
    ) -> Self {
        let hit = Place {
            sequence,
            start: positions.start,
            end: positions.end,
            name: name.into(),
            reverse,
        };
        self.places.iter().cloned().chain([hit]).collect()
    }

    /// Reads a table with columns `sequence`, `start`, `end`, `motif` or `name`, and perhaps `strand`, `+` or `-`.
    ///
    /// Positions count from 0, and `end` is the one after the last, as in BED.
    ///
    /// # Errors
    ///
    /// Fails when a column is missing or holds something else.
    pub fn from_table(table: &DataFrame) -> Result<Self> {
        let find = |names: &[&str]| names.iter().find_map(|name| table.column(name).ok());
        let sequence = numbers(find(&["sequence"]), "sequence")?;
        let (start, end) = (
            numbers(find(&["start"]), "start")?,
            numbers(find(&["end"]), "end")?,
        );
        let names = find(&["motif", "name"]).ok_or_else(|| lacking("motif"))?;
        let strand = find(&["strand"]);
        let text = |column: &Column, i| {
            let value = column.get(i);
            value.map_or_else(|_| String::new(), |value| value.str_value().into_owned())
        };
        let hit = |i: usize| Place {
            sequence: sequence[i],
            start: start[i],
            end: end[i],
            name: text(names, i),
            reverse: strand.and_then(|column| match text(column, i).as_str() {
                "+" => Some(false),
                "-" | "−" => Some(true),
                _ => None,
            }),
        };
        Ok((0..table.height()).map(hit).collect())
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns those of one sequence.
    pub fn of(&self, sequence: usize) -> Self {
        let of = |hit: &&Place| hit.sequence == sequence;
        self.places.iter().filter(of).cloned().collect()
    }

    /// Returns one of them.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Places::len`].
    pub fn get(&self, index: usize) -> Place {
        self.places[index].clone()
    }

    pub(super) fn all(&self) -> &[Place] {
        &self.places
    }
}

fn lacking(name: &str) -> Error {
    let expected = format!("a column `{name}`");
    Error::value("table", expected, "one without")
}

fn numbers(column: Option<&Column>, name: &str) -> Result<Vec<usize>> {
    let column = column.ok_or_else(|| lacking(name))?;
    let wrong = || {
        let expected = format!("whole numbers of 0 or more in column `{name}`");
        Error::value("table", expected, column.dtype())
    };
    if !column.dtype().is_integer() {
        return Err(wrong());
    }
    let column = column.cast(&DataType::Int64).map_err(|_| wrong())?;
    let values = column.i64().map_err(|_| wrong())?;
    let number = |value: Option<i64>| {
        value
            .and_then(|value| usize::try_from(value).ok())
            .ok_or_else(|| {
                let expected = format!("whole numbers of 0 or more in column `{name}`");
                let given = value.map_or("a missing one".into(), |value| value.to_string());
                Error::value("table", expected, given)
            })
    };
    values.iter().map(number).collect()
}

impl FromIterator<Place> for Places {
    fn from_iter<T: IntoIterator<Item = Place>>(places: T) -> Self {
        Self {
            places: Arc::new(places.into_iter().collect()),
        }
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places(n = {})", self.len())
    }
}

/// What has places in sequences: hits of a scan, the truth of a simulation, [`Places`] of one's own.
pub trait Sites {
    /// Returns the places.
    fn places(&self) -> Places;
}

impl Sites for Places {
    fn places(&self) -> Places {
        self.clone()
    }
}

impl Sites for motif::Hits {
    fn places(&self) -> Places {
        let place = |hit: &motif::Hit| Place {
            sequence: hit.sequence,
            start: hit.start,
            end: hit.end,
            name: self.name(hit).into(),
            reverse: Some(hit.reverse),
        };
        self.all().iter().map(place).collect()
    }
}

impl Sites for Plants {
    fn places(&self) -> Places {
        let hit = |i: usize| {
            let plant = self.get(i);
            Place {
                sequence: plant.sequence,
                start: plant.start,
                end: plant.end,
                name: plant.name,
                reverse: Some(plant.reverse),
            }
        };
        (0..self.len()).map(hit).collect()
    }
}

impl<T: Sites + ?Sized> Sites for &T {
    fn places(&self) -> Places {
        (**self).places()
    }
}
