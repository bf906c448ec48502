//! Expression of genes in groups of cells: dots of which size and colour speak, and coloured cells.

use super::axis;
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{self, MARGIN, SMALL, TITLE};
use super::figure::Draw;
use super::font;
use super::frame::{Frame, view};
use super::groups::{self, Groups};
use super::heatmap::{Heatmap, heatmap};
use super::legend::Bar;
use super::numbers::{Labels, Matrix};
use super::palette::{self, ColorMap};
use ndarray::Array2;
use std::fmt::Write as _;
use std::sync::Arc;

/// Side of the square that a dot stands in.
const CELL: f64 = 24.0;
/// Radius of the dot of a gene that all cells of a group express.
const LARGEST: f64 = 10.0;
/// Room for names at most.
const NAMES: f64 = 150.0;
/// Room for the legend of sizes.
const SIZES: f64 = 84.0;

/// A dot for each gene and group: its size is the share of cells that express the gene, its colour the mean.
#[derive(Clone)]
pub struct DotPlot {
    pub(super) frame: Frame,
    genes: Arc<[String]>,
    groups: Arc<Groups>,
    values: Arc<Array2<f64>>,
    cutoff: f64,
    standard: bool,
    map: ColorMap,
    trouble: Option<String>,
}

/// Draws values of cells, shape `(cells, genes)`, by the group of each cell; `names` are those of the genes.
///
/// As `scanpy.pl.dotplot` 1.11: the colour is the mean over all cells of the group, the size the share of cells above 0, and areas of
/// dots grow with the share to the power of 1.5.
///
/// # Examples
///
/// ```
/// use genolens::{display, ndarray::array};
/// let logs = array![[2.0, 0.0], [1.0, 0.1], [0.0, 3.0]];
/// let dots = display::dot_plot(&logs, &["CD3D", "MS4A1"], &["T", "T", "B"]);
/// assert_eq!(dots.means()[[1, 0]], 1.5);
/// assert_eq!(dots.shares()[[0, 0]], 0.0);
/// ```
pub fn dot_plot(
    values: &impl Matrix,
    names: &(impl Labels + ?Sized),
    groups: &(impl Labels + ?Sized),
) -> DotPlot {
    let (values, genes) = (values.matrix(), names.labels());
    let groups = Groups::new(&groups.labels());
    let mut trouble = groups.complaint(values.nrows());
    if genes.len() != values.ncols() {
        let text = format!(
            "{} names for {} genes, which cannot be right",
            genes.len(),
            values.ncols()
        );
        trouble = Some(trouble.map_or(text.clone(), |before| format!("{before}; {text}")));
    }
    DotPlot {
        frame: Frame::default(),
        genes: genes.into(),
        groups: Arc::new(groups),
        values: Arc::new(values),
        cutoff: 0.0,
        standard: false,
        map: ColorMap::Reds,
        trouble,
    }
}

/// Draws the mean of each gene in each group as a coloured cell; `values` have the shape `(cells, genes)`, `names` are those of the genes.
///
/// Groups stand in the order of the alphabet; `dot_plot(..).order(..).matrix()` puts them into another.
///
/// # Examples
///
/// ```
/// use genolens::{display, ndarray::array};
/// let logs = array![[2.0, 0.0], [1.0, 0.1], [0.0, 3.0]];
/// let means = display::matrix_plot(&logs, &["CD3D", "MS4A1"], &["T", "T", "B"]);
/// assert!(means.description().contains("2 rows and 2 columns"));
/// ```
pub fn matrix_plot(
    values: &impl Matrix,
    names: &(impl Labels + ?Sized),
    groups: &(impl Labels + ?Sized),
) -> Heatmap {
    dot_plot(values, names, groups).matrix()
}

impl DotPlot {
    /// Puts groups into an order; those that are not named come after the others.
    pub fn order(&self, names: &(impl Labels + ?Sized)) -> Self {
        Self {
            groups: Arc::new(self.groups.ordered(&names.labels())),
            ..self.clone()
        }
    }

