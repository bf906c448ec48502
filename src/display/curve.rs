//! Line plots: training histories, ROC and precision-recall curves.

use super::axis::{self, Scale};
use super::canvas::{Canvas, Paint, Rect};
use super::chart::{self, Chart};
use super::figure::Draw;
use super::frame::{Frame, view};
use super::legend::{self, Mark};
use super::numbers::Numbers;
use super::palette::{self, Color};
use plotters::element::{Circle, PathElement, Polygon};
use plotters::series::LineSeries;
use plotters::style::Color as _;
use std::fmt::Write as _;
use std::sync::Arc;

/// Lines through points, one or several, with a legend when they have names.
#[derive(Clone)]
pub struct Curve {
    pub(super) frame: Frame,
    series: Arc<[Series]>,
    log: (bool, bool),
    diagonal: bool,
    ranges: [Option<(f64, f64)>; 2],
    level: Option<f64>,
}

#[derive(Clone)]
struct Series {
    name: String,
    points: Arc<[(f64, f64)]>,
    /// The area that is shaded around it: place, low and high.
    band: Arc<[(f64, f64, f64)]>,
    /// Single values beside it.
    dots: Arc<[(f64, f64)]>,
    /// Points left out because the other axis has none.
    unpaired: usize,
}

/// Draws a line through points.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let loss = display::curve(&[1, 2, 3], &[0.7, 0.4, 0.3]).name("training");
/// let both = loss.add("validation", &[1, 2, 3], &[0.7, 0.5, 0.5]).log_y().y_label("loss");
/// assert!(both.svg().contains("validation"));
/// ```
pub fn curve(xs: &(impl Numbers + ?Sized), ys: &(impl Numbers + ?Sized)) -> Curve {
    let series = [Series::new("", xs.numbers(), ys.numbers())].into();
    Curve {
        frame: Frame::default(),
        series,
        log: (false, false),
        diagonal: false,
        ranges: [None; 2],
        level: None,
    }
}

impl Series {
    fn new(name: &str, xs: Vec<f64>, ys: Vec<f64>) -> Self {
        let unpaired = xs.len().abs_diff(ys.len());
        Self {
            name: name.into(),
            points: xs.into_iter().zip(ys).collect(),
            band: Arc::new([]),
            dots: Arc::new([]),
            unpaired,
        }
    }
}

impl Curve {
    /// Names the line that was added last.
    pub fn name(&self, name: &str) -> Self {
        self.last(|series| series.name = name.into())
    }

    /// Shades the area from `low` to `high` in the colour of the line that was added last, such as an interval.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::display;
    /// let mean = display::curve(&[10, 100], &[0.7, 0.9]).name("mean");
    /// let picture = mean.band(&[10, 100], &[0.6, 0.85], &[0.8, 0.95]).dots(&[10, 10], &[0.65, 0.75]);
    /// assert!(picture.figure().description().contains("shaded"));
    /// ```
    pub fn band(
        &self,
        xs: &(impl Numbers + ?Sized),
        low: &(impl Numbers + ?Sized),
        high: &(impl Numbers + ?Sized),
    ) -> Self {
        let pairs = xs.numbers().into_iter().zip(low.numbers());
        let band = pairs.zip(high.numbers());
        let band = band.map(|((x, low), high)| (x, low, high)).collect();
        self.last(|series| series.band = band)
    }

    /// Marks single values in the colour of the line that was added last.
    pub fn dots(&self, xs: &(impl Numbers + ?Sized), ys: &(impl Numbers + ?Sized)) -> Self {
        let dots = xs.numbers().into_iter().zip(ys.numbers()).collect();
        self.last(|series| series.dots = dots)
    }

    /// Changes the line that was added last.
    fn last(&self, change: impl FnOnce(&mut Series)) -> Self {
        let mut series = self.series.to_vec();
        if let Some(last) = series.last_mut() {
            change(last);
        }
        Self {
            series: series.into(),
            ..self.clone()
        }
    }

