//! Quality, filters, normalisation and logarithm.

use super::made::{STEPS, cells, dense, near, row, values_near};
use genolens::expression::{
    self, Cells, FilterCells, FilterGenes, Log1p, NormalizeTotal, Quality, Scale,
};
use genolens::ndarray::{Array2, array};
use genolens::polars::prelude::Column;
use genolens::sparse::Sparse;
use std::collections::BTreeSet;

#[test]
fn the_quality_of_cells_and_genes_is_that_of_scanpy() {
    let golden: BTreeSet<&str> = STEPS
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    let golden: Vec<&str> = golden
        .into_iter()
        .filter(|name| name.starts_with("quality "))
        .collect();
    assert!(golden.len() > 15);
    for cells in [cells(), dense()] {
        let found = Quality::new().genes("mito").run(&cells).unwrap();
        for name in &golden {
            let column = name.split(' ').nth(2).unwrap();
            let frame = if name.contains(" obs ") {
                found.obs()
            } else {
                found.var()
            };
            near(name, &frame.numbers(column).unwrap(), &row(name), 1e-6);
        }
    }
}

#[test]
fn normalised_values_and_logarithms_are_those_of_scanpy() {
    for cells in [cells(), dense()] {
        let normal = expression::normalize_total(&cells).unwrap();
        values_near("normalize_total", &normal, 1e-6);
        let excluded = NormalizeTotal::new()
            .exclude_above(0.03)
            .run(&cells)
            .unwrap();
        values_near("normalize_total exclude", &excluded, 1e-6);
        values_near("log1p", &normal.log1p().unwrap(), 1e-6);
        let two = Log1p::new().base(2.0).run(&normal).unwrap();
        values_near("log1p base 2", &two, 1e-6);
        assert_eq!(two.log_base(), Some(2.0));
        assert_eq!(
            two.with_values(cells.values().clone()).unwrap().log_base(),
            None
        );
    }
}

#[test]
fn scaled_values_and_residuals_are_those_of_scanpy() {
    for cells in [cells(), dense()] {
        let logged = cells.normalize_total().unwrap().log1p().unwrap();
        let scaled = logged.with_raw().scale().unwrap();
        values_near("scale", &scaled, 1e-5);
        assert_eq!(scaled.log_base(), None);
        assert_eq!(scaled.raw().unwrap().log_base(), logged.log_base());
        let clipped = Scale::new().max_value(2.0);
        values_near("scale clipped", &clipped.run(&logged).unwrap(), 1e-5);
        let around = clipped.zero_center(false).run(&logged).unwrap();
        values_near("scale around", &around, 1e-5);
        let counted = expression::quality(&cells).unwrap();
        let logged = counted.normalize_total().unwrap().log1p().unwrap();
        let columns = ["total_counts", "n_genes_by_counts"];
        let rest = expression::regress_out(&logged, &columns).unwrap();
        values_near("regress numbers", &rest, 2e-5);
        let rest = expression::regress_out(&logged, &["type"]).unwrap();
        values_near("regress labels", &rest, 2e-5);
        // A column that is there twice changes nothing.
        let twice = expression::regress_out(&logged, &["type", "type"]).unwrap();
        assert_eq!(rest.values(), twice.values());
    }
}

#[test]
fn a_constant_gene_is_scaled_to_zero() {
    let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    let values = Array2::from_shape_fn((997, 2), |(cell, gene)| {
        if gene == 0 {
            0.1
        } else {
            1000.0 + (cell % 2) as f32
        }
    });
    let scaled = Cells::new(values, names(997), ["a", "b"])
        .unwrap()
        .scale()
        .unwrap();
    assert!(
        scaled
            .gene("a")
            .unwrap()
            .iter()
            .all(|value| value.abs() < 1e-6)
    );
    assert!((scaled.var().numbers("std").unwrap()[1] - 0.500_250_5).abs() < 1e-6);
}

#[test]
fn cells_without_counts_change_nothing() {
    let cells = Cells::new(
        array![[1.0_f32, 1.0], [0.0, 0.0], [6.0, 2.0]],
        ["a", "b", "c"],
        ["x", "y"],
    );
    let normal = cells.unwrap().normalize_total().unwrap();
    // The median of 2 and 8, not of 2, 0 and 8.
    assert_eq!(
        normal.values().dense().into_owned(),
        array![[2.5, 2.5], [0.0, 0.0], [3.75, 1.25]]
    );
    let found = expression::quality(&normal).unwrap();
    assert_eq!(
        found.obs().numbers("n_genes_by_counts").unwrap(),
        [2.0, 0.0, 2.0]
    );
    let found = Quality::new().top(&[1]).run(&normal).unwrap();
    assert!(found.obs().numbers("pct_counts_in_top_1_genes").unwrap()[1].is_nan());
}

