//! An SVG document that grows mark by mark.

use super::glyph;
use super::mark::mark;
use super::palette::{Color, INK, WHITE};
use base64::Engine as _;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Stands before every id until the hash of the whole document is known; text can never hold it.
const PREFIX: char = '\u{1}';

/// A rectangle in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) const fn new((x, y): (f64, f64), (width, height): (f64, f64)) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// How a shape is painted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    fill: Option<Color>,
    stroke: Option<(Color, f64)>,
    opacity: f64,
    dashed: bool,
}

impl Paint {
    pub(crate) const fn fill(color: Color) -> Self {
        Self {
            fill: Some(color),
            stroke: None,
            opacity: 1.0,
            dashed: false,
        }
    }

    pub(crate) const fn stroke(color: Color, width: f64) -> Self {
        Self {
            fill: None,
            stroke: Some((color, width)),
            opacity: 1.0,
            dashed: false,
        }
    }

    pub(crate) const fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    pub(crate) const fn dashed(self) -> Self {
        Self {
            dashed: true,
            ..self
        }
    }
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks; its vertical middle is at the point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub(crate) size: f64,
    pub(crate) color: Color,
    pub(crate) anchor: Anchor,
    pub(crate) turn: i32,
}

impl Text {
    pub(crate) const fn new(size: f64) -> Self {
        Self {
            size,
            color: INK,
            anchor: Anchor::Start,
            turn: 0,
        }
    }

    pub(crate) const fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(crate) const fn color(self, color: Color) -> Self {
        Self { color, ..self }
    }

    pub(crate) const fn turn(self, turn: i32) -> Self {
        Self { turn, ..self }
    }
}

/// The document.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    body: String,
    glyphs: BTreeSet<u8>,
    /// Least room left and right of a plot, so that pictures above each other line up.
    pub(crate) least: (f64, f64),
}

impl Canvas {
    pub(crate) fn rect(&mut self, rect: Rect, paint: Paint) {
        if rect.width < 0.0 || rect.height < 0.0 {
            return;
        }
        self.body.push_str("<rect");
        for (name, value) in [
            ("x", rect.x),
            ("y", rect.y),
            ("width", rect.width),
            ("height", rect.height),
        ] {
            self.number(name, value);
        }
        self.paint(paint);
    }

    pub(crate) fn circle(&mut self, (x, y): (f64, f64), radius: f64, paint: Paint) {
        self.body.push_str("<circle");
        for (name, value) in [("cx", x), ("cy", y), ("r", radius)] {
            self.number(name, value);
        }
        self.paint(paint);
    }

