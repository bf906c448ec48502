//! How much nearer examples are to their own group than to others.

use crate::embedding::Labels;
use crate::embedding::faithfulness::Distances;
use crate::progress::Task;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, Axis, Ix2};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Examples that one thread looks at together, and between two looks at whether to stop.
const QUERIES: usize = 16;
const PIECE: usize = 512;

/// With what the distance to the own group is compared.
#[derive(Clone, Copy)]
enum Others {
    Nearest,
    All,
}

/// Measures how much nearer examples are to their own group than to the nearest other one, by Euclidean distance.
///
/// `x` has shape `(n, features)`. An example that is alone in its group has width 0. Source: Rousseeuw 1987,
/// doi:10.1016/0377-0427(87)90125-7. Checked against scikit-learn 1.6.1.
///
/// # Errors
///
/// Fails when `x` is not a table of finite numbers with one label for each row, and for fewer than 2 groups.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{self, Labels}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let x = array![[0.0_f32], [1.0], [10.0], [11.0]];
/// let found = embedding::silhouette(&x, &Labels::new(["a", "a", "b", "b"])?)?;
/// assert!(found.mean() > 0.89);
/// # Ok(()) }
/// ```
pub fn silhouette(x: &dyn Input, labels: &Labels) -> Result<Silhouette> {
    let distances = Distances::new("x", x)?;
    labels.check(distances.len())?;
    if labels.groups().len() < 2 {
        let got = format!("only `{}`", labels.groups()[0]);
        return Err(Error::value("labels", "at least 2 groups", got));
    }
    let sizes = labels.sizes();
    let root = |square: f64| square.sqrt();
    let widths = widths(
        &distances,
        (labels.codes(), &sizes),
        (Others::Nearest, &root),
    )?;
    Ok(Silhouette {
        labels: labels.clone(),
        widths: Arc::new(widths.into()),
    })
}

/// Measures how well batches are mixed within each group: 1 minus the mean width by batch, as `silhouette_batch` of scib-metrics.
///
/// 1 is best. The nearest other batch counts, which hides batches that stay apart; prefer [`bras`]. Groups of one batch are left out.
///
/// # Errors
///
/// As [`silhouette`], and when no group has several batches.
pub fn silhouette_batch(x: &dyn Input, labels: &Labels, batches: &Labels) -> Result<f64> {
    mixing(&rows(x)?, (labels, batches), Others::Nearest)
}

/// Measures how well batches are mixed within each group: the silhouette adapted to batches (BRAS), by cosine, against all other batches.
///
/// 1 is best. Source: Rautenstrauch and Ohler 2025, doi:10.1038/s41587-025-02743-4; the formula is that of scib-metrics. Groups of one
/// batch are left out.
///
/// # Errors
///
/// As [`silhouette`], and when no group has several batches.
pub fn bras(x: &dyn Input, labels: &Labels, batches: &Labels) -> Result<f64> {
    let mut rows = rows(x)?;
    for mut row in rows.rows_mut() {
        let length = row
            .iter()
            .map(|v| f64::from(*v).powi(2))
            .sum::<f64>()
            .sqrt();
        if length > 0.0 {
            row.mapv_inplace(|value| (f64::from(value) / length) as f32);
        }
    }
    mixing(&rows, (labels, batches), Others::All)
}

fn rows(x: &dyn Input) -> Result<Array2<f32>> {
    let array = x.array()?;
    let shape = array.shape().to_vec();
    let Ok(rows) = array.into_dimensionality::<Ix2>() else {
        return Err(Error::shape("x", "(n, features)", &shape));
    };
    if rows.iter().any(|value| !value.is_finite()) {
        return Err(Error::value("x", "finite", "not finite in places"));
    }
    Ok(rows.into_owned())
}

