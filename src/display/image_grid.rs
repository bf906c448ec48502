//! Images side by side.

use super::axis;
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{self, MARGIN, MEDIUM, SMALL, TITLE};
use super::figure::{COLUMN, Draw};
use super::font;
use super::frame::{Frame, view};
use super::legend::Bar;
use super::numbers::Labels;
use super::palette::{self, Color, ColorMap};
use super::png;
use crate::{Error, Input, Result};
use ndarray::{Array4, ArrayView3, Ix4};
use std::fmt::Write as _;
use std::sync::Arc;

/// Images that are drawn, if not told otherwise.
const MANY: usize = 100;
/// Room between neighbours.
const GAP: f64 = 6.0;
/// Height of a caption.
const CAPTION: f64 = SMALL + 5.0;
/// The colour of pixels that are pointed at.
const MARK: Color = Color::category(3);

/// Images in rows and columns, all in the same colours.
///
/// Numbers from 0 to 1 are black ink on white paper. Numbers beyond that have a colour bar; where some are negative, colours diverge
/// from 0. What is not a number is grey.
#[derive(Clone)]
pub struct ImageGrid {
    pub(super) frame: Frame,
    values: Arc<Array4<f32>>,
    captions: Arc<[String]>,
    /// Which pixels are pointed at, `(n, 1, height, width)`.
    marked: Option<Arc<Array4<f32>>>,
    columns: Option<usize>,
    most: usize,
    map: Option<ColorMap>,
    range: Option<(f64, f64)>,
    name: Option<String>,
}

/// Draws images: arrays `(n, 1, height, width)` or `(n, height, width)` of grey ones, `(n, 3, height, width)` of red, green and blue ones,
/// `(height, width)` of one.
///
/// # Errors
///
/// Fails when the array has another shape, or no pixel.
///
/// # Examples
///
/// ```
/// use genolens::{display, simulate};
/// # fn main() -> genolens::Result<()> {
/// let digits = simulate::digits(12, 0)?;
/// let picture = display::images(&digits)?.captions(digits.labels()).columns(6);
/// assert!(picture.description().starts_with("12 images of 28 x 28 pixels"));
/// # Ok(()) }
/// ```
pub fn images(values: &dyn Input) -> Result<ImageGrid> {
    Ok(ImageGrid::new(pixels("values", values)?))
}

/// Reads an array of images.
fn pixels(argument: &str, values: &dyn Input) -> Result<Array4<f32>> {
    let values = values.array()?;
    let shape = values.shape().to_vec();
    let fail = || {
        let expected = "(n, 1, height, width), (n, 3, height, width), (n, height, width) or (height, width) with at least 1 pixel";
        Error::shape(argument, expected, &shape)
    };
    let sizes = match shape[..] {
        [height, width] => [1, 1, height, width],
        [n, height, width] => [n, 1, height, width],
        [n, channels @ (1 | 3), height, width] => [n, channels, height, width],
        _ => return Err(fail()),
    };
    if sizes[2] * sizes[3] == 0 {
        return Err(fail());
    }
    let values = values.as_standard_layout().into_owned();
    let values = values.into_shape_with_order(sizes).map_err(|_| fail())?;
    values.into_dimensionality::<Ix4>().map_err(|_| fail())
}

impl ImageGrid {
    pub(super) fn new(values: Array4<f32>) -> Self {
        Self {
            frame: Frame::default(),
            values: Arc::new(values),
            captions: Arc::new([]),
            marked: None,
            columns: None,
            most: MANY,
            map: None,
            range: None,
            name: None,
        }
    }

    /// Writes a caption under every image.
    pub fn captions(&self, captions: &(impl Labels + ?Sized)) -> Self {
        Self {
            captions: captions.labels().into(),
            ..self.clone()
        }
    }

    /// Points at pixels: those where this array, of the shape of the images with one channel, is not 0.
    ///
    /// # Errors
    ///
    /// Fails when the array has another shape.
    pub fn marked(&self, mask: &dyn Input) -> Result<Self> {
        let mask = pixels("mask", mask)?;
        let (n, _, height, width) = self.values.dim();
        if mask.dim() != (n, 1, height, width) {
            let expected = format!("({n}, 1, {height}, {width}), as the images");
            return Err(Error::shape("mask", expected, mask.shape()));
        }
        Ok(Self {
            marked: Some(mask.into()),
            ..self.clone()
        })
    }

