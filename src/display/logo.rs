//! Sequence logos: letters as tall as what they stand for.

use super::axis::{self, Scale};
use super::browser::Browser;
use super::canvas::{Canvas, Paint, Rect};
use super::chart::{self, Chart, Plane, TITLE};
use super::envelope::Envelope;
use super::figure::{COLUMN, Draw};
use super::frame::{Frame, view};
use super::lanes::Lanes;
use super::numbers::Matrix;
use super::palette::{self, Color};
use super::places::{Places, Sites};
use super::positions::Positions;
use super::spans::Spans;
use ndarray::{Array2, Axis};
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// Room beside the letters at least.
const FLANKS: f64 = 60.0;
/// Narrower letters are bars in their colours.
const BARS: f64 = 2.0;
/// Narrower ones become one outline of all.
const NARROW: f64 = 1.2;

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
    highlights: Spans,
    notes: Spans,
    hits: Places,
    /// Which sequence of the hits this is.
    sequence: usize,
    unnumbered: bool,
    /// Positions whose letters are grey.
    faded: Arc<[usize]>,
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
        highlights: Spans::default(),
        notes: Spans::default(),
        hits: Places::new(),
        sequence: 0,
        unnumbered: false,
        faded: Arc::new([]),
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

    /// Draws the letters at these positions, counted from 0, in grey.
    pub fn faded(&self, positions: &[usize]) -> Self {
        let mut faded = positions.to_vec();
        faded.sort_unstable();
        Self {
            faded: faded.into(),
            ..self.clone()
        }
    }

    /// Shades positions, counted from 0, and writes a label over them.
    pub fn highlight(&self, positions: Range<usize>, label: &str) -> Self {
        Self {
            highlights: self.highlights.with(positions, label),
            ..self.clone()
        }
    }

    /// Draws a bar with a label under positions, counted from 0; bars that overlap go to rows of their own.
    pub fn annotate(&self, positions: Range<usize>, label: &str) -> Self {
        Self {
            notes: self.notes.with(positions, label),
            ..self.clone()
        }
    }

    /// Draws hits as arrows under the letters, those of the sequence that is shown; the name stands in the arrow or beside it.
    ///
    /// Six rows at most have room; how many hits are left out is written under them.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::attribution;
    /// use genolens::motif::{self, Motif};
    /// use genolens::{network, sequence::Sequences};
    /// # fn main() -> genolens::Result<()> {
    /// let peaks = Sequences::dna(["TTTACCGGAAGTTTT"])?;
    /// let ets = [Motif::from_consensus("ETS", "ACCGGAAGT")?].into_iter().collect();
    /// let scores = attribution::gradient_x_input(&network::deepbind(4), &peaks)?;
    /// let logo = scores.logo().hits(&motif::scan(&ets, &peaks)?);
    /// assert!(logo.description().contains("ETS (+) at 3..12"));
    /// # Ok(()) }
    /// ```
    pub fn hits(&self, hits: &(impl Sites + ?Sized)) -> Self {
        Self {
            hits: hits.places(),
            ..self.clone()
        }
    }

    /// Sets which sequence of the hits is shown; it is the first otherwise, or the one that was chosen of an attribution.
    pub fn sequence(&self, index: usize) -> Self {
        Self {
            sequence: index,
            ..self.clone()
        }
    }

    /// Makes a view to zoom into, for thousands of positions.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{display, ndarray::Array2};
    /// let scores = Array2::from_shape_fn((4, 3000), |(row, i)| if i % 4 == row { (i as f64).sin() } else { 0.0 });
    /// assert!(display::logo(&scores).browser().html().contains("<script>"));
    /// ```
    pub fn browser(&self) -> Browser {
        Browser::new(self)
    }

    /// Returns the letters' heights, the letters, and the hits with the sequence of theirs that is shown.
    pub(super) fn heights(&self) -> &Array2<f64> {
        &self.heights
    }

    pub(super) fn alphabet(&self) -> &[u8] {
        &self.letters
    }

    pub(super) fn sites(&self) -> (&Places, usize) {
        (&self.hits, self.sequence)
    }

    /// Returns the ends of the y axis.
    pub(super) fn y_ends(&self) -> (f64, f64) {
        let scale = self.y_scale();
        (scale.low, scale.high)
    }

    /// Leaves out the numbers of the positions, for a logo above another.
    pub(super) fn unnumbered(&self) -> Self {
        Self {
            unnumbered: true,
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

    pub(super) fn axis(&self) -> Positions {
        Positions {
            count: self.positions(),
            first: self.first,
        }
    }

    fn x_scale(&self, width: f64) -> Scale {
        if self.unnumbered {
            return Scale::slots(self.positions(), Vec::new());
        }
        self.axis().scale(width)
    }

    fn lanes(&self) -> Lanes {
        if self.hits.is_empty() {
            return Lanes::default();
        }
        let width = self.wide() - FLANKS;
        Lanes::new(&self.hits, self.sequence, (self.positions(), width))
    }

    /// Returns the width of the whole.
    fn wide(&self) -> f64 {
        let positions = self.positions() as f64;
        // A long sequence is squeezed into what a notebook shows without cutting it off.
        let each = ((COLUMN - FLANKS) / positions.max(1.0)).min(24.0);
        let width = (FLANKS + positions * each).max(150.0);
        self.frame.size_or(width, 140.0).0
    }

    /// Draws how far letters that are too narrow to be seen reach.
    fn outline(&self, canvas: &mut Canvas, plane: &Plane<'_>) {
        let stacks = self.heights.axis_iter(Axis(1)).map(|column| {
            let sum = |sign: f64| -> f64 { column.iter().filter(|v| **v * sign > 0.0).sum() };
            (sum(1.0), sum(-1.0))
        });
        let envelope = Envelope::new(stacks, plane.rect.width as usize);
        let clip = |value| plane.y(value).clamp(plane.rect.y, plane.rect.bottom());
        let [above, below] = envelope.outlines(plane.rect, clip);
        canvas.path(&above, Paint::fill(Color::category(0)));
        canvas.path(&below, Paint::fill(Color::category(3)));
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
                let color = match self.faded.binary_search(&i) {
                    Ok(_) => palette::MISSING,
                    Err(_) => Color::letter(letter, protein),
                };
                if slot >= BARS {
                    canvas.letter(letter, rect, (color, value < 0.0 && !self.upright));
                } else if value != 0.0 {
                    canvas.rect(rect, Paint::fill(color));
                }
            }
        }
    }
}

