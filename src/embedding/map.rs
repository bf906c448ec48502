//! Examples laid out in the plane.

use super::faithfulness::{self, Faithfulness};
use crate::random::Seed;
use crate::{Error, Input, Result};
use ndarray::{Array2, CowArray, IxDyn};
use polars::prelude::DataFrame;
use std::fmt;
use std::sync::Arc;

/// Where every example lies on a map, usually in the plane, and how the map was made; cheap to clone.
///
/// A map is an input, too: neighbours on the map are `neighbors(&map)`.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::Map, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let map = Map::new(array![[0.0, 1.0], [2.0, 0.5]], "UMAP")?.with_note("15 neighbours");
/// assert_eq!(map.len(), 2);
/// assert_eq!(map.caption(), "UMAP of 2 points, 15 neighbours");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Map {
    data: Arc<Data>,
}

#[derive(Clone)]
struct Data {
    coordinates: Array2<f32>,
    method: String,
    seed: Option<Seed>,
    notes: Vec<String>,
    faithfulness: Option<Faithfulness>,
    about: Option<DataFrame>,
}

impl Map {
    /// Takes coordinates, shape `(n, dimensions)`, and the name of the method that made them, such as `UMAP`.
    ///
    /// # Errors
    ///
    /// Fails when there are no points or no dimensions, and for coordinates that are not finite.
    pub fn new(coordinates: Array2<f32>, method: &str) -> Result<Self> {
        if coordinates.is_empty() {
            let expected = "(n, dimensions), both at least 1";
            return Err(Error::shape("coordinates", expected, coordinates.shape()));
        }
        let places = coordinates.indexed_iter();
        if let Some(((row, _), value)) = places.into_iter().find(|(_, value)| !value.is_finite()) {
            let got = format!("{value} in row {row}");
            return Err(Error::value("coordinates", "finite numbers", got));
        }
        Ok(Self {
            data: Arc::new(Data {
                coordinates: if coordinates.is_standard_layout() {
                    coordinates
                } else {
                    coordinates.as_standard_layout().into_owned()
                },
                method: method.to_owned(),
                seed: None,
                notes: Vec::new(),
                faithfulness: None,
                about: None,
            }),
        })
    }

    fn changed(&self, change: impl FnOnce(&mut Data)) -> Self {
        let mut data = (*self.data).clone();
        change(&mut data);
        Self {
            data: Arc::new(data),
        }
    }

    /// Says from which seed the map follows.
    pub fn with_seed(&self, seed: Seed) -> Self {
        self.changed(|data| data.seed = Some(seed))
    }

    /// Adds a part to the caption, such as `15 neighbours`.
    pub fn with_note(&self, note: &str) -> Self {
        self.changed(|data| data.notes.push(note.to_owned()))
    }

    /// Measures how faithful the map is to `x`, shape `(n, features)`, which it was made from; caption and pictures tell from then on.
    ///
    /// # Errors
    ///
    /// As [`faithfulness`](super::faithfulness()).
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{embedding::Map, ndarray::{Array2, s}};
    /// # fn main() -> genolens::Result<()> {
    /// let x = Array2::from_shape_fn((60, 3), |(i, j)| ((i * (3 + j * j)) % 60) as f32);
    /// let map = Map::new(x.slice(s![.., ..2]).to_owned(), "slice")?.measured(&x)?;
    /// assert!(map.caption().starts_with("slice of 60 points, trustworthiness 0."));
    /// # Ok(()) }
    /// ```
    pub fn measured(&self, x: &dyn Input) -> Result<Self> {
        self.with_faithfulness(&faithfulness::faithfulness(x, self)?)
    }

    /// Says how faithful the map is, in the place of what was known before.
    ///
    /// # Errors
    ///
    /// Fails when that was measured on another number of points.
    pub fn with_faithfulness(&self, found: &Faithfulness) -> Result<Self> {
        if found.len() != self.len() {
            let expected = format!("of the {} points of the map", self.len());
            let got = format!("of {} points", found.len());
            return Err(Error::value("found", expected, got));
        }
        Ok(self.changed(|data| data.faithfulness = Some(found.clone())))
    }

    /// Says what is known of each point, one row each.
    ///
    /// # Errors
    ///
    /// Fails when there is not one row for each point.
    pub fn with_about(&self, about: DataFrame) -> Result<Self> {
        if about.height() != self.len() {
            let expected = format!("{} rows, one for each point", self.len());
            return Err(Error::value("about", expected, about.height()));
        }
        Ok(self.changed(|data| data.about = Some(about)))
    }

    /// Returns where the points are, shape `(n, dimensions)`.
    pub fn coordinates(&self) -> &Array2<f32> {
        &self.data.coordinates
    }

    /// Returns how many points there are.
    pub fn len(&self) -> usize {
        self.data.coordinates.nrows()
    }

    /// Tells whether there are no points, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many dimensions the map has.
    pub fn dimensions(&self) -> usize {
        self.data.coordinates.ncols()
    }

    /// Returns the name of the method, such as `UMAP`; axes are called `UMAP1`, `UMAP2`.
    pub fn method(&self) -> &str {
        &self.data.method
    }

    /// Returns the seed from which the map follows, where it is known.
    pub fn seed(&self) -> Option<Seed> {
        self.data.seed
    }

    /// Returns how faithful the map is, where that was measured.
    pub fn faithfulness(&self) -> Option<&Faithfulness> {
        self.data.faithfulness.as_ref()
    }

    /// Returns what is known of each point, where the input knew it.
    pub fn about(&self) -> Option<&DataFrame> {
        self.data.about.as_ref()
    }

    /// Says in one line how the map was made, and how faithful it is where that was measured.
    pub fn caption(&self) -> String {
        let mut caption = format!("{} of {} points", self.method(), self.len());
        for note in &self.data.notes {
            caption.push_str(", ");
            caption.push_str(note);
        }
        if let Some(found) = self.faithfulness() {
            caption.push_str(&format!(", {}", found.caption()));
        }
        if let Some(seed) = self.data.seed {
            caption.push_str(&format!(", seed {seed}"));
        }
        caption
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.data, &other.data);
        a.coordinates == b.coordinates && a.method == b.method && a.seed == b.seed
    }
}

impl Input for Map {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        self.data.coordinates.array()
    }

    fn about(&self) -> Option<&DataFrame> {
        self.data.about.as_ref()
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, dimensions) = self.data.coordinates.dim();
        write!(
            f,
            "Map({}, n = {n}, dimensions = {dimensions})",
            self.method()
        )
    }
}
