//! Highly variable genes and Pearson residuals.

use super::made::{STEPS, cells, dense, near, row, values_near};
use genolens::expression::{self, Cells, Flavor, HighlyVariableGenes, PearsonResiduals, Preset};
use genolens::ndarray::{Array2, array};
use genolens::polars::prelude::Column;
use std::collections::BTreeSet;

/// Compares every column of `var` that there are golden numbers of.
fn compare(name: &str, found: &Cells, share: f64) {
    let prefix = format!("{name} ");
    let golden: BTreeSet<&str> = STEPS
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    let columns = golden
        .into_iter()
        .filter_map(|name| name.strip_prefix(&prefix));
    let columns: Vec<&str> = columns.filter(|column| !column.contains(' ')).collect();
    assert!(columns.len() >= 4, "{name}: {columns:?}");
    for column in columns {
        let what = format!("{name} {column}");
        near(
            &what,
            &found.var().numbers(column).unwrap(),
            &row(&what),
            share,
        );
    }
}

#[test]
fn genes_of_high_dispersion_are_those_of_scanpy() {
    for cells in [cells(), dense()] {
        let logged = cells.normalize_total().unwrap().log1p().unwrap();
        for (name, flavor) in [
            ("seurat", Flavor::Seurat),
            ("cell_ranger", Flavor::CellRanger),
        ] {
            let asked = HighlyVariableGenes::new().flavor(flavor);
            compare(name, &asked.run(&logged).unwrap(), 2e-5);
            let top = asked.clone().top(40);
            compare(&format!("{name} top"), &top.run(&logged).unwrap(), 2e-5);
            let batches = asked.batch("batch");
            compare(
                &format!("{name} batch"),
                &batches.run(&logged).unwrap(),
                2e-5,
            );
            let top = batches.top(40);
            compare(
                &format!("{name} batch top"),
                &top.run(&logged).unwrap(),
                2e-5,
            );
        }
    }
}

#[test]
fn genes_of_high_standardised_variance_are_those_of_scanpy() {
    for cells in [cells(), dense()] {
        for (name, flavor) in [
            ("seurat_v3", Flavor::SeuratV3),
            ("seurat_v3_paper", Flavor::SeuratV3Paper),
            ("pearson", Flavor::PearsonResiduals),
        ] {
            let asked = HighlyVariableGenes::new().flavor(flavor).top(40);
            compare(name, &asked.run(&cells).unwrap(), 1e-5);
            let batches = asked.batch("batch");
            compare(
                &format!("{name} batch"),
                &batches.run(&cells).unwrap(),
                1e-5,
            );
        }
    }
}

#[test]
fn residuals_are_those_of_scanpy() {
    let expressed = expression::filter_genes(&cells(), 1).unwrap();
    let residuals = expression::pearson_residuals(&expressed).unwrap();
    values_near("pearson_residuals", &residuals, 1e-5);
    // Without counts there is nothing to expect.
    let all = expression::pearson_residuals(&cells()).unwrap();
    assert!(
        all.gene("g006")
            .unwrap()
            .iter()
            .all(|residual| *residual == 0.0)
    );
    let clipped = PearsonResiduals::new()
        .clip(0.5)
        .theta(f64::INFINITY)
        .run(&cells())
        .unwrap();
    assert!(
        clipped
            .values()
            .dense()
            .iter()
            .all(|residual| residual.abs() <= 0.5)
    );
}

#[test]
fn a_choice_is_kept_alone_when_asked() {
    let found = HighlyVariableGenes::preset(Preset::ScanpyV2Preview)
        .top(40)
        .subset(true);
    let found = found.run(&cells()).unwrap();
    assert_eq!(found.shape(), (150, 40));
    assert!(
        found
            .var()
            .mask("highly_variable")
            .unwrap()
            .iter()
            .all(|chosen| *chosen)
    );
}

#[test]
fn careless_choices_are_refused_by_name() {
    let cells = cells();
    let logged = cells.log1p().unwrap();
    let ask = HighlyVariableGenes::new;
    let v3 = ask().flavor(Flavor::SeuratV3);
    let labels = |labels: Vec<Option<&str>>| cells.with_obs(Column::new("sample".into(), labels));
    let mut lonely = vec![Some("a"); 150];
    lonely[7] = Some("b");
    let mut lacking = lonely.clone();
    lacking[9] = None;
    let halves = cells
        .with_values(cells.values().dense().mapv(|count| count / 2.0))
        .unwrap();
    let few = Cells::new(
        Array2::from_elem((5, 3), 2.0_f32),
        ["a", "b", "c", "d", "e"],
        ["x", "y", "z"],
    );
    let asked = [
        ask().run(&cells).err(),
        v3.run(&logged).err(),
        v3.run(&halves).err(),
        v3.run(&few.unwrap()).err(),
        v3.clone().top(241).run(&cells).err(),
        v3.clone().span(0.0).run(&cells).err(),
        ask().means(3.0, 1.0).run(&logged).err(),
        ask().bins(0).run(&logged).err(),
        ask().batch("lane").run(&logged).err(),
        v3.clone()
            .batch("sample")
            .run(&labels(lonely).unwrap())
            .err(),
        v3.clone()
            .batch("sample")
            .run(&labels(lacking).unwrap())
            .err(),
        ask().dispersions(1e9, 1e10).subset(true).run(&logged).err(),
        ask()
            .run(&Cells::new(array![[0.5_f32]], ["c"], ["x"]).unwrap())
            .err(),
        PearsonResiduals::new().theta(0.0).run(&cells).err(),
        PearsonResiduals::new().clip(-1.0).run(&cells).err(),
        expression::pearson_residuals(&halves).err(),
    ];
    let messages: Vec<String> = asked.map(|error| error.unwrap().to_string()).into();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `values` is only whole numbers, as counts are, expected log-normalised values (normalize_total, then log1p)
    `cells` is log1p of base 2.718281828459045, expected counts for the flavor SeuratV3
    `values` is 4.5 in cell `c000`, gene `g001`, expected counts: whole numbers from 0 (were they normalised? a layer may have the counts)
    `span` is 0.3 of 0 genes, expected so large that a regression reads at least 4 genes that vary
    `top` is 241, expected 1 to the 240 genes
    `span` is 0, expected a share above 0, at most 1
    `means` is 3 and 1, expected two numbers that rise
    `bins` is 0, expected at least 1
    `column` is `lane`, expected one of: batch, type
    `batch` is 1 cell in `b`, expected at least 2 cells in every batch
    `column sample` is null for 1 of 150 cells, expected a label for every cell
    `subset` is no gene, expected bounds that some gene is within
    `values` has shape (1, 1), expected at least (2, 1)
    `theta` is 0, expected a number above 0
    `clip` is -1, expected a number from 0
    `values` is 4.5 in cell `c000`, gene `g001`, expected counts: whole numbers from 0 (were they normalised? a layer may have the counts)
    ");
}
