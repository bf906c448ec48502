//! Sparse matrices against dense ones.

use genolens::ndarray::{Array2, Axis};
use genolens::sparse::Sparse;
use proptest::prelude::*;

prop_compose! {
    fn matrix()(rows in 0_usize..8, columns in 0_usize..8)(
        values in prop::collection::vec(prop_oneof![2 => Just(0.0_f32), 1 => -3.0_f32..3.0], rows * columns),
        shape in Just((rows, columns)),
    ) -> Array2<f32> {
        Array2::from_shape_vec(shape, values).unwrap()
    }
}

proptest! {
    #[test]
    fn every_form_holds_the_same_numbers(dense in matrix(), seed in any::<u64>()) {
        let sparse = Sparse::from_dense(&dense).unwrap();
        prop_assert_eq!(&sparse.dense(), &dense);
        prop_assert_eq!(sparse.transposed().dense(), dense.t());
        prop_assert_eq!(sparse.map(|x| 2.0 * x).dense(), &dense * 2.0);
        let sums = dense.mapv(f64::from);
        prop_assert_eq!(sparse.column_sums(), sums.sum_axis(Axis(0)));
        let factors: Vec<f32> = (0..dense.nrows()).map(|row| row as f32).collect();
        let scaled = sparse.scale_rows(&factors).unwrap().dense();
        let rows: Vec<usize> = (0..dense.nrows()).filter(|row| seed >> row & 1 == 1).rev().collect();
        prop_assert_eq!(sparse.select_rows(&rows).unwrap().dense(), dense.select(Axis(0), &rows));
        let columns: Vec<usize> = (0..dense.ncols()).filter(|column| seed >> column & 1 == 1).rev().collect();
        prop_assert_eq!(sparse.select_columns(&columns).unwrap().dense(), dense.select(Axis(1), &columns));
        for ((row, column), value) in dense.indexed_iter() {
            prop_assert_eq!(sparse.get(row, column), *value);
            prop_assert_eq!(scaled[[row, column]], value * row as f32);
        }
        let product = sparse.dot(&sums.t()).unwrap();
        for (found, expected) in product.iter().zip(sums.dot(&sums.t()).iter()) {
            prop_assert!((found - expected).abs() < 1e-9);
        }
        let again = (sparse.offsets().to_vec(), (sparse.indices().to_vec(), sparse.values().to_vec()));
        prop_assert_eq!(Sparse::compressed(dense.dim(), again.0, again.1).unwrap(), sparse);
    }
}

#[test]
fn entries_in_any_order_are_sorted_and_summed() {
    let entries = (vec![2, 0, 2, 1], vec![1.0, 2.0, 4.0, 8.0]);
    let matrix = Sparse::compressed((2, 3), vec![0, 3, 4], entries).unwrap();
    assert_eq!(matrix.row(0), (&[0, 2][..], &[2.0, 5.0][..]));
    assert_eq!(matrix.get(1, 1), 8.0);
}

#[test]
fn parts_that_do_not_fit_are_refused_by_name() {
    let compressed = |offsets: &[usize], indices: &[u32], values: &[f32]| {
        let entries = (indices.to_vec(), values.to_vec());
        Sparse::compressed((2, 3), offsets.to_vec(), entries)
            .unwrap_err()
            .to_string()
    };
    let messages = [
        compressed(&[0, 1], &[0], &[1.0]),
        compressed(&[0, 1, 1], &[0, 1], &[1.0]),
        compressed(&[0, 1, 1], &[0, 1], &[1.0, 1.0]),
        compressed(&[0, 2, 1], &[0], &[1.0]),
        compressed(&[0, 1, 1], &[3], &[1.0]),
        Sparse::from_rows(2, vec![vec![(2, 1.0)]])
            .unwrap_err()
            .to_string(),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `offsets` is 2, expected 3 numbers for 2 rows
    `values` is 1, expected 2 values, one for each column index
    `offsets` is from 0 to 1, expected from 0 to the 2 stored entries
    `offsets` is 1 after 2 at row 1, expected numbers that do not fall
    `indices` is 3, expected below the 3 columns
    `rows` is 2, expected columns below 2
    ");
}