    /// Sets the value above which a cell expresses a gene; it is 0 otherwise.
    pub fn cutoff(&self, value: f64) -> Self {
        Self {
            cutoff: value,
            ..self.clone()
        }
    }

    /// Scales the means of each gene to lie between 0 and 1, as `standard_scale="var"` of scanpy.
    pub fn standardised(&self) -> Self {
        Self {
            standard: true,
            ..self.clone()
        }
    }

    /// Sets the colours of means.
    pub fn colors(&self, map: ColorMap) -> Self {
        Self {
            map,
            ..self.clone()
        }
    }

    /// Draws the means as coloured cells instead, groups in the same order; as [`matrix_plot`].
    pub fn matrix(&self) -> Heatmap {
        let map = heatmap(&self.means())
            .rows(&self.groups.names)
            .columns(&*self.genes)
            .colors(ColorMap::Viridis)
            .value_label(self.meaning());
        match &self.trouble {
            Some(trouble) => map.title(trouble),
            None => map,
        }
    }

    /// Returns the mean of each gene in each group, shape `(groups, genes)`; NaN where a group has no finite values.
    pub fn means(&self) -> Array2<f64> {
        let means = self.groups.each(&self.values, groups::mean);
        if self.standard {
            groups::standardised(&means)
        } else {
            means
        }
    }

    /// Returns the share of cells of each group above the cut-off, shape `(groups, genes)`.
    pub fn shares(&self) -> Array2<f64> {
        self.groups.each(&self.values, |values| {
            let above = values.iter().filter(|v| **v > self.cutoff).count();
            above as f64 / values.len() as f64
        })
    }

    fn left(&self) -> f64 {
        let names = self.groups.names.iter();
        let widest = names
            .map(|name| font::width(name, SMALL))
            .fold(0.0, f64::max);
        MARGIN + widest.min(NAMES) + 8.0
    }

    fn foot(&self) -> f64 {
        let widest = self
            .genes
            .iter()
            .map(|name| font::width(name, SMALL))
            .fold(0.0, f64::max);
        widest.min(NAMES) + 10.0 + MARGIN
    }

    fn head(&self) -> f64 {
        if self.frame.title.is_some() {
            TITLE
        } else {
            MARGIN
        }
    }

    fn bar(&self, means: &Array2<f64>) -> Bar<'_> {
        let (low, high) = axis::span(means.iter().copied()).unwrap_or((0.0, 1.0));
        let scale = axis::Scale::exact((low, high), 2);
        Bar {
            map: self.map,
            range: (scale.low, scale.high),
            label: Some(self.meaning()),
        }
    }

    /// Says what colours mean.
    fn meaning(&self) -> &'static str {
        if self.standard {
            "scaled mean in group"
        } else {
            "mean in group"
        }
    }
}

/// Returns the radius of the dot of a share: areas grow with the share to the power of 1.5.
fn radius(share: f64, largest: f64) -> f64 {
    largest * share.clamp(0.0, 1.0).powf(0.75)
}

