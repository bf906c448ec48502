//! Eigenvalues and eigenvectors of symmetric matrices by cyclic Jacobi rotations.

use crate::Result;
use crate::progress;
use ndarray::{Array1, Array2};

/// Sweeps after which the matrix is as diagonal as it will get; ten are usual.
const SWEEPS: usize = 60;

/// Returns eigenvalues, falling, and eigenvectors as columns in the same order; stops when interrupted.
pub(crate) fn symmetric(mut a: Array2<f64>) -> Result<(Array1<f64>, Array2<f64>)> {
    let n = a.nrows();
    let mut vectors = Array2::<f64>::eye(n);
    let size = a.iter().map(|value| value * value).sum::<f64>();
    for _ in 0..SWEEPS {
        let off: f64 = (0..n)
            .flat_map(|p| (0..p).map(move |q| (p, q)))
            .map(|place| a[place] * a[place])
            .sum();
        if off <= size * 1e-30 {
            break;
        }
        for p in 0..n {
            progress::check("pca", p, n)?;
            for q in p + 1..n {
                if a[[p, q]] != 0.0 {
                    rotate(&mut a, &mut vectors, (p, q));
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[[j, j]].total_cmp(&a[[i, i]]));
    let values = order.iter().map(|&i| a[[i, i]]).collect();
    Ok((values, vectors.select(ndarray::Axis(1), &order)))
}

/// Makes one pair of entries zero (Golub and Van Loan, Matrix Computations, section 8.5).
fn rotate(a: &mut Array2<f64>, vectors: &mut Array2<f64>, (p, q): (usize, usize)) {
    let n = a.nrows();
    let ratio = (a[[q, q]] - a[[p, p]]) / (2.0 * a[[p, q]]);
    let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for k in 0..n {
        let (x, y) = (a[[k, p]], a[[k, q]]);
        a[[k, p]] = cosine * x - sine * y;
        a[[k, q]] = sine * x + cosine * y;
    }
    for k in 0..n {
        let (x, y) = (a[[p, k]], a[[q, k]]);
        a[[p, k]] = cosine * x - sine * y;
        a[[q, k]] = sine * x + cosine * y;
        let (x, y) = (vectors[[k, p]], vectors[[k, q]]);
        vectors[[k, p]] = cosine * x - sine * y;
        vectors[[k, q]] = sine * x + cosine * y;
    }
}
