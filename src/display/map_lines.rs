//! Arrows and streamlines over a map, such as those of RNA velocity.

use super::canvas::{Canvas, Paint, Rect};
use super::palette::{INK, WHITE};
use super::stream_lines;
use ndarray::Array2;
use std::sync::Arc;

/// Lines in the coordinates of a map, each with a head.
#[derive(Clone, Default)]
pub(crate) struct Lines {
    lines: Arc<[Line]>,
    /// What the lines are, for those who do not see them.
    pub(crate) words: String,
}

/// A line and where its head is.
pub(crate) struct Line {
    pub(crate) places: Vec<(f64, f64)>,
    /// The number of the place at which the tip of the head is.
    pub(crate) tip: usize,
    /// Width in CSS pixels.
    pub(crate) width: f64,
}

impl Lines {
    /// Makes an arrow from each place along its vector.
    pub(crate) fn arrows(places: &Array2<f64>, vectors: &Array2<f64>) -> Self {
        if let Some(words) = unfit(places, vectors) {
            return words;
        }
        let pairs = places.rows().into_iter().zip(vectors.rows());
        let arrows: Arc<[Line]> = pairs
            .filter(|(place, vector)| place.iter().chain(vector).take(4).all(|v| v.is_finite()))
            .filter(|(_, vector)| vector[0] != 0.0 || vector[1] != 0.0)
            .map(|(place, vector)| Line {
                places: vec![
                    (place[0], place[1]),
                    (place[0] + vector[0], place[1] + vector[1]),
                ],
                tip: 1,
                width: 1.0,
            })
            .collect();
        let words = format!("{} arrows as long as their vectors", arrows.len());
        Self {
            lines: arrows,
            words,
        }
    }

    /// Makes streamlines through vectors on a regular grid.
    pub(crate) fn streams(places: &Array2<f64>, vectors: &Array2<f64>) -> Self {
        if let Some(words) = unfit(places, vectors) {
            return words;
        }
        let lines = stream_lines::trace(places, vectors);
        let words = match lines.len() {
            0 => "no streamlines: they need a regular grid of at least two rows and columns".into(),
            count => format!("{count} streamlines, wider where vectors are longer"),
        };
        Self {
            lines: lines.into(),
            words,
        }
    }

    pub(crate) fn all(&self) -> &[Line] {
        &self.lines
    }

    /// Draws what lies inside of a plot; `place` turns coordinates into pixels.
    pub(crate) fn draw(
        &self,
        canvas: &mut Canvas,
        plot: Rect,
        place: impl Fn((f64, f64)) -> (f64, f64),
    ) {
        let inside = |(x, y): &(f64, f64)| {
            (plot.x..=plot.right()).contains(x) && (plot.y..=plot.bottom()).contains(y)
        };
        for line in self.all() {
            let pixels: Vec<(f64, f64)> = line.places.iter().map(|at| place(*at)).collect();
            for part in pixels.split(|at| !inside(at)).filter(|part| part.len() > 1) {
                // A light edge keeps lines readable on points of any colour.
                let halo = Paint::stroke(WHITE, line.width + 1.2).opacity(0.6);
                canvas.path(part, halo);
                canvas.path(part, Paint::stroke(INK, line.width));
            }
            let Some(&tip) = pixels.get(line.tip).filter(|tip| inside(tip)) else {
                continue;
            };
            let size = 3.0 + 1.6 * line.width;
            let from = pixels[..line.tip].iter().rev();
            let far = |at: &&(f64, f64)| (at.0 - tip.0).hypot(at.1 - tip.1) >= 1.0;
            let Some(&from) = from.clone().find(far).or_else(|| from.clone().next_back()) else {
                continue;
            };
            let long = (tip.0 - from.0).hypot(tip.1 - from.1);
            if long > 0.0 {
                let (x, y) = ((tip.0 - from.0) / long, (tip.1 - from.1) / long);
                let size = if line.tip + 1 == pixels.len() {
                    size.min(long.max(2.0))
                } else {
                    size
                };
                let (bx, by) = (tip.0 - x * size, tip.1 - y * size);
                let half = size * 0.45;
                let head = [
                    tip,
                    (bx - y * half, by + x * half),
                    (bx + y * half, by - x * half),
                ];
                canvas.path(&head, Paint::fill(INK));
            }
        }
    }
}

/// Returns lines that only say what is wrong, when places and vectors do not go together.
fn unfit(places: &Array2<f64>, vectors: &Array2<f64>) -> Option<Lines> {
    let wrong = places.dim() != vectors.dim() || places.ncols() < 2;
    wrong.then(|| Lines {
        lines: Arc::new([]),
        words: format!(
            "no arrows: places of shape {:?} and vectors of shape {:?} where both should be (n, 2)",
            places.dim(),
            vectors.dim()
        ),
    })
}
