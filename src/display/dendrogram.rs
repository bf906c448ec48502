//! Average-linkage clustering and the tree that shows it.

use super::canvas::{Canvas, Paint, Rect};
use super::palette;
use ndarray::{Array2, ArrayView2};

/// More rows than this keep their order: the work grows with the square of their number.
const MOST: usize = 2000;

/// A binary tree over rows.
#[derive(Clone, Debug)]
pub(crate) struct Dendrogram {
    /// Joined nodes and the distance between them; node `n + i` is the result of join `i`.
    joins: Vec<(usize, usize, f64)>,
    /// Rows from one end to the other.
    pub(crate) order: Vec<usize>,
}

impl Dendrogram {
    /// Clusters rows by Euclidean distance and average linkage, with the nearest-neighbour chain.
    ///
    /// Values that are not finite count as the mean of both rows, which is no difference.
    pub(crate) fn new(rows: &ArrayView2<'_, f64>) -> Self {
        let n = rows.nrows();
        if !(2..=MOST).contains(&n) {
            return Self {
                joins: Vec::new(),
                order: (0..n).collect(),
            };
        }
        let mut distance = distances(rows);
        let mut sizes = vec![1.0; n];
        let mut alive = vec![true; n];
        let mut found = Vec::with_capacity(n - 1);
        let mut chain: Vec<usize> = Vec::new();
        while found.len() < n - 1 {
            if chain.is_empty() {
                chain.extend(alive.iter().position(|alive| *alive));
            }
            let (Some(&tip), before) = (chain.last(), chain.len().checked_sub(2).map(|i| chain[i]))
            else {
                break;
            };
            // On a tie the one before wins, or the chain would never end.
            let mut nearest = before.unwrap_or(usize::MAX);
            for other in (0..n).filter(|other| alive[*other] && *other != tip) {
                if nearest == usize::MAX || distance[[tip, other]] < distance[[tip, nearest]] {
                    nearest = other;
                }
            }
            if Some(nearest) != before {
                chain.push(nearest);
                continue;
            }
            chain.truncate(chain.len() - 2);
            let (kept, gone) = (tip.min(nearest), tip.max(nearest));
            found.push((kept, gone, distance[[kept, gone]]));
            alive[gone] = false;
            let total: f64 = sizes[kept] + sizes[gone];
            for other in (0..n).filter(|other| alive[*other] && *other != kept) {
                let mean = (sizes[kept] * distance[[kept, other]]
                    + sizes[gone] * distance[[gone, other]])
                    / total;
                distance[[kept, other]] = mean;
                distance[[other, kept]] = mean;
            }
            sizes[kept] = total;
        }
        Self::assembled(n, found)
    }

    /// Orders joins by height and gives clusters their node numbers.
    fn assembled(n: usize, mut found: Vec<(usize, usize, f64)>) -> Self {
        found.sort_by(|a, b| a.2.total_cmp(&b.2));
        let mut node: Vec<usize> = (0..n).collect();
        let mut parent: Vec<usize> = (0..n).collect();
        let mut members: Vec<Vec<usize>> = (0..n).map(|row| vec![row]).collect();
        let mut joins = Vec::with_capacity(found.len());
        for (a, b, height) in found {
            let (a, b) = (root(&parent, a), root(&parent, b));
            joins.push((node[a], node[b], height));
            parent[b] = a;
            let moved = std::mem::take(&mut members[b]);
            members[a].extend(moved);
            node[a] = n + joins.len() - 1;
        }
        let top = root(&parent, 0);
        Self {
            joins,
            order: std::mem::take(&mut members[top]),
        }
    }

    /// Draws the tree: leaves along the inner side, at the left of rows or above columns.
    pub(crate) fn draw(&self, canvas: &mut Canvas, area: Rect, above: bool) {
        let Some(&(_, _, top)) = self.joins.last() else {
            return;
        };
        let n = self.order.len();
        let step = if above { area.width } else { area.height } / n as f64;
        let mut places = vec![(0.0, 0.0); n + self.joins.len()];
        for (i, row) in self.order.iter().enumerate() {
            places[*row] = ((i as f64 + 0.5) * step, 0.0);
        }
        for (i, (a, b, height)) in self.joins.iter().enumerate() {
            let height = if top > 0.0 { height / top } else { 1.0 };
            let (left, right) = (places[*a], places[*b]);
            let corners = [left, (left.0, height), (right.0, height), right];
            let points = corners.map(|(along, up)| {
                if above {
                    (area.x + along, area.bottom() - up * (area.height - 2.0))
                } else {
                    (area.right() - up * (area.width - 2.0), area.y + along)
                }
            });
            canvas.path(&points, Paint::stroke(palette::FAINT, 0.9));
            places[n + i] = (f64::midpoint(left.0, right.0), height);
        }
    }
}

fn root(parent: &[usize], mut row: usize) -> usize {
    while parent[row] != row {
        row = parent[row];
    }
    row
}

fn distances(rows: &ArrayView2<'_, f64>) -> Array2<f64> {
    let n = rows.nrows();
    let mut distance = Array2::zeros((n, n));
    for i in 0..n {
        for j in 0..i {
            let pairs = rows.row(i).into_iter().zip(rows.row(j));
            let squares = pairs
                .map(|(a, b)| (a - b) * (a - b))
                .filter(|d| d.is_finite());
            let value = squares.sum::<f64>().sqrt();
            distance[[i, j]] = value;
            distance[[j, i]] = value;
        }
    }
    distance
}
