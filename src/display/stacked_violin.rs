//! How genes are distributed in groups of cells: a small violin for each.

use super::axis;
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{self, MARGIN, SMALL, TITLE};
use super::figure::Draw;
use super::font;
use super::frame::{Frame, view};
use super::groups::Groups;
use super::legend::Bar;
use super::numbers::{Labels, Matrix};
use super::palette::{self, ColorMap, INK};
use super::violin_shape;
use crate::distribution::order::quantile;
use ndarray::Array2;
use std::fmt::Write as _;
use std::sync::Arc;

/// Size of the cell of a violin.
const CELL: (f64, f64) = (38.0, 30.0);
/// Room for names at most.
const NAMES: f64 = 150.0;

/// Violins of genes, in columns, in groups of cells, in rows; the colour is the median.
#[derive(Clone)]
pub struct StackedViolin {
    pub(super) frame: Frame,
    genes: Arc<[String]>,
    groups: Arc<Groups>,
    values: Arc<Array2<f64>>,
    map: ColorMap,
}

/// Draws values of cells, shape `(cells, genes)`, by the group of each cell; `names` are those of the genes.
///
/// As `scanpy.pl.stacked_violin` 1.11: all violins on one scale, coloured by their median.
///
/// # Examples
///
/// ```
/// use genolens::{display, ndarray::array};
/// let logs = array![[2.0, 0.0], [1.0, 0.1], [0.0, 3.0]];
/// let violins = display::stacked_violin(&logs, &["CD3D", "MS4A1"], &["T", "T", "B"]);
/// assert!(violins.svg().contains("MS4A1"));
/// ```
pub fn stacked_violin(
    values: &impl Matrix,
    names: &(impl Labels + ?Sized),
    groups: &(impl Labels + ?Sized),
) -> StackedViolin {
    StackedViolin {
        frame: Frame::default(),
        genes: names.labels().into(),
        groups: Arc::new(Groups::new(&groups.labels())),
        values: Arc::new(values.matrix()),
        map: ColorMap::Light,
    }
}

impl StackedViolin {
    /// Puts groups into an order; those that are not named come after the others.
    pub fn order(&self, names: &(impl Labels + ?Sized)) -> Self {
        Self {
            groups: Arc::new(self.groups.ordered(&names.labels())),
            ..self.clone()
        }
    }

    /// Sets the colours of medians.
    pub fn colors(&self, map: ColorMap) -> Self {
        Self {
            map,
            ..self.clone()
        }
    }

    fn medians(&self) -> Array2<f64> {
        self.groups
            .each(&self.values, |values| quantile(values.to_vec(), 0.5))
    }

    fn bar(&self, medians: &Array2<f64>) -> Bar<'_> {
        let span = axis::span(medians.iter().copied()).unwrap_or((0.0, 1.0));
        let scale = axis::Scale::exact(span, 2);
        Bar {
            map: self.map,
            range: (scale.low, scale.high),
            label: Some("median in group"),
        }
    }

    fn room(&self) -> (f64, f64) {
        let widest = |names: &[String]| {
            let widths = names.iter().map(|name| font::width(name, SMALL));
            widths.fold(0.0, f64::max).min(NAMES)
        };
        (
            widest(&self.groups.names) + 8.0 + MARGIN,
            widest(&self.genes) + 10.0 + MARGIN,
        )
    }

    fn head(&self) -> f64 {
        if self.frame.title.is_some() {
            TITLE
        } else {
            MARGIN
        }
    }
}

impl Draw for StackedViolin {
    fn extent(&self) -> (f64, f64) {
        let (left, foot) = self.room();
        let wide = CELL.0 * self.values.ncols().max(1) as f64;
        let tall = (CELL.1 * self.groups.len().max(1) as f64).max(60.0);
        let bar = self.bar(&self.medians()).width();
        self.frame
            .size_or(left + wide + bar + 2.0 * MARGIN, self.head() + tall + foot)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let medians = self.medians();
        let bar = self.bar(&medians);
        let (left, foot) = self.room();
        let (rows, columns) = (self.groups.len(), self.values.ncols());
        let size = (
            (area.width - left - bar.width() - 2.0 * MARGIN).max(10.0),
            (area.height - self.head() - foot).max(10.0),
        );
        let plot = Rect::new((area.x + left, area.y + self.head()), size);
        chart::title(canvas, &self.frame, (plot.x, area));
        canvas.rect(plot, Paint::stroke(INK, 0.9));
        let Some((low, high)) = axis::span(self.values.iter().copied()).filter(|_| rows > 0) else {
            chart::no_data(canvas, plot);
            return;
        };
        let scale = axis::Scale::exact((low, high), 2);
        let share_of = &|value: f64| scale.share(value);
        let (wide, tall) = (plot.width / columns as f64, plot.height / rows as f64);
        for row in 0..rows {
            for column in 0..columns {
                let of: Vec<f64> = self.values.column(column).to_vec();
                let shape = violin_shape::outline(&self.groups.of(row, &of));
                if shape.is_empty() {
                    continue;
                }
                let middle = plot.x + wide * (column as f64 + 0.5);
                let bottom = plot.y + tall * (row as f64 + 0.95);
                let edge = |side: f64| {
                    let part = move |(at, share): &(f64, f64)| {
                        let y = bottom - 0.9 * tall * share_of(*at);
                        (middle + side * 0.46 * wide * share, y)
                    };
                    shape
                        .iter()
                        .step_by(2)
                        .chain(shape.last())
                        .map(part)
                        .collect::<Vec<_>>()
                };
                let mut outline = edge(1.0);
                outline.extend(edge(-1.0).into_iter().rev());
                let share = (medians[[row, column]] - bar.range.0) / (bar.range.1 - bar.range.0);
                canvas.path(&outline, Paint::fill(self.map.color(share)));
                canvas.path(&outline, Paint::stroke(INK, 0.6));
            }
            let y = plot.y + tall * (row as f64 + 1.0);
            if row + 1 < rows {
                canvas.line(
                    (plot.x, y),
                    (plot.right(), y),
                    Paint::stroke(palette::GRID, 0.8),
                );
            }
            let style = Text::new(SMALL).anchor(Anchor::End);
            let name = font::fit(&self.groups.names[row], SMALL, NAMES);
            canvas.text((plot.x - 6.0, y - tall / 2.0), &name, style);
        }
        for (column, name) in self.genes.iter().enumerate().take(columns) {
            let place = (plot.x + wide * (column as f64 + 0.5), plot.bottom() + 6.0);
            let style = Text::new(SMALL).anchor(Anchor::End).turn(-90);
            canvas.text(place, &font::fit(name, SMALL, NAMES), style);
        }
        bar.draw(canvas, plot);
    }

    fn describe(&self) -> String {
        let (rows, columns) = (self.groups.len(), self.values.ncols());
        let mut text = format!("Violins of {columns} genes in {rows} groups");
        match axis::span(self.values.iter().copied()) {
            Some((low, high)) => {
                let _ = write!(
                    text,
                    ", values from {} to {}",
                    axis::plain(low),
                    axis::plain(high)
                );
            }
            None => text += "; no data",
        }
        if let Some(what) = self.groups.complaint(self.values.nrows()) {
            let _ = write!(text, "; {what}");
        }
        if self.genes.len() != columns {
            let _ = write!(
                text,
                "; {} names for {columns} genes, which cannot be right",
                self.genes.len()
            );
        }
        self.frame.describe(&(text + "."))
    }
}

view!(StackedViolin);
