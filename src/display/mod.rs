//! Pictures and notebook output: a sink that may use every room, and that no room uses.
//!
//! The data is the receiver and the view is a noun, `motif.logo()`, `history.curve()`, `roc.plot()`; raw arrays enter through the functions
//! here. Every later call restyles and returns a new picture; the last expression of a cell shows itself. Views never fail: what is not
//! finite is a gap or grey, and the description says so.
//!
//! ```text
//! Logo Landscape Tracks Comparison DependencyMap    ->  Figure (above, beside, grid)  ->  SVG, PNG, notebook
//! Curve Scatter Heatmap Bars Forest Histogram       ->  the same
//! ImageGrid                                         ->  the same
//! MapPlot                                           ->  the same, and HTML to zoom into and to select from
//! Logo  ->  Browser (to zoom into)                  ->  HTML beside the plain picture
//! ```
//!
//! # Examples
//!
//! ```
//! use genolens::display;
//! use genolens::ndarray::array;
//! let scores = array![[0.9, 0.0], [0.0, 0.5], [0.0, -0.2], [0.0, 0.0]];
//! let both = display::heatmap(&scores).rows(&["A", "C", "G", "T"]).above(&display::logo(&scores));
//! assert!(both.description().contains("Heatmap of 4 rows"));
//! ```
//!
//! | logomaker, seaborn, scanpy | here |
//! |---|---|
//! | `logomaker.Logo(df)` | [`logo`], `motif.logo()` |
//! | a logo with motif hits, as tangermeme's `plot_logo` | [`logo().hits(&hits)`](Logo::hits) |
//! | an interactive logo, as tangermeme's in mpld3 | [`logo().browser()`](Logo::browser) |
//! | `sns.heatmap(df)`, `sns.clustermap(df)` | [`heatmap`], `.clustered()` |
//! | `sc.pl.umap(adata, color=...)` | `map.scatter().color("cell_type")`, [`map_plot`] |
//! | `sc.pl.embedding(adata, color=["CD3D", "MS4A1"])` | `map.scatter().cells(&cells).panels(&["CD3D", "MS4A1"])` |
//! | `plt.plot(x, y)` | [`curve`] |
//! | `plt.imshow(image)`, `torchvision.utils.make_grid(images)` | [`images`] |
//!
//! | IPython, in a loop or in the middle of a cell | here |
//! |---|---|
//! | `display(x)`, `display(x, display_id=True)` | [`show()`] |
//! | `handle.update(x)` | [`Handle::update`] |
//! | `clear_output(wait=True)` | [`clear`] |
//! | `input("name: ")`, `getpass()` | [`ask()`], [`ask_secret`] |

mod areas;
mod ask;
mod axis;
mod backend;
mod bars;
mod board;
mod browser;
mod canvas;
mod categories;
mod chart;
mod comparison;
mod curve;
mod dendrogram;
mod density;
mod dependency_map;
mod envelope;
mod figure;
mod flat_png;
mod font;
mod forest;
mod frame;
mod glyph;
mod handle;
mod heatmap;
mod histogram;
mod image_grid;
mod json;
mod landscape;
mod lanes;
mod learning;
mod legend;
mod logo;
mod map_coloring;
mod map_lines;
mod map_page;
mod map_paint;
mod map_plot;
mod map_points;
mod mime;
mod notebook;
mod numbers;
mod palette;
mod places;
mod png;
mod positions;
mod scatter;
mod show;
mod spans;
mod stream_lines;
mod strip;
mod table;
mod tracks;

pub use ask::{ask, ask_secret};
pub use bars::{Bars, bars};
pub use browser::Browser;
pub use categories::Palette;
pub use comparison::{Comparison, compare};
pub use curve::{Curve, curve};
pub use dependency_map::{DependencyMap, dependency_map};
pub use figure::{Figure, View, grid};
pub use forest::{Forest, forest};
pub use handle::{Handle, clear, show};
pub use heatmap::{Heatmap, heatmap};
pub use histogram::{Histogram, histogram};
pub use image_grid::{ImageGrid, images};
pub use landscape::Landscape;
pub use logo::{Logo, logo};
pub use map_plot::{MapPlot, map_plot};
pub use mime::Bundle;
pub use notebook::{
    genolens_cell_over, genolens_clear_interrupt, genolens_interrupt, genolens_notebook_start,
};
pub use numbers::{Labels, Matrix, Number, Numbers};
pub use palette::{Color, ColorMap};
pub use places::{Place, Places, Sites};
pub use scatter::{Scatter, scatter};
pub use show::Show;
pub use table::{Cell, Table, table};
pub use tracks::{Tracks, strips, tracks};
