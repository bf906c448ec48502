//! Sums in an order that only the length decides, and that a processor can take several numbers at a time of.

use super::real::Real;

const LANES: usize = 8;

/// Adds up numbers.
pub(crate) fn sum<T: Real>(x: &[T]) -> T {
    let mut lanes = [T::zero(); LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += x;
        }
    }
    fold(lanes, rest.iter().copied())
}

/// Adds up what a function makes of pairs of numbers.
pub(crate) fn sum_of<T: Real>(a: &[T], b: &[T], of: impl Fn(T, T) -> T) -> T {
    let mut lanes = [T::zero(); LANES];
    let (first, first_rest) = a.as_chunks::<LANES>();
    let (second, second_rest) = b.as_chunks::<LANES>();
    for (a, b) in first.iter().zip(second) {
        for ((lane, &a), &b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += of(a, b);
        }
    }
    let rest = first_rest.iter().zip(second_rest);
    fold(lanes, rest.map(|(&a, &b)| of(a, b)))
}

fn fold<T: Real>(lanes: [T; LANES], rest: impl Iterator<Item = T>) -> T {
    let rest = rest.fold(T::zero(), |sum, x| sum + x);
    lanes.into_iter().fold(rest, |sum, lane| sum + lane)
}

/// Adds rows of the same length, in order.
pub(crate) fn add_rows<T: Real>(
    rows: impl IntoIterator<Item = impl AsRef<[T]>>,
    length: usize,
) -> Vec<T> {
    let mut total = vec![T::zero(); length];
    for row in rows {
        for (total, &x) in total.iter_mut().zip(row.as_ref()) {
            *total += x;
        }
    }
    total
}

/// Writes zeros over fresh memory to which something will be added.
///
/// The system backs fresh memory by one page of zeros until somebody writes. To read a page first, as adding does, maps it twice, and
/// the second time all processors wait for each other.
pub(crate) fn clear<T: Real>(out: &mut [T]) {
    out.fill(T::zero());
}
