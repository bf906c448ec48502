//! Maps of cells: points in a plane with no axes to read, coloured by what is known of them.

use super::categories::Palette;
use super::frame::{Frame, view};
use super::map_coloring::{self as coloring, Categories, Paint, Panel};
use super::map_lines::Lines;
use super::map_points::Points;
use super::numbers::{Labels, Matrix, Numbers};
use super::palette::ColorMap;
use super::selection::Selection;
use crate::Result;
use crate::expression::Cells;
use polars::prelude::DataFrame;
use std::sync::Arc;

/// Points of a map with scanpy's look, in one panel or several: a picture, and in a notebook one to zoom into, ask and select from.
///
/// In the browser: drag to move, turn the wheel to zoom (after a click), point at a cell to see what it is, click a name of the legend
/// to hide it; with the lasso, or the shift key held, draw around cells. In JupyterLab and Notebook with the genolens kernel the next cell
/// has them by [`selection`](Self::selection); elsewhere the polygon appears as an expression to paste into a cell.
///
/// In a notebook all formats together weigh at most a megabyte: one panel of 100,000 points is sent as it is, coordinates in 65,534 steps
/// and values in 254. With more points and panels both are rounded until they fit, coordinates to no less than 1,024 steps a side and
/// values to 16; where that is still too much, only the plain picture is shown, which says so. (Some twenty panels of noise weigh more
/// as pictures alone.) A page that is saved as `.html` holds all.
#[derive(Clone)]
pub struct MapPlot {
    pub(super) frame: Frame,
    pub(super) points: Arc<Points>,
    about: Option<Arc<DataFrame>>,
    cells: Option<Cells>,
    pub(super) panels: Arc<[Panel]>,
    pub(super) look: Look,
    pub(super) lines: Lines,
    pub(super) caption: Option<String>,
}

/// How the points are drawn.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(super) struct Look {
    /// Area of a point in points of a 72nd inch, squared.
    pub(super) area: Option<f64>,
    pub(super) palette: Palette,
    pub(super) map: ColorMap,
    pub(super) range: Option<(f64, f64)>,
    pub(super) highlighted: Arc<[String]>,
    pub(super) on_data: bool,
    pub(super) sorted: bool,
    pub(super) contours: bool,
    pub(super) shading: bool,
    pub(super) columns: Option<usize>,
}

/// Draws a map of points; the first two columns of the matrix, shape `(n, 2)`, are x and y.
///
/// The look is that of `scanpy.pl.embedding` 1.11: points of 120,000/n square points, its colours, high values on top, no ticks.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// use genolens::ndarray::array;
/// let map = array![[0.0, 1.0], [1.0, 0.5], [2.0, 0.1]];
/// let picture = display::map_plot(&map).labels("cell_type", &["B", "B", "T"]).values("CD3D", &[0.0, 0.2, 3.1]);
/// assert!(picture.description().contains("CD3D from 0 to 3.1"));
/// assert!(picture.figure().bundle().get("text/html").is_some());
/// ```
pub fn map_plot(coordinates: &impl Matrix) -> MapPlot {
    MapPlot {
        frame: Frame::default(),
        points: Arc::new(Points::new(&coordinates.matrix())),
        about: None,
        cells: None,
        panels: Arc::new([]),
        look: Look {
            area: None,
            palette: Palette::Scanpy,
            map: ColorMap::Viridis,
            range: None,
            highlighted: Arc::new([]),
            on_data: false,
            sorted: true,
            contours: false,
            shading: false,
            columns: None,
        },
        lines: Lines::default(),
        caption: None,
    }
}

impl MapPlot {
    /// Takes a table with one row for each point, whose columns can then be named.
    pub fn about(&self, table: &DataFrame) -> Self {
        let mut new = self.clone();
        new.about = Some(Arc::new(table.clone()));
        new.found_again()
    }

    /// Takes cells, one for each point, whose genes and columns can then be named.
    pub fn cells(&self, cells: &Cells) -> Self {
        let mut new = self.clone();
        new.cells = Some(cells.clone());
        new.found_again()
    }

    /// Colours the points by a column of what is known of them, or by a gene of [`cells`](Self::cells).
    ///
    /// Text, truth values and whole numbers of at most 40 kinds are categories, with a legend; other numbers are values, with a colour
    /// bar, high ones on top. A name that is not there leaves the points grey, and the picture says so.
    pub fn color(&self, name: &str) -> Self {
        self.panels(&[name])
    }

    /// Colours the points by several columns or genes, a panel for each.
    pub fn panels(&self, names: &[&str]) -> Self {
        let panels = names.iter().map(|name| self.panel(name)).collect();
        Self {
            panels,
            ..self.clone()
        }
    }

    /// Adds a panel with a label for each point; `name` says what the labels are.
    pub fn labels(&self, name: &str, labels: &(impl Labels + ?Sized)) -> Self {
        let labels = labels.labels();
        let labels: Vec<_> = labels.iter().map(|label| Some(label.as_str())).collect();
        self.add(
            name,
            Paint::Categories(Arc::new(Categories::new(&labels, &[]))),
        )
    }

    /// Adds a panel with a value for each point; `name` says what the values are.
    pub fn values(&self, name: &str, values: &(impl Numbers + ?Sized)) -> Self {
        self.add(name, Paint::Values(values.numbers().into()))
    }

    fn add(&self, name: &str, paint: Paint) -> Self {
        let panel = Panel {
            name: name.into(),
            paint,
        };
        Self {
            panels: self.panels.iter().cloned().chain([panel]).collect(),
            ..self.clone()
        }
    }

