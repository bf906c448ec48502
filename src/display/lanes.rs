//! Places as labelled arrows under a sequence.

use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::font;
use super::numbers::counted;
use super::palette::{self, Color};
use super::places::{Place, Places};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Height of a row, and of the arrow in it.
const ROW: f64 = 14.0;
const BAR: f64 = 10.0;
/// Size of labels.
const SIZE: f64 = 9.5;
/// The widest label.
const LABEL: f64 = 90.0;
/// Rows at most.
const MOST: usize = 6;
/// The least width of an arrow.
const LEAST: f64 = 3.0;

/// Where a label stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Inside,
    Right,
    Left,
    Nowhere,
}

#[derive(Clone, Debug)]
struct Placed {
    start: f64,
    end: f64,
    reverse: Option<bool>,
    /// Number of the name, which is its colour.
    name: usize,
    side: Side,
    row: usize,
}

/// Places of one sequence in rows in which none covers another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lanes {
    positions: usize,
    names: Vec<(String, f64)>,
    placed: Vec<Placed>,
    rows: usize,
    /// Places that no row had room for, and hits of other sequences or places that are not there.
    crowded: usize,
    elsewhere: usize,
}

impl Lanes {
    /// Places the hits of one sequence of so many positions on a plot that is so wide.
    pub(crate) fn new(hits: &Places, sequence: usize, (positions, width): (usize, f64)) -> Self {
        let fits =
            |hit: &&Place| hit.sequence == sequence && hit.start < positions && hit.start < hit.end;
        let mut own: Vec<&Place> = hits.all().iter().filter(fits).collect();
        own.sort_by_key(|hit| (hit.start, hit.end));
        let mut numbers = BTreeMap::new();
        for hit in &own {
            numbers.entry(hit.name.as_str()).or_insert(0);
        }
        let mut names = Vec::new();
        for (name, number) in &mut numbers {
            *number = names.len();
            let label = font::fit(name, SIZE, LABEL);
            let wide = font::width(&label, SIZE);
            names.push((label, wide));
        }
        let bars: Vec<(&Place, usize)> = own
            .into_iter()
            .map(|hit| (hit, numbers[hit.name.as_str()]))
            .collect();
        let new = Self {
            positions,
            elsewhere: hits.len() - bars.len(),
            names,
            ..Self::default()
        };
        let labelled = new.arranged(&bars, width, true);
        if labelled.crowded == 0 {
            return labelled;
        }
        let bare = new.arranged(&bars, width, false);
        if bare.crowded < labelled.crowded {
            bare
        } else {
            labelled
        }
    }

    /// Gives every hit the first row with room; labels stand outside of narrow arrows only when asked for.
    fn arranged(&self, bars: &[(&Place, usize)], width: f64, outside: bool) -> Self {
        let slot = width / self.positions.max(1) as f64;
        let mut new = self.clone();
        let mut ends: Vec<f64> = Vec::new();
        for &(hit, name) in bars {
            let start = hit.start as f64;
            let end = hit.end.min(self.positions) as f64;
            let (left, right) = (start * slot, (end * slot).max(start * slot + LEAST));
            let wide = self.names[name].1;
            let side = match () {
                () if wide == 0.0 => Side::Nowhere,
                () if wide + 10.0 <= right - left => Side::Inside,
                () if !outside => Side::Nowhere,
                () if right + 3.0 + wide <= width => Side::Right,
                () if left - 3.0 - wide >= 0.0 => Side::Left,
                () => Side::Nowhere,
            };
            let (from, to) = match side {
                Side::Right => (left, right + 3.0 + wide + 5.0),
                Side::Left => (left - 3.0 - wide, right + 1.0),
                _ => (left, right + 1.0),
            };
            let row = ends.iter().position(|end| *end <= from);
            let row = row.unwrap_or(ends.len());
            if row >= MOST {
                new.crowded += 1;
                continue;
            }
            if row == ends.len() {
                ends.push(to);
            } else {
                ends[row] = to;
            }
            new.placed.push(Placed {
                start,
                end,
                reverse: hit.reverse,
                name,
                side,
                row,
            });
        }
        new.rows = ends.len();
        new
    }

    fn needs_legend(&self) -> bool {
        let nameless = |placed: &Placed| {
            placed.side == Side::Nowhere && !self.names[placed.name].0.trim().is_empty()
        };
        self.placed.iter().any(nameless)
    }

    /// Says what is not to be seen, when something is not.
    fn missing(&self) -> Option<String> {
        if self.crowded > 0 {
            return Some(format!("no room for {}", counted(self.crowded, "hit")));
        }
        (self.placed.is_empty() && self.elsewhere > 0)
            .then(|| format!("no hit here, {} elsewhere", counted(self.elsewhere, "hit")))
    }

