//! Intervals over the numbers that they should hold.

use super::axis::{self, Scale};
use super::canvas::{Canvas, Paint, Rect};
use super::chart::Chart;
use super::figure::Draw;
use super::frame::{Frame, view};
use super::legend::{self, Mark};
use super::numbers::Numbers;
use super::palette::{self, Color};
use std::fmt::Write as _;
use std::sync::Arc;

/// Intervals that are drawn at most.
const MOST: usize = 60;

/// An interval and a true number for each of some examples.
#[derive(Clone)]
pub struct IntervalPlot {
    pub(super) frame: Frame,
    /// Low, high and truth.
    rows: Arc<[[f64; 3]]>,
    places: Option<Arc<[f64]>>,
    given: [usize; 3],
}

/// Draws intervals and the numbers that they should hold, by the middle of the interval; of more than 60, 60 from the lowest to the highest.
///
/// Shares that are told are those of all examples.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let plot = display::interval_plot(&[0.0, 1.0, 2.0], &[2.0, 3.0, 4.0], &[1.0, 1.5, 5.0]);
/// assert!(plot.description().contains("2 of 3 hold the truth"));
/// ```
pub fn interval_plot(
    low: &(impl Numbers + ?Sized),
    high: &(impl Numbers + ?Sized),
    truth: &(impl Numbers + ?Sized),
) -> IntervalPlot {
    let (low, high, truth) = (low.numbers(), high.numbers(), truth.numbers());
    let rows = low.iter().zip(&high).zip(&truth);
    IntervalPlot {
        frame: Frame::default(),
        rows: rows
            .map(|((low, high), truth)| [*low, *high, *truth])
            .collect(),
        places: None,
        given: [low.len(), high.len(), truth.len()],
    }
}

impl IntervalPlot {
    /// Puts the examples at these places, such as a number that they were predicted from.
    pub fn at(&self, x: &(impl Numbers + ?Sized)) -> Self {
        Self {
            places: Some(x.numbers().into()),
            ..self.clone()
        }
    }

    /// Returns the places and rows that can be drawn, from left to right.
    fn drawable(&self) -> Vec<(f64, [f64; 3])> {
        let place = |at: usize, [low, high, truth]: [f64; 3]| match &self.places {
            Some(places) => places.get(at).copied().unwrap_or(f64::NAN),
            None if low.is_finite() && high.is_finite() => f64::midpoint(low, high),
            None => truth,
        };
        let rows = self.rows.iter().enumerate();
        let rows = rows.map(|(at, row)| (place(at, *row), *row));
        let has_place = |(place, [low, high, truth]): &(f64, [f64; 3])| {
            place.is_finite() && truth.is_finite() && !low.is_nan() && !high.is_nan()
        };
        let mut rows: Vec<_> = rows.filter(has_place).collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows
    }

    fn entries(rows: &[(f64, [f64; 3])]) -> Vec<(String, Color)> {
        let inside = rows.iter().filter(|(_, row)| holds(*row)).count();
        let percent = |count: usize| 100.0 * count as f64 / rows.len().max(1) as f64;
        vec![
            (
                format!("hold the truth, {:.1} %", percent(inside)),
                Color::category(0),
            ),
            (
                format!("miss it, {:.1} %", percent(rows.len() - inside)),
                Color::category(3),
            ),
        ]
    }
}

impl Draw for IntervalPlot {
    fn extent(&self) -> (f64, f64) {
        self.frame.size_or(640.0, 300.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let rows = self.drawable();
        let entries = Self::entries(&rows);
        let right = legend::width(&entries);
        let step = (rows.len() as f64 / MOST as f64).max(1.0);
        let chosen = (0..rows.len().min(MOST)).map(|at| rows[(step * (at as f64 + 0.5)) as usize]);
        let chosen: Vec<_> = chosen.collect();
        let numbers = chosen.iter().flat_map(|(_, row)| row.iter().copied());
        let y = Scale::linear(axis::span(numbers), 0.05, 5);
        let x = match &self.places {
            Some(_) => Scale::linear(axis::span(chosen.iter().map(|row| row.0)), 0.04, 6),
            None => Scale::slots(chosen.len(), Vec::new()),
        };
        let words = match self.places {
            Some(_) => "",
            None => "examples, by the middle of their intervals",
        };
        let frame = self.frame.labelled(words, "");
        let chart = Chart::new(&frame, (&x, &y)).right(right);
        if chosen.is_empty() {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |_| {});
        for (at, (place, row)) in chosen.iter().enumerate() {
            let middle = match self.places {
                Some(_) => plane.x(*place),
                None => plane.x(at as f64),
            };
            let color = Color::category(if holds(*row) { 0 } else { 3 });
            let [low, high] = [row[0], row[1]].map(|end| plane.y(end.clamp(y.low, y.high)));
            canvas.line(
                (middle, low),
                (middle, high),
                Paint::stroke(color, 2.4).opacity(0.75),
            );
            for (end, cap) in [(row[0], low), (row[1], high)] {
                if end.is_finite() {
                    let ends = ((middle - 2.5, cap), (middle + 2.5, cap));
                    canvas.line(ends.0, ends.1, Paint::stroke(color, 1.2));
                }
            }
            canvas.circle((middle, plane.y(row[2])), 2.4, Paint::fill(palette::INK));
        }
        legend::draw(canvas, plane.rect, (Mark::Line, &entries));
    }

    fn describe(&self) -> String {
        let rows = self.drawable();
        let inside = rows.iter().filter(|(_, row)| holds(*row)).count();
        let mut text = format!(
            "Intervals of which {inside} of {} hold the truth",
            rows.len()
        );
        if rows.len() > MOST {
            let _ = write!(text, "; {MOST} are drawn");
        }
        let [low, high, truth] = self.given;
        if low != high || low != truth {
            let _ = write!(
                text,
                "; {low} lower ends, {high} upper ends and {truth} numbers, which cannot be right"
            );
        }
        if rows.len() < self.rows.len() {
            let lost = self.rows.len() - rows.len();
            let _ = write!(text, "; {lost} have no place and are left out");
        }
        self.frame.describe(&(text + "."))
    }
}

view!(IntervalPlot);

fn holds([low, high, truth]: [f64; 3]) -> bool {
    (low..=high).contains(&truth)
}