    /// Draws straight lines through points, closed when the paint fills.
    pub(crate) fn path(&mut self, points: &[(f64, f64)], paint: Paint) {
        if points.is_empty() {
            return;
        }
        self.body.push_str("<path d=\"");
        for (i, &(x, y)) in points.iter().enumerate() {
            self.body.push(if i == 0 { 'M' } else { 'L' });
            short(&mut self.body, x);
            self.body.push(' ');
            short(&mut self.body, y);
        }
        self.body
            .push_str(if paint.fill.is_some() { "Z\"" } else { "\"" });
        self.paint(paint);
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), paint: Paint) {
        self.path(&[from, to], paint);
    }

    pub(crate) fn text(&mut self, (x, y): (f64, f64), text: &str, style: Text) {
        // Capitals of the font are 0.73 em high: their middle comes to the point.
        let drop = style.size * 0.365;
        self.body.push_str("<text");
        if style.turn == 0 {
            self.number("x", x);
            self.number("y", y + drop);
        } else {
            self.number("y", drop);
            self.body.push_str(" transform=\"translate(");
            short(&mut self.body, x);
            self.body.push(' ');
            short(&mut self.body, y);
            let _ = write!(self.body, ") rotate({})\"", style.turn);
        }
        self.number("font-size", style.size);
        match style.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.body.push_str(" text-anchor=\"middle\""),
            Anchor::End => self.body.push_str(" text-anchor=\"end\""),
        }
        if style.color != INK {
            let _ = write!(self.body, " fill=\"{}\"", style.color.hex());
        }
        self.body.push('>');
        escape(&mut self.body, text);
        self.body.push_str("</text>\n");
    }

    /// Draws a letter so that it fills a box, standing on its head when `flipped`.
    pub(crate) fn letter(&mut self, letter: u8, rect: Rect, (color, flipped): (Color, bool)) {
        if rect.height < 0.02 || glyph::outline(letter).is_none() {
            return;
        }
        self.glyphs.insert(letter);
        let _ = write!(
            self.body,
            "<use href=\"#{PREFIX}{}\" transform=\"matrix(",
            char::from(letter)
        );
        decimal(&mut self.body, rect.width / glyph::UNIT, 6);
        self.body.push_str(" 0 0 ");
        let tall = rect.height / glyph::UNIT;
        decimal(&mut self.body, if flipped { -tall } else { tall }, 6);
        self.body.push(' ');
        short(&mut self.body, rect.x);
        self.body.push(' ');
        short(&mut self.body, if flipped { rect.bottom() } else { rect.y });
        let _ = writeln!(self.body, ")\" fill=\"{}\"/>", color.hex());
    }

    /// Lays a PNG over a rectangle, its pixels as hard squares.
    pub(crate) fn image(&mut self, rect: Rect, png: &[u8]) {
        self.body.push_str("<image");
        for (name, value) in [
            ("x", rect.x),
            ("y", rect.y),
            ("width", rect.width),
            ("height", rect.height),
        ] {
            self.number(name, value);
        }
        let data = base64::engine::general_purpose::STANDARD.encode(png);
        let _ = writeln!(
            self.body,
            " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" image-rendering=\"optimizeSpeed\" href=\"data:image/png;base64,{data}\"/>"
        );
    }

    /// Completes the document, drawn at one size and shown at another, with words for those who do not see it.
    pub(crate) fn finish(
        self,
        (drawn, shown): ((f64, f64), (f64, f64)),
        (title, description): (&str, &str),
    ) -> String {
        let mut out = String::with_capacity(self.body.len() + 4000);
        let size = |(width, height): (f64, f64)| {
            let mut text = String::from(" width=\"");
            short(&mut text, width);
            text.push_str("\" height=\"");
            short(&mut text, height);
            text + "\""
        };
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\"{} viewBox=\"0 0 ",
            size(shown)
        );
        short(&mut out, drawn.0);
        out.push(' ');
        short(&mut out, drawn.1);
        let _ = write!(
            out,
            "\" role=\"img\" aria-labelledby=\"{PREFIX}title {PREFIX}desc\" font-family=\"{}\" fill=\"{}\">\n<title id=\"{PREFIX}title\">",
            super::font::FAMILY,
            INK.hex()
        );
        let mut words = String::new();
        escape(&mut words, title);
        out.push_str(if words.trim().is_empty() {
            "Figure"
        } else {
            &words
        });
        let _ = write!(out, "</title>\n<desc id=\"{PREFIX}desc\">");
        escape(&mut out, description);
        out.push_str("</desc>\n");
        if !self.glyphs.is_empty() {
            out.push_str("<defs>\n");
            for letter in self.glyphs {
                let outline = glyph::outline(letter).unwrap_or_default();
                let _ = writeln!(
                    out,
                    "<path id=\"{PREFIX}{}\" d=\"{outline}\"/>",
                    char::from(letter)
                );
            }
            out.push_str("</defs>\n");
        }
        let _ = writeln!(out, "<rect{} fill=\"{}\"/>", size(drawn), WHITE.hex());
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        let hash = mark(out.bytes());
        out.replace(PREFIX, &format!("g{:08x}-", (hash ^ (hash >> 32)) as u32))
    }

    fn number(&mut self, name: &str, value: f64) {
        self.body.push(' ');
        self.body.push_str(name);
        self.body.push_str("=\"");
        short(&mut self.body, value);
        self.body.push('"');
    }

    fn paint(&mut self, paint: Paint) {
        match paint.fill {
            Some(color) => {
                let _ = write!(self.body, " fill=\"{}\"", color.hex());
            }
            None => self.body.push_str(" fill=\"none\""),
        }
        if let Some((color, width)) = paint.stroke {
            let _ = write!(self.body, " stroke=\"{}\"", color.hex());
            self.number("stroke-width", width);
            self.body.push_str(" stroke-linejoin=\"round\"");
        }
        if paint.dashed {
            self.body.push_str(" stroke-dasharray=\"4 3\"");
        }
        if paint.opacity < 1.0 {
            self.number("opacity", paint.opacity);
        }
        self.body.push_str("/>\n");
    }
}

/// Writes a coordinate: two decimals are a fiftieth of a pixel of a doubled picture.
fn short(out: &mut String, value: f64) {
    decimal(out, value, 2);
}

/// Writes a number with so many decimals and no needless zeros; what is not finite becomes 0.
fn decimal(out: &mut String, value: f64, digits: usize) {
    let scale = 10_i64.pow(digits as u32);
    let scaled = (value * scale as f64).round();
    if !scaled.is_finite() || scaled == 0.0 {
        out.push('0');
        return;
    }
    let scaled = scaled.clamp(-1e15, 1e15) as i64;
    if scaled < 0 {
        out.push('-');
    }
    let scaled = scaled.abs();
    let (whole, mut part) = (scaled / scale, scaled % scale);
    if whole != 0 || part == 0 {
        let _ = write!(out, "{whole}");
    }
    if part != 0 {
        let mut digits = digits;
        while part % 10 == 0 {
            part /= 10;
            digits -= 1;
        }
        let _ = write!(out, ".{part:0digits$}");
    }
}

/// Writes a text so that XML and HTML read it as text; control characters, which XML forbids, are left out.
pub(crate) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
}
