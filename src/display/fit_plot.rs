//! Points with their errors, and straight lines through them.

use super::axis::{self, Scale};
use super::canvas::{Canvas, Paint, Rect};
use super::chart::{Chart, Plane};
use super::figure::Draw;
use super::frame::{Frame, view};
use super::legend::{self, Mark};
use super::numbers::{Labels, Numbers};
use super::palette::{self, Color, INK};
use std::fmt::Write as _;
use std::sync::Arc;

/// Points and lines that the description tells.
const TOLD: usize = 12;

/// Points in a plane, each with its errors, and lines that were fitted to them.
#[derive(Clone)]
pub struct FitPlot {
    pub(super) frame: Frame,
    points: Arc<[(f64, f64)]>,
    errors: Arc<[(f64, f64)]>,
    groups: Arc<[String]>,
    lines: Arc<[Line]>,
    origin: bool,
}

#[derive(Clone)]
struct Line {
    name: String,
    intercept: f64,
    slope: f64,
}

/// Draws points; lines are added with [`line`](FitPlot::line), errors with [`errors`](FitPlot::errors).
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let effects = display::fit_plot(&[0.1, 0.2, 0.3], &[0.2, 0.5, 0.6])
///     .errors(&[0.01, 0.02, 0.01], &[0.05, 0.05, 0.04])
///     .line("IVW", 0.0, 2.1)
///     .x_label("effect on the exposure")
///     .y_label("effect on the outcome");
/// assert!(effects.description().contains("IVW with slope 2.1"));
/// ```
pub fn fit_plot(x: &(impl Numbers + ?Sized), y: &(impl Numbers + ?Sized)) -> FitPlot {
    FitPlot {
        frame: Frame::default(),
        points: x.numbers().into_iter().zip(y.numbers()).collect(),
        errors: Arc::new([]),
        groups: Arc::new([]),
        lines: Arc::new([]),
        origin: false,
    }
}

impl FitPlot {
    /// Draws a cross through each point, to one standard error on each side.
    pub fn errors(&self, x: &(impl Numbers + ?Sized), y: &(impl Numbers + ?Sized)) -> Self {
        Self {
            errors: x.numbers().into_iter().zip(y.numbers()).collect(),
            ..self.clone()
        }
    }

    /// Colours points by group; a line that bears the name of a group has its colour and reaches as far as its points.
    pub fn groups(&self, labels: &(impl Labels + ?Sized)) -> Self {
        Self {
            groups: labels.labels().into(),
            ..self.clone()
        }
    }

    /// Adds a line with a name; beside groups the first of no group is black.
    pub fn line(&self, name: &str, intercept: f64, slope: f64) -> Self {
        let new = Line {
            name: name.into(),
            intercept,
            slope,
        };
        Self {
            lines: self.lines.iter().cloned().chain([new]).collect(),
            ..self.clone()
        }
    }

    /// Shows where both axes are 0.
    pub fn origin(&self) -> Self {
        Self {
            origin: true,
            ..self.clone()
        }
    }

    /// Returns the groups in order, and the lines of no group, with their colours.
    fn entries(&self) -> Vec<(String, Color)> {
        let mut names: Vec<&String> = self.groups.iter().collect();
        names.sort();
        names.dedup();
        let free = self.lines.iter().map(|line| &line.name);
        let free: Vec<&String> = free.filter(|name| !names.contains(name)).collect();
        let groups = names.len();
        let colored = names.into_iter().chain(free).enumerate();
        let color = |at: usize| match at {
            at if groups > 0 && at == groups => INK,
            at => Color::category(at),
        };
        colored
            .map(|(at, name)| (name.clone(), color(at)))
            .collect()
    }

    fn color(&self, name: Option<&String>, entries: &[(String, Color)]) -> Color {
        let found = name.and_then(|name| entries.iter().find(|(known, _)| known == name));
        match found {
            Some((_, color)) => *color,
            None if self.groups.is_empty() => palette::FAINT,
            None => palette::MISSING,
        }
    }

    fn drawable(&self) -> impl Iterator<Item = usize> {
        (0..self.points.len())
            .filter(|at| self.points[*at].0.is_finite() && self.points[*at].1.is_finite())
    }

    /// Returns the errors of a point that can be drawn.
    fn error(&self, at: usize) -> (f64, f64) {
        let fine = |error: f64| if error.is_finite() { error.abs() } else { 0.0 };
        self.errors
            .get(at)
            .map_or((0.0, 0.0), |(x, y)| (fine(*x), fine(*y)))
    }

