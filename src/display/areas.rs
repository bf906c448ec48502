//! Rows of values as filled areas above and below 0.

use super::canvas::{Canvas, Paint, Rect};
use super::envelope::Envelope;
use super::palette::{self, Color};
use super::png;
use ndarray::Array2;

/// More steps of outlines than this become one raster layer.
const STEPS: usize = 4000;
/// Room above and under an area.
const PAD: f64 = 2.0;

/// Rows of areas on one scale.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Areas<'a> {
    pub(crate) values: &'a Array2<f64>,
    /// The ends of the scale.
    pub(crate) range: (f64, f64),
    /// Room over every area.
    pub(crate) band: f64,
}

impl Areas<'_> {
    /// Returns where a value lies between the ends of the scale.
    fn share(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// Paints the rows into a rectangle; of more values than pixels the farthest from 0 counts.
    pub(crate) fn paint(&self, canvas: &mut Canvas, rect: Rect) {
        let (rows, columns) = self.values.dim();
        let tall = rect.height / rows as f64;
        let lead = self.band + PAD;
        let inner = (tall - self.band - 2.0 * PAD).max(1.0);
        let bins = columns.min(rect.width as usize);
        let envelopes = self.values.rows().into_iter().map(|row| {
            let parts: Vec<(f64, f64)> = row.iter().map(|v| (v.max(0.0), v.min(0.0))).collect();
            Envelope::new(parts.into_iter(), bins)
        });
        let envelopes: Vec<Envelope> = envelopes.collect();
        let colors = [Color::category(0), Color::category(3)];
        let zero = self.share(0.0);
        if rows * bins > STEPS {
            let (wide, high) = (2 * rect.width as usize, (2.0 * tall).max(1.0) as usize);
            let color = |i: usize, j: usize| {
                let (above, below) = envelopes[i / high].bin((j as f64 + 0.5) / wide as f64);
                let down = ((i % high) as f64 + 0.5) / high as f64 * tall;
                let here = 1.0 - (down - lead) / inner;
                if zero < here && here <= self.share(above) {
                    Some(colors[0])
                } else {
                    (self.share(below) <= here && here < zero).then_some(colors[1])
                }
            };
            if let Some(png) = png::raster((wide, rows * high), color) {
                canvas.image(rect, &png);
            }
        }
        for (i, envelope) in envelopes.iter().enumerate() {
            let top = rect.y + tall * i as f64 + lead;
            let y = |value: f64| top + inner * (1.0 - self.share(value));
            if rows * bins <= STEPS {
                let [above, below] = envelope.outlines(rect, y);
                canvas.path(&above, Paint::fill(colors[0]));
                canvas.path(&below, Paint::fill(colors[1]));
            }
            let line = Paint::stroke(palette::FAINT, 0.6);
            canvas.line((rect.x, y(0.0)), (rect.right(), y(0.0)), line);
        }
    }
}
