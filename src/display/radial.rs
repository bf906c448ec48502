//! Effects so drawn that all are equally sure: radial plots.

use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{Chart, MEDIUM, Plane, SMALL};
use super::figure::Draw;
use super::font;
use super::frame::{Frame, view};
use super::legend::{self, Mark};
use super::numbers::{Labels, Numbers};
use super::palette::{self, Color};
use crate::distribution::normal::{self, HALF_OF_95};
use std::fmt::Write as _;
use std::sync::Arc;

/// Outliers that the description tells.
const TOLD: usize = 12;
/// Longest name of an outlier that is written out.
const ROOM: f64 = 110.0;

/// Effects over their standard errors against one over these: a radial plot (Galbraith 1988, <https://doi.org/10.1002/sim.4780070807>).
///
/// A line from the origin is an effect, which the scale at the right tells. All points scatter about the line of their common effect by a
/// standard deviation of 1 if only chance is at work.
#[derive(Clone)]
pub struct Radial {
    pub(super) frame: Frame,
    points: Arc<[(f64, f64)]>,
    given: [usize; 2],
    names: Arc<[String]>,
    lines: Arc<[Line]>,
}

#[derive(Clone)]
struct Line {
    name: String,
    intercept: f64,
    slope: f64,
}

/// Draws effects over their standard errors against one over these; outliers from the first [`at`](Radial::at) are coloured and named.
///
/// An outlier is further from the line than chance would put even one of all effects, in 95 of 100 cases (Bonferroni); the dashed lines
/// hold 95 % of effects.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let plot = display::radial(&[0.4, 0.5, 1.9, 0.45], &[0.1, 0.2, 0.2, 0.05]).names(&["a", "b", "c", "d"]).at("IVW", 0.5);
/// assert!(plot.description().contains("outliers c"));
/// ```
pub fn radial(effects: &(impl Numbers + ?Sized), errors: &(impl Numbers + ?Sized)) -> Radial {
    let (effects, errors) = (effects.numbers(), errors.numbers());
    let points = effects.iter().zip(&errors).map(|(effect, error)| {
        if *error > 0.0 {
            (error.recip(), effect / error)
        } else {
            (f64::NAN, f64::NAN)
        }
    });
    Radial {
        frame: Frame::default(),
        points: points.collect(),
        given: [effects.len(), errors.len()],
        names: Arc::new([]),
        lines: Arc::new([]),
    }
}

impl Radial {
    /// Names the effects; without names they are numbers from 1.
    pub fn names(&self, names: &(impl Labels + ?Sized)) -> Self {
        Self {
            names: names.labels().into(),
            ..self.clone()
        }
    }

    /// Adds the line of an effect with a name, such as a pooled effect.
    pub fn at(&self, name: &str, effect: f64) -> Self {
        self.line(name, 0.0, effect)
    }

    /// Adds the line of least squares with an intercept, which is not 0 where effects that are less sure lean to one side: radial MR-Egger
    /// (Bowden et al. 2018, <https://doi.org/10.1093/ije/dyy101>), Egger's test in meta-analysis.
    pub fn egger(&self) -> Self {
        let points: Vec<_> = self.drawable().map(|at| self.points[at]).collect();
        let n = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
        let (x, y) = (mean(|point| point.0), mean(|point| point.1));
        let sum = |of: &dyn Fn((f64, f64)) -> f64| points.iter().map(|at| of(*at)).sum::<f64>();
        let slope = sum(&|(px, py)| (px - x) * (py - y)) / sum(&|(px, _)| (px - x).powi(2));
        self.line("radial Egger", y - slope * x, slope)
    }

