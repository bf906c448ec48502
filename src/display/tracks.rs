//! Scores along the positions of many sequences, one row each.

use super::areas::Areas;
use super::axis;
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{self, MARGIN, MEDIUM, SMALL, TITLE};
use super::figure::{COLUMN, Draw};
use super::font;
use super::frame::{Frame, view};
use super::legend::Bar;
use super::numbers::{Labels, Matrix, counted};
use super::palette::{self, Color, ColorMap};
use super::places::{Place, Places, Sites};
use super::positions::Positions;
use super::strip;
use ndarray::Array2;
use std::fmt::Write as _;
use std::sync::Arc;

/// More rows than this are strips of colour.
const FEW: usize = 20;
/// Marks of hits at most.
const MARKS: usize = 2000;
/// Room over an area for the names of hits.
const BAND: f64 = 11.0;
/// The widest name.
const NAMES: f64 = 120.0;

/// One row for every sequence: up to twenty as areas over a common scale, more as strips of colour.
#[derive(Clone)]
pub struct Tracks {
    pub(super) frame: Frame,
    values: Arc<Array2<f64>>,
    names: Arc<[String]>,
    strips: bool,
    first: i64,
    range: Option<(f64, f64)>,
    map: Option<ColorMap>,
    value: String,
    hits: Places,
    /// Numbers of the rows' sequences in the hits, when they are not 0, 1, 2 and so on.
    sequences: Option<Arc<[usize]>>,
}

/// Draws values along positions, shape `(n, length)`, a row of the picture for each row: areas up to twenty rows, strips of colour above.
///
/// # Examples
///
/// ```
/// use genolens::display::{self, Places};
/// use genolens::ndarray::array;
/// let scores = array![[0.0, 0.9, 0.8, 0.0], [0.1, -0.3, 0.0, 0.0]];
/// let tracks = display::tracks(&scores).rows(&["one", "two"]).hits(&Places::new().add(0, 1..3, "GATA"));
/// assert!(tracks.description().contains("2 tracks of 4 positions"));
/// ```
pub fn tracks(values: &impl Matrix) -> Tracks {
    Tracks::new(values.matrix())
}

/// Draws values along positions, shape `(n, length)`, as one strip of colour for each row: class activation maps above their logo.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// use genolens::ndarray::array;
/// let importance = array![[0.0, 0.2, 0.9, 0.1]];
/// let letters = array![[0.0, 0.1, 0.0, 0.0], [0.0; 4], [0.1, 0.0, 0.9, 0.0], [0.0, 0.0, 0.0, 0.1]];
/// let both = display::strips(&importance).rows(&["Grad-CAM"]).above(&display::logo(&letters));
/// assert!(both.svg().contains("Grad-CAM"));
/// ```
pub fn strips(values: &impl Matrix) -> Tracks {
    Tracks {
        strips: true,
        ..Tracks::new(values.matrix())
    }
}

impl Tracks {
    fn new(values: Array2<f64>) -> Self {
        Self {
            frame: Frame::default(),
            strips: values.nrows() > FEW,
            values: Arc::new(values),
            names: Arc::new([]),
            first: 0,
            range: None,
            map: None,
            value: "score".into(),
            hits: Places::new(),
            sequences: None,
        }
    }

    /// Names the rows.
    pub fn rows(&self, names: &(impl Labels + ?Sized)) -> Self {
        Self {
            names: names.labels().into(),
            ..self.clone()
        }
    }

