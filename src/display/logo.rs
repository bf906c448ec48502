//! Sequence logos: letters as tall as what they stand for.

use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{self, Chart, Plane, SMALL, TITLE};
use super::figure::{COLUMN, Draw};
use super::font;
use super::frame::{Frame, view};
use super::numbers::Matrix;
use super::palette::{self, Color};
use ndarray::{Array2, Axis};
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// Height of one row of annotations under the letters.
const NOTE: f64 = 17.0;

/// A sequence logo; letters below the axis stand on their heads.
///
/// Every position is a stack of letters, the tallest at the outside: information in bits, probability, weight or attribution.
/// Letters are outlines scaled to fill their box, as in logomaker (Tareen and Kinney 2020, doi:10.1093/bioinformatics/btz921).
#[derive(Clone)]
pub struct Logo {
    pub(super) frame: Frame,
    /// Letters in rows, positions in columns.
    heights: Arc<Array2<f64>>,
    letters: Arc<[u8]>,
    first: i64,
    range: Option<(f64, f64)>,
    upright: bool,
    highlights: Arc<[Span]>,
    notes: Arc<[Span]>,
}

#[derive(Clone)]
struct Span {
    range: Range<usize>,
    label: String,
}

/// Draws a logo of letter heights with shape `(letters, positions)`: four rows are A, C, G, T, twenty rows amino acids.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// use genolens::ndarray::array;
/// // A C G T in rows, three positions in columns.
/// let scores = array![[0.9, 0.0, 0.1], [0.0, 0.5, 0.0], [0.0, -0.4, 0.0], [0.0, 0.0, 0.7]];
/// let logo = display::logo(&scores).highlight(0..2, "site").title("Attribution");
/// assert!(logo.svg().contains("site"));
/// ```
pub fn logo(heights: &impl Matrix) -> Logo {
    let heights = heights.matrix();
    let letters: &[u8] = match heights.nrows() {
        4 => b"ACGT",
        20 => b"ACDEFGHIKLMNPQRSTVWY",
        _ => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    };
    let letters = letters.iter().copied().take(heights.nrows()).collect();
    Logo {
        frame: Frame::default(),
        heights: Arc::new(heights),
        letters,
        first: 0,
        range: None,
        upright: false,
        highlights: Arc::new([]),
        notes: Arc::new([]),
    }
}

impl Logo {
    /// Sets the letters of the rows, for instance `"ACGU"`.
    pub fn letters(&self, letters: &str) -> Self {
        Self {
            letters: letters.to_ascii_uppercase().bytes().collect(),
            ..self.clone()
        }
    }

    /// Sets the number of the first position; it is 0 otherwise.
    pub fn first(&self, position: i64) -> Self {
        Self {
            first: position,
            ..self.clone()
        }
    }

    /// Sets the ends of the y axis, to compare logos on one scale.
    pub fn y_range(&self, low: f64, high: f64) -> Self {
        Self {
            range: Some((low, high)),
            ..self.clone()
        }
    }

    /// Keeps letters below the axis on their feet.
    pub fn upright(&self) -> Self {
        Self {
            upright: true,
            ..self.clone()
        }
    }

    /// Shades positions, counted from 0, and writes a label over them.
    pub fn highlight(&self, positions: Range<usize>, label: &str) -> Self {
        Self {
            highlights: added(&self.highlights, positions, label),
            ..self.clone()
        }
    }

    /// Draws a bar with a label under positions, counted from 0; bars that overlap go to rows of their own.
    pub fn annotate(&self, positions: Range<usize>, label: &str) -> Self {
        Self {
            notes: added(&self.notes, positions, label),
            ..self.clone()
        }
    }

    pub(super) fn untitled(&self) -> Self {
        let mut new = self.clone();
        new.frame.title = None;
        new
    }

    fn positions(&self) -> usize {
        self.heights.ncols()
    }

    fn y_scale(&self) -> Scale {
        let columns = self.heights.axis_iter(Axis(1));
        let stacks = columns.flat_map(|column| {
            let finite = || column.iter().filter(|v| v.is_finite());
            [
                finite().filter(|v| **v > 0.0).sum::<f64>(),
                finite().filter(|v| **v < 0.0).sum(),
            ]
        });
        let (low, high) = self
            .range
            .or_else(|| axis::span(stacks))
            .unwrap_or((0.0, 1.0));
        if self.range.is_some() {
            return Scale::exact((low, high), 4);
        }
        let (low, high) = if low == high { (0.0, 1.0) } else { (low, high) };
        let room = (high - low) * 0.04;
        Scale::exact(
            (
                if low < 0.0 { low - room } else { 0.0 },
                if high > 0.0 { high + room } else { 0.0 },
            ),
            4,
        )
    }

