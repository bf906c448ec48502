//! Logos of thousands of positions, to zoom into.

use super::canvas::escape;
use super::figure::{Figure, View};
use super::glyph;
use super::json;
use super::logo::Logo;
use super::mark::mark;
use super::mime::{self, Bundle};
use super::palette::{Color, INK, WHITE};
use super::places::Sites;
use super::show::Show;
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What draws in the browser.
const SCRIPT: &str = include_str!("browser.js");
/// Places that are sent at most.
const HITS: usize = 10_000;
/// Colours of hits that are sent.
const COLORS: usize = 14;

/// A logo to zoom into, move along and ask for numbers, by mouse, touch or keys; a plain picture where scripts do not run.
///
/// Drag to move; click, then turn the wheel to zoom. With the keys: arrows move, `+` and `-` zoom, `f` fits the height to what is shown,
/// Home shows all. Made by [`Logo::browser`]; its HTML needs nothing from the network.
#[derive(Clone)]
pub struct Browser {
    logo: Logo,
}

impl Browser {
    pub(super) fn new(logo: &Logo) -> Self {
        Self { logo: logo.clone() }
    }

    /// Sets the title.
    pub fn title(&self, title: &str) -> Self {
        Self::new(&self.logo.title(title))
    }

    /// Sets the number of the first position; it is 0 otherwise.
    pub fn first(&self, position: i64) -> Self {
        Self::new(&self.logo.first(position))
    }

    /// Draws hits as arrows under the letters, as [`Logo::hits`] does.
    pub fn hits(&self, hits: &(impl Sites + ?Sized)) -> Self {
        Self::new(&self.logo.hits(hits))
    }

    /// Returns the plain picture of the whole.
    pub fn figure(&self) -> Figure {
        self.logo.figure()
    }

    /// Returns one sentence that says what is to be seen.
    pub fn description(&self) -> String {
        self.logo.description()
    }

    /// Returns the plain picture as a self-contained SVG document.
    pub fn svg(&self) -> String {
        self.figure().svg()
    }

    /// Returns HTML that needs nothing else: the plain picture, and a script that takes its place.
    pub fn html(&self) -> String {
        let bundle = self.figure().bundle();
        bundle
            .get("image/png")
            .map_or_else(String::new, |png| self.page(png))
    }

