//! Matrices as coloured cells.

use super::annotation_bar::{self, AnnotationBar};
use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{self, MARGIN, MEDIUM, SMALL, TITLE};
use super::dendrogram::Dendrogram;
use super::figure::{COLUMN, Draw};
use super::font;
use super::frame::{Frame, view};
use super::legend::Bar;
use super::numbers::{Labels, Matrix, counted};
use super::palette::{self, ColorMap};
use super::png;
use ndarray::Array2;
use std::fmt::Write as _;
use std::sync::Arc;

/// More cells than this become one raster layer.
const MANY: usize = 2000;
/// Room for a dendrogram.
const TREE: f64 = 46.0;
/// Room for labels at most.
const LABELS: f64 = 140.0;

/// Cells of a matrix as colours, with a colour bar; cells that are not numbers are grey.
#[derive(Clone)]
pub struct Heatmap {
    pub(super) frame: Frame,
    values: Arc<Array2<f64>>,
    rows: Arc<[String]>,
    columns: Arc<[String]>,
    map: Option<ColorMap>,
    range: Option<(f64, f64)>,
    center: Option<f64>,
    name: Option<String>,
    numbers: bool,
    trees: [Option<Arc<Dendrogram>>; 2],
    /// Strips beside the rows, and above the columns.
    bars: [Arc<[Arc<AnnotationBar>]>; 2],
    /// Row and column of cells with a dot.
    dots: Arc<[(usize, usize)]>,
}

/// Draws a matrix, shape `(rows, columns)`, the first row at the top.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// use genolens::ndarray::array;
/// let effects = array![[0.2, -0.4], [0.0, 0.9]];
/// let picture = display::heatmap(&effects).rows(&["A", "C"]).value_label("change of score");
/// assert!(picture.svg().contains("change of score"));
/// ```
pub fn heatmap(values: &impl Matrix) -> Heatmap {
    Heatmap {
        frame: Frame::default(),
        values: Arc::new(values.matrix()),
        rows: Arc::new([]),
        columns: Arc::new([]),
        map: None,
        range: None,
        center: None,
        name: None,
        numbers: false,
        trees: [None, None],
        bars: [Arc::new([]), Arc::new([])],
        dots: Arc::new([]),
    }
}

impl Heatmap {
    /// Labels the rows.
    pub fn rows(&self, labels: &(impl Labels + ?Sized)) -> Self {
        Self {
            rows: labels.labels().into(),
            ..self.clone()
        }
    }

    /// Labels the columns.
    pub fn columns(&self, labels: &(impl Labels + ?Sized)) -> Self {
        Self {
            columns: labels.labels().into(),
            ..self.clone()
        }
    }

    /// Sets the colours; otherwise they diverge from 0 when there are values on both sides of it.
    pub fn colors(&self, map: ColorMap) -> Self {
        Self {
            map: Some(map),
            ..self.clone()
        }
    }

    /// Sets the values that the ends of the colour bar mean.
    pub fn range(&self, low: f64, high: f64) -> Self {
        Self {
            range: Some((low, high)),
            ..self.clone()
        }
    }