    /// Adds a line with a name.
    pub fn add(
        &self,
        name: &str,
        xs: &(impl Numbers + ?Sized),
        ys: &(impl Numbers + ?Sized),
    ) -> Self {
        let new = Series::new(name, xs.numbers(), ys.numbers());
        Self {
            series: self.series.iter().cloned().chain([new]).collect(),
            ..self.clone()
        }
    }

    /// Adds all lines of another curve.
    pub fn with(&self, other: &Self) -> Self {
        Self {
            series: self
                .series
                .iter()
                .chain(other.series.iter())
                .cloned()
                .collect(),
            ..self.clone()
        }
    }

    /// Makes the x axis logarithmic; values that are not positive are left out.
    pub fn log_x(&self) -> Self {
        Self {
            log: (true, self.log.1),
            ..self.clone()
        }
    }

    /// Makes the y axis logarithmic; values that are not positive are left out.
    pub fn log_y(&self) -> Self {
        Self {
            log: (self.log.0, true),
            ..self.clone()
        }
    }

    /// Draws the diagonal, which is chance in a ROC curve.
    pub fn diagonal(&self) -> Self {
        Self {
            diagonal: true,
            ..self.clone()
        }
    }

    /// Draws a dashed horizontal line, such as chance in a precision-recall curve.
    pub fn level(&self, y: f64) -> Self {
        Self {
            level: Some(y),
            ..self.clone()
        }
    }

    /// Sets the ends of the x axis.
    pub fn x_range(&self, low: f64, high: f64) -> Self {
        Self {
            ranges: [Some((low, high)), self.ranges[1]],
            ..self.clone()
        }
    }

    /// Sets the ends of the y axis.
    pub fn y_range(&self, low: f64, high: f64) -> Self {
        Self {
            ranges: [self.ranges[0], Some((low, high))],
            ..self.clone()
        }
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.series.iter().flat_map(|series| {
            let band = series.band.iter();
            let ends = band.flat_map(|&(x, low, high)| [(x, low), (x, high)]);
            let points = series.points.iter().chain(series.dots.iter()).copied();
            points.chain(ends)
        })
    }

    fn drawable(&self, (x, y): (f64, f64)) -> bool {
        x.is_finite() && y.is_finite() && !(self.log.0 && x <= 0.0) && !(self.log.1 && y <= 0.0)
    }

    fn scales(&self) -> (Scale, Scale) {
        let all = || self.points().filter(|point| self.drawable(*point));
        let level = self.level.filter(|level| !self.log.1 || *level > 0.0);
        let spans = [
            axis::span(all().map(|p| p.0)),
            axis::span(all().map(|p| p.1).chain(level)),
        ];
        let scale = |i: usize, log: bool, pad: f64, count: usize| match self.ranges[i] {
            Some(range) if log => Scale::log(Some(range), 0.0),
            Some(range) => Scale::exact(range, count),
            None if log => Scale::log(spans[i], pad),
            None => Scale::linear(spans[i], pad, count),
        };
        let (width, height) = self.extent();
        (
            scale(0, self.log.0, 0.02, (width / 80.0) as usize),
            scale(1, self.log.1, 0.04, (height / 50.0) as usize),
        )
    }

    fn entries(&self) -> Vec<(String, Color)> {
        let named = self
            .series
            .iter()
            .enumerate()
            .filter(|(_, series)| !series.name.is_empty());
        named
            .map(|(i, series)| (series.name.clone(), Color::category(i)))
            .collect()
    }
}