    /// Returns the height of all rows.
    pub(crate) fn height(&self) -> f64 {
        let notes =
            usize::from(self.needs_legend()).max(usize::from(self.missing().is_some())) as f64;
        let all = (self.rows as f64 + notes) * ROW;
        if all > 0.0 { all + 2.0 } else { 0.0 }
    }

    /// Draws the rows under a plot, the first one at `top`.
    pub(crate) fn draw(&self, canvas: &mut Canvas, plot: Rect, top: f64) {
        let slot = plot.width / self.positions.max(1) as f64;
        for placed in &self.placed {
            let left = plot.x + slot * placed.start;
            let right = (plot.x + slot * placed.end).max(left + LEAST);
            let y = top + ROW * placed.row as f64 + (ROW - BAR) / 2.0;
            let color = Color::category(placed.name);
            arrow(
                canvas,
                Rect::new((left, y), (right - left, BAR)),
                (placed.reverse, color),
            );
            let middle = y + BAR / 2.0;
            let (x, anchor, ink) = match placed.side {
                Side::Inside => {
                    let ink = if color.brightness() < 0.6 {
                        palette::WHITE
                    } else {
                        palette::INK
                    };
                    (f64::midpoint(left, right), Anchor::Middle, ink)
                }
                Side::Right => (right + 3.0, Anchor::Start, palette::INK),
                Side::Left => (left - 3.0, Anchor::End, palette::INK),
                Side::Nowhere => continue,
            };
            let text = Text::new(SIZE).anchor(anchor).color(ink);
            canvas.text((x, middle), &self.names[placed.name].0, text);
        }
        self.legend(canvas, plot, top + ROW * self.rows as f64 + ROW / 2.0);
    }

    /// Writes names for arrows without, and what is left out, in the last row.
    fn legend(&self, canvas: &mut Canvas, plot: Rect, y: f64) {
        let faint = Text::new(SIZE).color(palette::FAINT);
        let mut end = plot.right();
        if let Some(text) = self.missing() {
            canvas.text((end, y), &text, faint.anchor(Anchor::End));
            end -= font::width(&text, SIZE) + 16.0;
        }
        if !self.needs_legend() {
            return;
        }
        let mut x = plot.x;
        for (i, (name, wide)) in self.names.iter().enumerate() {
            let more = format!("and {} more", self.names.len() - i);
            let last = i + 1 == self.names.len();
            let room = if last {
                0.0
            } else {
                font::width(&more, SIZE) + 8.0
            };
            if x + 12.0 + wide + room > end {
                canvas.text((x, y), &more, faint);
                break;
            }
            let square = Rect::new((x, y - 4.0), (8.0, 8.0));
            canvas.rect(square, Paint::fill(Color::category(i)));
            canvas.text((x + 11.0, y), name, Text::new(SIZE));
            x += 12.0 + wide + 10.0;
        }
    }

    /// Adds what is drawn to a description.
    pub(crate) fn describe(&self, text: &mut String) {
        for placed in self.placed.iter().take(8) {
            let strand = match placed.reverse {
                Some(true) => " (−)",
                Some(false) => " (+)",
                None => "",
            };
            let (name, (start, end)) = (&self.names[placed.name].0, (placed.start, placed.end));
            let _ = write!(text, "; {name}{strand} at {start}..{end}");
        }
        if self.placed.len() > 8 {
            let _ = write!(text, "; {} more hits", self.placed.len() - 8);
        }
        if let Some(missing) = self.missing() {
            let _ = write!(text, "; {missing}");
        } else if self.elsewhere > 0 {
            let _ = write!(text, "; {} lying elsewhere", counted(self.elsewhere, "hit"));
        }
    }
}

/// Draws a bar whose end points along its strand.
fn arrow(canvas: &mut Canvas, rect: Rect, (reverse, color): (Option<bool>, Color)) {
    let Some(reverse) = reverse else {
        canvas.rect(rect, Paint::fill(color));
        return;
    };
    let head = (rect.width * 0.5).min(5.0);
    let (from, to) = if reverse {
        (rect.right(), rect.x)
    } else {
        (rect.x, rect.right())
    };
    let neck = if reverse { to + head } else { to - head };
    let points = [
        (from, rect.y),
        (neck, rect.y),
        (to, rect.y + rect.height / 2.0),
        (neck, rect.bottom()),
        (from, rect.bottom()),
    ];
    canvas.path(&points, Paint::fill(color));
}