fn mixing(x: &Array2<f32>, (labels, batches): (&Labels, &Labels), others: Others) -> Result<f64> {
    labels.check(x.nrows())?;
    if batches.len() != x.nrows() {
        let expected = format!("{} labels, one for each example", x.nrows());
        return Err(Error::value("batches", expected, batches.len()));
    }
    let mut scores = Vec::new();
    for group in labels.groups() {
        let members = labels.members(group)?;
        let codes: Vec<u32> = members.iter().map(|&row| batches.codes()[row]).collect();
        let mut sizes = vec![0; batches.groups().len()];
        for code in &codes {
            sizes[*code as usize] += 1;
        }
        let present = sizes.iter().filter(|size| **size > 0).count();
        if present < 2 || present == members.len() {
            continue;
        }
        let distances = Distances::new("x", &x.select(Axis(0), &members))?;
        let distance = |square: f64| match others {
            Others::Nearest => square.sqrt(),
            // Of directions: one minus the cosine.
            Others::All => square / 2.0,
        };
        let widths = widths(&distances, (&codes, &sizes), (others, &distance))?;
        let sum: f64 = widths.iter().map(|width| 1.0 - width.abs()).sum();
        scores.push(sum / members.len() as f64);
    }
    if scores.is_empty() {
        let expected = "several batches, with several examples, in some group";
        return Err(Error::value(
            "batches",
            expected,
            "one batch in every group",
        ));
    }
    Ok(scores.iter().sum::<f64>() / scores.len() as f64)
}

fn widths(
    distances: &Distances,
    (codes, sizes): (&[u32], &[usize]),
    (others, distance): (Others, &(dyn Fn(f64) -> f64 + Sync)),
) -> Result<Vec<f64>> {
    let n = distances.len();
    let everyone: Vec<usize> = (0..n).collect();
    let mut out = Vec::with_capacity(n);
    let mut task = Task::new("silhouette", n.div_ceil(PIECE));
    for piece in everyone.chunks(PIECE) {
        let blocks: Vec<Result<Vec<f64>>> = piece
            .par_chunks(QUERIES)
            .map(|block| {
                let squares = distances.from(block)?;
                let rows = block.iter().zip(squares.rows());
                let widths = rows.map(|(&query, squares)| {
                    let mut sums = vec![0.0; sizes.len()];
                    for (other, (square, code)) in squares.iter().zip(codes).enumerate() {
                        if other != query {
                            sums[*code as usize] += distance(*square);
                        }
                    }
                    width(codes[query] as usize, (&sums, sizes), others)
                });
                Ok(widths.collect())
            })
            .collect();
        for block in blocks {
            out.extend(block?);
        }
        task.step("")?;
    }
    Ok(out)
}

/// The width of one example from the sums of its distances to the groups.
fn width(own: usize, (sums, sizes): (&[f64], &[usize]), others: Others) -> f64 {
    if sizes[own] < 2 {
        return 0.0;
    }
    let within = sums[own] / (sizes[own] - 1) as f64;
    let rest = (0..sizes.len()).filter(|&group| group != own && sizes[group] > 0);
    let between = match others {
        Others::Nearest => rest
            .map(|group| sums[group] / sizes[group] as f64)
            .fold(f64::INFINITY, f64::min),
        Others::All => {
            let (sum, count) = rest.fold((0.0, 0), |(sum, count), group| {
                (sum + sums[group], count + sizes[group])
            });
            sum / f64::from(count.max(1) as u32)
        }
    };
    let most = within.max(between);
    if most > 0.0 {
        (between - within) / most
    } else {
        0.0
    }
}

/// How much nearer examples are to their own group than to others; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Silhouette {
    labels: Labels,
    widths: Arc<Array1<f64>>,
}

impl Silhouette {
    /// Returns the width of every example, -1 to 1; below 0 another group is nearer.
    pub fn widths(&self) -> &Array1<f64> {
        &self.widths
    }

    /// Returns the groups.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Returns the mean width, -1 to 1 (ASW).
    pub fn mean(&self) -> f64 {
        self.widths.sum() / self.widths.len() as f64
    }

    /// Returns the mean width from 0 to 1, as `silhouette_label` of scib-metrics.
    pub fn scaled(&self) -> f64 {
        f64::midpoint(self.mean(), 1.0)
    }
}

impl fmt::Debug for Silhouette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Silhouette(n = {}, mean = {:.4})",
            self.widths.len(),
            self.mean()
        )
    }
}
