//! A finished picture, or several in rows and columns.

use super::canvas::{Canvas, Rect};
use super::chart::{self, TITLE};
use super::frame::Frame;
use super::mime::{self, Bundle};
use super::png;
use super::show::Show;
use crate::{Error, Result};
use std::path::Path;
use std::sync::Arc;

/// The width of a cell's output in JupyterLab, in a window of 1280 pixels with its file browser open.
pub(super) const COLUMN: f64 = 820.0;

/// What a picture that can be explored weighs at most in a notebook, in bytes.
const LARGEST: usize = 1_000_000;

/// A PNG of it that weighs more bytes than this has one pixel for each CSS pixel instead of four.
const HEAVY: usize = 200_000;

/// Room between neighbours.
const GAP: f64 = 10.0;

/// What can be drawn into a rectangle.
pub(crate) trait Draw: Send + Sync {
    /// Returns width and height in CSS pixels.
    fn extent(&self) -> (f64, f64);

    /// Returns the room left and right of the positions, for pictures that line up with one above.
    fn sides(&self) -> Option<(f64, f64)> {
        None
    }

    /// Draws into a rectangle.
    fn draw(&self, canvas: &mut Canvas, area: Rect);

    /// Returns one sentence for those who do not see the picture.
    fn describe(&self) -> String;

    /// Tells whether the picture has a page to be explored in a browser.
    fn is_explored(&self) -> bool {
        false
    }

    /// Returns the page, HTML, in at most so many bytes as JSON; `plain` is the picture as SVG.
    fn page(&self, _plain: &str, _room: usize) -> Option<String> {
        None
    }
}

/// Anything that is a picture.
pub trait View {
    /// Returns the picture.
    fn figure(&self) -> Figure;
}

/// A picture: cheap to clone, never changed in place.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let before = display::curve(&[1.0, 2.0, 3.0], &[0.7, 0.5, 0.4]);
/// let after = display::curve(&[1.0, 2.0, 3.0], &[0.6, 0.3, 0.2]);
/// let both = before.beside(&after).title("Loss before and after");
/// assert!(both.svg().starts_with("<svg"));
/// ```
#[derive(Clone)]
pub struct Figure {
    content: Content,
    title: Option<String>,
    size: Option<(f64, f64)>,
}

#[derive(Clone)]
enum Content {
    One(Arc<dyn Draw>),
    Grid(Arc<[Figure]>, usize),
}

/// Places pictures in rows of so many columns.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let curves = [display::curve(&[0.0, 1.0], &[0.0, 1.0]), display::curve(&[0.0, 1.0], &[1.0, 0.0])];
/// assert!(display::grid(&curves, 2).svg().contains("<path"));
/// ```
pub fn grid<V: View>(pictures: &[V], columns: usize) -> Figure {
    let figures = pictures.iter().map(View::figure).collect();
    Figure {
        content: Content::Grid(figures, columns.max(1)),
        title: None,
        size: None,
    }
}

impl Figure {
    pub(crate) fn new(content: impl Draw + 'static) -> Self {
        Self {
            content: Content::One(Arc::new(content)),
            title: None,
            size: None,
        }
    }

    /// Places this picture above another.
    pub fn above(&self, other: &impl View) -> Self {
        let mut rows = match &self.content {
            Content::Grid(figures, 1) if self.title.is_none() && self.size.is_none() => {
                figures.to_vec()
            }
            _ => vec![self.clone()],
        };
        rows.push(other.figure());
        grid(&rows, 1)
    }

    /// Places this picture at the left of another.
    pub fn beside(&self, other: &impl View) -> Self {
        grid(&[self.clone(), other.figure()], 2)
    }

    /// Sets a title over the whole.
    pub fn title(&self, title: &str) -> Self {
        Self {
            title: Some(title.into()),
            ..self.clone()
        }
    }

    /// Sets width and height in CSS pixels; the picture is fitted in without being distorted.
    pub fn size(&self, width: f64, height: f64) -> Self {
        Self {
            size: Some((width, height)),
            ..self.clone()
        }
    }

    /// Returns the picture itself, which makes a figure a [`View`].
    pub fn figure(&self) -> Self {
        self.clone()
    }

    /// Returns width and height in CSS pixels.
    pub fn extent(&self) -> (f64, f64) {
        let frame = Frame {
            size: self.size,
            ..Frame::default()
        };
        let (width, height) = self.natural();
        frame.size_or(width, height)
    }

    /// Returns one sentence that says what is to be seen.
    pub fn description(&self) -> String {
        let sentence = match &self.content {
            Content::One(drawing) => drawing.describe(),
            Content::Grid(figures, _) if figures.len() > 6 => {
                let first = figures.first().map(Self::description).unwrap_or_default();
                format!("{} pictures, the first: {first}", figures.len())
            }
            Content::Grid(figures, _) => {
                let all: Vec<String> = figures.iter().map(Self::description).collect();
                all.join(" ")
            }
        };
        Frame {
            title: self.title.clone(),
            ..Frame::default()
        }
        .describe(&sentence)
    }

    /// Returns the picture as a self-contained SVG document with its own white background.
    pub fn svg(&self) -> String {
        let mut canvas = Canvas::default();
        let (natural, extent) = (self.natural(), self.extent());
        self.draw(&mut canvas, Rect::new((0.0, 0.0), natural));
        let description = self.description();
        let title = self
            .title
            .as_deref()
            .unwrap_or_else(|| description.split("; ").next().unwrap_or("figure"));
        canvas.finish((natural, extent), (title, &description))
    }

    /// Returns the picture as a PNG, two pixels for every CSS pixel.
    ///
    /// # Errors
    ///
    /// Fails when the picture is too large to be painted.
    pub fn png(&self) -> Result<Vec<u8>> {
        png::paint(&self.svg(), 2.0)
    }

