//! Names of colours and colour bars, right of a chart.

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{MEDIUM, SMALL};
use super::font;
use super::palette::{self, Color, ColorMap};
use super::png;

/// Longest name that is written out.
const ROOM: f64 = 170.0;
const ROW: f64 = 17.0;

/// What stands before a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Line,
    Dot,
    Box,
}

/// Returns the width of a legend: none without names.
pub(crate) fn width(entries: &[(String, Color)]) -> f64 {
    if entries.is_empty() {
        return 0.0;
    }
    let names = entries.iter().map(|(name, _)| font::width(name, SMALL));
    34.0 + names.fold(0.0, f64::max).min(ROOM)
}

/// Writes names with their colours beside a plot; what does not fit is counted.
pub(crate) fn draw(canvas: &mut Canvas, plot: Rect, (mark, entries): (Mark, &[(String, Color)])) {
    let left = plot.right() + 12.0;
    let fitting = (plot.height / ROW).max(1.0) as usize;
    let shown = if entries.len() > fitting {
        fitting - 1
    } else {
        entries.len()
    };
    for (i, (name, color)) in entries.iter().take(shown).enumerate() {
        let y = plot.y + ROW * (i as f64 + 0.5);
        match mark {
            Mark::Line => canvas.line((left, y), (left + 14.0, y), Paint::stroke(*color, 2.2)),
            Mark::Dot => canvas.circle((left + 7.0, y), 4.0, Paint::fill(*color)),
            Mark::Box => canvas.rect(
                Rect::new((left + 2.0, y - 5.0), (10.0, 10.0)),
                Paint::fill(*color),
            ),
        }
        canvas.text(
            (left + 20.0, y),
            &font::fit(name, SMALL, ROOM),
            Text::new(SMALL),
        );
    }
    if shown < entries.len() {
        let y = plot.y + ROW * (shown as f64 + 0.5);
        let more = format!("and {} more", entries.len() - shown);
        canvas.text(
            (left + 20.0, y),
            &more,
            Text::new(SMALL).color(palette::FAINT),
        );
    }
}

/// Names with dots in as many columns as they need at the right of a plot, three at most.
pub(crate) struct Columns<'a> {
    entries: &'a [(String, Color)],
    rows: usize,
    count: usize,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(entries: &'a [(String, Color)], height: f64) -> Self {
        let rows = (height / ROW).max(1.0) as usize;
        let count = entries.len().div_ceil(rows).clamp(1, 3);
        Self {
            entries,
            rows,
            count,
        }
    }

    fn widths(&self) -> Vec<f64> {
        let column = |part: &[(String, Color)]| {
            let names = part.iter().map(|(name, _)| font::width(name, SMALL));
            22.0 + names.fold(0.0, f64::max).min(ROOM)
        };
        let parts = self.entries.chunks(self.rows).take(self.count);
        parts.map(column).collect()
    }

    /// Returns the width of all columns.
    pub(crate) fn width(&self) -> f64 {
        12.0 + self.widths().iter().map(|width| width + 6.0).sum::<f64>()
    }

    /// Writes the names; what does not fit is counted.
    pub(crate) fn draw(&self, canvas: &mut Canvas, plot: Rect) {
        let fitting = self.rows * self.count;
        let shown = if self.entries.len() > fitting {
            fitting - 1
        } else {
            self.entries.len()
        };
        let mut left = plot.right() + 12.0;
        let parts = self.entries.chunks(self.rows).zip(self.widths());
        for (column, (part, width)) in parts.enumerate() {
            for (row, (name, color)) in part.iter().enumerate() {
                let y = plot.y + ROW * (row as f64 + 0.5);
                let at = column * self.rows + row;
                if at >= shown {
                    let more = format!("and {} more", self.entries.len() - shown);
                    let style = Text::new(SMALL).color(palette::FAINT);
                    canvas.text((left, y), &more, style);
                    break;
                }
                canvas.circle((left + 5.0, y), 4.0, Paint::fill(*color));
                let name = font::fit(name, SMALL, ROOM);
                canvas.text((left + 14.0, y), &name, Text::new(SMALL));
            }
            left += width + 6.0;
        }
    }
}

/// A bar that tells which colour means which number.
pub(crate) struct Bar<'a> {
    pub(crate) map: ColorMap,
    pub(crate) range: (f64, f64),
    pub(crate) label: Option<&'a str>,
}

impl Bar<'_> {
    fn scale(&self) -> Scale {
        Scale::exact(self.range, 5)
    }

    /// Returns the room that the bar needs.
    pub(crate) fn width(&self) -> f64 {
        let ticks = self.scale().ticks;
        let widest = ticks
            .iter()
            .map(|(_, text)| font::width(text, SMALL))
            .fold(0.0, f64::max);
        12.0 + 12.0 + 7.0 + widest + self.label.map_or(0.0, |_| 18.0)
    }

    /// Draws the bar at the right of a plot.
    pub(crate) fn draw(&self, canvas: &mut Canvas, plot: Rect) {
        let height = plot.height.min(220.0);
        let bar = Rect::new((plot.right() + 12.0, plot.y), (12.0, height));
        let color = |row, _| Some(self.map.color(1.0 - row as f64 / 255.0));
        if let Some(png) = png::raster((1, 256), color) {
            canvas.image(bar, &png);
        }
        canvas.rect(bar, Paint::stroke(palette::INK, 0.6));
        let scale = self.scale();
        let mut widest = 0.0_f64;
        let mut lowest = f64::INFINITY;
        for (place, text) in &scale.ticks {
            let y = bar.bottom() - bar.height * scale.share(*place);
            // On a short bar numbers would cover each other.
            if lowest - y < SMALL {
                continue;
            }
            lowest = y;
            canvas.line(
                (bar.right(), y),
                (bar.right() + 3.0, y),
                Paint::stroke(palette::INK, 0.8),
            );
            canvas.text((bar.right() + 6.0, y), text, Text::new(SMALL));
            widest = widest.max(font::width(text, SMALL));
        }
        if let Some(label) = self.label {
            let point = (bar.right() + 7.0 + widest + 9.0, bar.y + height / 2.0);
            let label = font::fit(label, MEDIUM, plot.height);
            canvas.text(
                point,
                &label,
                Text::new(MEDIUM).anchor(Anchor::Middle).turn(-90),
            );
        }
    }
}