    /// Draws strips of colour, however few rows there are.
    pub fn strips(&self) -> Self {
        Self {
            strips: true,
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

    /// Sets the ends of the scale that all rows share.
    pub fn range(&self, low: f64, high: f64) -> Self {
        Self {
            range: Some((low, high)),
            ..self.clone()
        }
    }

    /// Sets the colours of strips; otherwise they diverge from 0 when there are values on both sides of it.
    pub fn colors(&self, map: ColorMap) -> Self {
        Self {
            map: Some(map),
            ..self.clone()
        }
    }

    /// Says what the values are; it is "score" otherwise.
    pub fn value_label(&self, label: &str) -> Self {
        Self {
            value: label.into(),
            ..self.clone()
        }
    }

    /// Marks hits or the truth, in the row of their sequence.
    pub fn hits(&self, hits: &(impl Sites + ?Sized)) -> Self {
        Self {
            hits: hits.places(),
            ..self.clone()
        }
    }

    /// Sets which sequences of the hits the rows are.
    pub(super) fn numbered(&self, sequences: Vec<usize>) -> Self {
        let natural = sequences.iter().enumerate().all(|(i, place)| i == *place);
        Self {
            sequences: (!natural).then(|| sequences.into()),
            ..self.clone()
        }
    }

    fn axis(&self) -> Positions {
        Positions {
            count: self.values.ncols(),
            first: self.first,
        }
    }

    /// Returns the colours and the ends of the scale, which holds 0.
    fn scale(&self) -> (ColorMap, (f64, f64)) {
        let found = axis::span(self.values.iter().copied()).unwrap_or((0.0, 1.0));
        let (low, high) = match self.range {
            Some((low, high)) if low < high && (high - low).is_finite() => (low, high),
            _ => (found.0.min(0.0), found.1.max(0.0)),
        };
        let signed = low < 0.0;
        let map = self.map.unwrap_or(if signed {
            ColorMap::Diverging
        } else {
            ColorMap::Light
        });
        if low == high {
            return (map, (0.0, 1.0));
        }
        if self.strips && self.range.is_none() && map == ColorMap::Diverging {
            let reach = high.max(-low);
            return (map, (-reach, reach));
        }
        (map, (low, high))
    }

    fn row_height(&self) -> f64 {
        let rows = self.values.nrows().max(1) as f64;
        if self.strips {
            // More rows than pixels share them.
            (420.0 / rows).min(if rows < 2.0 { 24.0 } else { 18.0 })
        } else {
            (480.0 / rows).clamp(30.0, 48.0) + self.band()
        }
    }

    /// Returns the room over an area for the names of hits.
    fn band(&self) -> f64 {
        if self.hits.is_empty() { 0.0 } else { BAND }
    }

    /// Tells whether the colour bar is too short for a label at its side.
    fn is_flat(&self) -> bool {
        let tall = self.row_height() * self.values.nrows() as f64;
        tall < font::width(&self.value, MEDIUM)
    }

    fn bar(&self) -> Bar<'_> {
        let (map, range) = self.scale();
        Bar {
            map,
            range,
            label: (!self.is_flat()).then_some(&*self.value),
        }
    }

    /// Returns the room left and right of the rows.
    fn flanks(&self) -> (f64, f64) {
        let names = self.names.iter().take(self.values.nrows());
        let widest = names
            .map(|name| font::width(name, SMALL))
            .fold(0.0, f64::max);
        let label = if self.frame.y_label.is_some() {
            18.0
        } else {
            0.0
        };
        let right = if self.strips {
            let label = font::width(&self.value, SMALL).min(NAMES) + 6.0;
            self.bar().width() + if self.is_flat() { label } else { 0.0 }
        } else {
            let ends = self.ends();
            let width = |text: &String| font::width(text, SMALL);
            ends.iter().map(width).fold(0.0, f64::max) + 8.0
        };
        (
            MARGIN + label + widest.min(NAMES) + 6.0,
            right.max(self.axis().widest() / 2.0) + MARGIN,
        )
    }

    /// Returns the ends of the common scale as texts.
    fn ends(&self) -> [String; 2] {
        let (low, high) = self.scale().1;
        [low, high].map(axis::plain)
    }

    fn head(&self) -> f64 {
        if self.frame.title.is_some() {
            TITLE
        } else {
            MARGIN
        }
    }

    fn foot(&self) -> f64 {
        let label = if self.frame.x_label.is_some() {
            18.0
        } else {
            0.0
        };
        Positions::HEIGHT + label
    }

    fn areas(&self, canvas: &mut Canvas, rect: Rect) {
        let areas = Areas {
            values: &self.values,
            range: self.scale().1,
            band: self.band(),
        };
        areas.paint(canvas, rect);
        let [low, high] = self.ends();
        let text = Text::new(SMALL - 1.0).color(palette::FAINT);
        let right = rect.right() + 4.0;
        let tall = rect.height / self.values.nrows() as f64;
        canvas.text((right, rect.y + self.band() + 6.0), &high, text);
        canvas.text((right, rect.y + tall - 5.0), &low, text);
    }

    /// Returns the row of a hit that can be drawn.
    fn row(&self, hit: &Place) -> Option<usize> {
        let row = match &self.sequences {
            Some(all) => all.iter().position(|sequence| *sequence == hit.sequence)?,
            None => hit.sequence,
        };
        let (rows, columns) = self.values.dim();
        (row < rows && hit.start < columns && hit.start < hit.end).then_some(row)
    }

    /// Tells whether rows are tall enough for marks.
    fn marked(&self) -> bool {
        !self.strips || self.row_height() >= 4.0
    }

    fn marks(&self, canvas: &mut Canvas, rect: Rect) {
        if self.values.is_empty() || !self.marked() {
            return;
        }
        let (rows, columns) = self.values.dim();
        let (tall, slot) = (rect.height / rows as f64, rect.width / columns as f64);
        let found = self
            .hits
            .all()
            .iter()
            .filter_map(|hit| Some((hit, self.row(hit)?)));
        for (hit, row) in found.take(MARKS) {
            let left = rect.x + slot * hit.start as f64;
            let width = slot * (hit.end.min(columns) - hit.start) as f64;
            let top = rect.y + tall * row as f64;
            if self.strips {
                let line = Rect::new((left, top + tall - 2.0), (width.max(1.0), 2.0));
                canvas.rect(line, Paint::fill(palette::INK));
            } else {
                let shade = Rect::new((left, top + 1.0), (width.max(1.0), tall - 2.0));
                canvas.rect(shade, Paint::fill(Color(0xff, 0xe8, 0x9e)).opacity(0.75));
                let name = font::fit(&hit.name, SMALL - 2.0, width.max(60.0));
                let half = font::width(&name, SMALL - 2.0) / 2.0;
                let middle = left + width / 2.0;
                let x = middle.max(rect.x + half).min(rect.right() - half);
                let text = Text::new(SMALL - 2.0)
                    .anchor(Anchor::Middle)
                    .color(palette::FAINT);
                canvas.text((x, top + 1.0 + BAND / 2.0), &name, text);
            }
        }
    }

    fn labels(&self, canvas: &mut Canvas, rect: Rect) {
        let tall = rect.height / self.values.nrows() as f64;
        let every = ((SMALL + 1.0) / tall).ceil().max(1.0) as usize;
        let rows = self.values.nrows();
        for (i, name) in self.names.iter().take(rows).enumerate().step_by(every) {
            let name = font::fit(name, SMALL, NAMES);
            let point = (rect.x - 5.0, rect.y + tall * (i as f64 + 0.5));
            canvas.text(point, &name, Text::new(SMALL).anchor(Anchor::End));
        }
    }
}

impl Draw for Tracks {
    fn sides(&self) -> Option<(f64, f64)> {
        Some(self.flanks())
    }

