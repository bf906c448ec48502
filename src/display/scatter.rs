//! Points in a plane, such as a map of cells or of a network's last layer.

use super::axis::{self, Scale};
use super::canvas::{Canvas, Rect};
use super::chart::{Chart, Plane};
use super::figure::Draw;
use super::frame::{Frame, view};
use super::legend::{self, Bar, Mark};
use super::numbers::{Labels, Matrix, Numbers};
use super::palette::{self, Color, ColorMap};
use super::png;
use plotters::element::Circle;
use plotters::style::Color as _;
use resvg::tiny_skia::{FillRule, Paint as Ink, PathBuilder, Pixmap, Transform};
use std::fmt::Write as _;
use std::sync::Arc;

/// More points than this become one raster layer inside vector axes.
const MANY: usize = 2000;

/// Points, coloured by label or by value.
#[derive(Clone)]
pub struct Scatter {
    pub(super) frame: Frame,
    points: Arc<[(f64, f64)]>,
    columns: usize,
    paint: Coloring,
    radius: Option<f64>,
}

#[derive(Clone)]
enum Coloring {
    Plain,
    Labels(Arc<[String]>),
    Values {
        values: Arc<[f64]>,
        name: String,
        map: ColorMap,
    },
}

/// Draws points; the first two columns of the matrix, shape `(points, 2)`, are x and y.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// use genolens::ndarray::array;
/// let points = array![[0.0, 1.0], [1.0, 0.5], [2.0, 0.1]];
/// let picture = display::scatter(&points).color(&["bound", "bound", "shuffled"]);
/// assert!(picture.svg().contains("shuffled"));
/// ```
pub fn scatter(points: &impl Matrix) -> Scatter {
    let matrix = points.matrix();
    let columns = matrix.ncols();
    let points = matrix
        .rows()
        .into_iter()
        .filter(|_| columns > 1)
        .map(|row| (row[0], row[1]))
        .collect();
    Scatter {
        frame: Frame::default(),
        points,
        columns,
        paint: Coloring::Plain,
        radius: None,
    }
}

impl Scatter {
    /// Colours points by label, with a legend.
    pub fn color(&self, labels: &(impl Labels + ?Sized)) -> Self {
        Self {
            paint: Coloring::Labels(labels.labels().into()),
            ..self.clone()
        }
    }

    /// Colours points by a number that has a name, with a colour bar.
    pub fn color_values(&self, name: &str, values: &(impl Numbers + ?Sized)) -> Self {
        let values = values.numbers().into();
        let paint = Coloring::Values {
            values,
            name: name.into(),
            map: ColorMap::Sequential,
        };
        Self {
            paint,
            ..self.clone()
        }
    }

    /// Sets the radius of a point in CSS pixels.
    pub fn radius(&self, radius: f64) -> Self {
        Self {
            radius: Some(radius.clamp(0.2, 50.0)),
            ..self.clone()
        }
    }

    fn point_radius(&self) -> f64 {
        self.radius
            .unwrap_or_else(|| (60.0 / (self.points.len() as f64).sqrt()).clamp(0.9, 3.6))
    }

    /// Returns the different labels in the order of the alphabet, numbers by size.
    fn categories(&self) -> Vec<(String, Color)> {
        let Coloring::Labels(labels) = &self.paint else {
            return Vec::new();
        };
        let mut names: Vec<String> = labels.to_vec();
        names.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            _ => a.cmp(b),
        });
        names.dedup();
        names
            .into_iter()
            .enumerate()
            .map(|(i, name)| (name, Color::category(i)))
            .collect()
    }

    fn colors(&self) -> Vec<Color> {
        match &self.paint {
            Coloring::Plain => vec![Color::category(0); self.points.len()],
            Coloring::Labels(labels) => {
                let categories: std::collections::HashMap<_, _> =
                    self.categories().into_iter().collect();
                let color = |i| {
                    labels
                        .get(i)
                        .and_then(|label| categories.get(label))
                        .copied()
                };
                (0..self.points.len())
                    .map(|i| color(i).unwrap_or(palette::MISSING))
                    .collect()
            }
            Coloring::Values { values, map, .. } => {
                let scale =
                    Scale::exact(axis::span(values.iter().copied()).unwrap_or((0.0, 1.0)), 2);
                let color = |i| {
                    values
                        .get(i)
                        .map_or(palette::MISSING, |v: &f64| map.color(scale.share(*v)))
                };
                (0..self.points.len()).map(color).collect()
            }
        }
    }

    fn bar(&self) -> Option<Bar<'_>> {
        let Coloring::Values { values, name, map } = &self.paint else {
            return None;
        };
        let range = axis::span(values.iter().copied())?;
        Some(Bar {
            map: *map,
            range,
            label: (!name.is_empty()).then_some(name),
        })
    }

    fn drawable(&self) -> impl Iterator<Item = usize> {
        (0..self.points.len())
            .filter(|i| self.points[*i].0.is_finite() && self.points[*i].1.is_finite())
    }

    fn layer(&self, canvas: &mut Canvas, plane: &Plane<'_>) -> Option<()> {
        let rect = plane.rect;
        let mut pixels = Pixmap::new((rect.width * 2.0) as u32, (rect.height * 2.0) as u32)?;
        let zoom = (
            f64::from(pixels.width()) / rect.width,
            f64::from(pixels.height()) / rect.height,
        );
        let dot = PathBuilder::from_circle(0.0, 0.0, (self.point_radius() * zoom.0) as f32)?;
        let colors = self.colors();
        let mut ink = Ink {
            anti_alias: true,
            ..Ink::default()
        };
        for i in self.drawable() {
            let Color(r, g, b) = colors[i];
            ink.set_color_rgba8(r, g, b, 200);
            let (x, y) = (
                plane.x(self.points[i].0) - rect.x,
                plane.y(self.points[i].1) - rect.y,
            );
            let place = Transform::from_translate((x * zoom.0) as f32, (y * zoom.1) as f32);
            pixels.fill_path(&dot, &ink, FillRule::Winding, place, None);
        }
        canvas.image(rect, &png::encode(&pixels).ok()?);
        Some(())
    }
}

