//! What was said beside what happened: reliability diagrams, with the number of examples below.

use super::axis::{self, Scale};
use super::canvas::{Canvas, Paint, Rect};
use super::chart::{self, Chart, Plane};
use super::figure::Draw;
use super::frame::{Frame, view};
use super::legend::{self, Mark};
use super::palette::{self, Color};
use crate::calibration::Diagram;
use std::fmt::Write as _;
use std::sync::Arc;

/// Share of the height that the number of examples takes.
const BELOW: f64 = 0.29;
/// Gaps between what was said and what happened.
const GAP: Color = Color::category(3);
/// Diagrams that the description tells, and that are drawn with intervals and filled bars.
const TOLD: usize = 4;
/// Width of a bar at the mean of a bin.
const STEM: f64 = 5.0;
/// Chances that may be ticks of an axis of log-odds, those that matter most first.
const TICKS: [f64; 27] = [
    0.5, 0.1, 0.9, 0.01, 0.99, 0.001, 0.999, 0.0001, 0.9999, 0.000_01, 0.999_99, 0.05, 0.95, 0.2,
    0.8, 0.02, 0.98, 0.3, 0.7, 0.005, 0.995, 0.002, 0.998, 0.4, 0.6, 0.03, 0.97,
];

/// The share of events among examples that were given the same chance, for one model or several, and how many examples there are; on the
/// dashed diagonal chances mean what they say.
///
/// Made by `plot` of a [`Diagram`], of a [`Reliability`](crate::calibration::Reliability) and of an
/// [`Assessment`](crate::calibration::Assessment). A dot stands at the mean forecast of its bin; the line through it is the 95 % interval of
/// the share.
#[derive(Clone)]
pub struct ReliabilityPlot {
    pub(super) frame: Frame,
    diagrams: Arc<[(String, Diagram)]>,
    words: [&'static str; 2],
    odds: bool,
    bars: bool,
}

impl ReliabilityPlot {
    pub(super) fn new(diagrams: Vec<(String, Diagram)>, words: [&'static str; 2]) -> Self {
        Self {
            frame: Frame::default(),
            diagrams: diagrams.into(),
            words,
            odds: false,
            bars: false,
        }
    }

    /// Names the diagram that was added last.
    pub fn name(&self, name: &str) -> Self {
        let mut diagrams = self.diagrams.to_vec();
        if let Some(last) = diagrams.last_mut() {
            last.0 = name.into();
        }
        Self {
            diagrams: diagrams.into(),
            ..self.clone()
        }
    }

    /// Adds a diagram with a name.
    pub fn add(&self, name: &str, diagram: &Diagram) -> Self {
        let new = (name.to_owned(), diagram.clone());
        Self {
            diagrams: self.diagrams.iter().cloned().chain([new]).collect(),
            ..self.clone()
        }
    }

    /// Draws the first diagram as bars as wide as its bins, the gaps to what was said shaded (Guo et al. 2017,
    /// <https://proceedings.mlr.press/v70/guo17a.html>); others stay lines.
    pub fn bars(&self) -> Self {
        Self {
            bars: true,
            ..self.clone()
        }
    }

    /// Makes both axes those of log-odds, as far as the forecasts reach: for rare events. Shares of 0 and 1 lie on the edge, hollow.
    pub fn log_odds(&self) -> Self {
        Self {
            odds: true,
            ..self.clone()
        }
    }

    fn axis(&self) -> Scale {
        if !self.odds {
            return Scale::exact((0.0, 1.0), 5);
        }
        let bins = self.diagrams.iter().flat_map(|(_, diagram)| bins(diagram));
        // Of bins in which nothing or everything happened it is the interval that tells where they are.
        let known = bins.flat_map(|bin| [bin.forecast, bin.observed, bin.low, bin.high]);
        let inner = known.filter(|chance| (1e-6..=1.0 - 1e-6).contains(chance));
        let mut scale = Scale::linear(axis::span(inner.map(odds)), 0.05, 1);
        let (low, high) = (scale.low, scale.high);
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for chance in TICKS {
            let place = odds(chance);
            let far = |tick: &(f64, String)| (tick.0 - place).abs() > (high - low) / 7.5;
            if (low..=high).contains(&place) && ticks.iter().all(far) {
                ticks.push((place, chance.to_string()));
            }
        }
        ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
        scale.ticks = ticks;
        scale
    }

    /// Returns where a chance lies on an axis, at its end where it is beyond.
    fn place(&self, chance: f64, axis: &Scale) -> f64 {
        let place = if self.odds { odds(chance) } else { chance };
        place.clamp(axis.low, axis.high)
    }

    fn entries(&self) -> Vec<(String, Color)> {
        let named = self.diagrams.iter().enumerate();
        let entry = |(at, (name, diagram)): (usize, &(String, Diagram))| {
            let error = format!("ECE {:.4}", diagram.ece());
            let text = if name.is_empty() {
                error
            } else {
                format!("{name}, {error}")
            };
            (text, Color::category(at))
        };
        let mut entries: Vec<_> = named.map(entry).collect();
        if self.bars {
            entries.insert(1.min(entries.len()), ("gap".into(), GAP));
        }
        entries
    }

    fn legend(&self) -> f64 {
        legend::width(&self.entries())
    }

    /// Draws the shares of a diagram as bars, with the gaps to the mean forecasts.
    fn columns(&self, canvas: &mut Canvas, plane: &Plane<'_>, diagram: &Diagram) {
        let (x, y) = plane.scales();
        for bin in bins(diagram) {
            let sides = [bin.from, bin.to].map(|edge| plane.x(self.place(edge, x)));
            let area = |ends: [f64; 2]| {
                let [low, high] = ends.map(|end| plane.y(end));
                let corner = (sides[0], high.min(low));
                Rect::new(corner, (sides[1] - sides[0], (low - high).abs()))
            };
            let [observed, forecast] =
                [bin.observed, bin.forecast].map(|chance| self.place(chance, y));
            let blue = Color::category(0);
            let bar = area([y.low, observed.min(forecast)]);
            canvas.rect(bar, Paint::fill(blue).opacity(0.55));
            canvas.rect(bar, Paint::stroke(palette::WHITE, 0.8));
            let gap = area([observed.min(forecast), observed.max(forecast)]);
            canvas.rect(gap, Paint::fill(GAP).opacity(0.4));
            canvas.rect(gap, Paint::stroke(GAP, 0.8));
            let top = plane.y(observed);
            canvas.line((sides[0], top), (sides[1], top), Paint::stroke(blue, 2.4));
        }
    }

    /// Draws the shares of a diagram as dots with their intervals, on a line.
    fn dots(&self, canvas: &mut Canvas, plane: &Plane<'_>, (diagram, color): (&Diagram, Color)) {
        let (x, y) = plane.scales();
        let at = |bin: &Bin, share: f64| {
            (
                plane.x(self.place(bin.forecast, x)),
                plane.y(self.place(share, y)),
            )
        };
        let edge = |bin: &Bin| self.odds && !(bin.observed > 0.0 && bin.observed < 1.0);
        let path = bins(diagram).filter(|bin| !edge(bin));
        let path: Vec<_> = path.map(|bin| at(&bin, bin.observed)).collect();
        canvas.path(&path, Paint::stroke(color, 1.5));
        for bin in bins(diagram) {
            if self.diagrams.len() <= TOLD {
                let ends = (at(&bin, bin.low), at(&bin, bin.high));
                canvas.line(ends.0, ends.1, Paint::stroke(color, 1.0));
            }
            let place = at(&bin, bin.observed);
            if edge(&bin) {
                canvas.circle(place, 3.2, Paint::fill(palette::WHITE));
                canvas.circle(place, 3.2, Paint::stroke(color, 1.2));
            } else {
                canvas.circle(place, 3.2, Paint::fill(color));
            }
        }
    }

    /// Draws how many examples every bin holds: over the bin where all are as wide, else at its mean, for how wide it is says how few are
    /// near.
    fn counts(&self, canvas: &mut Canvas, plane: &Plane<'_>) {
        let (x, _) = plane.scales();
        for (at, (_, diagram)) in self.diagrams.iter().enumerate() {
            let color = Color::category(at);
            let over = !self.odds && is_even(diagram);
            for bin in bins(diagram) {
                let middle = plane.x(self.place(bin.forecast, x));
                let sides = if over {
                    [bin.from, bin.to].map(|edge| plane.x(self.place(edge, x)))
                } else {
                    [middle - STEM / 2.0, middle + STEM / 2.0]
                };
                // However few there are among many, they are seen.
                let top = plane.y(bin.count).min(plane.rect.bottom() - 1.5);
                let size = (sides[1] - sides[0], plane.rect.bottom() - top);
                let area = Rect::new((sides[0], top), size);
                let shade = if self.diagrams.len() > 1 { 0.25 } else { 0.55 };
                if self.diagrams.len() <= TOLD {
                    canvas.rect(area, Paint::fill(color).opacity(shade));
                }
                canvas.rect(area, Paint::stroke(color, 0.8));
            }
        }
    }
}

impl Draw for ReliabilityPlot {
    fn extent(&self) -> (f64, f64) {
        self.frame.size_or(350.0 + self.legend(), 440.0)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let chances = self.axis();
        let most = self.diagrams.iter().flat_map(|(_, diagram)| bins(diagram));
        let most = most.map(|bin| bin.count).fold(1.0, f64::max);
        let (mut bare, counts) = (chances.clone(), Scale::exact((0.0, 1.06 * most), 3));
        for tick in &mut bare.ticks {
            tick.1.clear();
        }
        let [said, happened] = self.words;
        let frame = self.frame.labelled(said, happened);
        let (above, below) = (
            Frame {
                x_label: None,
                ..frame.clone()
            },
            Frame {
                title: None,
                y_label: Some("examples".into()),
                ..frame
            },
        );
        let height = area.height * BELOW;
        let upper = Rect::new((area.x, area.y), (area.width, area.height - height + 14.0));
        let lower = Rect::new((area.x, area.bottom() - height), (area.width, height));
        let charts = [
            (Chart::new(&above, (&bare, &chances)), upper),
            (
                Chart::new(&below, (&chances, &counts)).grid(false, true),
                lower,
            ),
        ];
        let right = self.legend();
        let charts = charts.map(|(chart, area)| (chart.right(right), area));
        let plots = charts.each_ref().map(|(chart, area)| chart.plot(*area));
        // Both stand exactly over each other.
        let most = |of: fn(Rect, Rect) -> f64| plots.map(|plot| of(plot, area)).into_iter();
        let left = most(|plot, area| plot.x - area.x).fold(0.0, f64::max);
        let right = most(|plot, area| area.right() - plot.right()).fold(0.0, f64::max);
        let [(above, upper), (below, lower)] =
            charts.map(|(chart, area)| (chart.least((left, right)), area));
        let plane = above.draw(canvas, upper, |_| {});
        chart::dashes(
            canvas,
            &plane,
            [(chances.low, chances.low), (chances.high, chances.high)],
        );
        for (at, (_, diagram)) in self.diagrams.iter().enumerate() {
            if self.bars && at == 0 {
                self.columns(canvas, &plane, diagram);
            } else {
                self.dots(canvas, &plane, (diagram, Color::category(at)));
            }
        }
        let mark = if self.bars { Mark::Box } else { Mark::Line };
        legend::draw(canvas, plane.rect, (mark, &self.entries()));
        let plane = below.draw(canvas, lower, |_| {});
        self.counts(canvas, &plane);
    }

