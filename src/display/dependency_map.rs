//! How positions of one sequence depend on each other.

use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{self, MARGIN, MEDIUM, SMALL, TITLE};
use super::figure::Draw;
use super::font;
use super::frame::{Frame, view};
use super::legend::Bar;
use super::numbers::Matrix;
use super::palette::{self, Color, ColorMap};
use super::places::{Place, Places, Sites};
use super::positions::Positions;
use super::strip;
use crate::{Error, Result};
use ndarray::Array2;
use std::fmt::Write as _;
use std::sync::Arc;

/// The longest side of the cells.
const SIDE: f64 = 600.0;
/// Room for the letters along a side.
const LETTERS: f64 = 14.0;
/// Squares of hits at most.
const SQUARES: usize = 200;

/// A square of positions by positions with the letters of the sequence along both axes.
#[derive(Clone)]
pub struct DependencyMap {
    pub(super) frame: Frame,
    values: Arc<Array2<f64>>,
    letters: Arc<[u8]>,
    protein: bool,
    first: i64,
    range: Option<(f64, f64)>,
    value: String,
    hits: Places,
    sequence: usize,
}

/// Draws how positions depend on each other, shape `(length, length)`: row is the position that is changed, column the one that answers.
///
/// The colours span what stands off the diagonal; values that are not numbers are grey.
///
/// # Errors
///
/// Fails when the values are not a square, or the letters are more or fewer than its rows.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// use genolens::ndarray::array;
/// # fn main() -> genolens::Result<()> {
/// let pairs = array![[0.0, 0.1, 0.8], [0.1, 0.0, 0.0], [0.7, 0.0, 0.0]];
/// let map = display::dependency_map(&pairs, "ACG")?.value_label("interaction");
/// assert!(map.description().contains("G at 2 answers most to A at 0"));
/// # Ok(()) }
/// ```
pub fn dependency_map(values: &impl Matrix, letters: &str) -> Result<DependencyMap> {
    DependencyMap::new(values.matrix(), letters)
}

impl DependencyMap {
    fn new(values: Array2<f64>, letters: &str) -> Result<Self> {
        let (rows, columns) = values.dim();
        if rows != columns {
            let expected = "as many rows as columns, one for each position";
            return Err(Error::shape("values", expected, &[rows, columns]));
        }
        let letters = letters.to_ascii_uppercase().into_bytes();
        if letters.len() != rows {
            let expected = format!("{rows}, one for each position of the values");
            return Err(Error::value(
                "letters",
                expected,
                format!("{} letters", letters.len()),
            ));
        }
        let protein = letters.iter().any(|letter| !b"ACGTUN".contains(letter));
        Ok(Self {
            frame: Frame::default(),
            values: Arc::new(values),
            letters: letters.into(),
            protein,
            first: 0,
            range: None,
            value: "dependency".into(),
            hits: Places::new(),
            sequence: 0,
        })
    }

    /// Sets the number of the first position; it is 0 otherwise.
    pub fn first(&self, position: i64) -> Self {
        Self {
            first: position,
            ..self.clone()
        }
    }

    /// Sets the values that the ends of the colours mean.
    pub fn range(&self, low: f64, high: f64) -> Self {
        Self {
            range: Some((low, high)),
            ..self.clone()
        }
    }

    /// Says what the values are; it is "dependency" otherwise.
    pub fn value_label(&self, label: &str) -> Self {
        Self {
            value: label.into(),
            ..self.clone()
        }
    }

    /// Frames hits on the diagonal, those of the first sequence or of the one that [`DependencyMap::sequence`] names.
    pub fn hits(&self, hits: &(impl Sites + ?Sized)) -> Self {
        Self {
            hits: hits.places(),
            ..self.clone()
        }
    }

    /// Sets which sequence of the hits is shown.
    pub fn sequence(&self, index: usize) -> Self {
        Self {
            sequence: index,
            ..self.clone()
        }
    }

    fn axis(&self) -> Positions {
        Positions {
            count: self.letters.len(),
            first: self.first,
        }
    }

