//! Robust regression: MM-estimation with the bisquare function.
//!
//! Yohai 1987, doi:10.1214/aos/1176350366; the first estimate by the fast S algorithm (Salibian-Barrera and Yohai 2006,
//! doi:10.1198/106186006X113629), here from all subsets of as many rows as coefficients where these are not too many, so that nothing is
//! random; standard errors by Croux, Dhaene and Hoorelbeke 2003, "Robust standard errors for robust estimators".

use crate::random::Seed;
use crate::{Error, Result};
use rand::RngExt;

/// Up to so many rows, all pairs of them are tried.
const ALL: usize = 300;
/// Subsets that are tried of more.
const SUBSETS: usize = 20_000;
/// Steps towards a scale before its range is halved again and again.
const STEPS: usize = 200;
/// First estimates that are refined to the end.
const BEST: usize = 4;
/// Half of the rows may be far off.
const BREAKDOWN: f64 = 0.5;
/// The bisquare constants of breakdown point 1/2, and of 95 % efficiency.
const SCALE_TUNING: f64 = 1.547_64;
const TUNING: f64 = 4.685_061;

/// Coefficients with standard errors; these are none where more than half of the rows lie exactly on the fit.
pub(super) struct Fitted<const P: usize> {
    pub(super) coefficients: [f64; P],
    pub(super) errors: Option<[f64; P]>,
    pub(super) scale: f64,
}

type Row<const P: usize> = ([f64; P], f64);

/// The bisquare function, scaled to reach 1, its derivative, and the weight that is the derivative over the argument.
fn rho(u: f64, c: f64) -> f64 {
    let v = (u / c).powi(2);
    if v >= 1.0 {
        1.0
    } else {
        v * (3.0 - v * (3.0 - v))
    }
}

fn weight(u: f64, c: f64) -> f64 {
    let v = (u / c).powi(2);
    if v >= 1.0 { 0.0 } else { (1.0 - v).powi(2) }
}

/// The weight that a row has in the final fit, `u` being its residual over the scale.
pub(super) fn efficient_weight(u: f64) -> f64 {
    weight(u, TUNING)
}

/// The derivative of `u * weight(u)`.
fn curvature(u: f64, c: f64) -> f64 {
    let v = (u / c).powi(2);
    if v >= 1.0 {
        0.0
    } else {
        (1.0 - v) * (1.0 - 5.0 * v)
    }
}

fn residual<const P: usize>(row: &Row<P>, b: &[f64; P]) -> f64 {
    let fit: f64 = row.0.iter().zip(b).map(|(x, b)| x * b).sum();
    row.1 - fit
}

/// Fits rows, which must be scaled to equal variances.
pub(super) fn fit<const P: usize>(rows: &[Row<P>]) -> Result<Fitted<P>> {
    let n = rows.len();
    if n <= P {
        let expected = format!("{} variants or more for a robust fit", P + 1);
        return Err(Error::value("instruments", expected, n));
    }
    let (first, scale) = first_estimate(rows)?;
    let size = rows.iter().fold(0.0_f64, |most, row| most.max(row.1.abs()));
    if scale <= 1e-13 * size {
        return Ok(Fitted {
            coefficients: first,
            errors: None,
            scale: 0.0,
        });
    }
    let mut b = first;
    for _ in 0..1000 {
        let weights = rows
            .iter()
            .map(|row| weight(residual(row, &b) / scale, TUNING));
        let Some(next) = least_squares(rows, weights) else {
            break;
        };
        let done = is_close(&next, &b);
        b = next;
        if done {
            break;
        }
    }
    let errors = sandwich(rows, (&first, &b), scale);
    Ok(Fitted {
        coefficients: b,
        errors,
        scale,
    })
}

/// Tells whether coefficients have settled.
fn is_close<const P: usize>(next: &[f64; P], last: &[f64; P]) -> bool {
    let change: f64 = next.iter().zip(last).map(|(a, b)| (a - b).abs()).sum();
    let norm: f64 = next.iter().map(|b| b.abs()).sum();
    change <= 1e-13 * norm
}

