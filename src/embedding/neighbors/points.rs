//! Examples laid out so that many distances are one matrix product.

use crate::embedding::Metric;
use crate::sparse::Sparse;
use crate::{Error, Input, Result};
use gemm::Parallelism;
use rayon::prelude::*;

/// Columns that are summed abreast.
const LANES: usize = 8;

/// The largest number that is compared.
const LARGEST: f32 = 1e15;

/// Queries whose products with sparse rows are computed together.
const ABREAST: usize = 16;

/// Examples under one metric.
pub(crate) struct Points {
    metric: Metric,
    n: usize,
    features: usize,
    rows: Rows,
    /// What is taken from every dense example before it is multiplied.
    origin: Vec<f32>,
    /// Squared lengths of what is multiplied.
    squares: Vec<f32>,
}

enum Rows {
    /// What distances are computed from, and what is multiplied where that is something else.
    Dense(Vec<f32>, Option<Vec<f32>>),
    /// The rows, and mean and length of each under the metric.
    Sparse(Sparse, Vec<(f64, f64)>),
}

impl Points {
    /// Lays out `x`, shape `(n, features)`.
    pub(crate) fn new(x: &dyn Input, metric: Metric) -> Result<Self> {
        match x.sparse() {
            Some(sparse) => Self::from_sparse(sparse, metric, 2),
            None => Self::from_dense(x, metric, None),
        }
    }

    fn from_dense(x: &dyn Input, metric: Metric, others: Option<&Self>) -> Result<Self> {
        let x = x.array()?;
        let &[n, features] = x.shape() else {
            return Err(Error::shape("x", "(n, features)", x.shape()));
        };
        check_size(n, features, if others.is_some() { 1 } else { 2 })?;
        let mut rows: Vec<f32> = x.iter().copied().collect();
        if let Some(place) = rows.iter().position(|value| !fits(*value)) {
            return Err(out_of_range(rows[place], place / features));
        }
        let (mut width, mut multiplied, mut origin) = (features, None, Vec::new());
        if metric == Metric::Euclidean {
            // All that are compared move by the same.
            let known = others.map(|others| others.origin.clone());
            origin = known.unwrap_or_else(|| mean(&rows, features));
            if origin.len() == features {
                multiplied = Some(centred(&rows, &origin));
            }
        } else {
            (rows, width) = directions(&rows, features, metric == Metric::Correlation);
        }
        let squares = multiplied.as_ref().unwrap_or(&rows).par_chunks(width);
        let squares: Vec<f32> = squares.map(|row| dot(row, row)).collect();
        Ok(Self {
            metric,
            n,
            features: width,
            rows: Rows::Dense(rows, multiplied),
            origin,
            squares,
        })
    }