    /// Writes the picture to a file; the extension, `.svg` or `.png`, chooses the format, `.html` for one that can be explored.
    ///
    /// # Errors
    ///
    /// Fails for another extension, or when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_at(path.as_ref())
    }

    fn save_at(&self, path: &Path) -> Result<()> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        let bytes = match extension.as_deref() {
            Some("svg") => self.svg().into_bytes(),
            Some("png") => self.png()?,
            Some("html")
                if let Some(page) = self
                    .explored()
                    .and_then(|d| d.page(&self.svg(), usize::MAX)) =>
            {
                let head = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>genolens</title>\n";
                format!("{head}{page}").into_bytes()
            }
            _ => {
                return Err(Error::value(
                    "path",
                    "a file name that ends in .svg or .png",
                    format!("{:?}", path.display().to_string()),
                ));
            }
        };
        std::fs::write(path, bytes).map_err(|source| Error::write(path, source))
    }

    /// Returns what a notebook is sent: PNG, SVG and one sentence, and HTML where the picture can be explored.
    pub fn bundle(&self) -> Bundle {
        let svg = self.svg();
        let (width, height) = self.extent();
        let description = self.description();
        let Some(explored) = self.explored() else {
            let png = png::paint(&svg, 2.0).ok();
            return Bundle::figure((width, height), &description, (png, svg));
        };
        let fine = png::paint_flat(&svg, 2.0).filter(|png| png.len() <= HEAVY);
        let png = fine.or_else(|| png::paint_flat(&svg, 1.0));
        let bundle = Bundle::figure((width, height), &description, (png, svg.clone()));
        let room = LARGEST.saturating_sub(bundle.json().len());
        match explored.page(&svg, room) {
            Some(html) => bundle.with("text/html", &html),
            None => bundle,
        }
    }

    /// Returns what can be explored in a browser, as long as nothing was put around it.
    fn explored(&self) -> Option<&dyn Draw> {
        match &self.content {
            Content::One(drawing) if self.title.is_none() && self.size.is_none() => {
                Some(&**drawing).filter(|drawing| drawing.is_explored())
            }
            _ => None,
        }
    }

    #[doc(hidden)]
    pub fn evcxr_display(&self) {
        mime::emit(&self.bundle());
    }

    fn natural(&self) -> (f64, f64) {
        let (width, height) = match &self.content {
            Content::One(drawing) => drawing.extent(),
            Content::Grid(figures, columns) => {
                let (widths, heights) = tracks(figures, *columns);
                let total = |sides: &[f64]| {
                    sides.iter().sum::<f64>() + GAP * (sides.len().max(1) - 1) as f64
                };
                (total(&widths).max(40.0), total(&heights).max(20.0))
            }
        };
        (
            width,
            height
                + if self.title.is_some() {
                    TITLE + 4.0
                } else {
                    0.0
                },
        )
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let mut area = area;
        if self.title.is_some() {
            let frame = Frame {
                title: self.title.clone(),
                ..Frame::default()
            };
            chart::title(canvas, &frame, (area.x + 8.0, area));
            area = Rect::new(
                (area.x, area.y + TITLE + 4.0),
                (area.width, area.height - TITLE - 4.0),
            );
        }
        match &self.content {
            Content::One(drawing) => drawing.draw(canvas, area),
            Content::Grid(figures, columns) => {
                let (widths, heights) = tracks(figures, *columns);
                let outer = canvas.least;
                if *columns == 1 {
                    canvas.least = aligned(figures).unwrap_or(outer);
                }
                let mut y = area.y;
                for (row, height) in figures.chunks(*columns).zip(heights) {
                    let mut x = area.x;
                    for (figure, width) in row.iter().zip(&widths) {
                        let (own, tall) = figure.natural();
                        // Alone in its row a picture takes the whole width, so that axes line up.
                        let wide = if *columns == 1 && !matches!(figure.content, Content::Grid(..))
                        {
                            *width
                        } else {
                            own
                        };
                        figure.draw(canvas, Rect::new((x, y), (wide, tall)));
                        x += width + GAP;
                    }
                    y += height + GAP;
                }
                canvas.least = outer;
            }
        }
    }
}

/// Returns the room that all pictures of a column need left and right, when all of them show positions.
fn aligned(figures: &[Figure]) -> Option<(f64, f64)> {
    let sides = figures.iter().map(|figure| match &figure.content {
        Content::One(drawing) => drawing.sides(),
        Content::Grid(..) => None,
    });
    sides.collect::<Option<Vec<_>>>().map(|all| {
        let most = |pick: fn(&(f64, f64)) -> f64| all.iter().map(pick).fold(0.0, f64::max);
        (most(|s| s.0), most(|s| s.1))
    })
}

/// Returns the widths of the columns and the heights of the rows.
fn tracks(figures: &[Figure], columns: usize) -> (Vec<f64>, Vec<f64>) {
    let sizes: Vec<(f64, f64)> = figures.iter().map(Figure::natural).collect();
    let widths = (0..columns.min(sizes.len()))
        .map(|column| {
            sizes
                .iter()
                .skip(column)
                .step_by(columns)
                .map(|s| s.0)
                .fold(0.0, f64::max)
        })
        .collect();
    let heights = sizes
        .chunks(columns)
        .map(|row| row.iter().map(|s| s.1).fold(0.0, f64::max))
        .collect();
    (widths, heights)
}

impl View for Figure {
    fn figure(&self) -> Figure {
        self.clone()
    }
}

impl Show for Figure {
    fn evcxr_display(&self) {
        Self::evcxr_display(self);
    }
}

impl std::fmt::Debug for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Figure({})", self.description())
    }
}
