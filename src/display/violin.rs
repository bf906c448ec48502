//! How values are distributed in groups: violins or boxes.

use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::categories::Palette;
use super::chart::{Chart, MARGIN, MEDIUM, Plane, SMALL};
use super::figure::{Draw, Figure};
use super::font;
use super::frame::{Frame, view};
use super::groups::Groups;
use super::numbers::{Labels, Matrix, Numbers};
use super::palette::{Color, INK, WHITE};
use super::violin_shape;
use crate::distribution::order::{rising, sorted_quantile};
use std::fmt::Write as _;
use std::sync::Arc;

/// More points than this are left out beside a violin, where they would only be a black bar.
const MANY: usize = 2000;

/// Room for names that are turned at most, and for the label of an axis.
const NAMES: f64 = 130.0;
const LABEL: f64 = 18.0;

/// Violins (or boxes) of values, one for each group.
#[derive(Clone)]
pub struct Violin {
    pub(super) frame: Frame,
    values: Arc<[f64]>,
    groups: Arc<Groups>,
    palette: Palette,
    boxes: bool,
    points: bool,
}

/// Draws the distribution of values in each group as a violin, with the points where there are no more than 2000.
///
/// The look is that of `scanpy.pl.violin` 1.11: equal widths, cut off at the lowest and highest value.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let violins = display::violin(&[0.0, 1.0, 2.5, 2.0], &["B", "B", "T", "T"]).y_label("CD3D");
/// assert!(violins.description().contains("T 2 values, median 2.25"));
/// ```
pub fn violin(values: &(impl Numbers + ?Sized), labels: &(impl Labels + ?Sized)) -> Violin {
    Violin {
        frame: Frame::default(),
        values: values.numbers().into(),
        groups: Arc::new(Groups::new(&labels.labels())),
        palette: Palette::Scanpy,
        boxes: false,
        points: true,
    }
}

/// Draws every sample's values before and after normalisation as boxes, side by side; both matrices of shape `(samples, genes)`.
///
/// Boxes show the logarithm to base 10 of one plus the value: boxes of equal height mean that samples can be compared.
///
/// # Examples
///
/// ```
/// use genolens::{display, ndarray::array};
/// let (counts, cpm) = (array![[10.0, 0.0], [400.0, 600.0]], array![[1e6, 0.0], [4e5, 6e5]]);
/// let both = display::before_and_after(&counts, &cpm, &["shallow", "deep"]);
/// assert!(both.description().contains("After normalisation"));
/// ```
pub fn before_and_after(
    before: &impl Matrix,
    after: &impl Matrix,
    samples: &(impl Labels + ?Sized),
) -> Figure {
    let names = samples.labels();
    let panel = |values: ndarray::Array2<f64>, title: &str| {
        let (rows, genes) = values.dim();
        let name = |row: usize| {
            names
                .get(row)
                .cloned()
                .unwrap_or_else(|| format!("sample {row}"))
        };
        let labels: Vec<String> = (0..rows).flat_map(|row| vec![name(row); genes]).collect();
        let logs: Vec<f64> = values
            .iter()
            .map(|v| v.ln_1p() / std::f64::consts::LN_10)
            .collect();
        let order: Vec<String> = (0..rows).map(name).collect();
        violin(&logs, &labels)
            .order(&order)
            .boxes()
            .title(title)
            .y_label("log10(1 + value)")
    };
    let before = panel(before.matrix(), "Before normalisation");
    before.beside(&panel(after.matrix(), "After normalisation"))
}

impl Violin {
    /// Puts groups into an order; those that are not named come after the others.
    pub fn order(&self, names: &(impl Labels + ?Sized)) -> Self {
        Self {
            groups: Arc::new(self.groups.ordered(&names.labels())),
            ..self.clone()
        }
    }

    /// Draws boxes from the first to the third quartile with a line at the median, and whiskers to the farthest value within 1.5 times that.
    pub fn boxes(&self) -> Self {
        Self {
            boxes: true,
            ..self.clone()
        }
    }

    /// Leaves the points out.
    pub fn without_points(&self) -> Self {
        Self {
            points: false,
            ..self.clone()
        }
    }

    /// Sets the colours of the groups.
    pub fn palette(&self, palette: Palette) -> Self {
        Self {
            palette,
            ..self.clone()
        }
    }

    /// Turns names that are too wide for their place.
    fn turned(&self, slot: f64) -> bool {
        let names = self.groups.names.iter();
        names
            .map(|name| font::width(name, SMALL))
            .fold(0.0, f64::max)
            > slot - 6.0
    }

    fn foot(&self) -> f64 {
        let names = self.groups.names.iter();
        let widest = names
            .map(|name| font::width(name, SMALL))
            .fold(0.0, f64::max);
        widest.min(NAMES)
    }

