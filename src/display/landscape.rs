//! The scores of all letters above the logo of the letters that are there.

use super::canvas::{Canvas, Rect};
use super::chart::{self, TITLE};
use super::figure::Draw;
use super::frame::{Frame, view};
use super::heatmap::Heatmap;
use super::logo::Logo;
use super::places::Sites;
use std::ops::Range;

/// By how much the rooms around the two plots overlap.
const OVERLAP: f64 = 8.0;

/// A heatmap of letters and positions exactly above the logo of the sequence, on one axis; dots mark the letters that are there.
///
/// Made by [`Attribution::landscape`](crate::attribution::Attribution::landscape).
#[derive(Clone)]
pub struct Landscape {
    pub(super) frame: Frame,
    map: Heatmap,
    logo: Logo,
}

impl Landscape {
    pub(super) fn new(map: &Heatmap, logo: &Logo) -> Self {
        Self {
            frame: Frame::default(),
            map: map.untitled(),
            logo: logo.untitled(),
        }
    }

    /// Draws hits as arrows under the logo, as [`Logo::hits`] does.
    pub fn hits(&self, hits: &(impl Sites + ?Sized)) -> Self {
        self.changed(self.logo.hits(hits))
    }

    /// Sets the number of the first position; it is 0 otherwise.
    pub fn first(&self, position: i64) -> Self {
        self.changed(self.logo.first(position))
    }

    /// Shades positions of the logo, counted from 0, and writes a label over them.
    pub fn highlight(&self, positions: Range<usize>, label: &str) -> Self {
        self.changed(self.logo.highlight(positions, label))
    }

    /// Sets the values that the ends of the colours mean.
    pub fn range(&self, low: f64, high: f64) -> Self {
        Self {
            map: self.map.range(low, high),
            ..self.clone()
        }
    }

    fn changed(&self, logo: Logo) -> Self {
        Self {
            logo,
            ..self.clone()
        }
    }

    fn labelled(&self) -> Logo {
        let mut logo = self.logo.clone();
        logo.frame.x_label.clone_from(&self.frame.x_label);
        if self.frame.y_label.is_some() {
            logo.frame.y_label.clone_from(&self.frame.y_label);
        }
        logo
    }

    fn head(&self) -> f64 {
        if self.frame.title.is_some() {
            TITLE
        } else {
            0.0
        }
    }
}

impl Draw for Landscape {
    fn sides(&self) -> Option<(f64, f64)> {
        let (map, logo) = (self.map.sides()?, self.logo.sides()?);
        Some((map.0.max(logo.0), map.1.max(logo.1)))
    }

    fn extent(&self) -> (f64, f64) {
        let (map, logo) = (self.map.extent(), self.logo.extent());
        let height = self.head() + map.1 + logo.1 - OVERLAP;
        self.frame.size_or(map.0.max(logo.0), height)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let (head, logo) = (self.head(), self.labelled());
        let (above, below) = (self.map.extent().1, logo.extent().1);
        let share = (area.height - head) / (above + below - OVERLAP);
        let outer = canvas.least;
        let (left, right) = self.sides().unwrap_or_default();
        canvas.least = (outer.0.max(left), outer.1.max(right));
        let top = area.y + head;
        self.map.draw(
            canvas,
            Rect::new((area.x, top), (area.width, above * share)),
        );
        let top = top + (above - OVERLAP) * share;
        logo.draw(
            canvas,
            Rect::new((area.x, top), (area.width, below * share)),
        );
        let left = area.x + canvas.least.0;
        canvas.least = outer;
        chart::title(canvas, &self.frame, (left, area));
    }

    fn describe(&self) -> String {
        let text = format!("{} Under it: {}", self.map.describe(), self.logo.describe());
        self.frame.describe(&text)
    }
}

view!(Landscape);
