//! Numbers over time, in a bounded number of points.

/// The most points of a series: more than this can hardly be told apart in a picture.
const MOST: usize = 240;

/// A number followed over the steps of a task; a long series is thinned by averaging neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    what: String,
    name: String,
    points: Vec<(f64, f64)>,
    /// How many records one point stands for, and how many the last point holds so far.
    every: usize,
    last: usize,
    skipped: usize,
}

impl Series {
    pub(super) fn new(what: &str, name: &str) -> Self {
        Self {
            what: what.into(),
            name: name.into(),
            points: Vec::new(),
            every: 1,
            last: 0,
            skipped: 0,
        }
    }

    /// Returns the quantity, such as the loss; series of the same quantity share a picture.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns what tells the series from others of the same quantity, such as `validation`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns position and value of every point, in order.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// Returns how many values are not among the points, since they were infinite or no numbers.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    pub(super) fn skip(&mut self) {
        self.skipped += 1;
    }

    pub(super) fn push(&mut self, x: f64, y: f64) {
        if self.last > 0 && self.last < self.every {
            if let Some((mean_x, mean_y)) = self.points.last_mut() {
                self.last += 1;
                let share = 1.0 / self.last as f64;
                *mean_x += (x - *mean_x) * share;
                *mean_y += (y - *mean_y) * share;
            }
            return;
        }
        if self.points.len() >= MOST {
            self.points = self.points.chunks(2).map(mean).collect();
            self.every *= 2;
        }
        self.points.push((x, y));
        self.last = 1;
    }
}

fn mean(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len() as f64;
    let sum = points
        .iter()
        .fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
    (sum.0 / count, sum.1 / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_series_keeps_its_shape_in_few_points() {
        let mut series = Series::new("loss", "");
        for x in 0..100_000 {
            series.push(f64::from(x), 3.0 * f64::from(x) + 1.0);
            assert!(series.points.len() <= MOST);
        }
        assert!(series.points.len() >= MOST / 2);
        // Averages of a line lie on the line, and none is heavier than its place in the row.
        let mut before = -1.0;
        for (x, y) in series.points() {
            assert!((y - (3.0 * x + 1.0)).abs() < 1e-6 && *x > before);
            before = *x;
        }
        assert!(before > 98_000.0);
        let gap = |i: usize| series.points[i + 1].0 - series.points[i].0;
        assert!((gap(0) - gap(90)).abs() < 1e-6);
    }
}
