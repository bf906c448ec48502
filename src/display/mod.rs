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
//! Violin StackedViolin DotPlot Volcano RankPlot     ->  the same
//! FitPlot Funnel Radial GraphPlot                   ->  the same
//! ReliabilityPlot IntervalPlot                      ->  the same
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
//! | `sns.heatmap(df)`, `sns.clustermap(df, row_colors=...)` | [`heatmap`], `.clustered()`, `.row_bar("cell type", &labels)` |
//! | `sc.pl.umap(adata, color=...)` | `map.scatter().color("cell_type")`, [`map_plot`] |
//! | `sc.pl.embedding(adata, color=["CD3D", "MS4A1"])` | `map.scatter().cells(&cells).panels(&["CD3D", "MS4A1"])` |
//! | a lasso in a widget, as jupyter-scatter's `scatter.selection()` | `map.selection()` |
//! | `sc.pl.violin`, `sc.pl.stacked_violin` | [`violin`], [`stacked_violin`] |
//! | `sc.pl.dotplot`, `sc.pl.matrixplot` | [`dot_plot`], [`matrix_plot`] |
//! | `sc.pl.rank_genes_groups`, a volcano plot | [`rank_plot`], [`volcano`] |
//! | `sc.pl.paga` | [`graph_plot`] |
//! | `scv.pl.velocity_embedding_grid`, `_stream` | `map.scatter().arrows(&grid, &vectors)`, `.streams(&grid, &vectors)` |
//! | boxes of samples before and after normalisation | [`before_and_after`] |
//! | `plt.plot(x, y)` | [`curve`] |
//! | scikit-learn's `CalibrationDisplay`, netcal's `ReliabilityDiagram` | `reliability.plot()`, `.bars()` |
//! | `uct.plot_calibration`, `uct.plot_intervals` | `quality.plot(proportions)`, [`interval_plot`] |
//! | `plot_radial` of `RadialMR`, `metafor::radial` | [`radial`], `instruments.radial()` |
//! | `plt.imshow(image)`, `torchvision.utils.make_grid(images)` | [`images`] |
//!
//! | IPython, in a loop or in the middle of a cell | here |
//! |---|---|
//! | `display(x)`, `display(x, display_id=True)` | [`show()`] |
//! | `handle.update(x)` | [`Handle::update`] |
//! | `clear_output(wait=True)` | [`clear`] |
//! | `input("name: ")`, `getpass()` | [`ask()`], [`ask_secret`] |

mod annotation_bar;
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
mod dot_plot;
mod envelope;
mod figure;
mod fit_plot;
mod flat_png;
mod font;
mod forest;
mod frame;
mod funnel;
mod glyph;
mod graph_plot;
mod groups;
mod handle;
mod heatmap;
mod histogram;
mod image_grid;
mod interval_plot;
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
mod mark;
mod mime;
mod notebook;
mod numbers;
mod palette;
mod places;
mod png;
mod positions;
mod radial;
mod reliability_plot;
mod scatter;
mod selection;
mod show;
mod spans;
mod stacked_violin;
mod stream_lines;
mod strip;
mod table;
mod tracks;
mod violin;
mod violin_shape;
mod volcano;

pub use ask::{ask, ask_secret};
pub use bars::{Bars, bars};
pub use browser::Browser;
pub use categories::Palette;
pub use comparison::{Comparison, compare};
pub use curve::{Curve, curve};
pub use dependency_map::{DependencyMap, dependency_map};
pub use dot_plot::{DotPlot, dot_plot, matrix_plot};
pub use figure::{Figure, View, grid};
pub use fit_plot::{FitPlot, fit_plot};
pub use forest::{Forest, forest};
pub use funnel::{Funnel, funnel};
pub use graph_plot::{GraphPlot, graph_plot};
pub use handle::{Handle, clear, show};
pub use heatmap::{Heatmap, heatmap};
pub use histogram::{Histogram, histogram};
pub use image_grid::{ImageGrid, images};
pub use interval_plot::{IntervalPlot, interval_plot};
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
pub use radial::{Radial, radial};
pub use reliability_plot::ReliabilityPlot;
pub use scatter::{Scatter, scatter};
pub use selection::Selection;
pub use show::Show;
pub use stacked_violin::{StackedViolin, stacked_violin};
pub use table::{Cell, Table, table};
pub use tracks::{Tracks, strips, tracks};
pub use violin::{Violin, before_and_after, violin};
pub use volcano::{RankPlot, Volcano, rank_plot, volcano};
