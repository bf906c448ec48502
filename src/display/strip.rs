//! Rows of colours along positions.

use super::axis::Scale;
use super::canvas::{Canvas, Paint, Rect};
use super::palette::{self, ColorMap};
use super::png;
use ndarray::Array2;

/// More cells than this become one raster layer.
const MANY: usize = 2000;
/// Rows and columns of a raster at most: what a screen shows.
pub(crate) const ROWS: usize = 800;
const COLUMNS: usize = 1640;

/// Paints rows with lines between them, as [`cells`] does.
pub(crate) fn paint(canvas: &mut Canvas, rect: Rect, what: (&Array2<f64>, (ColorMap, (f64, f64)))) {
    let rows = what.0.nrows();
    cells(canvas, rect, what);
    let tall = rect.height / rows as f64;
    if tall >= 6.0 {
        for i in 1..rows {
            let y = rect.y + tall * i as f64;
            let line = Paint::stroke(palette::WHITE, 1.0);
            canvas.line((rect.x, y), (rect.right(), y), line);
        }
    }
}

/// Paints values, shape `(rows, positions)`; of more cells than a screen shows the strongest value counts.
pub(crate) fn cells(
    canvas: &mut Canvas,
    rect: Rect,
    (values, (map, range)): (&Array2<f64>, (ColorMap, (f64, f64))),
) {
    let scale = Scale::exact(range, 2);
    let shown = pooled(values);
    let (rows, columns) = shown.dim();
    let color = |i: usize, j: usize| {
        let value = shown[[i, j]];
        if value.is_finite() {
            map.color(scale.share(value))
        } else {
            palette::MISSING
        }
    };
    if shown.len() > MANY {
        if let Some(png) = png::raster((columns, rows), |i, j| Some(color(i, j))) {
            canvas.image(rect, &png);
        }
    } else {
        let (wide, tall) = (rect.width / columns as f64, rect.height / rows as f64);
        for i in 0..rows {
            for j in 0..columns {
                let corner = (rect.x + wide * j as f64, rect.y + tall * i as f64);
                // A little overlap hides the seams that viewers draw between neighbours.
                let seam = |last: bool| if last { 0.0 } else { 0.4 };
                let size = (wide + seam(j + 1 == columns), tall + seam(i + 1 == rows));
                canvas.rect(Rect::new(corner, size), Paint::fill(color(i, j)));
            }
        }
    }
    canvas.rect(rect, Paint::stroke(palette::FAINT, 0.6));
}

/// Keeps the value farthest from 0 of neighbours that share a pixel; finite ones before others.
fn pooled(values: &Array2<f64>) -> Array2<f64> {
    let (rows, columns) = values.dim();
    // Of many rows a picture twice as fine would weigh megabytes.
    let most = if rows > ROWS / 2 { ROWS } else { COLUMNS };
    let size = (rows.min(ROWS), columns.min(most));
    if size == (rows, columns) {
        return values.clone();
    }
    let mut shown = Array2::from_elem(size, f64::NAN);
    for ((i, j), value) in values.indexed_iter() {
        let place = &mut shown[[i * size.0 / rows, j * size.1 / columns]];
        if value.is_finite() && (!place.is_finite() || value.abs() > place.abs()) {
            *place = *value;
        }
    }
    shown
}
