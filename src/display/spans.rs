//! Labelled stretches of positions, over or under a logo.

use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::SMALL;
use super::font;
use super::palette::Color;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// Height of one row of bars under the letters.
const ROW: f64 = 17.0;

/// Positions with a label.
#[derive(Clone, Debug)]
struct Span {
    range: Range<usize>,
    label: String,
}

/// Labelled stretches in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans(Arc<[Span]>);

impl Spans {
    pub(crate) fn with(&self, range: Range<usize>, label: &str) -> Self {
        let span = Span {
            range: range.start..range.end.max(range.start),
            label: label.into(),
        };
        Self(self.0.iter().cloned().chain([span]).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether there is something to write.
    pub(crate) fn is_labelled(&self) -> bool {
        self.0.iter().any(|span| !span.label.is_empty())
    }

    /// Assigns every stretch to the first row in which it fits.
    fn rows(&self) -> Vec<usize> {
        let mut ends: Vec<usize> = Vec::new();
        let mut order: Vec<usize> = (0..self.0.len()).collect();
        order.sort_by_key(|i| self.0[*i].range.start);
        let mut rows = vec![0; self.0.len()];
        for i in order {
            let span = &self.0[i].range;
            let row = ends
                .iter()
                .position(|end| *end <= span.start)
                .unwrap_or(ends.len());
            if row == ends.len() {
                ends.push(0);
            }
            ends[row] = span.end;
            rows[i] = row;
        }
        rows
    }

    /// Returns the height of all rows of bars.
    pub(crate) fn height(&self) -> f64 {
        ROW * self.rows().iter().max().map_or(0, |row| row + 1) as f64
    }

    /// Shades the stretches of a plot with so many positions.
    pub(crate) fn shade(&self, canvas: &mut Canvas, plot: Rect, positions: usize) {
        let slot = plot.width / positions.max(1) as f64;
        for span in self.0.iter() {
            let left = plot.x + slot * span.range.start as f64;
            let rect = Rect::new(
                (left, plot.y),
                (slot * span.range.len() as f64, plot.height),
            );
            canvas.rect(rect, Paint::fill(Color(0xff, 0xe8, 0x9e)).opacity(0.75));
        }
    }

    /// Writes the labels over a plot.
    pub(crate) fn write(&self, canvas: &mut Canvas, plot: Rect, positions: usize) {
        for span in self.0.iter().filter(|span| !span.label.is_empty()) {
            let point = (span.middle(plot, positions), plot.y - 7.0);
            canvas.text(point, &span.label, Text::new(SMALL).anchor(Anchor::Middle));
        }
    }

    /// Draws bars with labels under a plot, the first row at `top`.
    pub(crate) fn bars(&self, canvas: &mut Canvas, (plot, top): (Rect, f64), positions: usize) {
        let slot = plot.width / positions.max(1) as f64;
        for (span, row) in self.0.iter().zip(self.rows()) {
            let left = plot.x + slot * span.range.start as f64;
            let width = slot * span.range.len() as f64;
            let y = top + ROW * row as f64;
            let bar = Rect::new((left + 0.5, y), ((width - 1.0).max(0.5), 3.0));
            canvas.rect(bar, Paint::fill(Color::category(row)));
            let point = (span.middle(plot, positions), y + 9.5);
            canvas.text(point, &span.label, Text::new(SMALL).anchor(Anchor::Middle));
        }
    }

    /// Adds the first stretches to a description.
    pub(crate) fn describe(&self, text: &mut String) {
        let labelled = self.0.iter().filter(|span| !span.label.is_empty());
        for Span { range, label } in labelled.take(8) {
            let _ = write!(text, "; {label} at {}..{}", range.start, range.end);
        }
    }
}

impl Span {
    /// Returns where the middle of the label stands, inside of the plot.
    fn middle(&self, plot: Rect, positions: usize) -> f64 {
        let slot = plot.width / positions.max(1) as f64;
        let half = font::width(&self.label, SMALL) / 2.0;
        let middle = plot.x + slot * (self.range.start + self.range.end) as f64 / 2.0;
        middle.max(plot.x + half).min(plot.right() - half)
    }
}
