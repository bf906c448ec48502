//! Principal components and maps as pictures.

use super::value::shown;
use crate::display::axis;
use crate::display::map_plot::{MapPlot, map_plot};
use crate::display::map_points::Points;
use crate::display::mime::Bundle;
use crate::display::selection::Selection;
use crate::embedding::{Components, Map};
use crate::{Input, Result};

impl Components {
    /// Draws the examples on the first two components with the look of a map; axes tell their share of the variance.
    ///
    /// What is known of each example can be named, as on a [`Map`]: `pca.scatter().color("cell_type")`.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{embedding, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let found = embedding::pca(&array![[0.0_f32, 0.0], [3.0, 4.0], [6.0, 7.0]], 2)?;
    /// let picture = found.scatter().labels("class", &["a", "b", "b"]);
    /// assert!(picture.svg().contains("PC1 (99."));
    /// # Ok(()) }
    /// ```
    pub fn scatter(&self) -> MapPlot {
        let label = |i: usize| {
            let share = self
                .explained_variance_ratio()
                .get(i)
                .copied()
                .unwrap_or(0.0);
            format!(
                "PC{} ({} %)",
                i + 1,
                axis::plain((share * 1000.0).round() / 10.0)
            )
        };
        let plot = map_plot(self.coordinates())
            .x_label(&label(0))
            .y_label(&label(1))
            .caption(&format!("PCA of {} points", self.coordinates().nrows()));
        match self.about() {
            Some(table) => plot.about(table),
            None => plot,
        }
    }
}

shown!(Components, |components| components
    .scatter()
    .figure()
    .bundle());

impl Map {
    /// Draws the points with scanpy's look, the caption of the map under them.
    ///
    /// What is known of each point can be named: `map.scatter().color("cell_type")`; with the cells also genes, a panel for each:
    /// `map.scatter().cells(&cells).panels(&["CD3D", "MS4A1"])`. In a notebook the picture can be explored, and its lasso writes the
    /// call of [`selection`](Self::selection) that returns what it encloses, or of [`inside`](Self::inside) where there is no way back.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{embedding::Map, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let map = Map::new(array![[0.0, 1.0], [2.0, 0.5]], "UMAP")?;
    /// let picture = map.scatter().labels("cell_type", &["B", "T"]);
    /// assert!(picture.svg().contains("UMAP1"));
    /// # Ok(()) }
    /// ```
    pub fn scatter(&self) -> MapPlot {
        let plot = map_plot(self.coordinates())
            .x_label(&format!("{}1", self.method()))
            .y_label(&format!("{}2", self.method()))
            .caption(&self.caption());
        match self.about() {
            Some(table) => plot.about(table),
            None => plot,
        }
    }

    /// Returns the points inside a polygon on the first two dimensions by number, in rising order, as the lasso of the picture asks for.
    ///
    /// A point on an edge may fall to either side; a polygon of fewer than three corners encloses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{embedding::Map, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let map = Map::new(array![[0.0, 1.0], [2.0, 0.5]], "UMAP")?;
    /// assert_eq!(map.inside(&[(-1.0, 0.0), (1.0, 0.0), (0.0, 3.0)]), [0]);
    /// # Ok(()) }
    /// ```
    pub fn inside(&self, polygon: &[(f64, f64)]) -> Vec<usize> {
        self.points().inside(polygon)
    }

    /// Returns the points that a person has drawn around last, on any picture of this map.
    ///
    /// # Errors
    ///
    /// As [`MapPlot::selection`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use genolens::{embedding::Map, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let map = Map::new(array![[0.0, 1.0], [2.0, 0.5]], "UMAP")?;
    /// // In a later cell, once somebody has drawn around points:
    /// println!("{}", map.selection()?);
    /// # Ok(()) }
    /// ```
    pub fn selection(&self) -> Result<Selection> {
        self.points().selection()
    }

    fn points(&self) -> Points {
        Points::new(&self.coordinates().mapv(f64::from))
    }
}

shown!(Map, |map| map.scatter().figure().bundle());
shown!(Selection, |selection| Bundle::text(&selection.to_string()));