    /// Sets the value in the middle of diverging colours.
    pub fn center(&self, value: f64) -> Self {
        Self {
            center: Some(value),
            map: Some(ColorMap::Diverging),
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

    /// Writes the numbers into the cells, where they fit.
    pub fn numbers(&self) -> Self {
        Self {
            numbers: true,
            ..self.clone()
        }
    }

    /// Orders rows and columns by average-linkage clustering and draws the trees.
    pub fn clustered(&self) -> Self {
        self.clustered_rows().clustered_columns()
    }

    /// Orders rows by average-linkage clustering of Euclidean distances and draws the tree.
    pub fn clustered_rows(&self) -> Self {
        let tree = Some(Arc::new(Dendrogram::new(&self.values.view())));
        Self {
            trees: [tree, self.trees[1].clone()],
            ..self.clone()
        }
    }

    /// Orders columns by average-linkage clustering of Euclidean distances and draws the tree.
    pub fn clustered_columns(&self) -> Self {
        let tree = Some(Arc::new(Dendrogram::new(&self.values.t())));
        Self {
            trees: [self.trees[0].clone(), tree],
            ..self.clone()
        }
    }

    /// Adds a strip of colours beside the rows that says what each is, with a legend.
    pub fn row_bar(&self, name: &str, labels: &(impl Labels + ?Sized)) -> Self {
        self.with_bar(0, name, &labels.labels())
    }

    /// Adds a strip of colours above the columns that says what each is, with a legend.
    pub fn column_bar(&self, name: &str, labels: &(impl Labels + ?Sized)) -> Self {
        self.with_bar(1, name, &labels.labels())
    }

    fn with_bar(&self, axis: usize, name: &str, labels: &[String]) -> Self {
        let before = self.all_bars().map(AnnotationBar::kinds).sum::<usize>() % 100;
        let bar = Arc::new(AnnotationBar::new(name, labels, before));
        let mut new = self.clone();
        new.bars[axis] = self.bars[axis].iter().cloned().chain([bar]).collect();
        new
    }

    fn all_bars(&self) -> impl Iterator<Item = &AnnotationBar> {
        self.bars
            .iter()
            .flat_map(|bars| bars.iter().map(|bar| &**bar))
    }

    /// Puts a dot into cells, where they are wide enough.
    pub(super) fn dots(&self, cells: Vec<(usize, usize)>) -> Self {
        Self {
            dots: cells.into(),
            ..self.clone()
        }
    }

    pub(super) fn untitled(&self) -> Self {
        let mut new = self.clone();
        new.frame.title = None;
        new
    }

    fn coloring(&self) -> (ColorMap, (f64, f64)) {
        let (low, high) = axis::span(self.values.iter().copied()).unwrap_or((0.0, 1.0));
        let (low, high) = self.range.unwrap_or((low, high));
        let diverging = low < 0.0 && high > 0.0;
        let map = self.map.unwrap_or(if diverging {
            ColorMap::Diverging
        } else {
            ColorMap::Sequential
        });
        if map == ColorMap::Diverging && self.range.is_none() {
            let center = self.center.unwrap_or(0.0);
            let reach = (high - center).abs().max((low - center).abs());
            let reach = if reach > 0.0 { reach } else { 1.0 };
            return (map, (center - reach, center + reach));
        }
        let scale = Scale::exact((low, high), 2);
        (map, (scale.low, scale.high))
    }

    fn order(&self, axis: usize) -> Vec<usize> {
        let natural = || (0..self.values.shape()[axis]).collect();
        self.trees[axis]
            .as_ref()
            .map_or_else(natural, |tree| tree.order.clone())
    }

    fn bar(&self) -> Bar<'_> {
        let (map, range) = self.coloring();
        Bar {
            map,
            range,
            label: self.name.as_deref(),
        }
    }

    /// Returns the room left and right of the cells.
    fn flanks(&self) -> (f64, f64) {
        let rows = if self.rows.is_empty() {
            0.0
        } else {
            widest(&self.rows) + 6.0
        };
        (
            MARGIN
                + label(self.frame.y_label.as_ref())
                + tree(self.trees[0].as_ref())
                + rows
                + annotation_bar::room(&self.bars[0]),
            self.bar().width() + annotation_bar::legend_width(self.all_bars()) + MARGIN,
        )
    }

    /// Returns the room left, above, right and below the cells.
    fn margins(&self) -> [f64; 4] {
        let columns = match () {
            () if self.columns.is_empty() => 0.0,
            () if self.flat_columns() => SMALL + 7.0,
            () => widest(&self.columns) + 6.0,
        };
        let title = if self.frame.title.is_some() {
            TITLE
        } else {
            0.0
        };
        let (left, right) = self.flanks();
        [
            left,
            MARGIN + title + tree(self.trees[1].as_ref()) + annotation_bar::room(&self.bars[1]),
            right,
            MARGIN + columns + label(self.frame.x_label.as_ref()),
        ]
    }

    /// Tells whether column labels fit without being turned.
    fn flat_columns(&self) -> bool {
        let slot = self.cell().0;
        self.columns
            .iter()
            .all(|label| font::width(label, SMALL) + 4.0 < slot)
    }

    /// Returns the size of a cell when the picture chooses its own size.
    fn cell(&self) -> (f64, f64) {
        let (rows, columns) = self.values.dim();
        let fit = |count: usize, least: f64| (420.0 / count.max(1) as f64).clamp(least, 26.0);
        let (tall, wide) = (fit(rows, 0.6), fit(columns, 0.6));
        let (tall, wide) = (
            if self.rows.is_empty() {
                tall
            } else {
                tall.max(3.0)
            },
            wide,
        );
        // Few rows over many columns, as in mutagenesis, stay readable.
        if rows <= 24 && columns > 24 {
            let (left, right) = self.flanks();
            let room = COLUMN - left - right;
            ((room / columns as f64).min(20.0), tall.min(16.0))
        } else {
            (wide, tall)
        }
    }

    fn cells(&self, canvas: &mut Canvas, rect: Rect) {
        let (map, range) = self.coloring();
        let scale = Scale::exact(range, 2);
        let (rows, columns) = (self.order(0), self.order(1));
        let color = |i: usize, j: usize| {
            let value = self.values[[rows[i], columns[j]]];
            if value.is_finite() {
                map.color(scale.share(value))
            } else {
                palette::MISSING
            }
        };
        if self.values.len() > MANY {
            if let Some(png) = png::raster((columns.len(), rows.len()), |i, j| Some(color(i, j))) {
                canvas.image(rect, &png);
            }
        } else {
            let (wide, tall) = (
                rect.width / columns.len() as f64,
                rect.height / rows.len() as f64,
            );
            for i in 0..rows.len() {
                for j in 0..columns.len() {
                    let corner = (rect.x + wide * j as f64, rect.y + tall * i as f64);
                    // A little overlap hides the seams that viewers draw between neighbours.
                    let size = (
                        if j + 1 < columns.len() {
                            wide + 0.4
                        } else {
                            wide
                        },
                        if i + 1 < rows.len() { tall + 0.4 } else { tall },
                    );
                    canvas.rect(Rect::new(corner, size), Paint::fill(color(i, j)));
                }
            }
            for (i, j) in (0..rows.len())
                .flat_map(|i| (0..columns.len()).map(move |j| (i, j)))
                .filter(|(i, j)| self.numbers && self.values[[rows[*i], columns[*j]]].is_finite())
            {
                let text = format!("{:.2}", self.values[[rows[i], columns[j]]]);
                if font::width(&text, SMALL - 1.0) < wide && tall > SMALL {
                    let ink = if color(i, j).brightness() < 0.5 {
                        palette::WHITE
                    } else {
                        palette::INK
                    };
                    let point = (
                        rect.x + wide * (j as f64 + 0.5),
                        rect.y + tall * (i as f64 + 0.5),
                    );
                    canvas.text(
                        point,
                        &text,
                        Text::new(SMALL - 1.0).anchor(Anchor::Middle).color(ink),
                    );
                }
            }
        }
        let (wide, tall) = (
            rect.width / columns.len() as f64,
            rect.height / rows.len() as f64,
        );
        for &(i, j) in self.dots.iter().filter(|_| wide >= 3.0) {
            let ink = if color(i, j).brightness() < 0.5 {
                palette::WHITE
            } else {
                palette::INK
            };
            let middle = (
                rect.x + wide * (j as f64 + 0.5),
                rect.y + tall * (i as f64 + 0.5),
            );
            let radius = (wide.min(tall) * 0.2).clamp(0.8, 2.5);
            canvas.circle(middle, radius, Paint::fill(ink));
        }
        canvas.rect(rect, Paint::stroke(palette::FAINT, 0.6));
    }

    fn labels(&self, canvas: &mut Canvas, rect: Rect) {
        let tall = rect.height / self.values.nrows() as f64;
        let wide = rect.width / self.values.ncols() as f64;
        let every = |size: f64| ((SMALL + 1.0) / size).ceil().max(1.0) as usize;
        for (i, row) in self.order(0).into_iter().enumerate().step_by(every(tall)) {
            let Some(label) = self.rows.get(row) else {
                continue;
            };
            let label = font::fit(label, SMALL, LABELS);
            canvas.text(
                (
                    rect.x - 5.0 - annotation_bar::room(&self.bars[0]),
                    rect.y + tall * (i as f64 + 0.5),
                ),
                &label,
                Text::new(SMALL).anchor(Anchor::End),
            );
        }
        let flat = self.flat_columns();
        for (j, column) in
            self.order(1)
                .into_iter()
                .enumerate()
                .step_by(if flat { 1 } else { every(wide) })
        {
            let Some(label) = self.columns.get(column) else {
                continue;
            };
            let x = rect.x + wide * (j as f64 + 0.5);
            if flat {
                canvas.text(
                    (x, rect.bottom() + 9.0),
                    label,
                    Text::new(SMALL).anchor(Anchor::Middle),
                );
            } else {
                let label = font::fit(label, SMALL, LABELS);
                canvas.text(
                    (x, rect.bottom() + 5.0),
                    &label,
                    Text::new(SMALL).anchor(Anchor::End).turn(-90),
                );
            }
        }
    }
}

fn widest(labels: &[String]) -> f64 {
    labels
        .iter()
        .map(|label| font::width(label, SMALL))
        .fold(0.0, f64::max)
        .min(LABELS)
}

fn label(label: Option<&String>) -> f64 {
    if label.is_some() { 18.0 } else { 0.0 }
}

fn tree(tree: Option<&Arc<Dendrogram>>) -> f64 {
    if tree.is_some() { TREE } else { 0.0 }
}

impl Draw for Heatmap {
    fn sides(&self) -> Option<(f64, f64)> {
        self.trees[0].is_none().then(|| self.flanks())
    }