impl Draw for Scatter {
    fn extent(&self) -> (f64, f64) {
        let bar = self.bar().map_or(0.0, |bar| bar.width());
        let legend = legend::width(&self.categories());
        self.frame.size_or(400.0 + legend + bar, 360.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let drawn: Vec<usize> = self.drawable().collect();
        let scale = |pick: fn((f64, f64)) -> f64| {
            Scale::linear(
                axis::span(drawn.iter().map(|i| pick(self.points[*i]))),
                0.05,
                5,
            )
        };
        let (x, y) = (scale(|p| p.0), scale(|p| p.1));
        let (categories, bar) = (self.categories(), self.bar());
        let right = legend::width(&categories) + bar.as_ref().map_or(0.0, Bar::width);
        let chart = Chart::new(&self.frame, (&x, &y)).right(right);
        if drawn.is_empty() {
            chart.empty(canvas, area);
            return;
        }
        let colors = self.colors();
        let radius = super::backend::fine(self.point_radius());
        let plane = chart.draw(canvas, area, |marks| {
            if drawn.len() <= MANY {
                let dots = drawn.iter().map(|i| {
                    let place = (x.place(self.points[*i].0), y.place(self.points[*i].1));
                    Circle::new(
                        place,
                        radius,
                        super::chart::rgb(colors[*i]).mix(0.8).filled(),
                    )
                });
                let _ = marks.draw_series(dots);
            }
        });
        if drawn.len() > MANY {
            self.layer(canvas, &plane);
        }
        legend::draw(canvas, plane.rect, (Mark::Dot, &categories));
        if let Some(bar) = bar {
            bar.draw(canvas, plane.rect);
        }
    }

    fn describe(&self) -> String {
        let mut text = format!("Scatter plot of {} points", self.points.len());
        if self.columns < 2 {
            let _ = write!(
                text,
                "; no data: {} columns where two are needed",
                self.columns
            );
        }
        match &self.paint {
            Coloring::Plain => {}
            Coloring::Labels(labels) => {
                let categories = self.categories();
                let counts = categories.iter().take(12).map(|(name, _)| {
                    format!(
                        "{name} ({})",
                        labels.iter().filter(|label| *label == name).count()
                    )
                });
                let _ = write!(
                    text,
                    ", coloured by {} labels: {}",
                    categories.len(),
                    counts.collect::<Vec<_>>().join(", ")
                );
            }
            Coloring::Values { name, values, .. } => {
                if let Some((low, high)) = axis::span(values.iter().copied()) {
                    let _ = write!(
                        text,
                        ", coloured by {name} from {} to {}",
                        axis::plain(low),
                        axis::plain(high)
                    );
                }
            }
        }
        let colored = match &self.paint {
            Coloring::Plain => self.points.len(),
            Coloring::Labels(labels) => labels.len(),
            Coloring::Values { values, .. } => values.len(),
        };
        if colored < self.points.len() {
            let _ = write!(
                text,
                "; {} points have no colour and are grey",
                self.points.len() - colored
            );
        }
        let lost = self.points.len() - self.drawable().count();
        if lost > 0 {
            let _ = write!(text, "; {lost} points are not finite and left out");
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Scatter);
