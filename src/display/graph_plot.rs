//! Graphs in the plane: groups as discs, how much they are connected as lines.

use super::axis;
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::categories::Palette;
use super::chart::{self, MARGIN, SMALL, TITLE};
use super::figure::Draw;
use super::font;
use super::frame::{Frame, view};
use super::map_points::Points;
use super::numbers::{Labels, Matrix, Numbers};
use super::palette::{self, Color, INK};
use ndarray::Array2;
use std::fmt::Write as _;
use std::sync::Arc;

/// Radius of the disc of the largest node.
const LARGEST: f64 = 15.0;
/// Width of the line of the largest weight.
const WIDEST: f64 = 7.0;
/// Edges that are drawn at most, the heaviest.
const MANY: usize = 2000;

/// Nodes at places, joined by lines as wide as their weights.
#[derive(Clone)]
pub struct GraphPlot {
    pub(super) frame: Frame,
    points: Arc<Points>,
    weights: Arc<Array2<f64>>,
    names: Arc<[String]>,
    sizes: Arc<[f64]>,
    palette: Palette,
    threshold: f64,
}

/// Draws nodes at places, shape `(nodes, 2)`, joined by weights, shape `(nodes, nodes)`, such as groups of cells and their connectivities.
///
/// As `scanpy.pl.paga` 1.11: lines as wide as the weights, discs larger with the root of the number of cells.
///
/// # Examples
///
/// ```
/// use genolens::{display, ndarray::array};
/// let places = array![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
/// let weights = array![[0.0, 0.8, 0.0], [0.8, 0.0, 0.1], [0.0, 0.1, 0.0]];
/// let graph = display::graph_plot(&places, &weights).names(&["HSC", "Ery", "Mono"]).sizes(&[100, 40, 60]);
/// assert!(graph.description().contains("HSC and Ery 0.8"));
/// ```
pub fn graph_plot(places: &impl Matrix, weights: &impl Matrix) -> GraphPlot {
    GraphPlot {
        frame: Frame::default(),
        points: Arc::new(Points::new(&places.matrix())),
        weights: Arc::new(weights.matrix()),
        names: Arc::new([]),
        sizes: Arc::new([]),
        palette: Palette::Scanpy,
        threshold: 0.0,
    }
}

impl GraphPlot {
    /// Names the nodes.
    pub fn names(&self, names: &(impl Labels + ?Sized)) -> Self {
        Self {
            names: names.labels().into(),
            ..self.clone()
        }
    }

    /// Sets how many cells each node stands for.
    pub fn sizes(&self, sizes: &(impl Numbers + ?Sized)) -> Self {
        Self {
            sizes: sizes.numbers().into(),
            ..self.clone()
        }
    }

    /// Leaves out edges of smaller weight.
    pub fn threshold(&self, weight: f64) -> Self {
        Self {
            threshold: weight,
            ..self.clone()
        }
    }

    /// Sets the colours of the nodes.
    pub fn palette(&self, palette: Palette) -> Self {
        Self {
            palette,
            ..self.clone()
        }
    }

    /// Returns the edges, the heaviest first; of both directions the heavier one.
    fn edges(&self) -> Vec<(usize, usize, f64)> {
        let n = self
            .points
            .len()
            .min(self.weights.nrows())
            .min(self.weights.ncols());
        let mut edges = Vec::new();
        for a in 0..n {
            for b in 0..a {
                let weight = self.weights[[a, b]].max(self.weights[[b, a]]);
                if weight.is_finite() && weight > 0.0 && weight >= self.threshold {
                    edges.push((b, a, weight));
                }
            }
        }
        edges.sort_by(|x, y| y.2.total_cmp(&x.2));
        edges.truncate(MANY);
        edges
    }

    fn name(&self, node: usize) -> String {
        self.names
            .get(node)
            .cloned()
            .unwrap_or_else(|| node.to_string())
    }

