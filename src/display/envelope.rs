//! Outlines of rows that are too long to show every value.

use super::canvas::Rect;

/// The highest value above 0 and the lowest below it, bin by bin.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Envelope {
    above: Vec<f64>,
    below: Vec<f64>,
}

impl Envelope {
    /// Bins values that reach so far above and below 0; of more values than `bins` the farthest count.
    pub(crate) fn new(values: impl ExactSizeIterator<Item = (f64, f64)>, bins: usize) -> Self {
        let count = values.len();
        let bins = bins.clamp(1, count.max(1));
        let (mut above, mut below) = (vec![0.0_f64; bins], vec![0.0_f64; bins]);
        for (i, (high, low)) in values.enumerate() {
            let bin = i * bins / count.max(1);
            // What is not a number is never larger.
            above[bin] = above[bin].max(high);
            below[bin] = below[bin].min(low);
        }
        Self { above, below }
    }

    /// Returns how far a bin reaches above and below 0.
    pub(crate) fn bin(&self, share: f64) -> (f64, f64) {
        let last = self.above.len() - 1;
        let bin = ((share * self.above.len() as f64) as usize).min(last);
        (self.above[bin], self.below[bin])
    }

    /// Returns the outlines above and below 0 of a plot, as steps; an outline that never leaves 0 has no points.
    pub(crate) fn outlines(&self, plot: Rect, y: impl Fn(f64) -> f64) -> [Vec<(f64, f64)>; 2] {
        let wide = plot.width / self.above.len() as f64;
        let steps = |values: &[f64]| {
            let mut points = Vec::new();
            if values.iter().all(|value| *value == 0.0) {
                return points;
            }
            let mut x = plot.x;
            points.push((x, y(0.0)));
            for run in values.chunk_by(|a, b| a == b) {
                points.push((x, y(run[0])));
                x += wide * run.len() as f64;
                points.push((x, y(run[0])));
            }
            points.push((x, y(0.0)));
            points
        };
        [steps(&self.above), steps(&self.below)]
    }
}
