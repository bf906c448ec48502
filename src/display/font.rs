//! The embedded font: how wide a text is, and the outlines of its letters.
//!
//! One font for everybody makes the same picture everywhere; fonts of the machine are never looked at.

use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};

/// The fonts a viewer may use for SVG text, ours first; Verdana has the same widths.
pub(crate) const FAMILY: &str = "DejaVu Sans, Verdana, Geneva, sans-serif";
/// The regular face.
pub(crate) const REGULAR: &[u8] = include_bytes!("font/DejaVuSans.ttf");
/// The bold face, capitals of logos among others.
pub(crate) const BOLD: &[u8] = include_bytes!("font/DejaVuSans-Bold.ttf");

/// Returns the width of a text at a font size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let Ok(font) = FontRef::new(REGULAR) else {
        return text.chars().count() as f64 * size * 0.6;
    };
    let metrics = GlyphMetrics::new(&font, Size::new(size as f32), LocationRef::default());
    let map = font.charmap();
    let advance = |c| map.map(c).and_then(|glyph| metrics.advance_width(glyph));
    text.chars()
        .map(|c| advance(c).map_or(size * 0.6, f64::from))
        .sum()
}

/// Cuts a text so that it fits a width, an ellipsis at its end.
pub(crate) fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size) + size > room {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

/// Traces the outline of a bold letter; nothing when the font lacks it.
pub(crate) fn trace(letter: char, pen: &mut impl OutlinePen) -> Option<()> {
    let font = FontRef::new(BOLD).ok()?;
    let glyph = font.outline_glyphs().get(font.charmap().map(letter)?)?;
    let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
    glyph.draw(settings, pen).ok()?;
    Some(())
}