    fn radius(&self, node: usize) -> f64 {
        let most = self
            .sizes
            .iter()
            .copied()
            .filter(|s| s.is_finite())
            .fold(0.0, f64::max);
        match self.sizes.get(node) {
            Some(size) if *size > 0.0 && most > 0.0 => (LARGEST * (size / most).sqrt()).max(4.0),
            _ => 9.0,
        }
    }
}

impl Draw for GraphPlot {
    fn extent(&self) -> (f64, f64) {
        self.frame.size_or(400.0, 360.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let head = if self.frame.title.is_some() {
            TITLE
        } else {
            MARGIN
        };
        let size = (
            (area.width - 2.0 * MARGIN).max(10.0),
            (area.height - head - MARGIN).max(10.0),
        );
        let plot = Rect::new((area.x + MARGIN, area.y + head), size);
        chart::title(canvas, &self.frame, (plot.x, area));
        canvas.rect(plot, Paint::stroke(INK, 0.9));
        if self.points.finite == 0 {
            chart::no_data(canvas, plot);
            return;
        }
        let inner = |share: f64, from: f64, whole: f64| from + whole * (0.08 + 0.84 * share);
        let place = |node: usize| {
            let (x, y) = self.points.shares(node)?;
            Some((
                inner(x, plot.x, plot.width),
                inner(1.0 - y, plot.y, plot.height),
            ))
        };
        let edges = self.edges();
        let heaviest = edges.first().map_or(1.0, |edge| edge.2);
        for (a, b, weight) in edges.iter().rev() {
            if let (Some(from), Some(to)) = (place(*a), place(*b)) {
                let width = (WIDEST * weight / heaviest).max(0.3);
                canvas.line(from, to, Paint::stroke(palette::FAINT, width).opacity(0.7));
            }
        }
        let colors = self.palette.colors(self.points.len());
        let nodes = (0..self.points.len()).filter_map(|node| Some((node, place(node)?)));
        for (node, at) in nodes.clone() {
            canvas.circle(at, self.radius(node), Paint::fill(colors[node]));
            canvas.circle(at, self.radius(node), Paint::stroke(INK, 0.8));
        }
        for (node, (x, y)) in nodes {
            let (name, radius) = (self.name(node), self.radius(node));
            let wide = font::width(&name, SMALL);
            let inside = wide < 2.0 * radius - 4.0;
            let ink = if inside && colors[node].brightness() < 0.5 {
                palette::WHITE
            } else {
                INK
            };
            let y = if inside { y } else { y - radius - 8.0 };
            let left = plot.x + 3.0 + wide / 2.0;
            let x = if inside {
                x
            } else {
                x.min(plot.right() - 3.0 - wide / 2.0).max(left)
            };
            halo(canvas, (x, y), (&name, inside), ink);
        }
    }

    fn describe(&self) -> String {
        let edges = self.edges();
        let n = self.points.len();
        let mut text = format!("Graph of {n} nodes and {} edges", edges.len());
        if self.points.columns < 2 {
            let _ = write!(
                text,
                "; no data: {} columns where two are needed",
                self.points.columns
            );
        } else if n == 0 {
            text += "; no data";
        }
        for (a, b, weight) in edges.iter().take(8) {
            let _ = write!(
                text,
                "; {} and {} {}",
                self.name(*a),
                self.name(*b),
                axis::plain(*weight)
            );
        }
        if self.weights.dim() != (n, n) {
            let shape = self.weights.dim();
            let _ = write!(
                text,
                "; weights of shape {shape:?} where ({n}, {n}) is needed"
            );
        }
        self.frame.describe(&(text + "."))
    }
}

/// Writes a name, on light ground where it stands outside of its disc.
fn halo(canvas: &mut Canvas, (x, y): (f64, f64), (name, inside): (&str, bool), ink: Color) {
    if !inside {
        let half = font::width(name, SMALL) / 2.0 + 2.0;
        let ground = Rect::new((x - half, y - 7.0), (2.0 * half, 14.0));
        canvas.rect(ground, Paint::fill(palette::WHITE).opacity(0.7));
    }
    canvas.text(
        (x, y),
        name,
        Text::new(SMALL).anchor(Anchor::Middle).color(ink),
    );
}

view!(GraphPlot);