    fn extent(&self) -> (f64, f64) {
        let [left, top, right, bottom] = self.margins();
        let (wide, tall) = self.cell();
        let (rows, columns) = self.values.dim();
        let inner = (
            (wide * columns as f64).max(60.0),
            (tall * rows as f64).max(40.0),
        );
        self.frame
            .size_or(left + inner.0 + right, top + inner.1 + bottom)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let [left, top, right, bottom] = self.margins();
        let (left, right) = (left.max(canvas.least.0), right.max(canvas.least.1));
        let size = (
            (area.width - left - right).max(10.0),
            (area.height - top - bottom).max(10.0),
        );
        let rect = Rect::new((area.x + left, area.y + top), size);
        chart::title(canvas, &self.frame, (rect.x, area));
        if self.values.is_empty() {
            canvas.rect(rect, Paint::stroke(palette::FAINT, 0.8));
            chart::no_data(canvas, rect);
            return;
        }
        self.cells(canvas, rect);
        self.labels(canvas, rect);
        let strips = [0, 1].map(|axis| annotation_bar::room(&self.bars[axis]));
        for (axis, flat) in [(0, false), (1, true)] {
            let order = self.order(axis);
            annotation_bar::draw(canvas, (rect, flat), (&self.bars[axis], &order));
        }
        let beside = rect.right() + self.bar().width() + 10.0;
        let height = area.bottom() - rect.y - MARGIN;
        annotation_bar::legend(canvas, (beside, rect.y, height), self.all_bars());
        let rows = if self.rows.is_empty() {
            2.0 + strips[0]
        } else {
            left - MARGIN - TREE - self.frame.y_label.as_ref().map_or(0.0, |_| 18.0)
        };
        if let Some(tree) = &self.trees[0] {
            tree.draw(
                canvas,
                Rect::new((rect.x - rows - TREE, rect.y), (TREE - 2.0, rect.height)),
                false,
            );
        }
        if let Some(tree) = &self.trees[1] {
            tree.draw(
                canvas,
                Rect::new(
                    (rect.x, rect.y - TREE - strips[1]),
                    (rect.width, TREE - 2.0),
                ),
                true,
            );
        }
        self.bar().draw(canvas, rect);
        let middle = |label| Text::new(MEDIUM).anchor(Anchor::Middle).turn(label);
        if let Some(label) = &self.frame.x_label {
            canvas.text(
                (rect.x + rect.width / 2.0, area.bottom() - MARGIN - 3.0),
                label,
                middle(0),
            );
        }
        if let Some(label) = &self.frame.y_label {
            canvas.text(
                (area.x + MARGIN + 3.0, rect.y + rect.height / 2.0),
                label,
                middle(-90),
            );
        }
    }

    fn describe(&self) -> String {
        let (rows, columns) = self.values.dim();
        let (rows, columns) = (counted(rows, "row"), counted(columns, "column"));
        let mut text = format!("Heatmap of {rows} and {columns}");
        if let Some(name) = &self.name {
            let _ = write!(text, ", {name}");
        }
        match axis::span(self.values.iter().copied()) {
            Some((low, high)) => {
                let _ = write!(
                    text,
                    ", values {} to {}",
                    axis::plain(low),
                    axis::plain(high)
                );
            }
            None => text += "; no data",
        }
        let missing = self.values.iter().filter(|v| !v.is_finite()).count();
        if missing > 0 {
            let _ = write!(text, "; {missing} cells are not finite and grey");
        }
        if self.trees.iter().any(Option::is_some) {
            text += "; clustered by average linkage";
        }
        for (axis, side) in ["beside the rows", "above the columns"].iter().enumerate() {
            let count = self.values.shape()[axis];
            let bars: Vec<String> = self.bars[axis]
                .iter()
                .map(|bar| bar.describe(count))
                .collect();
            if !bars.is_empty() {
                let _ = write!(text, "; {side} {}", bars.join(" and "));
            }
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Heatmap);
