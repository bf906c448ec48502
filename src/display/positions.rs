//! The axis along a sequence.

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, Paint, Rect, Text};
use super::chart::SMALL;
use super::font;
use super::palette;

/// Length of a tick.
const TICK: f64 = 3.5;

/// Positions of a sequence and the number of the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Positions {
    pub(crate) count: usize,
    pub(crate) first: i64,
}

impl Positions {
    /// Room under a plot for ticks and numbers.
    pub(crate) const HEIGHT: f64 = 2.0 * TICK + SMALL + 4.0;

    /// Numbers every position when there is room, every fifth, tenth or more otherwise.
    pub(crate) fn scale(self, width: f64) -> Scale {
        let each = width / self.count.max(1) as f64;
        let widest = self.widest();
        let steps = (0..18).flat_map(|decade| {
            let ten = 10_i64.pow(decade);
            let quarter = if decade == 1 { 25 } else { 2 * ten };
            [ten, 2 * ten, quarter, 5 * ten]
        });
        let every = steps
            .into_iter()
            .find(|every| each * *every as f64 > widest + 6.0)
            .unwrap_or(i64::MAX);
        let end = self.first.saturating_add(self.count as i64);
        let begin = self.first.saturating_add(every - 1).div_euclid(every);
        let numbers =
            std::iter::successors(begin.checked_mul(every), |number| number.checked_add(every));
        let numbers = numbers.take_while(|number| *number < end);
        let ticks = numbers
            .map(|number| {
                let slot = (number - self.first) as usize;
                (slot, number.to_string().replace('-', "−"))
            })
            .collect();
        Scale::slots(self.count, ticks)
    }

    /// Returns the width of the widest number.
    pub(crate) fn widest(self) -> f64 {
        let last = self.first.saturating_add(self.count as i64);
        let width = |number: i64| font::width(&number.to_string(), SMALL);
        width(last).max(width(self.first))
    }

    /// Draws the axis under a plot.
    pub(crate) fn draw(self, canvas: &mut Canvas, plot: Rect) {
        let scale = self.scale(plot.width);
        let ink = Paint::stroke(palette::INK, 0.9);
        let y = plot.bottom();
        canvas.line((plot.x, y), (plot.right(), y), ink);
        for (place, text) in &scale.ticks {
            let x = plot.x + plot.width * scale.share(*place);
            canvas.line((x, y), (x, y + TICK), ink);
            let style = Text::new(SMALL).anchor(Anchor::Middle);
            canvas.text((x, y + TICK + 7.0), text, style);
        }
    }
}
