//! Tables, with small pictures in their cells.

use super::axis;
use super::canvas::escape;
use super::figure::{Figure, View};
use super::mime::{self, Bundle};
use super::numbers::counted;
use super::palette::Color;
use super::show::Show;
use base64::Engine as _;
use std::fmt::Write as _;
use std::sync::Arc;

/// Rows of cells under names of columns: cheap to clone, never changed in place.
#[derive(Clone)]
pub struct Table {
    columns: Arc<[String]>,
    rows: Arc<[Arc<[Cell]>]>,
    note: String,
}

/// One cell of a [`Table`]: text, a number or a picture, made with `into()`.
#[derive(Clone)]
pub struct Cell(Inside);

#[derive(Clone)]
enum Inside {
    Text(String),
    Number(String),
    Letters(String, bool),
    Picture(Figure),
}

/// Begins a table with these columns.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let table = display::table(&["name", "AUROC"]).row(&["published".into(), 0.987.into()]);
/// assert!(table.html().contains("published"));
/// ```
pub fn table(columns: &[&str]) -> Table {
    let columns = columns.iter().map(ToString::to_string).collect();
    Table {
        columns,
        rows: Arc::new([]),
        note: String::new(),
    }
}

impl Table {
    /// Adds a row.
    pub fn row(&self, cells: &[Cell]) -> Self {
        let rows = self.rows.iter().cloned().chain([cells.into()]).collect();
        Self {
            rows,
            ..self.clone()
        }
    }

    /// Writes a sentence under the table.
    pub fn note(&self, note: &str) -> Self {
        Self {
            note: note.into(),
            ..self.clone()
        }
    }

    pub(crate) fn filled(columns: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Self {
        Self {
            rows: rows.map(Arc::from).collect(),
            ..table(columns)
        }
    }

    /// Returns the table as HTML, every text escaped.
    pub fn html(&self) -> String {
        let mut out = String::from("<table>\n<thead><tr>");
        for name in self.columns.iter() {
            out.push_str("<th style=\"text-align:left\">");
            escape(&mut out, name);
            out.push_str("</th>");
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in self.rows.iter() {
            out.push_str("<tr>");
            row.iter().for_each(|cell| cell.html(&mut out));
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody>\n</table>\n");
        if !self.note.is_empty() {
            out.push_str("<p>");
            escape(&mut out, &self.note);
            out.push_str("</p>\n");
        }
        out
    }

    /// Returns the table as plain text, columns aligned.
    pub fn text(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(Cell::text).collect())
            .collect();
        let all = || std::iter::once(&self.columns[..]).chain(rows.iter().map(|row| &row[..]));
        let count = all().map(<[String]>::len).max().unwrap_or(0);
        let size = |text: &String| text.chars().count();
        let widths: Vec<usize> = (0..count)
            .map(|j| {
                all()
                    .filter_map(|row| row.get(j))
                    .map(size)
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut out = String::new();
        for row in all() {
            let cells = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"));
            out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            out.push('\n');
        }
        out + &self.note
    }

    /// Returns what a notebook is sent: HTML and plain text.
    pub fn bundle(&self) -> Bundle {
        Bundle::text(&self.text()).with("text/html", &self.html())
    }

    #[doc(hidden)]
    pub fn evcxr_display(&self) {
        mime::emit(&self.bundle());
    }
}

impl Cell {
    /// Makes a cell of bases or amino acids in their colours.
    pub(crate) fn letters(letters: &str, protein: bool) -> Self {
        Self(Inside::Letters(letters.into(), protein))
    }

    fn text(&self) -> String {
        match &self.0 {
            Inside::Text(text) | Inside::Number(text) | Inside::Letters(text, _) => {
                text.replace('\n', " ")
            }
            Inside::Picture(figure) => figure.description(),
        }
    }

    fn html(&self, out: &mut String) {
        match &self.0 {
            Inside::Text(text) => {
                out.push_str("<td style=\"text-align:left\">");
                escape(out, text);
            }
            Inside::Number(text) => {
                out.push_str("<td style=\"text-align:right\">");
                escape(out, text);
            }
            Inside::Letters(text, protein) => {
                out.push_str("<td style=\"text-align:left;font-family:monospace\">");
                for run in text.as_bytes().chunk_by(|a, b| a == b) {
                    let color = Color::letter(run[0].to_ascii_uppercase(), *protein).hex();
                    let _ = write!(out, "<span style=\"color:{color}\">");
                    escape(out, &String::from_utf8_lossy(run));
                    out.push_str("</span>");
                }
            }
            Inside::Picture(figure) => {
                out.push_str("<td>");
                // A PNG: viewers strip inline SVG from notebooks that they do not trust.
                if let Ok(png) = figure.png() {
                    let data = base64::engine::general_purpose::STANDARD.encode(png);
                    let (width, height) = figure.extent();
                    let _ = write!(
                        out,
                        "<img src=\"data:image/png;base64,{data}\" width=\"{width:.0}\" height=\"{height:.0}\" alt=\""
                    );
                    escape(out, &figure.description());
                    out.push_str("\">");
                }
            }
        }
        out.push_str("</td>");
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self(Inside::Text(text.into()))
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self(Inside::Text(text))
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self(Inside::Number(axis::plain(value)))
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Self(Inside::Number(value.to_string()))
    }
}

impl<V: View> From<&V> for Cell {
    fn from(picture: &V) -> Self {
        Self(Inside::Picture(picture.figure()))
    }
}

impl Show for Table {
    fn evcxr_display(&self) {
        Self::evcxr_display(self);
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Table({}, {})",
            counted(self.rows.len(), "row"),
            counted(self.columns.len(), "column")
        )
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cell({:?})", self.text())
    }
}