    /// Writes to a file; the extension, `.html`, `.svg` or `.png`, chooses the format.
    ///
    /// # Errors
    ///
    /// Fails for another extension, or when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("html") => {
                let head = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>genolens</title>\n";
                let page = format!("{head}{}", self.html());
                std::fs::write(path, page).map_err(|source| Error::write(path, source))
            }
            Some("svg" | "png") => self.figure().save(path),
            _ => Err(Error::value(
                "path",
                "a file name that ends in .html, .svg or .png",
                format!("{:?}", path.display().to_string()),
            )),
        }
    }

    /// Returns what a notebook is sent: HTML, and the plain picture as PNG, SVG and one sentence.
    pub fn bundle(&self) -> Bundle {
        let bundle = self.figure().bundle();
        match bundle.get("image/png").map(|png| self.page(png)) {
            Some(html) => bundle.with("text/html", &html),
            None => bundle,
        }
    }

    #[doc(hidden)]
    pub fn evcxr_display(&self) {
        mime::emit(&self.bundle());
    }

    fn page(&self, png: &str) -> String {
        let mut data = self.data();
        let hash = mark(data.bytes());
        let _ = write!(data, ",\"id\":\"{hash:016x}\"}}");
        let (width, height) = self.figure().extent();
        let mut alt = String::new();
        escape(&mut alt, &self.description());
        format!(
            "<div data-genolens-browser=\"{hash:016x}\" style=\"max-width:1200px;background:{}\">\
             <img src=\"data:image/png;base64,{png}\" width=\"{width:.0}\" height=\"{height:.0}\" alt=\"{alt}\">\
             <script>{}({})</script></div>\n",
            WHITE.hex(),
            SCRIPT.trim(),
            data.replace('<', "\\u003c")
        )
    }

    /// Returns all that the script draws, an open JSON object.
    fn data(&self) -> String {
        let heights = self.logo.heights();
        let (letters, n) = (self.logo.alphabet(), heights.ncols());
        let alone = |column: ndarray::ArrayView1<'_, f64>| {
            column.iter().filter(|value| **value != 0.0).count() <= 1
        };
        let floats = |values: &mut dyn Iterator<Item = f64>| {
            let bytes: Vec<u8> = values.flat_map(|v| (v as f32).to_le_bytes()).collect();
            STANDARD.encode(bytes)
        };
        // Where each position has one letter at most, its row and its height say all.
        let (rows, values) = if heights.columns().into_iter().all(alone) {
            let place = |column: ndarray::ArrayView1<'_, f64>| {
                column.iter().position(|value| *value != 0.0)
            };
            let found: Vec<_> = heights.columns().into_iter().map(place).collect();
            let rows: Vec<u8> = found
                .iter()
                .map(|row| row.map_or(255, |row| row as u8))
                .collect();
            let mut values = found
                .iter()
                .enumerate()
                .map(|(i, row)| row.map_or(0.0, |row| heights[[row, i]]));
            (
                format!("\"{}\"", STANDARD.encode(rows)),
                floats(&mut values),
            )
        } else {
            ("null".into(), floats(&mut heights.iter().copied()))
        };
        let (low, high) = self.logo.y_ends();
        let first = self.logo.axis().first;
        let mut out = format!(
            "{{\"n\":{n},\"first\":{first},\"low\":{low},\"high\":{high},\"unit\":{},\"rows\":{rows},\"values\":\"{values}\"",
            glyph::UNIT
        );
        let texts = |out: &mut String, name: &str, texts: &[String]| {
            let _ = write!(out, ",\"{name}\":[");
            for (i, text) in texts.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                json::string(out, text);
            }
            out.push(']');
        };
        let protein = letters.len() > 5;
        let of = |get: &dyn Fn(u8) -> String| -> Vec<String> {
            letters.iter().map(|l| get(*l)).collect()
        };
        texts(
            &mut out,
            "letters",
            &of(&|letter| char::from(letter).to_string()),
        );
        texts(
            &mut out,
            "inks",
            &of(&|letter| Color::letter(letter, protein).hex()),
        );
        texts(
            &mut out,
            "outlines",
            &of(&|letter| glyph::outline(letter).unwrap_or_default().into()),
        );
        let frame = &self.logo.frame;
        for (name, text) in [("title", &frame.title), ("label", &frame.y_label)] {
            let _ = write!(out, ",\"{name}\":");
            json::string(&mut out, text.as_deref().unwrap_or_default());
        }
        self.arrows(&mut out, &texts);
        out
    }

    fn arrows(&self, out: &mut String, texts: &dyn Fn(&mut String, &str, &[String])) {
        let (hits, sequence) = self.logo.sites();
        let mut own: Vec<_> = hits
            .all()
            .iter()
            .filter(|hit| hit.sequence == sequence && hit.start < hit.end)
            .collect();
        own.sort_by_key(|hit| (hit.start, hit.end));
        own.truncate(HITS);
        let mut numbers: BTreeMap<&str, usize> =
            own.iter().map(|hit| (hit.name.as_str(), 0)).collect();
        for (i, number) in numbers.values_mut().enumerate() {
            *number = i;
        }
        let names: Vec<String> = numbers.keys().map(|name| (*name).to_string()).collect();
        texts(out, "names", &names);
        out.push_str(",\"colors\":[");
        for i in 0..COLORS {
            let color = Color::category(i);
            let ink = if color.brightness() < 0.6 { WHITE } else { INK };
            let comma = if i == 0 { "" } else { "," };
            let _ = write!(out, "{comma}[\"{}\",\"{}\"]", color.hex(), ink.hex());
        }
        out.push_str("],\"hits\":[");
        for (i, hit) in own.iter().enumerate() {
            let strand = match hit.reverse {
                Some(true) => -1,
                Some(false) => 1,
                None => 0,
            };
            let comma = if i == 0 { "" } else { "," };
            let (start, end, name) = (hit.start, hit.end, numbers[hit.name.as_str()]);
            let _ = write!(out, "{comma}[{start},{end},{strand},{name}]");
        }
        out.push(']');
    }
}

impl View for Browser {
    fn figure(&self) -> Figure {
        Self::figure(self)
    }
}

impl Show for Browser {
    fn evcxr_display(&self) {
        Self::evcxr_display(self);
    }
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Browser({})", self.description())
    }
}