    fn describe(&self) -> String {
        let [said, happened] = self.words;
        let mut text = format!("Reliability diagram of {said} and {happened}");
        for (name, diagram) in self.diagrams.iter().take(TOLD) {
            let name = if name.is_empty() {
                String::new()
            } else {
                format!("{name}, ")
            };
            let examples = diagram.examples();
            let [ece, mce] = [diagram.ece(), diagram.mce()].map(axis::plain);
            let filled = match bins(diagram).count() {
                1 => "1 bin".to_owned(),
                count => format!("{count} bins"),
            };
            let _ = write!(
                text,
                "; {name}{examples} examples in {filled}, ECE {ece}, MCE {mce}"
            );
            let gap = |bin: &Bin| (bin.observed - bin.forecast).abs();
            let worst = bins(diagram).max_by(|a, b| gap(a).total_cmp(&gap(b)));
            if let Some(bin) = worst.filter(|bin| gap(bin) > 0.0) {
                let [forecast, observed] = [bin.forecast, bin.observed].map(axis::plain);
                let _ = write!(text, " where {forecast} was said and {observed} happened");
            }
        }
        if self.diagrams.len() > TOLD {
            let _ = write!(text, "; and {} more", self.diagrams.len() - TOLD);
        }
        self.frame.describe(&(text + "."))
    }
}

view!(ReliabilityPlot);

/// A bin that holds an example.
struct Bin {
    from: f64,
    to: f64,
    count: f64,
    forecast: f64,
    observed: f64,
    low: f64,
    high: f64,
}

fn bins(diagram: &Diagram) -> impl Iterator<Item = Bin> {
    let (counts, forecast) = (diagram.counts(), diagram.forecast());
    let (observed, low, high) = (diagram.observed(), diagram.low(), diagram.high());
    let (mut edges, last) = (diagram.edges(), diagram.len() - 1);
    // The outermost edges are 0 and 1 however far off: such a bin is taken to reach as far beyond its mean as within.
    if last > 0 && !is_even(diagram) {
        let ends = [
            2.0 * forecast[0] - edges[1],
            2.0 * forecast[last] - edges[last],
        ];
        edges[0] = ends[0].max(0.0);
        edges[last + 1] = ends[1].min(1.0);
    }
    let bin = move |at: usize| Bin {
        from: edges[at],
        to: edges[at + 1],
        count: counts[at],
        forecast: forecast[at],
        observed: observed[at],
        low: low[at],
        high: high[at],
    };
    (0..=last).map(bin).filter(|bin| bin.count > 0.0)
}

fn odds(chance: f64) -> f64 {
    (chance / (1.0 - chance)).ln()
}

/// Tells whether all bins are as wide.
fn is_even(diagram: &Diagram) -> bool {
    let width = 1.0 / diagram.len() as f64;
    let edges = diagram.edges();
    let off = |(at, edge): (usize, &f64)| (edge - at as f64 * width).abs();
    edges.iter().enumerate().map(off).fold(0.0, f64::max) < 1e-6
}