impl Draw for Logo {
    fn sides(&self) -> Option<(f64, f64)> {
        let frame = self.frame.labelled("", "attribution");
        let (width, height) = self.extent();
        let (x, y) = (self.x_scale(width - FLANKS), self.y_scale());
        let plot = Chart::new(&frame, (&x, &y)).plot(Rect::new((0.0, 0.0), (width, height)));
        // In another width the last number may stand at the very end.
        let last = self.axis().widest() / 2.0 + 3.0;
        Some((plot.x, (width - plot.right()).max(last)))
    }

    fn extent(&self) -> (f64, f64) {
        let top = if self.frame.title.is_some() {
            20.0
        } else {
            0.0
        } + if self.highlights.is_empty() {
            0.0
        } else {
            10.0
        };
        let below = self.notes.height() + self.lanes().height();
        self.frame.size_or(self.wide(), 140.0 + top + below)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let frame = Frame {
            title: None,
            ..self.frame.labelled("", "attribution")
        };
        let y = self.y_scale();
        let labelled = self.highlights.is_labelled();
        let title = if self.frame.title.is_some() {
            TITLE - 4.0
        } else {
            0.0
        };
        let head = title + if labelled { 10.0 } else { 0.0 };
        let (notes, lanes) = (self.notes.height(), self.lanes());
        let inner = Rect::new(
            (area.x, area.y + head),
            (area.width, area.height - head - notes - lanes.height()),
        );
        let x = self.x_scale(area.width - FLANKS);
        let chart = Chart::new(&frame, (&x, &y))
            .grid(false, false)
            .least(canvas.least);
        if self.heights.is_empty() {
            chart.empty(canvas, inner);
            return;
        }
        chart::title(canvas, &self.frame, (chart.plot(inner).x, area));
        self.highlights
            .shade(canvas, chart.plot(inner), self.positions());
        let plane = chart.draw(canvas, inner, |_| {});
        if plane.rect.width < NARROW * self.positions() as f64 {
            self.outline(canvas, &plane);
        } else {
            self.stacks(canvas, &plane);
        }
        if y.low < 0.0 {
            let zero = plane.y(0.0);
            canvas.line(
                (plane.rect.x, zero),
                (plane.rect.right(), zero),
                Paint::stroke(palette::INK, 0.7),
            );
        }
        self.highlights.write(canvas, plane.rect, self.positions());
        self.notes
            .bars(canvas, (plane.rect, inner.bottom()), self.positions());
        lanes.draw(canvas, plane.rect, inner.bottom() + notes);
    }

    fn describe(&self) -> String {
        let what = self.frame.y_label.as_deref().unwrap_or("attribution");
        let letters = String::from_utf8_lossy(&self.letters);
        let mut text = format!("Sequence logo of {} positions, {what}", self.positions());
        let finite = self.heights.indexed_iter().filter(|(_, v)| v.is_finite());
        match finite.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
            Some(((row, position), value)) if *value != 0.0 => {
                let letter = letters.chars().nth(row).unwrap_or('?');
                let place = self.first.saturating_add(position as i64);
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
        if !self.faded.is_empty() {
            let _ = write!(text, "; {} positions are grey", self.faded.len());
        }
        self.highlights.describe(&mut text);
        self.notes.describe(&mut text);
        self.lanes().describe(&mut text);
        self.frame.describe(&(text + "."))
    }
}

view!(Logo);
