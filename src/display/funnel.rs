//! Effects by how sure they are: do the unsure ones lean to one side?

use super::axis::{self, Scale};
use super::canvas::{Canvas, Paint, Rect};
use super::chart::{Chart, Plane};
use super::figure::Draw;
use super::frame::{Frame, view};
use super::legend::{self, Mark};
use super::numbers::Numbers;
use super::palette::{self, Color};
use crate::distribution::normal::HALF_OF_95;
use std::fmt::Write as _;
use std::sync::Arc;

/// Pieces of a line that is not straight.
const STEPS: u32 = 400;

/// Effects against their standard errors, the surest at the top: a funnel plot.
#[derive(Clone)]
pub struct Funnel {
    pub(super) frame: Frame,
    effects: Arc<[f64]>,
    errors: Arc<[f64]>,
    lines: Arc<[(String, f64)]>,
    precision: bool,
}

/// Draws effects against their standard errors, which grow downwards; about the first [`at`](Funnel::at) lie 95 % of them if only chance is at work.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let ratios = display::funnel(&[2.0, 2.4, 1.5], &[0.1, 0.4, 0.5]).at("IVW", 2.05);
/// assert!(ratios.description().contains("3 effects"));
/// ```
pub fn funnel(effects: &(impl Numbers + ?Sized), errors: &(impl Numbers + ?Sized)) -> Funnel {
    Funnel {
        frame: Frame::default(),
        effects: effects.numbers().into(),
        errors: errors.numbers().into(),
        lines: Arc::new([]),
        precision: false,
    }
}

impl Funnel {
    /// Adds a vertical line with a name, such as a pooled effect.
    pub fn at(&self, name: &str, effect: f64) -> Self {
        let new = (name.to_owned(), effect);
        Self {
            lines: self.lines.iter().cloned().chain([new]).collect(),
            ..self.clone()
        }
    }

    /// Puts the surest effects up by one over their standard errors, as packages for Mendelian randomisation do, so that a few that say
    /// nothing do not press all others together.
    pub fn precision(&self) -> Self {
        Self {
            precision: true,
            ..self.clone()
        }
    }

    /// Returns the height of an effect with this standard error.
    fn height(&self, error: f64) -> f64 {
        if self.precision {
            error.recip()
        } else {
            -error
        }
    }

    fn axis(&self, points: &[(f64, f64)]) -> Scale {
        let heights = points.iter().map(|point| self.height(point.1));
        if self.precision {
            return Scale::exact((0.0, 1.06 * heights.fold(f64::MIN_POSITIVE, f64::max)), 5);
        }
        // Downwards: the axis counts from minus the largest error, and its words lose their sign.
        let lowest = heights.fold(0.0, f64::min);
        let mut axis = Scale::exact((if lowest < 0.0 { 1.06 * lowest } else { -1.0 }, 0.0), 5);
        for (_, text) in &mut axis.ticks {
            *text = text.trim_start_matches(['-', '−']).to_owned();
        }
        axis
    }

    /// Draws where 95 % of the effects about a centre end.
    fn limits(&self, canvas: &mut Canvas, plane: &Plane<'_>, centre: f64) {
        let (x, y) = plane.scales();
        for (edge, side) in [(x.low, -HALF_OF_95), (x.high, HALF_OF_95)] {
            let most = (edge - centre) / side;
            let steps = (0..=STEPS).map(|step| most * f64::from(step) / f64::from(STEPS));
            let inside = steps.filter(|error| (y.low..=y.high).contains(&self.height(*error)));
            let place = |error: f64| (plane.x(centre + side * error), plane.y(self.height(error)));
            let path: Vec<(f64, f64)> = inside.map(place).collect();
            if path.len() > 1 {
                canvas.path(&path, Paint::stroke(palette::FAINT, 1.0).dashed());
            }
        }
    }

    fn drawable(&self) -> Vec<(f64, f64)> {
        let pairs = self
            .effects
            .iter()
            .copied()
            .zip(self.errors.iter().copied());
        let has_place = |(effect, error): &(f64, f64)| {
            (0.0..f64::MAX).contains(error) && self.height(*error).is_finite() && effect.is_finite()
        };
        pairs.filter(has_place).collect()
    }

    fn entries(&self) -> Vec<(String, Color)> {
        let named = self.lines.iter().enumerate();
        named
            .map(|(at, (name, _))| (name.clone(), Color::category(at + 1)))
            .collect()
    }
}

impl Draw for Funnel {
    fn extent(&self) -> (f64, f64) {
        self.frame
            .size_or(400.0 + legend::width(&self.entries()), 320.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let points = self.drawable();
        let known = points.iter().map(|point| point.0);
        let known = known.chain(self.lines.iter().map(|line| line.1));
        let x = Scale::linear(axis::span(known.filter(|x| x.is_finite())), 0.08, 5);
        let y = self.axis(&points);
        let sure = if self.precision {
            "1 / standard error"
        } else {
            "standard error"
        };
        let frame = self.frame.labelled("effect", sure);
        let entries = self.entries();
        let chart = Chart::new(&frame, (&x, &y)).right(legend::width(&entries));
        if points.is_empty() {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |_| {});
        if let Some((_, centre)) = self.lines.first().filter(|line| line.1.is_finite()) {
            self.limits(canvas, &plane, *centre);
        }
        for ((_, effect), (_, color)) in self.lines.iter().zip(&entries) {
            if (x.low..=x.high).contains(effect) {
                let ends = [(*effect, y.low), (*effect, y.high)];
                let [from, to] = ends.map(|(px, py)| (plane.x(px), plane.y(py)));
                canvas.line(from, to, Paint::stroke(*color, 1.6));
            }
        }
        let radius = (45.0 / (points.len() as f64).sqrt()).clamp(1.2, 3.4);
        for (effect, error) in points {
            let place = (plane.x(effect), plane.y(self.height(error)));
            canvas.circle(place, radius, Paint::fill(palette::FAINT));
        }
        legend::draw(canvas, plane.rect, (Mark::Line, &entries));
    }

    fn describe(&self) -> String {
        let given = self.effects.len().max(self.errors.len());
        let points = self.drawable();
        let mut text = format!("Funnel plot of {given} effects");
        for (name, effect) in self.lines.iter() {
            let _ = write!(text, "; {name} at {}", axis::plain(*effect));
        }
        if let Some((_, centre)) = self.lines.first().filter(|line| line.1.is_finite()) {
            let outside = points
                .iter()
                .filter(|(effect, error)| (effect - centre).abs() > HALF_OF_95 * error)
                .count();
            let _ = write!(text, "; {outside} lie outside the funnel of 95 %");
        }
        if self.effects.len() != self.errors.len() {
            let (effects, errors) = (self.effects.len(), self.errors.len());
            let _ = write!(
                text,
                "; {effects} effects and {errors} errors, which cannot be right"
            );
        }
        if points.len() < given {
            let _ = write!(
                text,
                "; {} have no place and are left out",
                given - points.len()
            );
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Funnel);
