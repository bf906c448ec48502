//! All eigenvalues and eigenvectors of a small symmetric matrix: Householder reduction, then implicit QL.

use crate::{Error, Result, progress};
use ndarray::{Array1, Array2, Axis};

/// Shifts that one eigenvalue may need; two are usual.
const SHIFTS: usize = 60;

/// Returns eigenvalues, falling, and eigenvectors as columns in the same order; stops when interrupted.
///
/// The upper triangle of `a` is not read. Follows the algorithms `tred2` and `tql2` of EISPACK (Wilkinson and Reinsch 1971,
/// doi:10.1007/978-3-642-86940-2).
pub(crate) fn symmetric(a: &Array2<f64>) -> Result<(Array1<f64>, Array2<f64>)> {
    let n = a.nrows();
    if n == 0 {
        return Ok((Array1::zeros(0), Array2::zeros((0, 0))));
    }
    // Row j holds what the algorithms call column j, so that their inner loops run along memory.
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|j| {
            let column = (0..n).map(|i| if i < j { a[[j, i]] } else { a[[i, j]] });
            column.collect()
        })
        .collect();
    let (mut values, mut beside) = tridiagonal(&mut rows)?;
    diagonal(&mut rows, &mut values, &mut beside)?;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| values[j].total_cmp(&values[i]));
    let sorted = order.iter().map(|&i| values[i]).collect();
    let mut vectors = Array2::zeros((n, n));
    for (mut column, &i) in vectors.axis_iter_mut(Axis(1)).zip(&order) {
        for (place, value) in column.iter_mut().zip(&rows[i]) {
            *place = *value;
        }
    }
    Ok((sorted, vectors))
}

/// Makes the matrix tridiagonal; returns the diagonal and, from its second entry on, what lies beside it.
fn tridiagonal(rows: &mut [Vec<f64>]) -> Result<(Vec<f64>, Vec<f64>)> {
    let n = rows.len();
    let mut d: Vec<f64> = rows.iter().map(|row| row[n - 1]).collect();
    let mut e = vec![0.0; n];
    for i in (1..n).rev() {
        progress::check("eigenvectors", n - i, 2 * n)?;
        let scale: f64 = d[..i].iter().map(|value| value.abs()).sum();
        let mut h = 0.0;
        if scale == 0.0 {
            e[i] = d[i - 1];
            for j in 0..i {
                d[j] = rows[j][i - 1];
                rows[j][i] = 0.0;
                rows[i][j] = 0.0;
            }
        } else {
            for value in &mut d[..i] {
                *value /= scale;
                h += *value * *value;
            }
            let f = d[i - 1];
            let g = if f > 0.0 { -h.sqrt() } else { h.sqrt() };
            e[i] = scale * g;
            h -= f * g;
            d[i - 1] = f - g;
            e[..i].fill(0.0);
            for j in 0..i {
                let f = d[j];
                rows[i][j] = f;
                let row = &rows[j];
                let mut g = e[j] + row[j] * f;
                for k in j + 1..i {
                    g += row[k] * d[k];
                    e[k] += row[k] * f;
                }
                e[j] = g;
            }
            let mut f = 0.0;
            for j in 0..i {
                e[j] /= h;
                f += e[j] * d[j];
            }
            let hh = f / (h + h);
            for j in 0..i {
                e[j] -= hh * d[j];
            }
            for j in 0..i {
                let (f, g) = (d[j], e[j]);
                let row = &mut rows[j];
                for k in j..i {
                    row[k] -= f * e[k] + g * d[k];
                }
                d[j] = row[i - 1];
                row[i] = 0.0;
            }
        }
        d[i] = h;
    }
    gather(rows, &mut d)?;
    e[0] = 0.0;
    Ok((d, e))
}

/// Multiplies the reflections of the reduction together.
fn gather(rows: &mut [Vec<f64>], d: &mut [f64]) -> Result<()> {
    let n = rows.len();
    for i in 0..n - 1 {
        progress::check("eigenvectors", n + i, 2 * n)?;
        rows[i][n - 1] = rows[i][i];
        rows[i][i] = 1.0;
        let h = d[i + 1];
        let (before, after) = rows.split_at_mut(i + 1);
        let reflection = &mut after[0];
        if h != 0.0 {
            for k in 0..=i {
                d[k] = reflection[k] / h;
            }
            for row in before {
                let g: f64 = reflection[..=i].iter().zip(&*row).map(|(a, b)| a * b).sum();
                for k in 0..=i {
                    row[k] -= g * d[k];
                }
            }
        }
        reflection[..=i].fill(0.0);
    }
    for (row, d) in rows.iter_mut().zip(d) {
        *d = row[n - 1];
        row[n - 1] = 0.0;
    }
    rows[n - 1][n - 1] = 1.0;
    Ok(())
}

/// Makes a tridiagonal matrix diagonal, turning the vectors along.
fn diagonal(rows: &mut [Vec<f64>], d: &mut [f64], e: &mut [f64]) -> Result<()> {
    let n = d.len();
    e.rotate_left(1);
    e[n - 1] = 0.0;
    let mut f = 0.0;
    let mut largest = 0.0_f64;
    for l in 0..n {
        progress::check("eigenvectors", n + l, 2 * n)?;
        largest = largest.max(d[l].abs() + e[l].abs());
        let Some(m) = (l..n).find(|&m| e[m].abs() <= f64::EPSILON * largest) else {
            return Err(not_found("not finite"));
        };
        if m > l {
            let mut shifts = 0;
            loop {
                shifts += 1;
                if shifts > SHIFTS {
                    return Err(not_found("too many rotations"));
                }
                f += shift(d, e, l);
                rotations(rows, d, e, (l, m));
                if e[l].abs() <= f64::EPSILON * largest {
                    break;
                }
            }
        }
        d[l] += f;
        e[l] = 0.0;
    }
    Ok(())
}

/// Subtracts the shift of one QL step from the diagonal, and returns it.
fn shift(d: &mut [f64], e: &[f64], l: usize) -> f64 {
    let g = d[l];
    let p = (d[l + 1] - g) / (2.0 * e[l]);
    let r = if p < 0.0 { -p.hypot(1.0) } else { p.hypot(1.0) };
    d[l] = e[l] / (p + r);
    d[l + 1] = e[l] * (p + r);
    let h = g - d[l];
    for value in &mut d[l + 2..] {
        *value -= h;
    }
    h
}

/// One QL step on the part from `l` to `m`.
fn rotations(rows: &mut [Vec<f64>], d: &mut [f64], e: &mut [f64], (l, m): (usize, usize)) {
    let below = d[l + 1];
    let beside = e[l + 1];
    let mut p = d[m];
    let (mut c, mut c2, mut c3) = (1.0, 1.0, 1.0);
    let (mut s, mut s2) = (0.0, 0.0);
    for i in (l..m).rev() {
        c3 = c2;
        c2 = c;
        s2 = s;
        let g = c * e[i];
        let h = c * p;
        let r = p.hypot(e[i]);
        e[i + 1] = s * r;
        s = e[i] / r;
        c = p / r;
        p = c * d[i] - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]);
        let (before, after) = rows.split_at_mut(i + 1);
        for (low, high) in before[i].iter_mut().zip(&mut after[0]) {
            let old = *high;
            *high = s * *low + c * old;
            *low = c * *low - s * old;
        }
    }
    p = -s * s2 * c3 * beside * e[l] / below;
    e[l] = s * p;
    d[l] = c * p;
}

fn not_found(why: &str) -> Error {
    Error::Diverged {
        what: "eigenvectors".into(),
        detail: why.into(),
    }
}