impl Draw for Curve {
    fn extent(&self) -> (f64, f64) {
        self.frame
            .size_or(if self.diagonal { 420.0 } else { 480.0 }, 320.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let (x, y) = self.scales();
        let entries = self.entries();
        let chart = Chart::new(&self.frame, (&x, &y)).right(legend::width(&entries));
        if !self.points().any(|point| self.drawable(point)) {
            chart.empty(canvas, area);
            return;
        }
        let inside = |(a, b): (f64, f64)| (a.clamp(x.low, x.high), b.clamp(y.low, y.high));
        let plane = chart.draw(canvas, area, |marks| {
            for (i, series) in self.series.iter().enumerate() {
                let shade = chart::rgb(Color::category(i)).mix(0.18).filled();
                let at = |a: f64, b: f64| inside((x.place(a), y.place(b)));
                let drawable = |&(x, low, high): &(f64, f64, f64)| {
                    self.drawable((x, low)) && self.drawable((x, high))
                };
                for run in series.band.split(|end| !drawable(end)) {
                    let up = run.iter().map(|&(x, low, _)| at(x, low));
                    let back = run.iter().rev().map(|&(x, _, high)| at(x, high));
                    let area = Polygon::new(up.chain(back).collect::<Vec<_>>(), shade);
                    if run.len() > 1 {
                        let _ = marks.draw_series([area]);
                    }
                }
            }
            for (i, series) in self.series.iter().enumerate() {
                let color = Color::category(i);
                // A value that is missing breaks the line.
                for run in series.points.split(|point| !self.drawable(*point)) {
                    let places = run.iter().map(|(a, b)| inside((x.place(*a), y.place(*b))));
                    if run.len() == 1 {
                        let dots = places.map(|place| {
                            Circle::new(
                                place,
                                super::backend::fine(2.5),
                                chart::rgb(color).filled(),
                            )
                        });
                        let _ = marks.draw_series(dots);
                    } else if !run.is_empty() {
                        let _ =
                            marks.draw_series(LineSeries::new(places, chart::stroke(color, 1.8)));
                    }
                }
                let dots = series.dots.iter().filter(|dot| self.drawable(**dot));
                let _ = marks.draw_series(dots.map(|(a, b)| {
                    let place = inside((x.place(*a), y.place(*b)));
                    Circle::new(place, super::backend::fine(2.5), chart::rgb(color).filled())
                }));
            }
            let _ = marks.draw_series(None::<PathElement<(f64, f64)>>);
        });
        if self.diagonal {
            let (low, high) = (x.low.max(y.low), x.high.min(y.high));
            chart::dashes(canvas, &plane, [(low, low), (high, high)]);
        }
        if let Some(level) = self.level {
            let (y, rect) = (plane.y(level), plane.rect);
            canvas.line(
                (rect.x, y),
                (rect.right(), y),
                Paint::stroke(palette::FAINT, 1.0).dashed(),
            );
        }
        legend::draw(canvas, plane.rect, (Mark::Line, &entries));
    }

    fn describe(&self) -> String {
        let label = |label: &Option<String>, or: &str| label.clone().unwrap_or_else(|| or.into());
        let (x, y) = (
            label(&self.frame.x_label, "x"),
            label(&self.frame.y_label, "y"),
        );
        let mut text = format!("Line plot of {y} over {x}");
        for series in self.series.iter() {
            let ends = |pick: fn(&(f64, f64)) -> f64| axis::span(series.points.iter().map(pick));
            if !series.name.is_empty() {
                let _ = write!(text, "; {}", series.name);
            }
            let _ = write!(text, "; {} points", series.points.len());
            if let (Some((left, right)), Some((low, high))) = (ends(|p| p.0), ends(|p| p.1)) {
                let _ = write!(
                    text,
                    ", x {} to {}, y {} to {}",
                    axis::plain(left),
                    axis::plain(right),
                    axis::plain(low),
                    axis::plain(high)
                );
            } else {
                text += ", no data";
            }
            if let (Some((low, _)), Some((_, high))) = (
                axis::span(series.band.iter().map(|end| end.1)),
                axis::span(series.band.iter().map(|end| end.2)),
            ) {
                let (low, high) = (axis::plain(low), axis::plain(high));
                let _ = write!(text, ", shaded from {low} to {high}");
            }
            if !series.dots.is_empty() {
                let _ = write!(text, ", {} dots", series.dots.len());
            }
            let gaps = series
                .points
                .iter()
                .filter(|point| !self.drawable(**point))
                .count();
            if gaps > 0 {
                let _ = write!(text, ", {gaps} cannot be drawn and are gaps");
            }
            if series.unpaired > 0 {
                let _ = write!(
                    text,
                    ", {} values have no partner and are left out",
                    series.unpaired
                );
            }
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Curve);
