//! Strips of colours beside a heatmap that say what each row or column is.

use super::canvas::{Canvas, Paint, Rect, Text};
use super::categories::Palette;
use super::chart::SMALL;
use super::font;
use super::map_coloring::{Categories, NONE};
use super::palette::{self, Color};

/// Width of a strip, and the room between two.
const WIDE: f64 = 11.0;
const GAP: f64 = 3.0;
/// Height of a name in the legend, and its room.
const ROW: f64 = 15.0;
const ROOM: f64 = 130.0;

/// One label for each row (or column), as colours.
#[derive(Debug)]
pub(crate) struct AnnotationBar {
    name: String,
    labels: Categories,
    colors: Vec<Color>,
}

impl AnnotationBar {
    /// Makes the strip that comes after so many others: each begins with other colours.
    pub(crate) fn new(name: &str, labels: &[String], before: usize) -> Self {
        let labels: Vec<_> = labels.iter().map(|label| Some(label.as_str())).collect();
        let labels = Categories::new(&labels, &[]);
        let count = labels.names.len();
        let colors = Palette::Scanpy.colors(count + before);
        Self {
            name: name.into(),
            colors: colors[before..].to_vec(),
            labels,
        }
    }

    /// Returns how many different labels there are.
    pub(crate) fn kinds(&self) -> usize {
        self.labels.names.len()
    }

    /// Says what the strip is, and what is wrong when there is not one label for each of the rows.
    pub(crate) fn describe(&self, count: usize) -> String {
        let labels = self.labels.codes.len();
        let wrong = if labels == count {
            String::new()
        } else {
            format!(", {labels} labels for {count}, which cannot be right")
        };
        format!("{} of {} kinds{wrong}", self.name, self.kinds())
    }

    /// Draws the strip; the labels are taken in an order, from the top or from the left.
    fn draw(&self, canvas: &mut Canvas, (area, flat): (Rect, bool), order: &[usize]) {
        let whole = if flat { area.width } else { area.height };
        let step = whole / order.len().max(1) as f64;
        let color = |at: &usize| {
            let code = self.labels.code(*at, &[]);
            code.and_then(|code| self.colors.get(code))
                .copied()
                .unwrap_or(NONE)
        };
        let mut done = 0;
        for run in order.chunk_by(|a, b| color(a) == color(b)) {
            let (from, long) = (step * done as f64, step * run.len() as f64);
            let part = if flat {
                Rect::new((area.x + from, area.y), (long, area.height))
            } else {
                Rect::new((area.x, area.y + from), (area.width, long))
            };
            canvas.rect(part, Paint::fill(color(&run[0])));
            done += run.len();
        }
    }
}

/// Returns the room that strips need beside each other.
pub(crate) fn room(bars: &[impl AsRef<AnnotationBar>]) -> f64 {
    (WIDE + GAP) * bars.len() as f64
}

/// Draws strips at the left of cells, or above them when `flat`, the first one outside.
pub(crate) fn draw(
    canvas: &mut Canvas,
    (cells, flat): (Rect, bool),
    (bars, order): (&[impl AsRef<AnnotationBar>], &[usize]),
) {
    for (at, bar) in bars.iter().enumerate() {
        let off = (WIDE + GAP) * (bars.len() - at) as f64;
        let area = if flat {
            Rect::new((cells.x, cells.y - off), (cells.width, WIDE))
        } else {
            Rect::new((cells.x - off, cells.y), (WIDE, cells.height))
        };
        bar.as_ref().draw(canvas, (area, flat), order);
    }
}

/// Returns the width of the legend of strips.
pub(crate) fn legend_width<'a>(bars: impl Iterator<Item = &'a AnnotationBar>) -> f64 {
    let widths = bars.map(|bar| {
        let names = bar
            .labels
            .names
            .iter()
            .map(|name| 14.0 + font::width(name, SMALL));
        names.fold(font::width(&bar.name, SMALL), f64::max)
    });
    let widest = widths.fold(0.0, f64::max);
    if widest > 0.0 {
        16.0 + widest.min(ROOM)
    } else {
        0.0
    }
}

/// Writes what the colours of strips mean; what does not fit in the height is counted.
pub(crate) fn legend<'a>(
    canvas: &mut Canvas,
    (x, y, height): (f64, f64, f64),
    bars: impl Iterator<Item = &'a AnnotationBar>,
) {
    let fitting = (height / ROW).max(2.0) as usize;
    let mut lines: Vec<(Option<Color>, &str)> = Vec::new();
    for bar in bars {
        lines.push((None, &bar.name));
        let names = bar.labels.names.iter().zip(&bar.colors);
        lines.extend(names.map(|(name, color)| (Some(*color), name.as_str())));
    }
    let shown = if lines.len() > fitting {
        fitting - 1
    } else {
        lines.len()
    };
    for (at, (color, name)) in lines.iter().take(shown).enumerate() {
        let y = y + ROW * (at as f64 + 0.5);
        let left = if let Some(color) = color {
            canvas.rect(Rect::new((x, y - 4.5), (9.0, 9.0)), Paint::fill(*color));
            x + 14.0
        } else {
            x
        };
        canvas.text(
            (left, y),
            &font::fit(name, SMALL, ROOM - 14.0),
            Text::new(SMALL),
        );
    }
    if shown < lines.len() {
        let more = format!("and {} more", lines.len() - shown);
        let place = (x, y + ROW * (shown as f64 + 0.5));
        canvas.text(place, &more, Text::new(SMALL).color(palette::FAINT));
    }
}