    fn line(&self, name: &str, intercept: f64, slope: f64) -> Self {
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

    fn drawable(&self) -> impl Iterator<Item = usize> {
        (0..self.points.len())
            .filter(|at| self.points[*at].0.is_finite() && self.points[*at].1.is_finite())
    }

    fn name(&self, at: usize) -> String {
        let named = self.names.get(at).cloned();
        named.unwrap_or_else(|| (at + 1).to_string())
    }

    /// Returns the line from which outliers are.
    fn pooled(&self) -> Option<&Line> {
        let finite = |line: &&Line| line.slope.is_finite() && line.intercept.is_finite();
        self.lines.first().filter(finite)
    }

    /// Returns the effects that chance does not put so far from the first line.
    fn outliers(&self) -> Vec<usize> {
        let Some(line) = self.pooled() else {
            return Vec::new();
        };
        let bound = -normal::quantile(0.025 / self.drawable().count().max(1) as f64);
        let off = |at: usize| {
            let (x, y) = self.points[at];
            (y - line.intercept - line.slope * x).abs()
        };
        self.drawable().filter(|at| off(*at) > bound).collect()
    }

    fn scales(&self) -> (Scale, Scale) {
        let most = self
            .drawable()
            .map(|at| self.points[at].0)
            .fold(0.0, f64::max);
        let heights = self.drawable().map(|at| self.points[at].1);
        let x = Scale::exact((0.0, if most > 0.0 { 1.06 * most } else { 1.0 }), 5);
        let y = Scale::linear(
            axis::span(heights.chain([-HALF_OF_95, HALF_OF_95])),
            0.06,
            5,
        );
        (x, y)
    }

    fn entries(&self) -> Vec<(String, Color)> {
        let named = self.lines.iter().enumerate();
        let mut entries: Vec<(String, Color)> = named
            .map(|(at, line)| (line.name.clone(), Color::category(at)))
            .collect();
        if !self.outliers().is_empty() {
            entries.push(("outlier".into(), Color::category(3)));
        }
        entries
    }

    fn legend(&self) -> f64 {
        legend::width(&self.entries())
    }

    /// Returns the scale of effects at the right edge of the plot.
    fn effects(plane: (&Scale, &Scale)) -> Scale {
        let (x, y) = plane;
        Scale::exact((y.low / x.high, y.high / x.high), 6)
    }

    /// Draws a line as far as it is in the plot.
    fn stroke(canvas: &mut Canvas, plane: &Plane<'_>, (line, paint): (&Line, Paint)) {
        let (x, y) = plane.scales();
        let (mut from, mut to) = (x.low, x.high);
        if line.slope != 0.0 {
            let places = [y.low, y.high].map(|end| (end - line.intercept) / line.slope);
            from = from.max(places[0].min(places[1]));
            to = to.min(places[0].max(places[1]));
        }
        let height = |x: f64| line.intercept + line.slope * x;
        if from < to && (y.low..=y.high).contains(&height(f64::midpoint(from, to))) {
            let ends = [from, to].map(|x| (plane.x(x), plane.y(height(x))));
            canvas.line(ends[0], ends[1], paint);
        }
    }

    /// Draws the scale of effects at the right of the plot.
    fn ruler(canvas: &mut Canvas, plane: &Plane<'_>) {
        let (rect, (x, y)) = (plane.rect, plane.scales());
        let mut widest = 0.0_f64;
        let ink = Paint::stroke(palette::INK, 0.9);
        canvas.line((rect.right(), rect.y), (rect.right(), rect.bottom()), ink);
        for (effect, text) in &Self::effects((x, y)).ticks {
            let place = plane.y(effect * x.high);
            let ends = ((rect.right(), place), (rect.right() + 3.5, place));
            canvas.line(ends.0, ends.1, ink);
            canvas.text((rect.right() + 6.0, place), text, Text::new(SMALL));
            widest = widest.max(font::width(text, SMALL));
        }
        let middle = (rect.right() + 15.0 + widest, rect.y + rect.height / 2.0);
        let words = Text::new(MEDIUM).anchor(Anchor::Middle).turn(-90);
        canvas.text(middle, "effect", words);
    }

    fn ruler_width(&self) -> f64 {
        let (x, y) = self.scales();
        let ticks = Self::effects((&x, &y)).ticks;
        let widths = ticks.iter().map(|tick| font::width(&tick.1, SMALL));
        24.0 + widths.fold(0.0, f64::max)
    }
}

impl Draw for Radial {
    fn extent(&self) -> (f64, f64) {
        self.frame
            .size_or(400.0 + self.ruler_width() + self.legend(), 340.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let (x, y) = self.scales();
        let frame = self
            .frame
            .labelled("1 / standard error", "effect / standard error");
        let ruler = self.ruler_width();
        let chart = Chart::new(&frame, (&x, &y)).right(ruler + self.legend());
        if self.drawable().next().is_none() {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |_| {});
        Self::ruler(canvas, &plane);
        if let Some(line) = self.pooled() {
            for side in [-HALF_OF_95, HALF_OF_95] {
                let edge = Line {
                    intercept: line.intercept + side,
                    ..line.clone()
                };
                let dashes = Paint::stroke(palette::FAINT, 1.0).dashed();
                Self::stroke(canvas, &plane, (&edge, dashes));
            }
        }
        for (at, line) in self.lines.iter().enumerate() {
            let paint = Paint::stroke(Color::category(at), 1.8);
            Self::stroke(canvas, &plane, (line, paint));
        }
        let outliers = self.outliers();
        let radius = (45.0 / (self.points.len() as f64).sqrt()).clamp(1.6, 3.4);
        for at in self.drawable() {
            let (px, py) = self.points[at];
            let out = outliers.contains(&at);
            let color = if out {
                Color::category(3)
            } else {
                palette::FAINT
            };
            let place = (plane.x(px), plane.y(py));
            canvas.circle(place, radius, Paint::fill(color));
            if out {
                let name = font::fit(&self.name(at), SMALL, ROOM);
                let right = place.0 + 6.0 + font::width(&name, SMALL) > plane.rect.right();
                let (x, anchor) = if right {
                    (place.0 - 6.0, Anchor::End)
                } else {
                    (place.0 + 6.0, Anchor::Start)
                };
                canvas.text((x, place.1), &name, Text::new(SMALL).anchor(anchor));
            }
        }
        let mut beside = plane.rect;
        beside.width += ruler;
        legend::draw(canvas, beside, (Mark::Line, &self.entries()));
    }

    fn describe(&self) -> String {
        let given = self.given[0].max(self.given[1]);
        let mut text = format!("Radial plot of {given} effects");
        for line in self.lines.iter() {
            let _ = write!(text, "; {} at {}", line.name, axis::plain(line.slope));
            if line.intercept != 0.0 {
                let _ = write!(text, " with intercept {}", axis::plain(line.intercept));
            }
        }
        let outliers = self.outliers();
        if !outliers.is_empty() {
            let names = outliers.iter().take(TOLD).map(|at| self.name(*at));
            let _ = write!(text, "; outliers {}", names.collect::<Vec<_>>().join(", "));
            if outliers.len() > TOLD {
                let _ = write!(text, " and {} more", outliers.len() - TOLD);
            }
        } else if self.pooled().is_some() {
            text += "; no outlier";
        }
        let [effects, errors] = self.given;
        if effects != errors {
            let _ = write!(
                text,
                "; {effects} effects and {errors} errors, which cannot be right"
            );
        }
        let lost = given - self.drawable().count();
        if lost > 0 {
            let _ = write!(text, "; {lost} have no place and are left out");
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Radial);
