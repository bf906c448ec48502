//! How often values fall into ranges.

use super::axis::{self, Scale};
use super::canvas::{Canvas, Rect};
use super::chart::Chart;
use super::figure::Draw;
use super::frame::{Frame, view};
use super::legend::{self, Mark};
use super::numbers::Numbers;
use super::palette::Color;
use plotters::element::Rectangle;
use plotters::style::Color as _;
use std::fmt::Write as _;
use std::sync::Arc;

/// Counts of values in ranges of equal width, for one group or several.
#[derive(Clone)]
pub struct Histogram {
    pub(super) frame: Frame,
    groups: Arc<[(String, Arc<[f64]>)]>,
    bins: Option<usize>,
}

/// Draws how often values fall into ranges of equal width.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let scores = display::histogram(&[0.1, 0.2, 0.2, 0.9]).name("bound").add("shuffled", &[0.0, 0.1]);
/// assert!(scores.svg().contains("shuffled"));
/// ```
pub fn histogram(values: &(impl Numbers + ?Sized)) -> Histogram {
    let groups = [(String::new(), values.numbers().into())].into();
    Histogram {
        frame: Frame::default(),
        groups,
        bins: None,
    }
}

impl Histogram {
    /// Names the group that was added last.
    pub fn name(&self, name: &str) -> Self {
        let mut groups = self.groups.to_vec();
        if let Some(last) = groups.last_mut() {
            last.0 = name.into();
        }
        Self {
            groups: groups.into(),
            ..self.clone()
        }
    }

    /// Adds a group with a name.
    pub fn add(&self, name: &str, values: &(impl Numbers + ?Sized)) -> Self {
        let new = (name.to_string(), values.numbers().into());
        Self {
            groups: self.groups.iter().cloned().chain([new]).collect(),
            ..self.clone()
        }
    }

    /// Sets the number of ranges; otherwise it grows with the square root of the number of values.
    pub fn bins(&self, bins: usize) -> Self {
        Self {
            bins: Some(bins.clamp(1, 1000)),
            ..self.clone()
        }
    }

    /// Returns where the ranges begin and end, and the counts of every group.
    fn counts(&self) -> ((f64, f64), Vec<Vec<usize>>) {
        let finite = || {
            self.groups
                .iter()
                .flat_map(|g| g.1.iter().copied())
                .filter(|v| v.is_finite())
        };
        let scale = Scale::exact(axis::span(finite()).unwrap_or((0.0, 1.0)), 2);
        let largest = self.groups.iter().map(|g| g.1.len()).max().unwrap_or(1);
        let bins = self
            .bins
            .unwrap_or(((largest as f64).sqrt() as usize).clamp(6, 50));
        let count = |values: &Arc<[f64]>| {
            let mut counts = vec![0; bins];
            for value in values.iter().filter(|v| v.is_finite()) {
                let bin = (scale.share(*value) * bins as f64) as usize;
                counts[bin.min(bins - 1)] += 1;
            }
            counts
        };
        (
            (scale.low, scale.high),
            self.groups.iter().map(|g| count(&g.1)).collect(),
        )
    }
}

impl Draw for Histogram {
    fn extent(&self) -> (f64, f64) {
        self.frame.size_or(460.0, 300.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let ((low, high), counts) = self.counts();
        let most = counts.iter().flatten().copied().max().unwrap_or(0);
        let x = Scale::linear(Some((low, high)), 0.02, 6);
        let y = Scale::exact((0.0, (most.max(1) as f64) * 1.05), 5);
        let frame = self.frame.labelled("", "count");
        let named = self
            .groups
            .iter()
            .enumerate()
            .filter(|(_, g)| !g.0.is_empty());
        let entries: Vec<_> = named
            .map(|(i, g)| (g.0.clone(), Color::category(i)))
            .collect();
        let chart = Chart::new(&frame, (&x, &y))
            .grid(false, true)
            .right(legend::width(&entries));
        if most == 0 {
            chart.empty(canvas, area);
            return;
        }
        let several = counts.len() > 1;
        let plane = chart.draw(canvas, area, |marks| {
            for (group, counts) in counts.iter().enumerate() {
                let wide = (high - low) / counts.len() as f64;
                let color =
                    super::chart::rgb(Color::category(group)).mix(if several { 0.55 } else { 1.0 });
                let full = counts.iter().enumerate().filter(|(_, count)| **count > 0);
                let boxes = full.map(|(i, count)| {
                    let left = low + wide * (i as f64 + 0.03);
                    Rectangle::new(
                        [(left, 0.0), (left + wide * 0.94, *count as f64)],
                        color.filled(),
                    )
                });
                let _ = marks.draw_series(boxes);
            }
        });
        legend::draw(canvas, plane.rect, (Mark::Box, &entries));
    }

    fn describe(&self) -> String {
        let mut text = String::from("Histogram");
        for (name, values) in self.groups.iter() {
            let _ = write!(
                text,
                "; {name}{}{} values",
                if name.is_empty() { "" } else { " " },
                values.len()
            );
            if let Some((low, high)) = axis::span(values.iter().copied()) {
                let _ = write!(text, " from {} to {}", axis::plain(low), axis::plain(high));
            }
            let lost = values.iter().filter(|v| !v.is_finite()).count();
            if lost > 0 {
                let _ = write!(text, ", {lost} of them not finite and left out");
            }
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Histogram);