    /// Numbers every position when there is room, every fifth or tenth otherwise.
    fn x_scale(&self, width: f64) -> Scale {
        let each = width / self.positions().max(1) as f64;
        let last = self.first + self.positions() as i64;
        let widest =
            font::width(&last.to_string(), SMALL).max(font::width(&self.first.to_string(), SMALL));
        let every = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000]
            .into_iter()
            .find(|every| each * *every as f64 > widest + 6.0)
            .unwrap_or(5000);
        let ticks = (0..self.positions())
            .map(|i| (i, self.first + i as i64))
            .filter(|(_, number)| number.rem_euclid(every) == 0)
            .map(|(i, number)| (i, number.to_string().replace('-', "−")))
            .collect();
        Scale::slots(self.positions(), ticks)
    }

    /// Assigns every annotation to the first row in which it fits.
    fn rows(&self) -> Vec<usize> {
        let mut ends: Vec<usize> = Vec::new();
        let mut order: Vec<usize> = (0..self.notes.len()).collect();
        order.sort_by_key(|i| self.notes[*i].range.start);
        let mut rows = vec![0; self.notes.len()];
        for i in order {
            let span = &self.notes[i].range;
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

    fn note_height(&self) -> f64 {
        NOTE * self.rows().iter().max().map_or(0, |row| row + 1) as f64
    }

    fn stacks(&self, canvas: &mut Canvas, plane: &Plane<'_>) {
        let protein = self.letters.len() > 5;
        let slot = plane.rect.width / self.positions().max(1) as f64;
        let gap = (slot * 0.04).min(0.6);
        let zero = self.y_scale().place(0.0);
        let clip = |y: f64| y.clamp(plane.rect.y, plane.rect.bottom());
        for (i, column) in self.heights.axis_iter(Axis(1)).enumerate() {
            let left = plane.x(i as f64 - 0.5) + gap;
            if column.iter().any(|v| !v.is_finite()) {
                let rect = Rect::new((left, plane.rect.y), (slot - 2.0 * gap, plane.rect.height));
                canvas.rect(rect, Paint::fill(palette::MISSING).opacity(0.6));
                continue;
            }
            let mut order: Vec<usize> = (0..column.len().min(self.letters.len())).collect();
            order.sort_by(|a, b| column[*a].abs().total_cmp(&column[*b].abs()).then(b.cmp(a)));
            let (mut above, mut below) = (zero, zero);
            for row in order {
                let (value, letter) = (column[row], self.letters[row]);
                let base = if value < 0.0 { &mut below } else { &mut above };
                let (from, to) = (clip(plane.y(*base)), clip(plane.y(*base + value)));
                *base += value;
                let rect = Rect::new((left, from.min(to)), (slot - 2.0 * gap, (from - to).abs()));
                let color = Color::letter(letter, protein);
                canvas.letter(letter, rect, (color, value < 0.0 && !self.upright));
            }
        }
    }

    fn shade(&self, canvas: &mut Canvas, plot: Rect) {
        let slot = plot.width / self.positions().max(1) as f64;
        for span in self.highlights.iter() {
            let left = plot.x + slot * span.range.start as f64;
            let rect = Rect::new(
                (left, plot.y),
                (slot * span.range.len() as f64, plot.height),
            );
            canvas.rect(rect, Paint::fill(Color(0xff, 0xe8, 0x9e)).opacity(0.75));
        }
    }

    fn write(&self, canvas: &mut Canvas, plot: Rect, top: f64) {
        let slot = plot.width / self.positions().max(1) as f64;
        let middle = |range: &Range<usize>, label: &str| {
            let half = font::width(label, SMALL) / 2.0;
            let middle = plot.x + slot * (range.start + range.end) as f64 / 2.0;
            middle.max(plot.x + half).min(plot.right() - half)
        };
        for span in self.highlights.iter().filter(|span| !span.label.is_empty()) {
            let point = (middle(&span.range, &span.label), plot.y - 7.0);
            canvas.text(point, &span.label, Text::new(SMALL).anchor(Anchor::Middle));
        }
        for (span, row) in self.notes.iter().zip(self.rows()) {
            let (left, width) = (
                plot.x + slot * span.range.start as f64,
                slot * span.range.len() as f64,
            );
            let y = top + NOTE * row as f64;
            let color = Color::category(row);
            canvas.rect(
                Rect::new((left + 0.5, y), ((width - 1.0).max(0.5), 3.0)),
                Paint::fill(color),
            );
            let point = (middle(&span.range, &span.label), y + 9.5);
            canvas.text(point, &span.label, Text::new(SMALL).anchor(Anchor::Middle));
        }
    }
}

fn added(spans: &[Span], range: Range<usize>, label: &str) -> Arc<[Span]> {
    let span = Span {
        range: range.start..range.end.max(range.start),
        label: label.into(),
    };
    spans.iter().cloned().chain([span]).collect()
}

impl Draw for Logo {
    fn sides(&self) -> Option<(f64, f64)> {
        let frame = self.frame.labelled("", "attribution");
        let (width, height) = self.extent();
        let (x, y) = (self.x_scale(width - 60.0), self.y_scale());
        let plot = Chart::new(&frame, (&x, &y)).plot(Rect::new((0.0, 0.0), (width, height)));
        Some((plot.x, width - plot.right()))
    }

    fn extent(&self) -> (f64, f64) {
        let positions = self.positions() as f64;
        // A long sequence is squeezed into what a notebook shows without cutting it off.
        let each = ((COLUMN - 60.0) / positions.max(1.0)).min(24.0);
        let top = if self.frame.title.is_some() {
            20.0
        } else {
            0.0
        } + if self.highlights.is_empty() {
            0.0
        } else {
            10.0
        };
        self.frame.size_or(
            (60.0 + positions * each).max(150.0),
            140.0 + top + self.note_height(),
        )
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let frame = Frame {
            title: None,
            ..self.frame.labelled("", "attribution")
        };
        let y = self.y_scale();
        let labelled = self.highlights.iter().any(|span| !span.label.is_empty());
        let title = if self.frame.title.is_some() {
            TITLE - 4.0
        } else {
            0.0
        };
        let head = title + if labelled { 10.0 } else { 0.0 };
        let notes = self.note_height();
        let inner = Rect::new(
            (area.x, area.y + head),
            (area.width, area.height - head - notes),
        );
        let x = self.x_scale(area.width - 60.0);
        let chart = Chart::new(&frame, (&x, &y))
            .grid(false, false)
            .least(canvas.least);
        if self.heights.is_empty() {
            chart.empty(canvas, inner);
            return;
        }
        chart::title(canvas, &self.frame, (chart.plot(inner).x, area));
        self.shade(canvas, chart.plot(inner));
        let plane = chart.draw(canvas, inner, |_| {});
        self.stacks(canvas, &plane);
        if y.low < 0.0 {
            let zero = plane.y(0.0);
            canvas.line(
                (plane.rect.x, zero),
                (plane.rect.right(), zero),
                Paint::stroke(palette::INK, 0.7),
            );
        }
        self.write(canvas, plane.rect, inner.bottom());
    }

    fn describe(&self) -> String {
        let what = self.frame.y_label.as_deref().unwrap_or("attribution");
        let letters = String::from_utf8_lossy(&self.letters);
        let mut text = format!("Sequence logo of {} positions, {what}", self.positions());
        let finite = self.heights.indexed_iter().filter(|(_, v)| v.is_finite());
        match finite.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
            Some(((row, position), value)) if *value != 0.0 => {
                let letter = letters.chars().nth(row).unwrap_or('?');
                let place = self.first + position as i64;
                let _ = write!(
                    text,
                    "; the tallest letter is {letter} at position {place} with {}",
                    axis::plain(*value)
                );
            }
            Some(_) => text += "; all letters have height 0",
            None => text += "; no data",
        }
        let strange = self
            .heights
            .axis_iter(Axis(1))
            .filter(|c| c.iter().any(|v| !v.is_finite()))
            .count();
        if strange > 0 {
            let _ = write!(text, "; {strange} positions are not finite and grey");
        }
        for span in self.highlights.iter().chain(self.notes.iter()).take(8) {
            let _ = write!(
                text,
                "; {} at {}..{}",
                span.label, span.range.start, span.range.end
            );
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Logo);
