//! The search for subsets stops when asked, and leaves nothing behind.

use crate::alone::{Stop, is_alone};
use genolens::ndarray::{Array1, Array2, ArrayView2};
use genolens::progress;
use genolens::sufficient::SufficientSubsets;
use std::sync::atomic::{AtomicUsize, Ordering};

#[expect(
    clippy::needless_pass_by_value,
    reason = "a black box is given its examples"
)]
fn sums(x: ArrayView2<f32>) -> Array1<f64> {
    x.rows()
        .into_iter()
        .map(|row| f64::from(row.sum()))
        .collect()
}

#[test]
fn subsets_stop_when_asked() {
    if !is_alone("sufficient::interruption::subsets_stop_when_asked") {
        return;
    }
    let x = Array2::from_shape_fn((40, 12), |(row, column)| ((row + column) % 5) as f32);
    let search = SufficientSubsets::new(20.0);
    let whole = search.rows(&sums, &x).unwrap();

    // In the midst of one example.
    let asked = AtomicUsize::new(0);
    let interrupting = |x: ArrayView2<f32>| {
        if asked.fetch_add(1, Ordering::Relaxed) == 20 {
            progress::interrupt();
        }
        sums(x)
    };
    let error = search.rows(&interrupting, &x).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
    assert_eq!(
        search.rows(&sums, &x).unwrap().table().unwrap(),
        whole.table().unwrap()
    );

    // Between two examples.
    let task = "sufficient subsets";
    progress::watch(Stop { task, after: 1 });
    let error = search.rows(&sums, &x).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
    progress::watch(Stop {
        task: "none",
        after: 1,
    });
    assert_eq!(
        search.rows(&sums, &x).unwrap().table().unwrap(),
        whole.table().unwrap()
    );
}
