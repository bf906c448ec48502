//! Genes by how much and how surely they differ.

use super::axis::{self, Scale};
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::{self, Chart, SMALL};
use super::figure::Draw;
use super::flat_png::Flat;
use super::font;
use super::frame::{Frame, view};
use super::map_points::Sheet;
use super::numbers::{Labels, Numbers};
use super::palette::{self, Color, WHITE};
use std::fmt::Write as _;
use std::sync::Arc;

/// More points than this become one raster layer.
const MANY: usize = 2000;
/// Genes that differ too little, that are lower and that are higher.
const COLORS: [Color; 3] = [
    Color(0xb5, 0xb5, 0xb5),
    Color(0x00, 0x72, 0xb2),
    Color(0xd5, 0x5e, 0x00),
];
/// The smallest p-value that has a place: smaller ones, 0 among them, are drawn there.
const SMALLEST: f64 = 1e-300;

/// Changes and p-values of genes.
#[derive(Clone)]
pub struct Volcano {
    pub(super) frame: Frame,
    changes: Arc<[f64]>,
    p_values: Arc<[f64]>,
    names: Arc<[String]>,
    cutoffs: (f64, f64),
    labels: usize,
}

/// Draws genes by the logarithm of their fold change, to base 2, and by their p-value, best adjusted for the number of genes.
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let genes = display::volcano(&[2.3, -0.1, -3.0], &[1e-20, 0.7, 1e-4]).names(&["CD3D", "ACTB", "CST3"]);
/// assert!(genes.description().contains("1 higher and 1 lower"));
/// ```
pub fn volcano(changes: &(impl Numbers + ?Sized), p_values: &(impl Numbers + ?Sized)) -> Volcano {
    Volcano {
        frame: Frame::default(),
        changes: changes.numbers().into(),
        p_values: p_values.numbers().into(),
        names: Arc::new([]),
        cutoffs: (1.0, 0.05),
        labels: 10,
    }
}

impl Volcano {
    /// Names the genes; the most certain that pass the cut-offs are written.
    pub fn names(&self, names: &(impl Labels + ?Sized)) -> Self {
        Self {
            names: names.labels().into(),
            ..self.clone()
        }
    }

    /// Sets the least change (to both sides) and the p-value below which a gene is coloured; 1 and 0.05 otherwise.
    pub fn cutoffs(&self, change: f64, p_value: f64) -> Self {
        Self {
            cutoffs: (change.abs(), p_value),
            ..self.clone()
        }
    }

    /// Sets how many names are written; 10 otherwise.
    pub fn labels(&self, count: usize) -> Self {
        Self {
            labels: count,
            ..self.clone()
        }
    }

    /// Returns the genes that have a place: number, change, certainty and side (0 none, 1 lower, 2 higher).
    fn placed(&self) -> Vec<(usize, f64, f64, usize)> {
        let pairs = self.changes.iter().zip(self.p_values.iter()).enumerate();
        let fine = pairs.filter(|(_, (x, p))| x.is_finite() && (0.0..=1.0).contains(*p));
        let placed = fine.map(|(at, (x, p))| {
            let side = match () {
                () if x.abs() < self.cutoffs.0 || *p >= self.cutoffs.1 => 0,
                () if *x < 0.0 => 1,
                () => 2,
            };
            (at, *x, -p.max(SMALLEST).log10(), side)
        });
        placed.collect()
    }

    fn write(&self, canvas: &mut Canvas, spots: &[(usize, (f64, f64))], plot: Rect) {
        let mut taken: Vec<Rect> = Vec::new();
        for (at, (x, y)) in spots {
            let Some(name) = self.names.get(*at) else {
                continue;
            };
            let wide = font::width(name, SMALL);
            let right = x + 5.0 + wide < plot.right();
            let left = if right { x + 5.0 } else { x - 5.0 - wide };
            let place = Rect::new((left, y - 6.0), (wide, 12.0));
            let overlaps = |other: &Rect| {
                place.x < other.right()
                    && other.x < place.right()
                    && place.y < other.bottom()
                    && other.y < place.bottom()
            };
            if taken.iter().any(overlaps) {
                continue;
            }
            taken.push(place);
            let anchor = if right { Anchor::Start } else { Anchor::End };
            let x = if right { x + 5.0 } else { x - 5.0 };
            canvas.text((x, *y), name, Text::new(SMALL).anchor(anchor));
        }
    }
}