    fn extent(&self) -> (f64, f64) {
        let (left, right) = self.flanks();
        let room = COLUMN - left - right;
        let wide = (24.0 * self.values.ncols() as f64).clamp(120.0, room);
        let tall = self.row_height() * self.values.nrows().max(1) as f64;
        let height = self.head() + tall.max(14.0) + self.foot();
        self.frame.size_or(left + wide + right, height)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let (left, right) = self.flanks();
        let (left, right) = (left.max(canvas.least.0), right.max(canvas.least.1));
        let size = (
            (area.width - left - right).max(10.0),
            (area.height - self.head() - self.foot()).max(10.0),
        );
        let rect = Rect::new((area.x + left, area.y + self.head()), size);
        chart::title(canvas, &self.frame, (rect.x, area));
        if !self.values.iter().any(|value| value.is_finite()) {
            canvas.rect(rect, Paint::stroke(palette::FAINT, 0.8));
            chart::no_data(canvas, rect);
            return;
        }
        if self.strips {
            strip::paint(canvas, rect, (&self.values, self.scale()));
            self.bar().draw(canvas, rect);
            if self.is_flat() {
                let point = (
                    rect.right() + self.bar().width() + 4.0,
                    rect.y + rect.height / 2.0,
                );
                let label = font::fit(&self.value, SMALL, NAMES);
                canvas.text(point, &label, Text::new(SMALL));
            }
            self.marks(canvas, rect);
        } else {
            self.marks(canvas, rect);
            self.areas(canvas, rect);
        }
        self.labels(canvas, rect);
        self.axis().draw(canvas, rect);
        let middle = |turn| Text::new(MEDIUM).anchor(Anchor::Middle).turn(turn);
        if let Some(label) = &self.frame.x_label {
            let point = (rect.x + rect.width / 2.0, area.bottom() - 10.0);
            canvas.text(point, label, middle(0));
        }
        if let Some(label) = &self.frame.y_label {
            let point = (area.x + MARGIN + 3.0, rect.y + rect.height / 2.0);
            let label = font::fit(label, MEDIUM, rect.height + 20.0);
            canvas.text(point, &label, middle(-90));
        }
    }

    fn describe(&self) -> String {
        let (rows, columns) = self.values.dim();
        let what = if self.strips { "strip" } else { "track" };
        let all = counted(rows, what);
        let mut text = format!("{all} of {columns} positions, {}", self.value);
        match axis::span(self.values.iter().copied()) {
            Some((low, high)) => {
                let (low, high) = (axis::plain(low), axis::plain(high));
                let _ = write!(text, " {low} to {high}");
            }
            None => text += "; no data",
        }
        let missing = self.values.iter().filter(|v| !v.is_finite()).count();
        if missing > 0 {
            let how = if self.strips { "grey" } else { "gaps" };
            let _ = write!(text, "; {missing} values are not finite and {how}");
        }
        if self.strips && rows > strip::ROWS {
            let share = rows.div_ceil(strip::ROWS);
            let _ = write!(
                text,
                "; a line of colour is the strongest of up to {share} sequences"
            );
        }
        if !self.hits.is_empty() {
            let found = self.hits.all().iter().filter(|hit| self.row(hit).is_some());
            let (found, all) = (found.count(), self.hits.len());
            let drawn = if self.marked() { found.min(MARKS) } else { 0 };
            let _ = write!(text, "; {drawn} of {all} hits are marked");
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Tracks);