    fn from_sparse(x: &Sparse, metric: Metric, least: usize) -> Result<Self> {
        let (n, features) = x.shape();
        check_size(n, features, least)?;
        if let Some(place) = x.values().iter().position(|value| !fits(*value)) {
            let row = x.offsets().partition_point(|begin| *begin <= place) - 1;
            return Err(out_of_range(x.values()[place], row));
        }
        let moments = |row| {
            let values = x.row(row).1;
            let squares: f64 = values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
            let sum: f64 = values.iter().map(|v| f64::from(*v)).sum();
            let mean = sum / features as f64;
            match metric {
                Metric::Correlation => {
                    let mut spread = squares - sum * mean;
                    // What is left of a constant row is rounding.
                    if spread <= squares * 1e-12 {
                        spread = 0.0;
                    }
                    (mean, spread.sqrt())
                }
                _ => (0.0, squares.sqrt()),
            }
        };
        let moments: Vec<(f64, f64)> = (0..n).into_par_iter().map(moments).collect();
        let squares: Vec<f32> = match metric {
            Metric::Euclidean => moments.iter().map(|m| (m.1 * m.1) as f32).collect(),
            _ => vec![1.0; n],
        };
        Ok(Self {
            metric,
            n,
            features,
            rows: Rows::Sparse(x.clone(), moments),
            origin: Vec::new(),
            squares,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.n
    }

    /// Squared lengths of what [`Points::products`] multiplies.
    pub(super) fn squares(&self) -> &[f32] {
        &self.squares
    }

    /// By which share of the two squared lengths a squared distance from products may be off.
    pub(super) fn slack(&self) -> f32 {
        // The worst case of recursive summation, twice.
        (self.features as f32 + 16.0) * 2.0 * f32::EPSILON
    }

    /// Turns a squared distance between what is multiplied into a distance.
    fn of_square(&self, square: f32) -> f32 {
        match self.metric {
            Metric::Euclidean => square.sqrt(),
            // Half the squared distance of two directions is one minus their cosine.
            _ => square * 0.5,
        }
    }

    /// The squared distance between what is multiplied that belongs to a distance.
    pub(super) fn square_of(&self, distance: f32) -> f32 {
        match self.metric {
            Metric::Euclidean => distance * distance,
            _ => distance * 2.0,
        }
    }

    /// Computes one distance; the same bits for `(i, j)` and `(j, i)`.
    pub(super) fn distance(&self, i: usize, other: &Self, j: usize) -> f32 {
        match (&self.rows, &other.rows) {
            (Rows::Dense(left, _), Rows::Dense(right, _)) => {
                let d = self.features;
                let square = square_apart(&left[i * d..][..d], &right[j * d..][..d]);
                self.of_square(square)
            }
            (Rows::Sparse(left, moments), Rows::Sparse(right, others)) => {
                let (a, b) = (left.row(i), right.row(j));
                if self.metric == Metric::Euclidean {
                    return sparse_square_apart(a, b).sqrt() as f32;
                }
                let ((mean, length), (other_mean, other_length)) = (moments[i], others[j]);
                if length == 0.0 || other_length == 0.0 {
                    return f32::from(length != other_length);
                }
                let product = sparse_dot(a, b) - self.features as f64 * mean * other_mean;
                (1.0 - product / (length * other_length)).max(0.0) as f32
            }
            // Both sides of a search are made from one kind of input.
            _ => f32::INFINITY,
        }
    }

    /// Lays out new examples as these are, so that both can be compared.
    pub(crate) fn like(&self, x: &dyn Input) -> Result<Self> {
        let points = match (&self.rows, x.sparse()) {
            (Rows::Sparse(..), Some(sparse)) => Self::from_sparse(sparse, self.metric, 1)?,
            (Rows::Sparse(..), None) => {
                let array = x.array()?.into_owned();
                let shape = array.shape().to_vec();
                let Ok(array) = array.into_dimensionality() else {
                    return Err(Error::shape("x", "(n, features)", &shape));
                };
                Self::from_sparse(&Sparse::from_dense(&array)?, self.metric, 1)?
            }
            (Rows::Dense(..), _) => Self::from_dense(x, self.metric, Some(self))?,
        };
        if points.features != self.features {
            // Directions of dense examples have one feature more.
            let more = usize::from(matches!(self.rows, Rows::Dense(_, None)));
            let expected = format!("(n, {})", self.features - more);
            let got = [points.n, points.features - more];
            return Err(Error::shape("x", expected, &got));
        }
        Ok(points)
    }

    /// Tells on which side of the plane between `a` and `b` some rows lie: more is nearer to `a`.
    pub(super) fn sides(&self, rows: &[u32], (a, b): (usize, usize)) -> Vec<f32> {
        match &self.rows {
            Rows::Dense(values, multiplied) => {
                let values = multiplied.as_ref().unwrap_or(values);
                let row = |row: usize| &values[row * self.features..][..self.features];
                let apart: Vec<f32> = row(a).iter().zip(row(b)).map(|(a, b)| a - b).collect();
                rows.iter()
                    .map(|&point| lanes_dot(row(point as usize), &apart))
                    .collect()
            }
            Rows::Sparse(sparse, moments) => {
                let mut apart = vec![0.0; self.features];
                for (row, sign) in [(a, 1.0), (b, -1.0)] {
                    let length = if self.metric == Metric::Euclidean {
                        1.0
                    } else {
                        moments[row].1
                    };
                    let scale = if length > 0.0 { sign / length } else { 0.0 };
                    let (indices, values) = sparse.row(row);
                    for (&column, &value) in indices.iter().zip(values) {
                        apart[column as usize] += (scale * f64::from(value)) as f32;
                    }
                }
                let side = |&point: &u32| {
                    let (indices, values) = sparse.row(point as usize);
                    let terms = indices.iter().zip(values);
                    terms
                        .map(|(&column, value)| apart[column as usize] * value)
                        .sum()
                };
                rows.iter().map(side).collect()
            }
        }
    }

    /// Multiplies some rows with some rows of `other`: `out` has shape `(left, right)`.
    pub(super) fn products(&self, left: &[u32], other: (&Self, &[u32]), out: &mut Vec<f32>) {
        let (other, right) = other;
        out.clear();
        out.resize(left.len() * right.len(), 0.0);
        match (&self.rows, &other.rows) {
            (Rows::Dense(rows, multiplied), Rows::Dense(rights, right_multiplied)) => {
                let a = gathered(multiplied.as_ref().unwrap_or(rows), left, self.features);
                let b = right_multiplied.as_ref().unwrap_or(rights);
                let b = gathered(b, right, self.features);
                multiply((&a, &b), self.features, out);
            }
            (Rows::Sparse(rows, moments), Rows::Sparse(rights, others)) => {
                for (block, left) in left.chunks(ABREAST).enumerate() {
                    let out = &mut out[block * ABREAST * right.len()..];
                    sparse_block((rows, left), (rights, right), out);
                }
                if self.metric != Metric::Euclidean {
                    let scaled = out.iter_mut().enumerate();
                    scaled.for_each(|(place, product)| {
                        let (mean, length) = moments[left[place / right.len()] as usize];
                        let (other, other_length) = others[right[place % right.len()] as usize];
                        let lengths = length * other_length;
                        let whole = f64::from(*product) - self.features as f64 * mean * other;
                        *product = if lengths > 0.0 {
                            (whole / lengths) as f32
                        } else {
                            f32::from(length == other_length)
                        };
                    });
                }
            }
            _ => {}
        }
    }
}

/// Tells whether squares of such numbers can be added up in single precision.
fn fits(value: f32) -> bool {
    value.abs() <= LARGEST
}

fn out_of_range(value: f32, row: usize) -> Error {
    let got = format!("{value:e} in row {row}");
    Error::value("x", format!("finite numbers up to {LARGEST:e}"), got)
}

fn check_size(n: usize, features: usize, least: usize) -> Result<()> {
    if n < least || features == 0 {
        let expected = format!("(n, features) with at least {least} examples and 1 feature");
        return Err(Error::shape("x", expected, &[n, features]));
    }
    if n >= 1 << 31 {
        return Err(Error::value("x", "fewer than 2^31 examples", n));
    }
    Ok(())
}

fn mean(rows: &[f32], features: usize) -> Vec<f32> {
    let mut mean = vec![0.0_f64; features];
    for row in rows.chunks_exact(features) {
        for (mean, value) in mean.iter_mut().zip(row) {
            *mean += f64::from(*value);
        }
    }
    let n = (rows.len() / features) as f64;
    mean.iter().map(|sum| (sum / n) as f32).collect()
}

/// Moves a point to the origin, so that products lose little to rounding; distances stay.
fn centred(rows: &[f32], origin: &[f32]) -> Vec<f32> {
    let values = rows.par_chunks_exact(origin.len());
    values
        .flat_map_iter(|row| row.iter().zip(origin).map(|(value, mean)| value - mean))
        .collect()
}

/// Gives every row length one; one feature more tells rows without a direction from all others.
fn directions(rows: &[f32], features: usize, centre: bool) -> (Vec<f32>, usize) {
    let width = features + 1;
    let mut out = vec![0.0; rows.len() / features * width];
    let pairs = out.par_chunks_mut(width).zip(rows.par_chunks(features));
    pairs.for_each(|(out, row)| {
        let wide = row.iter().map(|value| f64::from(*value));
        let largest = wide.clone().fold(0.0, |a: f64, b| a.max(b.abs()));
        let mean = if centre {
            wide.clone().sum::<f64>() / features as f64
        } else {
            0.0
        };
        let length = wide.clone().map(|v| (v - mean) * (v - mean)).sum::<f64>();
        let length = length.sqrt();
        if length <= largest * 1e-7 {
            out[features] = 1.0;
        } else {
            for (out, value) in out.iter_mut().zip(wide) {
                *out = ((value - mean) / length) as f32;
            }
        }
    });
    (out, width)
}

fn gathered(rows: &[f32], chosen: &[u32], features: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(chosen.len() * features);
    for &row in chosen {
        out.extend_from_slice(&rows[row as usize * features..][..features]);
    }
    out
}

/// Multiplies rows with rows, `a` `(m, features)` and `b` `(n, features)`, on one thread.
pub(in crate::embedding) fn multiply((a, b): (&[f32], &[f32]), features: usize, out: &mut [f32]) {
    let (m, n) = (a.len() / features, b.len() / features);
    assert!(out.len() == m * n && a.len() == m * features && b.len() == n * features);
    #[expect(unsafe_code, reason = "the product takes pointers")]
    // SAFETY: the sizes of all three were checked; their rows lie one after the other.
    unsafe {
        gemm::gemm(
            m,
            n,
            features,
            out.as_mut_ptr(),
            1,
            n as isize,
            false,
            a.as_ptr(),
            1,
            features as isize,
            b.as_ptr(),
            features as isize,
            1,
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// Multiplies at most [`ABREAST`] sparse rows with sparse rows.
fn sparse_block(
    (rows, left): (&Sparse, &[u32]),
    (others, right): (&Sparse, &[u32]),
    out: &mut [f32],
) {
    let mut columns = vec![[0.0_f32; ABREAST]; rows.ncols()];
    for (lane, &row) in left.iter().enumerate() {
        let (indices, values) = rows.row(row as usize);
        for (&column, &value) in indices.iter().zip(values) {
            columns[column as usize][lane] = value;
        }
    }
    for (place, &row) in right.iter().enumerate() {
        let mut sums = [0.0_f32; ABREAST];
        let (indices, values) = others.row(row as usize);
        for (&column, &value) in indices.iter().zip(values) {
            for (sum, left) in sums.iter_mut().zip(&columns[column as usize]) {
                *sum += value * left;
            }
        }
        for (lane, sum) in sums.iter().take(left.len()).enumerate() {
            out[lane * right.len() + place] = *sum;
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn lanes_dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = dot(left.remainder(), right.remainder());
    for (a, b) in left.zip(right) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().fold(rest, |all, sum| all + sum)
}

fn square_apart(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = left.remainder().iter().zip(right.remainder());
    let mut rest: f32 = rest.map(|(a, b)| (a - b) * (a - b)).sum();
    for (a, b) in left.zip(right) {
        for lane in 0..LANES {
            let apart = a[lane] - b[lane];
            sums[lane] += apart * apart;
        }
    }
    for sum in sums {
        rest += sum;
    }
    rest
}

/// Visits the columns that one of two rows has, with the values of both.
fn both(a: (&[u32], &[f32]), b: (&[u32], &[f32]), mut visit: impl FnMut(f64, f64)) {
    let (mut i, mut j) = (0, 0);
    while i < a.0.len() || j < b.0.len() {
        let left = a.0.get(i).copied().map_or(u64::MAX, u64::from);
        let right = b.0.get(j).copied().map_or(u64::MAX, u64::from);
        let (mut x, mut y) = (0.0, 0.0);
        if left <= right {
            x = f64::from(a.1[i]);
            i += 1;
        }
        if right <= left {
            y = f64::from(b.1[j]);
            j += 1;
        }
        visit(x, y);
    }
}

fn sparse_square_apart(a: (&[u32], &[f32]), b: (&[u32], &[f32])) -> f64 {
    let mut sum = 0.0;
    both(a, b, |x, y| sum += (x - y) * (x - y));
    sum
}

fn sparse_dot(a: (&[u32], &[f32]), b: (&[u32], &[f32])) -> f64 {
    let mut sum = 0.0;
    both(a, b, |x, y| sum += x * y);
    sum
}
