//! Streamlines through vectors on a regular grid, evenly spaced.
//!
//! As matplotlib's `streamplot`: lines start along a spiral from the rim inwards, follow the direction of the vectors both ways, and end
//! at the rim, at missing vectors, and where another line has been; short ones are left out.

use super::map_lines::Line;
use ndarray::Array2;
use std::collections::VecDeque;

/// Cells along each axis in which only one line may be.
const CELLS: usize = 36;
/// Step along a line, as a share of the width of the grid.
const STEP: f64 = 0.004;
/// The shortest and the longest line, as shares of the width of the grid.
const SHORTEST: f64 = 0.06;
const LONGEST: f64 = 4.0;

/// Vectors on a regular grid.
struct Field {
    x: Vec<f64>,
    y: Vec<f64>,
    /// Vectors in widths and heights of the grid, rows of equal y; NaN where there is none.
    vectors: Vec<(f64, f64)>,
    fastest: f64,
}

/// Traces lines through vectors at places, both of shape `(n, 2)`; places of a regular grid in any order, some may be missing.
pub(crate) fn trace(places: &Array2<f64>, vectors: &Array2<f64>) -> Vec<Line> {
    let Some(field) = Field::new(places, vectors) else {
        return Vec::new();
    };
    let mut taken = vec![0_usize; CELLS * CELLS];
    let mut lines = Vec::new();
    for start in spiral() {
        if taken[start.1 * CELLS + start.0] != 0 {
            continue;
        }
        let middle = |cell: usize| (cell as f64 + 0.5) / CELLS as f64;
        let start = (middle(start.0), middle(start.1));
        let mark = lines.len() + 1;
        let mut path: VecDeque<(f64, f64)> = VecDeque::from([start]);
        let mut touched = Vec::new();
        field.follow(start, 1.0, (&mut taken, &mut touched, mark), |at| {
            path.push_back(at);
        });
        field.follow(start, -1.0, (&mut taken, &mut touched, mark), |at| {
            path.push_front(at);
        });
        if (path.len() as f64) * STEP < SHORTEST {
            for cell in touched {
                taken[cell] = 0;
            }
            continue;
        }
        lines.push(field.line(&path.into_iter().collect::<Vec<_>>()));
    }
    lines
}

impl Field {
    fn new(places: &Array2<f64>, vectors: &Array2<f64>) -> Option<Self> {
        let axis = |column: usize| -> Option<Vec<f64>> {
            let finite = places.column(column).into_iter().filter(|v| v.is_finite());
            let mut values: Vec<f64> = finite.copied().collect();
            values.sort_by(f64::total_cmp);
            let near = (values.last()? - values.first()?) * 1e-6;
            values.dedup_by(|a, b| *a - *b <= near);
            (2..=2000).contains(&values.len()).then_some(values)
        };
        let (x, y) = (axis(0)?, axis(1)?);
        // More nodes than places many times over: the places are no grid.
        if x.len() * y.len() > 16 * places.nrows().max(16) {
            return None;
        }
        let (wide, tall) = (x[x.len() - 1] - x[0], y[y.len() - 1] - y[0]);
        let find = |axis: &[f64], value: f64, whole: f64| {
            let at = axis.partition_point(|v| *v < value - whole * 1e-6);
            at.min(axis.len() - 1)
        };
        let mut grid = vec![(f64::NAN, f64::NAN); x.len() * y.len()];
        for (place, vector) in places.rows().into_iter().zip(vectors.rows()) {
            if place[0].is_finite() && place[1].is_finite() {
                let (i, j) = (find(&x, place[0], wide), find(&y, place[1], tall));
                grid[j * x.len() + i] = (vector[0] / wide, vector[1] / tall);
            }
        }
        let speeds = grid.iter().map(|(u, v)| u.hypot(*v));
        let fastest = speeds.filter(|s| s.is_finite()).fold(0.0, f64::max);
        (fastest > 0.0).then_some(Self {
            x,
            y,
            vectors: grid,
            fastest,
        })
    }