impl Draw for Volcano {
    fn extent(&self) -> (f64, f64) {
        self.frame.size_or(460.0, 380.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let mut placed = self.placed();
        placed.sort_by_key(|gene| usize::from(gene.3 > 0));
        let reach = placed.iter().map(|gene| gene.1.abs()).fold(0.1, f64::max);
        let x = Scale::linear(Some((-reach, reach)), 0.05, 6);
        let top = placed.iter().map(|gene| gene.2).fold(1.0, f64::max);
        let y = Scale::exact((0.0, top * 1.06), 5);
        let frame = self.frame.labelled("log2 fold change", "−log10 p-value");
        let chart = Chart::new(&frame, (&x, &y)).grid(false, false);
        if placed.is_empty() {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |_| {});
        let plot = plane.rect;
        let radius = (70.0 / (placed.len() as f64).sqrt()).clamp(1.3, 3.2);
        let spot = |gene: &(usize, f64, f64, usize)| (plane.x(gene.1), plane.y(gene.2));
        if placed.len() <= MANY {
            for gene in &placed {
                canvas.circle(spot(gene), radius, Paint::fill(COLORS[gene.3]));
            }
        } else {
            let mut sheet = Sheet::new((plot.width * 2.0) as usize, (plot.height * 2.0) as usize);
            for gene in &placed {
                let (x, y) = spot(gene);
                let place = (2.0 * (x - plot.x), 2.0 * (y - plot.y));
                sheet.disc(place, 2.0 * radius, gene.3 as u8 + 1);
            }
            let colors = [WHITE].into_iter().chain(COLORS).collect();
            let (width, height, pixels) = (sheet.width, sheet.height, sheet.pixels);
            let flat = Flat {
                width,
                height,
                pixels,
                colors,
                clear: true,
            };
            if let Some(png) = flat.png() {
                canvas.image(plot, &png);
            }
        }
        for change in [-self.cutoffs.0, self.cutoffs.0] {
            if change.abs() > 0.0 && change.abs() < reach {
                chart::dashes(canvas, &plane, [(change, y.low), (change, y.high)]);
            }
        }
        let level = -self.cutoffs.1.max(SMALLEST).log10();
        if level > 0.0 && level < y.high {
            chart::dashes(canvas, &plane, [(x.low, level), (x.high, level)]);
        }
        let mut named: Vec<_> = placed.iter().filter(|gene| gene.3 > 0).collect();
        named.sort_by(|a, b| b.2.total_cmp(&a.2).then(b.1.abs().total_cmp(&a.1.abs())));
        let named = named.iter().take(self.labels);
        let spots: Vec<_> = named.map(|gene| (gene.0, spot(gene))).collect();
        self.write(canvas, &spots, plot);
    }

    fn describe(&self) -> String {
        let (placed, given) = (self.placed(), self.changes.len().max(self.p_values.len()));
        let count = |side| placed.iter().filter(|gene| gene.3 == side).count();
        let (change, p) = (axis::plain(self.cutoffs.0), axis::plain(self.cutoffs.1));
        let mut text = format!(
            "Volcano plot of {given} genes; {} higher and {} lower by at least {change} with p below {p}",
            count(2),
            count(1)
        );
        if self.changes.len() != self.p_values.len() {
            let (changes, p_values) = (self.changes.len(), self.p_values.len());
            let _ = write!(
                text,
                "; {changes} changes and {p_values} p-values, which cannot be right"
            );
        }
        if placed.len() < given {
            let lost = given - placed.len();
            let _ = write!(
                text,
                "; {lost} genes have no change or no p-value from 0 to 1 and are left out"
            );
        }
        if !self.names.is_empty() && self.names.len() != self.changes.len() {
            let _ = write!(text, "; {} names, which cannot be right", self.names.len());
        }
        self.frame.describe(&(text + "."))
    }
}

view!(Volcano);

/// Highest scores with their names, from the left.
#[derive(Clone)]
pub struct RankPlot {
    pub(super) frame: Frame,
    names: Arc<[String]>,
    scores: Arc<[f64]>,
    most: usize,
}

/// Draws the names of the highest scores from the left, each at the height of its score, such as the marker genes of a group.
///
/// As a panel of `scanpy.pl.rank_genes_groups` 1.11; several stand beside each other with [`grid`](super::grid).
///
/// # Examples
///
/// ```
/// use genolens::display;
/// let markers = display::rank_plot(&["CD3D", "LDHB", "CST3"], &[27.1, 20.4, -3.0]).title("T cells vs. rest");
/// assert!(markers.description().contains("CD3D 27.1, LDHB 20.4"));
/// ```
pub fn rank_plot(names: &(impl Labels + ?Sized), scores: &(impl Numbers + ?Sized)) -> RankPlot {
    RankPlot {
        frame: Frame::default(),
        names: names.labels().into(),
        scores: scores.numbers().into(),
        most: 20,
    }
}

impl RankPlot {
    /// Sets how many names are drawn; 20 otherwise.
    pub fn most(&self, count: usize) -> Self {
        Self {
            most: count.clamp(1, 200),
            ..self.clone()
        }
    }