    fn one(&self, canvas: &mut Canvas, plane: &Plane<'_>, group: usize) {
        let values = self.groups.of(group, &self.values);
        let fill = self.palette.colors(self.groups.len())[group];
        let middle = plane.x(group as f64);
        let half = 0.4 * (plane.x(1.0) - plane.x(0.0));
        if self.boxes {
            return draw_box(canvas, plane, (values, middle, half, fill));
        }
        let shape = violin_shape::outline(&values);
        let edge = |side: f64| {
            let part = move |(at, share): &(f64, f64)| (middle + side * half * share, plane.y(*at));
            shape.iter().map(part).collect::<Vec<_>>()
        };
        let mut outline = edge(1.0);
        outline.extend(edge(-1.0).into_iter().rev());
        canvas.path(&outline, Paint::fill(fill));
        canvas.path(&outline, Paint::stroke(INK, 0.8));
        if self.points && self.values.len() <= MANY {
            for (i, value) in values.iter().enumerate() {
                // Spread by the golden ratio: evenly, and the same every time.
                let jitter = ((i as f64 + 1.0) * 0.618_033_988_749_895).fract() - 0.5;
                let place = (middle + 0.9 * half * jitter, plane.y(*value));
                canvas.circle(place, 0.9, Paint::fill(INK));
            }
        }
    }
}

fn draw_box(
    canvas: &mut Canvas,
    plane: &Plane<'_>,
    (values, middle, half, fill): (Vec<f64>, f64, f64, Color),
) {
    if values.is_empty() {
        return;
    }
    let values = rising(values);
    let [low, median, high] = [0.25, 0.5, 0.75].map(|share| sorted_quantile(&values, share));
    let reach = 1.5 * (high - low);
    let within = || {
        values
            .iter()
            .copied()
            .filter(|v| *v >= low - reach && *v <= high + reach)
    };
    let (bottom, top) = (within().fold(low, f64::min), within().fold(high, f64::max));
    let ink = Paint::stroke(INK, 1.0);
    let half = half.min(22.0);
    canvas.line((middle, plane.y(top)), (middle, plane.y(bottom)), ink);
    for end in [top, bottom] {
        let y = plane.y(end);
        canvas.line((middle - half * 0.4, y), (middle + half * 0.4, y), ink);
    }
    let size = (2.0 * half, (plane.y(low) - plane.y(high)).max(0.5));
    let area = Rect::new((middle - half, plane.y(high)), size);
    canvas.rect(area, Paint::fill(fill));
    canvas.rect(area, ink);
    let y = plane.y(median);
    canvas.line(
        (middle - half, y),
        (middle + half, y),
        Paint::stroke(WHITE, 3.0),
    );
    canvas.line(
        (middle - half, y),
        (middle + half, y),
        Paint::stroke(INK, 1.6),
    );
}

impl Draw for Violin {
    fn extent(&self) -> (f64, f64) {
        let wide = 80.0 + 52.0 * self.groups.len() as f64;
        let wide = wide.clamp(220.0, 800.0);
        let slot = (wide - 80.0) / self.groups.len().max(1) as f64;
        let foot = if self.turned(slot) { self.foot() } else { 0.0 };
        self.frame.size_or(wide, 290.0 + foot)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let count = self.groups.len();
        let slot = (area.width - 80.0) / count.max(1) as f64;
        let turned = self.turned(slot);
        let ticks = if turned {
            Vec::new()
        } else {
            self.groups.names.iter().cloned().enumerate().collect()
        };
        let x = Scale::slots(count, ticks);
        let shown = (0..count).flat_map(|group| self.groups.of(group, &self.values));
        let y = Scale::linear(axis::span(shown), 0.05, 5);
        let mut frame = self.frame.clone();
        let whole = area;
        let mut area = area;
        if turned {
            let label = frame.x_label.take().map_or(0.0, |_| LABEL);
            area.height = (area.height - self.foot() - label).max(40.0);
        }
        let chart = Chart::new(&frame, (&x, &y)).grid(false, true);
        if !self.values.iter().any(|v| v.is_finite()) || count == 0 {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |_| {});
        for group in 0..count {
            self.one(canvas, &plane, group);
        }
        if turned {
            for (group, name) in self.groups.names.iter().enumerate() {
                let place = (plane.x(group as f64), plane.rect.bottom() + 7.0);
                let style = Text::new(SMALL).anchor(Anchor::End).turn(-90);
                canvas.text(place, &font::fit(name, SMALL, NAMES), style);
            }
            if let Some(label) = &self.frame.x_label {
                let middle = plane.rect.x + plane.rect.width / 2.0;
                let place = (middle, whole.bottom() - MARGIN - 3.0);
                canvas.text(place, label, Text::new(MEDIUM).anchor(Anchor::Middle));
            }
        }
    }

    fn describe(&self) -> String {
        let kind = if self.boxes {
            "Box plot"
        } else {
            "Violin plot"
        };
        let mut text = format!(
            "{kind} of {} values in {} groups",
            self.values.len(),
            self.groups.len()
        );
        for (group, name) in self.groups.names.iter().enumerate().take(12) {
            let values = rising(self.groups.of(group, &self.values));
            let median = axis::plain(sorted_quantile(&values, 0.5));
            let _ = match values.len() {
                0 => write!(text, "; {name} without values"),
                count => write!(text, "; {name} {count} values, median {median}"),
            };
        }
        if let Some(what) = self.groups.complaint(self.values.len()) {
            let _ = write!(text, "; {what}");
        }
        let lost = self.values.iter().filter(|v| !v.is_finite()).count();
        if lost > 0 {
            let _ = write!(text, "; {lost} values are not finite and left out");
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Violin);