    fn bar(&self) -> Bar<'_> {
        let (map, range) = self.scale();
        Bar {
            map,
            range,
            label: Some(&self.value),
        }
    }

    fn scale(&self) -> (ColorMap, (f64, f64)) {
        let off = self.values.indexed_iter().filter(|((i, j), _)| i != j);
        let (low, high) = axis::span(off.map(|(_, value)| *value)).unwrap_or((0.0, 1.0));
        let (low, high) = match self.range {
            Some((low, high)) if low < high && (high - low).is_finite() => (low, high),
            _ if low < 0.0 => {
                let reach = high.max(-low);
                (-reach, reach)
            }
            _ => (0.0, if high > 0.0 { high } else { 1.0 }),
        };
        let map = if low < 0.0 {
            ColorMap::Diverging
        } else {
            ColorMap::Light
        };
        (map, (low, high))
    }

    fn side(&self) -> f64 {
        (18.0 * self.letters.len() as f64).clamp(90.0, SIDE)
    }

    /// Returns the room left, above, right and below the cells.
    fn margins(&self) -> [f64; 4] {
        let label = |label: &Option<String>| if label.is_some() { 18.0 } else { 0.0 };
        let title = if self.frame.title.is_some() {
            TITLE
        } else {
            0.0
        };
        let numbers = self.axis().widest() + 8.0;
        [
            MARGIN + label(&self.frame.y_label) + numbers + LETTERS,
            MARGIN + title + LETTERS,
            self.bar().width() + MARGIN,
            Positions::HEIGHT + label(&self.frame.x_label),
        ]
    }

    /// Writes the sequence above and left of the cells; where letters are too narrow, in colours alone.
    fn sequence_along(&self, canvas: &mut Canvas, rect: Rect) {
        let (wide, tall) = (
            rect.width / self.letters.len() as f64,
            rect.height / self.letters.len() as f64,
        );
        if wide.min(tall) < 1.2 {
            return;
        }
        for (i, letter) in self.letters.iter().enumerate() {
            let color = Color::letter(*letter, self.protein);
            let (x, y) = (rect.x + wide * i as f64, rect.y + tall * i as f64);
            let above = Rect::new((x, rect.y - LETTERS), (wide, LETTERS - 3.0));
            let left = Rect::new((rect.x - LETTERS, y), (LETTERS - 3.0, tall));
            for cell in [above, left] {
                if wide.min(tall) < 4.5 {
                    canvas.rect(cell, Paint::fill(color));
                    continue;
                }
                let size = (cell.width.min(9.0), cell.height.min(11.0));
                let corner = (
                    cell.x + (cell.width - size.0) / 2.0,
                    cell.y + (cell.height - size.1) / 2.0,
                );
                let inner = Rect::new(
                    (corner.0 + 0.3, corner.1 + 0.3),
                    (size.0 - 0.6, size.1 - 0.6),
                );
                canvas.letter(*letter, inner, (color, false));
            }
        }
    }

    fn numbers(&self, canvas: &mut Canvas, rect: Rect) {
        self.axis().draw(canvas, rect);
        let scale: Scale = self.axis().scale(rect.height);
        for (place, text) in &scale.ticks {
            let y = rect.y + rect.height * scale.share(*place);
            let style = Text::new(SMALL).anchor(Anchor::End);
            canvas.text((rect.x - LETTERS - 4.0, y), text, style);
        }
    }

    fn shown(&self) -> impl Iterator<Item = &Place> {
        let length = self.letters.len();
        let fits = move |hit: &&Place| {
            hit.sequence == self.sequence && hit.start < hit.end && hit.start < length
        };
        self.hits.all().iter().filter(fits)
    }

    fn squares(&self, canvas: &mut Canvas, rect: Rect) {
        let length = self.letters.len();
        let (wide, tall) = (rect.width / length as f64, rect.height / length as f64);
        for hit in self.shown().take(SQUARES) {
            let size = (hit.end.min(length) - hit.start) as f64;
            let corner = (
                rect.x + wide * hit.start as f64,
                rect.y + tall * hit.start as f64,
            );
            let square = Rect::new(corner, (wide * size, tall * size));
            canvas.rect(square, Paint::stroke(palette::INK, 1.0));
            let name = font::fit(&hit.name, SMALL - 1.0, 90.0);
            let room = square.right() + 4.0 + font::width(&name, SMALL - 1.0) <= rect.right();
            let (x, anchor) = if room {
                (square.right() + 4.0, Anchor::Start)
            } else {
                (square.x - 4.0, Anchor::End)
            };
            let y = square.y + square.height / 2.0;
            let wide = font::width(&name, SMALL - 1.0);
            let left = if room { x } else { x - wide };
            let under = Rect::new((left - 2.0, y - 6.5), (wide + 4.0, 13.0));
            canvas.rect(under, Paint::fill(palette::WHITE).opacity(0.75));
            canvas.text((x, y), &name, Text::new(SMALL - 1.0).anchor(anchor));
        }
    }
}

impl Draw for DependencyMap {
    fn extent(&self) -> (f64, f64) {
        let [left, top, right, bottom] = self.margins();
        let side = self.side();
        self.frame.size_or(left + side + right, top + side + bottom)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let [left, top, right, bottom] = self.margins();
        let side = (area.width - left - right)
            .min(area.height - top - bottom)
            .max(10.0);
        let rect = Rect::new((area.x + left, area.y + top), (side, side));
        chart::title(canvas, &self.frame, (rect.x, area));
        if self.values.is_empty() {
            canvas.rect(rect, Paint::stroke(palette::FAINT, 0.8));
            chart::no_data(canvas, rect);
            return;
        }
        strip::cells(canvas, rect, (&self.values, self.scale()));
        self.sequence_along(canvas, rect);
        self.numbers(canvas, rect);
        self.squares(canvas, rect);
        self.bar().draw(canvas, rect);
        let middle = |turn| Text::new(MEDIUM).anchor(Anchor::Middle).turn(turn);
        if let Some(label) = &self.frame.x_label {
            let point = (rect.x + side / 2.0, rect.bottom() + Positions::HEIGHT + 6.0);
            canvas.text(point, label, middle(0));
        }
        if let Some(label) = &self.frame.y_label {
            let point = (area.x + MARGIN + 3.0, rect.y + side / 2.0);
            canvas.text(point, label, middle(-90));
        }
    }

    fn describe(&self) -> String {
        let length = self.letters.len();
        let mut text = format!("Dependency map of {length} positions, {}", self.value);
        let off = self
            .values
            .indexed_iter()
            .filter(|((i, j), value)| i != j && value.is_finite());
        let at = |i: usize| {
            let letter = char::from(self.letters[i]);
            format!("{letter} at {}", self.first.saturating_add(i as i64))
        };
        match off.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
            Some(((i, j), value)) if *value != 0.0 => {
                let value = axis::plain(*value);
                let _ = write!(text, "; {} answers most to {} with {value}", at(j), at(i));
            }
            Some(_) => text += "; no position answers to another",
            None => text += "; no data",
        }
        let missing = self.values.iter().filter(|v| !v.is_finite()).count();
        if missing > 0 {
            let _ = write!(text, "; {missing} cells are not finite and grey");
        }
        if !self.hits.is_empty() {
            let drawn = self.shown().take(SQUARES).count();
            let _ = write!(text, "; {drawn} of {} hits are framed", self.hits.len());
        }
        self.frame.describe(&(text + "."))
    }
}

view!(DependencyMap);
