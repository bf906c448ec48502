//! A matrix product on one thread.

use gemm::Parallelism;

/// Adds the product of `left` `(rows, inner)` and `right` `(inner, columns)` to `out` `(rows, columns)`.
pub(super) fn add_product(out: &mut [f32], left: &[f32], right: &[f32], columns: usize) {
    if columns == 0 || out.is_empty() {
        return;
    }
    let (rows, inner) = (out.len() / columns, right.len() / columns);
    assert!(out.len() == rows * columns && right.len() == inner * columns);
    assert!(left.len() == rows * inner);
    #[expect(unsafe_code, reason = "the product takes pointers")]
    // SAFETY: the sizes of all three were checked; their rows lie one after the other.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            columns as isize,
            true,
            left.as_ptr(),
            1,
            inner as isize,
            right.as_ptr(),
            1,
            columns as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