    /// Returns the vector at a place given in shares of the grid, between the four nodes around it; those that are missing count as 0 as
    /// long as the nearest one is there.
    fn at(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let (i, right) = cell(&self.x, x)?;
        let (j, up) = cell(&self.y, y)?;
        let node = |i: usize, j: usize| self.vectors[j * self.x.len() + i];
        let nearest = node(i + usize::from(right > 0.5), j + usize::from(up > 0.5));
        if !nearest.0.is_finite() || !nearest.1.is_finite() {
            return None;
        }
        let corners = [
            (node(i, j), (1.0 - right) * (1.0 - up)),
            (node(i + 1, j), right * (1.0 - up)),
            (node(i, j + 1), (1.0 - right) * up),
            (node(i + 1, j + 1), right * up),
        ];
        let there = corners
            .iter()
            .filter(|((u, v), _)| u.is_finite() && v.is_finite());
        let sum = there.fold((0.0, 0.0), |sum, ((u, v), weight)| {
            (sum.0 + u * weight, sum.1 + v * weight)
        });
        Some(sum)
    }

    /// Follows the vectors from a start until the line has to end, and gives every place on the way.
    fn follow(
        &self,
        start: (f64, f64),
        way: f64,
        (taken, touched, mark): (&mut [usize], &mut Vec<usize>, usize),
        mut give: impl FnMut((f64, f64)),
    ) {
        let unit = |at: (f64, f64)| {
            let (u, v) = self.at(at)?;
            let long = u.hypot(v);
            (long > self.fastest * 1e-6).then(|| (way * u / long, way * v / long))
        };
        let mut at = start;
        let mut here = usize::MAX;
        for _ in 0..(LONGEST / 2.0 / STEP) as usize {
            // Heun's rule: the mean of the directions at both ends of a step.
            let Some(first) = unit(at) else { return };
            let ahead = (at.0 + first.0 * STEP, at.1 + first.1 * STEP);
            let Some(second) = unit(ahead) else { return };
            at = (
                at.0 + f64::midpoint(first.0, second.0) * STEP,
                at.1 + f64::midpoint(first.1, second.1) * STEP,
            );
            if !(0.0..1.0).contains(&at.0) || !(0.0..1.0).contains(&at.1) {
                return;
            }
            let side = CELLS as f64;
            let cell = (at.1 * side) as usize * CELLS + (at.0 * side) as usize;
            if cell != here {
                // Its own cells it may not enter again either, except the one that both halves begin in.
                let first_of_both = here == usize::MAX && taken[cell] == mark;
                if taken[cell] != 0 && !first_of_both {
                    return;
                }
                if taken[cell] == 0 {
                    taken[cell] = mark;
                    touched.push(cell);
                }
                here = cell;
            }
            give(at);
        }
    }

    /// Turns shares into coordinates and thins the line out.
    fn line(&self, path: &[(f64, f64)]) -> Line {
        let back = |axis: &[f64], share: f64| axis[0] + share * (axis[axis.len() - 1] - axis[0]);
        let last = path.len() - 1;
        let kept: Vec<usize> = (0..last).step_by(3).chain([last]).collect();
        let places: Vec<(f64, f64)> = kept
            .iter()
            .map(|at| (back(&self.x, path[*at].0), back(&self.y, path[*at].1)))
            .collect();
        let speeds = kept.iter().filter_map(|at| self.at(path[*at]));
        let mean = speeds.map(|(u, v)| u.hypot(v)).sum::<f64>() / kept.len() as f64;
        Line {
            tip: places.len().div_ceil(2).min(places.len() - 1),
            width: 0.6 + 1.2 * (mean / self.fastest).clamp(0.0, 1.0),
            places,
        }
    }
}

/// Returns the node before a share of an axis, and how far it is to the next.
fn cell(axis: &[f64], share: f64) -> Option<(usize, f64)> {
    let last = axis.len() - 1;
    let value = axis[0] + share * (axis[last] - axis[0]);
    if !(axis[0]..=axis[last]).contains(&value) {
        return None;
    }
    let at = (axis.partition_point(|v| *v <= value).max(1) - 1).min(last - 1);
    Some((at, (value - axis[at]) / (axis[at + 1] - axis[at])))
}

/// Returns all cells along a spiral from the rim inwards.
fn spiral() -> Vec<(usize, usize)> {
    let mut cells = Vec::with_capacity(CELLS * CELLS);
    for ring in 0..CELLS.div_ceil(2) {
        let end = CELLS - 1 - ring;
        cells.extend((ring..=end).map(|x| (x, ring)));
        cells.extend((ring + 1..=end).map(|y| (end, y)));
        if end > ring {
            cells.extend((ring..end).rev().map(|x| (x, end)));
            cells.extend((ring + 1..end).rev().map(|y| (ring, y)));
        }
    }
    cells
}