impl Draw for DotPlot {
    fn extent(&self) -> (f64, f64) {
        let wide = CELL * self.values.ncols().max(1) as f64;
        let tall = CELL * self.groups.len().max(1) as f64;
        let bar = self.bar(&self.means()).width();
        let tall = self.head() + tall.max(150.0) + self.foot();
        self.frame
            .size_or(self.left() + wide + SIZES + bar + 2.0 * MARGIN, tall)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let (means, shares) = (self.means(), self.shares());
        let bar = self.bar(&means);
        let (rows, columns) = (self.groups.len(), self.values.ncols());
        let size = (
            (area.width - self.left() - SIZES - bar.width() - 2.0 * MARGIN).max(10.0),
            (area.height - self.head() - self.foot()).max(10.0),
        );
        let tall = size.1.min(CELL * 1.5 * rows.max(1) as f64);
        let plot = Rect::new((area.x + self.left(), area.y + self.head()), (size.0, tall));
        chart::title(canvas, &self.frame, (plot.x, area));
        canvas.rect(plot, Paint::stroke(palette::INK, 0.9));
        if means.iter().all(|v| !v.is_finite()) {
            chart::no_data(canvas, plot);
            return;
        }
        let (wide, tall) = (plot.width / columns as f64, plot.height / rows as f64);
        let largest = (wide.min(tall) / CELL * LARGEST).min(14.0);
        for ((row, column), mean) in means.indexed_iter().filter(|(_, mean)| mean.is_finite()) {
            let share = (mean - bar.range.0) / (bar.range.1 - bar.range.0);
            let place = (
                plot.x + wide * (column as f64 + 0.5),
                plot.y + tall * (row as f64 + 0.5),
            );
            let radius = radius(shares[[row, column]], largest);
            if radius > 0.0 {
                canvas.circle(place, radius, Paint::fill(self.map.color(share)));
                canvas.circle(place, radius, Paint::stroke(palette::FAINT, 0.5));
            }
        }
        for (row, name) in self.groups.names.iter().enumerate() {
            let place = (plot.x - 6.0, plot.y + tall * (row as f64 + 0.5));
            let style = Text::new(SMALL).anchor(Anchor::End);
            canvas.text(place, &font::fit(name, SMALL, NAMES), style);
        }
        for (column, name) in self.genes.iter().enumerate().take(columns) {
            let place = (plot.x + wide * (column as f64 + 0.5), plot.bottom() + 6.0);
            let style = Text::new(SMALL).anchor(Anchor::End).turn(-90);
            canvas.text(place, &font::fit(name, SMALL, NAMES), style);
        }
        sizes(canvas, (plot.right() + 14.0, plot.y), largest);
        let beside = Rect::new(
            (plot.x, plot.y),
            (plot.width + SIZES, plot.height.max(120.0)),
        );
        bar.draw(canvas, beside);
    }

    fn describe(&self) -> String {
        let (rows, columns) = (self.groups.len(), self.values.ncols());
        let mut text = format!("Dot plot of {columns} genes in {rows} groups");
        let means = self.means();
        match axis::span(means.iter().copied()) {
            Some((low, high)) => {
                let (low, high) = (axis::plain(low), axis::plain(high));
                let _ = write!(
                    text,
                    ", means from {low} to {high}, sizes are shares of cells"
                );
            }
            None => text += "; no data",
        }
        for (row, name) in self.groups.names.iter().enumerate().take(12) {
            let row = means.row(row);
            let highest = row.iter().copied().enumerate();
            let highest = highest.filter(|(_, v)| v.is_finite());
            if let Some((gene, _)) = highest.max_by(|a, b| a.1.total_cmp(&b.1))
                && let Some(gene) = self.genes.get(gene)
            {
                let _ = write!(text, "; {name} most {gene}");
            }
        }
        if let Some(trouble) = &self.trouble {
            let _ = write!(text, "; {trouble}");
        }
        self.frame.describe(&(text + "."))
    }
}

/// Draws what sizes mean.
fn sizes(canvas: &mut Canvas, (x, y): (f64, f64), largest: f64) {
    let mut y = y + 6.0;
    for line in ["share", "of cells"] {
        canvas.text((x, y), line, Text::new(SMALL));
        y += 13.0;
    }
    for share in [0.2, 0.4, 0.6, 0.8, 1.0] {
        y += 10.0;
        let radius = radius(share, largest);
        canvas.circle((x + 12.0, y), radius, Paint::fill(palette::FAINT));
        canvas.text(
            (x + 28.0, y),
            &format!("{:.0} %", share * 100.0),
            Text::new(SMALL),
        );
        y += 12.0;
    }
}

view!(DotPlot);
