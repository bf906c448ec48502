//! The solvers against cyclic Jacobi rotations and against operators of which the values are known.

use super::{Largest, product, symmetric};
use crate::random::Seed;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rand::RngExt;

/// All eigenvalues, falling, by the simplest method there is.
fn jacobi(mut a: Array2<f64>) -> Array1<f64> {
    let n = a.nrows();
    let mut vectors = Array2::<f64>::eye(n);
    for _ in 0..60 {
        for p in 0..n {
            for q in p + 1..n {
                if a[[p, q]] != 0.0 {
                    rotate(&mut a, &mut vectors, (p, q));
                }
            }
        }
    }
    let mut values = a.diag().to_vec();
    values.sort_by(|a, b| b.total_cmp(a));
    values.into()
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

fn random(shape: (usize, usize), seed: u64) -> Array2<f64> {
    let mut random = Seed::new(seed).generator();
    Array2::from_shape_simple_fn(shape, || random.random::<f64>() - 0.5)
}

/// A matrix with these eigenvalues.
fn planted(values: &Array1<f64>) -> Array2<f64> {
    let n = values.len();
    // Products of reflections have columns at right angles.
    let mut vectors = Array2::<f64>::eye(n);
    for row in random((3, n), 5).rows() {
        let along = vectors.dot(&row).insert_axis(Axis(1));
        let line = row.insert_axis(Axis(0));
        vectors = &vectors - &(along.dot(&line) * (2.0 / row.dot(&row)));
    }
    (&vectors * values).dot(&vectors.t())
}

fn check(a: &Array2<f64>, values: &Array1<f64>, vectors: &Array2<f64>, tolerance: f64) {
    let left = a.dot(vectors) - vectors * values;
    assert!(left.iter().all(|d| d.abs() < tolerance), "{left}");
    let angles = vectors.t().dot(vectors) - Array2::<f64>::eye(values.len());
    assert!(angles.iter().all(|d| d.abs() < 1e-10));
}

#[test]
fn small_matrices_agree_with_rotations() {
    for n in [1, 2, 3, 7, 30] {
        let a = random((n, n), n as u64);
        let a = &a + &a.t();
        let (values, vectors) = symmetric(&a).unwrap();
        check(&a, &values, &vectors, 1e-12);
        let expected = jacobi(a);
        assert!((values - expected).iter().all(|d| d.abs() < 1e-12));
    }
}

#[test]
fn matrices_with_equal_values_and_with_nothing_in_them() {
    let values = Array1::from_vec(vec![3.0, 3.0, 3.0, 1.0, 0.0, 0.0, -2.0, -2.0]);
    let a = planted(&values);
    let (found, vectors) = symmetric(&a).unwrap();
    check(&a, &found, &vectors, 1e-12);
    assert!((found - values).iter().all(|d| d.abs() < 1e-12));
    let (found, _) = symmetric(&Array2::zeros((4, 4))).unwrap();
    assert!(found.iter().all(|value| *value == 0.0));
}

#[test]
fn the_largest_of_a_large_operator() {
    // One value comes six times, more often than the four vectors of a block; the next is 1 % smaller than the one before.
    let n = 700;
    let mut values = Array1::from_shape_fn(n, |i| 0.9_f64 - i as f64 / n as f64);
    values.slice_mut(s![..6]).fill(2.0);
    for i in 6..16 {
        values[i] = 1.9 * 0.99_f64.powi(i as i32);
    }
    let a = planted(&values);
    let apply = |v: &ArrayView2<'_, f64>| Ok(product(&a.view(), v));
    for count in [1, 5, 12, 40] {
        let (found, vectors) = Largest::new("test", count).run(n, &apply).unwrap();
        check(&a, &found, &vectors, 1e-8);
        let expected = values.slice(s![..count]);
        assert!(
            (&found - &expected).iter().all(|d| d.abs() < 1e-9),
            "{found}"
        );
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let values = Array1::from_shape_fn(3000, |i| 0.99_f64.powi(i as i32));
    let apply = |v: &ArrayView2<'_, f64>| Ok(v * &values.view().insert_axis(Axis(1)));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| Largest::new("test", 6).run(3000, &apply).unwrap())
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(7));
}

#[test]
fn operators_of_low_rank_and_of_nothing() {
    let line = random((600, 1), 1);
    let apply = |v: &ArrayView2<'_, f64>| Ok(line.dot(&line.t().dot(v)));
    let (found, vectors) = Largest::new("test", 3).run(600, &apply).unwrap();
    assert!((found[0] - line.iter().map(|x| x * x).sum::<f64>()).abs() < 1e-9);
    assert!(found[1].abs() < 1e-9 && found[2].abs() < 1e-9);
    assert!(vectors.iter().all(|value| value.is_finite()));
    let nothing = |v: &ArrayView2<'_, f64>| Ok(Array2::zeros(v.dim()));
    let (found, _) = Largest::new("test", 3).run(600, &nothing).unwrap();
    assert!(found.iter().all(|value| *value == 0.0));
}

#[test]
fn what_cannot_be_is_named() {
    let nan = |v: &ArrayView2<'_, f64>| Ok(v * f64::NAN);
    let error = Largest::new("test", 2).run(500, &nan).unwrap_err();
    assert_eq!(
        error.to_string(),
        "test diverged: numbers that are not finite"
    );
    let error = Largest::new("test", 2).run(1, &nan).unwrap_err();
    let expected = "`count` is 2, expected at most the size of the operator, 1";
    assert_eq!(error.to_string(), expected);
}
