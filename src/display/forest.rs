//! Estimates with their intervals, one row for each name.

use super::axis::{self, Scale};
use super::canvas::{Canvas, Paint, Rect};
use super::chart::{Chart, SMALL};
use super::figure::Draw;
use super::font;
use super::frame::{Frame, view};
use super::legend::{self, Mark};
use super::numbers::{Labels, Numbers, counted};
use super::palette::{self, Color};
use std::fmt::Write as _;
use std::sync::Arc;

/// Longest name of a row that is written out.
const ROOM: f64 = 200.0;
/// Room for one series in a row.
const STEP: f64 = 9.0;
/// Series whose rows are told in the description, and rows.
const TOLD: usize = 12;

/// A dot and an interval for each name, one series or several: a forest plot.
#[derive(Clone)]
pub struct Forest {
    pub(super) frame: Frame,
    names: Arc<[String]>,
    series: Arc<[Series]>,
    level: Option<f64>,
    range: Option<(f64, f64)>,
}

#[derive(Clone)]
struct Series {
    name: String,
    estimates: Arc<[f64]>,
    intervals: Arc<[(f64, f64)]>,
}

/// Draws a dot for each name, the first row at the top.
///
/// The axis need not begin at 0, as it does with [`bars`](super::bars).
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let areas = display::forest(&["1layer", "3layer"], &[0.95, 0.94]).intervals(&[0.93, 0.92], &[0.97, 0.96]);
/// let both = areas.name("GABPA").add("CTCFL", &[0.98, 0.97]).x_label("AUROC");
/// assert!(both.svg().contains("3layer") && both.svg().contains("CTCFL"));
/// ```
pub fn forest(names: &(impl Labels + ?Sized), estimates: &(impl Numbers + ?Sized)) -> Forest {
    Forest {
        frame: Frame::default(),
        names: names.labels().into(),
        series: [Series::new("", estimates)].into(),
        level: None,
        range: None,
    }
}

impl Series {
    fn new(name: &str, estimates: &(impl Numbers + ?Sized)) -> Self {
        Self {
            name: name.into(),
            estimates: estimates.numbers().into(),
            intervals: Arc::new([]),
        }
    }

    /// Returns the ends of an interval that can be drawn, in order.
    fn interval(&self, row: usize) -> Option<(f64, f64)> {
        let (low, high) = *self.intervals.get(row)?;
        (low.is_finite() && high.is_finite()).then(|| (low.min(high), low.max(high)))
    }

    fn estimate(&self, row: usize) -> Option<f64> {
        let estimate = self.estimates.get(row).copied();
        estimate.filter(|estimate| estimate.is_finite())
    }
}

impl Forest {
    /// Draws intervals through the dots that were added last; where an end is missing there is none.
    pub fn intervals(&self, low: &(impl Numbers + ?Sized), high: &(impl Numbers + ?Sized)) -> Self {
        let ends = low.numbers().into_iter().zip(high.numbers()).collect();
        self.with_last(|last| last.intervals = ends)
    }

    /// Names the dots that were added last.
    pub fn name(&self, name: &str) -> Self {
        self.with_last(|last| last.name = name.into())
    }

    /// Adds dots with a name in the same rows.
    pub fn add(&self, name: &str, estimates: &(impl Numbers + ?Sized)) -> Self {
        let new = Series::new(name, estimates);
        Self {
            series: self.series.iter().cloned().chain([new]).collect(),
            ..self.clone()
        }
    }

    /// Draws a dashed vertical line, such as at no effect.
    pub fn level(&self, x: f64) -> Self {
        Self {
            level: Some(x),
            ..self.clone()
        }
    }

    /// Sets the ends of the x axis.
    pub fn x_range(&self, low: f64, high: f64) -> Self {
        Self {
            range: Some((low, high)),
            ..self.clone()
        }
    }

    fn with_last(&self, change: impl FnOnce(&mut Series)) -> Self {
        let mut series = self.series.to_vec();
        if let Some(last) = series.last_mut() {
            change(last);
        }
        Self {
            series: series.into(),
            ..self.clone()
        }
    }