/// The S-estimate and its scale.
fn first_estimate<const P: usize>(rows: &[Row<P>]) -> Result<([f64; P], f64)> {
    let mut kept: Vec<([f64; P], f64)> = Vec::new();
    let mut residuals = vec![0.0; rows.len()];
    let n = rows.len();
    let mut take = |subset: [usize; P]| {
        let picked = subset.map(|at| rows[at]);
        let Some(b) = least_squares(&picked, [1.0; P].into_iter()) else {
            return;
        };
        let guess = middle(rows, &b, &mut residuals);
        let (b, guess) = refine(rows, b, guess);
        let worst = if kept.len() < BEST {
            f64::INFINITY
        } else {
            kept.last().map_or(f64::INFINITY, |last| last.1)
        };
        // The scale of this one is below the worst kept one only if the mean of rho at that scale is below one half.
        if worst.is_finite() && mean_rho(rows, &b, worst) >= BREAKDOWN {
            return;
        }
        let scale = solve_scale(rows, &b, guess);
        if scale < worst {
            let place = kept.partition_point(|known| known.1 <= scale);
            kept.insert(place, (b, scale));
            kept.truncate(BEST);
        }
    };
    if P == 1 {
        (0..n).for_each(|at| take([at; P]));
    } else if n <= ALL {
        for i in 0..n {
            for j in i + 1..n {
                take(std::array::from_fn(|at| if at == 0 { i } else { j }));
            }
        }
    } else {
        let mut generator = Seed::default().named("robust").generator();
        for _ in 0..SUBSETS {
            take(std::array::from_fn(|_| generator.random_range(0..n)));
        }
    }
    for candidate in &mut kept {
        let (mut b, mut scale) = *candidate;
        for _ in 0..500 {
            if scale == 0.0 {
                break;
            }
            let (next, guess) = refine(rows, b, scale);
            let next_scale = solve_scale(rows, &next, guess);
            // Rounding may raise what is the minimum already.
            if next_scale > scale * (1.0 + 1e-12) {
                break;
            }
            let done = is_close(&next, &b);
            (b, scale) = (next, next_scale);
            if done {
                break;
            }
        }
        *candidate = (b, scale);
    }
    let best = kept.into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
    best.ok_or_else(|| {
        let expected = "effects on the exposure that differ in size, for a robust fit";
        Error::value("instruments", expected, "all the same")
    })
}

/// The median of absolute residuals as a first guess of the scale.
fn middle<const P: usize>(rows: &[Row<P>], b: &[f64; P], residuals: &mut [f64]) -> f64 {
    for (kept, row) in residuals.iter_mut().zip(rows) {
        *kept = residual(row, b).abs();
    }
    let at = residuals.len() / 2;
    *residuals.select_nth_unstable_by(at, f64::total_cmp).1 / 0.6745
}

fn mean_rho<const P: usize>(rows: &[Row<P>], b: &[f64; P], scale: f64) -> f64 {
    let sum: f64 = rows
        .iter()
        .map(|row| rho(residual(row, b) / scale, SCALE_TUNING))
        .sum();
    sum / (rows.len() - P) as f64
}

/// One step of reweighting, with one step of the scale.
fn refine<const P: usize>(rows: &[Row<P>], b: [f64; P], scale: f64) -> ([f64; P], f64) {
    if scale <= 0.0 {
        return (b, 0.0);
    }
    let scale = scale * (mean_rho(rows, &b, scale) / BREAKDOWN).sqrt();
    if scale <= 0.0 {
        return (b, 0.0);
    }
    let weights = rows
        .iter()
        .map(|row| weight(residual(row, &b) / scale, SCALE_TUNING));
    (least_squares(rows, weights).unwrap_or(b), scale)
}

/// The scale at which the mean of rho is one half; 0 where too many rows lie on the fit.
fn solve_scale<const P: usize>(rows: &[Row<P>], b: &[f64; P], guess: f64) -> f64 {
    let size = rows.iter().fold(0.0_f64, |most, row| most.max(row.1.abs()));
    let off = rows
        .iter()
        .filter(|row| residual(row, b).abs() > 1e-14 * size)
        .count();
    if off as f64 <= BREAKDOWN * (rows.len() - P) as f64 {
        return 0.0;
    }
    // A guess from rows that lie on the fit but for rounding is none.
    let mut scale = if guess > 1e-14 * size { guess } else { size };
    for _ in 0..STEPS {
        let next = scale * (mean_rho(rows, b, scale) / BREAKDOWN).sqrt();
        let done = (next - scale).abs() <= 1e-14 * scale;
        scale = next;
        if done || scale <= 1e-14 * size {
            return scale;
        }
    }
    // Where some rows are far off and all others nearly on the fit, the mean hardly falls over a wide range of scales.
    let is_below = |scale: f64| mean_rho(rows, b, scale) >= BREAKDOWN;
    let (mut low, mut high) = (scale, scale);
    while !is_below(low) && low > 1e-14 * size {
        low /= 2.0;
    }
    while is_below(high) && high.is_finite() {
        high *= 2.0;
    }
    while high - low > 1e-15 * high {
        let half = f64::midpoint(low, high);
        if half <= low || half >= high {
            break;
        }
        if is_below(half) {
            low = half;
        } else {
            high = half;
        }
    }
    low
}

