//! Bars with names, with error bars when there are errors.

use super::axis::{self, Scale};
use super::canvas::{Canvas, Paint, Rect};
use super::chart::{Chart, SMALL};
use super::figure::Draw;
use super::font;
use super::frame::{Frame, view};
use super::numbers::{Labels, Numbers};
use super::palette::{self, Color};
use plotters::element::Rectangle;
use plotters::style::Color as _;
use std::fmt::Write as _;
use std::sync::Arc;

/// One bar for each name.
#[derive(Clone)]
pub struct Bars {
    pub(super) frame: Frame,
    names: Arc<[String]>,
    values: Arc<[f64]>,
    errors: Arc<[f64]>,
}

/// Draws one bar for each name.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let bars = display::bars(&["ours", "published"], &[0.97, 0.98]).errors(&[0.01, 0.005]);
/// assert!(bars.svg().contains("published"));
/// ```
pub fn bars(names: &(impl Labels + ?Sized), values: &(impl Numbers + ?Sized)) -> Bars {
    Bars {
        frame: Frame::default(),
        names: names.labels().into(),
        values: values.numbers().into(),
        errors: Arc::new([]),
    }
}

impl Bars {
    /// Draws error bars that reach this far to both sides.
    pub fn errors(&self, errors: &(impl Numbers + ?Sized)) -> Self {
        Self {
            errors: errors.numbers().into(),
            ..self.clone()
        }
    }

    fn error(&self, i: usize) -> f64 {
        self.errors
            .get(i)
            .copied()
            .filter(|e| e.is_finite())
            .unwrap_or(0.0)
            .abs()
    }
}

impl Draw for Bars {
    fn extent(&self) -> (f64, f64) {
        let widest = self
            .names
            .iter()
            .map(|name| font::width(name, SMALL))
            .fold(20.0, f64::max);
        let slot = (widest.min(120.0) + 16.0).max(36.0);
        self.frame.size_or(
            (90.0 + slot * self.values.len() as f64).clamp(240.0, 1400.0),
            300.0,
        )
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let count = self.values.len();
        let slot = (area.width - 80.0) / count.max(1) as f64;
        let named = self.names.iter().take(count).enumerate();
        let ticks = named
            .map(|(i, name)| (i, font::fit(name, SMALL, slot - 4.0)))
            .collect();
        let x = Scale::slots(count, ticks);
        let ends = (0..count).flat_map(|i| {
            [
                self.values[i],
                self.values[i] - self.error(i),
                self.values[i] + self.error(i),
            ]
        });
        let (low, high) =
            axis::span(ends).map_or((0.0, 1.0), |(low, high)| (low.min(0.0), high.max(0.0)));
        let room = (high - low) * 0.05;
        let y = Scale::exact((if low < 0.0 { low - room } else { 0.0 }, high + room), 5);
        let chart = Chart::new(&self.frame, (&x, &y)).grid(false, true);
        if !self.values.iter().any(|v| v.is_finite()) {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |marks| {
            let finite = self
                .values
                .iter()
                .enumerate()
                .filter(|(_, v)| v.is_finite());
            let boxes = finite.map(|(i, value)| {
                let corners = [
                    (i as f64 - 0.36, y.place(0.0)),
                    (i as f64 + 0.36, y.place(*value)),
                ];
                Rectangle::new(corners, super::chart::rgb(Color::category(0)).filled())
            });
            let _ = marks.draw_series(boxes);
        });
        for (i, value) in self
            .values
            .iter()
            .enumerate()
            .filter(|(_, v)| v.is_finite())
        {
            let (x, error) = (plane.x(i as f64), self.error(i));
            let (top, bottom) = (plane.y(value + error), plane.y(value - error));
            if error > 0.0 {
                let ink = Paint::stroke(palette::INK, 1.2);
                canvas.line((x, top), (x, bottom), ink);
                canvas.line((x - 4.0, top), (x + 4.0, top), ink);
                canvas.line((x - 4.0, bottom), (x + 4.0, bottom), ink);
            }
        }
    }

    fn describe(&self) -> String {
        let mut text = format!("Bar chart of {} values", self.values.len());
        for (i, value) in self.values.iter().enumerate().take(12) {
            let name = self.names.get(i).map_or("?", String::as_str);
            let value = if value.is_finite() {
                axis::plain(*value)
            } else {
                "missing".into()
            };
            let _ = write!(text, "; {name} {value}");
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Bars);
