//! Two axes with ticks, grid and labels, drawn by plotters.

use super::axis::Scale;
use super::backend::{Backend, FINE, fine};
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::font;
use super::frame::Frame;
use super::palette::{self, Color};
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::drawing::IntoDrawingArea;
use plotters::style::{Color as _, IntoFont, RGBColor, ShapeStyle};
use std::ops::Range;

/// Size of tick labels.
pub(crate) const SMALL: f64 = 10.5;
/// Size of axis labels.
pub(crate) const MEDIUM: f64 = 11.5;
/// Size of titles.
pub(crate) const LARGE: f64 = 13.5;
/// Length of a tick.
const TICK: f64 = 3.5;
/// Height of a title.
pub(crate) const TITLE: f64 = 24.0;
/// Room around everything.
pub(crate) const MARGIN: f64 = 8.0;

/// A scale as plotters knows it.
pub(crate) struct Line {
    range: Range<f64>,
    ticks: Vec<f64>,
}

impl Ranged for Line {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        // Far outside the plot whole numbers would overflow.
        let share =
            ((value - self.range.start) / (self.range.end - self.range.start)).clamp(-1.0, 2.0);
        from + (f64::from(to - from) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// What marks are drawn on; coordinates are places on the scales.
pub(crate) type Marks<'c, 'b> = ChartContext<'c, Backend<'b>, Cartesian2d<Line, Line>>;

/// A chart before it is drawn.
pub(crate) struct Chart<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) scales: (&'a Scale, &'a Scale),
    /// Grid lines across x and y ticks.
    pub(crate) grid: (bool, bool),
    /// Room at the right for a legend or a colour bar.
    pub(crate) right: f64,
    /// Least room left and right of the plot.
    pub(crate) least: (f64, f64),
}

/// Where a chart was drawn.
pub(crate) struct Plane<'a> {
    pub(crate) rect: Rect,
    scales: (&'a Scale, &'a Scale),
}

impl<'a> Plane<'a> {
    pub(crate) fn scales(&self) -> (&'a Scale, &'a Scale) {
        self.scales
    }

    pub(crate) fn x(&self, value: f64) -> f64 {
        self.rect.x + self.rect.width * self.scales.0.share(value)
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        self.rect.bottom() - self.rect.height * self.scales.1.share(value)
    }
}

impl<'a> Chart<'a> {
    pub(crate) const fn new(frame: &'a Frame, scales: (&'a Scale, &'a Scale)) -> Self {
        Self {
            frame,
            scales,
            grid: (true, true),
            right: 0.0,
            least: (0.0, 0.0),
        }
    }

    pub(crate) const fn grid(self, x: bool, y: bool) -> Self {
        Self {
            grid: (x, y),
            ..self
        }
    }

    pub(crate) const fn right(self, right: f64) -> Self {
        Self { right, ..self }
    }

    pub(crate) const fn least(self, least: (f64, f64)) -> Self {
        Self { least, ..self }
    }