    fn panel(&self, name: &str) -> Panel {
        Panel {
            name: name.into(),
            paint: coloring::find(name, self.about.as_deref(), self.cells.as_ref()),
        }
    }

    /// Looks for names again that were not there before.
    fn found_again(&self) -> Self {
        let again = |panel: &Panel| match panel.paint {
            Paint::Missing(_) => self.panel(&panel.name),
            _ => panel.clone(),
        };
        Self {
            panels: self.panels.iter().map(again).collect(),
            ..self.clone()
        }
    }

    /// Sets the area of a point in square points (a 72nd inch squared), as `size` of scanpy; otherwise 120,000/n, from 0.5 to 120.
    pub fn point_size(&self, area: f64) -> Self {
        let mut new = self.clone();
        new.look.area = Some(area).filter(|a| a.is_finite());
        new
    }

    /// Sets the colours of categories.
    pub fn palette(&self, palette: Palette) -> Self {
        let mut new = self.clone();
        new.look.palette = palette;
        new
    }

    /// Sets the colours of values; viridis otherwise.
    pub fn colors(&self, map: ColorMap) -> Self {
        let mut new = self.clone();
        new.look.map = map;
        new
    }

    /// Sets the values that the ends of the colour bar mean; ends that are not finite are ignored.
    pub fn range(&self, low: f64, high: f64) -> Self {
        let mut new = self.clone();
        new.look.range = Some((low, high));
        new
    }

    /// Shows only these categories in colour, on top of the others in grey.
    pub fn highlight(&self, categories: &[&str]) -> Self {
        let mut new = self.clone();
        new.look.highlighted = categories.iter().map(ToString::to_string).collect();
        new
    }

    /// Writes the names of categories at the median of their points instead of in a legend.
    pub fn labels_on_data(&self) -> Self {
        let mut new = self.clone();
        new.look.on_data = true;
        new
    }

    /// Leaves points in their order instead of drawing high values on top.
    pub fn unsorted(&self) -> Self {
        let mut new = self.clone();
        new.look.sorted = false;
        new
    }

    /// Draws lines of equal density over the points: they enclose 90, 70, 50, 30 and 10 % of them.
    pub fn contours(&self) -> Self {
        let mut new = self.clone();
        new.look.contours = true;
        new
    }

    /// Shows how dense points are in shades of blue behind them.
    pub fn shading(&self) -> Self {
        let mut new = self.clone();
        new.look.shading = true;
        new
    }

    /// Sets how many panels stand in a row.
    pub fn columns(&self, columns: usize) -> Self {
        let mut new = self.clone();
        new.look.columns = Some(columns.max(1));
        new
    }

    /// Draws an arrow from each place along its vector, both of shape `(n, 2)` in the coordinates of the map.
    ///
    /// Arrows are as long as their vectors: one that reaches a point says that a cell moves there in a unit of time.
    pub fn arrows(&self, places: &impl Matrix, vectors: &impl Matrix) -> Self {
        Self {
            lines: Lines::arrows(&places.matrix(), &vectors.matrix()),
            ..self.clone()
        }
    }

    /// Draws streamlines through vectors at the nodes of a regular grid, both of shape `(nodes, 2)`; nodes may be missing or NaN.
    ///
    /// Lines show directions; how long the vectors are only their width tells.
    pub fn streams(&self, places: &impl Matrix, vectors: &impl Matrix) -> Self {
        Self {
            lines: Lines::streams(&places.matrix(), &vectors.matrix()),
            ..self.clone()
        }
    }

    /// Writes a sentence under the picture, such as method, seed and how faithful the map is.
    pub fn caption(&self, caption: &str) -> Self {
        Self {
            caption: Some(caption.into()),
            ..self.clone()
        }
    }

    /// Returns the points inside a polygon by number, in rising order; a point on an edge may fall to either side.
    ///
    /// This is what the lasso of the picture in the browser asks for. A polygon of fewer than three corners encloses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{display, ndarray::array};
    /// let picture = display::map_plot(&array![[0.0, 0.0], [2.0, 2.0], [0.5, 0.4]]);
    /// assert_eq!(picture.inside(&[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]), [0, 2]);
    /// ```
    pub fn inside(&self, polygon: &[(f64, f64)]) -> Vec<usize> {
        self.points.inside(polygon)
    }

    /// Returns the points that a person has drawn around last, on any picture of these points.
    ///
    /// Pictures of the same points share what is selected, in whatever colours they show them; after the lasso was taken off by Escape or
    /// `none` the selection is empty.
    ///
    /// # Errors
    ///
    /// Fails when nothing was ever drawn on these points, and outside of JupyterLab and Notebook with the genolens kernel, where there is
    /// no way back: paste what stands under the picture, a call of [`inside`](Self::inside).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use genolens::{display, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let picture = display::map_plot(&array![[0.0, 0.0], [2.0, 2.0], [0.5, 0.4]]);
    /// // In a later cell, once somebody has drawn around points:
    /// let chosen = picture.selection()?;
    /// println!("{chosen}: {:?}", chosen.indices());
    /// # Ok(()) }
    /// ```
    pub fn selection(&self) -> Result<Selection> {
        self.points.selection()
    }

    /// Returns HTML that needs nothing else: the plain picture, and a script that takes its place.
    pub fn html(&self) -> String {
        let bundle = self.figure().bundle();
        bundle.get("text/html").unwrap_or_default().into()
    }
}

view!(MapPlot);