#[test]
fn filters_keep_what_is_within_all_limits() {
    let cells = cells();
    let counts = cells.values().dense().into_owned();
    let kept = FilterCells::new()
        .min_genes(60)
        .max_genes(150)
        .min_counts(100.0)
        .max_counts(400.0);
    let kept = kept.run(&cells).unwrap();
    let wanted: Vec<&str> = (0..cells.len())
        .filter(|&cell| {
            let genes = counts
                .row(cell)
                .iter()
                .filter(|count| **count > 0.0)
                .count();
            (60..=150).contains(&genes) && (100.0..=400.0).contains(&counts.row(cell).sum())
        })
        .map(|cell| cells.cells()[cell].as_str())
        .collect();
    assert!(wanted.len() > 20 && wanted.len() < cells.len());
    assert_eq!(kept.cells(), wanted);
    let kept = FilterGenes::new()
        .min_cells(20)
        .max_cells(100)
        .min_counts(30.0)
        .max_counts(300.0);
    let kept = kept.run(&cells).unwrap();
    let wanted: Vec<&str> = (0..counts.ncols())
        .filter(|&gene| {
            let cells = counts
                .column(gene)
                .iter()
                .filter(|count| **count > 0.0)
                .count();
            (20..=100).contains(&cells) && (30.0..=300.0).contains(&counts.column(gene).sum())
        })
        .map(|gene| cells.genes()[gene].as_str())
        .collect();
    assert!(wanted.len() > 20 && wanted.len() < counts.ncols());
    assert_eq!(kept.genes(), wanted);
    // A zero that is stored is no count.
    let stored =
        Sparse::from_rows(2, vec![vec![(0, 0.0), (1, 1.0)], vec![(0, 1.0), (1, 1.0)]]).unwrap();
    let stored = Cells::new(stored, ["a", "b"], ["x", "y"]).unwrap();
    assert_eq!(expression::filter_cells(&stored, 2).unwrap().cells(), ["b"]);
    assert_eq!(expression::filter_genes(&stored, 2).unwrap().genes(), ["y"]);
}

#[test]
fn careless_steps_are_refused_by_name() {
    let cells = cells();
    let logged = cells.log1p().unwrap();
    let depth: Vec<f64> = (0..150).map(|cell| 1.0 / f64::from(cell)).collect();
    let deep = logged.with_obs(Column::new("depth".into(), depth)).unwrap();
    let one = |value: f32| Cells::new(array![[1.0, value]], ["c"], ["x", "y"]).unwrap();
    let asked = [
        logged.log1p().err(),
        logged.normalize_total().err(),
        one(f32::NAN).log1p().err(),
        one(-1.0).normalize_total().err(),
        one(f32::INFINITY).normalize_total().err(),
        Cells::new(array![[0.0_f32]], ["c"], ["x"])
            .unwrap()
            .normalize_total()
            .err(),
        NormalizeTotal::new().target(0.0).run(&cells).err(),
        NormalizeTotal::new().exclude_above(5.0).run(&cells).err(),
        Log1p::new().base(1.0).run(&cells).err(),
        Quality::new().top(&[50, 500]).run(&cells).err(),
        Quality::new().genes("ribo").run(&cells).err(),
        expression::quality(&one(-2.0)).err(),
        FilterCells::new()
            .min_genes(200)
            .max_counts(10.0)
            .run(&cells)
            .err(),
        expression::filter_genes(&cells, 151).err(),
        FilterGenes::new().min_counts(f64::NAN).run(&cells).err(),
        Scale::new().max_value(0.0).run(&logged).err(),
        Cells::new(array![[f32::NAN], [1.0]], ["a", "b"], ["y"])
            .unwrap()
            .scale()
            .err(),
        one(1.0).scale().err(),
        expression::regress_out(&logged, &[]).err(),
        expression::regress_out(&logged, &["depth"]).err(),
        expression::regress_out(&deep, &["depth"]).err(),
    ];
    let messages: Vec<String> = asked.map(|error| error.unwrap().to_string()).into();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `cells` is log1p of base e already, expected values of which no logarithm was taken
    `cells` is log1p already, expected values of which no logarithm was taken
    `values` is NaN in cell `c`, gene `y`, expected finite numbers from 0 (were they scaled?)
    `values` is -1 in cell `c`, gene `y`, expected finite numbers from 0 (were they scaled?)
    `values` is inf in cell `c`, gene `y`, expected finite numbers from 0 (were they scaled?)
    `cells` is only zeros, expected at least one cell with counts
    `target` is 0, expected a number above 0
    `exclude_above` is 5, expected a share from 0 to 1
    `base` is 1, expected a number above 1
    `top` is 500, expected numbers from 1 to the 240 genes
    `column` is `ribo`, expected one of: mito
    `values` is -2 in cell `c`, gene `y`, expected finite numbers from 0 (were they scaled?)
    `limits` is at least 200 expressed, at most 10 counts, expected such that some of the 150 cells are kept
    `limits` is at least 151 expressed, expected such that some of the 240 genes are kept
    `counts` is NaN, expected a number
    `max_value` is 0, expected a number above 0
    `values` is NaN in cell `a`, gene `y`, expected finite numbers
    `cells` is 1, expected at least 2
    `columns` is none, expected at least one column of obs
    `column` is `depth`, expected one of: batch, type
    `column depth` is inf in cell `c000`, expected finite numbers
    ");
}
