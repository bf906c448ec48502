//! Pictures and notebook output.

mod axis;
mod backend;
mod bars;
mod canvas;
mod chart;
mod curve;
mod dendrogram;
mod figure;
mod font;
mod frame;
mod glyph;
mod heatmap;
mod histogram;
mod json;
mod legend;
mod logo;
mod mime;
mod numbers;
mod palette;
mod png;
mod scatter;
mod show;

pub use bars::{Bars, bars};
pub use curve::{Curve, curve};
pub use figure::{Figure, View, grid};
pub use heatmap::{Heatmap, heatmap};
pub use histogram::{Histogram, histogram};
pub use logo::{Logo, logo};
pub use mime::Bundle;
pub use numbers::{Labels, Matrix, Number, Numbers};
pub use palette::{Color, ColorMap};
pub use scatter::{Scatter, scatter};
pub use show::{Show, show};