/// Weighted least squares by the normal equations of one or two columns; nothing where these are singular.
fn least_squares<const P: usize>(
    rows: &[Row<P>],
    weights: impl Iterator<Item = f64>,
) -> Option<[f64; P]> {
    let mut gram = [[0.0; P]; P];
    let mut right = [0.0; P];
    for ((x, y), w) in rows.iter().zip(weights) {
        for i in 0..P {
            right[i] += w * x[i] * y;
            for j in 0..=i {
                gram[i][j] += w * x[i] * x[j];
            }
        }
    }
    let inverse = inverse(&gram)?;
    Some(std::array::from_fn(|i| {
        (0..P).map(|j| inverse[i][j] * right[j]).sum()
    }))
}

/// The inverse of a symmetric matrix of one or two rows, of which the lower triangle is read.
fn inverse<const P: usize>(m: &[[f64; P]; P]) -> Option<[[f64; P]; P]> {
    if P == 1 {
        return (m[0][0] != 0.0).then(|| [[1.0 / m[0][0]; P]; P]);
    }
    let (a, b, d) = (m[0][0], m[1][0], m[1][1]);
    let determinant = a * d - b * b;
    if determinant.is_nan() || determinant.abs() <= 1e-13 * (a * d).abs() {
        return None;
    }
    let whole = [[d, -b], [-b, a]];
    Some(std::array::from_fn(|i| {
        std::array::from_fn(|j| whole[i][j] / determinant)
    }))
}

/// Standard errors that hold for any distribution of errors, from the estimating equations of the fit, the scale and the first estimate.
fn sandwich<const P: usize>(
    rows: &[Row<P>],
    (first, last): (&[f64; P], &[f64; P]),
    scale: f64,
) -> Option<[f64; P]> {
    let n = rows.len() as f64;
    let mut bread = [[0.0; P]; P];
    let mut meat = [[0.0; P]; P];
    let mut lean = [0.0; P];
    let mut cross = [0.0; P];
    let (mut slope, mut square) = (0.0, 0.0);
    for row in rows {
        let (u, u0) = (residual(row, last) / scale, residual(row, first) / scale);
        let psi = u * weight(u, TUNING);
        let bend = curvature(u, TUNING);
        let chi = rho(u0, SCALE_TUNING);
        // The derivative of the scaled rho is 6 u weight / c².
        slope += 6.0 * u0 * u0 * weight(u0, SCALE_TUNING) / SCALE_TUNING.powi(2);
        square += chi * chi - BREAKDOWN * BREAKDOWN;
        for i in 0..P {
            lean[i] += bend * u * row.0[i];
            cross[i] += psi * chi * row.0[i];
            for j in 0..P {
                bread[i][j] += bend * row.0[i] * row.0[j];
                meat[i][j] += psi * psi * row.0[i] * row.0[j];
            }
        }
    }
    let bread = inverse(&bread)?;
    let times = |m: &[[f64; P]; P], v: &[f64; P]| -> [f64; P] {
        std::array::from_fn(|i| (0..P).map(|j| m[i][j] * v[j]).sum())
    };
    // Sums stand for means: their counts cancel, but for one.
    let lean = times(&bread, &lean).map(|value| value * scale / slope * n);
    let cross = times(&bread, &cross).map(|value| value * scale);
    let errors: [f64; P] = std::array::from_fn(|i| {
        let row = bread[i];
        let middle = times(&meat, &row);
        let own: f64 = (0..P).map(|j| row[j] * middle[j]).sum::<f64>() * scale * scale;
        let variance = own - 2.0 * lean[i] * cross[i] / n + square * (lean[i] / n).powi(2);
        variance.sqrt()
    });
    errors
        .iter()
        .all(|error| error.is_finite() && *error > 0.0)
        .then_some(errors)
}