    fn rows(&self) -> usize {
        let longest = self.series.iter().map(|series| series.estimates.len());
        longest.max().unwrap_or(0).min(self.names.len())
    }

    fn scales(&self) -> (Scale, Scale) {
        let rows = self.rows();
        let ticks = (0..rows).map(|row| (rows - 1 - row, font::fit(&self.names[row], SMALL, ROOM)));
        let known = self.series.iter().flat_map(|series| {
            (0..rows).flat_map(|row| {
                let ends = series.interval(row).map(|(low, high)| [low, high]);
                series
                    .estimate(row)
                    .into_iter()
                    .chain(ends.into_iter().flatten())
            })
        });
        let x = match self.range {
            Some(range) => Scale::exact(range, 5),
            None => Scale::linear(axis::span(known.chain(self.level)), 0.05, 5),
        };
        (x, Scale::slots(rows, ticks.collect()))
    }

    fn entries(&self) -> Vec<(String, Color)> {
        let named = self.series.iter().enumerate();
        named
            .filter(|(_, series)| !series.name.is_empty())
            .map(|(at, series)| (series.name.clone(), Color::category(at)))
            .collect()
    }
}

impl Draw for Forest {
    fn extent(&self) -> (f64, f64) {
        let names = self.names.iter().map(|name| font::width(name, SMALL));
        let names = names.fold(0.0, f64::max).min(ROOM);
        let row = (STEP * self.series.len() as f64 + 8.0).max(20.0);
        let words = 40.0 + self.frame.x_label.as_ref().map_or(0.0, |_| 18.0);
        self.frame.size_or(
            300.0 + names + legend::width(&self.entries()),
            (words + row * self.rows() as f64).clamp(110.0, 4000.0),
        )
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let (x, y) = self.scales();
        let rows = self.rows();
        let entries = self.entries();
        let chart = Chart::new(&self.frame, (&x, &y)).right(legend::width(&entries));
        let any = |row| self.series.iter().any(|s| s.estimate(row).is_some());
        if !(0..rows).any(any) {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |_| {});
        let bounded = |value: f64| plane.x(value.clamp(x.low, x.high));
        if let Some(level) = self.level.filter(|v| (x.low..=x.high).contains(v)) {
            let (x, rect) = (plane.x(level), plane.rect);
            let dashes = Paint::stroke(palette::FAINT, 1.0).dashed();
            canvas.line((x, rect.y), (x, rect.bottom()), dashes);
        }
        let count = self.series.len() as f64;
        let step = STEP.min(plane.rect.height / rows as f64 / count);
        for (at, series) in self.series.iter().enumerate() {
            let color = Color::category(at);
            for row in 0..rows {
                let middle = plane.y((rows - 1 - row) as f64);
                let y = middle + step * (at as f64 - (count - 1.0) / 2.0);
                if let Some((low, high)) = series.interval(row) {
                    let ends = ((bounded(low), y), (bounded(high), y));
                    canvas.line(ends.0, ends.1, Paint::stroke(color, 1.6));
                }
                let inside = |value: &f64| (x.low..=x.high).contains(value);
                if let Some(estimate) = series.estimate(row).filter(inside) {
                    canvas.circle((plane.x(estimate), y), 3.4, Paint::fill(color));
                }
            }
        }
        legend::draw(canvas, plane.rect, (Mark::Dot, &entries));
    }

    fn describe(&self) -> String {
        let mut text = format!("Dots of {}", counted(self.rows(), "row"));
        if let Some(label) = &self.frame.x_label {
            let _ = write!(text, ", {label}");
        }
        for series in self.series.iter().take(TOLD) {
            if !series.name.is_empty() {
                let _ = write!(text, "; {}", series.name);
            }
            for row in 0..self.rows().min(TOLD) {
                let name = &self.names[row];
                let _ = match (series.estimate(row), series.interval(row)) {
                    (None, _) => write!(text, "; {name} missing"),
                    (Some(value), None) => write!(text, "; {name} {}", axis::plain(value)),
                    (Some(value), Some((low, high))) => {
                        let [value, low, high] = [value, low, high].map(axis::plain);
                        write!(text, "; {name} {value}, {low} to {high}")
                    }
                };
            }
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Forest);