    /// Returns the highest scores with the numbers of their names.
    fn highest(&self) -> Vec<(usize, f64)> {
        let finite = self.scores.iter().copied().enumerate();
        let mut ranked: Vec<(usize, f64)> = finite.filter(|(_, v)| v.is_finite()).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked.truncate(self.most);
        ranked
    }

    fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("?", String::as_str)
    }
}

impl Draw for RankPlot {
    fn extent(&self) -> (f64, f64) {
        let count = self.scores.len().min(self.most);
        self.frame
            .size_or((70.0 + 14.0 * count as f64).clamp(200.0, 800.0), 260.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let ranked = self.highest();
        let ends = ranked
            .last()
            .zip(ranked.first())
            .map(|(low, high)| (low.1, high.1));
        let longest = ranked
            .iter()
            .map(|(at, _)| font::width(self.name(*at), SMALL));
        let longest = longest.fold(0.0, f64::max).min(110.0);
        let (low, high) = ends.unwrap_or((0.0, 1.0));
        let wide = if high > low {
            high - low
        } else {
            low.abs().max(1.0)
        };
        // Room for the name over the highest score.
        let room = wide * (longest / (area.height - longest - 60.0).max(20.0));
        let y = Scale::exact((low - 0.06 * wide, high + 0.04 * wide + room), 5);
        let x = Scale::exact((-1.0, ranked.len().max(1) as f64), 5);
        let frame = self.frame.labelled("rank", "score");
        let chart = Chart::new(&frame, (&x, &y)).grid(false, false);
        if ranked.is_empty() {
            chart.empty(canvas, area);
            return;
        }
        let plane = chart.draw(canvas, area, |_| {});
        for (rank, (at, score)) in ranked.iter().enumerate() {
            let (x, y) = (plane.x(rank as f64), plane.y(*score));
            let name = font::fit(self.name(*at), SMALL, 110.0);
            canvas.circle((x, y), 1.6, Paint::fill(palette::FAINT));
            canvas.text((x, y - 5.0), &name, Text::new(SMALL).turn(-90));
        }
    }

    fn describe(&self) -> String {
        let mut text = format!("The highest of {} scores", self.scores.len());
        let named = self.highest();
        let named = named.iter().take(12);
        let named: Vec<String> = named
            .map(|(at, score)| format!("{} {}", self.name(*at), axis::plain(*score)))
            .collect();
        if named.is_empty() {
            text += "; no data";
        } else {
            let _ = write!(text, ": {}", named.join(", "));
        }
        if self.names.len() != self.scores.len() {
            let _ = write!(text, "; {} names, which cannot be right", self.names.len());
        }
        self.frame.describe(&(text + "."))
    }
}

view!(RankPlot);
