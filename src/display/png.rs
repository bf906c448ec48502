//! Paints SVG into pixels.

use super::flat_png::Flat;
use super::font;
use super::palette::Color;
use crate::{Error, Result};
use resvg::tiny_skia::{Pixmap, PremultipliedColorU8, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, OnceLock};

static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();

/// The longest side of a painted picture.
const LONGEST: f64 = 16_000.0;

/// Paints an SVG document at a scale; only the embedded font is used.
pub(crate) fn paint(svg: &str, scale: f32) -> Result<Vec<u8>> {
    encode(&pixels(svg, scale)?)
}

/// Paints an SVG document in 256 colours at most, which for a map of many points weighs a third.
pub(crate) fn paint_flat(svg: &str, scale: f32) -> Option<Vec<u8>> {
    Flat::of(&pixels(svg, scale).ok()?)?.png()
}

fn pixels(svg: &str, scale: f32) -> Result<Pixmap> {
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(font::REGULAR.to_vec());
        fonts.load_font_data(font::BOLD.to_vec());
        Arc::new(fonts)
    });
    let options = Options {
        fontdb: Arc::clone(fonts),
        font_family: "DejaVu Sans".into(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options)
        .map_err(|error| Error::value("svg", "a valid SVG document", error))?;
    let size = tree.size();
    let (width, height) = (
        f64::from(size.width() * scale).round(),
        f64::from(size.height() * scale).round(),
    );
    let too_large = || {
        Error::value(
            "size",
            "a picture of at most 8000 CSS pixels a side",
            format!("{} x {}", size.width(), size.height()),
        )
    };
    if width.max(height) > LONGEST {
        return Err(too_large());
    }
    let mut pixels = Pixmap::new(width as u32, height as u32).ok_or_else(too_large)?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    Ok(pixels)
}

/// Makes a PNG of a grid of colours, row by row; `None` is transparent.
pub(crate) fn raster(
    (width, height): (usize, usize),
    color: impl Fn(usize, usize) -> Option<Color>,
) -> Option<Vec<u8>> {
    let mut pixels = Pixmap::new(u32::try_from(width).ok()?, u32::try_from(height).ok()?)?;
    for (i, pixel) in pixels.pixels_mut().iter_mut().enumerate() {
        if let Some(Color(r, g, b)) = color(i / width, i % width) {
            *pixel = PremultipliedColorU8::from_rgba(r, g, b, u8::MAX)?;
        }
    }
    encode(&pixels).ok()
}

/// Encodes pixels.
pub(crate) fn encode(pixels: &Pixmap) -> Result<Vec<u8>> {
    pixels
        .encode_png()
        .map_err(|error| Error::value("size", "a picture that fits into memory", error))
}
