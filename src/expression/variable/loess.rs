//! A smooth curve through points: local regression of degree 2 (Cleveland and Grosse 1991, doi:10.1007/BF01890836).
//!
//! As in the authors' program, the regression is solved at few places, between which the curve is a cubic with the same heights and
//! slopes: places are the ends of intervals that are halved until they hold at most a fifth of the points of a regression.

use crate::{Error, Result};
use rayon::prelude::*;

/// The share of the points of one regression that an interval may hold.
const CELL: f64 = 0.2;

/// The share of the range by which the outer ends lie outside.
const MARGIN: f64 = 0.005;

/// Returns the height of the curve at every point; `span` is the share of the points that one regression reads.
pub(super) fn loess(x: &[f64], y: &[f64], span: f64) -> Result<Vec<f64>> {
    let n = x.len();
    let near = ((n as f64 * span + 1e-5) as usize).min(n);
    if near < 4 {
        let expected = "so large that a regression reads at least 4 genes that vary";
        let got = format!("{span} of {n} genes");
        return Err(Error::value("span", expected, got));
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    let points: Vec<(f64, f64)> = order.iter().map(|&place| (x[place], y[place])).collect();

    let (least, most) = (points[0].0, points[n - 1].0);
    let size = (most - least).max(least.abs().max(most.abs()) * 1e-10 + 1e-30);
    let mut ends = vec![least - MARGIN * size, most + MARGIN * size];
    let most_points = (n as f64 * span * CELL) as usize;
    halve(&points, most_points.max(1), (ends[0], ends[1]), &mut ends);
    ends.sort_unstable_by(f64::total_cmp);
    ends.dedup();
    let fits: Vec<(f64, f64)> = ends
        .par_iter()
        .map(|end| regression(&points, *end, near))
        .collect();
    let height = |at: f64| {
        let upper = ends
            .partition_point(|end| *end < at)
            .clamp(1, ends.len() - 1);
        hermite(
            (ends[upper - 1], fits[upper - 1]),
            (ends[upper], fits[upper]),
            at,
        )
    };
    Ok(x.iter().map(|at| height(*at)).collect())
}

/// Adds the middle point of an interval to the ends, and so on in both halves, while it holds too many points; equal points stay
/// together.
fn halve(points: &[(f64, f64)], most: usize, (low, high): (f64, f64), ends: &mut Vec<f64>) {
    let n = points.len();
    if n <= most || n < 2 {
        return;
    }
    let middle = (n - 1) / 2;
    // The nearest place to the middle at which neighbours differ, above before below.
    let differ = |place: usize| points[place].0 < points[place + 1].0;
    let places = (0..n).flat_map(|away| [middle.checked_add(away), middle.checked_sub(away)]);
    let mut places = places.flatten().filter(|place| *place + 1 < n);
    let Some(place) = places.find(|place| differ(*place)) else {
        return;
    };
    let at = points[place].0;
    if at == low || at == high {
        return;
    }
    ends.push(at);
    halve(&points[..=place], most, (low, at), ends);
    halve(&points[place + 1..], most, (at, high), ends);
}

/// Height and slope at one place of the parabola through the nearest points, near ones weighing more.
fn regression(points: &[(f64, f64)], at: f64, near: usize) -> (f64, f64) {
    let mut first = points
        .partition_point(|point| point.0 < at)
        .saturating_sub(near);
    while first + near < points.len()
        && (points[first + near].0 - at).abs() < (points[first].0 - at).abs()
    {
        first += 1;
    }
    let nearest = &points[first..first + near];
    let reach = nearest
        .iter()
        .fold(0.0_f64, |reach, point| reach.max((point.0 - at).abs()));
    let row = |point: &(f64, f64)| {
        let away = (point.0 - at) / reach;
        let root = (1.0 - away.abs().powi(3)).max(0.0).powi(3).sqrt();
        [root, root * away, root * away * away, root * point.1]
    };
    let rows: Vec<[f64; 4]> = nearest.iter().map(row).collect();
    // All points equally far weigh nothing: their mean is all there is to say.
    if rows.iter().all(|row| row[0] == 0.0 || row[0].is_nan()) {
        return (
            nearest.iter().map(|point| point.1).sum::<f64>() / near as f64,
            0.0,
        );
    }
    let [height, slope, _] = least_squares(rows);
    (height, slope / reach)
}

/// Solves for three coefficients by orthogonalisation; the last column holds the answers. A coefficient of which the rows say nothing
/// is 0.
fn least_squares(mut rows: Vec<[f64; 4]>) -> [f64; 3] {
    let mut upper = [[0.0; 4]; 3];
    for k in 0..3 {
        let before: f64 = rows.iter().map(|row| row[k] * row[k]).sum();
        let whole = before + (0..k).map(|j| upper[j][k] * upper[j][k]).sum::<f64>();
        if before <= whole * 1e-14 {
            continue;
        }
        upper[k][k] = before.sqrt();
        for row in &mut rows {
            row[k] /= upper[k][k];
        }
        for j in k + 1..4 {
            upper[k][j] = rows.iter().map(|row| row[k] * row[j]).sum();
            for row in &mut rows {
                row[j] -= upper[k][j] * row[k];
            }
        }
    }
    let mut found = [0.0; 3];
    for k in (0..3).rev() {
        if upper[k][k] > 0.0 {
            let known: f64 = (k + 1..3).map(|j| upper[k][j] * found[j]).sum();
            found[k] = (upper[k][3] - known) / upper[k][k];
        }
    }
    found
}

/// The cubic with these heights and slopes at both ends.
fn hermite(low: (f64, (f64, f64)), high: (f64, (f64, f64)), at: f64) -> f64 {
    let width = high.0 - low.0;
    let u = (at - low.0) / width;
    let v = 1.0 - u;
    v * v * (1.0 + 2.0 * u) * low.1.0
        + u * u * (1.0 + 2.0 * v) * high.1.0
        + u * v * v * width * low.1.1
        - u * u * v * width * high.1.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_is_its_own_curve() {
        let x: Vec<f64> = (0..50).map(|i| f64::from(i * i % 37) / 7.0).collect();
        let y: Vec<f64> = x.iter().map(|x| 2.0 - x + 0.5 * x * x).collect();
        // The places where it is solved are exact; cubics between them are parabolas here.
        for (found, y) in loess(&x, &y, 0.3).unwrap_or_default().iter().zip(&y) {
            assert!((found - y).abs() < 1e-9, "{found}, expected {y}");
        }
    }

    #[test]
    fn few_or_equal_points_are_no_trouble() {
        assert!(loess(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0], 0.3).is_err());
        assert_eq!(
            loess(&[1.0; 20], &[3.0; 20], 0.3).unwrap_or_default(),
            [3.0; 20]
        );
        let x: Vec<f64> = (0..30).map(|i| f64::from(i % 2)).collect();
        let found = loess(&x, &x, 0.3).unwrap_or_default();
        assert!(
            found
                .iter()
                .zip(&x)
                .all(|(found, x)| (found - x).abs() < 1e-3)
        );
    }
}