    /// Draws the axes, then the marks over the grid.
    pub(crate) fn draw(
        &self,
        canvas: &mut Canvas,
        area: Rect,
        marks: impl FnOnce(&mut Marks<'_, '_>),
    ) -> Plane<'a> {
        let rect = self.plot(area);
        self.axes(&mut *canvas, (area, rect), marks);
        self.words(canvas, area, rect);
        Plane {
            rect,
            scales: self.scales,
        }
    }

    fn axes(
        &self,
        canvas: &mut Canvas,
        (area, rect): (Rect, Rect),
        marks: impl FnOnce(&mut Marks<'_, '_>),
    ) {
        let (x, y) = self.scales;
        let size = (fine(area.right()), fine(area.bottom()));
        let root = Backend { canvas, size }.into_drawing_area();
        let (left, bottom) = (rect.x - area.x, area.bottom() - rect.bottom());
        let root = root.shrink(
            (fine(area.x), fine(rect.y)),
            (fine(rect.right() - area.x), fine(area.bottom() - rect.y)),
        );
        let mut builder = ChartBuilder::on(&root);
        let chart = builder
            .set_label_area_size(plotters::chart::LabelAreaPosition::Left, fine(left))
            .set_label_area_size(plotters::chart::LabelAreaPosition::Bottom, fine(bottom))
            .build_cartesian_2d(line(x), line(y));
        if let Ok(mut chart) = chart {
            let tick = fine(TICK) as i32;
            let label = |value: &f64, scale: &Scale| {
                let found = scale.ticks.iter().find(|(place, _)| place == value);
                found.map(|(_, text)| text.clone()).unwrap_or_default()
            };
            let (x_label, y_label) = (|v: &f64| label(v, x), |v: &f64| label(v, y));
            let mut mesh = chart.configure_mesh();
            mesh.axis_style(stroke(palette::INK, 0.9))
                .bold_line_style(stroke(palette::GRID, 0.8))
                .light_line_style(plotters::style::TRANSPARENT)
                .label_style(
                    (font::FAMILY, SMALL * FINE)
                        .into_font()
                        .color(&rgb(palette::INK)),
                )
                .x_label_formatter(&x_label)
                .y_label_formatter(&y_label)
                .set_all_tick_mark_size(tick);
            if !self.grid.0 {
                mesh.disable_x_mesh();
            }
            if !self.grid.1 {
                mesh.disable_y_mesh();
            }
            let _ = mesh.draw();
            marks(&mut chart);
        }
    }

    /// Says in the middle that there is nothing to see.
    pub(crate) fn empty(&self, canvas: &mut Canvas, area: Rect) {
        let plane = self.draw(canvas, area, |_| {});
        no_data(canvas, plane.rect);
    }

    /// Returns the rectangle inside the axes.
    pub(crate) fn plot(&self, area: Rect) -> Rect {
        let (x, y) = self.scales;
        let widest = y
            .ticks
            .iter()
            .map(|(_, text)| font::width(text, SMALL))
            .fold(0.0, f64::max);
        let left = MARGIN + self.frame.y_label.as_ref().map_or(0.0, |_| 18.0) + widest + 2.0 * TICK;
        let left = left.max(self.least.0);
        let last = x.ticks.last().map_or(0.0, |(place, text)| {
            let beyond = (x.high - place) / (x.high - x.low);
            font::width(text, SMALL) / 2.0 - beyond * (area.width - left - self.right)
        });
        let right = (MARGIN + self.right)
            .max(last + 3.0 + self.right)
            .max(self.least.1);
        let top = if self.frame.title.is_some() {
            TITLE + 4.0
        } else {
            MARGIN
        };
        let bottom =
            MARGIN + 2.0 * TICK + SMALL + self.frame.x_label.as_ref().map_or(0.0, |_| 18.0);
        let size = (
            (area.width - left - right).max(10.0),
            (area.height - top - bottom).max(10.0),
        );
        Rect::new((area.x + left, area.y + top), size)
    }

    fn words(&self, canvas: &mut Canvas, area: Rect, rect: Rect) {
        title(canvas, self.frame, (rect.x, area));
        if let Some(label) = &self.frame.x_label {
            let point = (rect.x + rect.width / 2.0, area.bottom() - MARGIN - 3.0);
            canvas.text(point, label, Text::new(MEDIUM).anchor(Anchor::Middle));
        }
        if let Some(label) = &self.frame.y_label {
            let label = font::fit(label, MEDIUM, rect.height + 20.0);
            let point = (area.x + MARGIN + 3.0, rect.y + rect.height / 2.0);
            canvas.text(
                point,
                &label,
                Text::new(MEDIUM).anchor(Anchor::Middle).turn(-90),
            );
        }
    }
}

/// Says in the middle of a rectangle that there is nothing to see.
pub(crate) fn no_data(canvas: &mut Canvas, rect: Rect) {
    let middle = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
    let text = Text::new(LARGE)
        .anchor(Anchor::Middle)
        .color(palette::FAINT);
    canvas.text(middle, "no data", text);
}

/// Writes the title of a frame above what begins at `left`.
pub(crate) fn title(canvas: &mut Canvas, frame: &Frame, (left, area): (f64, Rect)) {
    if let Some(title) = &frame.title {
        let (wide, room) = (font::width(title, LARGE), area.right() - 4.0 - left);
        let left = if wide > room {
            (area.right() - 4.0 - wide).max(area.x + 4.0)
        } else {
            left
        };
        let title = font::fit(title, LARGE, area.right() - 4.0 - left);
        canvas.text((left, area.y + TITLE / 2.0 + 1.0), &title, Text::new(LARGE));
    }
}

fn line(scale: &Scale) -> Line {
    let ticks = scale.ticks.iter().map(|(place, _)| *place).collect();
    Line {
        range: scale.low..scale.high,
        ticks,
    }
}

/// Converts a colour for plotters.
pub(crate) const fn rgb(color: Color) -> RGBColor {
    RGBColor(color.0, color.1, color.2)
}

/// Makes a line style; the width is in pixels.
pub(crate) fn stroke(color: Color, width: f64) -> ShapeStyle {
    rgb(color).stroke_width(fine(width))
}

/// Draws a dashed straight line between two values of a plane.
pub(crate) fn dashes(canvas: &mut Canvas, plane: &Plane<'_>, ends: [(f64, f64); 2]) {
    let [from, to] = ends.map(|(x, y)| (plane.x(x), plane.y(y)));
    canvas.line(from, to, Paint::stroke(palette::FAINT, 1.0).dashed());
}