    fn scales(&self) -> (Scale, Scale) {
        let ends = |pick: fn((f64, f64)) -> f64| {
            let known = self.drawable().flat_map(move |at| {
                let (value, error) = (pick(self.points[at]), pick(self.error(at)));
                [value - error, value + error]
            });
            let zero = self.origin.then_some(0.0);
            Scale::linear(axis::span(known.chain(zero)), 0.05, 5)
        };
        (ends(|pair| pair.0), ends(|pair| pair.1))
    }

    /// Draws a line as far as its points reach, or across the plot.
    fn stroke(
        &self,
        canvas: &mut Canvas,
        (plane, x, y): (&Plane<'_>, &Scale, &Scale),
        (line, color): (&Line, Color),
    ) {
        let own = self
            .drawable()
            .filter(|at| self.groups.get(*at) == Some(&line.name));
        let own = axis::span(own.map(|at| self.points[at].0));
        let (mut from, mut to) = own.unwrap_or((x.low, x.high));
        // Cut where it leaves the plot above or below.
        if line.slope != 0.0 {
            let places = [y.low, y.high].map(|end| (end - line.intercept) / line.slope);
            from = from.max(places[0].min(places[1]));
            to = to.min(places[0].max(places[1]));
        }
        let height = |x: f64| line.intercept + line.slope * x;
        if from >= to || !(y.low..=y.high).contains(&height(f64::midpoint(from, to))) {
            return;
        }
        let ends = [from, to].map(|x| (plane.x(x), plane.y(height(x))));
        canvas.line(ends[0], ends[1], Paint::stroke(color, 1.8));
    }
}

impl Draw for FitPlot {
    fn extent(&self) -> (f64, f64) {
        let legend = legend::width(&self.entries());
        self.frame.size_or(400.0 + legend, 340.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let (x, y) = self.scales();
        let entries = self.entries();
        let chart = Chart::new(&self.frame, (&x, &y)).right(legend::width(&entries));
        if self.drawable().next().is_none() {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |_| {});
        if self.origin {
            let axes = [[(0.0, y.low), (0.0, y.high)], [(x.low, 0.0), (x.high, 0.0)]];
            for ends in axes {
                super::chart::dashes(canvas, &plane, ends);
            }
        }
        let radius = (45.0 / (self.points.len() as f64).sqrt()).clamp(1.2, 3.4);
        for at in self.drawable() {
            let ((px, py), (ex, ey)) = (self.points[at], self.error(at));
            let color = self.color(self.groups.get(at), &entries);
            let ends = [
                [(px - ex, py), (px + ex, py)],
                [(px, py - ey), (px, py + ey)],
            ];
            for [from, to] in ends {
                if from != to {
                    let [from, to] = [from, to].map(|(px, py)| (plane.x(px), plane.y(py)));
                    canvas.line(from, to, Paint::stroke(color, 0.8));
                }
            }
            canvas.circle((plane.x(px), plane.y(py)), radius, Paint::fill(color));
        }
        for line in self.lines.iter() {
            let color = self.color(Some(&line.name), &entries);
            self.stroke(canvas, (&plane, &x, &y), (line, color));
        }
        let mark = if self.groups.is_empty() {
            Mark::Line
        } else {
            Mark::Dot
        };
        legend::draw(canvas, plane.rect, (mark, &entries));
    }

    fn describe(&self) -> String {
        let mut text = format!("{} points", self.points.len());
        let groups: std::collections::BTreeSet<&String> = self.groups.iter().collect();
        if !groups.is_empty() {
            let _ = write!(text, " in {} groups", groups.len());
        }
        for line in self.lines.iter().take(TOLD) {
            let [slope, intercept] = [line.slope, line.intercept].map(axis::plain);
            let _ = write!(text, "; {} with slope {slope}", line.name);
            if line.intercept != 0.0 {
                let _ = write!(text, " and intercept {intercept}");
            }
        }
        for (what, count) in [("errors", self.errors.len()), ("groups", self.groups.len())] {
            if count > 0 && count != self.points.len() {
                let _ = write!(text, "; {what} for {count} points, which cannot be right");
            }
        }
        let lost = self.points.len() - self.drawable().count();
        if lost > 0 {
            let _ = write!(text, "; {lost} points are not finite and left out");
        }
        self.frame.describe(&(text + "."))
    }
}

view!(FitPlot);