    /// Sets how many images stand side by side.
    pub fn columns(&self, columns: usize) -> Self {
        Self {
            columns: Some(columns.max(1)),
            ..self.clone()
        }
    }

    /// Sets how many images are drawn at most; without it 100.
    pub fn most(&self, images: usize) -> Self {
        Self {
            most: images.max(1),
            ..self.clone()
        }
    }

    /// Sets the colours of grey images.
    pub fn colors(&self, map: ColorMap) -> Self {
        Self {
            map: Some(map),
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

    /// Writes beside the colour bar what the values are.
    pub fn value_label(&self, label: &str) -> Self {
        Self {
            name: Some(label.into()),
            ..self.clone()
        }
    }

    fn count(&self) -> usize {
        self.values.dim().0.min(self.most)
    }

    fn span(&self) -> Option<(f64, f64)> {
        axis::span(self.values.iter().map(|value| f64::from(*value)))
    }

    /// Returns the colours, what their ends mean, and whether that goes without saying.
    fn coloring(&self) -> (ColorMap, (f64, f64), bool) {
        let (low, high) = self.range.or(self.span()).unwrap_or((0.0, 1.0));
        let map = self.map.unwrap_or(if low < 0.0 {
            ColorMap::Diverging
        } else {
            ColorMap::Ink
        });
        if self.range.is_some() {
            return (map, (low, high), false);
        }
        if map == ColorMap::Diverging {
            let reach = low.abs().max(high.abs());
            let reach = if reach > 0.0 { reach } else { 1.0 };
            return (map, (-reach, reach), false);
        }
        if low >= 0.0 && high <= 1.0 {
            return (map, (0.0, 1.0), map == ColorMap::Ink);
        }
        (map, (low.min(0.0), high), false)
    }

    fn bar(&self) -> Option<Bar<'_>> {
        let (map, range, is_plain) = self.coloring();
        let is_grey = self.values.dim().1 == 1;
        (is_grey && (!is_plain || self.name.is_some())).then_some(Bar {
            map,
            range,
            label: self.name.as_deref(),
        })
    }

    /// Returns how many stand side by side, and the size of each.
    fn layout(&self) -> (usize, (f64, f64)) {
        let count = self.count().max(1);
        let columns = self.columns.unwrap_or(match count {
            ..=10 => count,
            11..=12 => 6,
            13..=100 => 10,
            _ => 20,
        });
        let columns = columns.min(count);
        let (_, _, height, width) = self.values.dim();
        let room = COLUMN - 2.0 * MARGIN - self.bar().map_or(0.0, |bar| bar.width());
        let most = (room + GAP) / columns as f64 - GAP;
        let wanted = match count {
            1 => 224.0,
            2..=4 => 140.0,
            5..=12 => 96.0,
            13..=40 => 64.0,
            _ => 48.0,
        };
        let longest = height.max(width) as f64;
        let scale = (wanted / longest).min(most / width as f64);
        // Whole pixels stay sharp.
        let scale = if scale >= 1.0 { scale.floor() } else { scale };
        (columns, (width as f64 * scale, height as f64 * scale))
    }

    fn margins(&self) -> [f64; 4] {
        let title = if self.frame.title.is_some() {
            TITLE
        } else {
            0.0
        };
        let label = |label: &Option<String>| if label.is_some() { 18.0 } else { 0.0 };
        [
            MARGIN + label(&self.frame.y_label),
            MARGIN + title,
            MARGIN + self.bar().map_or(0.0, |bar| bar.width()),
            MARGIN + label(&self.frame.x_label),
        ]
    }

    fn caption(&self) -> f64 {
        if self.captions.is_empty() {
            0.0
        } else {
            CAPTION
        }
    }

    /// Returns width and height of all images with what stands between them.
    fn inner(&self) -> (f64, f64) {
        let (columns, (wide, tall)) = self.layout();
        let rows = self.count().div_ceil(columns).max(1);
        (
            columns as f64 * (wide + GAP) - GAP,
            rows as f64 * (tall + GAP + self.caption()) - GAP,
        )
    }

    /// Returns the colour of a pixel, given what colours mean.
    fn color(
        &self,
        image: &ArrayView3<'_, f32>,
        (map, (low, high)): (ColorMap, (f64, f64)),
        (index, row, column): (usize, usize, usize),
    ) -> Color {
        let share = |channel: usize| {
            let value = f64::from(image[[channel, row, column]]);
            (value - low) / (high - low).max(f64::MIN_POSITIVE)
        };
        let color = if image.dim().0 == 3 {
            let shares = [share(0), share(1), share(2)];
            let [r, g, b] = shares.map(|share| (share.clamp(0.0, 1.0) * 255.0).round() as u8);
            if shares.iter().any(|share| share.is_nan()) {
                palette::MISSING
            } else {
                Color(r, g, b)
            }
        } else {
            map.color(share(0))
        };
        match &self.marked {
            Some(marked) if marked[[index, 0, row, column]] != 0.0 => color.mix(MARK, 0.6),
            _ => color,
        }
    }
}

impl Draw for ImageGrid {
    fn extent(&self) -> (f64, f64) {
        let [left, top, right, bottom] = self.margins();
        let (wide, tall) = self.inner();
        self.frame
            .size_or(left + wide.max(60.0) + right, top + tall.max(24.0) + bottom)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let [left, top, right, bottom] = self.margins();
        let room = (
            (area.width - left - right).max(10.0),
            (area.height - top - bottom).max(10.0),
        );
        let rect = Rect::new((area.x + left, area.y + top), room);
        chart::title(canvas, &self.frame, (rect.x, area));
        if self.count() == 0 {
            canvas.rect(rect, Paint::stroke(palette::FAINT, 0.8));
            chart::no_data(canvas, rect);
            return;
        }
        let (columns, (wide, tall)) = self.layout();
        let inner = self.inner();
        let scale = (rect.width / inner.0).min(rect.height / inner.1).min(1.0);
        let (wide, tall, gap, caption) = (wide * scale, tall * scale, GAP * scale, self.caption());
        let (_, _, height, width) = self.values.dim();
        let (map, range, _) = self.coloring();
        for (index, image) in self.values.outer_iter().take(self.count()).enumerate() {
            let (row, column) = (index / columns, index % columns);
            let corner = (
                rect.x + column as f64 * (wide + gap),
                rect.y + row as f64 * (tall + gap + caption),
            );
            let place = Rect::new(corner, (wide, tall));
            let color = |i: usize, j: usize| self.color(&image, (map, range), (index, i, j));
            if let Some(png) = png::raster((width, height), |i, j| Some(color(i, j))) {
                canvas.image(place, &png);
            }
            canvas.rect(place, Paint::stroke(palette::GRID, 0.8));
            if let Some(text) = self.captions.get(index) {
                let middle = (place.x + wide / 2.0, place.bottom() + CAPTION / 2.0);
                let text = font::fit(text, SMALL, wide + gap);
                canvas.text(middle, &text, Text::new(SMALL).anchor(Anchor::Middle));
            }
        }
        if let Some(bar) = self.bar() {
            bar.draw(canvas, rect);
        }
        let middle = |turn| Text::new(MEDIUM).anchor(Anchor::Middle).turn(turn);
        if let Some(label) = &self.frame.x_label {
            let point = (rect.x + rect.width / 2.0, area.bottom() - MARGIN - 3.0);
            canvas.text(point, label, middle(0));
        }
        if let Some(label) = &self.frame.y_label {
            let point = (area.x + MARGIN + 3.0, rect.y + rect.height / 2.0);
            canvas.text(point, label, middle(-90));
        }
    }

    fn describe(&self) -> String {
        let (n, channels, height, width) = self.values.dim();
        let images = if n == 1 { "image" } else { "images" };
        let mut text = format!("{n} {images} of {height} x {width} pixels");
        if channels == 3 {
            text += " in colour";
        }
        if let Some(name) = &self.name {
            let _ = write!(text, ", {name}");
        }
        match self.span() {
            Some((low, high)) => {
                let (low, high) = (axis::plain(low), axis::plain(high));
                let _ = write!(text, ", values {low} to {high}");
            }
            None => text += "; no data",
        }
        if self.count() < n {
            let _ = write!(text, "; the first {} are drawn", self.count());
        }
        if let Some(marked) = &self.marked {
            let pixels = marked.iter().filter(|mark| **mark != 0.0).count();
            let _ = write!(text, "; {pixels} pixels are marked");
        }
        let missing = self.values.iter().filter(|value| !value.is_finite());
        let missing = missing.count();
        if missing > 0 {
            let _ = write!(text, "; {missing} pixels are not finite and grey");
        }
        self.frame.describe(&(text + "."))
    }
}

view!(ImageGrid);
